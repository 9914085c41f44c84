"""Real etcd on the machines of a spec: three members with pikc's authority, names and arguments, each in namespaces of its own.
They survive the loss of one and let in no one without a certificate; pikc's own scripts renew their certificates, make snapshots of them
and restore one.

usage: run.py PIKC PROGRAMS     (as root; PROGRAMS is a folder with etcd, etcdctl and etcdutl)"""

import os
import pathlib
import re
import stat
import subprocess
import sys
import tempfile

from machine import MANIFESTS, PKI, SPACES, Lan, Machine, until
from renewal import renews

SPEC = """cluster office {
  kubernetes = @release@
  network { lan = 10.1.0.0/24, gateway = 10.1.0.1, dns = [10.1.0.1] }
  endpoint = api.office.example
  etcd {
    data-dir    = "/var/lib/etcd-data"
    server-sans = [etcd.office.example]
    extra-args { heartbeat-interval = "200", election-timeout = "2000" }
    snapshots { every = 8h, keep = 3, to = "/mnt/backups/etcd" }
  }
  certificates { renew = weekly }
  runtime containerd { source = upstream }
  cni flannel {}
}
allow kubernetes/release-ended { reason = "an older release of etcd" }
profile machine {
  os     = debian-12
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
TO = "/mnt/backups/etcd"
RESTORE = "/opt/pikc/run.sh"
checks = 0


def must(true, sentence, output=""):
    global checks
    checks += 1
    if not true:
        sys.exit(f"not so: {sentence}\n{output}")


class Authority:
    """Signs certificates as kubeadm does; made by pikc, or by a stranger."""

    def __init__(self, folder, given=None):
        self.folder = folder
        folder.mkdir()
        if given:
            (folder / "ca.crt").write_bytes((given / "ca.crt").read_bytes())
            (folder / "ca.key").write_bytes((given / "ca.key").read_bytes())
        else:
            self.openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "ca.key", "-out", "ca.crt", "-subj", "/CN=etcd-ca", "-days", "2")
        self.certificate = (folder / "ca.crt").read_text()

    def openssl(self, *words):
        done = subprocess.run(["openssl", *words], cwd=self.folder, capture_output=True, text=True)
        if done.returncode:
            sys.exit(f"openssl {' '.join(words)}: {done.stderr}")
        return done.stdout

    def sign(self, subject, usage, sans, days=365):
        extensions = ["basicConstraints=critical,CA:FALSE", "keyUsage=critical,digitalSignature,keyEncipherment", f"extendedKeyUsage={usage}"]
        if sans:
            extensions.append("subjectAltName=" + ",".join(sans))
        (self.folder / "extensions").write_text("\n".join(extensions) + "\n")
        self.openssl("req", "-newkey", "rsa:2048", "-nodes", "-keyout", "key", "-out", "request", "-subj", subject)
        self.openssl("x509", "-req", "-in", "request", "-CA", "ca.crt", "-CAkey", "ca.key", "-CAcreateserial", "-out", "crt", "-days", str(days),
                     "-extfile", "extensions")
        return (self.folder / "crt").read_text(), (self.folder / "key").read_text()


def compiled(work, pikc, release):
    """The tree of the spec, and pikc's authority for etcd."""
    folder = work / f"spec-{release}"
    folder.mkdir()
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", folder / "key"], check=True)
    spec = folder / "office.pik"
    spec.write_text(SPEC.replace("@release@", release).replace("KEY", (folder / "key.pub").read_text().strip()))
    env = {**os.environ, "PIKC_SECRETS_PASSPHRASE": "four words and one"}
    for line in ([pikc, "secrets", "init", spec], [pikc, "compile", spec, "-o", folder / "out"]):
        done = subprocess.run([str(word) for word in line], capture_output=True, text=True, env=env)
        if done.returncode:
            sys.exit(f"{' '.join(map(str, line))} ended with {done.returncode}:\n{done.stdout}{done.stderr}")
    return folder / "out", Authority(work / f"authority-{release}", folder / "out/nodes/cp1/once/pki/etcd")


