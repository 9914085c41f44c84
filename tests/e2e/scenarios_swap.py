"""A spec that changes: swap off, on, off again by compiling and running again, with nothing stale left."""

from lab import must, scenario
from machine import differences

RUN = "bash /root/bundle/run.sh"


def turn(lab, machine, name, **settings):
    machine.give(lab.bundle(name, **settings))
    outcome = machine.converge(RUN)
    must(outcome.event == "exited" and outcome.status == 0, f"{settings}: the run ends well", outcome.output)
    again = machine.boot(RUN)
    must(again.status == 0 and not again.changed, f"{settings}: and a second one changes nothing", again.output)
    return outcome


def back_and_forth(lab, name, setting, values):
    machine = lab.twin(name)
    start = machine.snapshot(ignore=OWN)
    for value in values:
        turn(lab, machine, name, **{setting: value})
        outcome = machine.boot("systemctl is-active kubelet")
        must(bool(outcome.facts["swaps"]) == (value != "off"), f"swap = {value} is so after a reboot", str(outcome.facts["swaps"]))
        must(outcome.status == 0, f"swap = {value}: the kubelet runs after a reboot", outcome.output)
    found = differences(start, machine.snapshot(ignore=OWN))
    must(not found, f"{', '.join(values)} leaves the machine as it was:\n" + "\n".join(found))


# Not of interest: the bundle that was copied, and the image's own swap file, which lies unused until rpi-swap is told "none".
OWN = (r"root/(?:bundle|join\.conf)(?:/.*)?", r"var/swap")


@scenario("swap on a worker: on, off, limited and on again leaves nothing stale")
def worker(lab):
    back_and_forth(lab, "node02", "worker-swap", ["off", "limited", "on"])


@scenario("swap on the control plane: off, on, limited and off again leaves nothing stale")
def control_plane(lab):
    back_and_forth(lab, "node01", "control-swap", ["on", "limited", "off"])
