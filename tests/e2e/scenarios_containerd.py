"""containerd instead of CRI-O, from the system's archive and from upstream's repository, and what a mirror replaces."""

import subprocess

from lab import KEYRING, must, scenario
from machine import differences

RUN = "bash /root/bundle/run.sh"
AGAIN = "/opt/pikc/run.sh"
ARCHIVE = {"runtime": "runtime containerd {}", "mirror": 'debian = "http://127.0.0.1:8042/debian"'}
UPSTREAM = "runtime containerd { source = upstream }"
SYSTEM = "/etc/apt/sources.list.d/pikc-system.sources"
IMAGES_OWN = "/etc/apt/sources.list.d/debian.sources"
# The image's own list, whose server does not answer: apt fails unless the list is disabled.
DEBIAN = f"Types: deb\nURIs: http://127.0.0.1:9/debian/\nSuites: trixie\nComponents: main\nSigned-By: {KEYRING}\n"


def fresh(lab, lan, name, **settings):
    machine = lab.machine(lan, name)
    machine.give_text(KEYRING, (lab.cache / "repository/archive.key").read_text())
    if "debian = " in settings["mirror"]:
        machine.give_text(IMAGES_OWN, DEBIAN)
    machine.give(lab.bundle(name, **settings))
    return machine


def unchanged(machine):
    before = machine.snapshot()
    again = machine.boot(AGAIN)
    must(again.event == "exited" and again.status == 0, "the second run succeeds", again.output)
    must(not again.changed, "a second run changes nothing: " + "; ".join(again.changed), again.output)
    found = differences(before, machine.snapshot())
    must(not found, "no file differs:\n" + "\n".join(found))


@scenario("containerd: a control plane and a worker with the archive's containerd, behind a mirror; a second run changes nothing", long=True)
def archive(lab):
    machine = fresh(lab, lab.lan(), "node01", **ARCHIVE)
    outcome = machine.converge(RUN)
    must(outcome.status == 0 and "FAILED" not in outcome.output, "the control plane succeeds", outcome.output)
    must("containerd answers on /run/containerd/containerd.sock" in outcome.output, "it says that containerd answers", outcome.output)
    config = machine.read("/etc/containerd/config.toml")
    must(config.count("version = 2") == 1 and "SystemdCgroup = true" in config, "in the format that 1.7 reads", config)
    must('sandbox_image = "registry.k8s.io/pause:3.10.2"' in config, "with kubeadm's sandbox image", config)
    held = machine.boot("apt-mark showhold; systemctl is-active containerd").output.split()
    must("containerd" in held and "cri-o" not in held and "active" in held, "it is held, and runs after a reboot", " ".join(held))
    conflists = sorted(p.name for p in (machine.root / "etc/cni/net.d").iterdir() if p.suffix in (".conf", ".conflist", ".json"))
    must(conflists == ["10-flannel.conflist"], "no bridge of its own is in the way", str(conflists))
    must("unix:///run/containerd/containerd.sock" in machine.read("/etc/pikc/kubeadm.yaml"), "kubeadm is told its socket")
    must("http://127.0.0.1:8042/debian-security/" in machine.read(SYSTEM), "security updates come from the suite next to the mirror", machine.read(SYSTEM))
    must("URIs" not in machine.read(IMAGES_OWN), "the image's own list is disabled", machine.read(IMAGES_OWN))
    unchanged(machine)

    worker = fresh(lab, machine.lan, "node02", **ARCHIVE)
    worker.give_text("/root/join.conf", machine.read("/etc/pikc/join.conf"), 0o600)
    joined = worker.converge(RUN + " --join /root/join.conf")
    must(joined.status == 0 and "FAILED" not in joined.output, "the worker joins", joined.output)
    must(machine.lan.cluster()["nodes"]["node02"]["role"] == "worker", "it is in the cluster")
    unchanged(worker)

    # Without the mirror, the image's own list is restored; nothing has to be fetched for that.
    worker.give(lab.bundle("node02", runtime=ARCHIVE["runtime"], mirror=""))
    gone = worker.boot(RUN)
    must(gone.status == 0, "without the mirror it succeeds", gone.output)
    must(worker.read(IMAGES_OWN) == DEBIAN, "the image's own list is back", worker.read(IMAGES_OWN))
    must(not worker.exists(SYSTEM), "and the mirror's is gone")
    unchanged(worker)


