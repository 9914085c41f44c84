#!/usr/bin/env python3
"""Every setting x every hostile string: refused with a report about it, or unchanged as read by each format's real reader.

usage: hostile.py PIKC [--long] [--only WORDS] [--findings FILE]
  --long           every string, in every notation, in each spec that has the setting
  --only WORDS     settings and places whose names contain WORDS
  --findings FILE  also writes the failures to FILE, by setting
"""

import argparse
import collections
import multiprocessing
import os
import pathlib
import resource
import shutil
import sys
import tempfile
import time
import zlib

sys.dont_write_bytecode = True

import expect  # noqa: E402
import names  # noqa: E402
import oracle  # noqa: E402
from evil import evil  # noqa: E402
from places import places  # noqa: E402
from schema import schema  # noqa: E402
from strings import FEW, FEWEST, STRINGS  # noqa: E402

PROJECT = pathlib.Path(__file__).parents[2]
SPECS = ("tests/specs/*.pik", "tests/hostile/specs/*.pik")
BESIDE = [PROJECT / "tests/specs/upstream", PROJECT / "tests/specs/components", PROJECT / "tests/hostile/specs/kube-flannel.yml",
          PROJECT / "tests/hostile/specs/shared.pik"]
SHARED = "tests/hostile/specs/shared.pik"
SHOWN = 400  # failures to print
runner = None


def start(pikc, root):
    global runner
    folder = tempfile.mkdtemp(prefix="run-", dir=root)
    for path in BESIDE:
        (shutil.copytree if path.is_dir() else shutil.copy)(path, pathlib.Path(folder, path.name))
    runner = oracle.Runner(pikc, folder)


def specs():
    """{path: text} of the complete specs."""
    found = {str(p.relative_to(PROJECT)): p.read_text() for pattern in SPECS for p in sorted(PROJECT.glob(pattern))}
    return {path: text for path, text in found.items() if "MACHINE" not in text and path != SHARED}


def plan(texts, known, long):
    """[(place, [(class/name, string, form, wrap, must be refused)])], and the settings that no spec has."""
    every = [place for path, text in texts.items() for place in places(path, text, known)]
    there = {place.key for place in every}
    seen, work = collections.Counter(), []
    for place in every:
        knows = expect.strict(place) is not None
        nth = seen[place.key]
        seen[place.key] += 1
        if nth and not long:
            continue
        ways = expect.wraps(place)
        tries = []
        for kind, name, text in STRINGS:
            # All of them where a setting occurs first, and for texts also the second time; otherwise a few of each class.
            whole = long and nth <= (0 if knows else 1)
            if not whole and name not in (FEWEST if knows and not long else FEW):
                continue
            if not long and not its_turn(place.key, name):
                continue
            for wrap in ways if long else ways[-1:]:
                for form in oracle.forms(text, long and not knows and not nth):
                    tries.append((f"{kind}/{name}", text, form, wrap, False))
        if not nth:
            tries.extend(("evil", text, "string", ("", ""), True) for text in evil(place))
        work.append((place, tries))
    return work, sorted(set(known) - there)


def its_turn(key, name):
    """Whether the short run tries a string in a setting: each one in every second setting, always the same ones."""
    return zlib.crc32(f"{key} {name}".encode()) % 2 == 0


def one(task):
    place, tries, source = task
    found = []
    if not isinstance(place, str):
        for name, text, form, wrap, must_refuse in tries:
            try:
                found.append((name, text, form, wrap, oracle.attempt(runner, place, source, text, form, wrap, must_refuse)))
            except Exception as problem:  # noqa: BLE001  (a reader that crashes is a failure of that string, not of the suite)
                found.append((name, text, form, wrap, oracle.failed(f"the suite itself: {type(problem).__name__}: {problem}")))
        return found
    act = next(row[2] for row in names.PLACES if row[0] == place)
    for name, text, *_ in tries:
        try:
            found.append((name, text, "", ("", ""), act(runner, source, text)))
        except OSError as problem:
            found.append((name, text, "", ("", ""), oracle.failed(f"the suite itself: {problem}")))
    return found


