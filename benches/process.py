#!/usr/bin/env python3
"""Times whole runs of pikc, from the start of the process to its end, and prints the tables of docs/performance.md.

usage: benches/process.py [PIKC] [--nodes N,N,...] [--rounds N] [--place DIR]

PIKC is target/release/pikc unless given. Each figure is the median of several rounds; what is compared is measured in turn
within a round, so that a busy machine slows both. Memory is the largest resident set that the kernel counted.
"""

import argparse
import os
import pathlib
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

sys.dont_write_bytecode = True
ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests" / "readers"))

import large  # noqa: E402


def run(*command):
    """Seconds of wall time, seconds of processor time, and KiB of memory at most, of one process."""
    begin = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    problem = process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.perf_counter() - begin
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        sys.exit(f"{' '.join(map(str, command))}: exit status {process.returncode}\n{problem.decode()}")
    return wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss


def middle(rounds, which):
    return statistics.median(one[which] for one in rounds)


def cold(pikc, rounds):
    """A 4-node spec, checked by a new process; and for comparison a process that does nothing."""
    spec = str(ROOT / "examples" / "home-pi" / "cluster.pik")
    check, nothing = [], []
    for _ in range(rounds * 10):
        check.append(run(pikc, "check", spec))
        nothing.append(run("/bin/true"))
    print("| work | wall | processor | memory |")
    print("|---|---|---|---|")
    for name, times in (("`check`, 4 nodes", check), ("`/bin/true`, for comparison", nothing)):
        print(f"| {name} | {middle(times, 0) * 1000:.1f} ms | {middle(times, 1) * 1000:.1f} ms | {middle(times, 2) / 1024:.0f} MiB |")
    print()


def whole(pikc, nodes, rounds, place):
    """Everything but writing, writing, writing again, and a copy of the tree."""
    times = {name: [] for name in ("dry", "first", "again", "copy")}
    for _ in range(rounds):
        with tempfile.TemporaryDirectory(dir=place) as folder:
            spec, out, copy = (str(pathlib.Path(folder, name)) for name in ("cluster.pik", "out", "copy"))
            pathlib.Path(spec).write_text(large.spec(nodes))
            times["dry"].append(run(pikc, "compile", "--dry-run", spec, "-o", out))
            times["first"].append(run(pikc, "compile", spec, "-o", out))
            times["again"].append(run(pikc, "compile", spec, "-o", out))
            times["copy"].append(run("cp", "-r", out, copy))
            shutil.rmtree(copy)
    wall = {name: middle(all_rounds, 0) for name, all_rounds in times.items()}
    print(
        f"| {nodes:,} | {wall['dry'] * 1000:.0f} ms, {middle(times['dry'], 2) / 1024:.0f} MiB | {wall['first']:.2f} s"
        f" | {wall['again']:.2f} s | {wall['copy']:.2f} s | {wall['first'] / wall['copy']:.2f} | {wall['again'] / wall['first']:.2f} |",
        flush=True,
    )


def main():
    words = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    words.add_argument("pikc", nargs="?", default=str(ROOT / "target" / "release" / "pikc"))
    words.add_argument("--nodes", default="100,1000,10000")
    words.add_argument("--rounds", type=int, default=5)
    words.add_argument("--place", default=None)
    given = words.parse_args()
    cold(given.pikc, given.rounds)
    print("| nodes | `--dry-run` | first | again | `cp -r` | first : cp | again : first |")
    print("|---|---|---|---|---|---|---|")
    for nodes in given.nodes.split(","):
        whole(given.pikc, int(nodes), given.rounds, given.place)


if __name__ == "__main__":
    main()
