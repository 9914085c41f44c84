"""What the control plane reads from files: a component is restarted when such a file changes, and only then. And the certificates
of the kubelets: those of the spec's machines are approved, all others are left to a person."""

import base64
import hashlib
import json
import re
import shutil
import subprocess
import tempfile

from lab import DEFAULTS, must, scenario
from machine import Machine

RUN = "bash /root/bundle/run.sh"
AGAIN = "/opt/pikc/run.sh"
SHOW = "cat /run/standin/containers.json"
POLICY = "/etc/pikc/control-plane/audit-policy.yaml"
READ = """
  api-server { audit { policy = "audit.yaml" } }
  scheduler { config = "scheduler.yaml" }
"""
SCHEDULER = """apiVersion: kubescheduler.config.k8s.io/v1
kind: KubeSchedulerConfiguration
clientConnection:
  kubeconfig: /etc/kubernetes/scheduler.conf
"""


def bundle(lab, level, scheduler=SCHEDULER):
    """The bundle of a control plane whose API server and scheduler read a file."""
    audit = f"apiVersion: audit.k8s.io/v1\nkind: Policy\nrules:\n  - level: {level}\n"
    return lab.bundle("node01", cni=DEFAULTS["cni"] + READ, files=(("audit.yaml", audit), ("scheduler.yaml", scheduler)))


def stopped(machine):
    """The containers that were stopped since the last boot, in this order."""
    return [call.split()[-1] for call in machine.calls("crictl") if " stop " in call]


def running(outcome):
    """The containers at the end of a boot whose last command is SHOW."""
    text = outcome.output.rpartition(SHOW + "\n")[2]
    return json.loads(text)["running"]


def up_to_date(machine, outcome):
    """Whether what runs has the files that are there now."""
    files = ("audit-policy.yaml", "scheduler.yaml")
    now = {f"/etc/pikc/control-plane/{name}": hashlib.sha256(machine.inside(f"/etc/pikc/control-plane/{name}").read_bytes()).hexdigest()
           for name in files}
    return now == {path: value for one in running(outcome).values() for path, value in one["reads"].items()}


def control_plane(lab):
    """A copy of a machine whose first run has succeeded, for a scenario to change."""
    if "components" not in lab.done:
        machine = Machine(lab.lan(), "node01")
        machine.give(bundle(lab, "Metadata"))
        lab.done["components"] = machine, machine.converge(RUN)
    first, outcome = lab.done["components"]
    must(outcome.status == 0 and "FAILED" not in outcome.output, "the first run succeeds", outcome.output)
    must(POLICY in first.read("/etc/kubernetes/manifests/kube-apiserver.yaml"), "the API server reads the policy")
    lan = lab.lan()
    shutil.copytree(first.lan.shared, lan.shared, dirs_exist_ok=True)
    machine = first.copy(lan, "node01")
    lab.machines.append(machine)
    return machine


@scenario("node01: another audit policy restarts the API server once and nothing else, and the next run restarts nothing")
def restart(lab):
    machine = control_plane(lab)
    machine.give(bundle(lab, "Request"))
    second = machine.boot(SHOW, RUN, SHOW)
    before = json.loads(re.search(r"(?s)" + re.escape(SHOW) + r"\n(\{.*?\n\})", second.output)[1])["running"]
    after = running(second)
    must(second.status == 0 and len(before) == 4, "four components run", second.output)
    must(stopped(machine) == [before["kube-apiserver"]["id"]], f"the API server is stopped once, and nothing else: {stopped(machine)}", second.output)
    must(sum("restarted" in line for line in second.changed) == 1, "it says so: " + "; ".join(second.changed), second.output)
    others = {name: one for name, one in after.items() if name != "kube-apiserver"}
    must(others == {name: before[name] for name in others} and len(others) == 3, "the others are those of before", str(after))
    must(up_to_date(machine, second), "the new container has the new policy", second.output)

    third = machine.boot(AGAIN, RUN, SHOW)
    must(third.status == 0 and not third.changed and not stopped(machine), "the next run restarts nothing: " + "; ".join(third.changed), third.output)


@scenario("node01: a restart that a run did not get to, because it was ended or the runtime did not answer, is made up for by the next run", long=True)
def interrupted(lab):
    machine = control_plane(lab)
    # The terminal is lost when the policy is in its place and the API server still has the old one.
    machine.give(bundle(lab, "RequestResponse"))
    cut = f": >/run/standin/cut-at-stop; setsid --wait {RUN}; echo it ended with $?; {SHOW}"
    lost = machine.boot(cut, AGAIN, SHOW)
    must("it ended with 137" in lost.output and len(stopped(machine)) == 2, "the first run ends before the restart", lost.output)
    must(lost.status == 0 and any("kube-apiserver restarted" in line for line in lost.changed), "the second restarts it", lost.output)
    must(up_to_date(machine, lost), "and now it has the new policy", lost.output)
    must(len(set(stopped(machine))) == 1, f"the others stay as they are: {stopped(machine)}", lost.output)

    # The runtime does not answer: the run says that a restart is left, and the next one makes up for it.
    machine.give(bundle(lab, "None", SCHEDULER + "leaderElection:\n  leaderElect: true\n"))
    away = machine.boot(f"mv /usr/bin/crictl /usr/bin/crictl.away; {RUN} --only {lab.step(machine, 'kubeadm-files')}",
                        f"mv /usr/bin/crictl.away /usr/bin/crictl; {RUN}", SHOW)
    must("the next run of run.sh restarts it" in away.output, "the first run says that it is left to do", away.output)
    both = [line for line in away.changed if "restarted" in line]
    must(away.status == 0 and len(both) == 2, "both components are restarted: " + "; ".join(both), away.output)
    must(up_to_date(machine, away), "and have the new files", away.output)
    again = machine.boot(AGAIN)
    must(again.status == 0 and not again.changed and not stopped(machine), "then nothing is left to do: " + "; ".join(again.changed), again.output)