class Report:
    def __init__(self):
        self.verdicts, self.read, self.settings = collections.Counter(), collections.Counter(), collections.Counter()
        self.failures = []

    def add(self, where, spec, path, found):
        for name, text, form, wrap, result in found:
            self.verdicts[result.verdict] += 1
            self.settings[where] += 1
            if result.verdict == "same":
                self.read.update(result.read)
            if result.verdict == "FAILED":
                self.failures.append((where, spec, path, name, text, form, wrap, result.detail))
                self.tell(spec, path, name, wrap[0] + text + wrap[1], form, result.detail)

    def tell(self, spec, path, name, text, form, detail):
        if len(self.failures) <= SHOWN:
            print(f"FAILED  {spec}: {path} = {oracle.short(text, 80)} ({name}, {form or 'as it is'})\n        {detail}", flush=True)
        elif len(self.failures) == SHOWN + 1:
            print("        further failures are only counted", flush=True)


def findings(report, path):
    """The failures by setting, for fixing them."""
    found = collections.defaultdict(list)
    for where, spec, place, name, text, form, wrap, detail in report.failures:
        found[where].append(f"  - `{oracle.short(wrap[0] + text + wrap[1], 60)}` ({name}, {pathlib.PurePath(spec).name}: {place}): {detail[:220]}")
    with open(path, "w") as file:
        for where in sorted(found):
            file.write(f"- **{where}** ({len(found[where])})\n" + "\n".join(found[where][:25]) + "\n")


def main():
    asked = argparse.ArgumentParser(usage=__doc__)
    asked.add_argument("pikc")
    asked.add_argument("--long", action="store_true")
    asked.add_argument("--only", default="")
    asked.add_argument("--findings")
    asked = asked.parse_args()
    begin, texts, known = time.monotonic(), specs(), schema()
    work, missing = plan(texts, known, asked.long)
    for key in missing:
        print(f"FAILED  no spec of {' and '.join(SPECS)} has {' '.join(key)}: add it to one")
    strings = [(f"{kind}/{name}", text, "", ("", ""), False) for kind, name, text in STRINGS if asked.long or name in FEW]
    tasks = [(where, spec, "", (where, part, (PROJECT / spec).read_text()))
             for where, spec, _, able in names.PLACES for part in parts([s for s in strings if able(s[1])])]
    tasks += [(place.name, place.spec, place.path, (place, part, texts[place.spec])) for place, tries in work for part in parts(tries)]
    tasks = [t for t in tasks if asked.only in f"{t[0]} {t[1]} {t[2]}"]
    report = Report()
    shm = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
    with tempfile.TemporaryDirectory(prefix="pikc-hostile-", dir=shm) as root:
        start(os.path.abspath(asked.pikc), root)
        for spec, text in texts.items():
            (runner.folder / "sound.pik").write_text(text)
            done, _ = runner.compile("sound.pik")
            if done.returncode:
                report.add("the spec itself", spec, "", [("as it is", "", "", ("", ""), oracle.failed(oracle.short(done.stderr.decode(), 300)))])
        with multiprocessing.Pool(os.cpu_count(), start, (os.path.abspath(asked.pikc), root)) as pool:
            for (where, spec, path, _), found in zip(tasks, pool.imap(one, [t[3] for t in tasks])):
                report.add(where, spec, path, found)
                if asked.findings:
                    findings(report, asked.findings)
            pool.close()
            pool.join()
    outside = {row[0] for row in names.PLACES}
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    tried = sum(report.verdicts.values())
    print(f"{len(texts)} specs, {sum(w not in outside for w in report.settings)} of {len(known)} settings, {sum(w in outside for w in report.settings)} names and secrets, {len(STRINGS)} strings and "
          f"{sum({place.key: len(evil(place)) for place, _ in work}.values())} that look right: {tried} tests in {time.monotonic() - begin:.0f} s "
          f"({used.ru_utime + used.ru_stime:.0f} s of processor time), {report.verdicts['refused']} refused, {report.verdicts['same']} unchanged")
    print("unchanged files, by reader: " + ", ".join(f"{n} {reader}" for reader, n in sorted(report.read.items())))
    print(f"{report.verdicts['refused'] + report.verdicts['same']} passed, {report.verdicts['FAILED'] + len(missing)} failed")
    return 1 if report.verdicts["FAILED"] or missing or not tried else 0


def parts(tries, size=16):
    return [tries[n : n + size] for n in range(0, len(tries), size)]


if __name__ == "__main__":
    sys.exit(main())
