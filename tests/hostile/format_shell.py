"""Shell scripts, as shfmt's parser sees them: a tree without positions in which a fully literal word is one text,
however it was quoted, and a word that a program would read as an option is marked."""

import json
import re
import subprocess

from unreadable import Unreadable

ACTIVE = re.compile(r"[*?\[\]~{}!]")
PLACES = {"Pos", "End", "Offset", "Line", "Col"}


def script(text, body=lambda name, content: content):
    """`body` reads the content of a here-document; `name` is the second word of the command that it is for, or nothing."""
    try:
        data = text.encode("utf-8")
    except UnicodeEncodeError as problem:
        raise Unreadable(str(problem)) from problem
    done = subprocess.run(["shfmt", "--to-json", "-ln", "bash"], input=data, capture_output=True, check=False)
    if done.returncode:
        raise Unreadable(done.stderr.decode("utf-8", "replace").strip()[:300])
    return node(json.loads(done.stdout), body)


def node(value, body):
    if isinstance(value, list):
        return [node(one, body) for one in value]
    if not isinstance(value, dict):
        return value
    if set(value) and set(value) <= PLACES:
        return None
    if "Parts" in value and value.get("Type") in (None, "Word"):
        return word(value, body)
    found = {}
    for key, of in value.items():
        if key in PLACES or key.endswith("Pos") or key in ("Left", "Right", "Hash", "Semicolon", "Position"):
            if not (isinstance(of, dict) and set(of) - PLACES):
                continue
        found[key] = redirections(value, body) if key == "Redirs" else node(of, body)
    if value.get("Type") == "CallExpr":
        found["Args"] = arguments(found.get("Args") or [])
    if "Elems" in found:
        for one in found["Elems"] or []:
            if isinstance(one, dict) and "Value" in one:
                one["Value"] = arguments([one["Value"]])[0]
    return found


def arguments(words):
    """Each word after the first that begins with a dash, up to `--`, is an option to the program."""
    found, open_for_options = [], True
    for one in words:
        text = one.get("word") if isinstance(one, dict) else None
        if text == "--":
            open_for_options = False
        if text is not None and text.startswith("./-"):  # how a file is named so that it is not an option
            found.append({"word": text[2:]})
            continue
        found.append({"option": text} if open_for_options and text is not None and text.startswith("-") else one)
    return found


def redirections(statement, body):
    command = statement.get("Cmd") or {}
    names = [literal(one) for one in command.get("Args") or []]
    name = names[1] if len(names) > 1 and names[0] == "keep" else None
    found = []
    for one in statement["Redirs"]:
        kept = {k: node(v, body) for k, v in one.items() if k not in ("Hdoc", *PLACES) and not k.endswith("Pos")}
        if one.get("Hdoc"):
            text = literal(one["Hdoc"], raw=True)
            kept["Hdoc"] = node(one["Hdoc"], body) if text is None else {"text": body(name, text)}
        found.append(kept)
    return found


def literal(value, raw=False):
    """The text of a word without expansions, or None."""
    parts = [piece(part, raw) for part in value.get("Parts") or []]
    return None if any(p is None for p in parts) else "".join(parts)


def piece(part, raw=False, quoted=False):
    kind, text = part.get("Type"), part.get("Value", "")
    if kind == "SglQuoted":
        return None if part.get("Dollar") else text
    if kind == "DblQuoted":
        inner = [piece(one, quoted=True) for one in part.get("Parts") or []]
        return None if part.get("Dollar") or any(p is None for p in inner) else "".join(inner)
    if kind != "Lit":
        return None
    if raw:
        return text
    if quoted:
        return re.sub(r"\\([$`\"\\\n])", lambda m: "" if m[1] == "\n" else m[1], text)
    if ACTIVE.search(re.sub(r"\\.", "", text)):
        return None
    return re.sub(r"(?s)\\(.)", lambda m: "" if m[1] == "\n" else m[1], text)


def word(value, body):
    text = literal(value)
    if text is not None:
        return {"word": text}
    pieces = []
    for part in value["Parts"]:
        if part.get("Type") == "DblQuoted":
            pieces.append({"quoted": [{"text": t} if (t := piece(one, quoted=True)) is not None else node(one, body)
                                      for one in part.get("Parts") or []]})
            continue
        text = piece(part)
        pieces.append({"text": text} if text is not None else node(part, body))
    merged = []
    for one in pieces:  # 'a'\''b' is one text, as 'ab' is
        if merged and set(one) == set(merged[-1]) == {"text"}:
            merged[-1] = {"text": merged[-1]["text"] + one["text"]}
        else:
            merged.append(one)
    return {"pieces": merged}
