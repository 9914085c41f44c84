"""Reads every shell script as bash does (`bash -n`) and as shellcheck does at its strictest, following `source`."""

import hashlib
import re
import subprocess

NAME = "scripts"
# What shellcheck does not read: comments, except those that are meant for it.
COMMENT = re.compile(r"(?m)^ *#(?! shellcheck )(?!!).*\n")
passed = set()  # digests of scripts, each with the library beside it: most trees have most of them


def read(tree):
    scripts = tree.files("classes/**/*.sh", "nodes/**/*.sh")
    tree.count(NAME, len(scripts))
    for path in scripts:
        done = subprocess.run(["bash", "-n", str(path)], capture_output=True, text=True, check=False)
        if done.returncode:
            tree.problem(NAME, path, f"bash -n: {done.stderr.strip()}")
        if not path.read_text().endswith("\n"):
            tree.problem(NAME, path, "does not end in a newline")
    # One call per class: shellcheck is fast once it runs.
    for folder in sorted({path.parents[len(path.relative_to(tree.root).parts) - 3] for path in scripts}):
        library = folder / "lib.sh"
        own = {p: digest(p, library) for p in scripts if folder in p.parents}
        mine = [str(p) for p in own if own[p] not in passed]
        if not mine:
            continue
        done = subprocess.run(["shellcheck", "-x", "-S", "style", "--format", "gcc", *mine], capture_output=True, text=True, check=False)
        for line in done.stdout.splitlines() + done.stderr.splitlines():
            tree.problem(NAME, folder, f"shellcheck: {line.replace(str(tree.root) + '/', '')}")
        if done.returncode and not (done.stdout or done.stderr):
            tree.problem(NAME, folder, f"shellcheck ended with {done.returncode}")
        if not done.returncode:
            passed.update(own.values())


def digest(path, library):
    texts = [COMMENT.sub("", p.read_text()) for p in (path, library) if p.exists()]
    return hashlib.sha256("\0".join(texts).encode()).hexdigest()
