"""What scenarios work with: the list of them, the compiled trees, fresh machines, and words for what must hold."""

import dataclasses
import os
import pathlib
import shutil
import subprocess
import typing

import repository
from machine import PI3, PI4, Lan, Machine, make_stand_ins, tail

HERE = pathlib.Path(__file__).parent
SCENARIOS = []


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
    """Fails with a sentence that says what should have been, and the end of what was printed."""
    if not condition:
        raise AssertionError(sentence + ("\n" + tail(output) if output else ""))


class Lab:
    """One run of the harness: everything below WORK is gone afterwards, CACHE stays."""

    def __init__(self, work, cache, pikc):
        self.work, self.cache, self.pikc = work, cache, pikc
        self.fingerprint = repository.make(cache / "repository", ["1.36.4"], ["1.36.1"])
        make_stand_ins(work / "stand-ins")
        self.trees, self.lans = {}, 0
        self.machines = []

    def lan(self):
        self.lans += 1
        lan = Lan(self.work / f"lan-{self.lans}", self.cache / "root", self.cache / "repository")
        return lan

    def machine(self, lan, name, hardware=None):
        machine = Machine(lan, name, hardware or (PI4 if name == "node01" else PI3))
        self.machines.append(machine)
        return machine

    def clear(self):
        for machine in self.machines:
            machine.remove()
        self.machines = []

    # --- compiled trees ---------------------------------------------------------------------------------------------

    def tree(self, **settings):
        """The output tree of cluster.pik with these settings (see there), compiled once for each set."""
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
        values = {"worker-swap": "on", "control-swap": "off", **settings}
        spec = out.with_suffix(".pik")
        text = (HERE / "cluster.pik").read_text()
        for name, value in values.items():
            text = text.replace(f"@{name}@", value)
        spec.write_text(text)
        done = subprocess.run([str(self.pikc), "compile", str(spec), "-o", str(out), "--stdlib", str(self.library())],
                              capture_output=True, text=True, env={**os.environ, "PIKC_SECRET_WIFI": "correct horse battery"})
        must(done.returncode == 0, f"pikc compile ended with {done.returncode}", done.stdout + done.stderr)

    def library(self):
        """The standard library, with the fingerprint of the key that signs the stand-in repositories."""
        library = self.work / "stdlib"
        if not library.exists():
            library.mkdir()
        return library

    def bundle(self, node, **settings):
        return self.tree(**settings) / "nodes" / node
