"""Machines that join by themselves, with what the spec's secrets file gave them: switched on in any order, and no one touches them."""

import json
import re
import threading
import time

from lab import must, scenario
from machine import PI4
from scenarios_control_planes import THREE, changes_nothing, state_of
from scenarios_retry import PATIENT, held_back
from scenarios_secrets import holders

RUN = "bash /root/bundle/run.sh"
AGAIN = "/opt/pikc/run.sh"
SECRETS = "green-tea-and-three-workers"
WAITS = "waiting  the control plane does not answer at https://192.168.11.201:6443"


def switched_on(lab, lan, name, what_happens=":", secrets=SECRETS, board=None, **settings):
    """A machine that has asked for its reboot: from the next boot on, no person is there."""
    machine = lab.machine(lan, name, *([board] if board else []))
    machine.give(lab.bundle(name, secrets=secrets, **settings))
    machine.give_text("/usr/local/sbin/sleep", PATIENT.replace("WHAT_HAPPENS", what_happens), 0o755)
    outcome = machine.boot(RUN)
    must(outcome.event == "reboot", "it reboots first", outcome.output)
    return machine


def logs(machine):
    folder = machine.inside("/var/log/pikc")
    return "".join(path.read_text(errors="replace") for path in sorted(folder.glob("*.log"))) if folder.exists() else ""


def until(what, condition, seconds=600):
    end = time.monotonic() + seconds
    while not condition():
        must(time.monotonic() < end, what)
        time.sleep(0.5)


class Boot(threading.Thread):
    """A boot next to others."""

    def __init__(self, machine):
        super().__init__(daemon=True)
        self.machine, self.outcome = machine, None
        self.start()

    def run(self):
        self.outcome = self.machine.boot(timeout=1500)

    def ended(self):
        self.join(1600)
        must(self.outcome is not None, "the boot ends")
        return self.outcome


def values(lab, node, secrets=SECRETS):
    """The secrets that a node was given, as texts that can be searched for."""
    once = lab.bundle(node, secrets=secrets) / "once"
    found = {}
    for path in once.rglob("*"):
        text = path.read_text() if path.is_file() else ""
        if path.name == "token.yaml":
            found[path.name] = re.search(r'token-secret: "?([a-z0-9]{16})', text)[1]
        elif path.suffix == ".key":
            found[path.name] = text.splitlines()[1]
        elif path.name == "discovery.conf":
            found[path.name] = re.search(r"token: \"?[a-z0-9]{6}\.([a-z0-9]{16})", text)[1]
    return found


@scenario("two workers are switched on before their control plane, one loses power while it waits: all are in the cluster, and no one typed anything", long=True)
def workers_first(lab):
    lan = lab.lan()
    cut = "if [ ! -e /root/cut ]; then touch /root/cut /run/standin/killed; fi"
    steady, unlucky = switched_on(lab, lan, "node02"), switched_on(lab, lan, "node03", cut)
    first = unlucky.boot(timeout=1500)
    must(first.event == "killed" and WAITS in first.output, "it waits, and says for what, until its power fails", first.output)
    must("not finished: 72-kubeadm-join (not now: the control plane does not answer at https://192.168.11.201:6443" in first.output,
         "--status says it, too", first.output)
    boots = [Boot(steady), Boot(unlucky)]
    until("the other one waits", lambda: WAITS in logs(steady))

    control = lab.machine(lan, "node01")
    control.give(lab.bundle("node01", secrets=SECRETS))
    outcome = control.converge(RUN, timeout=1500)
    must(outcome.status == 0 and "control plane ready" in outcome.output, "the control plane comes up", outcome.output)
    must("machines can join until 20" in outcome.output, "it accepts the workers' token", outcome.output)
    must(not control.exists("/etc/pikc/join.conf"), "and makes no join file that no one needs")
    for boot in boots:
        outcome = boot.ended()
        must(outcome.event == "exited" and outcome.status == 0 and "worker ready" in outcome.output, "the worker joins", outcome.output)
    must(set(lan.cluster()["nodes"]) == {"node01", "node02", "node03"}, "all are in the cluster")

    authority = control.read("/etc/kubernetes/pki/ca.crt")
    must(authority == (lab.bundle("node01", secrets=SECRETS) / "once/pki/ca.crt").read_text(), "with the authority of the secrets")
    must(lab.mode(control, "/etc/kubernetes/pki/ca.key") == "0600 0:0", "whose key only root can read")
    for machine, node, allowed in ((control, "node01", {"/etc/kubernetes/pki", "/root/bundle"}), (steady, "node02", {"/root/bundle"})):
        must(not machine.exists("/opt/pikc/once") and not machine.exists("/etc/pikc/discovery.conf"), "what is used once is gone")
        for name, value in values(lab, node).items():
            left = {path for path in holders(machine, value) if not any(path.startswith(folder) for folder in allowed)}
            must(not left, f"{name} of {node} is nowhere else on its disk: {left}")
            must(value not in logs(machine), f"{name} is in no log")
        again = machine.boot(AGAIN)
        must(again.status == 0 and "nothing changed" in again.output, "a second run changes nothing", again.output)


