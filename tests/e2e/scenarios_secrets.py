"""Files with a secret that are no longer needed are gone after the run that used them; only root can read the others."""

import os
import re

from lab import must, scenario
from scenarios_carrier import placed

AGAIN = "/opt/pikc/run.sh"
LOG = "2026-11-29 10:00:00,000 - stages.py[INFO]: "


def key_of(machine):
    """The Wi-Fi key, as it is in the machine's bundle."""
    found = re.search(r'password: "?([0-9a-f]{64})', machine.read("/opt/pikc/files/etc/netplan/90-pikc.yaml"))
    must(found, "the machine has a Wi-Fi with a key")
    return found[1]


def holders(machine, word):
    """{path: mode} of every file on the disk that holds the word; a file that its folder closes to others counts as 0600."""
    found = {}
    for folder, folders, files in os.walk(machine.root):
        for name in [*folders]:
            if os.path.ismount(os.path.join(folder, name)) or os.path.islink(os.path.join(folder, name)):
                folders.remove(name)
        for name in files:
            place = os.path.join(folder, name)
            if os.path.isfile(place) and not os.path.islink(place) and word.encode() in open(place, "rb").read():
                path = "/" + os.path.relpath(place, machine.root)
                found[path] = lab_mode(machine, path)
    return found


def lab_mode(machine, path):
    entry = machine.inside(path).lstat()
    return f"{entry.st_mode & 0o7777:04o} {entry.st_uid}:{entry.st_gid}"


@scenario("node01: the Wi-Fi key is gone from the boot partition, cloud-init's copies and its log when the run has finished")
def seed(lab):
    machine, account, start, _ = placed(lab, "node01")
    folder = lab.bundle("node01") / "cloud-init"
    texts = {name: (folder / name).read_text() for name in ("user-data", "meta-data", "network-config")}
    for name, text in texts.items():
        machine.give_text(f"/boot/firmware/{name}", text, 0o755)
    machine.give_text("/boot/firmware/user-data.pikc-new", texts["user-data"][:9000], 0o755)
    copies = "/var/lib/cloud/instances/pikc-home-node01"
    for name in ("user-data.txt", "user-data.txt.i", "cloud-config.txt", "obj.pkl"):
        machine.give_text(f"{copies}/{name}", texts["user-data"] + texts["network-config"], 0o600)
    machine.give_text(f"{copies}/sem/config_users_groups", "done\n")
    network = texts["network-config"].replace("\n", " ")
    machine.give_text("/var/log/cloud-init.log", f"{LOG}one\n{LOG}Applying network configuration from ds bringup=False: {network}\n{LOG}two\n", 0o640)
    ended = "mkdir -p /run/cloud-init; echo '{}' >/run/cloud-init/result.json"
    machine.boot(account, start)
    # Nothing is removed half-way: a machine whose power fails now still needs it.
    must(machine.read("/boot/firmware/user-data") == texts["user-data"], "before the run, the seed is there")
    machine.converge(ended)
    outcome = machine.converge(f"{ended}; {AGAIN}")
    must(outcome.status == 0 and "control plane ready" in outcome.output, "the run succeeds", outcome.output)
    key = key_of(machine)
    found = holders(machine, key)
    must(found, "the key is where the machine needs it")
    open_ = {path: mode for path, mode in found.items() if mode != "0600 0:0"}
    must(not open_, f"only root can read each file with the key: {open_}")
    spent = {path for path in found if not path.startswith(("/opt/pikc.bundles/", "/etc/netplan/"))}
    must(not spent, f"and no file that is no longer needed has it: {spent}", outcome.output)
    must(machine.read("/boot/firmware/meta-data") == texts["meta-data"], "cloud-init still recognizes the machine")
    data = machine.read("/boot/firmware/user-data")
    must(data.startswith("#cloud-config\n") and "pikc.carrier" not in data and len(data) < 400, "user-data is empty, but still valid", data)
    must(machine.exists(f"{copies}/sem/config_users_groups"), "cloud-init still knows what it has done")
    log = machine.read("/var/log/cloud-init.log")
    must(log.startswith(f"{LOG}one\n") and log.endswith(f"{LOG}two\n") and "removed by pikc" in log, "only that line is gone from the log", log)
    again = machine.converge(f"{ended}; {AGAIN}")
    must(again.status == 0 and "nothing changed" in again.output, "a second run changes nothing", again.output)


@scenario("node01: killed while it empties the seed, the next run removes the rest", long=True)
def killed(lab):
    step, cut = None, 0
    while True:
        machine = lab.twin("node01")
        folder = lab.bundle("node01") / "cloud-init"
        for name in ("user-data", "meta-data", "network-config"):
            machine.give_text(f"/boot/firmware/{name}", (folder / name).read_text(), 0o755)
        step = step or lab.step(machine, "tidy")
        cut += 5
        wanted = "cut -c67- /var/lib/pikc/placed >/run/pikc/wanted; sed 's/^[^ ]*  //' /var/lib/pikc/blocks >>/run/pikc/wanted"
        outcome = machine.boot(f"mkdir -p /run/pikc; {wanted}; bash /opt/pikc/steps/{step}.sh", kill_at=cut)
        data = machine.read("/boot/firmware/user-data")
        must(data.startswith("#cloud-config\n"), f"cut at {cut}: user-data is complete", data[:300])
        if outcome.event != "killed":
            break
        done = machine.converge(AGAIN)
        must(done.status == 0, f"cut at {cut}: the next run succeeds", done.output)
        left = holders(machine, key_of(machine))
        must(not [path for path in left if path.startswith("/boot")], f"cut at {cut}: nothing is left: {left}")
        lab.drop(machine)
    must(cut > 10, f"it was cut at several points, the last is {cut}")


@scenario("node01: netplan rejects the existing files: the run stops, and the trial copy with the key is gone")
def refused(lab):
    machine = lab.twin("node01")
    machine.give_text("/etc/netplan/10-broken.yaml", "network:\n  version: 2\n  nonsense: [\n", 0o600)
    step = lab.step(machine, "network")
    outcome = machine.boot(f"{AGAIN} --only {step}; echo status $?; find /tmp /run -type f | xargs -r grep -l 'password: ' ; ls /tmp /run")
    must("status 1" in outcome.output and "netplan does not accept" in outcome.output, "it stops and says why", outcome.output)
    rest = outcome.output.split("status 1", 1)[1]
    must("/run/pikc." not in rest and "pikc." not in rest and "/tmp/" not in rest, "nothing of the trial copy is left", rest)
    must(not re.search(r"^tmp\.", rest, re.M), "nor in /tmp", rest)
