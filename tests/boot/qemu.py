"""A machine in QEMU: started, asked over a serial line, switched off in the middle of its work."""

import base64
import pathlib
import re
import shutil
import socket
import subprocess
import time

CORES, MEMORY = 2, 2048


class Machine:
    """One disk over the image, one seed, and a process while it is on."""

    def __init__(self, folder, image, seed):
        self.folder, self.image = pathlib.Path(folder), pathlib.Path(image)
        self.folder.mkdir(parents=True)
        self.seed = self.folder / "seed.img"
        shutil.copy(seed, self.seed)
        self.process, self.door, self.starts = None, None, 0
        subprocess.run(["qemu-img", "create", "-q", "-f", "qcow2", "-b", str(self.image / "disk.img"), "-F", "raw",
                        str(self.folder / "disk.qcow2")], check=True)

    def start(self):
        self.starts += 1
        self.console = self.folder / f"console-{self.starts}.log"
        door = self.folder / "door"
        door.unlink(missing_ok=True)
# In software: it is the same everywhere, and a virtual machine in a virtual machine is not to be relied on.
        self.process = subprocess.Popen([
            "qemu-system-x86_64", "-machine", "q35", "-accel", "tcg,thread=multi", "-cpu", "max",
            "-smp", str(CORES), "-m", str(MEMORY), "-display", "none", "-nodefaults",
            "-kernel", str(self.image / "vmlinuz"), "-initrd", str(self.image / "initrd.img"),
            "-append", "root=/dev/vda rw console=ttyS0 net.ifnames=0 systemd.show_status=no quiet",
            "-drive", f"file={self.folder}/disk.qcow2,if=virtio,cache=unsafe",
            "-drive", f"file={self.seed},if=virtio,format=raw,readonly=on",
            "-netdev", "user,id=lan", "-device", "virtio-net-pci,netdev=lan,mac=52:54:00:00:00:21", "-device", "virtio-rng-pci",
            "-serial", f"file:{self.console}", "-serial", f"unix:{door},server=on,wait=off",
        ], stderr=subprocess.PIPE)
        for _ in range(100):
            if door.exists():
                break
            time.sleep(0.1)
        self.door = socket.socket(socket.AF_UNIX)
        self.door.connect(str(door))
        self.rest = b""

    def ask(self, command, timeout=300):
        """Status and output of a command in the machine; asks again while the machine starts or reboots."""
        end = time.monotonic() + timeout
        word = base64.b64encode(command.encode()) + b"\n"
        while time.monotonic() < end:
            self.door.sendall(b"\n" + word)
            answer = self.line(min(end, time.monotonic() + (15 if self.silent else 300)))
            if answer is not None:
                self.silent = False
                return int(answer[0]), base64.b64decode(answer[1]).decode(errors="replace")
        raise AssertionError(f"the machine does not answer ({command})\n{self.said()}")

    silent = True # nothing has been heard since it was switched on

    def line(self, until):
        while time.monotonic() < until:
            found = re.search(rb"answer (\d+) ([A-Za-z0-9+/=]*)\n", self.rest)
            if found:
                self.rest = self.rest[found.end():]
                return found.groups()
            if b"ready\n" in self.rest: # it has just begun to listen: what was said before is lost
                self.rest = self.rest.split(b"ready\n", 1)[1]
                return None
            self.door.settimeout(max(0.1, until - time.monotonic()))
            try:
                more = self.door.recv(65536)
            except TimeoutError:
                return None
            if not more:
                raise AssertionError(f"the machine is off\n{self.said()}")
            self.rest += more
        return None

    def cut(self):
        """The power goes."""
        self.process.kill()
        self.process.wait()
        self.door.close()
        self.silent = True

    def off(self):
        if self.process and self.process.poll() is None:
            self.cut()

    def said(self):
        text = self.console.read_text(errors="replace") if self.console.exists() else ""
        return "--- the end of the console\n" + "\n".join(text.splitlines()[-40:])
