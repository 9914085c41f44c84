#!/usr/bin/env python3
"""Times `pikc check` on specs with very many blocks of one kind, correct and wrong ones, and prints a table.

usage: benches/blocks.py [PIKC] [--blocks N] [--most SECONDS]

PIKC is target/release/pikc unless given. Figures are seconds of processor time of the whole process, for N blocks (100,000) and for a
tenth of them; a kind that takes longer than --most (2), or more than 20 times as long as a tenth of it, ends the run with status 1.
"""

import argparse
import os
import pathlib
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
GOOD = (ROOT / "src" / "cli" / "init" / "minimal.pik").read_text()
CNI = "cni flannel { backend = vxlan }"
KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIExampleExampleExampleExampleExampleExampleE you@laptop"


def each(line, count, before="", after=""):
    return GOOD + before + "".join(line.format(i=i, j=i + 1) for i in range(count)) + after


def inside(lines, count):
    """The cluster with lines in it."""
    text = "".join(lines.format(i=i) for i in range(count))
    return GOOD.replace(CNI, CNI + "\n" + text)


KINDS = {
    "allow of a code that nothing reports": lambda n: each('allow node/little-left {{ reason = "r{i}" }}\n', n),
    "allow of an unknown code": lambda n: each('allow a/b{i} {{ reason = "r" }}\n', n),
    "setting, given again": lambda n: "profile p {\n" + "  swap = on\n" * n + "}\n",
    "allow": lambda n: each('allow swap/kubelet-refuses {{ reason = "r{i}" }}\n', n),
    "profile": lambda n: each("profile p{i} {{ swap = off }}\n", n),
    "profile, each naming the next": lambda n: each("profile p{i} {{ profile = p{j} }}\n", n),
    "profile, each naming the next twice": lambda n: each("profile p{i} {{ profile = [p{j}, p{j}] }}\n", n),
    "profile, each naming one that is not there": lambda n: each("profile p{i} {{ profile = q{i} }}\n", n),
    "profiles of one node": lambda n: each(
        "profile p{i} {{ swap = off }}\n", n, after="node k { profile = [" + ", ".join(f"p{i}" for i in range(n)) + "] }\n"
    ),
    "cluster": lambda n: each("cluster c{i} {{ }}\n", n),
    "node": lambda n: each("node n{i} {{ }}\n", n),
    "node, all of one name": lambda n: each("node n {{ }}\n", n),
    "node of one profile": lambda n: each("node n{i} {{ profile = x }}\n", n, before="profile x { role = worker }\n"),
    "let": lambda n: each("let {{ a{i} = 1 }}\n", n),
    "let, in one block": lambda n: each("a{i} = 1\n", n, before="let {\n", after="}\n"),
    "let, each naming the next": lambda n: each("a{i} = $a{j}\n", n, before="let {\n", after="}\n"),
    "let, in circles": lambda n: GOOD + "let {\n" + "".join(f"a{i} = $a{i ^ 1}\n" for i in range(n)) + "}\n",
    "use, in one list": lambda n: "use = [" + ", ".join(f'"u{i}.pik"' for i in range(n)) + "]\n" + GOOD,
    "use, a setting each": lambda n: each('use = ["u{i}.pik"]\n', n),
    "user": lambda n: each("user u{i} {{ }}\n", n, before="profile x {\n", after="}\n"),
    "user of a node": lambda n: each("user u{i} {{ }}\n", n, before="node x {\n", after="}\n"),
    "interface": lambda n: each("interface e{i} {{ }}\n", n, before="profile x {\n", after="}\n"),
    "label": lambda n: each('"l{i}" = a\n', n, before="node x { labels {\n", after="} }\n"),
    "taint": lambda n: each('"l{i}" = "a:NoSchedule"\n', n, before="node x { taints {\n", after="} }\n"),
    "sysctl": lambda n: each('"vm.l{i}" = "1"\n', n, before="node x { sysctls {\n", after="} }\n"),
    "policy": lambda n: inside("policy p{i} {{ }}\n", n),
    "policy, with one peer": lambda n: inside("policy p{i} {{ from {{ }} }}\n", n),
    "from": lambda n: inside("from {{ }}\n", n).replace(CNI, CNI + "\npolicy p {") + "}\n",
    "network": lambda n: inside("network {{ }}\n", n),
    "unknown block": lambda n: each("nod n{i} {{ }}\n", n),
    "unknown setting": lambda n: each("nod{i} = 1\n", n),
    "unknown constant": lambda n: each("user u{i} {{ shell = $q{i} }}\n", n, before="let { a = 1 }\nprofile x {\n", after="}\n"),
    "syntax error": lambda n: each("a = = {i}\n", n),
}


def seconds(pikc, folder, text):
    spec = folder / "spec.pik"
    spec.write_text(text)
    with open(os.devnull, "w") as nothing:
        process = subprocess.Popen([pikc, "check", spec], stdout=nothing, stderr=nothing)
        _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode not in (0, 1):
        sys.exit(f"exit status {process.returncode}")
    return usage.ru_utime + usage.ru_stime


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("pikc", nargs="?", default=ROOT / "target" / "release" / "pikc")
    parser.add_argument("--blocks", type=int, default=100_000)
    parser.add_argument("--most", type=float, default=2.0)
    given = parser.parse_args()
    slow = []
    print("| kind | a tenth | all |\n|---|---|---|")
    with tempfile.TemporaryDirectory() as folder:
        for name, make in KINDS.items():
            few = seconds(given.pikc, pathlib.Path(folder), make(given.blocks // 10))
            many = seconds(given.pikc, pathlib.Path(folder), make(given.blocks))
            print(f"| {name} | {few:.2f} | {many:.2f} |", flush=True)
            if many > given.most or many > 20 * max(few, 0.02):
                slow.append(name)
    if slow:
        sys.exit("too slow: " + "; ".join(slow))


if __name__ == "__main__":
    main()
