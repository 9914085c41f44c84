"""Several control planes: the first one starts the cluster, the others join in the order of the spec, and one that lost its disk
joins again. The stand-in kubeadm keeps etcd's membership: one learner at a time, and no second member of one name."""

import json
import re
import shutil

from lab import must, scenario
from machine import PI4
from scenarios_retry import PATIENT

RUN = "bash /root/bundle/run.sh"
AGAIN = "/opt/pikc/run.sh"
FAR = 10**9  # counts and never kills
POD = "/etc/kubernetes/manifests/kube-vip.yaml"
KEY = "/etc/pikc/join-control-plane.conf"
THREE = {
    "endpoint": "endpoint = api.home.arpa\n  vip { address = 192.168.11.250 }",
    "planes": "node node[05-06] {\n profile = pi\n role = control-plane\n board = pi-4b-2g\n"
              " address = 192.168.11.205..192.168.11.206\n swap = off\n}",
}


def state_of(lan):
    return json.loads((lan.shared / "etcd.state").read_text())


def plane(lab, lan, name):
    machine = lab.machine(lan, name, PI4)
    machine.give(lab.bundle(name, **THREE))
    return machine


def begun(lab):
    """A network whose first control plane is ready, and two more that wait for their join file; made once, and copied."""
    if "three" not in lab.done:
        lan, made = lab.lan(), {}
        for name in ("node01", "node05", "node06"):
            machine = plane(lab, lan, name)
            outcome = machine.converge(RUN)
            wanted = 0 if name == "node01" else 75
            must(outcome.status == wanted, f"{name}'s first run ends with {wanted}", outcome.output)
            lab.machines.remove(machine)  # not removed with the scenario's own
            made[name] = machine, outcome
        lab.done["three"] = lan, made
    first, made = lab.done["three"]
    lan = lab.lan()
    shutil.copytree(first.shared, lan.shared, dirs_exist_ok=True, symlinks=True)
    twins = {}
    for name, (machine, _) in made.items():
        twins[name] = machine.copy(lan, name)
        lab.machines.append(twins[name])
    return lan, twins, {name: outcome for name, (_, outcome) in made.items()}


def joined(lan, name):
    return "node-role.kubernetes.io/control-plane" in state_of(lan)["nodes"].get(name, {"labels": {}})["labels"]


def give_key(machine, origin):
    machine.give_text("/root/join.conf", origin.read(KEY), 0o600)
    return f"{AGAIN} --join /root/join.conf"


def changes_nothing(machine):
    """A second run."""
    again = machine.converge(AGAIN)
    must(again.status == 0 and "nothing changed" in again.output, "a second run changes nothing", again.output)


@scenario("control planes: the first one starts the cluster, under an address that kube-vip brings before the API server answers")
def first(lab):
    lan, planes, outcomes = begun(lab)
    one = planes["node01"]
    must(not (lan.shared / "192.168.11.250_6443.json").exists() or (lan.shared / "192.168.11.250_6443.json").is_symlink(),
         "the address leads to the API servers")
    pod = one.read(POD)
    must("path: /etc/kubernetes/admin.conf" in pod and "super-admin" not in pod, "the pod has no more rights than it needs now", pod)
    must("super-admin" not in one.read("/etc/pikc/kubeadm.yaml"), "nor is there anything of it elsewhere")
    for path in ("/etc/pikc/join.conf", KEY):
        must(lab.mode(one, path) == "0600 0:0", f"{path} is root's alone")
    key = re.search(r"(?m)^# certificate-key: ([0-9a-f]{64})$", one.read(KEY))[1]
    must(key == state_of(lan)["certificates"]["key"], "the key decrypts what the cluster keeps")
    must(key not in one.read("/etc/pikc/join.conf"), "the workers' file is without it")
    logs = "".join(p.read_text() for p in one.inside("/var/log/pikc").glob("*"))
    calls = "".join(p.read_text() for p in one.inside("/var/log/standin").glob("*"))
    must(key not in logs + calls + outcomes["node01"].output, "it is in no log, and in no argument of a program")
    for name in ("node05", "node06"):
        must("node01 starts the cluster" in outcomes[name].output, f"{name} does not start it", outcomes[name].output)
        must("cat /etc/pikc/join-control-plane.conf" in outcomes[name].output, f"{name} says what to type", outcomes[name].output)
    changes_nothing(one)


