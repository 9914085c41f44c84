"""Joining: an expired join file, a missing one, a new one from one command, and one from stdin."""

import json
import re

from lab import must, scenario

RUN = "bash /root/bundle/run.sh"


def waiting_worker(lab):
    """A network with its own finished control plane, and a worker that waits for its join file."""
    control = lab.twin("node01")
    worker = lab.machine(control.lan, "node02")
    worker.give(lab.bundle("node02"))
    outcome = worker.converge(RUN)
    must(outcome.status == 75, "the worker waits", outcome.output)
    return control, worker


@scenario("node02: the join file comes through stdin, and the worker joins")
def standard_input(lab):
    control, worker = waiting_worker(lab)
    worker.give_text("/root/sent", control.read("/etc/pikc/join.conf"), 0o600)
    outcome = worker.converge("/opt/pikc/run.sh --join - </root/sent")
    must(outcome.status == 0, "it succeeds", outcome.output)
    must(not worker.exists("/etc/pikc/discovery.conf"), "the file is removed after the join: its token lets any machine in")
    token = re.search(r"token: (\S+)", control.read("/etc/pikc/join.conf"))[1]
    must(token not in outcome.output, "the token is not printed")
    logs = "".join(p.read_text() for p in worker.inside("/var/log/pikc").glob("*"))
    must(token not in logs, "nor logged")
    again = worker.converge("/opt/pikc/run.sh")
    must(again.status == 0 and "nothing changed" in again.output, "without it, a second run changes nothing", again.output)
    # Removed from the cluster by hand, it says where the next join file comes from.
    worker.inside("/etc/kubernetes/kubelet.conf").unlink()
    gone = worker.converge("/opt/pikc/run.sh")
    must(gone.status == 75 and "--new-join" in gone.output and "--join -" in gone.output, "it waits for a new one, and says so", gone.output)


@scenario("node02: a join file that arrives during another run of run.sh is not lost: the second run waits for the first")
def at_once(lab):
    control, worker = waiting_worker(lab)
    worker.give_text("/root/join.conf", control.read("/etc/pikc/join.conf"), 0o600)
    both = ("/opt/pikc/run.sh >/root/one.txt 2>&1 & first=$!; until grep -q preflight /root/one.txt; do sleep 0.1; done; "
            "/opt/pikc/run.sh --join /root/join.conf >/root/two.txt 2>&1; second=$?; "
            "wait $first; echo statuses $? $second; cat /root/one.txt /root/two.txt")
    outcome = worker.converge(both)
    must("statuses 75 0" in outcome.output, "the first still waits for a file, the second joins", outcome.output)
    must("this one waits until it ends" in outcome.output and "worker ready" in outcome.output, "and says so", outcome.output)


@scenario("node02: an expired join file is named, and run.sh --new-join on the control plane creates a valid one")
def expired(lab):
    control, worker = waiting_worker(lab)
    old = control.read("/etc/pikc/join.conf")
    worker.give_text("/root/join.conf", re.sub(r"expires-epoch: \d+", "expires-epoch: 1700000000", old), 0o600)
    outcome = worker.converge("/opt/pikc/run.sh --join /root/join.conf")
    must(outcome.status == 75 and "expired" in outcome.output and "--new-join" in outcome.output, "it says what to do", outcome.output)
    outcome = control.boot("/opt/pikc/run.sh --new-join")
    must(outcome.status == 0 and control.read("/etc/pikc/join.conf") != old, "there is a new file", outcome.output)
    worker.give_text("/root/join.conf", control.read("/etc/pikc/join.conf"), 0o600)
    outcome = worker.converge("/opt/pikc/run.sh --join /root/join.conf")
    must(outcome.status == 0, "and with it the worker joins", outcome.output)


@scenario("node02: a file that is not a join file is refused or waited for, and nothing is joined")
def nonsense(lab):
    _, worker = waiting_worker(lab)
    worker.give_text("/root/join.conf", "kind: Nonsense\n", 0o600)
    outcome = worker.converge("/opt/pikc/run.sh --join /root/join.conf")
    must(outcome.event == "exited" and outcome.status != 0, "it does not succeed", outcome.output)
    must(not worker.exists("/etc/kubernetes/kubelet.conf"), "nothing was joined")


@scenario("node02: a pipe or a folder instead of the join file is refused at once, and blocks nothing")
def special(lab):
    _, worker = waiting_worker(lab)
    worker.give_text("/root/join.conf", lab.join_file(), 0o600)
    paths = ("/root/pipe", "/root/folder", "/dev/zero", "/root/nothing")
    outcome = worker.boot("mkfifo /root/pipe; mkdir /root/folder",
                          *(f"timeout 20 /opt/pikc/run.sh --join {path}" for path in paths), "test ! -e /run/pikc/lock",
                          "ln -s join.conf /root/link; /opt/pikc/run.sh --join /root/link")
    statuses = [result["status"] for result in outcome.facts["results"]]
    must(statuses[1:5] == [1] * 4, f"each is refused: {statuses}", outcome.output)
    for path in paths:
        must(f"\n{path} is not a file: name a copy of the control plane's /etc/pikc/join.conf, or write --join -" in outcome.output,
             "in a line that says what to name instead", outcome.output)
    must(statuses[5] == 0, "before the lock is taken", outcome.output)
    must(statuses[6] == 0, "a link to a file is accepted", outcome.output)


@scenario("node02: a worker that was reset joins again")
def after_reset(lab):
    worker = lab.twin("node02")
    cluster = next(worker.lan.shared.glob("*.json"))
    state = json.loads(cluster.read_text())
    del state["nodes"]["node02"]  # kubectl delete node node02
    cluster.write_text(json.dumps(state))
    worker.give_text("/root/join.conf", lab.join_file(), 0o600)
    outcome = worker.boot("kubeadm reset --force", "/opt/pikc/run.sh --join /root/join.conf")
    must(outcome.status == 0, "it succeeds", outcome.output)
    must("node02" in worker.lan.cluster()["nodes"], "it is in the cluster again")
