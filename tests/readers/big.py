#!/usr/bin/env python3
"""Compiles a cluster of many nodes, twice, and recomputes every list of the tree.

usage: big.py PIKC NODES
"""

import os
import pathlib
import sys
import subprocess
import tempfile
import time

sys.dont_write_bytecode = True

import large  # noqa: E402
import read_lists  # noqa: E402
from tree import Tree  # noqa: E402


def main(pikc, nodes):
    failed = 0
    with tempfile.TemporaryDirectory() as folder:
        place, out = pathlib.Path(folder, "cluster.pik"), pathlib.Path(folder, "out")
        place.write_text(large.spec(nodes))
        for word in ("compiled", "compiled again"):
            begin = time.monotonic()
            done = subprocess.run([pikc, "compile", str(place), "-o", str(out)], capture_output=True, text=True, check=False,
                                  env=dict(os.environ))
            print(f"{nodes} nodes {word} in {time.monotonic() - begin:.1f} s")
            if done.returncode:
                print(done.stderr[-2000:])
                print("0 passed, 1 failed")
                return 1
        last = done.stdout.strip().splitlines()[-1:]
        if "nothing changed" not in " ".join(last).lower():
            print(f"FAILED  the second compile should say that nothing changed, and says {last}")
            failed += 1
        tree = Tree(out)
        if len(tree.nodes) != nodes:
            print(f"FAILED  {len(tree.nodes)} node folders")
            failed += 1
        read_lists.read(tree)
        for problem in tree.problems[:20]:
            print(f"FAILED  {problem}")
        failed += bool(tree.problems)
        print(f"{tree.read} recomputed; largest file {max(p.stat().st_size for p in out.rglob('*') if p.is_file())} bytes")
    print(f"{3 - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], int(sys.argv[2])))