@scenario("containerd: a release that reads the file differently is noticed, and so is another package of containerd")
def misread(lab):
    machine = fresh(lab, lab.lan(), "node01", **ARCHIVE)
    outcome = machine.converge(RUN)
    must(outcome.status == 0, "it succeeds", outcome.output)
    real = machine.read("/usr/bin/containerd")
    machine.give_text("/usr/bin/containerd", "#!/bin/sh\necho 'version = 2'\necho 'SystemdCgroup = false'\n", 0o755)
    done = machine.boot(f"{AGAIN} --only 60-containerd")
    must(done.status == 1 and 'without "SystemdCgroup = true"' in done.output, "it says which setting is not in force", done.output)
    machine.give_text("/usr/bin/containerd", real, 0o755)
    machine.give(lab.bundle("node01", runtime=UPSTREAM, mirror=docker(lab)))
    done = machine.boot(RUN)
    must(done.status == 1 and "containerd is installed and contains the same programs" in done.output, "it does not let apt remove the other", done.output)


def docker(lab, trusted=True):
    """The mirror of upstream's repository, which signs with its own key."""
    lines = ['containerd = "http://127.0.0.1:8042/docker/"', 'containerd-key = "http://127.0.0.1:8042/other.key"']
    if trusted:
        lines.append("containerd-fingerprint = " + (lab.cache / "repository/other.fingerprint").read_text().strip())
    return "\n".join(lines)


@scenario("containerd: upstream's package from a mirror with its own key, which the spec must name")
def upstream(lab):
    stranger = fresh(lab, lab.lan(), "node01", runtime=UPSTREAM, mirror=docker(lab, trusted=False))
    refused = stranger.converge(RUN)
    must(refused.status == 1 and "has the fingerprint" in refused.output, "an unknown key is refused", refused.output)
    must(not stranger.exists("/usr/bin/containerd"), "and nothing is installed from there")

    stranger.give(lab.bundle("node01", runtime=UPSTREAM, mirror=docker(lab)))
    outcome = stranger.converge(RUN)
    must(outcome.status == 0 and "FAILED" not in outcome.output, "with its fingerprint in the spec it succeeds", outcome.output)
    config = stranger.read("/etc/containerd/config.toml")
    must("version = 3" in config and "bin_dirs" in config, "in the format of 2.2", config)
    must("disabled_plugins" not in config, "Docker's own file, which turns Kubernetes off, is replaced", config)
    unchanged(stranger)
    reset = stranger.boot(AGAIN + " --reset --yes")
    must(reset.status == 0, "the reset succeeds", reset.output)
    must("disabled_plugins" in stranger.read("/etc/containerd/config.toml"), "and Docker's file is back", reset.output)
    held = stranger.boot("apt-mark showhold").output.split()
    must("containerd.io" not in held, "it is no longer held", " ".join(held))


# The second one signs what the first one signed: a program that trusts neither refuses it.
CERTIFICATE = r"""
set -e
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout "$1/key" -out "$1/ca.pem" -days 30 -subj "/CN=$2" 2>/dev/null
openssl req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout "$1/server.key" -out "$1/request" -subj "/CN=mirror" 2>/dev/null
openssl x509 -req -in "$1/request" -CA "$1/ca.pem" -CAkey "$1/key" -CAcreateserial -days 30 -out "$1/server.pem" 2>/dev/null
"""


