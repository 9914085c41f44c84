"""The proof that a cluster works: `run.sh --verify` finds what does not answer, and leaves nothing behind."""

from lab import must, scenario

VERIFY = "/opt/pikc/run.sh --verify </root/bundle/verify.sh"


def left(machine):
    """Objects of the test that are still in the cluster."""
    return [key for key in machine.lan.cluster()["applied"] if "pikc-verify" in key]


@scenario("verify: pods, DNS and services answer, it says so, changes nothing and leaves nothing behind")
def works(lab):
    machine = lab.twin("node01")
    outcome = machine.boot(VERIFY)
    must(outcome.status == 0 and "pods, DNS and services work on all nodes" in outcome.output, "it succeeds", outcome.output)
    must("a pod runs on the node" in outcome.output, "and says where", outcome.output)
    must(not left(machine), "nothing is left: " + ", ".join(left(machine)), outcome.output)


@scenario("verify: names what does not answer, cleans up, and fails")
def broken(lab):
    for place, sentence in (("http://pikc-verify.pikc-verify.svc.cluster.local:8080/", "DNS does not answer there"),
                            ("http://10.96.0.77:8080/", "does not forward there")):
        machine = lab.twin("node01")
        outcome = machine.boot(f"echo '{place}' >/etc/standin-unreachable; {VERIFY}")
        must(outcome.status == 1 and sentence in outcome.output, f"it says {sentence}", outcome.output)
        must(not left(machine), "nothing is left: " + ", ".join(left(machine)), outcome.output)


@scenario("verify: what a killed run left is removed by the next; a namespace of someone else is not touched")
def killed(lab):
    machine = lab.twin("node01")
    for point in (12, 16, 20, 30):
        machine.boot(VERIFY, kill_at=point)
    outcome = machine.boot(VERIFY)
    must(outcome.status == 0, "the next run succeeds", outcome.output)
    must(not left(machine), "nothing is left: " + ", ".join(left(machine)), outcome.output)
    foreign = "printf 'apiVersion: v1\\nkind: Namespace\\nmetadata: {name: pikc-verify}\\n' | kubectl --kubeconfig /etc/kubernetes/admin.conf apply -f -"
    outcome = machine.boot(foreign, VERIFY)
    must(outcome.status == 1 and "pikc did not create" in outcome.output, "it stops", outcome.output)
    must(left(machine) == ["Namespace//pikc-verify"], "and leaves it alone", outcome.output)


@scenario("verify: a worker says where to run it")
def worker(lab):
    outcome = lab.twin("node02").boot("/opt/pikc/run.sh --verify </dev/null")
    must(outcome.status == 2 and "only the control plane" in outcome.output, "it refuses", outcome.output)