def join(machine, members):
    """As kubeadm join: a learner first, which becomes a member when it has everything; each is tried until etcd is ready for it."""
    first, added = members[0], []

    def add():
        added[:] = first.etcdctl("member", "add", machine.name, "--learner", f"--peer-urls=https://{machine.address}:2380")
        return added[0] == 0
    until(add, f"{machine.name} can be added")
    machine.begin([*members, machine], "existing")
    identifier = re.search(r"Member +([0-9a-f]+) added", added[1])[1]
    until(lambda: first.etcdctl("member", "promote", identifier)[0] == 0, f"{machine.name} becomes a member")
    until(machine.healthy, f"{machine.name} is healthy")


def survives(machines):
    one, two, three = machines
    must(one.etcdctl("put", "/registry/a", "before")[0] == 0, "the three take a write")
    must(three.value("/registry/a") == "before", "and each of them has it")
    pods = {machine: machine.inside(f"{MANIFESTS}/etcd.yaml").read_text() for machine in (two, three)}
    three.inside(f"{MANIFESTS}/etcd.yaml").unlink()
    until(lambda: not three.running("etcd"), "cp3 ends")
    until(lambda: one.etcdctl("put", "/registry/b", "without cp3")[0] == 0, "the other two go on")
    two.inside(f"{MANIFESTS}/etcd.yaml").unlink()
    until(lambda: not two.running("etcd"), "cp2 ends")
    must(one.etcdctl("put", "/registry/c", "alone", timeout=4)[0] != 0, "one of three is no majority")
    for machine, pod in pods.items():
        machine.put(f"{MANIFESTS}/etcd.yaml", pod, 0o600)
    until(lambda: all(machine.healthy() for machine in machines), "all three are back")
    must(three.value("/registry/b") == "without cp3", "the one that was away has what it missed")


def refuses(machines, work):
    """Nothing without a certificate of this authority: no client, no member."""
    one, _, three = machines
    stranger = Authority(work / "stranger")
    address = f"https://{one.address}:2379"
    status, output = three.run(one.programs / "etcdctl", f"--endpoints={address}", f"--cacert={PKI}/ca.crt", "--command-timeout=3s", "get", "/registry/a")
    must(status != 0 and "before" not in output, "a client without a certificate is refused", output)
    certificate, key = stranger.sign("/O=system:masters/CN=root", "clientAuth", [])
    three.put("/run/root-of-another.crt", certificate)
    three.put("/run/root-of-another.key", key, 0o600)
    own = ["--cert=/run/root-of-another.crt", "--key=/run/root-of-another.key"]
    status, output = three.run(one.programs / "etcdctl", f"--endpoints={address}", f"--cacert={PKI}/ca.crt", *own, "--command-timeout=3s", "get", "/registry/a")
    must(status != 0 and "before" not in output, "so is one whose certificate is another authority's", output)
    status, output = three.run(one.programs / "etcdctl", f"--endpoints={address}", f"--cacert={PKI}/ca.crt", f"--cert={PKI}/healthcheck-client.crt",
                               f"--key={PKI}/healthcheck-client.key", "--command-timeout=3s", "get", "--print-value-only", "/registry/a")
    must(status == 0 and "before" in output, "and one of this authority's is not: the two above fail for their certificate", output)

    # cp3, taken over: it has its data and its address, and certificates that a stranger signed.
    pod = three.inside(f"{MANIFESTS}/etcd.yaml").read_text()
    three.inside(f"{MANIFESTS}/etcd.yaml").unlink()
    until(lambda: not three.running("etcd"), "cp3 ends")
    false = "/run/false"
    certificate, key = stranger.sign("/CN=cp3", "serverAuth,clientAuth", ["DNS:cp3", "DNS:localhost", "IP:127.0.0.1", f"IP:{three.address}"])
    for name, text in (("peer.crt", certificate), ("peer.key", key)):
        three.put(f"{false}/{name}", text, 0o600)
    taken = pod.replace(f"{PKI}/peer.", f"{false}/peer.")
    must(taken != pod, "the manifest names the peer's certificate")
    three.put(f"{MANIFESTS}/etcd.yaml", taken, 0o600)
    until(lambda: three.running("etcd"), "the false cp3 runs")
    must(one.etcdctl("put", "/registry/d", "a secret")[0] == 0, "the others go on")
    logs = [path for path in one.inside("/run/standin/logs").iterdir()]
    refused = re.compile(r"tls: (unknown certificate authority|failed to verify certificate|bad certificate)|certificate signed by unknown authority")
    until(lambda: any(refused.search(path.read_text(errors="replace")) for path in logs), "cp1 refuses the false cp3's certificate")
    status, output = three.etcdctl("get", "--print-value-only", "--consistency=s", "/registry/d", timeout=3)
    must("a secret" not in output, "and tells it nothing that is new", output)
    must(not three.healthy(), "it is no member")
    three.put(f"{MANIFESTS}/etcd.yaml", pod, 0o600)
    until(lambda: three.healthy() and three.value("/registry/d") == "a secret", "with its own certificate it is one again")


