"""What pikc's files let through, asked of a firewalld that runs: a machine, another one, and a pod on the first, each a network namespace.
firewalld is Debian trixie's, unpacked and not installed (tests/run), and runs in a root folder of its own: no firewall of this machine changes.

usage: firewalld.py PIKC (PIKC_FIREWALLD names the root folder)"""

import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time
import types

from dnf import Machine, overlays, run

SPEC = """cluster lab {
  kubernetes = 1.36
  network {
    lan      = 192.168.11.0/24
    gateway  = 192.168.11.1
    dns      = [192.168.11.1]
    pods     = 10.244.0.0/16
    services = 10.96.0.0/12
  }
  runtime crio {}
  cni flannel { backend = host-gw }
}

node first {
  role    = control-plane
  os      = almalinux-10
  board   = generic-amd64
  memory  = 4GiB
  cpus    = 2
  address = 192.168.11.21
  interface eth0 {}
}
"""
# The other machine has an address of its own, that of a pod on it, and one that no machine has.
MACHINE, POD, STRANGER = "192.168.11.11", "10.244.0.9", "172.20.0.9"
HERE, POD_HERE = "192.168.11.21", "10.244.1.5"
BUS = """<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN" "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>system</type>
  <listen>unix:path=/run/bus</listen>
  <policy context="default"><allow send_destination="*"/><allow receive_sender="*"/><allow own="*"/></policy>
</busconfig>
"""
TO_PODS = "/etc/firewalld/policies/pikc-to-pods.xml"
SERVER = """import socket, sys
server = socket.create_server(("0.0.0.0", int(sys.argv[1])))
while True:
    server.accept()[0].close()
"""
CLIENT = """import socket, sys
try:
    socket.create_connection((sys.argv[2], int(sys.argv[3])), 3, (sys.argv[1], 0)).close()
    print("connected")
except OSError as problem:
    print(problem)
"""


class Lab:
    """The namespaces, and what has been started in them."""

    def __init__(self):
        self.started = []
        self.other, self.pod = (self.start("unshare", "--net", "sleep", "600") for _ in range(2))
        own = os.readlink("/proc/self/ns/net")
        for process in (self.other, self.pod):
            wait("a namespace", lambda process=process: os.readlink(f"/proc/{process.pid}/ns/net") != own)

    def start(self, *words, **more):
        process = subprocess.Popen([str(word) for word in words], **more)
        self.started.append(process)
        return process

    def inside(self, process, *words):
        return ["nsenter", "--target", str(process.pid), "--net", *words]

    def cables(self):
        run("ip", "link", "set", "lo", "up")
        for device, address, process, end in (("eth0", f"{HERE}/24", self.other, "a0"), ("cni0", "10.244.1.1/24", self.pod, "e0")):
            run("ip", "link", "add", device, "type", "veth", "peer", "name", end, "netns", str(process.pid))
            run("ip", "address", "add", address, "dev", device)
            run("ip", "link", "set", device, "up")
        pathlib.Path("/proc/sys/net/ipv4/ip_forward").write_text("1\n")
        for to in ("10.244.0.0/24", f"{STRANGER}/32"):
            run("ip", "route", "add", to, "via", MACHINE)
        for process, lines in (
            (self.other, (f"address add {MACHINE}/24 dev a0", "link set a0 up", "link set lo up", f"address add {POD}/32 dev lo",
                          f"address add {STRANGER}/32 dev lo", f"route add 10.244.1.0/24 via {HERE}")),
            (self.pod, (f"address add {POD_HERE}/24 dev e0", "link set e0 up", "route add default via 10.244.1.1")),
        ):
            for line in lines:
                run(*self.inside(process, "ip", *line.split()))
        self.start(*self.inside(self.pod, sys.executable, "-c", SERVER, "8443"))
        for port in ("6443", "9999"):
            self.start(sys.executable, "-c", SERVER, port)

    def asks(self, source, address=POD_HERE, port=8443):
        return run(*self.inside(self.other, sys.executable, "-c", CLIENT, source, address, str(port))).strip()

    def end(self):
        for process in reversed(self.started):
            process.kill()
            process.wait()


def wait(what, ready):
    end = time.monotonic() + 30
    while time.monotonic() < end:
        if ready():
            return
        time.sleep(0.2)
    raise AssertionError(f"{what} is not there after 30 seconds")


