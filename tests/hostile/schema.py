"""The settings and their types, from the program's own schema, so that a new setting cannot be forgotten."""

import dataclasses
import pathlib

from pik import parse

STDLIB = pathlib.Path(__file__).parents[2] / "stdlib"


@dataclasses.dataclass(frozen=True)
class Type:
    name: str
    values: tuple = ()
    template: bool = False


def type_of(block):
    listed = next((s.values for s in block.settings() if s.key.text == "values"), [])
    return Type(block.value("type"), tuple(v.text for v in listed))


def schema():
    """{(kind of block, what): Type}. WHAT is a setting, or `(label)`, `(key)` or `(value)` of a block that is an open map. The
    options of CNIs and runtimes are listed as `(cni flannel, mtu)`."""
    found = {}
    for path in sorted(STDLIB.glob("schema/spec/*.pik")):
        for block in parse(path.read_text()).blocks("block"):
            kind = block.label.text
            template = block.value("template") == "on"
            if block.value("label", "none") != "none":
                found[kind, "(label)"] = Type("label " + block.value("label"))
            if block.value("open"):
                found[kind, "(key)"] = Type("key " + block.value("keys", "any"))
                found[kind, "(value)"] = Type(block.value("open"), template=template)
            for setting in block.blocks("setting"):
                found[kind, setting.label.text] = type_of(setting)
    for family in ("cni", "runtime"):
        for path in sorted(STDLIB.glob(f"{family}/*/{family}.pik")) + sorted(STDLIB.glob(f"{family}/*/runtime.pik")):
            for block in parse(path.read_text()).blocks(family):
                for option in block.blocks("option"):
                    found[f"{family} {block.label.text}", option.label.text] = type_of(option)
    return found
