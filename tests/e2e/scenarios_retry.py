"""Steps that cannot be done now: they are retried automatically if no person is there; permanent failures are not.

A machine in these scenarios has a `sleep` of its own (PATIENT): it advances the clock without waiting, records every pause between
two tries, and runs what the scenario wants to happen in it."""

import json
import re

from lab import must, scenario
from machine import PI4

RUN = "bash /root/bundle/run.sh"
AGAIN = "/opt/pikc/run.sh"
PATIENT = """#!/bin/bash
if [ "$1" -ge 60 ]; then
  echo "$1" >>/root/pauses
  pause=$(wc -l </root/pauses)
  echo "--- pause $pause, status: $(/opt/pikc/run.sh --status | sed -n '/^not finished/,$p')"
  WHAT_HAPPENS
fi
read -r up rest </proc/uptime
echo "$((${up%.*} + $1)).00 $rest" >/proc/.uptime.$$
/usr/bin/mv -f /proc/.uptime.$$ /proc/uptime
exec /usr/bin/sleep 0.05
"""
UNIT = "/etc/systemd/system/pikc-resume.service"
MIRROR = "/root/mirror-is-down"
UP_AT_THE_THIRD = f'if [ "$pause" = 3 ]; then rm {MIRROR}; fi'
# Holds the lock as apt does, and ends when the file is gone; its process is visible below /proc.
HOLDER = """cat >/root/holder.py <<'END'
import fcntl, os, time
lock = open("/var/lib/apt/lists/lock", "w")
fcntl.lockf(lock, fcntl.LOCK_EX)
os.symlink(f".real/{os.getpid()}", f"/proc/{os.getpid()}")
open("/root/held", "w").close()
while os.path.exists("/root/held"):
    time.sleep(0.05)
END
python3 /root/holder.py & until [ -e /root/held ]; do /usr/bin/sleep 0.05; done; """


def fresh(lab, what_happens=":", **more):
    machine = lab.machine(lab.lan(), "node01", **more)
    machine.give(lab.bundle("node01"))
    machine.give_text("/usr/local/sbin/sleep", PATIENT.replace("WHAT_HAPPENS", what_happens), 0o755)
    # apt's own pauses between retries cannot be shortened by a stand-in.
    machine.give_text("/etc/apt/apt.conf.d/99-soon", 'Acquire::Retries::Delay "false";\n')
    return machine


def rebooted(lab, what_happens=":", **more):
    """A machine that has just asked for its reboot: the next boot continues automatically."""
    machine = fresh(lab, what_happens, **more)
    outcome = machine.boot(RUN)
    must(outcome.event == "reboot", "it reboots first", outcome.output)
    return machine


def held_back(machine, command, **more):
    """A boot in which the unit does not continue automatically, but COMMAND runs."""
    link = machine.root / "etc/systemd/system/multi-user.target.wants/pikc-resume.service"
    target = link.readlink()
    link.unlink()
    outcome = machine.boot(command, **more)
    if machine.exists(UNIT):
        link.symlink_to(target)
    return outcome


def pauses(machine):
    return [int(line) for line in machine.read("/root/pauses").split()] if machine.exists("/root/pauses") else []


def well(machine, outcome, what="control plane"):
    must(outcome.event == "exited" and outcome.status == 0, f"it succeeds ({outcome.event}, {outcome.status})", outcome.output)
    must(f"{what} ready" in outcome.output, "all steps are done", outcome.output)
    must(not machine.exists(UNIT) and not machine.exists("/var/lib/pikc/waiting"), "nothing continues automatically", outcome.output)
    again = machine.boot(AGAIN)
    must(again.status == 0 and "nothing changed" in again.output, "a second run changes nothing", again.output)


@scenario("the mirror is down and no one is there: retried with growing pauses, and shown in --status")
def mirror(lab):
    machine = rebooted(lab, UP_AT_THE_THIRD)
    machine.give_text(MIRROR, "")
    outcome = machine.boot()
    must(pauses(machine) == [60, 120, 180], f"it waits longer each time: {pauses(machine)}", outcome.output)
    must("FAILED" not in outcome.output, "no step has failed", outcome.output)
    must(re.search(r"status: not finished: 55-repositories \(not now: .*http://127.0.0.1:8042/", outcome.output),
         "--status names the step and what it waits for", outcome.output)
    must(re.search(r"tried 2 times in \d+ \w+; next try in 2 minutes, automatically", outcome.output),
         "how often it was tried, and when it is retried", outcome.output)
    logs = "".join(path.read_text() for path in machine.inside("/var/log/pikc").glob("*.log"))
    must("next try in 3 minutes, automatically" in logs and "retrying: 55-repositories" in logs, "so does the log", logs)
    well(machine, outcome)


