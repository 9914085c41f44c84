"""A test machine: a root file system that keeps its changes from boot to boot, and the boots themselves."""

import dataclasses
import hashlib
import json
import os
import pathlib
import re
import shutil
import stat
import subprocess

HERE = pathlib.Path(__file__).parent
PORT = 8042

PI4 = {"compatible": "raspberrypi,4-model-b", "model": "Raspberry Pi 4 Model B Rev 1.5", "memory-kib": 1899520}
PI3 = {"compatible": "raspberrypi,3-model-b-plus", "model": "Raspberry Pi 3 Model B Plus Rev 1.3", "memory-kib": 944128}

# Programs that the counted PATH wraps: everything that changes the machine, except stand-ins with points of their own.
COUNTED = """apt-get apt-cache apt-mark apt-config dpkg dpkg-query cp mv rm ln mkdir rmdir install mktemp chmod chown touch tee
sync sha256sum cmp cat curl gpg flock grep awk sed cut sort head tail find stat date useradd usermod groupadd adduser passwd
visudo locale-gen localedef update-locale systemctl modprobe sysctl swapon swapoff timedatectl hostnamectl hostname rfkill
kubeadm kubectl crictl crio netplan chpasswd getent id readlink tr wc uname jq dirname basename""".split()

# Paths whose content says when or how often something ran, not what the machine is.
VOLATILE = re.compile(r"""^(?:
    var/log/.* | var/cache/.* | var/lib/apt/lists(?:/.*)? | var/lib/apt/(?:extended_states|daily_lock|periodic/.*) |
    var/lib/dpkg/(?:status|available|statoverride|diversions)-old | var/lib/dpkg/(?:lock.*|triggers/.*|updates/.*) |
    etc/(?:passwd|group|shadow|gshadow|subuid|subgid)- | etc/\.pwd\.lock | var/lib/systemd/timesync/clock |
    root/\.gnupg(?:/.*)? | srv/lan(?:/.*)? | etc/ld\.so\.cache | var/lib/systemd/deb-systemd.*
)$""", re.X)


@dataclasses.dataclass
class Outcome:
    """The result of one boot: how its last command ended, and the output of all commands."""

    event: str  # exited, reboot, killed, timeout
    status: int | None
    output: str
    facts: dict

    @property
    def changed(self):
        return re.findall(r"(?m)^\s+changed\s+(.*)$", self.output)


class Lan:
    """What the machines of one scenario share: the API servers in the network, and the package repository."""

    def __init__(self, work, base, repository):
        self.work, self.base, self.repository = pathlib.Path(work), pathlib.Path(base), pathlib.Path(repository)
        self.shared = self.work / "lan"
        self.shared.mkdir(parents=True)

    def cluster(self):
        """The state of the only API server, without what differs from run to run."""
        states = sorted(self.shared.glob("*.json"))
        if not states:
            return None
        state = json.loads(states[0].read_text())
        state["tokens"] = len(state["tokens"]) > 0
        for changing in ("used", "id", "certificates"):
            state.pop(changing, None)
        return state


DPHYS_UNIT = """[Unit]
Description=dphys-swapfile - set up, mount/unmount, and delete a swap file
[Service]
Type=oneshot
ExecStart=/sbin/dphys-swapfile swapon
RemainAfterExit=yes
[Install]
WantedBy=multi-user.target
"""