@scenario("control planes: they join in the order of the spec, one waits for the other, and nothing is done twice", long=True)
def in_order(lab):
    lan, planes, _ = begun(lab)
    last = planes["node06"]
    last.give_text("/usr/local/sbin/sleep", PATIENT.replace("WHAT_HAPPENS", ":"), 0o755)
    outcome = last.converge(give_key(last, planes["node01"]))
    must(outcome.status == 4, "the last one does not overtake the second", outcome.output)
    must("node05 has not joined yet" in outcome.output and "before it in the spec" in outcome.output, "and says whom it waits for", outcome.output)
    must(state_of(lan)["members"] == ["node01"], "etcd has one member")
    second = planes["node05"]
    key = re.search(r"certificate-key: (\S+)", planes["node01"].read(KEY))[1]
    outcome = second.converge(give_key(second, planes["node01"]))
    must(outcome.status == 0 and "control plane ready" in outcome.output, "the second one joins", outcome.output)
    must("node01 does this for the whole cluster" in outcome.output, "and leaves the pod network to the first", outcome.output)
    for path in ("/etc/pikc/discovery.conf", KEY):
        must(not second.exists(path), f"{path} is not left behind")
    must(second.exists(POD), "kube-vip runs there, too")
    must(all(key not in p.read_text(errors="replace") for p in second.inside("/etc/pikc").rglob("*") if p.is_file()), "the key is nowhere")
    logs = "".join(p.read_text() for p in second.inside("/var/log").rglob("*.log"))
    must(key not in logs + outcome.output, "nor in a log")
    outcome = last.converge(AGAIN)
    must(outcome.status == 0, "then the last one joins", outcome.output)
    must(state_of(lan)["members"] == ["node01", "node05", "node06"], "etcd has three members")
    for machine in (second, last):
        changes_nothing(machine)


