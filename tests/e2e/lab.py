"""What scenarios work with: the list of scenarios, the compiled trees, fresh machines, and assertions."""

import dataclasses
import gzip
import hashlib
import io
import os
import pathlib
import re
import shutil
import stat
import subprocess
import tarfile
import typing

import repository
from machine import PI3, PI4, Lan, Machine, make_stand_ins, tail

HERE = pathlib.Path(__file__).parent
SCENARIOS = []
KEYRING = "/usr/share/keyrings/stand-in-archive.asc"
# The placeholders between @ in cluster.pik.
DEFAULTS = {
    "os": "raspios-trixie", "cni": "cni flannel { backend = vxlan }", "control-swap": "off", "worker-swap": "on", "reflector": "off",
    "password": "", "endpoint": "", "planes": "", "ipv6": "", "address-ipv6": "", "addresses-ipv6": "",
    "runtime": "runtime crio {}",
    "mirror": 'crio = "http://127.0.0.1:8042/crio/"\n crio-key = "http://127.0.0.1:8042/crio/Release.key"',
    "time": "time { servers = [ntp.jst.mfeed.ad.jp, ntp.nict.jp], fallback = [time.google.com] }",
}


@dataclasses.dataclass
class Scenario:
    name: str
    run: typing.Callable
    long: bool


def scenario(name, long=False):
    def keep(function):
        SCENARIOS.append(Scenario(name, function, long))
        return function
    return keep


def must(condition, sentence, output=""):
    """Fails with a sentence that says what was expected, and the end of the output."""
    if not condition:
        raise AssertionError(sentence + ("\n" + tail(output) if output else ""))


def pack(kind, name, place):
    """A chart with only its name and version, or the archive that holds Helm (a stand-in), always the same bytes."""
    if kind == "chart":
        version = place.stem.removeprefix(f"{name}-")
        path, text, mode = f"{name}/Chart.yaml", f"apiVersion: v2\nname: {name}\nversion: {version}\n", 0o644
    else:
        path, text, mode = f"linux-{name}/helm", (HERE / "standin" / "helm").read_text(), 0o755
    with gzip.GzipFile(place, "wb", mtime=0) as packed, tarfile.open(fileobj=packed, mode="w") as archive:
        entry = tarfile.TarInfo(path)
        entry.size, entry.mode = len(text.encode()), mode
        archive.addfile(entry, io.BytesIO(text.encode()))


