"""A machine of a control plane, as a few namespaces of this one: a network of its own, its own /etc, /var, /opt and /run, pikc's
bundle, and a kubelet that runs what is in the static pods. etcd, etcdctl and etcdutl are Debian's."""

import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import time

import yaml

HERE = pathlib.Path(__file__).resolve().parent
STAND_INS = HERE / "standin"
OVERLAID = ("etc", "var", "opt", "run", "usr/local", "mnt")
PKI = "/etc/kubernetes/pki/etcd"
MANIFESTS = "/etc/kubernetes/manifests"
BEGIN = """set -e
mount --make-rprivate /
mount -t tmpfs tmpfs {scratch}
for folder in {folders}; do
  mkdir -p {scratch}/$folder/new {scratch}/$folder/work
  mount -t overlay overlay -o lowerdir=/$folder,upperdir={scratch}/$folder/new,workdir={scratch}/$folder/work /$folder
done
ip link set lo up
hostname {name}
: >{scratch}/ready
exec sleep infinity
"""


SPACES = []  # all that have begun, to be ended


class Namespaces:
    """A process with namespaces of its own, and what is run in them."""

    def __init__(self, work, name, folders):
        self.name = name
        scratch = work / f"machine-{name}"
        scratch.mkdir()
        script = BEGIN.format(scratch=scratch, folders=" ".join(folders), name=name)
        line = ["unshare", "--mount", "--net", "--uts", "--pid", "--fork", "--kill-child", "--mount-proc", "bash", "-c", script]
        self.holder = subprocess.Popen(line, stdin=subprocess.DEVNULL)
        SPACES.append(self)
        children = pathlib.Path(f"/proc/{self.holder.pid}/task/{self.holder.pid}/children")
        until(lambda: children.read_text().strip(), f"{name} begins")
        self.pid = int(children.read_text().split()[0])
        self.root = pathlib.Path(f"/proc/{self.pid}/root")
        until(lambda: (self.root / scratch.relative_to("/") / "ready").exists(), f"{name} is set up")

    def line(self, *words):
        return ["nsenter", f"--target={self.pid}", "--mount", "--net", "--uts", "--pid", "--root", "--wd=/", "--", *map(str, words)]

    def run(self, *words, env=None, timeout=400):
        """(status, output)"""
        done = subprocess.run(self.line(*words), capture_output=True, text=True, timeout=timeout, stdin=subprocess.DEVNULL,
                              env={**os.environ, **(env or {})})
        return done.returncode, done.stdout + done.stderr

    def must(self, *words):
        status, output = self.run(*words)
        if status:
            sys.exit(f"{self.name}: {' '.join(map(str, words))} ended with {status}:\n{output}")
        return output

    def end(self):
        self.holder.send_signal(signal.SIGKILL)
        self.holder.wait()


def until(true, what, seconds=90):
    end = time.monotonic() + seconds
    while not true():
        if time.monotonic() > end:
            sys.exit(f"waited {seconds} seconds in vain: {what}")
        time.sleep(0.1)


class Lan:
    """A bridge between the machines."""

    def __init__(self, work):
        self.space = Namespaces(work, "lan", ())
        self.space.must("ip", "link", "add", "br0", "type", "bridge")
        self.space.must("ip", "link", "set", "br0", "up")

    def connect(self, machine, address):
        port = f"to-{machine.name}"
        # From outside: what names a process is asked of the caller's own processes.
        outside = ["nsenter", f"--target={self.space.pid}", "--net", "--"]
        subprocess.run([*outside, "ip", "link", "add", port, "type", "veth", "peer", "name", "eth0", "netns", str(machine.pid)], check=True)
        self.space.must("ip", "link", "set", port, "master", "br0", "up")
        machine.must("ip", "addr", "add", f"{address}/24", "dev", "eth0")
        machine.must("ip", "link", "set", "eth0", "up")


