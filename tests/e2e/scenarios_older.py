"""Older systems: Raspberry Pi OS bookworm (dphys-swapfile, NetworkManager) and bullseye (dhcpcd, /boot), from start to finish."""

from lab import must, scenario
from machine import differences
from scenarios_swap import OWN

RUN = "bash /root/bundle/run.sh"


def well(outcome, sentence):
    must(outcome.event == "exited" and outcome.status == 0, f"{sentence} succeeds", outcome.output)
    return outcome


def both_nodes(lab, system):
    settings = {"os": f"raspios-{system}"}
    lan = lab.lan()
    first = lab.machine(lan, "node01", system=system)
    first.give(lab.bundle("node01", **settings))
    outcome = well(first.converge(RUN), "node01's first run")
    must(outcome.facts["swaps"] == [], "the control plane does not swap", str(outcome.facts["swaps"]))
    must("cgroup_enable=memory" in outcome.facts["commandline"], "the live command line was changed")
    outcome = well(first.boot(RUN), "node01's second run")
    must(not outcome.changed, "node01's second run changes nothing: " + "; ".join(outcome.changed))

    second = lab.machine(lan, "node02", system=system)
    second.give(lab.bundle("node02", **settings))
    second.give_text("/root/join.conf", first.read("/etc/pikc/join.conf"), 0o600)
    outcome = well(second.converge(RUN + " --join /root/join.conf"), "node02's first run")
    must(outcome.facts["swaps"] != [], "the worker swaps")
    start = second.snapshot(ignore=OWN)
    for value in ("off", "on"):
        second.give(lab.bundle("node02", **settings, **{"worker-swap": value}))
        outcome = well(second.converge(RUN), f"swap = {value}")
        outcome = well(second.boot("systemctl is-active kubelet", RUN), f"swap = {value}: the next boot")
        must(bool(outcome.facts["swaps"]) == (value == "on"), f"swap = {value} is in force after a reboot", str(outcome.facts["swaps"]))
        must(not outcome.changed, f"swap = {value}: the next run changes nothing: " + "; ".join(outcome.changed))
    found = differences(start, second.snapshot(ignore=OWN))
    must(not found, "swap off and on again leaves the machine as it was:\n" + "\n".join(found))


@scenario("bookworm: control plane and worker from start to finish, a second run, swap off and on again", long=True)
def bookworm(lab):
    both_nodes(lab, "bookworm")


@scenario("bullseye: control plane and worker from start to finish, a second run, swap off and on again", long=True)
def bullseye(lab):
    both_nodes(lab, "bullseye")
