"""Recomputes the content of pikc.json and the *.list files: every file, its hash, size and mode, and nothing else."""

import hashlib
import json
import os
import pathlib
import stat

import jsonschema

from tree import rows_of

NAME = "lists"
SCHEMA = pathlib.Path(__file__).parent / "schemas" / "tree-manifest.json"


def read(tree):
    for node in tree.nodes:
        lists(tree, node)
    manifest(tree)


def lists(tree, node):
    """Each file of a bundle is listed once, in path order, with its true hash; the lists themselves are not."""
    bundle = {path: place for path, place in tree.bundle(node).items()}
    seen = {}
    for name in ("class.list", "node.list"):
        if name not in bundle:
            tree.problem(NAME, node, f"has no {name}")
            continue
        paths = []
        for number, digest, mode, owner, path in rows_of(bundle[name]):
            where = f"{tree.name(node)}/{name}:{number}"
            if digest is None:
                tree.problem(NAME, where, f"is not a row: {path!r}")
                continue
            tree.count(NAME)
            paths.append(path)
            if path in seen:
                tree.problem(NAME, where, f"{path} is listed in {seen[path]}, too")
            seen[path] = name
            if path not in bundle:
                tree.problem(NAME, where, f"lists {path}, which is not there")
            elif hashlib.sha256(bundle[path].read_bytes()).hexdigest() != digest:
                tree.problem(NAME, where, f"{path} has a different hash")
            if path.endswith(".sh") and not path.startswith(("common", "files")) and mode not in ("0755", "0700", "0644"):
                tree.problem(NAME, where, f"{path} has mode {mode}")
        if paths != sorted(paths):
            tree.problem(NAME, f"{tree.name(node)}/{name}", "is not sorted by path")
    # `verify.sh` is handed to run.sh on standard input and stays on the operator's computer.
    for path in sorted(set(bundle) - set(seen) - {"class.list", "node.list", "verify.sh"}):
        # cloud-init and boot carry the bundle; they are not part of what run.sh reads.
        if not path.startswith(("cloud-init/", "boot/")):
            tree.problem(NAME, node, f"{path} is in no list")
    overlay = [p.split("/", 1)[1] for p in bundle if p.startswith(("files/", "common/"))]
    for path in sorted({p for p in overlay if overlay.count(p) > 1}):
        tree.problem(NAME, node, f"/{path} is both from the class and from the node")


def flat(tree, path, content, known):
    """The target of each link is listed, so that a carrier can copy a node's folder without links."""
    for name, row in known.items():
        if "target" not in row:
            continue
        place = os.path.normpath(os.path.join(os.path.dirname(name), row["target"]))
        below = sorted(p for p in known if (p == place or p.startswith(place + "/")) and "target" not in known[p])
        if sorted(content.get("flat", {}).get(place, [])) != below:
            tree.problem(NAME, path, f"flat does not list the files of {name}")


def outside(tree, path, content):
    """Every package source is among the external addresses."""
    said = [entry["url"] for entry in content.get("outside", [])]
    for source in tree.files("**/*.sources", "**/*.repo"):
        for line in source.read_text().splitlines():
            key, _, value = line.partition("=" if source.suffix == ".repo" else ":")
            for address in value.split() if key in ("URIs", "baseurl") else []:
                if not any(url.startswith(address) or address.startswith(url) for url in said):
                    tree.problem(NAME, source, f"uses {address}, which pikc.json does not list among the external addresses")


def manifest(tree):
    path = tree.root / "pikc.json"
    if not path.exists():
        tree.problem(NAME, path, "is missing")
        return
    content = json.loads(path.read_text())
    for problem in jsonschema.Draft7Validator(json.loads(SCHEMA.read_text())).iter_errors(content):
        tree.problem(NAME, path, f"{'.'.join(map(str, problem.absolute_path)) or 'document'}: {problem.message}")
    rows = content.get("files", [])
    known = {row["path"]: row for row in rows}
    if len(known) != len(rows):
        tree.problem(NAME, path, "names a path twice")
    if list(known) not in (sorted(known), sorted(known, key=lambda p: p.split("/"))):
        tree.problem(NAME, path, "is not sorted by path")
    flat(tree, path, content, known)
    outside(tree, path, content)
    there = {str(p.relative_to(tree.root)) for p in tree.root.rglob("*") if p.is_symlink() or p.is_file()}
    there = {p for p in there if p != "pikc.json" and not p.startswith(".pikc/")}
    for name in sorted(there ^ set(known)):
        tree.problem(NAME, path, f"{'does not list' if name in there else 'lists, and there is no'} {name}")
    for name in sorted(there & set(known)):
        row, place = known[name], tree.root / name
        tree.count(NAME)
        if place.is_symlink():
            if row.get("target") != str(place.readlink()):
                tree.problem(NAME, place, f"leads to {place.readlink()}, but pikc.json says {row.get('target')}")
            if not place.exists():
                tree.problem(NAME, place, "leads nowhere")
            continue
        data = place.read_bytes()
        if hashlib.sha256(data).hexdigest() != row.get("sha256"):
            tree.problem(NAME, place, "has a different hash than in pikc.json")
        if len(data) != row.get("size"):
            tree.problem(NAME, place, f"has {len(data)} bytes, but pikc.json says {row.get('size')}")
        mode = f"{stat.S_IMODE(place.stat().st_mode):04o}"
        if mode != row.get("mode"):
            tree.problem(NAME, place, f"has mode {mode}, but pikc.json says {row.get('mode')}")
