"""CNIs from upstream's manifest or chart: fetched, compared with the checksum, overlaid, applied."""

import base64

from lab import must, scenario

RUN = "bash /root/bundle/run.sh"
AGAIN = "/opt/pikc/run.sh"
CALICO = "cni calico { as-number = 64999, backend = bgp }"


@scenario("calico: upstream's manifest is fetched once, compared and applied with its overlay; a second run changes nothing")
def calico(lab):
    machine = lab.machine(lab.lan(), "node01")
    machine.give(lab.bundle("node01", cni=CALICO))
    outcome = machine.converge(RUN)
    must(outcome.status == 0 and "FAILED" not in outcome.output, "it succeeds", outcome.output)
    must("calico.yaml fetched; its checksum is correct" in outcome.output, "it says what it fetched", outcome.output)
    applied = machine.lan.cluster()["applied"]
    must("DaemonSet/kube-system/calico-node" in applied, "the DaemonSet is applied", str(list(applied)))
    patch = applied["DaemonSet/kube-system/calico-node"]["metadata"]["annotations"]["stand-in/patch"]
    must("10.244.0.0/16" in patch, "with the pod range over it", patch)
    must(any(key.startswith("BGPConfiguration/") for key in applied), "and the objects next to it", str(list(applied)))
    again = machine.boot(AGAIN, serve={"/upstream/calico.yaml": "/gone"})
    must(again.status == 0 and not again.changed, "a second run changes nothing and fetches nothing: " + "; ".join(again.changed), again.output)


@scenario("calico: a manifest with another checksum is refused, and nothing of it is applied")
def checksum(lab):
    machine = lab.machine(lab.lan(), "node01")
    machine.give(lab.bundle("node01", cni=CALICO))
    outcome = machine.converge(RUN, serve={"/upstream/calico.yaml": "/upstream/calico-typha.yaml"})
    must(outcome.event == "exited" and outcome.status == 1, "it stops", outcome.output)
    must("does not have the checksum" in outcome.output, "and says why", outcome.output)
    must("DaemonSet/kube-system/calico-node" not in machine.lan.cluster()["applied"], "nothing was applied")
    repaired = machine.converge(AGAIN)
    must(repaired.status == 0, "with the right file the next run succeeds", repaired.output)


@scenario("from flannel to Calico: the old CNI's file is moved aside, and the run says how to remove its objects", long=True)
def another(lab):
    machine = lab.twin("node01")
    old, new = "/etc/cni/net.d/10-flannel.conflist", "/etc/cni/net.d/10-calico.conflist"
    must(machine.exists(old) and not machine.exists(new), "flannel's file is there to begin with")
    machine.give_text("/etc/cni/net.d/99-mine.conflist", "{}", 0o644)
    machine.give(lab.bundle("node01", cni=CALICO))
    outcome = machine.converge(RUN)
    must(outcome.status == 0, "it succeeds", outcome.output)
    must(f"{old} is moved aside" in outcome.output, "it says so", outcome.output)
    must("10-flannel.yaml is no longer wanted" in outcome.output, "and names what is still in the cluster", outcome.output)
    must(machine.exists(new) and machine.exists(f"{old}.disabled") and not machine.exists(old), "one file is left")
    must(machine.exists("/etc/cni/net.d/99-mine.conflist"), "and the file that another tool put there")
    again = machine.boot(AGAIN)
    must(again.status == 0 and not again.changed, "a second run changes nothing: " + "; ".join(again.changed), again.output)


@scenario("calico: a bundle with upstream's manifest fetches nothing")
def vendored(lab):
    machine = lab.machine(lab.lan(), "node01")
    machine.give(lab.bundle("node01", cni=CALICO, vendored="yes"))
    outcome = machine.converge(RUN, serve={"/upstream/calico.yaml": "/gone"})
    must(outcome.status == 0 and "FAILED" not in outcome.output, "it succeeds", outcome.output)
    must("fetched" not in outcome.output, "and fetches nothing", outcome.output)
    must("DaemonSet/kube-system/calico-node" in machine.lan.cluster()["applied"], "the DaemonSet is applied")


