"""One hostile string in one place: refused with a report about that place, or unchanged in every file."""

import collections
import dataclasses
import hashlib
import json
import os
import pathlib
import re
import shutil
import subprocess

import expect
import formats
from pik import escaped, quoted
from places import with_values
from strings import encode
from unreadable import Unreadable

PASSPHRASE = "correct horse battery"
ENCRYPTION_KEY = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="
PRIVATE_KEY = "-----BEGIN PRIVATE KEY-----\nMDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=\n-----END PRIVATE KEY-----\n"
BARE = re.compile(r"[A-Za-z0-9./:_@%+*~!&()<>?^|-]+|[^\x00-\x7f]+")
RAW = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]")
LIMIT = 60  # seconds


@dataclasses.dataclass
class Result:
    verdict: str  # refused, same, FAILED
    detail: str = ""
    read: collections.Counter = dataclasses.field(default_factory=collections.Counter)


def failed(sentence):
    return Result("FAILED", sentence)


def short(value, length=160):
    text = value if isinstance(value, str) else ascii(value)
    text = text if text.isprintable() else ascii(text)
    return text if len(text) <= length else f"{text[:length]}... ({len(text)} characters)"


def network_key(passphrase, ssid):
    """The key that a passphrase becomes in a network file (WPA2)."""
    return hashlib.pbkdf2_hmac("sha1", passphrase.encode("utf-8", "surrogatepass"), ssid.encode("utf-8", "surrogatepass"), 4096, 32).hex()


def replaced(value, pairs):
    """A structure in which the marker is replaced by the other value in each text."""
    if isinstance(value, str):
        for old, new in pairs:
            value = value.replace(old, new)
        return value
    if isinstance(value, list):
        return [replaced(one, pairs) for one in value]
    if isinstance(value, tuple):
        return tuple(replaced(one, pairs) for one in value)
    if isinstance(value, dict):
        return {replaced(k, pairs): replaced(v, pairs) for k, v in value.items()}
    return value


def differs(wanted, found, where=""):
    """The first difference between two structures, with both readings."""
    if type(wanted) is type(found):
        if isinstance(wanted, dict) and set(wanted) == set(found):
            return next((d for k in wanted if (d := differs(wanted[k], found[k], f"{where}/{short(k, 30)}"))), None)
        if isinstance(wanted, (list, tuple)) and len(wanted) == len(found):
            return next((d for n, (a, b) in enumerate(zip(wanted, found)) if (d := differs(a, b, f"{where}/{n}"))), None)
        if wanted == found:
            return None
    return f"{where or '/'}: expected {short(wanted)}, read {short(found)}"


