"""An output tree as a reader sees it: its nodes, its files, the release it is for, and the problems found so far."""

import json
import os
import pathlib
import re


class Tree:
    def __init__(self, root):
        self.root = pathlib.Path(root)
        self.problems = []
        self.read = {}  # reader -> how many things it read: none is a problem, too
        self.said = []

    def problem(self, reader, path, sentence):
        self.problems.append(f"{reader}: {self.name(path)}: {sentence}")

    def name(self, path):
        try:
            return str(pathlib.Path(path).relative_to(self.root))
        except ValueError:
            return str(path)

    def count(self, reader, number=1):
        self.read[reader] = self.read.get(reader, 0) + number

    def say(self, sentence):
        if sentence not in self.said:
            self.said.append(sentence)

    @property
    def nodes(self):
        return sorted(p for p in (self.root / "nodes").glob("*") if p.is_dir())

    @property
    def classes(self):
        return sorted(p for p in (self.root / "classes").glob("*") if p.is_dir())

    def files(self, *patterns):
        """Real files (no links: the target of one is read where it is) that match a pattern, each once."""
        found = set()
        for pattern in patterns:
            found |= {p for p in self.root.glob(pattern) if p.is_file() and not p.is_symlink()}
        return sorted(found)

    def bundle(self, node):
        """What a node's folder is when links are followed, as `scp -r` copies it: {path: real place}."""
        found = {}
        for folder, _, names in os.walk(node, followlinks=True):
            for name in names:
                place = pathlib.Path(folder, name)
                if place.exists():
                    found[str(place.relative_to(node))] = place
        return found

    @property
    def manifest(self):
        path = self.root / "pikc.json"
        return json.loads(path.read_text()) if path.exists() else {}

    @property
    def kubernetes(self):
        """The Kubernetes version (x, y, z) of this tree, from the first kubeadm document that names it."""
        for path in self.files("nodes/*/kubeadm.yaml"):
            found = re.search(r"(?m)^kubernetesVersion: \"?v(\d+)\.(\d+)\.(\d+)", path.read_text())
            if found:
                return tuple(map(int, found.groups()))
        return None


def rows_of(path):
    """The rows of a *.list file: (sha256, mode, owner, path)."""
    for number, line in enumerate(path.read_text().splitlines(), 1):
        found = re.fullmatch(r"([0-9a-f]{64})  ([0-7]{4})  ([a-z_][-a-z0-9_]*:[a-z_][-a-z0-9_]*)  (\S.*)", line)
        yield (number, *found.groups()) if found else (number, None, None, None, line)
