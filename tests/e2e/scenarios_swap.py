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


def back_and_forth(lab, name, setting, other):
    first, second = (("off", "on") if other == "off" else ("on", "off"))
    machine = lab.twin(name)
    start = machine.snapshot(ignore=OWN)
    for value in (other, "limited", "on" if other == "off" else "off"):
        turn(lab, machine, name, **{setting: value})
        swaps, kubelet = machine.boot("systemctl is-active kubelet; cat /proc/swaps").facts["swaps"], None
        must(bool(swaps) == (value != "off"), f"swap = {value} is so after a reboot", str(swaps))
        must(kubelet is None, "")
    found = differences(start, machine.snapshot(ignore=OWN))
    must(not found, f"{first}, {second}, limited and back leaves the machine as it was:\n" + "\n".join(found))


OWN = (r"root/bundle(?:/.*)?",)


@scenario("swap on a worker: on, off, limited and on again leaves nothing stale")
def worker(lab):
    back_and_forth(lab, "node02", "worker-swap", "off")


@scenario("swap on the control plane: off, on, limited and off again leaves nothing stale")
def control_plane(lab):
    back_and_forth(lab, "node01", "control-swap", "on")
