"""A network file as netplan reads it: what it generates for NetworkManager, networkd and wpa_supplicant, read as they read it."""

import os
import pathlib
import re
import subprocess
import tempfile

from unreadable import Unreadable

GENERATE = ["/usr/libexec/netplan/generate"] if os.access("/usr/libexec/netplan/generate", os.X_OK) else ["netplan", "generate"]
KEYFILE = {"s": " ", "n": "\n", "t": "\t", "r": "\r", "\\": "\\", ";": ";"}


def netplan(text):
    with tempfile.TemporaryDirectory() as folder:
        plan = pathlib.Path(folder, "etc/netplan/90-pikc.yaml")
        plan.parent.mkdir(parents=True)
        plan.write_text(text)
        plan.chmod(0o600)
        done = subprocess.run([*GENERATE, "--root-dir", folder], capture_output=True, text=True, check=False)
        said = "\n".join(line for line in (done.stdout + done.stderr).splitlines() if line.strip() and "systemctl" not in line
                         and "daemon-reload" not in line)
        if done.returncode or said:
            raise Unreadable(f"netplan generate: {said.replace(folder, '') or done.returncode}"[:300])
        made = [p for p in sorted(pathlib.Path(folder, "run").rglob("*")) if p.is_file() and "systemd/system" not in str(p)]
        # Their names are those of the interface and the network, escaped by netplan: their content has the same names, unescaped.
        found = {}
        for p in made:
            rows = read(p)
            # A rule for udev names a MAC address and nothing that a spec calls something; several of them stay in order.
            found.setdefault(f"{p.suffix} {len(rows)} {named(rows)}", []).append(rows)
        return found


def named(rows):
    """What a file is about."""
    pairs = [row if isinstance(row, list) else row.split("=", 1) for row in rows]
    return next((pair[1] for pair in pairs if len(pair) == 2 and pair[0] in ("id", "Name", "ssid")), "")


def read(path):
    text = path.read_text(encoding="utf-8", errors="surrogateescape")
    rows = [line for line in text.split("\n") if line.strip() and not line.startswith("#")]
    if path.name.startswith("wpa-"):
        return [supplicant(line.strip()) for line in rows]
    if path.suffix == ".nmconnection":
        return [keyfile(line) for line in rows if not line.startswith("uuid=")]
    return rows


def keyfile(line):
    key, sign, value = line.partition("=")
    if not sign and not re.fullmatch(r"\[[^\]]*\]", line):
        raise Unreadable(f"netplan wrote a keyfile with the line {line!r}")
    return [key, re.sub(r"\\(.)", lambda m: KEYFILE.get(m[1], m[0]), value)]


def supplicant(line):
    """wpa_supplicant reads a text from the first to the last quote of its line."""
    key, _, value = line.partition("=")
    return [key, value[1:-1] if len(value) > 1 and value[0] == value[-1] == '"' else value]


def wpa(path, text):
    """wpa_supplicant.conf, as hostap's config_file.c reads it: settings, and blocks of networks. A name without quotes is hexadecimal
    digits, and a key of 64 of them is made from the name, so it differs with it."""
    found, inside = [], None
    for line in text.split("\n"):
        line = line.strip()
        if not line or line.startswith("#"):
            continue
        if line == "network={" and inside is None:
            inside = []
        elif line == "}" and inside is not None:
            found.append(inside)
            inside = None
        else:
            key, sign, value = line.partition("=")
            if not sign or not re.fullmatch("[a-z_]+", key):
                raise Unreadable(f"wpa_supplicant does not know the line {line!r}")
            (found if inside is None else inside).append([key, wpa_value(key, value)])
    if inside is not None:
        raise Unreadable("a network does not end")
    return found


def wpa_value(key, value):
    if key == "ssid":
        try:
            return bytes.fromhex(value).decode("utf-8", "surrogateescape")
        except ValueError as problem:
            raise Unreadable(f"ssid={value!r}: {problem}") from problem
    if key == "psk":
        if not re.fullmatch("[0-9a-f]{64}", value):
            raise Unreadable("psk is not 64 digits")
        return "made from the name"
    return value
