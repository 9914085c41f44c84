"""Reads the objects from which an operator installs a CNI: every field exists and has its type, and the pool is the pod range."""

import re

from read_yaml import documents

NAME = "operator's objects"
ON = ("Enabled", "Disabled")

# From tigera/operator v1.42, api/v1/installation_types.go, felixconfigurations of projectcalico/calico v3.32. A tuple: one of these;
# a pattern: a string that it matches completely.
FIELDS = {
    "operator.tigera.io/v1/Installation": {
        "variant": ("Calico",),
        "registry": re.compile(r"\S+/"),
        "kubeletVolumePluginPath": re.compile(r"None|/\S+"),
        "cni.type": ("Calico", "GKE", "AmazonVPC", "AzureVNET"),
        "cni.ipam.type": ("Calico", "HostLocal", "AmazonVPC", "AzureVNET"),
        "calicoNetwork.bgp": ON,
        "calicoNetwork.linuxDataplane": ("Iptables", "BPF", "VPP", "Nftables"),
        "calicoNetwork.mtu": int,
        "calicoNetwork.ipPools[].name": str,
        "calicoNetwork.ipPools[].cidr": str,
        "calicoNetwork.ipPools[].blockSize": int,
        "calicoNetwork.ipPools[].encapsulation": ("IPIP", "IPIPCrossSubnet", "VXLAN", "VXLANCrossSubnet", "None"),
        "calicoNetwork.ipPools[].natOutgoing": ON,
        "calicoNetwork.ipPools[].nodeSelector": ("all()",),
        "calicoNetwork.nodeAddressAutodetectionV6.interface": str,
        "calicoNetwork.nodeAddressAutodetectionV6.kubernetes": ("NodeInternalIP",),
        "calicoNetwork.nodeAddressAutodetectionV4.interface": str,
        "calicoNetwork.nodeAddressAutodetectionV4.kubernetes": ("NodeInternalIP",),
    },
    "operator.tigera.io/v1/APIServer": {},
    "crd.projectcalico.org/v1/FelixConfiguration": {"wireguardEnabled": bool, "wireguardEnabledV6": bool},
}


def leaves(value, path=""):
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from leaves(inner, f"{path}.{key}" if path else key)
    elif isinstance(value, list):
        for inner in value:
            yield from leaves(inner, f"{path}[]")
    else:
        yield path, value


def fits(kind, value):
    if isinstance(kind, tuple):
        return value in kind
    if isinstance(kind, type):
        return type(value) is kind
    return isinstance(value, str) and kind.fullmatch(value) is not None


def read(tree):
    for path in tree.files("cluster/cni/*-resources.yaml"):
        for document in documents(path):
            tree.count(NAME)
            kind = f"{document['apiVersion']}/{document['kind']}"
            known = FIELDS.get(kind)
            if known is None or document["metadata"] != {"name": "default"}:
                tree.problem(NAME, path, f"{kind} {document['metadata']} is not an object of an operator")
                continue
            for name, value in leaves(document.get("spec") or {}):
                if name not in known:
                    tree.problem(NAME, path, f"{kind} is not known to have {name}")
                elif not fits(known[name], value):
                    tree.problem(NAME, path, f"{name} is {value!r}, expected {known[name]}")
            if kind.endswith("/Installation"):
                installation(tree, path, document["spec"]["calicoNetwork"])


def installation(tree, path, network):
    pods = {d["networking"]["podSubnet"] for kubeadm in tree.files("nodes/*/kubeadm.yaml") for d in documents(kubeadm)
            if d.get("kind") == "ClusterConfiguration"}
    pools = network["ipPools"]
    if ",".join(pool["cidr"] for pool in pools) not in pods:
        tree.problem(NAME, path, f"the pools are {pools}, but the pod range is {pods}")
    plain = any(not pool["encapsulation"].startswith("VXLAN") for pool in pools)
    if plain != (network.get("bgp") == "Enabled"):
        tree.problem(NAME, path, f"bgp is {network['bgp']}, but the pools are {pools}")
    if network.get("linuxDataplane") == "BPF" and any(pool["encapsulation"].startswith("IPIP") for pool in pools):
        tree.problem(NAME, path, "IPIP does not work with eBPF")
    if len(network.get("nodeAddressAutodetectionV4") or {}) != 1:
        tree.problem(NAME, path, "more than one way to find a node's address, or none")