# What is asked for: who, the subject, names and addresses, and what else differs. The first three are as the spec has it.
SERVING = "kubernetes.io/kubelet-serving"
REQUESTS = {
    "csr-control-plane": ("node01", "node01", "DNS:node01,IP:192.168.11.201", {}),
    "csr-worker": ("node02", "node02", "DNS:node02,IP:192.168.11.202", {}),
    "csr-address": ("node03", "node03", "IP:192.168.11.203", {}),
    "csr-name-of-another": ("node02", "node04", "DNS:node02,IP:192.168.11.202", {}),
    "csr-foreign-address": ("node02", "node02", "DNS:node02,IP:192.168.11.99", {}),
    "csr-usage": ("node02", "node02", "DNS:node02", {"usages": ["digital signature", "server auth", "client auth"]}),
    "csr-stranger": ("node09", "node09", "DNS:node09", {}),
    "csr-denied": ("node02", "node02", "DNS:node02,IP:192.168.11.202", {"decided": "Denied"}),
    "csr-of-another-signer": ("node02", "node02", "DNS:node02,IP:192.168.11.202", {"signerName": "kubernetes.io/kube-apiserver-client-kubelet"}),
}
APPROVED = ["csr-address", "csr-control-plane", "csr-worker"]
LEFT = ["csr-foreign-address", "csr-name-of-another", "csr-stranger", "csr-usage"]
UNIT = "/etc/systemd/system/pikc-approver.service"


def requests():
    """The requests as the API server keeps them."""
    found = {}
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(["openssl", "ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", f"{folder}/key"], check=True)
        for name, (user, subject, names, other) in REQUESTS.items():
            made = subprocess.run(["openssl", "req", "-new", "-key", f"{folder}/key", "-subj", f"/O=system:nodes/CN=system:node:{subject}",
                                   "-addext", f"subjectAltName={names}"], check=True, capture_output=True).stdout
            decided = [{"type": other["decided"], "status": "True"}] if "decided" in other else []
            found[name] = {
                "apiVersion": "certificates.k8s.io/v1", "kind": "CertificateSigningRequest", "metadata": {"name": name},
                "spec": {"signerName": other.get("signerName", SERVING), "username": f"system:node:{user}",
                         "groups": ["system:nodes", "system:authenticated"],
                         "usages": other.get("usages", ["digital signature", "server auth"]), "request": base64.b64encode(made).decode()},
                "status": {"conditions": decided},
            }
    return found


def decisions(machine):
    """{name: what was decided} of the requests."""
    return {name: [one["type"] for one in request["status"]["conditions"]] for name, request in machine.lan.cluster()["requests"].items()}


def rounds(count):
    """A command that runs the approver as its unit says until it has looked this many times, and stops it as systemd does."""
    return (f"mkdir -p /run/$(sed -n s/^RuntimeDirectory=//p {UNIT}); : >/var/log/standin/kubectl.log; "
            f"$(sed -n s/^ExecStart=//p {UNIT}) & approver=$!; "
            f"until [ \"$(grep -c 'kubectl .*certificatesigningrequests' /var/log/standin/kubectl.log)\" -gt {count} ]; do sleep 1; done; "
            f"kill $approver; wait $approver; true")


@scenario("node01: the installed approver approves what the spec's kubelets ask for and leaves the rest; again, it changes nothing")
def approver(lab):
    machine = lab.twin("node01")
    machine.give(lab.bundle("node01", cni=DEFAULTS["cni"] + "\n  kubelet { rotate-server-certificates = on }\n"))
    outcome = machine.converge(RUN)
    must(outcome.status == 0 and "FAILED" not in outcome.output, "the run succeeds", outcome.output)
    states = machine.boot("systemctl is-enabled pikc-approver").output
    must(states.rstrip().endswith("enabled"), "the unit is enabled", states)

    (place,) = machine.lan.shared.glob("*.json")
    place.write_text(json.dumps({**json.loads(place.read_text()), "requests": requests()}))
    first = machine.boot(rounds(2))
    must(first.status == 0, "it runs until it is stopped", first.output)
    decided = decisions(machine)
    approved = sorted(name for name, types in decided.items() if types == ["Approved"])
    must(approved == APPROVED, f"those of the spec are approved, and only those: {approved}", first.output)
    must(decided["csr-denied"] == ["Denied"], "a person's decision holds", first.output)
    left = sorted(re.findall(r"(?m)^(\S+) stays pending: ", first.output))
    must(left == LEFT, f"each of the others is named once, although it looked twice: {left}", first.output)

    again = machine.boot(AGAIN, rounds(1))
    must(again.status == 0 and not again.changed, "a second run changes nothing: " + "; ".join(again.changed), again.output)
    must(decisions(machine) == decided and not any(" approve " in call for call in machine.calls("kubectl")), "and nothing is approved again", again.output)
