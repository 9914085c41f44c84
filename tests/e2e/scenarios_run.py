"""The main path: a control plane and a worker from a fresh card to Ready, and a second run that changes nothing."""

import os
import re

import yaml_lite
from lab import must, scenario
from machine import differences

RUN = "bash /root/bundle/run.sh"
AGAIN = "/opt/pikc/run.sh"


@scenario("node01: the first run ends with a Ready control plane, with a reboot that it asks for and resumes from")
def control_plane(lab):
    machine, outcome = lab.finished("node01")
    must(outcome.output.count("--- a person types") == 1, "one command is enough", outcome.output)
    must(machine.boots >= 2, "the boot command line needs a reboot", outcome.output)
    must("FAILED" not in outcome.output, "no step has failed", outcome.output)
    must("cgroup_enable=memory" in outcome.facts["commandline"], "the kernel got the memory controller's argument")
    must(machine.read("/boot/firmware/cmdline.txt").count("\n") == 1, "the command line is still one line")
    must(machine.read("/boot/cmdline.txt").startswith("DO NOT EDIT"), "the decoy next to it is untouched")
    must(outcome.facts["swaps"] == [], "no swap is in use", str(outcome.facts["swaps"]))
    must(machine.read("/etc/hostname") == "node01\n", "the host name is set")
    nodes = machine.boot("kubectl --kubeconfig /etc/kubernetes/admin.conf get nodes -o name; kubectl --kubeconfig /etc/kubernetes/admin.conf get nodes").output
    must(re.search(r"node01\s+Ready", nodes), "the node is Ready", nodes)
    cluster = machine.lan.cluster()
    must(any(key.startswith("DaemonSet/kube-flannel/") for key in cluster["applied"]), "flannel was applied", str(list(cluster["applied"])))
    must(cluster["cluster-configuration"]["networking"]["podSubnet"] == "10.244.0.0/16", "the pod range is the spec's")


@scenario("node01: what remains has the right owners, modes and holds, and nothing waits for the next boot")
def leftovers(lab):
    machine, outcome = lab.finished("node01")
    must(lab.mode(machine, "/etc/pikc/join.conf") == "0600 0:0", "only root can read the join file")
    place = (machine.root / "opt" / os.readlink(machine.root / "opt/pikc")).parent if os.path.islink(machine.root / "opt/pikc") else None
    must(lab.mode(machine, f"/opt/{place.name}" if place else "/opt/pikc") == "0700 0:0", "only root can read the installed bundle")
    home = machine.read("/etc/passwd").split("\npi:")[1].split(":")
    must(lab.mode(machine, "/home/pi/.kube/config") == f"0600 {home[1]}:{home[2]}", "the user has their own kubeconfig")
    held = machine.boot("apt-mark showhold").output.split()
    for package in ("kubelet", "kubeadm", "kubectl", "cri-o"):
        must(package in held, f"{package} is held", " ".join(held))
    must(not machine.exists("/etc/systemd/system/pikc-resume.service"), "the unit that resumes has removed itself")
    must(not list((machine.root / "etc/systemd/system").glob("*.wants/pikc*")), "and its links")
    conflists = sorted(p.name for p in (machine.root / "etc/cni/net.d").iterdir() if p.suffix in (".conf", ".conflist", ".json"))
    must(conflists == ["10-flannel.conflist"], "CRI-O's own bridge is moved aside", str(conflists))
    pins = [p for p in (machine.root / "etc/apt/sources.list.d").glob("*") if p.suffix != ".sources"]
    must(not pins, "package sources are deb822 files", str(pins))
    for path in (machine.root / "etc/apt/sources.list.d").glob("*.sources"):
        must("Signed-By: /etc/apt/keyrings/" in path.read_text(), f"{path.name} names its own keyring")
    must("correct horse" not in outcome.output, "no secret is printed")


@scenario("node01: a second run changes nothing and says so")
def second_run(lab):
    unchanged(lab, "node01")


@scenario("node02: a worker without a join file waits visibly, and joins with one command")
def worker(lab):
    machine = lab.machine(lab.finished("node01")[0].lan, "node02")
    machine.give(lab.bundle("node02"))
    waiting = machine.converge(RUN)
    must(waiting.status == 75, f"it exits with 75, not {waiting.status}", waiting.output)
    must("--join" in waiting.output, "and names the command", waiting.output)
    must(not machine.exists("/etc/kubernetes/kubelet.conf"), "nothing was joined")
    again = machine.boot(AGAIN)
    must(again.status == 75 and not again.changed, "waiting changes nothing", again.output)


@scenario("node02: a joined worker keeps its swap, and its kubelet tolerates it")
def joined(lab):
    machine, outcome = lab.finished("node02")
    must("FAILED" not in outcome.output, "no step has failed", outcome.output)
    must(outcome.facts["swaps"], "swap is on, as the spec wants")
    config = yaml_lite.load(machine.read("/var/lib/kubelet/config.yaml"))
    must(config.get("failSwapOn") == "false", "the kubelet tolerates it", str(config))
    must(machine.lan.cluster()["nodes"]["node02"]["role"] == "worker", "the worker is in the cluster")
    active = machine.boot("systemctl is-active kubelet crio").output
    must(active.count("\nactive") == 2, "kubelet and CRI-O run after a reboot", active)


