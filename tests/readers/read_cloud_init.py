"""Reads what carries a node's bundle: user-data by cloud-init's own schema, the network by netplan, and the bundle inside as
run.sh would find it on the machine, compared with the lists and with the node's folder.

The schemas are those of cloud-init in Debian 12 and 13, which tests/run unpacks (PIKC_PROGRAMS names their folder)."""

import base64
import configparser
import functools
import hashlib
import io
import json
import os
import pathlib
import re
import subprocess
import tarfile
import tempfile

import jsonschema
import yaml

from tree import rows_of

NAME = "carriers"
CARRIED = "/opt/pikc.carrier/"
SCHEMA = "*/usr/lib/python3/dist-packages/cloudinit/config/schemas/schema-cloud-config-v1.json"
HERE = re.compile(r"(?ms)^keep (\S+) <<'(END_OF_FILE_*)'\n(.*?)^\2$")
PACKED = re.compile(r"(?ms)^base64 --decode <<'END_OF_FILE'[^\n]*\n(.*?)^END_OF_FILE$")


def read(tree):
    for node in tree.nodes:
        tree.count(NAME)
        folder = node / "cloud-init"
        carried = None
        if folder.exists():
            carried = user_data(tree, node, folder / "user-data")
            meta_data(tree, node, folder / "meta-data")
            if (folder / "network-config").exists():
                network(tree, node, folder / "network-config")
            if (folder / "seed.img").exists():
                seed(tree, folder)
        if (node / "boot/firstrun.sh").exists():
            carried = script((node / "boot/firstrun.sh").read_text())
        if carried is not None:
            bundle(tree, node, carried)


@functools.cache
def schemas():
    """{release: its cloud-init's schema of user-data}"""
    folder = pathlib.Path(os.environ.get("PIKC_PROGRAMS", "/nonexistent"))
    return {path.relative_to(folder).parts[0]: json.loads(path.read_text()) for path in sorted(folder.glob(SCHEMA))}


def fits(tree, path, data):
    """Whether each release's cloud-init accepts it."""
    rules = schemas()
    if not rules:
        tree.problem(NAME, path, "cloud-init's schemas are missing: tests/run unpacks them")
    for release, rule in rules.items():
        known = {key for part in rule["$defs"].values() for key in part.get("properties", {})}
        for key in sorted(set(data) - known):
            tree.problem(NAME, path, f"{key} is not a key of {release}'s cloud-init")
        for problem in jsonschema.Draft4Validator(rule).iter_errors(data):
            where = "/".join(map(str, problem.absolute_path))
            tree.problem(NAME, path, f"{release}: {where}: {problem.message[:200]}")


def user_data(tree, node, path):
    """{path in the bundle: bytes}"""
    if not path.exists():
        tree.problem(NAME, node, "has no user-data")
        return None
    text = path.read_text()
    if not text.startswith("#cloud-config\n"):
        tree.problem(NAME, path, "does not begin with #cloud-config: cloud-init ignores it")
    try:
        data = yaml.safe_load(text)
    except yaml.YAMLError as problem:
        tree.problem(NAME, path, " ".join(str(problem).split()))
        return None
    fits(tree, path, data)
    if data.get("hostname") != node.name:
        tree.problem(NAME, path, f"the host name is {data.get('hostname')}")
    carried, seen = {}, set()
    for one in data.get("write_files", []):
        if one["path"] in seen:
            tree.problem(NAME, path, f"{one['path']} is written twice")
        seen.add(one["path"])
        content = base64.b64decode(one["content"]) if one.get("encoding") == "b64" else one["content"].encode()
        if one["path"] == CARRIED + "class.tar.gz":
            carried.update(unpacked(content))
        elif one["path"].startswith(CARRIED):
            carried[one["path"][len(CARRIED):]] = content
        else:
            place = [node / overlay / one["path"][1:] for overlay in ("files", "common")]
            if not any(p.exists() and p.read_bytes() == content for p in place):
                tree.problem(NAME, path, f"{one['path']} is not what the bundle has for that place")
    return carried


def unpacked(content):
    with tarfile.open(fileobj=io.BytesIO(content), mode="r:gz") as archive:
        members = archive.getmembers()
        if any(m.mtime or m.uid or m.gid or not m.isfile() for m in members):
            raise SystemExit("the archive contains times, owners, or something that is not a file")
        return {m.name: archive.extractfile(m).read() for m in members}


def script(text):
    carried = unpacked(base64.b64decode(PACKED.search(text).group(1)))
    carried.update({path: body.encode() for path, _, body in HERE.findall(text)})
    return carried


