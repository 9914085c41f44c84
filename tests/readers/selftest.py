#!/usr/bin/env python3
"""Shows that each reader can fail: a small valid tree passes, and each way of breaking it is reported.

usage: selftest.py
"""

import base64
import hashlib
import io
import json
import os
import pathlib
import shutil
import sys
import tarfile
import tempfile

sys.dont_write_bytecode = True

import read_diagnostics  # noqa: E402
from read import read  # noqa: E402

API = "kubeadm.k8s.io/v1beta4"
STEP = """#!/usr/bin/env bash
# 40-swap: no swap on this node.
# shellcheck source-path=SCRIPTDIR source=../lib.sh
. "$(dirname "$0")/../lib.sh"
ok "$0"
"""
RUN = """#!/usr/bin/env bash
set -euo pipefail
echo run
unit=/etc/systemd/system/pikc-resume.service
  cat >"$unit.new" <<'END'
[Unit]
Description=goes on
[Service]
ExecStart=/opt/pikc/run.sh --resume
END
"""
CONTAINERD = """version = 2

[plugins."io.containerd.grpc.v1.cri"]
sandbox_image = "registry.k8s.io/pause:3.10"
[plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
runtime_type = "io.containerd.runc.v2"
[plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc.options]
SystemdCgroup = true
"""
FILES = {
    "classes/worker/run.sh": RUN,
    "classes/worker/files/etc/containerd/config.toml": CONTAINERD,
    "classes/worker/files/etc/sudoers.d/010_pikc-ops": "ops ALL=(ALL) NOPASSWD: ALL\n",
    "classes/worker/files/etc/default/keyboard": 'XKBMODEL="pc105"\nXKBLAYOUT="jp"\n',
    "classes/worker/files/etc/sysctl.d/99-pikc.conf": "# why\nnet.ipv4.ip_forward = 1\n",
    "classes/worker/files/etc/apt/sources.list.d/pikc-crio.sources":
        "# why\nTypes: deb\nURIs: https://example.org/deb/\nSuites: /\nSigned-By: /etc/apt/keyrings/pikc-crio.asc\n",
    "classes/worker/lib.sh": "# shellcheck shell=bash\nok() { printf '%s\\n' \"$*\"; }\n",
    "classes/worker/steps/40-swap.sh": STEP,
    "classes/worker/files/etc/modules-load.d/pikc.conf": "overlay\n",
    "classes/worker/files/etc/apt/sources.list.d/pikc.sources": "Types: deb\nURIs: https://example.org/deb/\nSuites: /\n",
    "classes/worker/files/etc/NetworkManager/conf.d/90-pikc.conf": "[keyfile]\nunmanaged-devices=interface-name:cni*\n",
    "nodes/n1/node.conf": "name=n1\n",
    "nodes/n1/kubeadm.yaml": f"""apiVersion: {API}
kind: InitConfiguration
localAPIEndpoint:
  advertiseAddress: 192.168.11.201
  bindPort: 6443
nodeRegistration:
  name: n1
  criSocket: unix:///var/run/crio/crio.sock
  kubeletExtraArgs:
    - name: node-ip
      value: 192.168.11.201
patches:
  directory: /etc/pikc/patches
---
apiVersion: {API}
kind: ClusterConfiguration
kubernetesVersion: v1.36.4
networking:
  podSubnet: 10.244.0.0/16
  serviceSubnet: 10.96.0.0/12
---
apiVersion: kubelet.config.k8s.io/v1beta1
kind: KubeletConfiguration
cgroupDriver: systemd
---
apiVersion: kubeproxy.config.k8s.io/v1alpha1
kind: KubeProxyConfiguration
mode: iptables
clusterCIDR: 10.244.0.0/16
""",
    "nodes/n1/patches/kubeletconfiguration+merge.yaml": "failSwapOn: false\n",
    "nodes/n1/files/etc/netplan/60-pikc.yaml": """network:
  version: 2
  renderer: NetworkManager
  wifis:
    wlan0:
      addresses: [192.168.11.201/24]
      access-points:
        home:
          password: "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
""",
    "nodes/n1/files/etc/NetworkManager/system-connections/pikc.nmconnection":
        "[connection]\nid=pikc\ntype=wifi\ninterface-name=wlan0\n[wifi]\nssid=home\n[ipv4]\nmethod=manual\naddress1=192.168.11.201/24,192.168.11.1\n",
    "cluster/cni/10-flannel.yaml": """apiVersion: v1
kind: ConfigMap
metadata:
  name: kube-flannel-cfg
  namespace: kube-flannel
data:
  cni-conf.json: |
    {"name": "cbr0", "cniVersion": "0.3.1", "plugins": []}
  net-conf.json: |
    {"Network": "10.244.0.0/16", "Backend": {"Type": "vxlan"}}
""",
}
CHART = "cluster/cni/10-cilium/values.yaml"
VALUES = "ipam: {mode: kubernetes}\nroutingMode: tunnel\ntunnelProtocol: vxlan\nkubeProxyReplacement: false\n"
OPERATED = "cluster/cni/15-calico-resources.yaml"
INSTALLATION = """apiVersion: operator.tigera.io/v1
kind: Installation
metadata: {name: default}
spec:
  calicoNetwork:
    bgp: Disabled
    linuxDataplane: Iptables
    ipPools: [{cidr: 10.244.0.0/16, encapsulation: VXLAN}]
    nodeAddressAutodetectionV4: {kubernetes: NodeInternalIP}
"""
WEAVE = """apiVersion: apps/v1
kind: DaemonSet
metadata: {name: weave-net, namespace: kube-system}
spec:
  selector: {matchLabels: {name: weave-net}}
  template:
    metadata: {labels: {name: weave-net}}
    spec: {containers: [{name: weave, env: [{name: IPALLOC_RANGE, value: 10.32.0.0/12}]}]}
"""
LINKS = {"nodes/n1/run.sh": "../../classes/worker/run.sh", "nodes/n1/lib.sh": "../../classes/worker/lib.sh",
         "nodes/n1/steps": "../../classes/worker/steps", "nodes/n1/common": "../../classes/worker/files",
         "nodes/n1/class.list": "../../classes/worker/class.list"}