def dress(machine, system):
    """Makes a fresh machine look like an older Raspberry Pi OS: the content of its files, and their paths."""
    version = {"bookworm": "12", "bullseye": "11"}[system]
    text = machine.read("/usr/lib/os-release").replace("trixie", system).replace("13", version)
    machine.give_text("/usr/lib/os-release", text)
    shutil.rmtree(machine.root / "etc/rpi")
    machine.give_text("/usr/sbin/dphys-swapfile", (HERE / "standin/older/dphys-swapfile").read_text(), 0o755)
    machine.give_text("/usr/lib/systemd/system/dphys-swapfile.service", DPHYS_UNIT)
    machine.give_text("/etc/dphys-swapfile", "CONF_SWAPSIZE=512\n")
    wanted = machine.root / "etc/systemd/system/multi-user.target.wants"
    os.symlink("/usr/lib/systemd/system/dphys-swapfile.service", wanted / "dphys-swapfile.service")
    if system == "bullseye":
        # The boot partition in /boot, dhcpcd instead of NetworkManager, and a radio that systemd keeps off.
        (machine.root / "boot/firmware/cmdline.txt").replace(machine.root / "boot/cmdline.txt")
        (machine.root / "boot/firmware/config.txt").replace(machine.root / "boot/config.txt")
        (machine.root / "boot/firmware").rmdir()
        (wanted / "NetworkManager.service").unlink()
        machine.give_text("/etc/dhcpcd.conf", "hostname\nclientid\npersistent\noption rapid_commit\nslaac private\n")
        machine.give_text("/etc/wpa_supplicant/wpa_supplicant.conf", "ctrl_interface=DIR=/var/run/wpa_supplicant GROUP=netdev\n", 0o600)
        machine.give_text("/var/lib/systemd/rfkill/platform-3f300000.mmcnr:wlan", "1\n")


class Machine:
    def __init__(self, lan, name, hardware=PI4, system="trixie"):
        self.lan, self.name, self.hardware = lan, name, hardware
        self.place = lan.work / name
        for folder in ("upper", "overlay-work", "root"):
            (self.place / folder).mkdir(parents=True)
        self.mount()
        self.boots = 0
        if system != "trixie":
            dress(self, system)

    def mount(self):
        lower = f"{self.lan.work.parent / 'stand-ins'}:{self.lan.base}"
        subprocess.run(["mount", "-t", "overlay", "overlay", "-o",
                        f"lowerdir={lower},upperdir={self.place / 'upper'},workdir={self.place / 'overlay-work'}",
                        str(self.root)], check=True)

    def copy(self, lan, name):
        """Another machine in the state of this one, as if its card had been duplicated."""
        twin = Machine.__new__(Machine)
        twin.lan, twin.name, twin.hardware, twin.place, twin.boots = lan, name, self.hardware, lan.work / name, self.boots
        (twin.place / "overlay-work").mkdir(parents=True)
        (twin.place / "root").mkdir()
        subprocess.run(["cp", "-a", str(self.place / "upper"), str(twin.place / "upper")], check=True)
        twin.mount()
        return twin

    @property
    def root(self):
        return self.place / "root"

    def give(self, bundle, where="/root/bundle"):
        """Copies a node's folder to the machine as `scp -r` does: links followed, owner root, modes unchanged."""
        target = self.root / where.lstrip("/")
        shutil.rmtree(target, ignore_errors=True)
        subprocess.run(["cp", "-rL", "--no-preserve=ownership", str(bundle), str(target)], check=True)

    def give_text(self, path, text, mode=0o644):
        place = self.inside(path)
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text)
        place.chmod(mode)

    def boot(self, *commands, kill_at=None, serve=None, timeout=240):
        """One boot: what systemd starts on its own, then the commands, each a line for bash."""
        self.boots += 1
        stem = self.place / f"boot-{self.boots}"
        plan = {
            "root": str(self.root), "lan": str(self.lan.shared), "repository": str(self.lan.repository), "port": PORT,
            "serve": serve or {}, "hardware": self.hardware, "commands": [["bash", "-c", c] for c in commands],
            "kill-at": kill_at, "log": f"{stem}.log", "result": f"{stem}.result", "timeout": timeout,
            "requests": str(self.place / "requests.log"),
        }
        pathlib.Path(f"{stem}.json").write_text(json.dumps(plan))
        subprocess.run(["unshare", "--pid", "--fork", "--mount", "--net", "--uts", "--ipc", "--kill-child",
                        "--propagation", "private", "python3", str(HERE / "init.py"), f"{stem}.json"], check=True,
                       stdin=subprocess.DEVNULL)
        facts = json.loads(pathlib.Path(f"{stem}.result").read_text())
        output = pathlib.Path(f"{stem}.log").read_text(errors="replace")
        last = facts["results"][-1] if facts["results"] else {"event": "exited", "status": 0}
        return Outcome(last["event"], last["status"], output, facts)

    def converge(self, *commands, boots=6, **more):
        """Boots until nothing reboots any more; returns the outcome of the last boot, with the output of all."""
        outcome = self.boot(*commands, **more)
        output = outcome.output
        while outcome.event == "reboot":
            if boots == 0:
                raise AssertionError(f"{self.name} reboots in a loop\n{tail(output)}")
            boots -= 1
            outcome = self.boot(serve=more.get("serve"), timeout=more.get("timeout", 240))
            output += outcome.output
        return dataclasses.replace(outcome, output=output)

    def inside(self, path):
        """PATH as seen from outside: absolute links of the machine are followed within it."""
        place = self.root
        parts = [p for p in path.split("/") if p]
        while parts:
            place = place / parts.pop(0)
            if parts and place.is_symlink():
                target = os.readlink(place)
                place = self.root if target.startswith("/") else place.parent
                parts = [p for p in target.split("/") if p] + parts
        return place

    def read(self, path):
        return self.inside(path).read_text()

    def exists(self, path):
        return os.path.lexists(self.inside(path))

    def snapshot(self, ignore=()):
        """{path: description} for everything that differs from the fresh root file system."""
        upper, base = self.place / "upper", self.lan.base
        found = {}
        for folder, folders, files in os.walk(upper):
            for name in [*folders, *files]:
                place = pathlib.Path(folder, name)
                path = str(place.relative_to(upper))
                if VOLATILE.match(path) or any(re.fullmatch(i, path) for i in ignore):
                    continue
                now = describe(place)
                if now is not None and (not os.path.lexists(base / path) or now != describe(base / path)):
                    found[path] = now
        return found

    def calls(self, program):
        """The calls of a stand-in since the last boot."""
        log = self.root / "var/log/standin" / f"{program}.log"
        return log.read_text().splitlines() if log.exists() else []

    def remove(self):
        subprocess.run(["umount", "-l", str(self.root)], check=False)
        shutil.rmtree(self.place, ignore_errors=True)