class Machine(Namespaces):
    """A control plane with pikc's bundle, kubeadm's certificates for etcd, and a kubelet."""

    def __init__(self, work, lan, tree, name, programs):
        super().__init__(work, name, OVERLAID)
        self.bundle, self.programs = tree / "nodes" / name, programs
        self.address = next(line.split("=")[1] for line in (self.bundle / "node.conf").read_text().splitlines() if line.startswith("address="))
        lan.connect(self, self.address)
        for path in STAND_INS.iterdir():
            # They read YAML, as the Python that runs this can.
            self.put(f"/usr/local/bin/{path.name}", path.read_text().replace("/usr/bin/env python3", sys.executable, 1), 0o755)
        shutil.copytree(self.bundle, self.inside("/opt/pikc"))
        self.put("/run/standin/programs", str(programs))
        self.put("/var/lib/pikc/kubeadm", "finished\n", 0o600)
        self.inside("/var/lib/pikc").chmod(0o700)
        self.inside(MANIFESTS).mkdir(parents=True)
        documents = list(yaml.safe_load_all((self.bundle / "kubeadm.yaml").read_text()))
        self.local = next(d for d in documents if d["kind"] == "ClusterConfiguration").get("etcd", {}).get("local", {})
        self.data = self.local.get("dataDir", "/var/lib/etcd")
        self.kubelet = subprocess.Popen(self.line("kubelet"), stdin=subprocess.DEVNULL)

    def inside(self, path):
        return self.root / str(path).lstrip("/")

    def put(self, path, text, mode=0o644):
        place = self.inside(path)
        place.parent.mkdir(parents=True, exist_ok=True)
        new = place.with_name(f".{place.name}.new")
        new.write_text(text)
        new.chmod(mode)
        new.rename(place)

    def certificates(self, authority, days=365, pki=PKI):
        """What kubeadm makes of the authority (cmd/kubeadm/app/phases/certs/certlist.go)."""
        common = [f"DNS:{self.name}", "DNS:localhost", "IP:127.0.0.1", "IP:::1", f"IP:{self.address}"]
        for name, subject, usage, sans in (
                ("server", f"/CN={self.name}", "serverAuth,clientAuth", common + self.names("serverCertSANs")),
                ("peer", f"/CN={self.name}", "serverAuth,clientAuth", common + self.names("peerCertSANs")),
                ("healthcheck-client", "/CN=kube-etcd-healthcheck-client", "clientAuth", [])):
            certificate, key = authority.sign(subject, usage, sans, days)
            self.put(f"{pki}/{name}.crt", certificate)
            self.put(f"{pki}/{name}.key", key, 0o600)
        self.put(f"{pki}/ca.crt", authority.certificate)

    def names(self, field):
        return [f"DNS:{name}" for name in self.local.get(field, [])]

    def manifest(self, members, state):
        """etcd's static pod as kubeadm writes it, with the settings of pikc's document (cmd/kubeadm/app/phases/etcd/local.go)."""
        own = {one["name"]: one["value"] for one in self.local.get("extraArgs", [])}
        arguments = {
            "advertise-client-urls": f"https://{self.address}:2379", "cert-file": f"{PKI}/server.crt", "client-cert-auth": "true",
            "data-dir": self.data, "initial-advertise-peer-urls": f"https://{self.address}:2380",
            "initial-cluster": ",".join(f"{m.name}=https://{m.address}:2380" for m in members), "initial-cluster-state": state,
            "key-file": f"{PKI}/server.key", "listen-client-urls": f"https://127.0.0.1:2379,https://{self.address}:2379",
            "listen-metrics-urls": "http://127.0.0.1:2381", "listen-peer-urls": f"https://{self.address}:2380", "name": self.name,
            "peer-cert-file": f"{PKI}/peer.crt", "peer-client-cert-auth": "true", "peer-key-file": f"{PKI}/peer.key",
            "peer-trusted-ca-file": f"{PKI}/ca.crt", "snapshot-count": "10000", "trusted-ca-file": f"{PKI}/ca.crt", **own}
        return pod("etcd", ["etcd", *(f"--{name}={value}" for name, value in sorted(arguments.items()))], [self.data, PKI])

    def begin(self, members, state):
        self.put(f"{MANIFESTS}/etcd.yaml", self.manifest(members, state), 0o600)
        for name in ("kube-apiserver", "kube-controller-manager", "kube-scheduler"):
            self.put(f"{MANIFESTS}/{name}.yaml", pod(name, [name], []), 0o600)

    def forget(self):
        """What run.sh --reset leaves of etcd."""
        for path in self.inside(MANIFESTS).glob("*.yaml"):
            path.unlink()
        until(lambda: not self.running("etcd"), f"etcd ends on {self.name}")
        shutil.rmtree(self.inside(self.data) / "member")

    def etcdctl(self, *words, timeout=20):
        """(status, output) of etcdctl with the machine's own certificate, on the machine's own member."""
        own = ["--cacert", f"{PKI}/ca.crt", "--cert", f"{PKI}/healthcheck-client.crt", "--key", f"{PKI}/healthcheck-client.key"]
        line = [self.programs / "etcdctl", "--endpoints", "https://127.0.0.1:2379", f"--command-timeout={timeout}s", *own, *words]
        return self.run(*line, env={"ETCDCTL_API": "3"})

    def value(self, key):
        return self.etcdctl("get", "--print-value-only", key)[1].strip()

    def healthy(self):
        return self.etcdctl("endpoint", "health", timeout=3)[0] == 0

    def members(self):
        """{name: what etcd says of it} of the members that it knows."""
        status, output = self.etcdctl("member", "list", "--write-out", "json")
        found = json.loads(output)["members"] if status == 0 else []
        return {one.get("name", ""): one for one in found}

    def containers(self):
        path = self.inside("/run/standin/containers.json")
        return json.loads(path.read_text()) if path.exists() else {}

    def running(self, name):
        return [one for one in self.containers().values() if one["name"] == name and one["code"] is None]

    def kill(self, name):
        """The power of one program fails: the kubelet starts it again, unless it is told not to."""
        for one in self.running(name):
            self.run("kill", "-KILL", one["pid"])


def pod(name, command, folders):
    volumes = [{"name": f"v{i}", "hostPath": {"path": folder, "type": "DirectoryOrCreate"}} for i, folder in enumerate(folders)]
    mounts = [{"name": f"v{i}", "mountPath": folder} for i, folder in enumerate(folders)]
    container = {"name": name, "image": "registry.k8s.io/etcd:3.5.16-0", "command": command, "volumeMounts": mounts}
    spec = {"hostNetwork": True, "containers": [container], "volumes": volumes}
    return yaml.safe_dump({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name, "namespace": "kube-system"}, "spec": spec}, width=1000)
