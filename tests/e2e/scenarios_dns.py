"""The cluster's DNS: CoreDNS as the spec has it, the cache on every machine; kept by further runs, and never half removed."""

from lab import must, scenario

RUN = "bash /root/bundle/run.sh"
AGAIN = "/opt/pikc/run.sh"
KUBECTL = "kubectl --kubeconfig /etc/kubernetes/admin.conf"
FLANNEL = "cni flannel {}"
CHANGED = FLANNEL + """
  dns { replicas = 1, forward = [192.168.11.53, 9.9.9.9], node-local-cache = on }"""


def of(machine, key):
    return machine.lan.cluster()["applied"].get(key)


def corefile(machine):
    return of(machine, "ConfigMap/kube-system/coredns")["data"]["Corefile"]


@scenario("the cluster's DNS is scaled, asks other servers, and has a cache; a second run changes nothing; a cache that is no longer wanted is named", long=True)
def life(lab):
    machine = lab.machine(lab.lan(), "node01")
    machine.give(lab.bundle("node01", cni=CHANGED))
    outcome = machine.converge(RUN)
    must(outcome.status == 0 and "FAILED" not in outcome.output, "it succeeds", outcome.output)
    must(of(machine, "Deployment/kube-system/coredns")["spec"]["replicas"] == 1, "CoreDNS has one pod")
    text = corefile(machine)
    must("    forward . 192.168.11.53 9.9.9.9 {\n       max_concurrent 1000\n    }\n" in text, "it asks the spec's servers", text)
    must("office.example:53 {\n    forward . 10.1.0.53\n}" in text and text.count("forward .") == 2, "a block of someone else's stays", text)
    cache = of(machine, "ConfigMap/kube-system/node-local-dns")["data"]["Corefile"]
    must("bind 169.254.20.10 10.96.0.10" in cache and "forward . 192.168.11.53 9.9.9.9" in cache, "the cache does the same", cache)
    must(of(machine, "DaemonSet/kube-system/node-local-dns") is not None, "and runs")
    again = machine.boot(AGAIN)
    must(again.status == 0 and not again.changed, "a second run changes nothing: " + "; ".join(again.changed), again.output)

    machine.boot(f"{KUBECTL} scale deployment coredns --namespace kube-system --replicas 5")
    restored = machine.boot(AGAIN)
    must(len(restored.changed) == 1 and of(machine, "Deployment/kube-system/coredns")["spec"]["replicas"] == 1,
         "a change by hand is reverted: " + "; ".join(restored.changed), restored.output)

    machine.give(lab.bundle("node01", cni=FLANNEL))
    without = machine.converge(RUN)
    must(without.status == 0 and "no longer wanted, but still in the cluster" in without.output, "it says how to remove the cache", without.output)
    must(of(machine, "DaemonSet/kube-system/node-local-dns") is not None and corefile(machine) == text, "and removes nothing itself")
    machine.boot(f"{KUBECTL} delete --filename /var/lib/pikc/dns && rm -r /var/lib/pikc/dns")
    must(of(machine, "DaemonSet/kube-system/node-local-dns") is None, "the command removes it")
    again = machine.boot(AGAIN)
    must(again.status == 0 and "no longer wanted" not in again.output, "then nothing is left to say", again.output)


@scenario("a Corefile that the step does not understand stops it, and stays as it is")
def foreign(lab):
    machine = lab.machine(lab.lan(), "node01")
    machine.give(lab.bundle("node01", cni=FLANNEL))
    must(machine.converge(RUN).status == 0, "the cluster is there")
    machine.give_text("/root/coredns.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: coredns\n  namespace: kube-system\n"
                      "data:\n  Corefile: |\n    .:53 {\n        forward . 10.0.0.1\n        forward . 10.0.0.2\n    }\n")
    machine.boot(f"{KUBECTL} apply --filename /root/coredns.yaml")
    before = corefile(machine)
    machine.give(lab.bundle("node01", cni=CHANGED))
    refused = machine.converge(RUN)
    must(refused.status == 1 and "does not have exactly one `forward .`" in refused.output, "it stops and says why", refused.output)
    must(corefile(machine) == before and of(machine, "DaemonSet/kube-system/node-local-dns") is None, "nothing was changed")
