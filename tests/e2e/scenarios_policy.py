"""Network policies: in the cluster after the first run, kept as the spec has them, removed when the spec drops them."""

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
# Another name, one namespace removed, one added.
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


@scenario("policies are applied and namespaces created; a second run changes nothing; policies that the spec drops go, others stay", long=True)
def life(lab):
    machine = lab.machine(lab.lan(), "node01")
    machine.give(lab.bundle("node01", cni=CLOSED))
    outcome = machine.converge(RUN)
    must(outcome.status == 0 and "FAILED" not in outcome.output, "it succeeds", outcome.output)
    must(policies(machine) == ["default/closed", "shop/closed"], "both are there", str(policies(machine)))
    applied = machine.lan.cluster()["applied"]
    must("Namespace//shop" in applied and "Namespace//default" not in applied, "the missing namespace is created", str(list(applied)))
    rule = applied["NetworkPolicy/shop/closed"]["spec"]["ingress"][0]
    must(rule["ports"] == [{"port": 443, "protocol": "TCP"}], "with its rules", str(rule))

    again = machine.boot(AGAIN)
    must(again.status == 0 and not again.changed, "a second run changes nothing: " + "; ".join(again.changed), again.output)

    # A person labels a namespace, deletes one policy, and creates another with a name that the spec will use next.
    machine.give_text("/root/others.yaml", OTHERS)
    machine.boot(f"{KUBECTL} apply -f /root/others.yaml && {KUBECTL} delete networkpolicy closed -n shop")
    restored = machine.boot(AGAIN)
    must(restored.status == 0 and policies(machine) == ["default/closed", "office/quiet", "shop/closed"],
         "a policy deleted by hand is restored: " + str(policies(machine)), restored.output)

    machine.give(lab.bundle("node01", cni=MOVED))
    refused = machine.converge(RUN)
    must(refused.status == 1 and "not made by pikc: office/quiet" in refused.output, "a policy of others is not overwritten", refused.output)
    must("default/closed" in policies(machine), "nothing was removed", str(policies(machine)))
    machine.boot(f"{KUBECTL} delete networkpolicy quiet -n office")
    moved = machine.converge(AGAIN)
    must(moved.status == 0 and policies(machine) == ["office/quiet", "shop/closed"],
         "then the policies are those of the spec: " + str(policies(machine)), moved.output)
    office = machine.lan.cluster()["applied"]["Namespace//office"]
    must(office["metadata"].get("labels") == {"team": "ops"}, "an existing namespace stays as it was", str(office))
    must("egress" not in machine.lan.cluster()["applied"]["NetworkPolicy/shop/closed"]["spec"], "a rule that the spec drops is gone")
    again = machine.boot(AGAIN)
    must(again.status == 0 and not again.changed, "a second run changes nothing: " + "; ".join(again.changed), again.output)

    machine.give(lab.bundle("node01", cni=CALICO))
    without = machine.converge(RUN)
    must(without.status == 0 and not policies(machine), "a spec without policies leaves none of pikc's: " + str(policies(machine)), without.output)
    must("Namespace//shop" in machine.lan.cluster()["applied"], "no namespace is deleted")
    again = machine.boot(AGAIN)
    must(again.status == 0 and not again.changed, "a second run changes nothing: " + "; ".join(again.changed), again.output)
