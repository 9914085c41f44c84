"""Validates every manifest with kubernetes-validate for the cluster's release, and compares the pod range everywhere."""

import ipaddress
import json

import kubernetes_validate

from read_yaml import documents

NAME = "manifests"
# Not Kubernetes' own: kustomize's and an operator's files have their own readers, Calico's objects a schema from upstream.
ELSEWHERE = ("kustomize.config.k8s.io", "crd.projectcalico.org", "operator.tigera.io")


def release_for(tree, version):
    """The nearest release that the package knows; prints a note if it is not the cluster's."""
    known = sorted({tuple(map(int, v.split(".")[:2])) for v in kubernetes_validate.utils.all_versions()})
    wanted = version[:2]
    nearest = min(known, key=lambda v: (abs(v[0] - wanted[0]), abs(v[1] - wanted[1])))
    if nearest != wanted:
        tree.say(f"kubernetes-validate does not know {wanted[0]}.{wanted[1]}: {nearest[0]}.{nearest[1]} is used")
    return f"{nearest[0]}.{nearest[1]}"


def manifests(tree):
    for path in tree.files("cluster/**/*.yaml", "nodes/*/cni/*.yaml", "classes/*/cni/*.yaml"):
        if path.name == "values.yaml":
            continue  # of a chart, which has its own reader
        try:
            yield path, documents(path)
        except ValueError:
            continue  # the YAML reader has said so


def read(tree):
    version = tree.kubernetes
    if version is None:
        tree.problem(NAME, tree.root, "no Kubernetes version is known")
        return
    release = release_for(tree, version)
    for path, found in manifests(tree):
        if not found:
            tree.problem(NAME, path, "contains no object")
        for document in found:
            if document.get("apiVersion", "").split("/")[0] in ELSEWHERE:
                continue
            tree.count(NAME)
            name = f"{document.get('kind')} {document.get('metadata', {}).get('name')}"
            try:
                kubernetes_validate.validate(document, release, strict=True)
            except kubernetes_validate.ValidationError as problem:
                tree.problem(NAME, path, f"{name}: {'.'.join(map(str, problem.path))}: {problem.message}")
            except (kubernetes_validate.SchemaNotFoundError, kubernetes_validate.InvalidSchemaError) as problem:
                tree.problem(NAME, path, f"{name}: Kubernetes {release} has no such object: {problem}")
    if brought(tree) or any(tree.files("cluster/cni/*/values.yaml")):
        tree.count(NAME)
    pod_range(tree)


def brought(tree):
    """Whether nothing is applied, and the runbook says that the operator installs the network."""
    runbook = tree.root / "README.md"
    return not any(manifests(tree)) and runbook.exists() and "## The pod network" in runbook.read_text()


def containers(document):
    pod = ((document.get("spec") or {}).get("template") or {}).get("spec") or {}
    return [*(pod.get("initContainers") or []), *(pod.get("containers") or [])]


def pod_range(tree):
    """The pod range is in kubeadm's documents and in the CNI's configuration: one value, everywhere."""
    found = {}
    for path in tree.files("nodes/*/kubeadm.yaml"):
        try:
            for document in documents(path):
                if document.get("kind") == "ClusterConfiguration":
                    found[f"{tree.name(path)} podSubnet"] = document.get("networking", {}).get("podSubnet")
                if document.get("kind") == "KubeProxyConfiguration" and "clusterCIDR" in document:
                    found[f"{tree.name(path)} clusterCIDR"] = document["clusterCIDR"]
        except ValueError:
            continue
    flannel = False
    for path, objects in manifests(tree):
        for document in objects:
            data = document.get("data") or {} if document.get("kind") == "ConfigMap" else {}
            if "net-conf.json" not in data:
                continue
            flannel = True
            try:
                network = json.loads(data["net-conf.json"])
                json.loads(data["cni-conf.json"])
            except (json.JSONDecodeError, KeyError) as problem:
                tree.problem(NAME, path, f"ConfigMap {document['metadata']['name']}: {problem!r}")
                continue
            both = [network.get("Network"), *([network.get("IPv6Network")] if network.get("EnableIPv6") else [])]
            found[f"{tree.name(path)} net-conf.json"] = ",".join(map(str, both))
            if not isinstance(network.get("Backend"), dict) or not network["Backend"].get("Type"):
                tree.problem(NAME, path, "net-conf.json does not name a backend: flannel would fall back to udp")
    for path, objects in manifests(tree):
        for container in (c for document in objects for c in containers(document)):
            for entry in container.get("env") or []:
                if entry["name"] == "IPALLOC_RANGE":  # Weave Net's
                    found[f"{tree.name(path)} {container['name']} IPALLOC_RANGE"] = entry.get("value")
    for where, value in found.items():
        try:
            for piece in str(value).split(","):
                ipaddress.ip_network(piece)
        except ValueError as problem:
            tree.problem(NAME, where, f"is not a pod range: {problem}")
    if len(set(found.values())) > 1:
        tree.problem(NAME, tree.root, "the pod range differs: " + "; ".join(f"{k} = {v}" for k, v in sorted(found.items())))
    tree.count("pod range", len(found))
    if flannel and not any("podSubnet" in where and value for where, value in found.items()):
        tree.problem(NAME, tree.root, "flannel needs a podSubnet, but kubeadm has none")