@scenario("calico without kube-proxy: it has the API server's address; a kube-proxy from an earlier tree is named, and left alone", long=True)
def ebpf(lab):
    choice = "cni calico { ebpf = on }\n  proxy { disabled = on }"
    machine = lab.machine(lab.lan(), "node01")
    machine.give(lab.bundle("node01", cni=choice))
    outcome = machine.converge(RUN)
    must(outcome.status == 0 and "FAILED" not in outcome.output, "it succeeds", outcome.output)
    applied = machine.lan.cluster()["applied"]
    reached = applied.get("ConfigMap/kube-system/kubernetes-services-endpoint", {}).get("data", {})
    must(reached.get("KUBERNETES_SERVICE_PORT") == "6443" and reached.get("KUBERNETES_SERVICE_HOST"), "the API server's own address", str(reached))
    must("DaemonSet/kube-system/kube-proxy" not in applied, "kubeadm created no kube-proxy", str(list(applied)))
    must("kube-proxy from an earlier bundle" not in outcome.output, "and none is mentioned", outcome.output)
    again = machine.boot(AGAIN)
    must(again.status == 0 and not again.changed, "a second run changes nothing: " + "; ".join(again.changed), again.output)
    other = lab.twin("node01")
    other.give(lab.bundle("node01", cni=choice))
    outcome = other.converge(RUN)
    must(outcome.status == 0, "the run on an earlier cluster succeeds", outcome.output)
    must("kube-proxy from an earlier bundle is still there" in outcome.output, "and says how to remove kube-proxy", outcome.output)
    must("DaemonSet/kube-system/kube-proxy" in other.lan.cluster()["applied"], "which is left to a person")


@scenario("calico by its operator: the API server merges its definitions, and knows them before the operator's object is applied", long=True)
def operator(lab):
    choice = "cni calico { install = operator, encryption = on, ebpf = on }\n  proxy { disabled = on }"
    machine = lab.machine(lab.lan(), "node01")
    machine.give(lab.bundle("node01", cni=choice))
    outcome = machine.converge(RUN)
    must(outcome.status == 0 and "FAILED" not in outcome.output, "it succeeds", outcome.output)
    for file in ("v1_crd_projectcalico_org.yaml", "tigera-operator.yaml"):
        must(f"{file} fetched; its checksum is correct" in outcome.output, f"it says that it fetched {file}", outcome.output)
    applied = machine.lan.cluster()["applied"]
    must(applied["Installation//default"]["spec"]["calicoNetwork"]["ipPools"][0]["cidr"] == "10.244.0.0/16", "the operator has the range", str(list(applied)))
    must("FelixConfiguration//default" in applied and "APIServer//default" in applied, "and the rest", str(list(applied)))
    reached = applied.get("ConfigMap/tigera-operator/kubernetes-services-endpoint", {}).get("data", {})
    must(reached.get("KUBERNETES_SERVICE_HOST"), "and the API server's own address", str(reached))
    must("installations.operator.tigera.io serverside-applied" in outcome.output, "the API server merged", outcome.output)
    must("node01 is Ready" in outcome.output, "and the network comes up", outcome.output)
    again = machine.boot(AGAIN, serve={"/upstream/tigera-operator.yaml": "/gone"})
    must(again.status == 0 and not again.changed, "a second run changes nothing: " + "; ".join(again.changed), again.output)
    machine.give_text("/root/by-hand.yaml", "apiVersion: v1\nkind: ServiceAccount\nmetadata: {name: tigera-operator, namespace: tigera-operator, labels: {mine: 'yes'}}\n")
    changed = machine.boot("kubectl --kubeconfig /etc/kubernetes/admin.conf apply --filename /root/by-hand.yaml; " + AGAIN)
    must(changed.status == 0 and "10-calico applied" in changed.output, "a change by hand is undone", changed.output)
    machine.give(lab.bundle("node01", cni="cni flannel { }"))
    other = machine.converge(RUN)
    must(other.status == 0, "another CNI", other.output)
    first, last = other.output.find("15-calico-resources.yaml is no longer"), other.output.find("10-calico.yaml is no longer")
    must(0 <= first < last, "the operator is removed after what it created", other.output)


