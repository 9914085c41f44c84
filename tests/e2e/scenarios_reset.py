"""Resets: `run.sh --reset` turns a node into a plain machine again, and the next run turns it into a node again."""

import re

from lab import must, scenario
from machine import differences

AGAIN = "/opt/pikc/run.sh"
GONE = ("/etc/crio/crio.conf.d/90-pikc.conf", "/etc/sysctl.d/99-pikc.conf", "/etc/modules-load.d/pikc.conf", "/etc/pikc",
        "/etc/apt/sources.list.d/pikc-kubernetes.sources", "/etc/apt/keyrings/pikc-crio.asc", "/etc/cni/net.d/10-flannel.conflist",
        "/etc/kubernetes/kubelet.conf", "/etc/rpi/swap.conf.d/90-pikc.conf", "/var/lib/pikc/kubeadm")
KEPT = ("/etc/netplan/90-pikc.yaml", "/etc/sudoers.d/010_pikc-pi", "/opt/pikc/run.sh")


def reset(lab, name):
    machine = lab.twin(name)
    before = machine.snapshot()
    asked = machine.boot(f"{AGAIN} --reset")
    must(asked.status == 2 and "--yes" in asked.output, "with no one there to answer, it stops", asked.output)
    must("etcd" in asked.output or "kubectl drain" in asked.output, "and has said what it would destroy", asked.output)
    dry = machine.boot(f"{AGAIN} --reset --dry-run")
    must(dry.status == 0 and "would" in dry.output, "a dry run says what would be undone", dry.output)
    found = differences(before, machine.snapshot())
    must(not found, "neither changes anything:\n" + "\n".join(found))

    outcome = machine.boot(f"{AGAIN} --reset --yes")
    must(outcome.status == 0 and "FAILED" not in outcome.output, "the reset succeeds", outcome.output)
    for path in GONE:
        must(not machine.exists(path), f"{path} is gone", outcome.output)
    for path in KEPT:
        must(machine.exists(path), f"{path} is kept", outcome.output)
    must("pikc hosts" not in machine.read("/etc/hosts"), "the block of /etc/hosts is gone", machine.read("/etc/hosts"))
    must("pikc keys" in machine.read("/home/pi/.ssh/authorized_keys"), "the keys are kept")
    must("cgroup_enable=memory" not in machine.read("/boot/firmware/cmdline.txt"), "pikc's arguments are gone from the command line")
    must("root=" in machine.read("/boot/firmware/cmdline.txt"), "and the others are kept")
    after = machine.boot("apt-mark showhold; systemctl is-enabled kubelet")
    must(not re.search(r"^(kube|cri-)", after.output, re.M), "nothing is held", after.output)
    must("disabled" in after.output, "the kubelet does not start at boot", after.output)

    again = machine.boot(f"{AGAIN} --reset --yes")
    must(again.status == 0 and not again.changed, "a second reset changes nothing: " + "; ".join(again.changed), again.output)
    must("nothing changed" in again.output, "and says so", again.output)
    return machine


@scenario("node01: a reset asks first and undoes what the steps did; the next run sets up a control plane again")
def control_plane(lab):
    machine = reset(lab, "node01")
    outcome = machine.converge(AGAIN)
    must(outcome.status == 0 and "control plane ready" in outcome.output, "the next run makes it a node again", outcome.output)


@scenario("node02: a reset worker waits for a join file, as it did the first time")
def worker(lab):
    machine = reset(lab, "node02")
    outcome = machine.converge(AGAIN)
    must(outcome.status == 75, "it waits", outcome.output)


@scenario("node02: the next reset finishes a reset that was interrupted anywhere", long=True)
def killed(lab):
    clean = reset(lab, "node02").snapshot()
    point = 40
    while True:
        machine = lab.twin("node02")
        outcome = machine.boot(f"{AGAIN} --reset --yes", kill_at=point)
        if outcome.event != "killed":
            break
        outcome = machine.boot(f"{AGAIN} --reset --yes")
        must(outcome.status == 0, f"killed at {point}: the next reset succeeds", outcome.output)
        machine.boot("true")  # the image's own swap returns with the next boot
        found = differences(clean, machine.snapshot())
        must(not found, f"killed at {point}: the result is the same:\n" + "\n".join(found))
        point += 17
    must(point > 100, f"it was killed at several points, the last is {point}")
