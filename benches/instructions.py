#!/usr/bin/env python3
"""What pikc costs, in instructions: the same on a busy machine as on a quiet one. Fails if a bar is exceeded.

usage: benches/instructions.py [PIKC]

Needs valgrind. Bars are in millions, a little above what was measured last (docs/performance.md); a change that needs a
higher one says why and raises it. SHA-256 is counted as computed without the processor's own instructions for it, which valgrind
does not support.
"""

import os
import pathlib
import re
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests" / "readers"))
import large  # noqa: E402

HOME = str(ROOT / "examples" / "home-pi" / "cluster.pik")


def count(pikc, *words, status=0):
    """The instructions of one run, in millions; it has to end with this exit status."""
    with tempfile.TemporaryDirectory() as place:
        command = ["valgrind", "--tool=callgrind", f"--callgrind-out-file={place}/counts", pikc, *words]
        words = [word.replace("OUT", f"{place}/out") for word in command]
        # One thread: how two divide the work between them is chance.
        run = subprocess.run(words, capture_output=True, text=True, env=os.environ | {"RAYON_NUM_THREADS": "1"})
        found = re.search(r"refs:\s+([\d,]+)", run.stderr)
        if run.returncode != status or not found:
            sys.exit(f"{' '.join(words)}\nended with {run.returncode}: {run.stderr[-2000:]}")
        return int(found[1].replace(",", "")) / 1e6


def dry_run(pikc, spec):
    return count(pikc, "compile", spec, "--dry-run", "-o", "OUT")


def further(pikc):
    """What one more node of the same kind costs: the difference between 200 and 100 of them."""
    with tempfile.TemporaryDirectory() as place:
        costs = []
        for nodes in (100, 200):
            spec = pathlib.Path(place) / f"{nodes}.pik"
            spec.write_text(large.spec(nodes))
            costs.append(dry_run(pikc, str(spec)))
        return (costs[1] - costs[0]) / 100


def check(pikc, text, status=0):
    with tempfile.TemporaryDirectory() as place:
        spec = pathlib.Path(place) / "cluster.pik"
        spec.write_text(text)
        return count(pikc, "check", str(spec), status=status)


def half_typed(text):
    """The same with a setting in the middle that has no value yet."""
    middle = text.index("  role ", len(text) // 2)
    return f"{text[:middle]}  swap = \n{text[middle:]}"


def main():
    pikc = sys.argv[1] if len(sys.argv) > 1 else str(ROOT / "target" / "release" / "pikc")
    work = [
        ("`pikc --version`", 1.0, lambda: count(pikc, "--version")),
        ("`check`, 4 nodes", 6.5, lambda: count(pikc, "check", HOME)),
        ("`check`, 1,000 lines", 25, lambda: check(pikc, large.lines(1000))),
        ("`check`, 10,000 lines", 195, lambda: check(pikc, large.lines(10000))),
        ("the same with a setting without a value", 255, lambda: check(pikc, half_typed(large.lines(10000)), status=1)),
        ("`compile --dry-run`, 4 nodes", 42, lambda: dry_run(pikc, HOME)),
        ("each further node", 0.3, lambda: further(pikc)),
    ]
    failed = 0
    print("| work | instructions, in millions | bar |\n|---|---|---|")
    for name, bar, measure in work:
        cost = measure()
        failed += cost > bar
        print(f"| {name} | {cost:.2f}{' TOO MANY' if cost > bar else ''} | {bar} |")
    print(f"{len(work) - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