@scenario("apt's index cannot be fetched in an unattended run: retried later, not reported as a signature problem", long=True)
def index(lab):
    machine = rebooted(lab, UP_AT_THE_THIRD.replace("3", "1"))
    # The keys are there, and the mirror goes down before the index is requested.
    held_back(machine, f"{AGAIN} --only repositories")
    machine.give_text(MIRROR, "")
    outcome = machine.boot()
    must(re.search(r"LATER +apt could not read the package sources: Failed to fetch http://127.0.0.1:8042/", outcome.output),
         "it says what could not be fetched", outcome.output)
    must(pauses(machine) == [60], f"one pause is enough: {pauses(machine)}", outcome.output)
    well(machine, outcome)


@scenario("by hand: a step that cannot be done now exits with 4 and the reason, and nothing continues automatically")
def by_hand(lab):
    machine = fresh(lab)
    must(machine.boot(RUN + " --no-reboot").status == 3, "it stops before the reboot")
    machine.give_text(MIRROR, "")
    outcome = machine.boot(AGAIN, AGAIN + " --status")
    must(outcome.facts["results"][0]["status"] == 4, "it exits with 4", outcome.output)
    must("cannot be done now" in outcome.output and "127.0.0.1:8042" in outcome.output, "and says why", outcome.output)
    must("it will not be retried automatically" in outcome.output, "--status says that a person is needed", outcome.output)
    must(not machine.exists(UNIT) and not pauses(machine), "no unit, no pause")
    machine.inside(MIRROR).unlink()
    # Signed by the right key, but inconsistent, like a mirror in the middle of its own update.
    outcome = machine.boot(AGAIN, serve={"/kubernetes/InRelease": "/crio/InRelease"})
    must(outcome.status == 4 and "LATER    apt could not read the package sources" in outcome.output, "an inconsistent mirror", outcome.output)
    must(not machine.exists("/usr/bin/kubelet"), "nothing is installed from there")
    well(machine, machine.boot(AGAIN))


@scenario("a person's run in a pause goes first: when it succeeds, nothing is retried", long=True)
def person(lab):
    machine = rebooted(lab, f"rm {MIRROR}; echo '--- a person comes'; {AGAIN}; echo \"status $?\"")
    machine.give_text(MIRROR, "")
    outcome = machine.boot()
    must("status 0" in outcome.output, "the person's run finishes", outcome.output)
    must(pauses(machine) == [60] and outcome.status == 0, "and nothing is retried after it", outcome.output)
    well(machine, outcome)


@scenario("a person's run in a pause that cannot do it either: the machine goes on retrying", long=True)
def person_in_vain(lab):
    machine = rebooted(lab, f'case $pause in 1) {AGAIN}; echo "status $?" ;; 2) rm {MIRROR} ;; esac')
    machine.give_text(MIRROR, "")
    outcome = machine.boot()
    must("status 4" in outcome.output and "It will be retried automatically" in outcome.output, "the person is told", outcome.output)
    must(pauses(machine) == [60, 120], f"and it is retried: {pauses(machine)}", outcome.output)
    well(machine, outcome)


@scenario("--only in a pause: the machine goes on retrying", long=True)
def one_step(lab):
    machine = rebooted(lab, f'case $pause in 1) {AGAIN} --only hosts; echo "status $?" ;; 2) rm {MIRROR} ;; esac')
    machine.give_text(MIRROR, "")
    outcome = machine.boot()
    must("status 0" in outcome.output, "the step is run", outcome.output)
    must(pauses(machine) == [60, 120], f"and the rest is retried: {pauses(machine)}", outcome.output)
    well(machine, outcome)


@scenario("a power cut in a pause: the next boot retries at once, and knows how often it was tried", long=True)
def cut(lab):
    machine = rebooted(lab, f'case $pause in 1) echo cut >/run/standin/killed; kill -9 -1 ;; 2) rm {MIRROR} ;; esac')
    machine.give_text(MIRROR, "")
    must(machine.boot().event == "killed", "the power is cut in the first pause")
    outcome = machine.boot()
    must("Tried 2 times" in outcome.output and pauses(machine) == [60, 120], f"the count continues: {pauses(machine)}", outcome.output)
    well(machine, outcome)


