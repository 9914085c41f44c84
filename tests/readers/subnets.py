"""Two racks and a router in network namespaces, with the addresses and routes of the files that pikc wrote. The router lets through what the
table in README.md lists and nothing else: every port that the machines need works from rack to rack, and others do not.

usage: subnets.py PIKC"""

import contextlib
import ipaddress
import os
import pathlib
import re
import subprocess
import sys
import tempfile

import yaml

ROOT = pathlib.Path(__file__).resolve().parents[2]
SPEC = ROOT / "tests/specs/two-racks.pik"
# One machine for each network stack and way out, in either rack.
MACHINES = ("cp1", "cp2", "near", "far", "keyfile", "dhcpcd", "trixie")
VIP = "10.1.0.5"
NAMES = f"pikc{os.getpid()}"

CONNECT = """import socket, sys
socket.setdefaulttimeout(2)
kind = socket.SOCK_STREAM if sys.argv[1] == "TCP" else socket.SOCK_DGRAM
with socket.socket(socket.AF_INET, kind) as one:
    one.connect((sys.argv[2], int(sys.argv[3])))
    if kind == socket.SOCK_DGRAM:
        one.send(b"?")
        one.recv(9)
"""
ANSWER = """import socket, sys, threading
kind = socket.SOCK_STREAM if sys.argv[1] == "TCP" else socket.SOCK_DGRAM
one = socket.socket(socket.AF_INET, kind)
one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
one.bind(("", int(sys.argv[2])))
if kind == socket.SOCK_STREAM:
    one.listen()
print("ready", flush=True)
while True:
    if kind == socket.SOCK_STREAM:
        one.accept()[0].close()
    else:
        one.sendto(b"!", one.recvfrom(9)[1])
"""


