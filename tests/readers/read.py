#!/usr/bin/env python3
"""Reads compiled trees with readers that are independent of pikc; prints each problem; status 1 if there is any.

usage: read.py TREE...                      every reader over each tree
       read.py --diagnostics PIKC SPEC...   what `PIKC check --format json` prints on these specs and on broken ones
"""

import sys

sys.dont_write_bytecode = True

import read_cloud_init  # noqa: E402
import read_diagnostics  # noqa: E402
import read_kubeadm  # noqa: E402
import read_lists  # noqa: E402
import read_manifests  # noqa: E402
import read_network  # noqa: E402
import read_operator  # noqa: E402
import read_overlay  # noqa: E402
import read_programs  # noqa: E402
import read_scripts  # noqa: E402
import read_settings  # noqa: E402
import read_values  # noqa: E402
import read_yaml  # noqa: E402
from tree import Tree  # noqa: E402

READERS = (read_scripts, read_yaml, read_kubeadm, read_manifests, read_network, read_lists, read_cloud_init, read_programs)
# These are in some trees only.
MORE = (read_operator, read_overlay, read_settings, read_values)


def read(root):
    tree = Tree(root)
    for reader in MORE:
        reader.read(tree)
    for reader in READERS:
        before = len(tree.problems)
        reader.read(tree)
        if not tree.read.get(reader.NAME) and len(tree.problems) == before:
            tree.problem(reader.NAME, tree.root, "found nothing to read")
    return tree


def main(words):
    if words[:1] == ["--diagnostics"]:
        count, problems = read_diagnostics.read_all(words[1], words[2:])
        print(f"diagnostics: {count} reports read")
    else:
        problems = []
        for root in words:
            tree = read(root)
            print(f"{root}: " + ", ".join(f"{count} {name}" for name, count in tree.read.items()))
            for sentence in tree.said:
                print(f"  note: {sentence}")
            problems += tree.problems
    for problem in problems:
        print(f"  {problem}")
    return 1 if problems or not words else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
