"""The address of the control planes with real keepalived and HAProxy: three machines of a spec, each in namespaces of its own, with the
configuration and the services that pikc makes for them. The address is on exactly one machine at a time, whatever fails.

usage: run.py PIKC ROOT     (as root; ROOT is an unpacked Debian with haproxy, keepalived, curl and iproute2)"""

import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import threading
import time

from plane import SPACES, ControlPlane, Inside, Lan, until

SPEC = """cluster office {
  kubernetes = 1.36
  network { lan = 10.1.0.0/24, gateway = 10.1.0.1, dns = [10.1.0.1] }
  vip { address = 10.1.0.5, by = keepalived }
  runtime containerd { source = upstream }
  cni flannel {}
}
profile machine {
  os     = debian-13
  board  = generic-amd64
  memory = 4GiB
  cpus   = 2
  user ops { ssh-keys = ["KEY"] }
  interface eth0 {}
}
node cp[1-3] {
  profile = machine
  role    = control-plane
  address = 10.1.0.11..10.1.0.13
}
"""
ADDRESS = "10.1.0.5"
checks = 0


class Watch(threading.Thread):
    """Looks all the time how many machines have the address, and for how long it was more than one."""

    running = None

    def __init__(self, machines):
        super().__init__(daemon=True)
        self.machines, self.twice, self.ended = machines, 0.0, threading.Event()
        Watch.running = self

    def end(self):
        self.ended.set()
        self.join()

    def run(self):
        before = time.monotonic()
        while not self.ended.wait(0.02):
            now = time.monotonic()
            if sum(machine.has(ADDRESS) for machine in self.machines) > 1:
                self.twice += now - before
            before = now


def must(true, sentence, output=""):
    global checks
    checks += 1
    if not true:
        sys.exit(f"not so: {sentence}\n{output}")


def compiled(work, pikc):
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", work / "key"], check=True)
    spec = work / "office.pik"
    spec.write_text(SPEC.replace("KEY", (work / "key.pub").read_text().strip()))
    done = subprocess.run([pikc, "compile", spec, "-o", work / "out"], capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"pikc compile ended with {done.returncode}:\n{done.stdout}{done.stderr}")
    return work / "out"


def certificate(work):
    """What kubeadm gives each API server: the moving address is in it."""
    line = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=kube-apiserver",
            "-keyout", work / "api.key", "-out", work / "api.crt", "-addext", f"subjectAltName=IP:{ADDRESS}"]
    subprocess.run(line, check=True, capture_output=True)
    return work / "api.crt", work / "api.key"


class Cluster:
    """The three machines, and someone who uses the address."""

    def __init__(self, machines, client, pair):
        self.machines, self.client, self.pair = machines, client, pair
        self.watch = Watch(machines)
        self.watch.start()
        client.put("api.crt", pair[0].read_text())

    def holders(self):
        return [machine for machine in self.machines if machine.has(ADDRESS)]

    def holder(self, seconds=30, but=None):
        """The one that has the address, within that time."""
        def settled():
            found = self.holders()
            return len(found) == 1 and found[0] is not but
        begin = time.monotonic()
        try:
            until(settled, "exactly one machine has the address", seconds)
        except SystemExit as late:
            sys.exit(f"{late}; it is on {[m.name for m in self.holders()]}\n" + "\n".join(m.log() for m in self.machines))
        return self.holders()[0], time.monotonic() - begin

    def asked(self):
        """Who answers at the address, to someone who knows the authority."""
        return self.client.run("curl", "-sS", "--max-time", "3", "--cacert", "/api.crt", f"https://{ADDRESS}:8443/")

    def answers(self, sentence, seconds=20):
        end = time.monotonic() + seconds
        status, said = self.asked()
        while status and time.monotonic() < end:
            time.sleep(0.2)
            status, said = self.asked()
        must(status == 0, sentence, said + "\n" + "\n".join(m.log() for m in self.machines))
        return said

    def again(self, machine, service):
        """systemd begins it again."""
        time.sleep(1)
        machine.start(service)

    def one_at_a_time(self, sentence, most=0.0):
        must(self.watch.twice <= most, f"{sentence}: two machines had the address for {self.watch.twice:.2f} seconds",
             "\n".join(m.log() for m in self.machines))
        self.watch.twice = 0.0


def begins(cluster):
    """Before kubeadm init there is no API server: the services run, and no one has the address."""
    for machine in cluster.machines:
        machine.start("haproxy")
        machine.start("keepalived")
    time.sleep(8)
    for machine in cluster.machines:
        must(all(service.poll() is None for service in machine.services.values()), f"the services of {machine.name} run", machine.log())
    must(not cluster.holders(), "without an API server no one has the address")
    first = cluster.machines[0]
    first.begin_api(*cluster.pair)
    holder, took = cluster.holder(40)
    print(f"  the address is there {took:.0f} seconds after the first API server, on {holder.name}")
    must(cluster.answers("the address leads to the first API server") == first.name, "it is the only one there is")
    for machine in cluster.machines[1:]:
        machine.begin_api(*cluster.pair)
    time.sleep(8)
    must(cluster.holder()[0] is holder, "it stays when the others come")
    cluster.one_at_a_time("while the machines begin")


def loses_api_server(cluster):
    holder, _ = cluster.holder()
    holder.end_api()
    heard = set()
    time.sleep(10)
    for _ in range(12):
        heard.add(cluster.answers("the others answer while the API server of the holder is down"))
    others = {machine.name for machine in cluster.machines if machine is not holder}
    must(heard == others, f"the two that are ready answer, {heard}")
    must(cluster.holder()[0] is holder, "the address need not move for that")
    holder.begin_api(*cluster.pair)


