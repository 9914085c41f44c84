"""Reboots: never in a loop, never against the operator's will, and no second run in parallel."""

from lab import must, scenario
from machine import PI4

RUN = "bash /root/bundle/run.sh"


def fresh(lab, **more):
    machine = lab.machine(lab.lan(), "node01", **more)
    machine.give(lab.bundle("node01"))
    return machine


@scenario("a kernel that never gets its arguments stops the run with the reason, after a bounded number of reboots")
def deaf(lab):
    machine = fresh(lab, hardware={**PI4, "deaf": True})
    outcome = machine.converge(RUN, boots=5)
    must(outcome.event == "exited" and outcome.status == 1, "it stops", outcome.output)
    must("cgroup_enable=memory" in outcome.output and "boot/firmware/cmdline.txt" in outcome.output, "and says why", outcome.output)
    must(machine.boots <= 4, f"after {machine.boots} boots")
    outcome = machine.boot()
    must(not outcome.facts["results"], "and nothing starts at the next boot", outcome.output)


@scenario("--no-reboot says what to do and exits with 3; the next run continues")
def unwanted(lab):
    machine = fresh(lab)
    outcome = machine.boot(RUN + " --no-reboot")
    must(outcome.event == "exited" and outcome.status == 3, f"it exits with 3, not {outcome.status}", outcome.output)
    must("reboot" in outcome.output.lower() and "/opt/pikc/run.sh" in outcome.output, "and says what to do", outcome.output)
    outcome = machine.boot()
    must(not outcome.facts["results"], "nothing starts automatically", outcome.output)
    outcome = machine.converge("/opt/pikc/run.sh")
    must(outcome.status == 0, "the next run finishes", outcome.output)


@scenario("only run.sh killed: the next run waits its turn or continues, and succeeds")
def orphan(lab):
    machine = fresh(lab)
    command = (RUN + " >/root/first.txt 2>&1 & until grep -q 10-preflight /root/first.txt 2>/dev/null; do /usr/bin/sleep 0.01; done; "
               "kill -9 $!; cat /root/first.txt")
    machine.boot(command)
    outcome = machine.converge(RUN)
    must(outcome.event == "exited" and outcome.status == 0, "the next run succeeds", outcome.output)