@scenario("a permanent failure is not retried: no pause, no unit, and --status says why")
def for_good(lab):
    for serve, words in (({"/kubernetes/Release.key": "/other.key"}, "fingerprint"),
                         ({"/kubernetes/Release.key": "/nowhere"}, "answered 404"),
                         ({"/kubernetes/InRelease": "/docker/dists/trixie/InRelease"}, "apt could not read the package sources")):
        machine = rebooted(lab)
        outcome = machine.boot(AGAIN + " --status", serve=serve)
        first, status = outcome.facts["results"]
        must(first["unit"] and first["status"] == 1, f"{serve}: it stops", outcome.output)
        must(not pauses(machine) and not machine.exists(UNIT), f"{serve}: it is not retried", outcome.output)
        said = outcome.output.rsplit("--- a person types", 1)[1]
        must(re.search(rf"not finished: \S+ \(failed: .*{words}", said) and "not be retried" in said, f"--status says why: {words}", said)


@scenario("apt-daily holds the lock on the lists: the run waits for it, and names it")
def lock(lab):
    machine = fresh(lab)
    must(machine.boot(RUN + " --no-reboot").status == 3, "it stops before the reboot")
    free = "(until grep -q 'for apt: /var/lib/apt/lists/lock' /root/said; do /usr/bin/sleep 0.1; done; rm /root/held) & "
    outcome = machine.boot(HOLDER + f"{free}{AGAIN} >/root/said 2>&1; echo status $?; cat /root/said")
    must("status 0" in outcome.output, "it succeeds", outcome.output)
    must(re.search(r"waiting  for apt: /var/lib/apt/lists/lock is held by python3 \(process \d+", outcome.output), "it says who", outcome.output)
    must("LATER" not in outcome.output, "and continues as soon as the lock is free", outcome.output)


@scenario("a lock that is held for very long: retried later, with the name of the holder", long=True)
def lock_for_long(lab):
    machine = rebooted(lab, "rm /root/held")
    said = held_back(machine, f"{HOLDER} {AGAIN} --resume; echo status $?").output
    must(re.search(r"LATER +apt is in use: /var/lib/apt/lists/lock is held by python3 \(process \d+", said), "it says who", said)
    must(re.search(r"--- pause 1, status: not finished: \S+ \(not now: apt is in use: .*python3", said), "so does --status", said)
    must("status 0" in said and pauses(machine) == [60], "and succeeds when the lock is free", said)


@scenario("no time server answers: the run waits for the clock, and uses no mirror before", long=True)
def clock(lab):
    machine = rebooted(lab, "if [ \"$pause\" = 2 ]; then rm /root/no-time; fi")
    real = (lab.work / "stand-ins/usr/local/sbin/timedatectl").read_text()
    machine.give_text("/usr/local/sbin/timedatectl", real.replace("synchronised=yes", "[ -e /root/no-time ] || synchronised=yes"), 0o755)
    machine.give_text("/root/no-time", "")
    outcome = machine.boot()
    must(re.search(r"LATER +no time server has answered, and the clock says .*ntp.jst.mfeed.ad.jp", outcome.output), "it says so", outcome.output)
    first = outcome.output.split("--- pause 2")[0]
    must("55-repositories" not in first.split("status:")[0], "no later step is tried before", first)
    must(pauses(machine) == [60, 120], f"it retries until it has the time: {pauses(machine)}", outcome.output)
    well(machine, outcome)


@scenario("the registry does not answer: the images are retried, then kubeadm init begins again", long=True)
def registry(lab):
    machine = rebooted(lab, "rm /root/registry-is-down")
    machine.give_text("/root/registry-is-down", "")
    outcome = machine.boot()
    must("LATER    images of the control plane could not be fetched" in outcome.output, "it says so", outcome.output)
    must(pauses(machine) == [60], f"one pause: {pauses(machine)}", outcome.output)
    well(machine, outcome)


@scenario("new network settings: nothing uses the old network before the reboot that applies them", long=True)
def barrier(lab):
    machine = fresh(lab)
    outcome = machine.boot(RUN)
    must(outcome.event == "reboot", "it reboots", outcome.output)
    for step in ("32-time", "35-packages"):
        must(re.search(rf"(?m)^{step}\n  later    after the reboot", outcome.output), f"{step} waits for the reboot", outcome.output)
    must("NTPSynchronized" not in str(machine.calls("timedatectl")) and not (machine.place / "requests.log").exists(), "no time server and no mirror is used", outcome.output)
    must("40-swap" in outcome.output, "steps that need no network are done before", outcome.output)
    outcome = machine.converge()
    must(machine.boots == 2, "and it is the only reboot", outcome.output)
    well(machine, outcome)


