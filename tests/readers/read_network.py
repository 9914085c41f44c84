"""Reads network files as their programs do: netplan generates from them, keyfiles follow NetworkManager's rules."""

import configparser
import ipaddress
import pathlib
import shutil
import subprocess
import tempfile

from tree import rows_of

NAME = "network"
CONNECTIONS = "etc/NetworkManager/system-connections/"


def listed(node):
    """{path in the bundle: (mode, owner)} from the node's lists."""
    return {path: (mode, owner) for name in ("class.list", "node.list") if (node / name).exists()
            for _, _, mode, owner, path in rows_of(node / name)}


def read(tree):
    for node in tree.nodes:
        bundle, modes = tree.bundle(node), listed(node)
        files = {p.split("/", 1)[1]: p for p in bundle if p.startswith(("files/", "common/"))}
        plans = {path: source for path, source in files.items() if path.startswith("etc/netplan/")}
        if plans:
            netplan(tree, node, bundle, plans, modes)
        for path, source in files.items():
            if path.startswith(CONNECTIONS):
                tree.count(NAME)
                keyfile(tree, bundle[source], modes.get(source))
            elif path.startswith(("etc/systemd/timesyncd.conf.d/", "etc/systemd/networkd.conf.d/", "etc/NetworkManager/conf.d/")):
                tree.count(NAME)
                ini(tree, bundle[source])


def netplan(tree, node, bundle, plans, modes):
    with tempfile.TemporaryDirectory() as folder:
        for path, source in plans.items():
            tree.count(NAME)
            mode, owner = modes.get(source, ("0644", ""))
            if (mode, owner) != ("0600", "root:root"):
                tree.problem(NAME, bundle[source], f"is {mode} {owner}: netplan warns unless it is 0600 root:root")
            target = pathlib.Path(folder, path)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(bundle[source], target)
            target.chmod(int(mode, 8))
        done = subprocess.run(["netplan", "generate", "--root-dir", folder], capture_output=True, text=True, check=False)
        said = "\n".join(line for line in (done.stdout + done.stderr).splitlines() if line.strip()
                         and "systemctl" not in line and "daemon-reload" not in line)
        if done.returncode or said:
            tree.problem(NAME, node, f"netplan generate: {said or done.returncode}".replace(folder, ""))
        for made in pathlib.Path(folder).glob("run/NetworkManager/system-connections/*"):
            keyfile(tree, made, ("0600", "root:root"))


def keyfile(tree, path, listed_as):
    """NetworkManager silently ignores a keyfile that others may read; so mode and owner are part of the content."""
    if listed_as != ("0600", "root:root"):
        tree.problem(NAME, path, f"is listed as {listed_as}, but NetworkManager ignores what is not 0600 root:root")
    parser = ini(tree, path)
    if parser is None:
        return
    for key in ("id", "type"):
        if not parser.get("connection", key, fallback=""):
            tree.problem(NAME, path, f"[connection] has no {key}")
    if parser.get("connection", "type", fallback="") in ("wifi", "802-11-wireless") and not parser.get("wifi", "ssid", fallback=""):
        tree.problem(NAME, path, "[wifi] has no ssid")
    if parser.get("ipv4", "method", fallback="") == "manual":
        first = parser.get("ipv4", "address1", fallback="").split(",")[0]
        try:
            ipaddress.ip_interface(first)
        except ValueError as problem:
            tree.problem(NAME, path, f"[ipv4] address1: {problem}")


def ini(tree, path):
    parser = configparser.ConfigParser(strict=True, interpolation=None, delimiters=("=",), comment_prefixes=("#",))
    try:
        parser.read_string(path.read_text())
    except configparser.Error as problem:
        tree.problem(NAME, path, " ".join(str(problem).split()))
        return None
    return parser
