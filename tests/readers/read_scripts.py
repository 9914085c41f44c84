"""Reads every shell script as bash does (`bash -n`) and as shellcheck does at its strictest, following `source`."""

import subprocess

NAME = "scripts"


def read(tree):
    scripts = tree.files("classes/**/*.sh", "nodes/**/*.sh")
    tree.count(NAME, len(scripts))
    for path in scripts:
        done = subprocess.run(["bash", "-n", str(path)], capture_output=True, text=True, check=False)
        if done.returncode:
            tree.problem(NAME, path, f"bash -n: {done.stderr.strip()}")
        if not path.read_text().endswith("\n"):
            tree.problem(NAME, path, "does not end in a newline")
    # One call for each class: shellcheck is quick once it runs.
    for folder in sorted({path.parents[len(path.relative_to(tree.root).parts) - 3] for path in scripts}):
        mine = [str(p) for p in scripts if folder in p.parents]
        done = subprocess.run(["shellcheck", "-x", "-S", "style", "--format", "gcc", *mine], capture_output=True, text=True, check=False)
        for line in done.stdout.splitlines() + done.stderr.splitlines():
            tree.problem(NAME, folder, f"shellcheck: {line.replace(str(tree.root) + '/', '')}")
        if done.returncode and not (done.stdout or done.stderr):
            tree.problem(NAME, folder, f"shellcheck ended with {done.returncode}")
