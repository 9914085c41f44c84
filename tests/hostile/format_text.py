"""Texts for people and lists of words: the runbook, hosts, modules, checksums, node.conf."""

import functools
import re

from markdown_it import MarkdownIt

from format_shell import script
from unreadable import Unreadable


SHELLS = ("", "sh", "bash", "console")
# Inline code is a command if it begins with one, and a word otherwise.
COMMAND = re.compile(r"(sudo|ssh|scp|pikc|kubectl|bash|chmod|helm|calicoctl|export|curl)\s|/opt/")


@functools.cache
def parser():
    return MarkdownIt("commonmark").enable("table")


def markdown(path, text):
    """The tokens that a page is rendered from. Commands in fences are read as a shell would read them."""
    return [token(one) for one in parser().parse(text)]


def token(one):
    children = []
    for child in one.children or []:
        made = token(child)
        if children and made[0] == children[-1][0] == "text":
            children[-1] = ["text", "", {}, children[-1][3] + made[3], []]
        else:
            children.append(made)
    content = "" if one.children else one.content
    if one.type == "fence" and one.info in SHELLS or one.type == "code_inline" and COMMAND.match(content):
        try:
            content = {"shell": script(content)}
        except Unreadable:
            pass
    return [one.type, one.tag, {str(k): str(v) for k, v in one.attrs.items()}, content, children]


def lines_by_name(path, text):
    """Lines that are sorted by a name: another name is in another place."""
    return {" ".join(words): "" for words in lines(path, text)}


def config_txt(path, text):
    """What the firmware of a Raspberry Pi reads: `[filter]`, `name=value`, 98 characters of each line (config_txt/what_is_config_txt.adoc)."""
    found = []
    for line in text.splitlines():
        if not line or line.startswith("#"):
            continue
        if len(line) > 98:
            raise Unreadable(f"the firmware reads 98 characters of {line!r}")
        if line.startswith("["):
            found.append(["filter", line])
            continue
        name, equals, value = line.partition("=")
        if not equals or not re.fullmatch("[a-z_0-9]+", name):
            raise Unreadable(f"no setting: {line!r}")
        found.append([name, value])
    return found


def lines(path, text):
    """The words of each line that is not a comment."""
    return [line.split() for line in text.split("\n") if line.strip() and not line.startswith("#")]


def table(path, text):
    """Columns two blanks apart, a checksum first; tests/readers checks that it is right."""
    found = {}  # unordered: a name changes the order
    for line in text.split("\n"):
        if line and not line.startswith("#"):
            row = re.split(r"  +", line)
            key = "  ".join(["checksum", *row[1:]] if re.fullmatch(r"[0-9a-f]{64}", row[0]) else row)
            found[key] = str(int(found.get(key, 0)) + 1)
    return found


def pairs(path, text):
    found = []
    for line in text.split("\n"):
        if line:
            key, sign, value = line.partition("=")
            if not sign or not re.fullmatch(r"[a-z0-9-]+", key):
                raise Unreadable(f"no KEY=VALUE: {line!r}")
            found.append([key, value])
    return found


def rules(path, text):
    """udev: KEY=="value" with commas between; nothing inside a value ends it."""
    found = []
    for line in text.split("\n"):
        if not line.strip() or line.startswith("#"):
            continue
        if not re.fullmatch(r'(?:[A-Z]+(?:\{[^}"]*\})?(?:==|!=|=|\+=|:=)"[^"\\]*"(?:,\s*|$))+', line):
            raise Unreadable(f"no rule: {line!r}")
        found.append(re.findall(r'([A-Z]+(?:\{[^}]*\})?)([=!+:]=|=)"([^"]*)"', line))
    return [[list(part) for part in rule] for rule in found]
