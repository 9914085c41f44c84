"""Reads the values of Helm charts: every value exists in the chart and has its type, and the pod range is the cluster's."""

from read_yaml import documents

NAME = "chart values"

# Of Cilium's chart 1.19, as kubespray v2.31.0 (roles/network_plugin/cilium/templates/values.yaml.j2) and Cilium's Helm reference name them.
# A tuple: one of these.
VALUES = {
    "cilium": {
        "ipam.mode": ("kubernetes", "cluster-pool", "multi-pool"),
        "k8s.requireIPv4PodCIDR": bool,
        "k8s.requireIPv6PodCIDR": bool,
        "ipv6.enabled": bool,
        "ipv6NativeRoutingCIDR": str,
        "routingMode": ("native", "tunnel"),
        "tunnelProtocol": ("vxlan", "geneve"),
        "autoDirectNodeRoutes": bool,
        "ipv4NativeRoutingCIDR": str,
        "MTU": int,
        "devices": list,
        "kubeProxyReplacement": bool,
        "k8sServiceHost": str,
        "k8sServicePort": str,
        "l7Proxy": bool,
        "envoy.enabled": bool,
        "envoy.image.repository": str,
        "envoy.image.useDigest": bool,
        "encryption.enabled": bool,
        "encryption.type": ("wireguard", "ipsec"),
        "hubble.enabled": bool,
        "operator.replicas": int,
        "operator.image.repository": str,
        "operator.image.useDigest": bool,
        "image.repository": str,
        "image.useDigest": bool,
    },
}


def leaves(value, path=""):
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from leaves(inner, f"{path}.{key}" if path else key)
    else:
        yield path, value


def read(tree):
    for path in tree.files("cluster/cni/*/values.yaml"):
        tree.count(NAME)
        known = VALUES.get(path.parent.name.split("-", 1)[1], {})
        found = dict(pair for document in documents(path) for pair in leaves(document))
        for name, value in found.items():
            kind = known.get(name)
            if kind is None:
                tree.problem(NAME, path, f"the chart is not known to have {name}")
            elif isinstance(kind, tuple) and value not in kind or isinstance(kind, type) and type(value) is not kind:
                tree.problem(NAME, path, f"{name} is {value!r}, expected {kind}")
        if not {"ipam.mode", "kubeProxyReplacement"} <= set(found):
            tree.problem(NAME, path, "does not set the pods' addresses, or kube-proxy's replacement")
        if ("tunnelProtocol" in found) == ("ipv4NativeRoutingCIDR" in found):
            tree.problem(NAME, path, "both a tunnel and plain routes, or neither")
        if found.get("kubeProxyReplacement") and not {"k8sServiceHost", "k8sServicePort"} <= set(found):
            tree.problem(NAME, path, "nothing makes the API server's service work, and its address is not set")
        kubeadm = [d for file in tree.files("nodes/*/kubeadm.yaml") for d in documents(file)]
        proxies = [d for d in kubeadm if d.get("kind") == "KubeProxyConfiguration"]
        if bool(found.get("kubeProxyReplacement")) == bool(proxies):
            tree.problem(NAME, path, "kube-proxy's work is done by two programs, or by none")
        ranges = {d["networking"]["podSubnet"] for d in kubeadm if d.get("kind") == "ClusterConfiguration"}
        routed = ",".join(found[name] for name in ("ipv4NativeRoutingCIDR", "ipv6NativeRoutingCIDR") if name in found)
        if routed and routed not in ranges:
            tree.problem(NAME, path, f"the pod range differs: {routed}, kubeadm has {ranges}")
        if found.get("ipv6.enabled", False) != any("," in both for both in ranges):
            tree.problem(NAME, path, f"one address family here, two there: {ranges}")