def snapshots_of(machine):
    folder = machine.inside(TO)
    return sorted(path for path in folder.iterdir() if path.name.endswith(".db")) if folder.exists() else []


def saves(machine):
    """The whole life of snapshots; the newest one at the end is what is restored."""
    machine.must("install", "-d", "-m", "0700", TO)  # as step 82 does
    for _ in range(5):
        machine.must("bash", "/opt/pikc/snapshot.sh")
        machine.must("sleep", "1.1")  # their names are seconds
    kept = snapshots_of(machine)
    must(len(kept) == 3, f"three stay: {kept}")
    must(all(stat.S_IMODE(path.stat().st_mode) == 0o600 for path in kept), "only root can read them")
    must(stat.S_IMODE(machine.inside(TO).stat().st_mode) == 0o700, "nor enter their folder")
    must(not machine.inside(f"{machine.data}/pikc-snapshot").exists(), "nothing is left in etcd's folder")
    output = machine.must(machine.programs / "etcdutl", "snapshot", "status", f"{TO}/{kept[-1].name}")
    must(output.strip(), "etcdutl reads it", output)
    output = machine.must("bash", "/opt/pikc/snapshot.sh", "--status")
    must("3 in /mnt/backups/etcd" in output and "LATE" not in output, "--status counts them", output)
    for how, said in (("lost", "etcd made no snapshot"), ("half", "the snapshot cannot be read")):
        machine.put("/run/standin/cut", how)
        status, output = machine.run("bash", "/opt/pikc/snapshot.sh")
        must(status != 0 and said in output, f"cut short ({how}), it says so", output)
        must(snapshots_of(machine) == kept, "and neither counts nor costs one", output)
        must(len(list(machine.inside(TO).iterdir())) == 3, "nor leaves a piece")
        must(said in machine.must("bash", "/opt/pikc/snapshot.sh", "--status"), "--status has the reason")
    machine.inside("/run/standin/cut").unlink()
    machine.must("mount", "-t", "tmpfs", "-o", "size=1m,mode=0700", "tmpfs", TO)
    status, output = machine.run("bash", "/opt/pikc/snapshot.sh")
    must(status != 0 and "needs" in output and "free" in output, "a disk that is too full is said before anything is written", output)
    machine.must("umount", TO)
    machine.must("chmod", "0755", TO)
    status, output = machine.run("bash", "/opt/pikc/snapshot.sh")
    must(status != 0 and "only root can enter" in output, "a folder that others can enter is refused", output)
    machine.must("chmod", "0700", TO)
    machine.must("bash", "/opt/pikc/snapshot.sh")
    must("newest try" not in machine.must("bash", "/opt/pikc/snapshot.sh", "--status"), "then all is well again")
    return f"{TO}/{snapshots_of(machine)[-1].name}"


def revision(machine):
    return int(re.search(r'"revision":(\d+)', machine.etcdctl("get", "/registry/a", "--write-out=json")[1])[1])


