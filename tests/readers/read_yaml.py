"""Reads every YAML file with two parsers, YAML 1.1 (PyYAML) and 1.2 (ruamel.yaml), and expects the same values from both.

Kubernetes reads YAML 1.1, netplan and many editors 1.2; a plain `no`, `1e3` or `0777` means different things to them, so a
file on which the two agree is not misread by any program. ruamel.yaml also refuses a duplicate key.
"""

import yaml
from ruamel.yaml import YAML

NAME = "yaml"


class Strict(yaml.SafeLoader):
    """PyYAML without its dates: an unquoted date would differ between the two parsers anyway."""


def plain(value):
    if isinstance(value, dict):
        return {plain(k): plain(v) for k, v in value.items()}
    if isinstance(value, list):
        return [plain(v) for v in value]
    return (type(value).__name__, str(value)) if value is not None else None


def documents(path):
    """The documents of a YAML file; ValueError with a sentence if the parsers fail or disagree."""
    text = path.read_text(encoding="utf-8")
    try:
        first = [d for d in yaml.load_all(text, Loader=Strict) if d is not None]
    except yaml.YAMLError as problem:
        raise ValueError(f"YAML 1.1: {' '.join(str(problem).split())}") from problem
    second_parser = YAML(typ="safe", pure=True)
    second_parser.version = (1, 2)
    try:
        second = [d for d in second_parser.load_all(text) if d is not None]
    except Exception as problem:  # noqa: BLE001  (ruamel raises many kinds)
        raise ValueError(f"YAML 1.2: {' '.join(str(problem).split())}") from problem
    for one, other in zip(first, second):
        if plain(one) != plain(other):
            raise ValueError(f"YAML 1.1 and 1.2 read different values: {difference(one, other)}")
    if len(first) != len(second):
        raise ValueError(f"YAML 1.1 reads {len(first)} documents, 1.2 reads {len(second)}")
    return first


def difference(one, other, where=""):
    if isinstance(one, dict) and isinstance(other, dict):
        for key in [*one, *other]:
            if plain(one.get(key)) != plain(other.get(key)) or (key in one) != (key in other):
                return difference(one.get(key), other.get(key), f"{where}.{key}")
    if isinstance(one, list) and isinstance(other, list):
        for index, pair in enumerate(zip(one, other)):
            if plain(pair[0]) != plain(pair[1]):
                return difference(*pair, f"{where}[{index}]")
    return f"{where or 'document'}: {one!r} and {other!r}"


def read(tree):
    for path in tree.files("**/*.yaml", "**/*.yml"):
        tree.count(NAME)
        if not path.read_text().endswith("\n"):
            tree.problem(NAME, path, "does not end in a newline")
        if "\t" in path.read_text():
            tree.problem(NAME, path, "contains a tab")
        try:
            documents(path)
        except ValueError as problem:
            tree.problem(NAME, path, str(problem))