@scenario("a worker whose folder has the secrets of another cluster says so, and joins nothing", long=True)
def another_cluster(lab):
    lan = lab.lan()
    control = lab.machine(lan, "node01")
    control.give(lab.bundle("node01", secrets=SECRETS))
    must(control.converge(RUN, timeout=1500).status == 0, "the control plane comes up")
    worker = switched_on(lab, lan, "node02", secrets="another-tea")
    outcome = held_back(worker, AGAIN, timeout=1500)
    must(outcome.status == 4 and "another cluster answers at https://192.168.11.201:6443" in outcome.output, "it says what is wrong", outcome.output)
    must("node02" not in lan.cluster()["nodes"], "it is not in the cluster")

    # The right folder is all it takes.
    worker.give(lab.bundle("node02", secrets=SECRETS))
    outcome = held_back(worker, RUN, timeout=1500)
    must(outcome.status == 0 and "worker ready" in outcome.output, "with the right folder it joins", outcome.output)

    # The control plane is given the other secrets: what runs stays, and it says so.
    control.give(lab.bundle("node01", secrets="another-tea"))
    outcome = control.boot(RUN, timeout=1500)
    must(outcome.status == 0 and "this cluster keeps its authorities and keys; not those of the spec's secrets: ca.crt" in outcome.output, "it says so", outcome.output)
    # Taken down, without a folder that still has the authorities, it does not make new ones.
    control.give(lab.bundle("node01", secrets=SECRETS))
    must(control.boot(RUN, timeout=1500).status == 0, "with its own again, all is well")
    outcome = control.boot("kubeadm reset --force", AGAIN, timeout=1500)
    must(outcome.status == 1 and "the bundle no longer has the cluster's authorities" in outcome.output, "it stops", outcome.output)
    must(not control.exists("/etc/kubernetes/pki/ca.crt"), "and makes none")
    outcome = control.boot(RUN, timeout=1500)
    must(outcome.status == 0 and "control plane ready" in outcome.output, "with its folder it comes up again", outcome.output)
    must(control.read("/etc/kubernetes/pki/ca.crt") == (lab.bundle("node01", secrets=SECRETS) / "once/pki/ca.crt").read_text(),
         "and with the same authority")


