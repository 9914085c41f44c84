"""A machine in QEMU: start it, query it over a serial line, cut its power at any moment."""

import base64
import pathlib
import re
import shutil
import socket
import subprocess
import time

CORES, MEMORY = 2, 2048


def disk(name, file, more=""):
    return ["-drive", f"file={file},if=none,id={name}", "-device", f"virtio-blk-pci,drive={name}{more}"]


class Machine:
    """One disk over the image, one seed, and a process while it is on."""

    def __init__(self, folder, image, seed, clock=None, data=None):
        """CLOCK: what the hardware clock says at every start; the right time by default. DATA: the serial number of a second, empty disk."""
        self.folder, self.image = pathlib.Path(folder), pathlib.Path(image)
        self.clock = ["-rtc", f"base={clock}"] if clock else []
        self.folder.mkdir(parents=True)
        self.seed = self.folder / "seed.img"
        shutil.copy(seed, self.seed)
        # In this order they are vda, vdb, vdc.
        self.disks = [*disk("system", f"{self.folder}/disk.qcow2,cache=unsafe"), *disk("seed", f"{self.seed},format=raw,readonly=on")]
        if data:
            empty = self.folder / "data.img"
            with empty.open("wb") as file:
                file.truncate(1 << 30)
            self.disks += disk("data", f"{empty},format=raw,cache=unsafe", f",serial={data}")
        self.process, self.door, self.starts = None, None, 0
        subprocess.run(["qemu-img", "create", "-q", "-f", "qcow2", "-b", str(self.image / "disk.img"), "-F", "raw",
                        str(self.folder / "disk.qcow2")], check=True)

    def start(self):
        self.starts += 1
        self.console = self.folder / f"console-{self.starts}.log"
        door = self.folder / "door"
        door.unlink(missing_ok=True)
        # no_timer_check: on a busy host the kernel considers the timer of an emulated machine broken, and stops.
        # Emulated in software: that is the same everywhere, and nested virtualization is not reliable. QEMU ends when the tests
        # end, whatever ended them.
        self.process = subprocess.Popen([
            "setpriv", "--pdeathsig", "KILL", "qemu-system-x86_64", "-machine", "q35", "-accel", "tcg,thread=multi", "-cpu", "max",
            "-smp", str(CORES), "-m", str(MEMORY), "-display", "none", "-nodefaults",
            "-kernel", str(self.image / "vmlinuz"), "-initrd", str(self.image / "initrd.img"),
            "-append", "root=/dev/vda rw console=ttyS0 net.ifnames=0 systemd.show_status=no quiet no_timer_check",
            "-netdev", "user,id=lan", "-device", "virtio-net-pci,netdev=lan,mac=52:54:00:00:00:21", "-device", "virtio-rng-pci",
            "-serial", f"file:{self.console}", "-serial", f"unix:{door},server=on,wait=off", *self.clock, *self.disks,
        ], stderr=(self.folder / "qemu.log").open("ab"))
        self.door, self.rest = socket.socket(socket.AF_UNIX), b""
        end = time.monotonic() + 30
        while True:
            try:
                self.door.connect(str(door))
                return
            except OSError as problem:
                if self.process.poll() is not None or time.monotonic() > end:
                    raise AssertionError(f"QEMU does not start: {problem}\n{self.said()}") from None
                time.sleep(0.1)

    def ask(self, command, timeout=300):
        """Status and output of a command in the machine; asks again while the machine starts or reboots."""
        end = time.monotonic() + timeout
        # A command sent while nothing was listening can be answered later: every answer begins with the number of its command.
        self.questions += 1
        number = f"question {self.questions}"
        word = base64.b64encode(f"echo {number}\n{command}".encode()) + b"\n"
        while time.monotonic() < end:
            try:
                self.door.sendall(b"\n" + word)
            except OSError as problem:
                raise AssertionError(f"the machine is off ({problem}; {command})\n{self.said()}") from None
            answer = self.line(number, min(end, time.monotonic() + (15 if self.silent else 300)))
            if answer is not None:
                self.silent = False
                return answer
        raise AssertionError(f"the machine does not answer ({command})\n{self.said()}")

    silent = True # no output since it was switched on
    questions = 0

    def line(self, number, until):
        while time.monotonic() < until:
            found = re.search(rb"answer (\d+) ([A-Za-z0-9+/=]*)\n", self.rest)
            if found:
                self.rest = self.rest[found.end():]
                first, _, text = base64.b64decode(found[2]).decode(errors="replace").partition("\n")
                if first == number:
                    return int(found[1]), text
                continue
            if b"ready\n" in self.rest: # it has just begun to listen: earlier commands are lost
                self.rest = self.rest.split(b"ready\n", 1)[1]
                return None
            self.door.settimeout(max(0.1, until - time.monotonic()))
            try:
                more = self.door.recv(65536)
            except TimeoutError:
                return None
            except OSError:
                more = b""
            if not more:
                raise AssertionError(f"the machine is off\n{self.said()}")
            self.rest += more
        return None

    def cut(self):
        """Cuts the power."""
        self.process.kill()
        self.process.wait()
        self.door.close()
        self.silent = True

    def off(self):
        if self.process and self.process.poll() is None:
            self.cut()

    def said(self):
        text = self.console.read_text(errors="replace") if self.console.exists() else ""
        log = self.folder / "qemu.log"
        text += "\n" + (log.read_text(errors="replace") if log.exists() else "")
        return "--- the end of the console, and QEMU's output\n" + "\n".join(text.splitlines()[-40:])
