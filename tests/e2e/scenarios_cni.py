"""A CNI that is made from upstream's own manifest: fetched, compared with its checksum, overlaid, applied."""

from lab import must, scenario

RUN = "bash /root/bundle/run.sh"
AGAIN = "/opt/pikc/run.sh"
CALICO = "cni calico { as-number = 64999, backend = bgp }"


@scenario("calico: upstream's manifest is fetched once, compared and applied with its overlay; a second run changes nothing")
def calico(lab):
    machine = lab.machine(lab.lan(), "node01")
    machine.give(lab.bundle("node01", cni=CALICO))
    outcome = machine.converge(RUN)
    must(outcome.status == 0 and "FAILED" not in outcome.output, "it ends well", outcome.output)
    must("calico.yaml fetched; its checksum is the right one" in outcome.output, "it says what it fetched", outcome.output)
    applied = machine.lan.cluster()["applied"]
    must("DaemonSet/kube-system/calico-node" in applied, "the DaemonSet is applied", str(list(applied)))
    patch = applied["DaemonSet/kube-system/calico-node"]["metadata"]["annotations"]["stand-in/patch"]
    must("10.244.0.0/16" in patch, "with the pod range over it", patch)
    must(any(key.startswith("BGPConfiguration/") for key in applied), "and the objects beside it", str(list(applied)))
    again = machine.boot(AGAIN, serve={"/upstream/calico.yaml": "/gone"})
    must(again.status == 0 and not again.changed, "a second run changes nothing and fetches nothing: " + "; ".join(again.changed), again.output)


@scenario("calico: a manifest with another checksum is refused, and nothing of it is applied")
def checksum(lab):
    machine = lab.machine(lab.lan(), "node01")
    machine.give(lab.bundle("node01", cni=CALICO))
    outcome = machine.converge(RUN, serve={"/upstream/calico.yaml": "/upstream/calico-typha.yaml"})
    must(outcome.event == "exited" and outcome.status == 1, "it stops", outcome.output)
    must("another checksum" in outcome.output, "and says why", outcome.output)
    must("DaemonSet/kube-system/calico-node" not in machine.lan.cluster()["applied"], "nothing was applied")
    repaired = machine.converge(AGAIN)
    must(repaired.status == 0, "with the right file the next run goes on", repaired.output)


@scenario("from flannel to Calico: the old CNI's file goes out of the way, and how to remove its objects is said")
def another(lab):
    machine = lab.twin("node01")
    old, new = "/etc/cni/net.d/10-flannel.conflist", "/etc/cni/net.d/10-calico.conflist"
    must(machine.exists(old) and not machine.exists(new), "flannel's file is there to begin with")
    machine.give_text("/etc/cni/net.d/99-mine.conflist", "{}", 0o644)
    machine.give(lab.bundle("node01", cni=CALICO))
    outcome = machine.converge(RUN)
    must(outcome.status == 0, "it ends well", outcome.output)
    must(f"{old} is out of the way" in outcome.output, "it says so", outcome.output)
    must("10-flannel.yaml is no longer wanted" in outcome.output, "and what is still in the cluster", outcome.output)
    must(machine.exists(new) and machine.exists(f"{old}.disabled") and not machine.exists(old), "one file is left")
    must(machine.exists("/etc/cni/net.d/99-mine.conflist"), "and what somebody else put there")
    again = machine.boot(AGAIN)
    must(again.status == 0 and not again.changed, "a second run changes nothing: " + "; ".join(again.changed), again.output)


@scenario("calico: a bundle that brings upstream's manifest needs nobody to fetch it from")
def vendored(lab):
    machine = lab.machine(lab.lan(), "node01")
    machine.give(lab.bundle("node01", cni=CALICO, vendored="yes"))
    outcome = machine.converge(RUN, serve={"/upstream/calico.yaml": "/gone"})
    must(outcome.status == 0 and "FAILED" not in outcome.output, "it ends well", outcome.output)
    must("fetched" not in outcome.output, "and fetches nothing", outcome.output)
    must("DaemonSet/kube-system/calico-node" in machine.lan.cluster()["applied"], "the DaemonSet is applied")