CONNECTS = ("ip link set router0 up; ip addr add 192.168.11.201/24 dev wlan0; ip route add default via 192.168.11.1 dev wlan0; "
            "ip neigh replace 192.168.11.1 lladdr 02:00:00:00:00:01 dev wlan0 nud permanent")


@scenario("new network settings that do not work are distinguished from a network that worked no better before", long=True)
def settings(lab):
    for router, words in (("on", "the new network settings do not work: wlan0 .*; with the previous ones the gateway answered"),
                          ("silent", "does not work with the new settings: wlan0 .*the previous ones: the gateway 192.168.11.1 does not answer")):
        machine = rebooted(lab, CONNECTS, hardware={**PI4, "router": router})
        machine.hardware = {**PI4, "router": "off"}
        outcome = machine.boot()
        must(re.search("LATER .*" + words, outcome.output), f"it says {words!r}", outcome.output)
        must(pauses(machine) == [60], f"and retries until there is a network: {pauses(machine)}", outcome.output)
        must(machine.boots == 2, "without a reboot")
        machine.hardware = PI4
        well(machine, outcome)
    # The same machine, later: its settings have worked before.
    machine.hardware = {**PI4, "router": "off"}
    outcome = machine.boot(AGAIN)
    must(outcome.status == 4 and "the network settings have not changed since they last worked" in outcome.output, "settings that worked", outcome.output)
    must(outcome.event == "exited" and not machine.exists("/run/pikc/reboot-wanted"), "are not a reason to reboot", outcome.output)


@scenario("a step that fails because settings are not in force yet is retried after the reboot, not after a pause", long=True)
def not_in_force(lab):
    machine = rebooted(lab)
    real = (lab.work / "stand-ins/usr/local/sbin/timedatectl").read_text()
    # As with a radio whose country the kernel does not know: no time without the arguments on its command line.
    told = "! grep cgroup_enable=memory /proc/cmdline >/dev/null || synchronised=yes"
    machine.give_text("/usr/local/sbin/timedatectl", real.replace("synchronised=yes", told), 0o755)
    line = machine.read("/boot/firmware/cmdline.txt")
    machine.give_text("/boot/firmware/cmdline.txt", line.replace(" cgroup_enable=memory", ""))
    machine.inside("/var/lib/pikc/reboots").unlink()  # as at the first boot from a card
    outcome = machine.boot()
    must(outcome.event == "reboot" and not pauses(machine), f"it reboots at once ({outcome.event})", outcome.output)
    must("32-time cannot be done now" in outcome.output, "and says why", outcome.output)
    well(machine, machine.boot())


@scenario("retries and reboots together: never more than three reboots, however often it is retried", long=True)
def bounded(lab):
    # In each boot the time comes only after a pause, and then an upgraded package needs a reboot.
    machine = fresh(lab, ": >/run/standin/slept; : >/run/reboot-required")
    real = (lab.work / "stand-ins/usr/local/sbin/timedatectl").read_text()
    machine.give_text("/usr/local/sbin/timedatectl", real.replace("synchronised=yes", "[ ! -e /run/standin/slept ] || synchronised=yes"), 0o755)
    outcome = machine.converge(RUN, boots=5)
    must(outcome.event == "exited" and outcome.status == 1, "it stops", outcome.output)
    must("Rebooted three times" in outcome.output, "and says why", outcome.output)
    must(machine.boots == 4 and pauses(machine) == [60, 60, 60], f"after {machine.boots} boots and {pauses(machine)}", outcome.output)
    must(not machine.boot().facts["results"], "and nothing starts at the next boot", outcome.output)


# The API server goes down and comes back.
AWAY, BACK = "mkdir -p /root/away; mv /srv/lan/*.json /root/away/", "mv /root/away/*.json /srv/lan/"


def goes_before(machine, program, words):
    """The API server goes down, once, as soon as PROGRAM is called with these words."""
    machine.give_text(f"/usr/local/sbin/{program}", f"""#!/bin/bash
if [ ! -e /root/away ] && [[ " $* " == *" {words} "* ]]; then {AWAY}; fi
exec /usr/bin/{program} "$@"
""", 0o755)


