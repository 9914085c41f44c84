"""Every file that pikc writes, as the format's real reader sees it: a structure of lists, dictionaries and texts.

Two trees that differ by one value have equal structures once the one value is replaced by the other in every text: then the
value was written unchanged, and had no other effect. A file whose reader rejects it raises `Unreadable`."""

import base64
import configparser
import functools
import hashlib
import io
import json
import pathlib
import re
import sys
import tarfile
import tomllib

import yaml
from ruamel.yaml import YAML

import format_keyfile
import format_network
import format_system
import format_text
from format_shell import script
from unreadable import Unreadable

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "readers"))
from read_yaml import difference, plain  # noqa: E402

CARRIED = "/opt/pikc.carrier/"
PACKED = "H4sI"  # how a gzip begins in base64
ENCODED = re.compile(r"(?m)^ +[A-Za-z0-9+/]{76}\n")
LARGE = 300_000  # bytes; larger YAML is read by the fast reader only: upstream's own objects
UNSEEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u206f\ufeff\ufff9-\ufffb\U000e0000-\U000e007f]")


def read_yaml(path, text):
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        first = [d for d in yaml.load_all(text, Loader=loader) if d is not None]
    except (yaml.YAMLError, ValueError) as problem:
        raise Unreadable(f"PyYAML: {problem}") from problem
    if len(text) < LARGE:
        # Packed content is letters and digits to every reader, so the slower one can skip it.
        less = ENCODED.sub("", text)
        third = first if less == text else [d for d in yaml.load_all(less, Loader=loader) if d is not None]
        parser = YAML(typ="safe", pure=True)
        parser.version = (1, 2)
        try:
            second = [d for d in parser.load_all(less) if d is not None]
        except Exception as problem:  # noqa: BLE001  (ruamel raises many kinds)
            raise Unreadable(f"ruamel.yaml: {problem}") from problem
        if [plain(d) for d in third] != [plain(d) for d in second]:
            raise Unreadable(f"PyYAML and ruamel.yaml differ: {difference(third, second)}")
    return [inner(document) for document in first]


def inner(value):
    """A YAML value, with texts inside it that are in another format parsed, too."""
    if isinstance(value, dict):
        if "path" in value and "content" in value:
            return written(value)
        found = {str(key): inner(of) for key, of in value.items()}
        # A checksum of what is in the ConfigMap beside it, so that its pods start again when that changes.
        if re.fullmatch("[0-9a-f]{16}", str(value.get("pikc/corefile"))):
            del found["pikc/corefile"]
        if value.get("kind") == "Secret":
            found["data"] = {k: base64.b64decode(v).decode("utf-8", "surrogateescape") for k, v in (value.get("data") or {}).items()}
        if isinstance(value.get("kubeletExtraArgs"), (dict, list)):
            found["kubeletExtraArgs"] = format_system.kubelet_arguments(value["kubeletExtraArgs"])
        if isinstance(value.get("extraArgs"), list):  # sorted by name, whatever the name is
            found["extraArgs"] = {str(one["name"]): inner(one["value"]) for one in value["extraArgs"]}
        return found
    if isinstance(value, list):
        if len(value) == 3 and value[:2] == ["sh", "-c"]:
            return ["sh", "-c", script(value[2])]
        return [inner(one) for one in value]
    if isinstance(value, str) and value[:1] in "{[" and value.strip()[-1:] in "}]":
        try:
            return {"json": inner(json.loads(value))}
        except ValueError:
            return value
    return value if isinstance(value, str) or value is None else {type(value).__name__: str(value)}


def written(value):
    """A file that cloud-init writes, as its own reader sees it."""
    path, content = value["path"], value["content"]
    found = {k: inner(v) for k, v in value.items() if k != "content"}
    if value.get("encoding") == "b64":
        found["content"] = packed(content)
    else:
        found["content"] = read(path.removeprefix(CARRIED), content.encode("utf-8", "surrogateescape"))
    return found


def packed(content):
    with tarfile.open(fileobj=io.BytesIO(base64.b64decode(content)), mode="r:gz") as archive:
        return {member.name: read(member.name, archive.extractfile(member).read()) for member in archive.getmembers()}


def read_netplan(path, text):
    return {"yaml": read_yaml(path, text), "made": format_network.netplan(text)}


def read_shell(path, text):
    """A script. What it keeps as files (`keep NAME <<END`) or unpacks is read as files of their own."""
    def body(name, content):
        if content.startswith(PACKED):
            return packed(content)
        return read(name, content.encode("utf-8", "surrogateescape")) if name else content
    return script(text, body)


def read_toml(path, text):
    try:
        return inner(tomllib.loads(text))
    except tomllib.TOMLDecodeError as problem:
        raise Unreadable(f"tomllib: {problem}") from problem


def read_ini(path, text):
    """systemd's rules (a key can occur twice, a backslash continues a line), and configparser, which must see the same keys."""
    sections, joined = [], ""
    for line in text.split("\n"):
        if joined == "" and (not line.strip() or line.lstrip()[0] in "#;"):
            continue
        joined += line
        if joined.endswith("\\"):
            joined = joined[:-1] + " "
            continue
        found, joined = joined.strip(), ""
        if found.startswith("["):
            if not found.endswith("]"):
                raise Unreadable(f"no section: {found!r}")
            sections.append([found[1:-1], []])
        elif "=" not in found or not sections:
            raise Unreadable(f"no key: {found!r}")
        else:
            key, _, value = found.partition("=")
            sections[-1][1].append([key.rstrip(), value.lstrip()])
    if joined:
        raise Unreadable(f"continues after the end of the file: {joined!r}")
    parser = configparser.RawConfigParser(strict=False, delimiters=("=",), comment_prefixes=("#", ";"))
    parser.optionxform = str
    try:
        parser.read_string(text)
    except configparser.Error as problem:
        raise Unreadable(f"configparser: {problem}") from problem
    if {(s, k) for s, keys in sections for k, _ in keys} != {(s, k) for s in parser.sections() for k in parser[s]}:
        raise Unreadable("configparser sees other keys than systemd")
    return sections


