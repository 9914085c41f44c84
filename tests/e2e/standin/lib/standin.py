"""What the Python stand-ins share: the record of calls, the points where a kill can happen, and the "network".

The network is one folder, /srv/lan, shared by all machines of a scenario: an API server is a JSON file there, named after
the address and port on which a real one would answer.
"""

import json
import os
import pathlib
import re
import shlex
import socket
import subprocess
import sys
import time

MACHINE = pathlib.Path("/run/standin")
LAN = pathlib.Path("/srv/lan")
NAME = os.path.basename(sys.argv[0])


def record():
    """Any account can append: a person's own kubectl is recorded like root's."""
    logs = pathlib.Path("/var/log/standin")
    logs.mkdir(parents=True, exist_ok=True)
    with open(logs / f"{NAME}.log", "a", encoding="utf-8", opener=lambda path, flags: os.open(path, flags, 0o666)) as log:
        if os.fstat(log.fileno()).st_uid == os.geteuid():
            os.fchmod(log.fileno(), 0o666)
        log.write(shlex.join([NAME, *sys.argv[1:]]) + "\n")


def die(message, status=1):
    print(message, file=sys.stderr)
    sys.exit(status)


def point():
    """A place where a kill can happen: counted like every other program that the scripts start."""
    if os.path.exists("/run/standin/kill-at"):
        subprocess.run(["/usr/local/lib/standin/count"], check=False)


def write(path, text, mode=0o644):
    path = pathlib.Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    path.chmod(mode)
    point()


def swaps():
    return pathlib.Path("/proc/swaps").read_text().splitlines()[1:]


def unit_active(name):
    if not (MACHINE / "units").exists():  # a machine with a real systemd
        return subprocess.run(["systemctl", "is-active", "--quiet", name], check=False).returncode == 0
    return (MACHINE / "units" / name).exists()


def resolve(host):
    if re.fullmatch(r"[0-9.]+", host):
        return host
    for line in pathlib.Path("/etc/hosts").read_text().splitlines():
        words = line.split("#")[0].split()
        if host in words[1:] and ":" not in words[0]:
            return words[0]
    return None


class Cluster:
    """An API server and its state, shared by all machines of a scenario."""

    def __init__(self, server):
        host, _, port = server.removeprefix("https://").rpartition(":")
        address = resolve(host)
        self.server = server
        self.path = LAN / f"{address}_{port}.json" if address else None

    def load(self):
        if self.path is None or not self.path.exists():
            return None
        return json.loads(self.path.read_text())

    def save(self, state):
        # Several API servers are links to what they all serve: etcd's content.
        path = self.path.resolve()
        new = path.with_suffix(f".{os.getpid()}")
        new.write_text(json.dumps(state, indent=1, sort_keys=True))
        new.rename(path)

    def answers_at(self, address, port):
        """An API server of this cluster also answers there; the state moves to where all of them find it."""
        etcd = LAN / "etcd.state"
        if not self.path.is_symlink():
            self.path.rename(etcd)
            self.path.symlink_to(etcd.name)
        link = LAN / f"{address}_{port}.json"
        if not link.is_symlink():
            link.symlink_to(etcd.name)


def from_kubeconfig(path):
    """The cluster that a kubeconfig names and the user's credentials in it."""
    import yaml

    try:
        document = yaml.safe_load(pathlib.Path(path).read_text())
    except OSError as problem:
        die(f"error: stat {path}: {problem.strerror.lower()}")
    if not isinstance(document, dict) or document.get("kind") != "Config":
        die(f"error: {path} is not a kubeconfig")
    cluster = document["clusters"][0]["cluster"]
    users = document.get("users") or [{}]
    return Cluster(cluster["server"]), cluster, users[0].get("user") or {}


def address_of_this_machine():
    out = subprocess.run(["ip", "-4", "-o", "addr"], capture_output=True, text=True, check=True).stdout
    return re.findall(r"inet ([0-9.]+)/", out)


def hostname():
    return socket.gethostname()


def now():
    return int(time.time())