def ip(*words, inside=None):
    prefix = ["ip", "-n", f"{NAMES}-{inside}"] if inside else ["ip"]
    done = subprocess.run([*prefix, *map(str, words)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"ip {' '.join(map(str, words))}: {done.stderr}"


def within(name, *words):
    return ["ip", "netns", "exec", f"{NAMES}-{name}", *words]


def network(place):
    """What the machine's files say: (interface, [addresses], [(to, via)]), whatever the network stack."""
    found = {}
    for path in sorted(one for one in place.rglob("*") if one.is_file()):
        text = path.read_text()
        if path.parent.name == "netplan":
            for name, link in yaml.safe_load(text)["network"]["ethernets"].items():
                routes = [(r["to"], r["via"]) for r in link.get("routes", [])]
                found[name] = (link.get("addresses", []), routes)
        elif path.suffix == ".nmconnection":
            name = re.search(r"^interface-name=(.*)$", text, re.M)[1]
            address, *gateway = re.search(r"^address1=(.*)$", text, re.M)[1].split(",")
            routes = [("default", one) for one in gateway]
            routes += [tuple(line.split(",")) for line in re.findall(r"^route\d+=(.*)$", text, re.M)]
            found[name] = ([address], routes)
        elif path.name == "dhcpcd":
            for part in re.split(r"^interface ", text, flags=re.M)[1:]:
                addresses = re.findall(r"^static ip_address=(.*)$", part, re.M)
                routes = [("default", one) for one in re.findall(r"^static routers=(.*)$", part, re.M)]
                routes += [tuple(line.split()) for line in re.findall(r"^static routes=(.*)$", part, re.M)]
                found[part.split()[0]] = (addresses, routes)
    assert found, f"{place}: no network settings"
    return found


def folder(tree, name):
    """Where the machine's own files are; what its carrier packs again is not read."""
    node = tree / "nodes" / name
    return node / "files" if (node / "files").exists() else node / "fragments"


def tables(readme):
    """The rows of both tables: (ports, from, to) among the machines, (from, to, ports) that routers let through."""
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in readme.splitlines() if line.startswith("| ")]
    head = next(number for number, row in enumerate(rows) if row[:4] == ["port", "from", "to", "for"])
    middle = next(number for number, row in enumerate(rows) if row[:4] == ["from", "to", "through", "ports"])
    among = [(row[0], row[1], row[2]) for row in rows[head + 1 : middle] if len(row) == 4]
    between = [(row[0], row[1], row[3]) for row in rows[middle + 1 :] if len(row) == 5]
    assert len(among) > 3 and len(between) > 3, "the tables are not there"
    return among, between


def addresses(cell):
    """The networks and addresses in a cell, as `ip rule` writes them."""
    return re.findall(r"\d+\.\d+\.\d+\.\d+(?:/\d+)?", cell)


def ports(cell):
    """[(protocol, first, last)]"""
    found = []
    for one in cell.split(", "):
        protocols, first, last = re.fullmatch(r"((?:TCP|UDP)(?: and UDP)?) (\d+)(?: to (\d+))?", one).groups()
        found += [(protocol, int(first), int(last or first)) for protocol in protocols.split(" and ")]
    return found


def build(tree):
    """The namespaces: each rack is a bridge in the router's, each machine has its interfaces as its files say."""
    ip("netns", "add", f"{NAMES}-router")
    for rack, gateway in (("rack1", "10.1.0.1"), ("rack2", "10.2.0.1"), ("outside", None)):
        ip("link", "add", rack, "type", "bridge", inside="router")
        if gateway:
            ip("addr", "add", f"{gateway}/24", "dev", rack, inside="router")
        ip("link", "set", rack, "up", inside="router")
    subprocess.run(within("router", "sh", "-c", "echo 1 > /proc/sys/net/ipv4/ip_forward"), check=True)
    for number, name in enumerate(MACHINES):
        ip("netns", "add", f"{NAMES}-{name}")
        ip("link", "set", "lo", "up", inside=name)
        for link, (own, routes) in network(folder(tree, name)).items():
            # The way out leads to no other rack.
            racks = {"10.1": "rack1", "10.2": "rack2"}
            bridge = racks.get(own[0][:4], "outside")
            port = f"{link}-{number}"
            ip("link", "add", port, "type", "veth", "peer", "name", link, "netns", f"{NAMES}-{name}", inside="router")
            ip("link", "set", port, "master", bridge, "up", inside="router")
            for address in own:
                ip("addr", "add", address, "dev", link, inside=name)
            ip("link", "set", link, "up", inside=name)
            for to, via in routes:
                ip("route", "add", to, "via", via, "dev", link, inside=name)
    ip("addr", "add", f"{VIP}/32", "dev", "eth0", inside="cp1")


def guard(between):
    """The router forwards what the table lists, and the replies; all else is prohibited."""
    place = 100
    for sender, receiver, cell in between:
        for protocol, first, last in ports(cell):
            for source in addresses(sender):
                for target in addresses(receiver):
                    span = f"{first}-{last}" if first != last else first
                    kind = ("ipproto", protocol.lower())
                    ip("rule", "add", "pref", place, "from", source, "to", target, *kind, "dport", span, "table", "main", inside="router")
                    ip("rule", "add", "pref", place + 1, "from", target, "to", source, *kind, "sport", span, "table", "main", inside="router")
                    place += 2
    ip("rule", "add", "pref", place, "from", "10.0.0.0/8", "to", "10.0.0.0/8", "iif", "rack1", "prohibit", inside="router")
    ip("rule", "add", "pref", place + 1, "from", "10.0.0.0/8", "to", "10.0.0.0/8", "iif", "rack2", "prohibit", inside="router")


def reaches(sender, receiver, target, protocol, port):
    """Whether a packet to this port arrives and is answered."""
    with subprocess.Popen(within(receiver, sys.executable, "-c", ANSWER, protocol, str(port)), stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout.readline() == "ready\n", f"{receiver}: {protocol} {port}"
        try:
            done = subprocess.run(within(sender, sys.executable, "-c", CONNECT, protocol, target, str(port)), capture_output=True, check=False)
        finally:
            server.kill()
    return done.returncode == 0


def flows(among, home):
    """What must work from rack to rack: (sender, receiver, protocol, port)."""
    planes = {"cp1", "cp2"}
    for cell, sender, receiver in among:
        def of(word):
            return planes if "control plane" in word else set(MACHINES)

        pairs = [(a, b) for a in sorted(of(sender)) for b in sorted(of(receiver)) if home[a] != home[b]]
        for protocol, first, last in ports(cell):
            for a, b in pairs:
                yield a, b, protocol, first
                if last != first and (a, b) == pairs[0]:
                    yield a, b, protocol, last


def look(tree):
    among, between = tables((tree / "README.md").read_text())
    build(tree)
    guard(between)
    own = {}
    for name in MACHINES:
        own[name] = network(folder(tree, name))["eth0"][0][0].split("/")[0]
    home = {name: ipaddress.ip_interface(f"{address}/24").network for name, address in own.items()}
    count = 0
    for sender, receiver, protocol, port in flows(among, home):
        assert reaches(sender, receiver, own[receiver], protocol, port), f"{sender} does not reach {receiver}: {protocol} {port}"
        count += 1
    assert reaches("trixie", "cp1", VIP, "TCP", 6443), "the moving address is not reached from the other rack"
    # What is in no row: a worker's kubelet from a worker, a port of no one's, etcd from a worker.
    for sender, receiver, protocol, port in (("near", "far", "TCP", 10250), ("far", "near", "TCP", 9999), ("far", "cp1", "TCP", 2379)):
        assert not reaches(sender, receiver, own[receiver], protocol, port), f"{sender} reaches {receiver}: {protocol} {port}"
    assert reaches("near", "cp1", own["cp1"], "TCP", 9999), "machines of one rack reach each other without the router"
    return count


def main(pikc):
    if os.geteuid() != 0:
        sys.exit("subnets.py: network namespaces need root")
    with tempfile.TemporaryDirectory() as work:
        tree = pathlib.Path(work) / "out"
        done = subprocess.run([pikc, "compile", SPEC, "-o", tree], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        try:
            count = look(tree)
        finally:
            for name in ("router", *MACHINES):
                with contextlib.suppress(AssertionError):
                    ip("netns", "del", f"{NAMES}-{name}")
    print(f"two racks: {count} ways from rack to rack work, and no others")


if __name__ == "__main__":
    main(sys.argv[1])
