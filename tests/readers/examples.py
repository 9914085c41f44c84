#!/usr/bin/env python3
"""Compiles every example that is supposed to compile and reads the tree; reads the JSON reports of all of them.

usage: examples.py PIKC

An example that does not compile must have its report in tests/golden/NAME/report.txt: then its errors are the point of it.
"""

import multiprocessing
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True

import read_diagnostics  # noqa: E402
from read import read  # noqa: E402

PROJECT = pathlib.Path(__file__).parents[2]
# Specs that are also read with one word changed: every network stack and swap mechanism passes its reader.
VARIANTS = [
    ("examples/home-pi/cluster.pik", "raspios-trixie", "raspios-bookworm"),
    ("examples/home-pi/cluster.pik", "raspios-trixie", "raspios-bullseye"),
    ("tests/specs/wired.pik", "raspios-trixie", "raspios-bookworm"),
    *(("examples/ubuntu-cloud/cluster.pik", "ubuntu-24.04", release)
      for release in ("debian-11", "debian-13", "ubuntu-26.04")),
    *(("examples/home-pi/cluster.pik", "raspios-trixie", release) for release in ("ubuntu-22.04", "ubuntu-26.04")),
    ("tests/specs/wired.pik", "runtime crio {}", "runtime containerd {}"),
    ("tests/specs/rhel.pik", "runtime crio {}", "runtime containerd { source = upstream }"),
    ("examples/home-pi/cluster.pik", "cni flannel { backend = vxlan }", "cni calico { }"),
    ("tests/specs/wired.pik", "cni flannel { backend = host-gw }",
     "cni calico { backend = bgp, typha = on, nftables = on, block-size = 25 }\n  proxy { mode = nftables }\n"
     "  mirror { images = \"mirror.example:5000/images\" }"),
    ("examples/home-pi/cluster.pik", "cni flannel { backend = vxlan }", "cni calico { ebpf = on, typha = on }\n  proxy { disabled = on }"),
    ("examples/home-pi/cluster.pik", "cni flannel { backend = vxlan }", "cni calico { install = operator }"),
    ("tests/specs/wired.pik", "cni flannel { backend = host-gw }", "cni calico { install = operator, backend = bgp, encryption = on }"),
    ("examples/home-pi/cluster.pik", "cni flannel { backend = vxlan }", "cni cilium { }"),
    *(("tests/specs/dual-stack.pik", "raspios-trixie", release) for release in ("raspios-bookworm", "ubuntu-24.04")),
    ("tests/specs/dual-stack.pik", "cni calico {}", "cni cilium { backend = native }"),
    ("tests/specs/dual-stack.pik", "cni calico {}", "cni calico { install = operator, encryption = on }"),
    ("tests/specs/dual-stack.pik", "cni calico {}", "cni flannel { backend = wireguard }"),
    ("tests/specs/wired.pik", "cni flannel { backend = host-gw }",
     "cni calico { backend = bgp }\n  bgp { peer left { address = 192.168.11.99, as-number = 64513, nodes = [server] } }"),
    ("examples/home-pi/cluster.pik", "cni flannel { backend = vxlan }", "cni weave { }"),
    ("tests/specs/wired.pik", "cni flannel { backend = host-gw }",
     "cni weave { backend = sleeve, network-policy = off }\n  mirror { images = \"mirror.example:5000/images\" }"),
    ("examples/home-pi/cluster.pik", "cni flannel { backend = vxlan }", "cni none { }"),
]


# Two hundred machines of five classes differ in their addresses: some of each are read here, and the suite `big` reads thousands.
SMALLER = {"examples/office/cluster.pik": (
    ("r1-[001-097]", "r1-[001-003]"), ("10.1.0.101..10.1.0.197", "10.1.0.101..10.1.0.103"),
    ("r2-[001-100]", "r2-[001-003]"), ("10.2.0.101..10.2.0.200", "10.2.0.101..10.2.0.103"))}


