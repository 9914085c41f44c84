"""Reads every shell script as bash does (`bash -n`) and as shellcheck does at its strictest, following `source`.

Nearly all of shellcheck's time is the library of a thousand lines that each step sources. So a step is read with the part of it that
it can reach; where that leaves anything to say, it is read again with the whole library, and what is said then counts.
"""

import hashlib
import pathlib
import re
import subprocess
import tempfile

NAME = "scripts"
# What shellcheck does not read: comments, except those that are meant for it.
COMMENT = re.compile(r"(?m)^ *#(?! shellcheck )(?!!).*\n")
FUNCTION = re.compile(r"([a-z_]+)\(\) [{(]")
WORD = re.compile(r"[a-z_]+")
passed = set()  # digests of scripts, each with its part of the library: most trees have most of them


def read(tree):
    scripts = tree.files("classes/**/*.sh", "nodes/**/*.sh")
    tree.count(NAME, len(scripts))
    for path in scripts:
        done = subprocess.run(["bash", "-n", str(path)], capture_output=True, text=True, check=False)
        if done.returncode:
            tree.problem(NAME, path, f"bash -n: {done.stderr.strip()}")
        if not path.read_text().endswith("\n"):
            tree.problem(NAME, path, "does not end in a newline")
    for folder in sorted({path.parents[len(path.relative_to(tree.root).parts) - 3] for path in scripts}):
        mine = [p for p in scripts if folder in p.parents]
        for line in remarks(folder, mine):
            tree.problem(NAME, folder, f"shellcheck: {line.replace(str(tree.root) + '/', '')}")


def remarks(folder, scripts):
    """What shellcheck says about the scripts of a class's or node's folder: lines, none if it accepts them."""
    library = Library(folder / "lib.sh")
    parts = {}
    for path in scripts:
        text = COMMENT.sub("", path.read_text())
        part = library.part(text) if path != library.path else ""
        key = hashlib.sha256(f"{text}\0{part}".encode()).hexdigest()
        if key not in passed:
            parts[path] = (text, part, key)
    if not parts:
        return []
    with tempfile.TemporaryDirectory() as place:
        copies = []
        for number, (path, (text, part, _)) in enumerate(parts.items()):
            copy = pathlib.Path(place, str(number), path.relative_to(folder))
            copy.parent.mkdir(parents=True)
            if part:
                pathlib.Path(place, str(number), "lib.sh").write_text(part)
            copy.write_text(text)
            copies.append(copy)
        said = shellcheck(copies)
        if said:
            doubtful = [path for path, copy in zip(parts, copies) if any(line.startswith(f"{copy}:") for line in said)]
            found = shellcheck(doubtful or parts)
            if found:
                return found
    passed.update(key for _, _, key in parts.values())
    return []


def shellcheck(paths):
    """One call for all of them: shellcheck is fast once it runs."""
    done = subprocess.run(["shellcheck", "-x", "-S", "style", "--format", "gcc", *map(str, paths)], capture_output=True, text=True, check=False)
    lines = done.stdout.splitlines() + done.stderr.splitlines()
    return lines or ([f"ended with {done.returncode}"] if done.returncode else [])


class Library:
    """A lib.sh as its functions, by name, and the lines that are in none."""

    def __init__(self, path):
        self.path = path
        self.blocks = []  # (the function's name or None, its lines)
        begun, before = None, []  # what closes the function that has begun; comments for shellcheck that belong to what follows
        for line in COMMENT.sub("", path.read_text()).splitlines(keepends=True) if path.exists() else []:
            head = FUNCTION.match(line)
            if begun is None and line.startswith("#") and not line.startswith("#!"):
                before.append(line)
            elif begun is None:
                self.blocks.append((head and head.group(1), [*before, line]))
                before = []
                if head and not re.search(r"[})]( *#.*)?$", line.rstrip()):
                    begun = "}" if "{" in line else ")"
            else:
                self.blocks[-1][1].append(line)
                if line.startswith(begun):
                    begun = None

    def part(self, text):
        """The lines outside functions, and the functions that `text` or one of these mentions."""
        named = set(WORD.findall("".join(line for name, lines in self.blocks if not name for line in lines) + text))
        kept = set()
        while True:
            more = {n for n, _ in self.blocks if n in named} - kept
            if not more:
                return "".join(line for name, lines in self.blocks if not name or name in kept for line in lines)
            kept |= more
            named |= {word for name, lines in self.blocks if name in more for line in lines for word in WORD.findall(line)}
