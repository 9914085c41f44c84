"""Power cuts: every process killed at the n-th program, between steps and inside them; the next run has the same result."""

import concurrent.futures
import os

from lab import must, scenario
from machine import differences

RUN = "bash /root/bundle/run.sh"
FAR = 10**9  # counts and never kills


def fresh(lab, name):
    lan = lab.lan() if name == "node01" else lab.lan_with("node01")
    machine = lab.machine(lan, name)
    machine.give(lab.bundle(name))
    if name != "node01":
        machine.give_text("/root/join.conf", lab.join_file(), 0o600)
    return machine


def command(name):
    return RUN if name == "node01" else RUN + " --join /root/join.conf"


def count(lab, name):
    """The number of programs that each boot of an undisturbed run starts."""
    machine = fresh(lab, name)
    outcome = machine.boot(command(name), kill_at=FAR)
    counts = [outcome.facts["count"]]
    while outcome.event == "reboot":
        outcome = machine.boot(kill_at=FAR)
        counts.append(outcome.facts["count"])
    must(outcome.status == 0, "the counted run succeeds", outcome.output)
    return counts, machine.snapshot(ignore=OWN), machine.lan.cluster()


OWN = (r"root/(?:bundle|join\.conf)(?:/.*)?",)


def killed(lab, name, boot, at):
    """One run that is killed at program AT of boot BOOT, and then repeated as a person would."""
    machine = fresh(lab, name)
    outcome, number = machine.boot(command(name), kill_at=at if boot == 0 else FAR), 0
    while outcome.event == "reboot":
        number += 1
        outcome = machine.boot(kill_at=at if boot == number else FAR)
    must(outcome.event == "killed", f"{name} was to be killed at program {at} of boot {boot + 1} and was not", outcome.output)
    where = outcome.facts["killed"]
    output = outcome.output
    outcome = machine.converge()  # power is back: what resumes automatically, resumes
    output += outcome.output
    outcome = machine.converge(command(name))
    output += outcome.output
    if outcome.status != 0 and "kubeadm reset" in outcome.output and "init" in where + output:
        # etcd holds state and init never finished: a person has to decide, and the message says how.
        outcome = machine.converge("kubeadm reset -f", command(name))
        output += outcome.output
    must(outcome.event == "exited" and outcome.status == 0, f"killed at {where}: the next run succeeds", output)
    must(not machine.boot(RUN).changed, f"killed at {where}: the run after that changes nothing", output)
    return where, machine


def series(lab, name, points):
    counts, end, cluster = count(lab, name)
    lab.bundle(name)

    def one(boot, at):
        where, machine = killed(lab, name, boot, at)
        found = differences(end, machine.snapshot(ignore=OWN))
        place = f"killed at {where} (boot {boot + 1}, program {at} of {counts[boot]})"
        must(not found, f"{place}: the result is the same:\n" + "\n".join(found))
        must(machine.lan.cluster() == cluster, f"{place}: the cluster is the same")
        lab.drop(machine)

    failures = []
    with concurrent.futures.ThreadPoolExecutor(max_workers=os.cpu_count()) as pool:
        for job in [pool.submit(one, boot, at) for boot, total in enumerate(counts) for at in points(total)]:
            try:
                job.result()
            except AssertionError as problem:
                failures.append(str(problem))
    must(not failures, f"{len(failures)} kills had another result:\n" + "\n".join(failures[:5]))


def spread(number):
    """Points spread over a run; they shift with the total, so that over time many places are hit."""
    return lambda total: sorted({max(1, total * (2 * i + 1) // (2 * number)) for i in range(number)})


@scenario("node01: killed at some points, the next run has the same result", long=True)
def some_node01(lab):
    series(lab, "node01", spread(3))


@scenario("node02: killed at some points, the next run has the same result", long=True)
def some_node02(lab):
    series(lab, "node02", spread(2))


@scenario("node01: killed at many points, the next run has the same result", long=True)
def many_node01(lab):
    series(lab, "node01", spread(40))


@scenario("node02: killed at many points, the next run has the same result", long=True)
def many_node02(lab):
    series(lab, "node02", spread(30))
