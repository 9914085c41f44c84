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
        # Their names are those of the interface and the network, escaped by netplan: their content has the same names.
        return sorted(([p.suffix, read(p)] for p in made), key=order)


# Rows that hold the name of an interface. The order of the files must not depend on it: the name is what is tried.
NAMED = ("id", "interface-name", "parent", "master", "controller", "Name", "VLAN", "Bond")


def order(file):
    suffix, rows = file
    return suffix, len(rows), str([row for row in rows if (row[0] if isinstance(row, list) else row.split("=")[0]) not in NAMED])


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
