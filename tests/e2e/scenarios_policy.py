"""Network policies: in the cluster after the first run, kept as the spec has them, gone when the spec drops them."""

from lab import must, scenario

RUN = "bash /root/bundle/run.sh"
AGAIN = "/opt/pikc/run.sh"
KUBECTL = "kubectl --kubeconfig /etc/kubernetes/admin.conf"
CALICO = "cni calico {}"
CLOSED = CALICO + """
  policy closed {
    namespaces = [shop, default]
    deny       = [ingress, egress]
    dns        = on
    from { cidr = 192.168.11.0/24, ports = 443/tcp }
  }"""
# Another name, one namespace less, one more.
MOVED = CALICO + """
  policy closed {
    namespaces = [shop]
    deny       = ingress
  }
  policy quiet {
    namespaces = [office]
    deny       = ingress
  }"""
OTHERS = """apiVersion: v1
kind: Namespace
metadata:
  name: office
  labels:
    team: ops
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: quiet
  namespace: office
spec:
  podSelector: {}
"""


def policies(machine):
    return sorted(key.removeprefix("NetworkPolicy/") for key in machine.lan.cluster()["applied"] if key.startswith("NetworkPolicy/"))


@scenario("policies are applied and namespaces made; a second run changes nothing; what the spec drops goes, what others made stays")
def life(lab):
    machine = lab.machine(lab.lan(), "node01")
    machine.give(lab.bundle("node01", cni=CLOSED))
    outcome = machine.converge(RUN)
    must(outcome.status == 0 and "FAILED" not in outcome.output, "it ends well", outcome.output)
    must(policies(machine) == ["default/closed", "shop/closed"], "both are there", str(policies(machine)))
    applied = machine.lan.cluster()["applied"]
    must("Namespace//shop" in applied and "Namespace//default" not in applied, "the namespace that was lacking is made", str(list(applied)))
    rule = applied["NetworkPolicy/shop/closed"]["spec"]["ingress"][0]
    must(rule["ports"] == [{"port": 443, "protocol": "TCP"}], "with its rules", str(rule))

    again = machine.boot(AGAIN)
    must(again.status == 0 and not again.changed, "a second run changes nothing: " + "; ".join(again.changed), again.output)

    # Somebody labels a namespace, deletes one policy, and makes one of his own under a name that the spec wants next.
    machine.give_text("/root/others.yaml", OTHERS)
    machine.boot(f"{KUBECTL} apply -f /root/others.yaml && {KUBECTL} delete networkpolicy closed -n shop")
    mended = machine.boot(AGAIN)
    must(mended.status == 0 and policies(machine) == ["default/closed", "office/quiet", "shop/closed"],
         "what was deleted by hand comes back: " + str(policies(machine)), mended.output)

    machine.give(lab.bundle("node01", cni=MOVED))
    refused = machine.converge(RUN)
    must(refused.status == 1 and "not made by pikc: office/quiet" in refused.output, "somebody else's is not overwritten", refused.output)
    must("default/closed" in policies(machine), "nothing was taken away", str(policies(machine)))
    machine.boot(f"{KUBECTL} delete networkpolicy quiet -n office")
    moved = machine.converge(AGAIN)
    must(moved.status == 0 and policies(machine) == ["office/quiet", "shop/closed"],
         "then it is as the spec says: " + str(policies(machine)), moved.output)
    office = machine.lan.cluster()["applied"]["Namespace//office"]
    must(office["metadata"].get("labels") == {"team": "ops"}, "a namespace that was there is left as it was", str(office))
    must("egress" not in machine.lan.cluster()["applied"]["NetworkPolicy/shop/closed"]["spec"], "what the policy no longer says is gone")
    again = machine.boot(AGAIN)
    must(again.status == 0 and not again.changed, "and stays so: " + "; ".join(again.changed), again.output)

    machine.give(lab.bundle("node01", cni=CALICO))
    without = machine.converge(RUN)
    must(without.status == 0 and not policies(machine), "a spec without policies leaves none of pikc's: " + str(policies(machine)), without.output)
    must("Namespace//shop" in machine.lan.cluster()["applied"], "no namespace is deleted")
    again = machine.boot(AGAIN)
    must(again.status == 0 and not again.changed, "and once more nothing changes: " + "; ".join(again.changed), again.output)
