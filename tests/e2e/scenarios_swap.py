"""A spec that changes: swap off, on, off again, a setting removed; nothing stale is left."""

from lab import must, scenario
from machine import differences

RUN = "bash /root/bundle/run.sh"


def turn(lab, machine, name, **settings):
    machine.give(lab.bundle(name, **settings))
    outcome = machine.converge(RUN)
    must(outcome.event == "exited" and outcome.status == 0, f"{settings}: the run succeeds", outcome.output)
    again = machine.boot(RUN)
    must(again.status == 0 and not again.changed, f"{settings}: and a second one changes nothing", again.output)
    return outcome


def back_and_forth(lab, name, setting, values):
    machine = lab.twin(name)
    start = machine.snapshot(ignore=OWN)
    for value in values:
        turn(lab, machine, name, **{setting: value})
        outcome = machine.boot("systemctl is-active kubelet")
        must(bool(outcome.facts["swaps"]) == (value != "off"), f"swap = {value} is in force after a reboot", str(outcome.facts["swaps"]))
        must(outcome.status == 0, f"swap = {value}: the kubelet runs after a reboot", outcome.output)
    found = differences(start, machine.snapshot(ignore=OWN))
    must(not found, f"{', '.join(values)} leaves the machine as it was:\n" + "\n".join(found))


# Ignored: the copied bundle, and the image's own swap file, which stays unused until rpi-swap is set to "none".
OWN = (r"root/(?:bundle|join\.conf)(?:/.*)?", r"var/swap")


@scenario("swap on a worker: on, off, limited and on again leaves nothing stale", long=True)
def worker(lab):
    back_and_forth(lab, "node02", "worker-swap", ["off", "limited", "on"])


@scenario("swap on the control plane: off, on, limited and off again leaves nothing stale", long=True)
def control_plane(lab):
    back_and_forth(lab, "node01", "control-swap", ["on", "limited", "off"])


TIME = "/etc/systemd/timesyncd.conf.d/90-pikc.conf"


@scenario("a removed setting leaves no file behind; a file that was edited is named and kept")
def taken_back(lab):
    machine = lab.twin("node01")
    must(machine.exists(TIME), "the time servers have their file")
    turn(lab, machine, "node01", time="")
    must(not machine.exists(TIME), "without the setting it is gone")
    turn(lab, machine, "node01")
    must(machine.exists(TIME), "with the setting it is back")
    machine.give_text(TIME, machine.read(TIME) + "# by hand\n")
    machine.give(lab.bundle("node01", time=""))
    outcome = machine.converge(RUN)
    must(outcome.status == 0 and machine.read(TIME).endswith("# by hand\n"), "an edited file is kept", outcome.output)
    must("worth reading" in outcome.output and TIME in outcome.output.split("worth reading")[1], "and named at the end", outcome.output)


@scenario("a file that was edited by hand, and is still wanted, is restored to what the spec says")
def edited(lab):
    machine = lab.twin("node01")
    before = machine.snapshot()
    machine.give_text("/etc/sysctl.d/99-pikc.conf", "net.ipv4.ip_forward = 0\n")
    outcome = machine.converge("/opt/pikc/run.sh")
    must(outcome.status == 0 and outcome.changed, "the run says that it changed something", outcome.output)
    found = differences(before, machine.snapshot())
    must(not found, "the machine is as it was:\n" + "\n".join(found))