@scenario("control planes: one that is killed while it joins is a member after the next run, once", long=True)
def killed(lab):
    lan, planes, _ = begun(lab)
    second = planes["node05"]
    outcome = second.boot(give_key(second, planes["node01"]), kill_at=FAR)
    must(outcome.status == 0, "the counted run succeeds", outcome.output)
    total, places = outcome.facts["count"], []
    for at in sorted({total * part // 40 for part in (29, 30, 31, 32, 33, 36)}):  # most of them while kubeadm joins
        lan, planes, _ = begun(lab)
        second = planes["node05"]
        outcome = second.boot(give_key(second, planes["node01"]), kill_at=at)
        must(outcome.event == "killed", f"it is killed at program {at} of {total}", outcome.output)
        where = outcome.facts["killed"]
        places.append(where)
        output = outcome.output
        outcome = second.converge(AGAIN)
        output += outcome.output
        must(outcome.status == 0, f"killed at {where}: the next run succeeds", output)
        state = state_of(lan)
        must(state["members"] == ["node01", "node05"] and not state.get("learner"), f"killed at {where}: it is a member once", output)
        must(joined(lan, "node05") and second.exists(POD), f"killed at {where}: it is whole", output)
        for machine in planes.values():
            lab.drop(machine)
    must(sum("stand-in" in place for place in places) > 1, f"some kills are inside kubeadm: {places}")


@scenario("control planes: the first one, with a new disk, joins the cluster that runs, and starts no other one", long=True)
def lost(lab):
    lan, planes, _ = begun(lab)
    second = planes["node05"]
    outcome = second.converge(give_key(second, planes["node01"]))
    must(outcome.status == 0, "there are two", outcome.output)
    cluster = state_of(lan)["id"]
    lab.drop(planes["node01"])
    for path in lan.shared.glob("192.168.11.201_*"):
        path.unlink()
    # The runbook: the cluster and etcd forget it, and another control plane makes new join files.
    state = state_of(lan)
    del state["nodes"]["node01"]
    state["members"].remove("node01")
    (lan.shared / "etcd.state").write_text(json.dumps(state))
    outcome = second.boot(f"{AGAIN} --new-join")
    must(outcome.status == 0 and second.exists(KEY), "any control plane makes join files", outcome.output)

    new = plane(lab, lan, "node01")
    outcome = new.converge(RUN)
    must(outcome.status == 75 and "the cluster is running already" in outcome.output, "it sees the cluster", outcome.output)
    must("@192.168.11.205 sudo cat /etc/pikc/join-control-plane.conf" in outcome.output, "and names a machine that has a join file", outcome.output)
    must(not new.exists("/etc/kubernetes/admin.conf"), "it has started nothing")
    outcome = new.converge(give_key(new, second))
    must(outcome.status == 0, "it joins", outcome.output)
    state = state_of(lan)
    must(state["id"] == cluster and state["members"] == ["node05", "node01"], "it is the same cluster")
    changes_nothing(new)


@scenario("control planes: the first one, with a new disk, waits while the others run without an API server, and then joins them", long=True)
def without_quorum(lab):
    lan, planes, _ = begun(lab)
    second = planes["node05"]
    outcome = second.converge(give_key(second, planes["node01"]))
    must(outcome.status == 0, "there are two", outcome.output)
    lab.drop(planes["node01"])
    for path in (*lan.shared.glob("192.168.11.201_*"), *lan.shared.glob("*.json")):
        path.unlink(missing_ok=True)
    new = plane(lab, lan, "node01")
    # In the pause between two tries, the other one's API server answers again.
    back = "ln -sf etcd.state /srv/lan/192.168.11.205_6443.json"
    new.give_text("/usr/local/sbin/sleep", PATIENT.replace("WHAT_HAPPENS", back), 0o755)
    outcome = new.converge(RUN)
    must("must not start another cluster" in outcome.output, "it says why it does not go on", outcome.output)
    must("192.168.11.205:10250" in outcome.output, "and which machine it has seen", outcome.output)
    must(outcome.status == 75 and "the cluster is running already" in outcome.output, "then it sees the cluster, and waits for its file", outcome.output)
    must(not new.exists("/etc/kubernetes/admin.conf"), "it has started nothing")


@scenario("control planes: a worker refuses the key to the certificates, and a control plane the workers' join file")
def wrong_file(lab):
    lan, planes, _ = begun(lab)
    one, second = planes["node01"], planes["node05"]
    second.give_text("/root/join.conf", one.read("/etc/pikc/join.conf"), 0o600)
    outcome = second.boot(f"{AGAIN} --join /root/join.conf")
    must(outcome.status == 1 and "join-control-plane.conf" in outcome.output, "the workers' file is refused", outcome.output)
    worker = lab.machine(lan, "node02")
    worker.give(lab.bundle("node02", **THREE))
    must(worker.converge(RUN).status == 75, "the worker waits")
    worker.give_text("/root/join.conf", one.read(KEY), 0o600)
    outcome = worker.boot(f"{AGAIN} --join /root/join.conf")
    must(outcome.status == 1 and "no worker may have" in outcome.output, "the worker refuses the key", outcome.output)
    key = re.search(r"certificate-key: (\S+)", one.read(KEY))[1]
    kept = [p for p in worker.inside("/etc/pikc").rglob("*") if p.is_file() and key in p.read_text(errors="replace")]
    must(not kept, f"and does not keep it: {kept}")
    old = re.sub(r"certificate-key-expires-epoch: \d+", "certificate-key-expires-epoch: 1700000000", one.read(KEY))
    second.give_text("/root/join.conf", old, 0o600)
    outcome = second.converge(f"{AGAIN} --join /root/join.conf")
    must(outcome.status == 75 and "only two hours" in outcome.output, "a key that has expired is named", outcome.output)