def read_manifest(path, text):
    """pikc.json: checksums and sizes always differ; whether they are right is checked where the tree is read."""
    found = json.loads(text)
    found.pop("spec-sha256", None)
    found["files"] = {row.pop("path"): {k: v for k, v in row.items() if k not in ("sha256", "size")} for row in found["files"]}
    found["flat"] = {link: {path: "" for path in paths} for link, paths in found.get("flat", {}).items()}  # sorted by name
    settings = found.pop("settings", None)  # as the spec has them: a list of one number is not JSON here
    return {**inner(found), "settings": settings}


def read_logins(path, text):
    """Hosts with account and password, as containers' libraries read them."""
    try:
        found = json.loads(text)
        return {host: base64.b64decode(one["auth"], validate=True).decode() for host, one in found["auths"].items()}
    except (ValueError, KeyError, TypeError) as problem:
        raise Unreadable(f"logins: {problem}") from problem


# (pattern of the path, the reader, its name in the report)
READERS = [
    (r"\.sh$", read_shell, "shell (shfmt)"),
    (r"etc/netplan/|network-config$", read_netplan, "network (netplan generate)"),
    (r"etc/(haproxy|keepalived)/", format_text.lines, "lists of words"),
    (r"(\.ya?ml|\.cfg|meta-data|user-data)$", read_yaml, "YAML (PyYAML, ruamel.yaml)"),
    (r"containers/registries\.conf\.d/|crio\.conf\.d/|\.toml$", read_toml, "TOML (tomllib)"),
    (r"\.(sources|list)$|/sources\.list$", None, "apt (apt-get indextargets)"),
    (r"\.nmconnection$", format_keyfile.keyfile, "keyfiles (GLib)"),
    (r"etc/sudoers\.d/", format_system.sudoers, "sudoers (visudo -c)"),
    (r"etc/sysctl\.d/", format_system.sysctl, "sysctl"),
    (r"etc/crio/pikc-logins\.json$", read_logins, "logins (JSON, base64)"),
    (r"certs\.d/[^/]*/ca\.(pem|crt)$|/pikc-[^/]*\.crt$", format_text.lines, "PEM"),
    (r"etc/apt/apt\.conf\.d/", format_system.apt_settings, "apt's settings (apt-config)"),
    (r"etc/pikc/proxy\.env$", format_system.sourced, "settings (bash)"),
    (r"etc/default/", format_system.sourced, "settings (bash)"),
    (r"etc/modules-load\.d/", format_text.lines, "lists of words"),
    (r"etc/udev/rules\.d/", format_text.rules, "udev"),
    (r"etc/systemd/system/[^/]*\.(service|timer)$|fragments/disk-[^/]*\.mount$", None, "INI (systemd's rules, configparser)"),
    (r"etc/pikc/approver/hosts$", format_text.lines, "lists of words"),
    (r"^hosts\.txt$", format_text.lines, "lists of words"),
    (r"^\.gitignore$", format_text.lines_by_name, "lists of words"),
    (r"etc/pikc/control-plane/.*\.(pem|key)$", format_text.lines, "PEM"),
    (r"etc/wpa_supplicant/", format_network.wpa, "wpa_supplicant"),
    (r"\.conf$", None, "INI (systemd's rules, configparser)"),
    (r"fragments/authorized_keys\.", format_system.keys, "authorized_keys (ssh-keygen)"),
    (r"fragments/", format_text.lines, "lists of words"),
    (r"README\.md$", format_text.markdown, "Markdown (markdown-it)"),
    (r"pikc\.json$", read_manifest, "JSON"),
]


def reader_of(path):
    """(the reader, its name in the report) of a path in the tree, in a bundle or on a machine."""
    name = path.rsplit("/", 1)[-1]
    if name == "node.conf":
        return format_text.pairs, "node.conf"
    if name in ("class.list", "node.list", "upstream.list", "objects.list"):
        return format_text.table, "lists of words"
    for pattern, reader, title in READERS:
        if re.search(pattern, path):
            if reader:
                return reader, title
            return (format_system.apt, title) if title.startswith("apt") else (read_ini, title)
    raise Unreadable(f"tests/hostile has no reader for {path}: add one in formats.py")


@functools.lru_cache(maxsize=20_000)
def cached(reader, kind, digest, data):
    return reader(kind, data)


def read(path, data):
    """The structure of a file. Characters that are invisible in a diff are refused whatever the format."""
    reader, title = reader_of(path)
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as problem:
        raise Unreadable(f"{title}: no UTF-8: {problem}") from problem
    found = UNSEEN.search(text.removeprefix("\ufeff"))
    if found:
        raise Unreadable(f"holds an invisible character, U+{ord(found[0]):04X}")
    try:
        # Readers depend only on the end of the name; identical content is read once.
        return cached(reader, re.sub(r"^.*/", "", path), hashlib.sha256(data).digest(), text)
    except Unreadable as problem:
        raise Unreadable(f"{title}: {problem}") from problem
    except (ValueError, KeyError, TypeError, AttributeError, LookupError) as problem:
        raise Unreadable(f"{title}: {type(problem).__name__}: {problem}") from problem
