"""A control plane as a few namespaces of this machine, with the root folder of a Debian that has keepalived and HAProxy, the files of
pikc's bundle in their places, and its services started as their units say."""

import pathlib
import re
import shutil
import signal
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "etcd"))
import machine as spaces  # noqa: E402

until, Lan, SPACES = spaces.until, spaces.Lan, spaces.SPACES
ACCOUNTS = ("root:x:0:0::/root:/bin/sh", "haproxy:x:150:150::/var/lib/haproxy:/bin/false", "daemon:x:1:1::/:/bin/false")
GROUPS = ("root:x:0:", "haproxy:x:150:", "daemon:x:1:")
PLACED = ("etc/haproxy", "etc/keepalived", "etc/systemd/system/pikc-haproxy.service", "etc/systemd/system/pikc-keepalived.service",
          "usr/libexec/pikc/check-address.sh")


class Inside(spaces.Namespaces):
    """Namespaces whose programs are those of another root folder."""

    def __init__(self, work, name, programs):
        super().__init__(work, name, ())
        self.folder = work / f"root-{name}"
        layers = work / f"layers-{name}"
        for path in (self.folder, layers):
            path.mkdir()
        done = subprocess.run(
            super().line("bash", "-ec", f"""mount -t tmpfs tmpfs {layers}
              mkdir {layers}/new {layers}/work
              mount -t overlay overlay -o lowerdir={programs},upperdir={layers}/new,workdir={layers}/work {self.folder}
              mount --rbind /dev {self.folder}/dev
              mount -t proc proc {self.folder}/proc
              mount -t tmpfs tmpfs {self.folder}/run
              mkdir -p {self.folder}/tmp {self.folder}/var/lib/haproxy"""), capture_output=True, text=True)
        if done.returncode:
            sys.exit(f"{name}: {done.stderr}")
        # What the packages' own scripts would have made.
        if not self.inside("usr/bin/sh").is_symlink():
            self.inside("usr/bin/sh").symlink_to("bash")
        self.put("etc/passwd", "\n".join(ACCOUNTS) + "\n")
        self.put("etc/group", "\n".join(GROUPS) + "\n")

    def line(self, *words):
        return super().line("chroot", self.folder, *words)

    def outside(self, *words):
        """In the same namespaces, with this machine's own programs."""
        return super().line(*words)

    def inside(self, path):
        return self.root / str(self.folder / path).lstrip("/")

    def put(self, path, text):
        place = self.inside(path)
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text)


class ControlPlane(Inside):
    """A machine of the spec."""

    def __init__(self, work, lan, tree, name, programs):
        super().__init__(work, name, programs)
        self.bundle, self.services, self.api, self.on = tree / "nodes" / name, {}, None, True
        values = dict(line.split("=", 1) for line in (self.bundle / "node.conf").read_text().splitlines() if "=" in line)
        self.address = values["address"]
        self.lan = lan
        lan.connect(self, self.address)
        self.state = work / f"readyz-{name}"
        self.state.write_text("200")
        for overlay in (self.bundle / "common", self.bundle / "files"):
            for path in overlay.resolve().rglob("*"):
                below = path.relative_to(overlay.resolve())
                if path.is_file() and str(below).startswith(PLACED):
                    place = self.inside(below)
                    place.parent.mkdir(parents=True, exist_ok=True)
                    shutil.copyfile(path, place)
                    place.chmod(0o755 if below.suffix == ".sh" else 0o644)

    def has(self, address):
        """Whether the address is on it: asked often, so without a program."""
        if not self.on:
            return False
        text = pathlib.Path(f"/proc/{self.pid}/net/fib_trie").read_text()
        return re.search(rf"-- {re.escape(address)}\n +/32 host LOCAL", text) is not None

    def start(self, service):
        """As systemd would, with what the unit says."""
        unit = self.inside(f"etc/systemd/system/pikc-{service}.service").read_text()
        for folder in re.findall(r"(?m)^RuntimeDirectory=(.*)$", unit):
            self.inside(f"run/{folder}").mkdir(exist_ok=True)
        for before in re.findall(r"(?m)^ExecStartPre=(.*)$", unit):
            status, output = self.run(*before.split())
            if status:
                sys.exit(f"{self.name}: {before} ended with {status}:\n{output}")
        words = re.search(r"(?m)^ExecStart=(.*)$", unit)[1].split()
        if nice := re.search(r"(?m)^Nice=(.*)$", unit):
            words = ["nice", "-n", nice[1], *words]
        log = open(self.inside(f"var/log/{service}.log"), "a", encoding="utf-8")
        self.services[service] = subprocess.Popen(self.line(*words), stdin=subprocess.DEVNULL, stdout=log, stderr=log)

    def stop(self, service, how=signal.SIGTERM):
        """Ends a service: as systemd does, by its main process, or all its processes at once, as a crash does."""
        script = f"""for p in /proc/[0-9]*; do
          [ "$(readlink $p/exe)" = /usr/sbin/{service} ] || continue
          parent=$(sed -n 's/^PPid:[^0-9]*//p' $p/status)
          if [ {int(how)} = 9 ] || [ "$(readlink /proc/$parent/exe)" != /usr/sbin/{service} ]; then echo ${{p#/proc/}}; fi
        done"""
        found = self.must("sh", "-c", script).split()
        self.must("sh", "-c", f"kill -{int(how)} {' '.join(found)}")
        self.services.pop(service).wait(timeout=30)

    def begin_api(self, certificate, key):
        line = self.outside(sys.executable, HERE / "api_server.py", self.name, self.state, certificate, key)
        self.api = subprocess.Popen(line, stdin=subprocess.DEVNULL)

    def end_api(self):
        # nsenter waits for it in its own namespace.
        pid = self.state.with_suffix(".pid").read_text()
        subprocess.run(self.outside("bash", "-c", f"kill -KILL {pid}"), check=True)
        self.api.wait()

    def power_off(self):
        self.on = False
        self.lan.space.must("ip", "link", "set", f"to-{self.name}", "down")

    def log(self):
        parts = [f"--- {self.name}"]
        for service in ("haproxy", "keepalived"):
            path = self.inside(f"var/log/{service}.log")
            parts += [service, path.read_text()[-3000:]] if path.exists() else []
        return "\n".join(parts)
