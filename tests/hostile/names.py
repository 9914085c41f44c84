"""Hostile input outside the spec's text: its file name, the output folder's name, and the values of secrets."""

import pathlib

from formats import reader_of
from oracle import PASSPHRASE, RAW, crashed, failed, network_key, same, short
from oracle import Result
from strings import STRINGS, encode

MARK = "zqmarkqz"
SPEC = "every-setting.pik"


def file_name(text):
    """Whether a file system accepts it as one name."""
    return text not in ("", ".", "..") and "/" not in text and "\x00" not in text and len(encode(text)) < 200


def spec_name(runner, source, text):
    """The name is in the header of each file: unchanged, like any other name, or refused without printing anything raw."""
    def base():
        (runner.folder / f"{MARK}.pik").write_text(source)
        return runner.compile(f"{MARK}.pik")
    _, before = runner.base(("name",), base)
    name = encode(f"{text}.pik")
    place = bytes(runner.folder) + b"/" + name
    with open(place, "w") as file:
        file.write(source)
    try:
        done, tree = runner.compile(b"./" + name if text.startswith("-") else name)
    finally:
        pathlib.Path(place.decode("utf-8", "surrogateescape")).unlink()
    broken = crashed(done)
    if broken:
        return failed(f"compile {broken}")
    if done.returncode:
        return failed(f"exits with {done.returncode} and wrote {len(tree)} files") if tree else Result("refused")
    # It is in every file, in the same comment of each format: one file of each format is read.
    kinds = {}
    for path in sorted(before):
        if not isinstance(before[path], tuple):
            kinds.setdefault((reader_of(path), path.rsplit(".", 1)[-1]), path)
    some = set(kinds.values())
    wanted = {path: data for path, data in before.items() if path in some or isinstance(data, tuple)}
    if set(tree) != set(before):
        return failed(f"other files: {short(sorted(set(tree) ^ set(before))[:4])}")
    return same(wanted, {path: tree[path] for path in wanted}, [(MARK, text)])


def output_name(runner, source, text):
    """The folder's name comes out nowhere but on the terminal."""
    (runner.folder / SPEC).write_text(source)
    _, before = runner.base(("output",), lambda: runner.compile(SPEC))
    folder = encode(("./" if text.startswith("-") else "") + text).decode("utf-8", "surrogateescape")
    done, tree = runner.compile(SPEC, folder)
    again = runner.run("compile", SPEC, "-o", folder)
    compared = runner.run("diff", SPEC, "-o", folder)
    for broken in map(crashed, (done, again, compared)):
        if broken:
            return failed(f"compile {broken}")
    if done.returncode:
        return failed(f"exits with {done.returncode} and wrote {len(tree)} files") if tree else Result("refused")
    if tree != before:
        return failed(f"another tree: {short(sorted(k for k in tree if tree[k] != before.get(k))[:3])}")
    return Result("same")


def secret(name, specs):
    def attempt(runner, source, text):
        spec = pathlib.PurePath(specs).name
        (runner.folder / spec).write_text(source)
        _, before = runner.base(("secret", name), lambda: runner.compile(spec, secrets={f"PIKC_SECRET_{name}": MARK}))
        value = encode(text)
        done, tree = runner.compile(spec, secrets={f"PIKC_SECRET_{name}": value})
        broken = crashed(done)
        if broken:
            return failed(f"compile {broken}")
        said = (done.stderr + done.stdout).decode("utf-8", "replace")
        if len(text.strip()) >= 8 and text in said:
            return failed("the report prints the secret")
        if done.returncode:
            return failed(f"exits with {done.returncode} and wrote {len(tree)} files") if tree else Result("refused")
        if set(tree) < set(before):
            return Result("refused")  # left out, with a warning: an empty secret counts as missing
        pairs = [(MARK, text)]
        if name == "WIFI":
            pairs = [(network_key(MARK, ssid), network_key(text, ssid)) for ssid in ("home",)]
            if len(text) == 64 and all(c in "0123456789abcdefABCDEF" for c in text):
                pairs = [(pairs[0][0], text.lower())]
        return same(before, tree, pairs)
    return attempt


# (what the report calls it, the spec, what is tried, who can be tried)
PLACES = [
    ("the spec's file name", f"tests/specs/{SPEC}", spec_name, file_name),
    ("the output folder's name", f"tests/specs/{SPEC}", output_name, file_name),
    ("the value of secret:wifi", f"tests/specs/{SPEC}", secret("WIFI", SPEC), lambda t: "\x00" not in t and len(t) < 100_000),
    ("the value of secret:weave", "tests/specs/weave.pik", secret("WEAVE", "weave.pik"), lambda t: "\x00" not in t and len(t) < 100_000),
]
__all__ = ["PASSPHRASE", "PLACES", "RAW", "STRINGS"]
