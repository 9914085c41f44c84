"""Reads the settings files of a machine as its programs do: TOML, files that a shell sources, sysctl.d, apt's sources."""

import base64
import json
import re
import subprocess
import tomllib

NAME = "settings"


def read(tree):
    for root in ("classes/*/files", "nodes/*/files"):
        for place in tree.files(f"{root}/**/*"):
            path = "/" + str(place.relative_to(tree.root)).split("/files/", 1)[1]
            reader = reader_of(path)
            if reader is None:
                continue
            tree.count(NAME)
            wrong = reader(place)
            if wrong:
                tree.problem(NAME, place, wrong)


def reader_of(path):
    if path == "/etc/crio/pikc-logins.json":
        return logins
    if path.endswith(".toml") or path.startswith(("/etc/crio/", "/etc/containers/registries.conf.d/")):
        return toml
    if path.startswith("/etc/apt/apt.conf.d/"):
        return apt_settings
    if path.startswith("/etc/default/") or path == "/etc/pikc/proxy.env":
        return sourced
    if path.startswith("/etc/sysctl.d/"):
        return sysctl
    if path.endswith(".sources") and path.startswith("/etc/apt/"):
        return deb822
    return None


def toml(place):
    try:
        return None if tomllib.loads(place.read_text()) else "is empty"
    except tomllib.TOMLDecodeError as problem:
        return f"tomllib: {problem}"


def sourced(place):
    """A shell that sources it prints nothing, runs nothing, and has a variable for each line that sets one."""
    wanted = re.findall(r"^([A-Za-z_]+)=", place.read_text(), re.M)
    script = 'PATH=/nowhere; . "$1" || exit 1; shift; for name; do printf "%s\\n" "${!name-unset}"; done'
    done = subprocess.run(["bash", "--norc", "-c", script, "bash", str(place), *wanted], capture_output=True, text=True, check=False)
    if done.returncode or done.stderr:
        return f"a shell that sources it: {done.stderr.strip()[-300:]}"
    lines = done.stdout.splitlines()
    return None if len(lines) == len(wanted) and "unset" not in lines else "a shell that sources it lacks a variable"


def apt_settings(place):
    """apt reads each line that sets something, with that value."""
    done = subprocess.run(["apt-config", "-c", str(place), "dump", "--format", "%F \"%v\";%n"], capture_output=True, text=True, check=False)
    if done.returncode or done.stderr.strip():
        return f"apt-config: {done.stderr.strip()[-300:]}"
    read_as = set(done.stdout.splitlines())
    lines = [line for line in place.read_text().splitlines() if line and not line.startswith("#")]
    lost = [line for line in lines if line not in read_as]
    return f"apt does not read {lost}" if lost or not lines else None


def logins(place):
    """containers-auth.json(5): for each host, account and password in base64."""
    try:
        found = json.loads(place.read_text())["auths"]
        wrong = [host for host, one in found.items() if ":" not in base64.b64decode(one["auth"], validate=True).decode()]
    except (ValueError, KeyError, TypeError) as problem:
        return f"is not a file of logins: {problem}"
    return f"has no account for {wrong}" if wrong or not found else None


def sysctl(place):
    known = set()
    for number, line in enumerate(place.read_text().split("\n"), 1):
        line = line.strip()
        if not line or line[0] in "#;":
            continue
        key, sign, value = (part.strip() for part in line.partition("="))
        parts = re.split(r"[./]", key)
        if not sign or not value or not all(re.fullmatch(r"[\w:@-]+", part) for part in parts) or key.startswith("-"):
            return f"line {number} is not a setting: {line!r}"
        known.add(key)
    return None if known else "sets nothing"


def deb822(place):
    text = "\n".join(line for line in place.read_text().split("\n") if not line.startswith("#"))
    for stanza in (stanza for stanza in re.split(r"\n{2,}", text) if stanza.strip()):
        fields = dict(re.findall(r"^([A-Za-z-]+): (\S.*)$", stanza, re.M))
        lines = [line for line in stanza.split("\n") if line.strip()]
        if len(fields) != len(lines):
            return f"has a line that is not a field: {stanza!r}"
        if not {"Types", "URIs", "Suites"} <= set(fields) or fields["Types"] != "deb":
            return f"lacks a field: {sorted(fields)}"
        if not all(re.fullmatch(r"(https?|file)://[^\s$]+", uri) for uri in fields["URIs"].split()):
            return f"does not name an address: {fields['URIs']}"
    return None