SECRET = ("netplan", "system-connections")


def replace(path, old, new):
    def change(root):
        place = root / path
        text = place.read_text()
        assert old in text, f"{path} does not contain {old!r}"
        place.write_text(text.replace(old, new))
        seal(root)
    return change


def write(path, text, sealed=True):
    def change(root):
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)
        if sealed:
            seal(root)
    return change


def raw(path, old, new):
    """Like replace, after the lists were written: they no longer match."""
    def change(root):
        place = root / path
        assert old in place.read_text(), f"{path} does not contain {old!r}"
        place.write_text(place.read_text().replace(old, new))
    return change


def delete(path):
    return lambda root: (root / path).unlink()


def carrier(old, new):
    """user-data as pikc writes it, with part of it changed."""
    def change(root):
        node = root / "nodes/n1"
        packed = io.BytesIO()
        own = [line.split("  ", 3)[3] for line in (node / "node.list").read_text().splitlines()] + ["node.list"]
        with tarfile.open(fileobj=packed, mode="w:gz") as archive:
            for line in ["        class.list", *(node / "class.list").read_text().splitlines()]:
                name = line.split("  ", 3)[3].strip()
                found = tarfile.TarInfo(name)
                found.size = len((node / name).read_bytes())
                archive.addfile(found, io.BytesIO((node / name).read_bytes()))
        files = [("class.tar.gz", base64.b64encode(packed.getvalue()).decode(), "    encoding: b64\n")]
        files += [(name, (node / name).read_text(), "") for name in own]
        text = "#cloud-config\nwrite_files:\n" + "".join(
            f'  - path: /opt/pikc.carrier/{name}\n    permissions: "0600"\n{more}    content: {json.dumps(content)}\n'
            for name, content, more in files) + "hostname: n1\n"
        assert old in text, f"user-data does not contain {old!r}"
        (node / "cloud-init").mkdir()
        (node / "cloud-init/user-data").write_text(text.replace(old, new))
        (node / "cloud-init/meta-data").write_text("instance-id: pikc-c-n1\nlocal-hostname: n1\n")
    return change