def describe(place):
    entry = place.lstat()
    owner = f"{stat.S_IMODE(entry.st_mode):04o} {entry.st_uid}:{entry.st_gid}"
    if stat.S_ISLNK(entry.st_mode):
        return f"link to {os.readlink(place)}"
    if stat.S_ISDIR(entry.st_mode):
        return f"folder {owner}"
    if stat.S_ISCHR(entry.st_mode) and entry.st_rdev == 0:
        return "removed"
    if not stat.S_ISREG(entry.st_mode):
        return f"special {owner}"
    # A token and its expiry time differ from run to run.
    content = re.sub(rb"\b[a-z0-9]{6}\.[a-z0-9]{16}\b", b"TOKEN", place.read_bytes())
    content = re.sub(rb"expires-epoch: \d+|\d{4}-\d\d-\d\d \d\d:\d\d UTC", b"EXPIRY", content)
    return f"file {owner} {hashlib.sha256(content).hexdigest()[:16]} {len(content)}"


def differences(before, after):
    """The differences between two snapshots that should be equal, for a reader."""
    lines = []
    for path in sorted(before.keys() | after.keys()):
        if before.get(path) != after.get(path):
            lines.append(f"{path}: {before.get(path, 'as in the fresh system')} -> {after.get(path, 'as in the fresh system')}")
    return lines


def tail(text, lines=40):
    return "\n".join(text.splitlines()[-lines:])


def make_stand_ins(folder):
    """The layer over every root file system: stand-ins, and the counting wrappers (used in kill series only)."""
    folder = pathlib.Path(folder)
    for source, target, mode in (("bin", "usr/local/sbin", 0o755), ("lib", "usr/local/lib/standin", None)):
        (folder / target).mkdir(parents=True)
        for place in (HERE / "standin" / source).iterdir():
            if place.is_file():
                shutil.copy(place, folder / target / place.name)
                if mode:
                    (folder / target / place.name).chmod(mode)
    counted = folder / "usr/local/lib/standin/counted"
    counted.mkdir()
    for name in COUNTED:
        wrapper = counted / name
        wrapper.write_text(f'#!/bin/bash\n/usr/local/lib/standin/count {name} "$@"\nPATH=${{PATH#*standin/counted:}}\n'
                           f'program=$(type -P {name}) || exit 127\nexport PATH=/usr/local/lib/standin/counted:$PATH\nexec "$program" "$@"\n')
        wrapper.chmod(0o755)