def smaller(spec, folder):
    """The spec, or a copy with fewer machines in `folder`, together with the files next to it."""
    changes = SMALLER.get(str(spec.relative_to(PROJECT)))
    if not changes:
        return spec
    copy = pathlib.Path(folder, "smaller", spec.parent.name)
    shutil.copytree(spec.parent, copy)
    text = spec.read_text()
    for old, new in changes:
        if old not in text:
            sys.exit(f"examples.py: {spec} does not contain {old}")
        text = text.replace(old, new)
    (copy / spec.name).write_text(text)
    return copy / spec.name


def variants(folder):
    """The changed specs, written into `folder`, together with the files next to them."""
    for number, (path, old, new) in enumerate(VARIANTS):
        text = (PROJECT / path).read_text()
        if old not in text:
            sys.exit(f"examples.py: {path} does not contain {old}")
        short = "".join(c if c.isalnum() else "-" for c in new)[:30]
        place = pathlib.Path(folder, f"variant-{number}", f"{pathlib.Path(path).stem}-{short}.pik")
        place.parent.mkdir()
        place.write_text(text.replace(old, new))
        yield place


def one(work):
    """Whether a spec's tree passes every reader, and the lines to print about it."""
    pikc, spec, out = work
    name = str(spec.relative_to(PROJECT)) if spec.is_relative_to(PROJECT) else spec.name
    done = subprocess.run([pikc, "compile", str(spec), "-o", str(out), "--seed-images"], capture_output=True, text=True, check=False,
                          env={**os.environ, "PIKC_SECRET_WIFI": "correct horse battery staple",
                               "PIKC_SECRET_WEAVE": "correct horse battery staple",
                               "PIKC_SECRET_REGISTRY": "ops:correct horse"})
    if done.returncode == 1 and (PROJECT / "tests/golden" / spec.parent.name / "report.txt").exists():
        return True, [f"ok      {name} is refused, as its golden report says"]
    if done.returncode:
        return False, [f"        compile ended with {done.returncode}: {done.stderr.strip()[-2000:]}", f"FAILED  {name}"]
    tree = read(out)
    lines = [f"        {name}: " + ", ".join(f"{count} {reader}" for reader, count in tree.read.items())]
    lines += [f"        note: {sentence}" for sentence in tree.said]
    lines += [f"        {problem}" for problem in tree.problems[:60]]
    return not tree.problems, [*lines, f"{'FAILED' if tree.problems else 'ok    '}  {name}"]


def vendored(pikc, folder):
    """Whether the script that fetches upstream's files passes shellcheck."""
    made = subprocess.run([pikc, "vendor", str(PROJECT / "tests/specs/calico.pik"), "--into", str(folder / "away")], capture_output=True, text=True, check=False)
    done = subprocess.run(["shellcheck", "-x", "-S", "style", str(folder / "away/fetch.sh")], capture_output=True, text=True, check=False)
    if made.returncode or done.returncode:
        return False, [f"        {made.stderr}{done.stdout}", "FAILED  pikc vendor"]
    return True, ["ok      pikc vendor: 1 script"]


def main(pikc):
    passed = failed = 0
    specs = sorted([*PROJECT.glob("examples/*/*.pik"), *PROJECT.glob("tests/specs/*.pik")])
    # Not the files that others `use`, and not those that a test has to fill in.
    specs = [s for s in specs if "\ncluster " in "\n" + s.read_text() and "MACHINE" not in s.read_text()]
    if not specs:
        print("FAILED  there is no example")
        failed += 1
    with tempfile.TemporaryDirectory() as folder, multiprocessing.Pool(os.cpu_count()) as pool:
        work = [(pikc, spec, pathlib.Path(folder, f"out-{number}")) for number, spec in enumerate([*(smaller(s, folder) for s in specs), *variants(folder)])]
        for good, lines in pool.imap(one, work):
            print("\n".join(lines), flush=True)
            passed, failed = (passed + 1, failed) if good else (passed, failed + 1)
        good, lines = vendored(pikc, pathlib.Path(folder))
        print("\n".join(lines), flush=True)
        passed, failed = (passed + 1, failed) if good else (passed, failed + 1)
    count, problems = read_diagnostics.read_all(pikc, specs)
    for problem in problems:
        print(f"        {problem}")
    passed, failed = (passed, failed + 1) if problems else (passed + 1, failed)
    print(f"{'FAILED' if problems else 'ok    '}  {count} reports of pikc check --format json")
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