INIT, FLANNEL = "nodes/n1/kubeadm.yaml", "cluster/cni/10-flannel.yaml"
NETPLAN = "nodes/n1/files/etc/netplan/60-pikc.yaml"
KEYFILE = "nodes/n1/files/etc/NetworkManager/system-connections/pikc.nmconnection"
CASES = [  # (what is broken, how, the reader that must say so, a piece of what it says)
    ("a script that bash cannot read", replace("classes/worker/steps/40-swap.sh", 'ok "$0"', "if true"), "scripts", "bash -n"),
    ("an unquoted variable", replace("classes/worker/steps/40-swap.sh", 'ok "$0"', "x=$*; ok $x"), "scripts", "SC2086"),
    ("a helper without a definition is fine, a style fault is not", replace("classes/worker/run.sh", "echo run", "echo `date`"), "scripts", "SC2006"),
    ("a file that shellcheck cannot follow", replace("classes/worker/steps/40-swap.sh", "../lib.sh\n.", "../gone.sh\n."), "scripts", "SC1091"),
    ("YAML that does not parse", replace(FLANNEL, "metadata:", "metadata: ["), "yaml", "YAML 1.1"),
    ("a duplicate key", replace(INIT, "  name: n1\n", "  name: n1\n  name: n2\n"), "yaml", "YAML 1.2"),
    ("a word that only YAML 1.1 reads as a boolean", replace(FLANNEL, "name: kube-flannel-cfg", "name: no"), "yaml", "different values"),
    ("a number with a leading zero", replace(INIT, "bindPort: 6443", "bindPort: 06443"), "yaml", "different values"),
    ("an unknown field", replace(INIT, "podSubnet:", "podSubnett:"), "kubeadm", "podSubnett"),
    ("a wrong type", replace(INIT, "bindPort: 6443", 'bindPort: "6443"'), "kubeadm", "bindPort"),
    ("arguments as a map in v1beta4", replace(INIT, "    - name: node-ip\n      value: 192.168.11.201\n", "    node-ip: 192.168.11.201\n"), "kubeadm", "kubeletExtraArgs"),
    ("v1beta4 for a release that does not read it", replace(INIT, "v1.36.4", "v1.30.1"), "kubeadm", "1.31 and newer"),
    ("v1beta3 where it is gone", replace(INIT, f"{API}\nkind: ClusterConfiguration\nkubernetesVersion: v1.36.4", "kubeadm.k8s.io/v1beta3\nkind: ClusterConfiguration\nkubernetesVersion: v1.37.1"), "kubeadm", "no longer read"),
    ("two kinds of configuration in one file", replace(INIT, "kind: KubeProxyConfiguration", "kind: JoinConfiguration"), "kubeadm", "neither"),
    ("a swap behaviour that the release refuses", replace(INIT, "cgroupDriver: systemd", "memorySwap: {swapBehavior: UnlimitedSwap}"), "kubeadm", "UnlimitedSwap"),
    ("a gate that is locked", replace(INIT, "cgroupDriver: systemd", "featureGates: {NodeSwap: true}"), "kubeadm", "NodeSwap"),
    ("a flag that is gone", replace(INIT, "name: node-ip", "name: pod-infra-container-image"), "kubeadm", "removed"),
    ("a patch that kubeadm skips", write("nodes/n1/patches/kubeletconfiguration.yml", "failSwapOn: false\n"), "kubeadm", "not a name"),
    ("a patch with a wrong field", replace("nodes/n1/patches/kubeletconfiguration+merge.yaml", "failSwapOn", "failSwapOff"), "kubeadm", "failSwapOff"),
    ("patches that nothing reads", replace(INIT, "patches:\n  directory: /etc/pikc/patches\n", ""), "kubeadm", "patches.directory"),
    ("an object with a wrong field", replace(FLANNEL, "data:", "dota:"), "manifests", "dota"),
    ("an API that the release does not have", replace(FLANNEL, "apiVersion: v1\nkind: ConfigMap", "apiVersion: policy/v1beta1\nkind: PodSecurityPolicy"), "manifests", "no such object"),
    ("flannel's network that is not the pod range", replace(FLANNEL, "10.244.0.0/16", "10.243.0.0/16"), "manifests", "pod range differs"),
    ("nothing to apply, and no note that the operator installs it", delete(FLANNEL), "manifests", "nothing to read"),
    ("Weave Net's range that is not the pod range", write("cluster/cni/10-weave.yaml", WEAVE), "manifests", "pod range differs"),
    ("a value that the chart does not have", write(CHART, VALUES + "l7proxy: true\n"), "chart values", "l7proxy"),
    ("a value of the wrong type", write(CHART, VALUES.replace("false", '"false"')), "chart values", "kubeProxyReplacement"),
    ("a chart that does kube-proxy's work in addition to it", write(CHART, VALUES.replace("false", "true")), "chart values", "by two"),
    ("a chart with neither tunnel nor routes", write(CHART, VALUES.replace("tunnelProtocol: vxlan", "MTU: 1500")), "chart values", "neither"),
    ("a field that the operator does not have", write(OPERATED, INSTALLATION.replace("linuxDataplane", "dataplane")), "operator's objects", "calicoNetwork.dataplane"),
    ("a value that the operator refuses", write(OPERATED, INSTALLATION.replace("Iptables", "iptables")), "operator's objects", "linuxDataplane"),
    ("a pool that is not the pod range", write(OPERATED, INSTALLATION.replace("10.244", "192.168")), "operator's objects", "the pod range"),
    ("plain routes that nothing announces", write(OPERATED, INSTALLATION.replace("VXLAN", "None")), "operator's objects", "bgp is Disabled"),
    ("a registry without its slash", write(OPERATED, INSTALLATION + "  registry: mirror.example\n"), "operator's objects", "registry"),
    ("kube-proxy with another range", replace(INIT, "clusterCIDR: 10.244.0.0/16", "clusterCIDR: 10.240.0.0/16"), "manifests", "pod range differs"),
    ("a range with host bits", replace(INIT, "podSubnet: 10.244.0.0/16", "podSubnet: 10.244.0.1/16"), "manifests", "not a pod range"),
    ("net-conf.json that is not JSON", replace(FLANNEL, '"vxlan"}}', '"vxlan"}'), "manifests", "JSONDecodeError"),
    ("flannel without a backend", replace(FLANNEL, ', "Backend": {"Type": "vxlan"}', ""), "manifests", "backend"),
    ("netplan's grammar broken", replace(NETPLAN, "addresses:", "adresses:"), "network", "adresses"),
    ("a netplan address that is not an address", replace(NETPLAN, "192.168.11.201/24", "192.168.11.301/24"), "network", "netplan generate"),
    ("a keyfile that others may read", lambda root: seal(root, open_secrets=True), "network", "0600 root:root"),
    ("a keyfile without an id", replace(KEYFILE, "id=pikc\n", ""), "network", "no id"),
    ("a keyfile with a wrong address", replace(KEYFILE, "address1=192.168.11.201/24", "address1=192.168.11.2001/24"), "network", "address1"),
    ("a keyfile with a key twice", replace(KEYFILE, "ssid=home", "ssid=home\nssid=other"), "network", "ssid"),
    ("a file changed after the lists were written", raw("classes/worker/run.sh", "echo run", "echo fun"), "lists", "a different hash"),
    ("a file that no list names", write("nodes/n1/extra.conf", "x\n", sealed=False), "lists", "in no list"),
    ("a file that is gone", delete("nodes/n1/node.conf"), "lists", "not there"),
    ("a list out of order", lambda root: reorder(root), "lists", "not sorted"),
    ("a link that leads nowhere", delete("classes/worker/run.sh"), "lists", "leads nowhere"),
    ("one path from class and node", write("nodes/n1/files/etc/modules-load.d/pikc.conf", "overlay\n"), "lists", "both from the class and from the node"),
    ("a mode that is not in pikc.json", lambda root: (root / "nodes/n1/node.conf").chmod(0o777), "lists", "has mode"),
    ("a package source that is not listed as external", replace("classes/worker/files/etc/apt/sources.list.d/pikc.sources", "example.org", "example.com"), "lists", "among the external addresses"),
    ("a link whose files are not listed", raw("pikc.json", '"classes/worker/run.sh": [', '"classes/worker/ran.sh": ['), "lists", "flat does not list"),
    ("a manifest of another format", raw("pikc.json", '"format": 1', '"format": 2'), "lists", "format"),
    ("user-data without its first line", carrier("#cloud-config\n", ""), "carriers", "does not begin with #cloud-config"),
    ("a key that cloud-init does not know", carrier("hostname:", "enable_ssh: true\nhostname:"), "carriers", "enable_ssh"),
    ("a mode that YAML reads as a number", carrier('permissions: "0600"', "permissions: 0600"), "carriers", "permissions"),
    ("another machine's name", carrier("hostname: n1", "hostname: n2"), "carriers", "the host name is n2"),
    ("a carried file that differs", carrier("name=n1", "name=n2"), "carriers", "a different node.conf"),
    ("a carrier that lacks a file", carrier("carrier/node.conf", "carrier/nod.conf"), "carriers", "lacks node.conf"),
    ("a first boot with a different network", write("nodes/n1/cloud-init/network-config", "network: {version: 2}\n", sealed=False), "carriers", "a network different"),
    ("a unit with a key that systemd ignores", replace("classes/worker/run.sh", "ExecStart=", "Type=forkin\nExecStart="), "programs", "forkin"),
    ("a unit that was moved elsewhere", replace("classes/worker/run.sh", "unit.new", "unit.old"), "programs", "has no unit"),
    ("a rule that sudo does not read", replace("classes/worker/files/etc/sudoers.d/010_pikc-ops", "NOPASSWD:", "NOPASSWORD:"), "programs", "visudo"),
    ("TOML that containerd does not read", replace("classes/worker/files/etc/containerd/config.toml", "true", "tru"), "programs", "config dump"),
    ("a quote in TOML", replace("classes/worker/files/etc/containerd/config.toml", "pause:3.10", 'pa"use'), "settings", "tomllib"),
    ("a keyboard that is a command", replace("classes/worker/files/etc/default/keyboard", "jp", "$(id)"), "settings", "a shell that sources it"),
    ("a keyboard that ends its quotes", replace("classes/worker/files/etc/default/keyboard", "jp", 'jp"; false "'), "settings", "a shell that sources it"),
    ("a kernel setting whose failure is ignored", replace("classes/worker/files/etc/sysctl.d/99-pikc.conf", "net.", "-net."), "settings", "not a setting"),
    ("a kernel setting outside the kernel's", replace("classes/worker/files/etc/sysctl.d/99-pikc.conf", "net.ipv4", "net/../.."), "settings", "not a setting"),
    ("a source of two lines", replace("classes/worker/files/etc/apt/sources.list.d/pikc-crio.sources", "Suites: /", "Suites:\n /"), "settings", "not a field"),
    ("an address that apt fills in", replace("classes/worker/files/etc/apt/sources.list.d/pikc-crio.sources", "deb/", "$(ARCH)"), "settings", "not name an address"),
    ("a key that containerd ignores", replace("classes/worker/files/etc/containerd/config.toml", "sandbox_image", "sandbox"), "programs", "does not read"),
    ("no pikc.json", delete("pikc.json"), "lists", "missing"),
]


