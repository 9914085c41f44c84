"""What must be refused: a damaged bundle, the wrong machine, a key that is not the pinned one."""

from lab import must, scenario
from machine import PI3, PI4, differences

RUN = "bash /root/bundle/run.sh"


def refused(lab, sentence, words, name="node01", hardware=None, spoil=None, serve=None, same=True):
    """Runs a fresh machine that is wrong in one way; it must stop, print these words, and have changed nothing."""
    machine = lab.machine(lab.lan(), name, hardware)
    machine.give(lab.bundle(name))
    if spoil:
        spoil(machine)
    machine.boot("true")
    before = machine.snapshot()
    outcome = machine.converge(RUN, serve=serve)
    must(outcome.event == "exited" and outcome.status not in (0, 75), f"{sentence}: it stops", outcome.output)
    for word in words:
        must(word in outcome.output, f"{sentence}: it says {word!r}", outcome.output)
    if same:
        own = ("var/lib/pikc", "opt/pikc", "etc/pikc:")  # the bundle itself, and its state
        found = [line for line in differences(before, machine.snapshot()) if not line.startswith(own)]
        must(not found, f"{sentence}: nothing was changed:\n" + "\n".join(found))
    return machine, outcome


@scenario("a bundle with a wrong checksum is refused before anything is done")
def checksum(lab):
    def edit(machine):
        step = next((machine.root / "root/bundle/steps").glob("*swap*"))
        step.write_text(step.read_text() + "reboot\n")

    refused(lab, "an edited step", ["swap"], spoil=edit)


@scenario("a bundle with a missing file is refused, and a file that is in no list is neither run nor installed")
def missing(lab):
    refused(lab, "a missing file", ["node.conf"], spoil=lambda m: (m.root / "root/bundle/node.conf").unlink())
    machine = lab.twin("node01")
    machine.give(lab.bundle("node01"))
    machine.give_text("/root/bundle/steps/99-more.sh", "touch /root/evil\n", 0o755)
    outcome = machine.converge(RUN)
    must(outcome.status == 0 and not machine.exists("/root/evil"), "a step that is in no list does not run", outcome.output)
    must(not machine.exists("/opt/pikc/steps/99-more.sh"), "and is not installed")


@scenario("a bundle for another board, system or architecture is refused by name")
def machine_is_another(lab):
    refused(lab, "a Pi 3 that should be a Pi 4", ["raspberrypi,4-model-b", "raspberrypi,3-model-b-plus"], hardware=PI3)

    def bookworm(machine):
        path = "/usr/lib/os-release"
        machine.give_text(path, machine.read(path).replace("13", "12").replace("trixie", "bookworm"))

    refused(lab, "bookworm", ["version is 12", "spec says 13"], spoil=bookworm)
    refused(lab, "32-bit", ["armhf", "arm64"], spoil=lambda m: m.give_text("/usr/local/lib/standin/architecture", "armhf\n"))
    refused(lab, "plain Debian", ["rpi-issue"], spoil=lambda m: (m.root / "etc/rpi-issue").unlink())
    refused(lab, "a board with too little memory", ["memory"], hardware={**PI4, "memory-kib": 944128})


@scenario("a repository key with another fingerprint is refused, and nothing is installed from there")
def hostile_key(lab):
    for name in ("kubernetes", "crio"):
        machine, outcome = refused(lab, f"{name}'s key", ["fingerprint"], serve={f"/{name}/Release.key": "/other.key"}, same=False)
        must(lab.fingerprint in outcome.output.replace(" ", ""), "the expected fingerprint is shown", outcome.output)
        keyrings = "".join(p.read_text(errors="replace") for p in (machine.root / "etc/apt/keyrings").glob("*"))
        other = (lab.cache / "repository/other.key").read_text().splitlines()[3]
        must(other not in keyrings, "the key is in no keyring")


@scenario("apt refuses a repository that another key signed")
def hostile_repository(lab):
    strange = {"/kubernetes/InRelease": "/docker/dists/trixie/InRelease"}
    refused(lab, "an index that another key signed", ["FAILED   apt could not read the package sources"], serve=strange, same=False)