def worker(lab, what_happens):
    """A worker with a join file that has just asked for its reboot, in a network whose control plane is ready."""
    machine = lab.machine(lab.lan_with("node01"), "node02")
    machine.give(lab.bundle("node02"))
    machine.give_text("/root/join.conf", lab.join_file(), 0o600)
    machine.give_text("/usr/local/sbin/sleep", PATIENT.replace("WHAT_HAPPENS", what_happens), 0o755)
    outcome = machine.boot(f"{RUN} --join /root/join.conf")
    must(outcome.event == "reboot", "it reboots first", outcome.output)
    return machine


@scenario("a worker whose control plane does not answer yet retries until it does", long=True)
def join(lab):
    machine = worker(lab, f"if [ $pause = 2 ]; then {BACK}; fi")
    goes_before(machine, "kubeadm", "join")
    outcome = machine.boot()
    must(re.search("LATER +kubeadm could not join: the control plane does not answer", outcome.output), "it says so", outcome.output)
    must(re.search(r"status: not finished: 72-kubeadm-join \(not now: kubeadm could not join", outcome.output), "so does --status", outcome.output)
    must(pauses(machine) == [60, 120], f"it retries until it can join: {pauses(machine)}", outcome.output)
    must("FAILED" not in outcome.output and "node02" in machine.lan.cluster()["nodes"], "it is in the cluster", outcome.output)
    well(machine, outcome, "worker")


@scenario("a join that the control plane refuses is not retried", long=True)
def join_refused(lab):
    machine = worker(lab, ":")
    cluster = next(machine.lan.shared.glob("*.json"))
    state = json.loads(cluster.read_text())
    cluster.write_text(json.dumps({**state, "tokens": {}}))  # kubeadm token delete
    outcome = machine.boot()
    must("FAILED   kubeadm join failed" in outcome.output, "it fails permanently", outcome.output)
    must(not pauses(machine) and not machine.exists(UNIT), f"and does not continue automatically: {pauses(machine)}", outcome.output)


@scenario("an interrupted join while the API server does not answer: the state is checked again later, the join is not repeated", long=True)
def join_unknown(lab):
    machine = worker(lab, BACK)
    # The power is cut after the cluster has accepted the machine and before that is recorded; then the control plane goes down, too.
    machine.give_text("/usr/local/sbin/kubeadm", f"""#!/bin/bash
/usr/bin/kubeadm "$@" || exit
if [ "$1" = join ]; then {AWAY}; echo cut >/run/standin/killed; kill -9 -1; fi
""", 0o755)
    must(machine.boot().event == "killed", "the power is cut")
    machine.inside("/usr/local/sbin/kubeadm").unlink()
    outcome = machine.boot()
    must(re.search("LATER +kubeadm join was cut short, and the control plane does not answer", outcome.output), "it says so", outcome.output)
    must(pauses(machine) == [60], f"it checks again: {pauses(machine)}", outcome.output)
    must("cut short after the cluster had accepted this node" in outcome.output and "starting over" not in outcome.output,
         "and does not repeat a join that was done", outcome.output)
    well(machine, outcome, "worker")


@scenario("the API server goes down while the pod network is applied: retried, and then it is applied", long=True)
def network_of_pods(lab):
    machine = rebooted(lab, BACK)
    goes_before(machine, "kubectl", "apply")
    outcome = machine.boot()
    must(re.search("LATER +kubectl could not apply .*: the API server does not answer", outcome.output), "it says so", outcome.output)
    must(re.search(r"status: not finished: 76-cni \(not now: kubectl could not apply", outcome.output), "so does --status", outcome.output)
    must(pauses(machine) == [60], f"one pause is enough: {pauses(machine)}", outcome.output)
    must("FAILED" not in outcome.output and "DaemonSet/kube-flannel/kube-flannel-ds" in machine.lan.cluster()["applied"],
         "the pod network is there", outcome.output)
    well(machine, outcome)


@scenario("the API server goes down while the join file is created: retried, and no partial file is left", long=True)
def join_file(lab):
    machine = rebooted(lab, "ls -A /etc/pikc >/root/kept; " + BACK)
    goes_before(machine, "kubeadm", "token create")
    outcome = machine.boot()
    must(re.search("LATER +kubeadm could not make a token: the API server does not answer", outcome.output), "it says so", outcome.output)
    must(re.search(r"status: not finished: 80-join-file \(not now: kubeadm could not make a token", outcome.output), "so does --status", outcome.output)
    must(pauses(machine) == [60], f"one pause is enough: {pauses(machine)}", outcome.output)
    must("join.conf" not in machine.read("/root/kept"), "there is no file before there is a token", machine.read("/root/kept"))
    must("FAILED" not in outcome.output and "token: pikc00." in machine.read("/etc/pikc/join.conf"), "then there is", outcome.output)
    well(machine, outcome)