@scenario("cilium: chart and Helm are fetched, compared and installed once; so is a changed value; another CNI prints how to remove it", long=True)
def cilium(lab):
    machine = lab.machine(lab.lan(), "node01")
    machine.give(lab.bundle("node01", cni="cni cilium { }"))
    outcome = machine.converge(RUN)
    must(outcome.status == 0 and "FAILED" not in outcome.output, "it succeeds", outcome.output)
    must("10-cilium installed" in outcome.output and "node01 is Ready" in outcome.output, "the chart is installed, the node Ready", outcome.output)
    must("helm-arm64.tar.gz fetched" in outcome.output and "helm-amd64" not in outcome.output, "with the Helm of this architecture", outcome.output)
    made = machine.lan.cluster()["applied"]["DaemonSet/kube-system/cilium"]["metadata"]["annotations"]
    must('"mode": "kubernetes"' in made["stand-in/values"] and made["stand-in/chart"].startswith("cilium 1."), "with the values of the bundle", str(made))
    for folder in ("/root/.cache/helm", "/root/.config/helm", "/root/.local/share/helm"):
        must(not machine.exists(folder), f"Helm left nothing in {folder}")
    again = machine.boot(AGAIN, serve={"/upstream/cilium-1.19.3.tgz": "/gone"})
    must(again.status == 0 and not again.changed, "a second run changes nothing and fetches nothing: " + "; ".join(again.changed), again.output)
    machine.give(lab.bundle("node01", cni="cni cilium { hubble = on }"))
    outcome = machine.converge(RUN)
    must(outcome.status == 0 and "10-cilium installed" in outcome.output, "other values are installed", outcome.output)
    made = machine.lan.cluster()["applied"]["DaemonSet/kube-system/cilium"]["metadata"]["annotations"]
    must('"hubble": {"enabled": true' in made["stand-in/values"], "and the cluster has them", str(made))
    machine.give(lab.bundle("node01"))
    outcome = machine.converge(RUN)
    must(outcome.status == 0 and "10-cilium is no longer wanted" in outcome.output, "another CNI names the old one", outcome.output)
    way_out = machine.boot("bash -c \"$(cat /var/lib/pikc/cni/10-cilium.release)\" && rm /var/lib/pikc/cni/10-cilium.release; " + AGAIN)
    must(way_out.status == 0 and "no longer wanted" not in way_out.output, "the command that it named removes the release", way_out.output)
    must("DaemonSet/kube-system/cilium" not in machine.lan.cluster()["applied"], "which is gone", way_out.output)


@scenario("cilium: killed anywhere during its installation, the next run has the same result", long=True)
def cilium_killed(lab):
    whole = lab.machine(lab.lan(), "node01")
    whole.give(lab.bundle("node01", cni="cni cilium { }"))
    must(whole.converge(RUN).status == 0, "the undisturbed run succeeds")
    for point in range(2, 30, 3):
        machine = lab.twin("node01")
        machine.give(lab.bundle("node01", cni="cni cilium { }"))
        machine.boot("bash /root/bundle/run.sh --only 76-cni", kill_at=point)
        outcome = machine.converge(RUN)
        must(outcome.status == 0 and "FAILED" not in outcome.output, f"killed at {point}, it succeeds", outcome.output)
        release = machine.lan.cluster()["applied"]["Secret/kube-system/sh.helm.release.v1.cilium.v1"]
        must(release["metadata"]["labels"]["status"] == "deployed", f"killed at {point}, the release is complete", str(release))
        lab.drop(machine)


