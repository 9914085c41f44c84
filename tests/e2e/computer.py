"""The computer of the person who reads the runbook, and machines that it reaches over SSH: real clients, real servers.

The computer is a root file system, too. What it does not have is a network to the machines: its ssh_config says for each of them
how to reach the server on the machine's loopback address. Nothing else about a command is different.
"""

import os
import pathlib
import shutil
import signal
import subprocess
import threading
import time

HOST = """Host {address}
  ProxyCommand sh -c 'exec nsenter --net=/proc/$(cat /srv/machines/{name})/ns/net socat - TCP:127.0.0.1:22'
"""
# A first connection asks whether the key of the machine is right: the answer is yes.
EVERY = "Host *\n  StrictHostKeyChecking accept-new\n  LogLevel ERROR\n"
SERVER = "mkdir -p /run/sshd; exec /usr/sbin/sshd -D -o ListenAddress=127.0.0.1"


class Computer:
    def __init__(self, machine):
        self.machine, self.root = machine, machine.root
        self.mounts = []
        for folder in ("dev", "proc"):
            (self.root / folder).mkdir(exist_ok=True)
            subprocess.run(["mount", "--rbind", f"/{folder}", str(self.root / folder)], check=True)
            self.mounts.append(self.root / folder)
        (self.root / "srv/machines").mkdir(parents=True)
        self.run("mkdir -m 0700 -p ~/.ssh && ssh-keygen -q -t ed25519 -N '' -f ~/.ssh/id_ed25519", check=True)
        self.config = ""

    def knows(self, name, address):
        self.config += HOST.format(name=name, address=address)
        self.machine.give_text("/root/.ssh/config", self.config + EVERY, 0o600)

    def key(self):
        return self.machine.read("/root/.ssh/id_ed25519.pub").strip()

    def run(self, command, where="/root", check=False, timeout=600):
        """(status, output) of a line that a person types."""
        done = subprocess.run(["chroot", str(self.root), "bash", "-c", f"cd {where} && {command}"], stdin=subprocess.DEVNULL, timeout=timeout,
                              env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "HOME": "/root", "LANG": "C.UTF-8"},
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace", check=False)
        if check and done.returncode:
            raise AssertionError(f"{command}: {done.stdout}")
        return done.returncode, done.stdout

    def remove(self):
        for place in self.mounts:
            subprocess.run(["umount", "-R", "-l", str(place)], check=False)


class Reachable:
    """A machine that is switched on: it starts again when it restarts, and its SSH server answers after what it does by itself."""

    def __init__(self, computer, machine, login, timeout):
        self.computer, self.machine, self.login, self.timeout = computer, machine, login, timeout
        self.boots, self.broken, self.off = 0, None, False
        self.output = ""
        # A fresh system has one account, which may do anything with sudo, and the key that its image was prepared with.
        account = login.split("@")[0]
        home = f"/home/{account}"
        subprocess.run(["chroot", str(machine.root), "bash", "-c",
                        f"useradd --create-home --shell /bin/bash {account} && install -d -m 0700 -o {account} -g {account} {home}/.ssh"], check=True)
        machine.give_text(f"/etc/sudoers.d/010_{account}-nopasswd", f"{account} ALL=(ALL) NOPASSWD: ALL\n", 0o440)
        machine.give_text(f"{home}/.ssh/authorized_keys", computer.key() + "\n", 0o600)
        owner = (machine.root / home.lstrip("/")).stat()
        os.chown(machine.root / home.lstrip("/") / ".ssh/authorized_keys", owner.st_uid, owner.st_gid)
        computer.knows(machine.name, login.split("@")[1])
        self.thread = threading.Thread(target=self.live, daemon=True)
        self.thread.start()

    def live(self):
        try:
            while not self.off and self.boots < 8:
                self.boots += 1
                outcome = self.machine.boot(SERVER, timeout=self.timeout)
                self.output += outcome.output
                if outcome.event != "reboot":
                    return
        except Exception as problem:  # noqa: BLE001  (told by up(), in the scenario's own thread)
            self.broken = None if self.off else problem

    def process(self):
        """The process number of the machine's first process, as this machine counts; none while it is off."""
        wanted = f"{self.machine.place / f'boot-{self.machine.boots}'}.json"
        for place in pathlib.Path("/proc").iterdir():
            try:
                words = (place / "cmdline").read_bytes().decode(errors="replace").split("\0") if place.name.isdigit() else []
            except OSError:
                continue
            if wanted in words and pathlib.Path(words[0]).name.startswith("python"):
                return place.name
        return None

    def up(self, within=240, boot=1):
        """Waits until one can log in after this boot: a machine that restarts still answers for a moment."""
        end = time.monotonic() + within
        while time.monotonic() < end:
            if self.broken:
                raise self.broken
            process = self.process() if self.boots >= boot else None
            if process:
                self.machine_file().write_text(process)
                status, _ = self.computer.run(f"ssh -o BatchMode=yes -o ConnectTimeout=5 {self.login} true", timeout=30)
                if status == 0:
                    return
            time.sleep(0.3)
        raise AssertionError(f"{self.machine.name} cannot be reached after {within} seconds\n{self.output[-3000:]}")

    def machine_file(self):
        return self.computer.root / "srv/machines" / self.machine.name

    def switch_off(self):
        """Its power is cut."""
        self.off = True
        process = self.process() if self.thread.is_alive() else None
        if process:
            os.kill(int(process), signal.SIGKILL)
        self.thread.join(60)


def copy_tree(tree, computer):
    """The output tree, where the person has it."""
    shutil.copytree(tree, computer.root / "root/out", symlinks=True)
    return "/root/out"