def build(root):
    for path, text in FILES.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)
    for path, target in LINKS.items():
        os.symlink(target, root / path)
    seal(root)


def row(digest, mode, path):
    return f"{digest}  {mode}  root:root  {path}\n"


def seal(root, open_secrets=False):
    """Writes lists and manifest for the current files."""
    def digest(place):
        return hashlib.sha256(place.read_bytes()).hexdigest()

    def mode_of(path):
        return "0755" if path.endswith(".sh") else "0600" if any(s in path for s in SECRET) and "conf.d" not in path and not open_secrets else "0644"

    for base, name, rename in (("classes/worker", "class.list", "common"), ("nodes/n1", "node.list", "files")):
        rows = []
        for place in sorted((root / base).rglob("*")):
            path = str(place.relative_to(root / base))
            if place.is_file() and not place.is_symlink() and path not in ("class.list", "node.list") and path.split("/")[0] not in ("steps" if base == "nodes/n1" else "",):
                rows.append((rename + path.removeprefix("files") if path.startswith("files/") else path, place))
        (root / base / name).write_text("".join(row(digest(place), mode_of(path), path) for path, place in sorted(rows)))
    (root / "pikc.json").unlink(missing_ok=True)
    files = []
    for place in sorted(root.rglob("*"), key=lambda p: str(p.relative_to(root))):
        path = str(place.relative_to(root))
        if place.is_symlink():
            files.append({"path": path, "kind": "link", "target": os.readlink(place)})
        elif place.is_file():
            mode = mode_of(path)
            place.chmod(int(mode, 8))
            files.append({"path": path, "kind": "file", "mode": mode, "size": place.stat().st_size, "sha256": digest(place)})
    flat = {}
    for place in (os.path.normpath(os.path.join(os.path.dirname(path), target)) for path, target in LINKS.items()):
        flat[place] = [f["path"] for f in files if f["kind"] == "file" and (f["path"] + "/").startswith(place + "/")]
    outside = [{"url": "https://example.org/deb/", "why": "packages", "used-by": ["55-repositories"]}]
    (root / "pikc.json").write_text(json.dumps({
        "format": 1, "pikc": "0.1.0", "spec-sha256": "0" * 64, "versions": {"kubernetes": "1.36.4"}, "fixed": {"pods": "10.244.0.0/16", "services": "10.96.0.0/12", "cni": "flannel"}, "outside": outside,
        "settings": {"cluster": {"kubernetes": "1.36"}, "nodes": {"role": {"control-plane": "n1"}}},
        "flat": flat, "files": files}))


