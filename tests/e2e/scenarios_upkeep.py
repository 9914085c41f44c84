"""Snapshots of etcd and renewed certificates, as the steps leave them on a machine: timers that run, a folder that only root can enter, and
nothing of it when the spec no longer asks. What the scripts do is tested with a real etcd (tests/etcd)."""

import re

from lab import DEFAULTS, must, scenario
from machine import Machine

RUN = "bash /root/bundle/run.sh"
AGAIN = "/opt/pikc/run.sh"
TO = "/var/backups/etcd"
UNITS = ("pikc-snapshot.timer", "pikc-renew.timer")
ASKED = {"cni": DEFAULTS["cni"] + "\n  etcd { snapshots { every = 8h, keep = 3 } }\n  certificates { renew = weekly }"}


@scenario("node01: timers make snapshots and renew certificates; without them in the spec they end, and the snapshots stay", long=True)
def upkeep(lab):
    machine = Machine(lab.lan(), "node01")
    lab.machines.append(machine)
    machine.give(lab.bundle("node01", **ASKED))
    outcome = machine.converge(RUN)
    must(outcome.status == 0 and "control plane ready" in outcome.output, "the first run succeeds", outcome.output)
    must(lab.mode(machine, TO) == "0700 0:0", "only root can enter the folder of snapshots")
    must("OnUnitActiveSec=28800s" in machine.read("/etc/systemd/system/pikc-snapshot.timer"), "the timer has the time of the spec")
    ask = " && ".join(f"systemctl is-enabled {unit} && systemctl is-active {unit}" for unit in UNITS)
    state = machine.boot(f"{ask}; {AGAIN} --status")
    must(re.findall(r"(?m)^(?:enabled|active|inactive|disabled)$", state.output) == ["enabled", "active"] * 2, "both timers are on after a boot", state.output)
    must(f"none yet in {TO}" in state.output, "--status says that there is no snapshot yet", state.output)
    again = machine.converge(AGAIN)
    must(again.status == 0 and "nothing changed" in again.output, "a second run changes nothing", again.output)

    # The runtime has no container of etcd's program here: it says why there is none.
    failed = machine.boot("/opt/pikc/snapshot.sh", f"{AGAIN} --status")
    must("FAILED" in failed.output and "the newest try made none" in failed.output, "a snapshot that fails is in --status", failed.output)
    must(not list(machine.inside(TO).iterdir()), "and leaves nothing behind")
    wrong = machine.boot(f"{AGAIN} --restore /etc/hostname")
    must(wrong.status == 2 and "--yes" in wrong.output, "a restore asks first", wrong.output)
    wrong = machine.boot(f"{AGAIN} --restore /etc/missing --yes")
    must(wrong.status == 1 and "is not a file" in wrong.output, "and wants a file", wrong.output)

    # A folder that something else uses is not taken.
    machine.give_text("/srv/used/file", "something\n", 0o644)
    used = ASKED["cni"].replace("keep = 3", 'keep = 3, to = "/srv/used"')
    machine.give(lab.bundle("node01", cni=used))
    outcome = machine.converge(RUN)
    must(outcome.status == 1 and "/srv/used is in use by something else" in outcome.output, "a folder in use is refused", outcome.output)
    must(machine.read("/srv/used/file") == "something\n", "and left as it is")

    machine.give_text(f"{TO}/node01-20261130T030000Z.db", "a snapshot\n", 0o600)
    machine.give(lab.bundle("node01"))
    outcome = machine.converge(RUN)
    must(outcome.status == 0, "the spec asks for neither any more", outcome.output)
    for unit in UNITS:
        service = unit.replace(".timer", ".service")
        must(not machine.exists(f"/etc/systemd/system/{unit}") and not machine.exists(f"/etc/systemd/system/{service}"), f"{unit} is gone", outcome.output)
        must(not machine.exists(f"/etc/systemd/system/timers.target.wants/{unit}"), "and no link to it is left", outcome.output)
    must(machine.exists(f"{TO}/node01-20261130T030000Z.db"), "snapshots stay")
    made = "openssl req -x509 -newkey rsa:2048 -nodes -keyout /dev/null -out /etc/kubernetes/pki/apiserver.crt -days 30 -subj /CN=x 2>/dev/null"
    state = machine.boot(f"{made}; {AGAIN} --status")
    must(re.search(r"(?m)^certificates end +[A-Z][a-z]{2} .* GMT, unless they are renewed before$", state.output), "--status still says when they end", state.output)