@scenario("a worker that comes when the time for joining is over waits for a join file, and joins with it", long=True)
def too_late(lab):
    lan = lab.lan()
    control = lab.machine(lan, "node01")
    control.give(lab.bundle("node01", secrets=SECRETS))
    must(control.converge(RUN, timeout=1500).status == 0, "the control plane comes up")
    place = next(lan.shared.glob("*.json"))
    state = json.loads(place.read_text())
    must(len(state["tokens"]) == 1, "the token of the secrets is the only one")
    lasts = next(iter(state["tokens"].values()))["expires"] - time.time()
    must(71 * 3600 < lasts <= 72 * 3600, f"it is valid for the window of the spec: {lasts}")
    for entry in state["tokens"].values():
        entry["expires"] = 1700000000
    place.write_text(json.dumps(state))
    worker = switched_on(lab, lan, "node02", 'echo 1700000000 >/var/lib/pikc/join-refused')
    outcome = worker.boot(timeout=1500)
    must("does not accept this machine's token" in outcome.output, "it says what it waits for", outcome.output)
    must(outcome.status == 75 and "--new-join" in outcome.output, "and at last that it needs a file", outcome.output)
    again = control.boot(AGAIN, timeout=1500)
    must(again.status == 0 and "nothing changed" in again.output, "a run of the control plane does not extend the time", again.output)
    outcome = control.boot(f"{AGAIN} --new-join", timeout=1500)
    must(outcome.status == 0, "the control plane makes one", outcome.output)
    worker.give_text("/root/join.conf", control.read("/etc/pikc/join.conf"), 0o600)
    outcome = worker.boot(f"{AGAIN} --join /root/join.conf", timeout=1500)
    must(outcome.status == 0 and "worker ready" in outcome.output, "and with it the worker joins", outcome.output)


@scenario("three control planes and a worker are switched on in the wrong order: all are in the cluster, in the order of the spec, and no one typed anything",
          long=True)
def planes_alone(lab):
    lan, boots, machines = lab.lan(), {}, {}
    for name in ("node02", "node06", "node05"):
        machines[name] = switched_on(lab, lan, name, board=PI4 if name != "node02" else None, **THREE)
        boots[name] = Boot(machines[name])
    for name in boots:
        until(f"{name} waits", lambda name=name: "the control plane does not answer at https://api.home.arpa:6443" in logs(machines[name]))

    machines["node01"] = control = lab.machine(lan, "node01", PI4)
    control.give(lab.bundle("node01", secrets=SECRETS, **THREE))
    outcome = control.converge(RUN, timeout=1500)
    must(outcome.status == 0 and "control plane ready" in outcome.output, "the first one comes up", outcome.output)
    for name, boot in boots.items():
        outcome = boot.ended()
        must(outcome.event == "exited" and outcome.status == 0, f"{name} joins", outcome.output)
    state = state_of(lan)
    must(state["members"] == ["node01", "node05", "node06"], f"etcd has them in the order of the spec: {state['members']}")
    must(set(state["nodes"]) == {"node01", "node02", "node05", "node06"}, "and all are in the cluster")
    must("certificates" not in state, "the cluster's keys were never put into the cluster")
    first = control.read("/etc/kubernetes/pki/ca.crt")
    for name in ("node05", "node06"):
        must(machines[name].read("/etc/kubernetes/pki/ca.crt") == first, f"{name} has the same authority")
        must(lab.mode(machines[name], "/etc/kubernetes/pki/ca.key") == "0600 0:0", "whose key only root can read")
    must(not machines["node02"].exists("/etc/kubernetes/pki/ca.key"), "a worker has no key of it")
    for name, machine in machines.items():
        must(not machine.exists("/opt/pikc/once") and not machine.exists("/etc/pikc/discovery.conf"), f"what {name} used once is gone")
        changes_nothing(machine)

    # The first one loses its disk, and its card is written again: it joins the cluster, and starts no other.
    lab.drop(control)
    for path in lan.shared.glob("192.168.11.201_*"):
        path.unlink()
    lost = lab.machine(lan, "node01", PI4)
    lost.give(lab.bundle("node01", secrets=SECRETS, **THREE))
    state = state_of(lan)
    del state["nodes"]["node01"]
    state["members"].remove("node01")
    (lan.shared / "etcd.state").write_text(json.dumps(state))
    outcome = lost.converge(RUN, timeout=1500)
    must(outcome.status == 0 and "this machine joins it instead of starting another one" in outcome.output, "it joins", outcome.output)
    must(state_of(lan)["members"] == ["node05", "node06", "node01"], "as a new member")
    changes_nothing(lost)