@scenario("node02: a second run changes nothing and says so")
def second_run_worker(lab):
    unchanged(lab, "node02")


def unchanged(lab, name):
    machine = lab.twin(name)
    before = machine.snapshot()
    outcome = machine.boot(AGAIN)
    must(outcome.event == "exited" and outcome.status == 0, "the second run succeeds", outcome.output)
    must(not outcome.changed, "no step says that it changed something: " + "; ".join(outcome.changed))
    must("nothing changed" in outcome.output, "it says that nothing changed", outcome.output)
    found = differences(before, machine.snapshot())
    must(not found, "no file differs:\n" + "\n".join(found))
    outcome = machine.boot(RUN)
    must(outcome.status == 0 and not outcome.changed, "running the copied bundle changes nothing either", outcome.output)


@scenario("--dry-run on a fresh machine says what it would do and changes nothing")
def dry_run(lab):
    machine = lab.machine(lab.lan(), "node01")
    machine.give(lab.bundle("node01"))
    machine.boot("true")
    before = machine.snapshot()
    outcome = machine.boot(RUN + " --dry-run")
    must(outcome.status == 0, "it succeeds", outcome.output)
    must("  would  " in outcome.output, "it says what it would do", outcome.output)
    found = differences(before, machine.snapshot())
    must(not found, "no file differs:\n" + "\n".join(found))


@scenario("--list and --status show the steps and the state of the machine")
def status(lab):
    machine = lab.twin("node01")
    outcome = machine.boot(AGAIN + " --list", AGAIN + " --status")
    must(outcome.status == 0, "both succeed", outcome.output)
    must("swap" in outcome.output and "ready" in outcome.output.lower(), "steps and state are named", outcome.output)


@scenario("--only runs one step and --from the rest")
def parts(lab):
    machine = lab.twin("node01")
    step = lab.step(machine, "swap")
    outcome = machine.boot(f"{AGAIN} --only {step}", f"{AGAIN} --from {step}")
    must(outcome.status == 0 and not outcome.changed, "both succeed and change nothing", outcome.output)


@scenario("two runs at once: one of them is refused and says why")
def at_once(lab):
    machine = lab.twin("node01")
    both = f"{AGAIN} >/root/one.txt 2>&1 & {AGAIN} >/root/two.txt 2>&1; two=$?; wait $!; echo statuses $? $two; cat /root/*.txt"
    outcome = machine.boot(both)
    must(re.search(r"statuses (0 1|1 0)", outcome.output), "one succeeds and one does not", outcome.output)
    must("another run.sh is at work" in outcome.output, "the refused one says why", outcome.output)


@scenario("a package whose unpacking was interrupted is unpacked again, although apt considers it installed")
def torn(lab):
    machine = lab.twin("node01")
    status = machine.inside("/var/lib/dpkg/status")
    before = status.read_text()
    whole = "Package: cri-o\nStatus: hold ok installed\n"
    must(whole in before, "the runtime is installed and held")
    status.write_text(before.replace(whole, whole.replace("installed", "half-installed")))
    units = [path for path in machine.inside("/usr/lib/systemd/system").glob("crio.service")]
    must(units, "its unit is there")
    for path in units:
        path.unlink()
    outcome = machine.converge(AGAIN)
    must(outcome.status == 0, "it succeeds", outcome.output)
    must("cri-o unpacked again" in outcome.output, "it says so", outcome.output)
    must(units[0].exists() and "half-installed" not in status.read_text(), "the unit is back")
    must("cri-o" in machine.boot("apt-mark showhold").output, "and it is still held")


@scenario("a power cut while our network file replaces cloud-init's: at every moment exactly one file defines the network", long=True)
def gap(lab):
    machine = lab.twin("node01")
    folder = machine.inside("/etc/netplan")
    theirs, ours = folder / "50-cloud-init.yaml", folder / "90-pikc.yaml"
    network = ours.read_text()
    step, cuts = lab.step(machine, "network"), 0
    # Replacing the one file by the other takes more than four programs.
    for cut in range(3, 400, 4):
        for path in folder.glob("*"):
            path.unlink()
        machine.give_text("/etc/netplan/50-cloud-init.yaml", network, 0o600)
        outcome = machine.boot(f"{AGAIN} --only {step}", kill_at=cut)
        left = [path for path in (theirs, ours) if path.exists()]
        must(len(left) == 1 and left[0].read_text(), f"cut at program {cut}: one file defines the network, not {left}", outcome.output)
        if outcome.event != "killed":
            break
        cuts += 1
    must(outcome.status == 0 and cuts > 5, f"it finished after {cuts} cuts", outcome.output)
    must(ours.exists() and (folder / "50-cloud-init.yaml.disabled").exists(), "ours is there, and theirs is kept")