def restores(machines, file):
    one, two, three = machines
    must(one.etcdctl("put", "/registry/a", "after")[0] == 0 and one.etcdctl("put", "/registry/new", "new")[0] == 0, "the cluster goes on")
    begun = revision(one)
    status, output = one.run("bash", RESTORE, "--restore", file, "--yes")
    must(status == 1 and "etcd still runs on cp2" in output, "with other members it is refused", output)
    must(one.value("/registry/a") == "after", "and nothing is touched")
    for machine in (two, three):
        machine.forget()
    # Without a majority, this is what the operator has.
    must(one.etcdctl("put", "/registry/x", "x", timeout=3)[0] != 0, "etcd has lost its majority")
    damaged = one.inside("/run/damaged.db")
    whole = one.inside(file).read_bytes()
    damaged.write_bytes(whole[:4096 * 3] + bytes([whole[4096 * 3] ^ 1]) + whole[4096 * 3 + 1:])
    status, output = one.run("bash", RESTORE, "--restore", "/run/damaged.db", "--yes")
    must(status == 1 and "is not a snapshot that can be restored" in output, "a damaged snapshot is refused", output)
    must(one.running("kube-apiserver") and one.running("etcd"), "before anything is stopped")
    must(not list(one.inside(MANIFESTS).glob("pikc-restore*")), "and its pod is gone")

    # Cut short at the worst moment: the old data is aside, the new not in its place.
    script = one.inside("/opt/pikc/restore.sh")
    whole = script.read_text()
    cut = whole.replace('mv "$work/data/member" "$etcd/member"', 'kill -KILL $$', 1)
    must(cut != whole, "there is such a moment")
    script.write_text(cut)
    status, output = one.run("bash", "/opt/pikc/restore.sh", file)
    must(status != 0 and not one.running("etcd"), "a restore that is killed", output)
    script.write_text(whole)
    status, output = one.run("bash", RESTORE, "--restore", file, "--yes")
    must(status == 0, "is done by the next one", output)
    must("on every worker" in output, "which says what is left to do", output)
    must(one.value("/registry/a") == "before" and one.value("/registry/new") == "", "the cluster has what the snapshot has")
    must(list(one.members()) == ["cp1"], f"it is the only member: {one.members()}")
    must(revision(one) > begun + 10**8, "revisions go on, so that what watches notices")
    must(one.value("/registry/minions/cp2") == "" and one.value("/registry/minions/cp1") == "cp1", "the others' nodes are gone until they join")
    must(sorted(path.name for path in one.inside(MANIFESTS).iterdir()) == [
        "etcd.yaml", "kube-apiserver.yaml", "kube-controller-manager.yaml", "kube-scheduler.yaml"], "the manifests are back")
    must(not one.inside("/etc/kubernetes/pikc-restore").exists() and not one.inside(f"{one.data}/pikc-restore").exists(), "nothing is left")
    must(len(list(one.inside(one.data).glob("before-restore-*/member"))) == 1, "except etcd's former data, once")
    for machine in (two, three):
        join(machine, [one] if machine is two else [one, two])
        must(machine.value("/registry/a") == "before", f"{machine.name} joins, and has it")
    must(len(one.members()) == 3, "there are three again")


def cluster(work, pikc, programs, release, names):
    tree, authority = compiled(work, pikc, release)
    place = work / release
    place.mkdir()
    lan = Lan(place)
    machines = []
    for name in names:
        machine = Machine(place, lan, tree, name, programs)
        machine.certificates(authority)
        if machines:
            join(machine, machines)
        else:
            machine.begin([machine], "new")
            until(machine.healthy, f"{name} is healthy")
        machine.etcdctl("put", f"/registry/minions/{name}", name)
        machines.append(machine)
    return machines, authority


def main():
    pikc, programs = pathlib.Path(sys.argv[1]).resolve(), pathlib.Path(sys.argv[2]).resolve()
    with tempfile.TemporaryDirectory(prefix="pikc-etcd-") as folder:
        work = pathlib.Path(folder)
        try:
            machines, authority = cluster(work, pikc, programs, "1.36", ["cp1", "cp2", "cp3"])
            must(set(machines[0].members()) == {"cp1", "cp2", "cp3"}, f"three members: {machines[0].members()}")
            survives(machines)
            refuses(machines, work)
            renews(machines, authority, must)
            restores(machines, saves(machines[0]))
            # An older release restores with etcdctl.
            (one,), _ = cluster(work, pikc, programs, "1.33", ["cp1"])
            must("\nrestore=(etcdctl " in one.inside("/opt/pikc/restore.sh").read_text(), "1.33 has etcdctl for it")
            one.etcdctl("put", "/registry/a", "before")
            one.must("install", "-d", "-m", "0700", TO)
            one.must("bash", "/opt/pikc/snapshot.sh")
            one.etcdctl("put", "/registry/a", "after")
            status, output = one.run("bash", RESTORE, "--restore", f"{TO}/{snapshots_of(one)[0].name}", "--yes")
            must(status == 0 and one.value("/registry/a") == "before", "its snapshot is restored, too", output)
        finally:
            for space in SPACES:
                space.end()
    print(f"etcd: {checks} checks passed")


if __name__ == "__main__":
    main()