def prepared(root, stubs):
    """The root folder with what programs need there, and commands that run in it."""
    settings = pathlib.Path("/etc/firewalld")
    settings.mkdir(exist_ok=True)
    run("mount", "-t", "tmpfs", "tmpfs", settings)
    shutil.copytree(root / "etc/firewalld", settings, dirs_exist_ok=True)
    run("mount", "--bind", settings, root / "etc/firewalld")
    for name in ("proc", "sys", "dev"):
        run("mount", "--rbind", f"/{name}", root / name)
    for name in ("run", "var", "tmp"):
        run("mount", "-t", "tmpfs", "tmpfs", root / name)
    (root / "var/log").mkdir()
    (root / "run/bus.conf").write_text(BUS)
    stubs.mkdir()
    for name in ("firewall-cmd", "firewall-offline-cmd"):
        (stubs / name).write_text(f'#!/bin/sh\nDBUS_SYSTEM_BUS_ADDRESS=unix:path=/run/bus exec chroot {root} /usr/bin/{name} "$@"\n')
        (stubs / name).chmod(0o755)


def inside(folder, root):
    overlays(folder / "overlays")
    prepared(root, folder / "stubs")
    (folder / "cluster.pik").write_text(SPEC)
    run(folder / "pikc", "compile", folder / "cluster.pik", "-o", folder / "out")
    shutil.copytree(folder / "out/nodes/first", folder / "bundle")
    machine = Machine(folder / "bundle", types.SimpleNamespace(home=folder), folder / "stubs")
    lab = Lab()
    try:
        lab.cables()
        check(machine, lab, root, folder)
    finally:
        lab.end()


def check(machine, lab, root, folder):
    for source in (MACHINE, POD, STRANGER):
        wait(f"a way from {source}", lambda source=source: lab.asks(source) == "connected")

    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    lab.start("chroot", root, "dbus-daemon", "--config-file=/run/bus.conf", "--nofork", **quiet)
    wait("the bus", (root / "run/bus").exists)
    environment = {**os.environ, "DBUS_SYSTEM_BUS_ADDRESS": "unix:path=/run/bus"}
    lab.start("chroot", root, "/usr/sbin/firewalld", "--nofork", "--nopid", env=environment, **quiet)
    state = [folder / "stubs/firewall-cmd", "--state"]
    wait("firewalld", lambda: subprocess.run(state, check=False, **quiet).returncode == 0)
    for source in (MACHINE, POD):
        assert lab.asks(source) != "connected", f"firewalld as it is installed lets {source} through: this test shows nothing"

    said = machine.step("firewall")
    assert "changed  firewalld lets the cluster through" in said, said
    machine.settled("firewall")
    for source in (MACHINE, POD):
        assert lab.asks(source) == "connected", f"{source} to a pod: {lab.asks(source)}"
    assert lab.asks(STRANGER) != "connected", "anyone may talk to pods"
    assert lab.asks(MACHINE, HERE, 6443) == "connected", lab.asks(MACHINE, HERE, 6443)
    assert lab.asks(MACHINE, HERE, 9999) != "connected", "every port is open"

    # Without the policy for packets that nothing encapsulates, those of a machine itself are refused.
    machine.helper(f"unput {TO_PODS}")
    assert not pathlib.Path(TO_PODS).exists()
    assert lab.asks(POD) == "connected", lab.asks(POD)
    assert lab.asks(MACHINE) != "connected", f"{TO_PODS} is not needed"
    machine.step("firewall")
    assert lab.asks(MACHINE) == "connected", lab.asks(MACHINE)


def main(pikc):
    root = pathlib.Path(os.environ.get("PIKC_FIREWALLD", "/nonexistent"))
    if not (root / "usr/sbin/firewalld").exists():
        sys.exit("firewalld: the program is missing: tests/run unpacks it, and PIKC_FIREWALLD names its root folder")
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        (folder / "overlays").mkdir()
        shutil.copy(pikc, folder / "pikc")
        again = [sys.executable, __file__, "--inside", folder, root.resolve()]
        done = subprocess.run(["unshare", "--map-root-user", "--net", "--mount", *again], check=False)
        if done.returncode != 0:
            sys.exit(done.returncode)
    print("firewalld: packets between machines without encapsulation, through a firewalld that runs")


if __name__ == "__main__":
    if sys.argv[1] == "--inside":
        inside(pathlib.Path(sys.argv[2]), pathlib.Path(sys.argv[3]))
    else:
        main(pathlib.Path(sys.argv[1]).resolve())