class Runner:
    """Runs the program in a folder of its own, and caches the trees compiled with markers."""

    def __init__(self, pikc, folder):
        self.pikc, self.folder, self.bases = pikc, pathlib.Path(folder), {}
        self.secrets = {"PIKC_SECRET_WIFI": PASSPHRASE, "PIKC_SECRET_WEAVE": PASSPHRASE,
                        "PIKC_SECRET_ETCD_KEY": ENCRYPTION_KEY, "PIKC_SECRET_ETCD_CLIENT": PRIVATE_KEY,
                        "PIKC_SECRET_REGISTRY": "ops:correct horse"}

    def run(self, *arguments, secrets=None):
        env = {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", **self.secrets, **(secrets or {})}
        return subprocess.run([self.pikc, *arguments], capture_output=True, env=env, cwd=self.folder, timeout=LIMIT, check=False)

    def compile(self, spec, out="out", secrets=None):
        """(the run, {path: bytes or ("link", where to)})"""
        shutil.rmtree(self.folder / out, ignore_errors=True)
        done = self.run("compile", spec, "-o", out, secrets=secrets)
        tree = {}
        for place in (self.folder / out).rglob("*"):
            name = str(place.relative_to(self.folder / out))
            if place.is_symlink():
                tree[name] = ("link", os.readlink(place))
            elif place.is_file():
                tree[name] = place.read_bytes()
        return done, tree

    def base(self, key, make):
        if key not in self.bases:
            self.bases[key] = make()
        return self.bases[key]


def crashed(done, json_report=False):
    """What a run must never end with, whatever its input. Text for people has nothing that moves the cursor or reverses a line."""
    said = done.stderr.decode("utf-8", "replace") + ("" if json_report else done.stdout.decode("utf-8", "replace"))
    if done.returncode not in (0, 1, 2, 3):
        return f"exits with {done.returncode}: {short(said, 300)}"
    for words in ("internal error", "panicked", "the standard library has a mistake", "this is a bug"):
        if words in said:
            return f"says `{words}`: {short(said[max(0, said.index(words) - 100):], 300)}"
    found = RAW.search(said)
    if found:
        return f"prints a raw U+{ord(found[0]):04X}: {short(said[max(0, found.start() - 60):found.start() + 60])}"
    return None


def refused(done, spec, lines):
    """Whether an error is about one of these lines of the spec; otherwise a sentence."""
    try:
        found = json.loads(done.stdout)["diagnostics"]
    except (ValueError, KeyError):
        return f"no report: {short(done.stderr.decode('utf-8', 'replace'), 300)}"
    errors = [d for d in found if d["severity"] == "error"]
    if not errors:
        return f"exits with 1 and reports no error: {short(done.stderr.decode('utf-8', 'replace'), 300)}"
    for error in errors:
        for place in [error, *error["labels"]]:
            if place.get("file") == spec and place.get("range"):
                if any(place["range"]["start"]["line"] <= line <= place["range"]["end"]["line"] for line in lines):
                    return None
    return "no error is about the setting: " + short("; ".join(f"{e['code']} {e['file']}:{(e['range'] or {}).get('start', {}).get('line')} "
                                                               f"{e['message']}" for e in errors), 300)


def each(value, change):
    """A structure with every text in it changed."""
    if isinstance(value, str):
        return change(value)
    if isinstance(value, dict):
        return {each(k, change): each(v, change) for k, v in value.items()}
    return [each(one, change) for one in value] if isinstance(value, list) else value


def squashed(value):
    """White space collapsed, as on a rendered page."""
    return each(value, lambda text: " ".join(text.split()))


# What means the same to a reader of this type: names in capitals, blanks between the words of a key and after it, also in a list.
MEANS = {
    "host": str.lower, "certificate-name": str.lower, "endpoint": str.lower, "url": str.lower, "proxy-url": str.lower, "proxy-exemption": str.lower,
    "overlay": lambda text: text.partition(",")[0],  # a script has the name alone, which is a file's
    "ssh-key": lambda text: re.sub(r" (?=[],])", "", re.sub(r"[ \t]+", " ", text)).strip(" "),
}


def same(base, tree, pairs, means=None):
    """Compares the two trees, file by file, with the readers of their formats; `means` reduces a text to what counts."""
    read = collections.Counter()
    wanted = {replaced(path, pairs): path for path in base}
    if set(wanted) != set(tree):
        return Result("FAILED", f"other files: {short(sorted(set(wanted) ^ set(tree))[:4], 300)}", read)
    marks = [old.encode() for old, _ in pairs]
    for path, before in sorted(wanted.items(), key=lambda row: (row[0].endswith(("user-data", "firstrun.sh", "pikc.json", "README.md")), row)):
        one, other = base[before], tree[path]
        if isinstance(other, tuple):
            if replaced(one, pairs) != other:
                return Result("FAILED", f"{path}: leads to {short(other[1])}", read)
            continue
        if one == other and not any(mark in one for mark in marks):
            continue
        title = formats.reader_of(before)[1]
        read[title] += 1
        try:
            first = formats.read(before, one)
        except Unreadable as problem:
            return Result("FAILED", f"{before}: the marker's own file cannot be read: {problem}", read)
        try:
            second = formats.read(path, other)
        except Unreadable as problem:
            return Result("FAILED", f"{short(path)}: {short(str(problem), 300)}", read)
        first = replaced(first, pairs)
        if title.startswith(("Markdown", "authorized_keys")):
            first, second = squashed(first), squashed(second)
        if means:
            first, second = each(first, means), each(second, means)
        wrong = first != second and differs(first, second)
        if wrong:
            return Result("FAILED", f"{short(path)}: {title}: {wrong}", read)
    return Result("same", "", read)


def readable(base, tree):
    """For a type with known values: every file that differs from the valid spec's can be read."""
    read = collections.Counter()
    for path, data in tree.items():
        if isinstance(data, tuple) or base.get(path) == data:
            continue
        read[formats.reader_of(path)[1]] += 1
        try:
            formats.read(path, data)
        except Unreadable as problem:
            return Result("FAILED", f"{short(path)}: {short(str(problem), 300)}", read)
    return Result("same", "", read)


def pairs_of(place, text, mark):
    """What is replaced by what: the value, and the Wi-Fi key derived from it."""
    found = [(mark, text)]
    if place.key == ("wifi", "ssid"):
        found.append((network_key(PASSPHRASE, mark), network_key(PASSPHRASE, text)))
    return found


def written(text, form):
    return {"string": quoted, "escapes": escaped, "bare": str}[form](text)


def forms(text, long):
    """How a string can be written: in quotes, in quotes with escapes only, as a bare word."""
    yield "string"
    if long or any(ord(c) < 32 and c not in "\n\t" or 0x7F <= ord(c) < 0xA0 for c in text[:100]):
        if len(text) < 1000 and not any(0xD800 <= ord(c) < 0xE000 for c in text):
            yield "escapes"
    if long and len(text) < 1000 and BARE.fullmatch(text):
        yield "bare"


def attempt(runner, place, source, text, form, wrap, must_refuse=False):
    """The verdict on one string in one place. `source` is the spec's text."""
    value = wrap[0] + text + wrap[1]
    spec = pathlib.PurePath(place.spec).name
    hostile = with_values(source, place.spans, written(value, form))
    (runner.folder / spec).write_bytes(encode(hostile))
    lines = {source.count("\n", 0, begin) + 1 for begin, _ in place.spans}
    if place.key == ("let", "(key)"):  # where the constant is used, it is missing
        lines = set(range(1, source.count("\n") + 2))
    elif place.type.name.startswith(("label", "key")):  # a mistake in a name can be reported where its block is used
        lines |= {line for line, words in enumerate(hostile.split("\n"), 1) if written(value, form) in words}
    done = runner.run("check", "--format", "json", spec)
    broken = crashed(done, json_report=True) or RAW.search(text) and crashed(runner.run("check", spec))
    if broken:
        return failed(f"check {broken}")
    let_in = expect.strict(place)
    if done.returncode == 1:
        wrong = refused(done, spec, lines)
        return failed(wrong) if wrong else Result("refused")
    if done.returncode:
        return failed(f"check exits with {done.returncode}: {short(done.stderr.decode('utf-8', 'replace'), 300)}")
    if must_refuse or let_in and not expect.sound(let_in, value):
        return failed("is accepted, but is not a valid value")
    made, tree = runner.compile(spec)
    broken = crashed(made)
    if broken:
        return failed(f"check finds nothing, but compile {broken}")
    if made.returncode:
        return failed(f"check finds nothing, but compile exits with {made.returncode}: {short(made.stderr.decode('utf-8', 'replace'), 300)}")
    if let_in:
        (runner.folder / spec).write_bytes(encode(source))
        return readable(runner.base((place.spec, "", ""), lambda: runner.compile(spec))[1], tree)
    mark = expect.marker(place) if wrap == ("", "") else expect.MARK
    sound, base = runner.base((place.spec, place.path, wrap), lambda: marked(runner, place, source, spec, wrap, mark))
    if sound.returncode:
        return failed(f"the marker {mark} itself is refused: {short(sound.stderr.decode('utf-8', 'replace'), 300)}")
    return same(base, tree, pairs_of(place, text, mark), MEANS.get(place.type.name))


def marked(runner, place, source, spec, wrap, mark):
    (runner.folder / spec).write_bytes(encode(with_values(source, place.spans, quoted(wrap[0] + mark + wrap[1]))))
    return runner.compile(spec)
