"""Machines that set themselves up: the tests do what cloud-init does with user-data, the machine does the rest."""

import base64
import os
import re
import subprocess

from lab import must, scenario

KEY = re.compile(r'"(ssh-\S+ \S+ \S+)"')
FILE = re.compile(r'  - path: (\S+)\n    permissions: "(\d+)"\n(    encoding: b64\n)?    content: \|\n((?:      [^\n]*\n|\n)*)')


def placed(lab, name):
    """A machine after cloud-init's write_files, accounts, keys and network, and the line of its runcmd (and bootcmd)."""
    node = lab.bundle(name)
    machine = lab.machine(lab.lan(), name)
    text = (node / "cloud-init/user-data").read_text()
    found = FILE.findall(text)
    must(len(found) == text.count("  - path: "), "every file of user-data is understood", text[:2000])
    for path, mode, packed, body in found:
        content = "".join(line[6:] if line.strip() else line for line in body.splitlines(keepends=True))
        place = machine.inside(path)
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(base64.b64decode(content) if packed else content.encode())
        place.chmod(int(mode, 8))
    machine.give_text("/etc/netplan/50-cloud-init.yaml", (node / "cloud-init/network-config").read_text(), 0o600)
    start = re.search(r'"(if \[ -e /opt/pikc.carrier[^"]*)"', text)[1]
    key = KEY.search(text)[1]
    account = ("id pi >/dev/null 2>&1 || useradd --create-home --shell /bin/bash pi; "
               f"runuser -u pi -- sh -c 'mkdir -p -m 0700 ~/.ssh && umask 077 && echo \"{key}\" >~/.ssh/authorized_keys'")
    return machine, account, start, key


def finished(machine, outcome, key):
    must(outcome.status == 0 and "control plane ready" in outcome.output, "it becomes a control plane", outcome.output)
    must("FAILED" not in outcome.output, "nothing fails", outcome.output)
    for path in ("/opt/pikc.carrier", "/etc/systemd/system/pikc-resume.service", "/etc/netplan/50-cloud-init.yaml"):
        must(not machine.exists(path), f"{path} is gone", outcome.output)
    must(machine.exists("/etc/netplan/50-cloud-init.yaml.disabled"), "cloud-init's network file is disabled")
    keys = machine.read("/home/pi/.ssh/authorized_keys")
    must(keys.count(key) == 1 and "pikc keys" in keys, "the key is there once, in the block", keys)
    again = machine.converge("/opt/pikc/run.sh")
    must(again.status == 0 and "nothing changed" in again.output, "a second run changes nothing", again.output)


@scenario("node01 sets itself up from user-data: bundle, network and keys are taken over from cloud-init")
def user_data(lab):
    machine, account, start, key = placed(lab, "node01")
    outcome = machine.boot(account, start)
    must(outcome.status == 0 and "started in the background" in outcome.output, "the bundle is started", outcome.output)
    must(machine.exists("/opt/pikc/run.sh") and not machine.exists("/opt/pikc.carrier"), "and is in its final place", outcome.output)
    # The stand-in for systemctl starts nothing in the background: as if the power failed just then.
    finished(machine, machine.converge(), key)


@scenario("node01: a power cut while user-data is unpacked and started; the next boot begins again", long=True)
def cut(lab):
    for kill_at in (1, 2, 4, 8, 12, 16, 20, 24, 28):
        machine, account, start, key = placed(lab, "node01")
        machine.boot(account)
        machine.boot(start, kill_at=kill_at)
        # bootcmd is in user-data, too; it runs before the services of the boot.
        machine.boot(start)
        finished(machine, machine.converge(), key)
        lab.drop(machine)


def carded(lab, system):
    """A machine whose boot partition `pikc card` prepared."""
    spec = lab.tree(os=f"raspios-{system}").with_suffix(".spec") / "cluster.pik"
    machine = lab.machine(lab.lan(), "node01", system=system)
    boot = machine.root / ("boot" if system == "bullseye" else "boot/firmware")
    done = subprocess.run([str(lab.pikc), "card", str(spec), "node01", "--boot", str(boot), "--stdlib", str(lab.library())],
                          capture_output=True, text=True, env={**os.environ, "PIKC_SECRET_WIFI": "correct horse battery"})
    must(done.returncode == 0, "the card is prepared", done.stdout + done.stderr)
    return machine, str(boot.relative_to(machine.root))


def from_card(lab, system):
    machine, boot = carded(lab, system)
    word = re.search(r"systemd\.run=(\S+)", machine.read(f"/{boot}/cmdline.txt"))
    must(word and word[1] == f"/{boot}/firstrun.sh", "the command line starts the script", machine.read(f"/{boot}/cmdline.txt"))
    first = machine.boot(f"bash {word[1]}; cat /{boot}/firstrun.log")
    must(first.status == 0 and "the next boot is a normal one" in first.output, "it succeeds", first.output)
    line = machine.read(f"/{boot}/cmdline.txt")
    must("systemd." not in line and "root=" in line and line.count("\n") == 1, "its arguments are gone from the command line", line)
    must(not machine.exists(f"/{boot}/firstrun.sh"), "and the script is gone, too")
    must("pikc keys" in machine.read("/home/pi/.ssh/authorized_keys"), "the account has its keys before anything else", first.output)
    before = machine.boots
    outcome = machine.converge()
    must(outcome.status == 0 and "control plane ready" in outcome.output, "the rest follows on its own", outcome.output)
    must(machine.boots == before + 1, "without another reboot: the card's command line was right", outcome.output)
    again = machine.converge("/opt/pikc/run.sh")
    must(again.status == 0 and "nothing changed" in again.output, "a second run changes nothing", again.output)


@scenario("bookworm: a card that pikc prepared sets the machine up, with one reboot", long=True)
def bookworm(lab):
    from_card(lab, "bookworm")


@scenario("bullseye: a card that pikc prepared sets the machine up, with one reboot", long=True)
def bullseye(lab):
    from_card(lab, "bullseye")