@scenario("authorities of the spec are trusted by what reads the system's list; another one in the same file replaces it; without the block it is not trusted", long=True)
def authorities(lab):
    def made(name):
        folder = lab.work / f"authority-{name}"
        folder.mkdir(exist_ok=True)
        subprocess.run(["bash", "-c", CERTIFICATE, "sh", str(folder), name], check=True)
        return {part: (folder / f"{part}.pem").read_text() for part in ("ca", "server")}

    def trusted(machine, which):
        machine.give_text("/root/server.pem", which["server"])
        found = []
        for how in ("-no-CApath -CAfile /etc/ssl/certs/ca-certificates.crt", "-no-CAfile -CApath /etc/ssl/certs"):
            found.append("/root/server.pem: OK" in machine.boot(f"openssl verify -no-CAstore {how} /root/server.pem").output)
        must(found[0] == found[1], "the list in one file and the links agree", str(found))
        return found[0]

    first, second = made("first"), made("second")
    mirror = 'crio = "http://127.0.0.1:8042/crio/"\n crio-key = "http://127.0.0.1:8042/crio/Release.key"'
    block = 'authority office { ca = "office.pem" }'
    machine = fresh(lab, lab.lan(), "node01", mirror=mirror, time=block, files=(("office.pem", first["ca"]),))
    must(not trusted(machine, first), "an image does not trust the authority")
    outcome = machine.converge(RUN)
    must(outcome.status == 0 and "changed  authorities read" in outcome.output, "it succeeds", outcome.output)
    must(trusted(machine, first) and not trusted(machine, second), "what the authority signed is trusted, and nothing else")
    unchanged(machine)
    machine.give(lab.bundle("node01", mirror=mirror, time=block, files=(("office.pem", second["ca"]),)))
    other = machine.boot(RUN)
    must(other.status == 0 and "changed  crio.service restarted" in other.output, "another one is read, also by the runtime", other.output)
    must(trusted(machine, second) and not trusted(machine, first), "the earlier one is not trusted any more")
    machine.give(lab.bundle("node01", mirror=mirror, time=""))
    gone = machine.boot(RUN)
    must(gone.status == 0 and "pikc-office.crt is not trusted any more" in gone.output, "without the block it is removed", gone.output)
    must("changed  crio.service restarted" in gone.output, "and the runtime reads the list again", gone.output)
    must(not trusted(machine, second), "it is not trusted")


@scenario("an image mirror is set in kubeadm, CRI-O and containerd, and removed with its line in the spec", long=True)
def images(lab):
    mirror = 'images = "registry.home.arpa:5000/k8s"'
    crio = 'crio = "http://127.0.0.1:8042/crio/"\n crio-key = "http://127.0.0.1:8042/crio/Release.key"'
    machine = fresh(lab, lab.lan(), "node01", mirror=f"{crio}\n{mirror}")
    outcome = machine.converge(RUN)
    must(outcome.status == 0, "it succeeds", outcome.output)
    drop_in = "/etc/containers/registries.conf.d/90-pikc.conf"
    must('location = "registry.home.arpa:5000/k8s"' in machine.read(drop_in), "CRI-O uses the mirror first", machine.read(drop_in))
    must("imageRepository: registry.home.arpa:5000/k8s" in machine.read("/etc/pikc/kubeadm.yaml"), "kubeadm, too")
    must("registry.home.arpa:5000/k8s/pause:3.10.2" in machine.read("/etc/crio/crio.conf.d/90-pikc.conf"), "and for the sandbox image")
    unchanged(machine)
    worker = fresh(lab, machine.lan, "node02", **{**ARCHIVE, "mirror": ARCHIVE["mirror"] + "\n" + mirror})
    worker.give_text("/root/join.conf", machine.read("/etc/pikc/join.conf"), 0o600)
    joined = worker.converge(RUN + " --join /root/join.conf")
    must(joined.status == 0, "a worker with containerd joins", joined.output)
    hosts = "/etc/containerd/certs.d/registry.k8s.io/hosts.toml"
    must("https://registry.home.arpa:5000/v2/k8s" in worker.read(hosts), "containerd uses the mirror first", worker.read(hosts))
    worker.give(lab.bundle("node02", **ARCHIVE))
    gone = worker.boot(RUN)
    must(gone.status == 0 and not worker.exists(hosts), "without the line the mirror is removed", gone.output)
    must("containerd.service restarted" in gone.output, "and containerd is restarted", gone.output)