@scenario("calico with peers and route reflectors: nodes label themselves, and what the spec no longer names is removed", long=True)
def peers(lab):
    with_peers = """cni calico { backend = bgp }
  bgp {
    peer left { address = 10.20.0.1, as-number = 64513 }
    peer right { address = 10.20.0.2, as-number = 64513, nodes = [node01] }
  }"""
    machine = lab.machine(lab.lan(), "node01")
    machine.give(lab.bundle("node01", cni=with_peers, reflector="on"))
    outcome = machine.converge(RUN)
    must(outcome.status == 0 and "FAILED" not in outcome.output, "it succeeds", outcome.output)
    state = machine.lan.cluster()
    must({"BGPPeer//left", "BGPPeer//right-node01", "BGPPeer//pikc-route-reflectors", "BGPConfiguration//default"} <= set(state["applied"]), "the objects", str(list(state["applied"])))
    must(state["applied"]["BGPConfiguration//default"]["spec"]["nodeToNodeMeshEnabled"] is False, "reflectors replace the mesh")
    node = state["nodes"]["node01"]
    must(node["labels"].get("route-reflector") == "true" and node["annotations"] == {"projectcalico.org/RouteReflectorClusterID": "244.0.0.1"}, "it has its label and annotation", str(node))
    again = machine.boot(AGAIN)
    must(again.status == 0 and not again.changed, "a second run changes nothing: " + "; ".join(again.changed), again.output)
    fewer = """cni calico { backend = bgp }
  bgp { peer left { address = 10.20.0.1, as-number = 64513 } }"""
    machine.give(lab.bundle("node01", cni=fewer))
    outcome = machine.converge(RUN)
    must(outcome.status == 0, "another spec", outcome.output)
    state = machine.lan.cluster()
    must("BGPPeer//left" in state["applied"] and "BGPPeer//right-node01" not in state["applied"], "the peer is gone", outcome.output)
    must("route-reflector" not in state["nodes"]["node01"]["labels"] and not state["nodes"]["node01"]["annotations"], "and the label and annotation", outcome.output)
    again = machine.boot(AGAIN)
    must(again.status == 0 and not again.changed, "a second run changes nothing: " + "; ".join(again.changed), again.output)


BOTH = {
    "ipv6": "ipv6 { lan = fd5c:1a2b:3c4d:11::/64, pods = fd5c:1a2b:3c4d:100::/56, services = fd5c:1a2b:3c4d:200::/112 }",
    "address-ipv6": "address-ipv6 = fd5c:1a2b:3c4d:11::201",
    "addresses-ipv6": "address-ipv6 = fd5c:1a2b:3c4d:11::202..fd5c:1a2b:3c4d:11::204",
}


@scenario("dual stack: a machine has addresses of both families and forwards both, and the cluster uses both", long=True)
def both(lab):
    machine = lab.machine(lab.lan(), "node01")
    machine.give(lab.bundle("node01", **BOTH))
    outcome = machine.converge(RUN)
    must(outcome.status == 0 and "FAILED" not in outcome.output, "it succeeds", outcome.output)
    flannel = machine.lan.cluster()["applied"]["ConfigMap/kube-flannel/kube-flannel-cfg"]["data"]["net-conf.json"]
    must('"IPv6Network": "fd5c:1a2b:3c4d:100::/56"' in flannel, "flannel has the second range", flannel)
    again = machine.boot("ip -6 -o addr show dev wlan0; " + AGAIN)
    must("net.ipv6.conf.all.forwarding = 1" in again.output, "it passes IPv6 on", again.output)
    must("fd5c:1a2b:3c4d:11::201/64" in again.output, "the machine has the address", again.output)
    must(again.status == 0 and not again.changed, "a second run changes nothing: " + "; ".join(again.changed), again.output)
    worker = lab.machine(machine.lan, "node02")
    worker.give(lab.bundle("node02", **BOTH))
    worker.give_text("/root/join.conf", machine.read("/etc/pikc/join.conf"), 0o600)
    joined = worker.converge(RUN + " --join /root/join.conf")
    must(joined.status == 0 and "FAILED" not in joined.output, "a worker joins", joined.output)


