"""The places of values in a spec: each setting, label, key and value of an open map, with everything that refers to it."""

import dataclasses

from pik import Block, parse
from schema import Type

NAMES = {"node": ("nodes",), "profile": ("profile",), "interface": ("members", "primary", "on", "interface"), "user": (), "subnet": ("subnet",)}


@dataclasses.dataclass
class Place:
    spec: str
    path: str  # cluster/network/lan
    key: tuple  # of schema(): ("network", "lan")
    type: Type
    spans: list  # (begin, end) in the spec's text: the value and what refers to it

    @property
    def name(self):
        return f"{self.key[0]} {self.key[1]}"


def places(spec, text, schema):
    """The first place of each path in a spec; in a list, its first element."""
    found = {}
    top = parse(text)

    def add(path, key, word, more=()):
        if key not in schema:
            raise ValueError(f"{spec}: {path}: the schema has no {key}")
        found.setdefault(path, Place(spec, path, key, schema[key], [(word.begin, word.end), *more]))

    def visit(block, path):
        kind = block.kind
        options = f"{kind} {block.label.text}" if kind in ("cni", "runtime") and block.label else None
        mapping = (kind, "(key)") in schema
        for setting in block.settings():
            key = setting.key.text
            if mapping:
                add(f"{path}/(key)", (kind, "(key)"), setting.key)
                for word in setting.values[:1]:
                    add(f"{path}/(value)", (kind, "(value)"), word)
            else:
                for word in setting.values[:1]:
                    add(f"{path}/{key}", (options, key) if (options, key) in schema else (kind, key), word)
        for inner in block.blocks():
            name = f"{path}/{inner.kind}".lstrip("/")
            if inner.label:
                add(f"{name}/(label)", (inner.kind, "(label)"), inner.label, references(top, inner))
            visit(inner, name)

    visit(top, "")
    for place in found.values():
        if place.key == ("let", "(value)"):
            place.type = used_as(top, text[slice(*place.spans[0])], schema, top) or place.type
    return list(found.values())


def references(top, named):
    """Where else the name of a block is used: profiles, interfaces and nodes are named elsewhere, and belong to several machines."""
    found = []

    def visit(block):
        for inner in block.blocks():
            if inner.kind == named.kind and inner.label and inner.label.text == named.label.text and inner is not named:
                found.append((inner.label.begin, inner.label.end))
            visit(inner)
        for setting in block.settings():
            if setting.key.text in NAMES.get(named.kind, ()) and block.kind != "let":
                found.extend((w.begin, w.end) for w in setting.values if w.text == named.label.text)

    if named.kind in NAMES:
        visit(top)
    return found


def used_as(top, value, schema, block):
    """The type of the setting that uses a constant, found by the constant's name."""
    names = {"$" + s.key.text for b in top.blocks("let") for s in b.settings() if any(w.text == value for w in s.values)}
    for setting in block.settings():
        if any(w.text in names for w in setting.values):
            return schema.get((block.kind, setting.key.text)) or schema.get((block.kind, "(value)"))
    for inner in block.blocks():
        found = used_as(top, value, schema, inner)
        if found:
            return found
    return None


def with_values(text, spans, written):
    """The spec's text with `written` in each of the spans."""
    for begin, end in sorted(spans, reverse=True):
        text = text[:begin] + written + text[end:]
    return text


__all__ = ["Block", "Place", "places", "with_values"]