# Instead of the radio: a device with another name, which is renamed while the run waits for it.
LATE = "ip link set wlan0 down; ip link set wlan0 name slow0; "
COMES = """#!/bin/bash
if [ ! -e /sys/class/net/wlan0 ]; then
  echo "$1" >>/root/looked
  if [ "$(wc -l </root/looked)" = WHEN ]; then ip link set slow0 name wlan0; ip link set wlan0 up; fi
  read -r up rest </proc/uptime
  echo "$((${up%.*} + $1)).00 $rest" >/proc/.uptime.$$
  /usr/bin/mv -f /proc/.uptime.$$ /proc/uptime
fi
exec /usr/bin/sleep 0.05
"""


@scenario("the run waits for an interface that appears some time after the boot, for at most half a minute")
def interface(lab):
    machine = fresh(lab)
    machine.give_text("/usr/local/sbin/sleep", COMES.replace("WHEN", "4"), 0o755)
    outcome = machine.boot(LATE + f"{RUN} --no-reboot")
    must(outcome.status == 3 and "FAILED" not in outcome.output, f"the steps continue ({outcome.status})", outcome.output)
    must(machine.read("/root/looked").split() == ["3"] * 4, "as soon as it is there: " + machine.read("/root/looked"), outcome.output)
    machine.give_text("/usr/local/sbin/sleep", COMES.replace("WHEN", "never"), 0o755)
    machine.inside("/root/looked").unlink()
    outcome = machine.boot(LATE + f"{AGAIN} --only network --dry-run", "test ! -e /root/looked", f"{AGAIN} --only network")
    dry, unwaited, wet = outcome.facts["results"]
    must(wet["status"] == 1 and "there is no interface wlan0; this machine has: lo" in outcome.output, "a missing interface", outcome.output)
    must("slow0" in outcome.output, "is a failure that lists the existing ones", outcome.output)
    must(30 <= sum(map(int, machine.read("/root/looked").split())) <= 33, "after half a minute: " + machine.read("/root/looked"))
    must(dry["status"] == 1 and unwaited["status"] == 0, "and a dry run does not wait for it", outcome.output)


@scenario("a failing step run with --only: the machine goes on retrying, unless it is the step that it waits for", long=True)
def one_step_fails(lab):
    late = LATE + f"{AGAIN} --only network; echo \"status $?\"; ip link set slow0 name wlan0; " + CONNECTS.replace("router0", "wlan0")
    machine = rebooted(lab, f"case $pause in 1) {late} ;; 2) rm {MIRROR} ;; esac")
    machine.give_text(MIRROR, "")
    outcome = machine.boot()
    must("status 1" in outcome.output and "FAILED   there is no interface wlan0" in outcome.output, "the step fails", outcome.output)
    must(pauses(machine) == [60, 120], f"and the rest is retried: {pauses(machine)}", outcome.output)
    well(machine, outcome)
    # The step that the machine waits for: the mirror is back, but with another key.
    machine = rebooted(lab, f"rm {MIRROR}; {AGAIN} --only repositories; echo \"status $?\"")
    machine.give_text(MIRROR, "")
    outcome = machine.boot(serve={"/kubernetes/Release.key": "/other.key"})
    must("status 1" in outcome.output and "fingerprint" in outcome.output, "it fails permanently", outcome.output)
    must(pauses(machine) == [60] and not machine.exists(UNIT), "and nothing continues automatically", outcome.output)


@scenario("a clock in 1970: the log of the current run is kept, and --status names it")
def old_clock(lab):
    machine = fresh(lab)
    for number in range(40):
        machine.give_text(f"/var/log/pikc/20990101T0000{number:02}Z.log", "later\n")
    outcome = machine.boot(f"{RUN} --only hosts", f"{AGAIN} --status")
    must(outcome.facts["results"][0]["status"] == 0, "the step is run", outcome.output)
    logs = sorted(path.name for path in machine.inside("/var/log/pikc").glob("*.log"))
    must(len(logs) == 30 and not logs[0].startswith("2099"), f"{len(logs)} logs are kept, this run's among them: {logs[0]}", outcome.output)
    must("14-hosts" in machine.read(f"/var/log/pikc/{logs[0]}"), "with its output")
    must(re.search(rf"newest log +/var/log/pikc/{logs[0]}", outcome.output), "and --status names it", outcome.output)