def reorder(root):
    place = root / "nodes/n1/node.list"
    place.write_text("".join(reversed(place.read_text().splitlines(keepends=True))))


REPORT = {"diagnostics": [{
    "code": "network/pods-overlap-services", "since": "0.1.0", "formerly": [], "deprecated": None, "severity": "error", "message": "pods 10.96.0.0/16 lie in services 10.96.0.0/12",
    "file": "a.pik", "range": {"start": {"line": 1, "column": 1}, "end": {"line": 1, "column": 4}},
    "labels": [{"file": "a.pik", "range": {"start": {"line": 1, "column": 1}, "end": {"line": 1, "column": 4}}, "message": "pods"}],
    "help": "choose another range", "fixes": [], "url": None}]}


def reports():
    """The same for JSON reports: (what is broken, the report, part of the message or None)."""
    def changed(**more):
        return {"diagnostics": [{**REPORT["diagnostics"][0], **more}]}

    area = {"start": {"line": 9, "column": 1}, "end": {"line": 9, "column": 2}}
    backwards = {"start": {"line": 1, "column": 4}, "end": {"line": 1, "column": 1}}
    yield "a valid report", REPORT, None
    yield "a malformed code", changed(code="E0001"), "E0001"
    yield "an unknown severity", changed(severity="fatal"), "fatal"
    yield "a line counted from 0", changed(range={"start": {"line": 0, "column": 1}, "end": {"line": 1, "column": 1}}), "not valid"
    yield "a range after the end of the file", changed(range=area), "outside"
    yield "a range that runs backwards", changed(range=backwards), "after"
    yield "a fix without an edit", changed(fixes=[{"title": "x", "edits": []}]), "fixes"
    yield "a field that the schema does not know", changed(colour="red"), "colour"


def main():
    passed = failed = 0
    with tempfile.TemporaryDirectory() as folder:
        sound = pathlib.Path(folder, "sound")
        build(sound)
        tree = read(sound)
        for problem in tree.problems:
            print(f"FAILED  the valid tree: {problem}")
            failed += 1
        for number, (title, change, reader, piece) in enumerate(CASES):
            broken = pathlib.Path(folder, f"case-{number}")
            shutil.copytree(sound, broken, symlinks=True)
            change(broken)
            said = [p for p in read(broken).problems if p.startswith(f"{reader}: ")]
            if any(piece in p for p in said):
                passed += 1
            else:
                failed += 1
                print(f"FAILED  {title}: {reader} should have reported {piece!r}, but reported {said or 'nothing'}")
            shutil.rmtree(broken)
    for title, report, piece in reports():
        said = list(read_diagnostics.problems_of(report, lambda file: ["pods = 10.96.0.0/16"]))
        if (piece is None and not said) or (piece and any(piece in s for s in said)):
            passed += 1
        else:
            failed += 1
            print(f"FAILED  {title}: {said}")
    print(f"{passed} passed, {failed} failed")
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main())
