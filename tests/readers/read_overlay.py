"""Builds each overlay with a real kustomize from a small stand-in for upstream's file, and checks the result."""

import json
import os
import pathlib
import shutil
import subprocess
import tempfile

import kubernetes_validate

from read_manifests import NAME as MANIFESTS
from read_manifests import release_for
from read_yaml import documents

NAME = "overlays"
STANDINS = pathlib.Path(__file__).parent / "upstream"


def read(tree):
    for path in tree.files("cluster/cni/*/kustomization.yaml"):
        tree.count(NAME)
        made = build(tree, path)
        if made is None:
            continue
        release = release_for(tree, tree.kubernetes)
        for document in made:
            tree.count(MANIFESTS)
            try:
                kubernetes_validate.validate(document, release, strict=True)
            except kubernetes_validate.ValidationError as problem:
                tree.problem(NAME, path, f"{document['kind']} {document['metadata']['name']}: {problem.message}")
        calico(tree, path, made)
        canal(tree, path, made)


def build(tree, path):
    """The result of kustomize; every patch must have found its object."""
    with tempfile.TemporaryDirectory() as folder:
        shutil.copy(path, folder)
        for line in (path.parent / "upstream.list").read_text().splitlines():
            if line.startswith("#"):
                continue
            checksum, file, address = line.split("  ")
            if len(checksum) != 64 or not address.endswith("/" + file):
                tree.problem(NAME, path.parent / "upstream.list", f"is not a checksum, a file and its address: {line}")
            shutil.copy(STANDINS / file, folder)
        done = subprocess.run([os.environ.get("KUBECTL", "kubectl"), "kustomize", folder], capture_output=True, text=True, check=False)
        if done.returncode or done.stderr.strip():
            tree.problem(NAME, path, f"kubectl kustomize: {done.stderr.strip() or done.returncode}".replace(folder, ""))
            return None
        out = pathlib.Path(folder, "made.yaml")
        out.write_text(done.stdout)
        return documents(out)


def calico(tree, path, made):
    """The pool is the pod range, at most one encapsulation is on, and no probe waits for BGP if it does not run."""
    node = next((d for d in made if d["kind"] == "DaemonSet" and d["metadata"]["name"] == "calico-node"), None)
    if node is None:
        return
    config = next(d for d in made if d["kind"] == "ConfigMap" and d["metadata"]["name"] == "calico-config")["data"]
    container = node["spec"]["template"]["spec"]["containers"][0]
    variables = [entry["name"] for entry in container["env"]]
    if len(variables) != len(set(variables)):
        tree.problem(NAME, path, f"a variable is set twice: {variables}")
    env = {entry["name"]: entry.get("value") for entry in container["env"]}
    pool(tree, path, env)
    on = [name for name in ("CALICO_IPV4POOL_IPIP", "CALICO_IPV4POOL_VXLAN") if env.get(name) != "Never"]
    if len(on) > 1:
        tree.problem(NAME, path, "both encapsulations are on")
    probes = str(container["livenessProbe"]) + str(container["readinessProbe"])
    if ("bird" in probes) != (config["calico_backend"] == "bird"):
        tree.problem(NAME, path, f"the backend is {config['calico_backend']}, but the probes are {probes}")
    if "DATASTORE_TYPE" not in env:
        tree.problem(NAME, path, "the overlay has removed upstream's own variables")


def canal(tree, path, made):
    """flannel's network and Calico's pool are the pod range, and upstream's own settings are still there."""
    both = next((d for d in made if d["kind"] == "DaemonSet" and d["metadata"]["name"] == "canal"), None)
    if both is None:
        return
    config = next(d for d in made if d["kind"] == "ConfigMap" and d["metadata"]["name"] == "canal-config")["data"]
    containers = {one["name"]: {entry["name"]: entry.get("value") for entry in one["env"]} for one in both["spec"]["template"]["spec"]["containers"]}
    pool(tree, path, containers["calico-node"])
    network = json.loads(config["net-conf.json"])
    if network["Network"] != containers["calico-node"].get("CALICO_IPV4POOL_CIDR") or "Type" not in network["Backend"]:
        tree.problem(NAME, path, f"flannel's network is {network}")
    if not {"cni_network_config", "typha_service_name"} <= set(config) or "USE_POD_CIDR" not in containers["calico-node"] \
            or "FLANNELD_IP_MASQ" not in containers["kube-flannel"]:
        tree.problem(NAME, path, "the overlay has removed upstream's own settings")


def pool(tree, path, env):
    pods = {d["networking"]["podSubnet"] for kubeadm in tree.files("nodes/*/kubeadm.yaml") for d in documents(kubeadm)
            if d.get("kind") == "ClusterConfiguration"}
    pools = ",".join(env[name] for name in ("CALICO_IPV4POOL_CIDR", "CALICO_IPV6POOL_CIDR") if name in env)
    if {pools} != pods:
        tree.problem(NAME, path, f"the pool is {pools}, but the pod range is {pods}")
