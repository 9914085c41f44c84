"""Validates what `pikc check --format json` prints with the JSON Schema in docs/, and its ranges with the text they refer to."""

import json
import os
import pathlib
import subprocess
import tempfile

import jsonschema

NAME = "diagnostics"
SCHEMA = pathlib.Path(__file__).parents[2] / "docs" / "diagnostics.schema.json"

# Broken in many ways, to cover labels, fixes, several files and findings that concern no text.
SPECS = {
    "empty": "",
    "typos": "clutser home {\n  kubernetes = 1.36\n}\nnode node01 {\n  rol = worker\n}\n",
    "unclosed": "cluster home {\n  network {\n    dns = [192.168.11.1,\n",
    "values": 'cluster home {\n  kubernetes = 1.36\n  network {\n    lan = 192.168.300.0/24\n    gateway = "x"\n  }\n}\n',
    "umlauts": 'cluster höme {\n  kubernetes = 1.36 # ☃\n  netwörk { länge = "🐧" }\n}\n',
    "binary": "\x00\x01\x02",
}


def check(pikc, spec):
    done = subprocess.run([str(pikc), "check", "--format", "json", str(spec)], capture_output=True, text=True, check=False,
                          env={**os.environ, "NO_COLOR": "1"})
    return done.returncode, done.stdout


def problems_of(content, text_of):
    """What is wrong with a report, as sentences; text_of(file) returns a file's lines, or None."""
    for problem in jsonschema.Draft7Validator(json.loads(SCHEMA.read_text())).iter_errors(content):
        yield f"{'.'.join(map(str, problem.absolute_path)) or 'document'}: {problem.message}"
    for diagnostic in content.get("diagnostics", []) if isinstance(content, dict) else []:
        places = [diagnostic, *diagnostic.get("labels", [])]
        places += [edit for fix in diagnostic.get("fixes", []) for edit in fix.get("edits", [])]
        for place in places:
            area = place.get("range")
            file = place.get("file", diagnostic.get("file"))
            lines = text_of(file) if area and file else None
            if lines is None:
                continue
            start, end = ((area[k]["line"], area[k]["column"]) for k in ("start", "end"))
            if start > end:
                yield f"{diagnostic['code']}: {start} is after {end}"
            for line, column in (start, end):
                if line > len(lines) or column > len(lines[line - 1]) + 1:
                    yield f"{diagnostic['code']}: line {line}, column {column} is outside {file}"


def read_all(pikc, specs):
    """(number of reports read, problems) over these specs and the broken ones above."""
    found, count = [], 0
    with tempfile.TemporaryDirectory() as folder:
        cases = [(pathlib.Path(s), None) for s in specs]
        for name, text in SPECS.items():
            path = pathlib.Path(folder, f"{name}.pik")
            path.write_text(text, encoding="utf-8")
            cases.append((path, name))
        for path, name in cases:
            status, out = check(pikc, path)
            try:
                content = json.loads(out)
            except json.JSONDecodeError as problem:
                found.append(f"{path.name}: the output is not JSON: {problem}")
                continue
            count += 1

            def text_of(file, folder=path.parent):
                place = pathlib.Path(file) if pathlib.Path(file).is_absolute() else folder / pathlib.Path(file).name
                return place.read_text().split("\n") if place.exists() else None

            found += [f"{path.name}: {sentence}" for sentence in problems_of(content, text_of)]
            errors = any(d.get("severity") == "error" for d in content.get("diagnostics", []))
            if name and not errors:
                found.append(f"{path.name}: no error is reported")
            if errors != (status == 1):
                found.append(f"{path.name}: status {status} {'with' if errors else 'without'} errors")
    return count, found
