"""Validates the kubeadm, kubelet and kube-proxy documents with our own JSON Schemas, and with the rules that need the release."""

import json
import pathlib

import jsonschema

from read_yaml import documents

NAME = "kubeadm"
SCHEMAS = pathlib.Path(__file__).parent / "schemas"
ROLES = {frozenset({"InitConfiguration", "ClusterConfiguration", "KubeletConfiguration", "KubeProxyConfiguration"}): "control plane",
         frozenset({"JoinConfiguration"}): "joining node"}


def validate(schema, document):
    found = jsonschema.Draft7Validator(json.loads((SCHEMAS / schema).read_text())).iter_errors(document)
    for problem in sorted(found, key=lambda p: [str(x) for x in p.absolute_path]):
        yield f"{'.'.join(map(str, problem.absolute_path)) or 'document'}: {problem.message}"


def by_release(kind, api, document, minor):
    """What is right or wrong depending on the release; each with the kubeadm or kubelet release that changed it."""
    if api == "kubeadm.k8s.io/v1beta4" and minor < 31:
        yield f"v1beta4 is read by kubeadm 1.31 and newer, this is 1.{minor}"
    if api == "kubeadm.k8s.io/v1beta3" and minor >= 37:
        yield f"v1beta3 is no longer read by kubeadm 1.37, this is 1.{minor}"
    if kind == "ClusterConfiguration":
        if "httpEndpoints" in document.get("etcd", {}).get("external", {}) and minor < 35:
            yield "etcd.external.httpEndpoints is known from 1.35 on"
        if document.get("encryptionAlgorithm") == "ECDSA-P384" and minor < 34:
            yield "ECDSA-P384 is known from 1.34 on"
    if kind == "KubeletConfiguration":
        behaviour = document.get("memorySwap", {}).get("swapBehavior")
        gates = document.get("featureGates") or {}
        if behaviour == "UnlimitedSwap" and minor >= 30:
            yield "UnlimitedSwap is refused by the kubelet from 1.30 on"
        if behaviour == "NoSwap" and minor < 30:
            yield "NoSwap is known to the kubelet from 1.30 on"
        if behaviour and minor < 30 and not gates.get("NodeSwap"):
            yield "before 1.30 memorySwap needs the gate NodeSwap"
        if "NodeSwap" in gates and minor >= 34:
            yield "the gate NodeSwap is locked from 1.34 on and will be removed"
        if "failCgroupV1" in document and minor < 31:
            yield "failCgroupV1 is known from 1.31 on"
        if "containerRuntimeEndpoint" in document and minor < 27:
            yield "containerRuntimeEndpoint is known from 1.27 on"
        if "mergeDefaultEvictionSettings" in document and minor < 33:
            yield "mergeDefaultEvictionSettings is known from 1.33 on"
        low, high = document.get("imageGCLowThresholdPercent", 80), document.get("imageGCHighThresholdPercent", 85)
        if low >= high:
            yield f"imageGCLowThresholdPercent {low} is not below imageGCHighThresholdPercent {high}"
    if kind == "KubeProxyConfiguration" and document.get("mode") == "nftables" and minor < 31:
        yield "mode nftables is on by default from 1.31 on"


def arguments(document, minor):
    """Flags that a kubelet of this release no longer has."""
    extra = document.get("nodeRegistration", {}).get("kubeletExtraArgs") or []
    names = list(extra) if isinstance(extra, dict) else [entry.get("name") for entry in extra]
    for flag, gone in (("container-runtime", 27), ("pod-infra-container-image", 35)):
        if flag in names and minor >= gone:
            yield f"the kubelet's flag --{flag} was removed in 1.{gone}"


def without_proxy(found):
    """Whether kubeadm is told, in this API version, to install no kube-proxy; if so, there is nothing to configure."""
    for document in found:
        if document.get("kind") == "ClusterConfiguration" and (document.get("proxy") or {}).get("disabled") is True:
            return True
        if document.get("kind") == "InitConfiguration" and "addon/kube-proxy" in (document.get("skipPhases") or []):
            return True
    return False


def read(tree):
    version = tree.kubernetes
    if version is None:
        tree.problem(NAME, tree.root, "no kubeadm.yaml names a kubernetesVersion")
        return
    minor = version[1]
    for path in [*tree.files("nodes/*/kubeadm.yaml"), *tree.files("nodes/*/kubeadm-join.yaml")]:
        try:
            found = documents(path)
        except ValueError:
            continue  # the YAML reader has said so
        kinds = [d.get("kind") for d in found]
        if without_proxy(found):
            kinds.append("KubeProxyConfiguration")
        if frozenset(kinds) not in ROLES or len(kinds) != len(set(kinds)):
            tree.problem(NAME, path, f"contains {', '.join(map(str, kinds))}: neither what init reads nor what join reads")
        for document in found:
            tree.count(NAME)
            kind, api = document.get("kind"), str(document.get("apiVersion"))
            schema = f"{kind}-{api.split('/')[-1]}.json"
            if not (SCHEMAS / schema).exists():
                tree.problem(NAME, path, f"{api} {kind} is not something that kubeadm reads")
                continue
            for sentence in [*validate(schema, document), *by_release(kind, api, document, minor), *arguments(document, minor)]:
                tree.problem(NAME, path, f"{kind}: {sentence}")
            directory = (document.get("patches") or {}).get("directory")
            if (path.parent / "patches").is_dir() and "patches" not in document and kind in ("InitConfiguration", "JoinConfiguration"):
                tree.problem(NAME, path, f"{kind}: there is a patches folder, but patches.directory is not set")
            if directory and directory != "/etc/pikc/patches":
                tree.problem(NAME, path, f"{kind}: patches.directory is {directory}, but they are installed in /etc/pikc/patches")
    for path in tree.files("nodes/*/patches/*"):
        tree.count(NAME)
        # kubeadm skips a misspelt name with only a log line, so the name is compared exactly.
        if path.name not in ("kubeletconfiguration+merge.yaml", "kubeletconfiguration+strategic.yaml"):
            tree.problem(NAME, path, "is not a name that kubeadm accepts for a patch of the kubelet's configuration")
        if minor < 25:
            tree.problem(NAME, path, f"kubeadm knows this target from 1.25 on, this is 1.{minor}")
        try:
            for document in documents(path):
                for sentence in [*validate("kubelet-patch.json", document), *by_release("KubeletConfiguration", "", document, minor)]:
                    tree.problem(NAME, path, sentence)
        except ValueError:
            continue
