#!/usr/bin/env python3
"""What each overlay changes in upstream's objects, against the tables of tests/cni/overlays.md: nothing else, and nothing less.

usage: overlays.py PIKC

The stand-ins of upstream's files (upstream/) hold the objects, containers, variables and probes that the overlays touch. PIKC_BLESS=1
prints rows that the page lacks; a developer checks them against upstream's manifest and adds a reason.
"""

import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True

import read_overlay  # noqa: E402
from read_yaml import documents  # noqa: E402
from tree import Tree  # noqa: E402

PROJECT = pathlib.Path(__file__).parents[2]
PAGE = PROJECT / "tests/cni/overlays.md"
NOTHING = "–"


def name_of(items):
    """The key that identifies every item of a list, if there is one."""
    keys = (key for key in ("name", "type") if items and all(isinstance(item, dict) and key in item for item in items))
    return next(keys, None)


def flat(value, path=""):
    """Every leaf by its path; items of a list by their names if they have any."""
    if isinstance(value, dict) and value:
        for key, inner in value.items():
            yield from flat(inner, f"{path}.{key}" if path else key)
    elif isinstance(value, list) and (called := name_of(value)):
        for item in value:
            rest = {key: inner for key, inner in item.items() if key != called}
            yield from flat(rest, f"{path}[{item[called]}]")
    elif isinstance(value, str) and value.lstrip().startswith("{"):
        # Upstream leaves placeholders that its own program fills.
        yield from flat(json.loads(re.sub(r"(?<!\")__\w+__", '"\\g<0>"', value)), path)
    else:
        yield path, str(value)


def leaves(objects):
    found = {}
    for one in objects:
        name = f"{one['kind']}/{one['metadata']['name']}"
        for path, value in flat({key: inner for key, inner in one.items() if key not in ("apiVersion", "kind")}):
            found[name, path.replace("spec.template.spec.", "")] = value
    return found


def both(text):
    """The same cluster with addresses of both families."""
    second = "ipv6 { lan = fd5c:1a2b:3c4d:11::/64, pods = fd5c:1a2b:3c4d:100::/56, services = fd5c:1a2b:3c4d:200::/112 }"
    text = text.replace("dns     = [192.168.11.1]\n", f"dns     = [192.168.11.1]\n    {second}\n")
    return text.replace("address = 192.168.11.10\n", "address = 192.168.11.10\n  address-ipv6 = fd5c:1a2b:3c4d:11::10\n")


def changed(pikc, title, cni, folder):
    """The leaves that differ between upstream's objects and the result of the overlay, as rows without a reason."""
    spec = folder / "cluster.pik"
    text = (PROJECT / "tests/specs/one-worker.pik").read_text().replace("cni flannel {}", cni)
    text = re.sub(r"node worker.*", "", text, flags=re.S)
    text = both(text) if title.endswith("dual stack") else text
    spec.write_text(text)
    done = subprocess.run([pikc, "compile", str(spec), "-o", str(folder / "out")], capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"overlays.py: {cni}: {done.stderr}")
    tree = Tree(folder / "out")
    path = tree.files("cluster/cni/*/kustomization.yaml")[0]
    after = read_overlay.build(tree, path)
    if after is None or tree.problems:
        sys.exit(f"overlays.py: {cni}: {tree.problems}")
    files = [line.split("  ")[1] for line in (path.parent / "upstream.list").read_text().splitlines() if not line.startswith("#")]
    old = leaves([d for file in files for d in documents(read_overlay.STANDINS / file)])
    new = leaves(after)
    return {(*key, old.get(key, NOTHING), new.get(key, NOTHING)) for key in {*old, *new} if old.get(key) != new.get(key)}


def tables():
    """The page: each CNI block with its rows (object, what, upstream's, ours) and their reasons."""
    for part in re.split(r"^## ", PAGE.read_text(), flags=re.M)[1:]:
        block = re.search(r"^```\n(.*?)^```", part, flags=re.M | re.S).group(1).strip()
        rows = {}
        for line in part.splitlines():
            cells = [cell.strip().strip("`") for cell in line.strip("|").split("|")] if line.startswith("| ") else []
            if len(cells) == 5 and cells[0] not in ("object", "---"):
                rows[tuple(cells[:4])] = cells[4]
        yield part.splitlines()[0], block, rows


def main(pikc):
    passed = failed = 0
    for title, block, rows in tables():
        with tempfile.TemporaryDirectory() as folder:
            found = changed(pikc, title, block, pathlib.Path(folder))
        problems = [f"not in the table: | {' | '.join(f'`{cell}`' for cell in row)} |" for row in sorted(found - set(rows))]
        problems += [f"not changed: {row}" for row in sorted(set(rows) - found)]
        problems += [f"no reason: {row}" for row, why in sorted(rows.items()) if not why]
        for problem in problems:
            print(f"        {problem}")
        passed, failed = (passed, failed + 1) if problems or not rows else (passed + 1, failed)
        print(f"{'FAILED' if problems or not rows else 'ok    '}  the overlay of {title}: {len(rows)} rows")
    print(f"{passed} passed, {failed} failed")
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main(os.path.abspath(sys.argv[1])))