def bundle(tree, node, carried):
    """Everything in the lists is there, as listed, and nothing else."""
    wanted = {"class.list", "node.list"}
    for name in ("class.list", "node.list"):
        if carried.get(name) != (node / name).read_bytes():
            tree.problem(NAME, node, f"the carrier's {name} is not the node's")
        for _, digest, _, _, path in rows_of(node / name):
            wanted.add(path)
            if path not in carried:
                tree.problem(NAME, node, f"the carrier lacks {path}")
            elif hashlib.sha256(carried[path]).hexdigest() != digest:
                tree.problem(NAME, node, f"the carrier has a different {path}")
    for path in sorted(set(carried) - wanted):
        tree.problem(NAME, node, f"the carrier has {path}, which is in no list")


def meta_data(tree, node, path):
    data = yaml.safe_load(path.read_text()) if path.exists() else {}
    if data.get("local-hostname") != node.name or not str(data.get("instance-id", "")).endswith(f"-{node.name}"):
        tree.problem(NAME, path, "does not identify the machine: instance-id and local-hostname")


def seed(tree, folder):
    """The image contains the three files, with the label that cloud-init looks for, as mtools read it."""
    image = folder / "seed.img"
    label = subprocess.run(["mlabel", "-s", "-i", image, "::"], capture_output=True, text=True, check=False).stdout
    if "CIDATA" not in label:
        tree.problem(NAME, image, f"is labelled {label.strip() or 'nothing'}")
    for path in sorted(folder.iterdir()):
        if path == image:
            continue
        found = subprocess.run(["mtype", "-i", image, f"::{path.name}"], capture_output=True, check=False)
        if found.returncode or found.stdout != path.read_bytes():
            tree.problem(NAME, image, f"has a different {path.name}: {found.stderr.decode().strip()}")


def network_of_keyfiles(tree, path, connections):
    """Without netplan: the addresses, gateways and name servers are those of the keyfiles, and no word is netplan's own."""
    told = yaml.safe_load(path.read_text())["network"]
    if "renderer" in told or told.get("version") != 2:
        tree.problem(NAME, path, f"is not for cloud-init alone: {sorted(told)}")
    first, later = set(), set()
    for kind in ("ethernets", "bonds", "vlans"):
        for name, one in told.get(kind, {}).items():
            # The formats that cloud-init passes it on to have no word for it (`default`).
            routes = {route["to"]: route["via"] for route in one.get("routes", [])}
            gateway = routes.get("0.0.0.0/0", "")
            servers = tuple(one.get("nameservers", {}).get("addresses", []))
            first |= {(name, address, gateway, servers) for address in one.get("addresses", []) if ":" not in address}
    for connection in connections:
        parser = configparser.RawConfigParser(delimiters=("=",))
        parser.read_string(connection.read_text())
        address, _, gateway = parser.get("ipv4", "address1", fallback="").partition(",")
        servers = tuple(word for word in parser.get("ipv4", "dns", fallback="").split(";") if word)
        if address:
            later.add((parser.get("connection", "id").removeprefix("pikc-"), address, gateway, servers))
    if first != later:
        tree.problem(NAME, path, f"sets a network different from the keyfiles: {sorted(first)}, {sorted(later)}")


def network(tree, node, path):
    """The network of the first boot is that of later boots, and netplan reads it from where cloud-init puts it.

    cloud-init's own schema for it does not have Wi-Fi; if netplan is installed, cloud-init uses it to validate, too."""
    later = node / "files/etc/netplan/90-pikc.yaml"
    connections = sorted((node / "files/etc/NetworkManager/system-connections").glob("*.nmconnection"))
    if connections and not later.exists():
        network_of_keyfiles(tree, path, connections)
        return
    if not later.exists() or yaml.safe_load(later.read_text()) != yaml.safe_load(path.read_text()):
        tree.problem(NAME, path, "sets a network different from files/etc/netplan")
        return
    with tempfile.TemporaryDirectory() as folder:
        place = pathlib.Path(folder, "etc/netplan")
        place.mkdir(parents=True)
        (place / "50-cloud-init.yaml").write_text(path.read_text())
        (place / "50-cloud-init.yaml").chmod(0o600)
        done = subprocess.run(["netplan", "generate", "--root-dir", folder], capture_output=True, text=True, check=False)
        said = [line for line in (done.stdout + done.stderr).splitlines() if line.strip() and "systemctl" not in line
                and "daemon-reload" not in line]
        if done.returncode or said:
            tree.problem(NAME, path, f"netplan generate: {' '.join(said)}".replace(folder, ""))