@scenario("weave: its password is in the cluster's Secret, in the bundle, and nowhere else on the machine; a reset forgets the nodes", long=True)
def weave(lab):
    machine = lab.machine(lab.lan(), "node01")
    machine.give(lab.bundle("node01", cni="cni weave { password = secret:wifi }"))
    machine.give_text("/etc/machine-id", "0123456789abcdef0123456789abcdef\n", 0o444)
    outcome = machine.converge(RUN)
    must(outcome.status == 0 and "FAILED" not in outcome.output, "it succeeds", outcome.output)
    must("this machine has an id" in outcome.output, "it checks the machine's id", outcome.output)
    applied = machine.lan.cluster()["applied"]
    must("DaemonSet/kube-system/weave-net" in applied, "the DaemonSet is applied", str(list(applied)))
    packed = applied["Secret/kube-system/weave-net"]["data"]["password"]
    must(base64.b64decode(packed) == b"correct horse battery", "and the Secret", packed)
    must(lab.mode(machine, "/opt/pikc/cni/05-weave-secret.yaml") == "0600 0:0", "only root can read the bundle's file")
    kept = machine.read("/var/lib/pikc/cni/05-weave-secret.yaml")
    must("name: weave-net" in kept and "kind: Secret" in kept, "the list kept for its removal names it", kept)
    holders = []
    for folder in ("/var/lib/pikc", "/var/log/pikc", "/etc", "/run/pikc"):
        for path in machine.inside(folder).rglob("*"):
            if path.is_file() and not path.is_symlink() and packed.encode() in path.read_bytes():
                holders.append(str(path))
    must(not holders and packed not in outcome.output, "nothing else holds the password", " ".join(holders))
    again = machine.boot(AGAIN)
    must(again.status == 0 and not again.changed, "a second run changes nothing: " + "; ".join(again.changed), again.output)
    machine.give_text("/var/lib/weave/weave-netdata.db", "the other nodes\n", 0o600)
    machine.give_text("/etc/cni/net.d/10-weave.conflist", "{}\n")
    undone = machine.boot(AGAIN + " --reset --yes")
    must(undone.status == 0, "a reset succeeds", undone.output)
    for path in ("/var/lib/weave", "/etc/cni/net.d/10-weave.conflist", "/var/lib/pikc/cni"):
        must(not machine.inside(path).exists(), f"and {path} is gone", undone.output)


@scenario("weave: a machine without its own id is refused before anything is changed")
def machine_id(lab):
    machine = lab.machine(lab.lan(), "node01")
    machine.give(lab.bundle("node01", cni="cni weave { }"))
    machine.give_text("/etc/machine-id", "uninitialized\n", 0o444)
    outcome = machine.boot(RUN)
    must(outcome.status == 1 and "systemd-machine-id-setup" in outcome.output, "it stops and says what to do", outcome.output)
    must("nothing was changed" in outcome.output and not machine.inside("/etc/kubernetes/admin.conf").exists(), "nothing is changed", outcome.output)


@scenario("none: the steps succeed and say what is missing; as soon as there is a pod network, the node is Ready")
def none(lab):
    machine = lab.machine(lab.lan(), "node01")
    machine.give(lab.bundle("node01", cni="cni none { }"))
    outcome = machine.converge(RUN)
    must(outcome.status == 0 and "FAILED" not in outcome.output, "it succeeds", outcome.output)
    must("stays NotReady until you bring the pod network" in outcome.output, "and says that the node waits", outcome.output)
    must("node01 is Ready" not in outcome.output, "and the node is not Ready", outcome.output)
    must(machine.inside("/etc/pikc/join.conf").exists(), "workers can join all the same", outcome.output)
    kubeadm = {"DaemonSet/kube-system/kube-proxy", "Deployment/kube-system/coredns", "ConfigMap/kube-system/coredns"}
    applied = set(machine.lan.cluster()["applied"]) - kubeadm
    must(not applied, "nothing is applied", str(applied))
    again = machine.boot(AGAIN)
    must(again.status == 0 and not again.changed, "a second run changes nothing: " + "; ".join(again.changed), again.output)
    machine.give_text("/root/mine.yaml", "apiVersion: apps/v1\nkind: DaemonSet\nmetadata: {name: mine, namespace: kube-system}\n")
    machine.give_text("/etc/cni/net.d/05-mine.conflist", "{}\n")
    brought = machine.boot("kubectl --kubeconfig /etc/kubernetes/admin.conf apply --filename /root/mine.yaml; "
                           "kubectl --kubeconfig /etc/kubernetes/admin.conf get nodes; " + AGAIN)
    must(brought.status == 0 and "node01 is Ready" in brought.output, "with a pod network the node is Ready", brought.output)
    must("a pod network is set up here: /etc/cni/net.d/05-mine.conflist" in brought.output, "and the run names it", brought.output)