class Lab:
    """One run of the harness: everything below WORK is removed afterwards, CACHE stays."""

    def __init__(self, work, cache, pikc):
        self.work, self.cache, self.pikc = work, cache, pikc
        self.fingerprint = repository.make(cache / "repository", ["1.36.4"], ["1.36.1"])
        make_stand_ins(work / "stand-ins")
        self.trees, self.lans = {}, 0
        self.machines, self.done, self.told = [], {}, set()

    def lan(self):
        self.lans += 1
        return Lan(self.work / f"lan-{self.lans}", self.cache / "root", self.cache / "repository")

    def lan_with(self, name):
        """A separate network in which the finished control plane already answers."""
        lan = self.lan()
        shutil.copytree(self.finished(name)[0].lan.shared, lan.shared, dirs_exist_ok=True)
        return lan

    def machine(self, lan, name, hardware=None, system="trixie"):
        machine = Machine(lan, name, hardware or (PI4 if name == "node01" else PI3), system)
        self.machines.append(machine)
        return machine

    def drop(self, machine):
        machine.remove()
        self.machines.remove(machine)

    def finished(self, name):
        """A machine after an undisturbed first run, and the output of that run; created once, must not be changed."""
        if name not in self.done:
            lan = self.lan() if name == "node01" else self.lan_with("node01")
            machine = Machine(lan, name, PI4 if name == "node01" else PI3)
            machine.give(self.bundle(name))
            command = "bash /root/bundle/run.sh"
            if name != "node01":
                machine.give_text("/root/join.conf", self.join_file(), 0o600)
                command += " --join /root/join.conf"
            outcome = machine.converge(command)
            self.done[name] = machine, outcome
        machine, outcome = self.done[name]
        if name in self.told:
            must(outcome.event == "exited" and outcome.status == 0, f"{name}'s first run did not succeed (see above)")
        self.told.add(name)
        must(outcome.event == "exited" and outcome.status == 0, f"{name}'s first run succeeds ({outcome.event}, {outcome.status})", outcome.output)
        return machine, outcome

    def join_file(self):
        return self.finished("node01")[0].read("/etc/pikc/join.conf")

    def twin(self, name):
        """A copy of the finished machine, in a separate network, for a scenario to change."""
        first, _ = self.finished(name)
        lan = self.lan()
        shutil.copytree(first.lan.shared, lan.shared, dirs_exist_ok=True)
        twin = first.copy(lan, name)
        self.machines.append(twin)
        return twin

    @staticmethod
    def mode(machine, path):
        """Mode and owner as "0600 0:0"."""
        entry = machine.inside(path).lstat()
        return f"{stat.S_IMODE(entry.st_mode):04o} {entry.st_uid}:{entry.st_gid}"

    @staticmethod
    def step(machine, word):
        """The name of the installed step with this word in it."""
        return next(machine.inside("/opt/pikc/steps").glob(f"*{word}*")).stem

    def clear(self):
        for machine in self.machines:
            machine.remove()
        self.machines = []

    # --- compiled trees ---------------------------------------------------------------------------------------------

    def tree(self, **settings):
        """The output tree of cluster.pik with these settings, compiled once for each set. `files` is ((NAME, TEXT), ...): what the
        spec names, next to it."""
        key = tuple(sorted(settings.items()))
        if key not in self.trees:
            out = self.work / f"tree-{len(self.trees) + 1}"
            self.compile(out, settings)
            self.trees[key] = out
        return self.trees[key]

    def compile(self, out, settings):
        given = os.environ.get("PIKC_E2E_TREE")
        if given:
            shutil.copytree(given, out, symlinks=True)
            return
        must(self.pikc.exists(), f"{self.pikc} is missing: cargo build")
        values = {**DEFAULTS, **settings}
        hashed = values.pop("hash", None)
        # Always the same name: the generated files have it in their first lines.
        spec = out.with_suffix(".spec") / "cluster.pik"
        spec.parent.mkdir(parents=True, exist_ok=True)
        text = (HERE / "cluster.pik").read_text()
        files = values.pop("files", ())
        for name, value in values.items():
            text = text.replace(f"@{name}@", value)
        spec.write_text(text)
        for name, content in files:
            (spec.parent / name).write_text(content)
        line = [str(self.pikc), "compile", str(spec), "-o", str(out), "--stdlib", str(self.library())]
        if "vendored" in values:
            line += ["--vendored", str(self.cache / "repository" / "upstream")]
        env = {**os.environ, "PIKC_SECRET_WIFI": "correct horse battery"}
        if hashed:
            env["PIKC_SECRET_CONSOLE"] = hashed
        if "secrets" in values:  # any text: another text is another file
            env["PIKC_SECRETS_PASSPHRASE"] = values["secrets"]
            done = subprocess.run([str(self.pikc), "secrets", "init", str(spec)], capture_output=True, text=True, env=env)
            must(done.returncode == 0, f"pikc secrets init ended with {done.returncode}", done.stdout + done.stderr)
        done = subprocess.run(line, capture_output=True, text=True, env=env)
        must(done.returncode == 0, f"pikc compile ended with {done.returncode}", done.stdout + done.stderr)

    def library(self):
        """The standard library, with the key that signs the stand-in repositories pinned in it: by its fingerprint, and for
        Debian's archive as the file that a machine gets in a scenario with such an archive (KEYRING)."""
        library = self.work / "stdlib"
        if not library.exists():
            shutil.copytree(HERE.parents[1] / "stdlib", library)
            for path in library.rglob("*.pik"):
                text = path.read_text()
                pinned = re.sub(r"(?m)^(\s*fingerprint\s*=\s*)\"?[0-9A-F]{40}\"?", rf"\g<1>{self.fingerprint}", text)
                pinned = pinned.replace("/usr/share/keyrings/debian-archive-keyring.gpg", KEYRING)
                if pinned != text:
                    path.write_text(pinned)
            self.stand_in_upstream(library)
        return library

    def stand_in_upstream(self, library):
        """Upstream's manifests come from this machine, too: small ones with checksums of their own."""
        served = self.cache / "repository" / "upstream"
        shutil.rmtree(served, ignore_errors=True)
        shutil.copytree(HERE.parent / "readers" / "upstream", served)
        for path in library.glob("cni/*/cni.pik"):
            for kind, name, url in re.findall(r'(?m)^  (chart|helm) (\S+) \{\n(?:    .*\n)*?    url +=\s*"([^"]*)"', path.read_text()):
                pack(kind, name, served / url.rsplit("/", 1)[1])
        for path in library.glob("cni/*/cni.pik"):
            text = path.read_text()
            for file in served.iterdir():
                checksum = hashlib.sha256(file.read_bytes()).hexdigest()
                text = re.sub(rf'(url +=) "[^"]*/{file.name}"(\n +sha256 +=) \w+',
                              rf'\1 "http://127.0.0.1:8042/upstream/{file.name}"\2 {checksum}', text)
            path.write_text(text)

    def bundle(self, node, **settings):
        return self.tree(**settings) / "nodes" / node