def not_ready(cluster):
    one = cluster.machines[1]
    one.state.write_text("500")
    time.sleep(12)
    heard = {cluster.answers("an API server that is ready answers") for _ in range(12)}
    must(one.name not in heard, "one that is not ready gets no connections")
    one.state.write_text("401")
    time.sleep(9)
    heard = {cluster.answers("an API server answers") for _ in range(24)}
    must(one.name in heard, "one that speaks to no one without a name does")
    one.state.write_text("200")


def loses_power(cluster):
    holder, _ = cluster.holder()
    holder.power_off()
    other, took = cluster.holder(20, but=holder)
    print(f"  the holder lost its power: the address is on {other.name} after {took:.1f} seconds")
    cluster.answers("the address leads to an API server again")
    # Its other end: switched on again, nothing of the run before is on it.
    for service in ("keepalived", "haproxy"):
        holder.stop(service, signal.SIGKILL)
    holder.run("ip", "addr", "del", f"{ADDRESS}/32", "dev", "eth0")
    holder.lan.space.must("ip", "link", "set", f"to-{holder.name}", "up")
    holder.on = True
    holder.start("haproxy")
    holder.start("keepalived")
    time.sleep(15)
    must(cluster.holder()[0] is other, "the address does not move back by itself")
    cluster.one_at_a_time("when power is lost and comes back")


def stopped(cluster):
    holder, _ = cluster.holder()
    holder.stop("keepalived")
    must(not holder.has(ADDRESS), "keepalived takes the address away when it is stopped")
    other, took = cluster.holder(10, but=holder)
    print(f"  keepalived was stopped: the address is on {other.name} after {took:.1f} seconds")
    cluster.one_at_a_time("when keepalived is stopped")
    holder.start("keepalived")


def crashed(cluster):
    """A crash leaves the address where it is, until keepalived begins again."""
    holder, _ = cluster.holder()
    holder.stop("keepalived", signal.SIGKILL)
    cluster.again(holder, "keepalived")
    time.sleep(12)
    cluster.holder(20)
    cluster.answers("the address leads to an API server after a crash of keepalived")
    cluster.one_at_a_time("when keepalived crashes and begins again")


def without_front(cluster):
    """A machine whose HAProxy does not run gives the address away."""
    holder, _ = cluster.holder()
    holder.stop("haproxy")
    other, took = cluster.holder(30, but=holder)
    print(f"  HAProxy was stopped: the address is on {other.name} after {took:.1f} seconds")
    cluster.answers("the address leads to an API server again")
    holder.start("haproxy")
    cluster.one_at_a_time("when HAProxy is stopped")


def stranger(cluster, client):
    """Someone else in the LAN with the same number and a higher priority does not get the machines to give the address up."""
    time.sleep(10)
    holder, _ = cluster.holder()
    peers = " ".join(machine.address for machine in cluster.machines)
    client.put("etc/keepalived/stranger.conf", f"""global_defs {{
      vrrp_version 3
    }}
    vrrp_instance stranger {{
      state MASTER
      interface eth0
      virtual_router_id 5
      priority 254
      unicast_src_ip 10.1.0.77
      unicast_peer {{
        {peers.replace(' ', chr(10))}
      }}
      virtual_ipaddress {{
        10.1.0.99/32
      }}
    }}
    """)
    line = client.line("keepalived", "--dont-fork", "--log-console", "--vrrp", "--use-file=/etc/keepalived/stranger.conf",
                       "--pid=/run/a.pid", "--vrrp_pid=/run/b.pid")
    with open(client.inside("stranger.log"), "w", encoding="utf-8") as log:
        process = subprocess.Popen(line, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
    time.sleep(8)
    must("MASTER STATE" in client.inside("stranger.log").read_text(), "the stranger speaks", client.inside("stranger.log").read_text())
    must(cluster.holder()[0] is holder, "what a stranger says changes nothing", "\n".join(m.log() for m in cluster.machines))
    process.kill()
    process.wait()


def none_ready(cluster):
    for machine in cluster.machines:
        machine.state.write_text("500")
    until(lambda: not cluster.holders(), "no one has the address when no API server is ready", 40)
    for machine in cluster.machines:
        machine.state.write_text("200")
    cluster.holder(40)
    cluster.answers("the address is back with the API servers")
    cluster.one_at_a_time("when no API server is ready")


def main():
    pikc, programs = sys.argv[1:]
    with tempfile.TemporaryDirectory(prefix="pikc-vip-") as folder:
        work = pathlib.Path(folder)
        tree = compiled(work, pikc)
        try:
            lan = Lan(work)
            machines = [ControlPlane(work, lan, tree, name, programs) for name in ("cp1", "cp2", "cp3")]
            client = Inside(work, "client", programs)
            lan.connect(client, "10.1.0.77")
            cluster = Cluster(machines, client, certificate(work))
            for part in (begins, loses_api_server, not_ready, loses_power, stopped, crashed, without_front):
                print(part.__name__.replace("_", " "), flush=True)
                part(cluster)
            print("stranger", flush=True)
            stranger(cluster, client)
            print("none ready", flush=True)
            none_ready(cluster)
        finally:
            if watch := Watch.running:
                watch.end()
            for space in SPACES:
                space.end()
    print(f"the moving address: {checks} checks of real keepalived and HAProxy")


if __name__ == "__main__":
    os.umask(0o022)
    main()
