"""What moves the address of the control planes, on a machine: keepalived and HAProxy as services, and kube-vip by BGP. What the real programs
do is tested in tests/vip."""

import re

from lab import DEFAULTS, KEYRING, must, scenario
from machine import PI4
from scenarios_containerd import DEBIAN, IMAGES_OWN, unchanged
from scenarios_control_planes import POD, THREE

RUN = "bash /root/bundle/run.sh"
AGAIN = "/opt/pikc/run.sh"
MOVING = "192.168.11.250"
MIRROR = DEFAULTS["mirror"] + '\n debian = "http://127.0.0.1:8042/debian"'
SERVICES = {"endpoint": f"endpoint = api.home.arpa\n  vip {{ address = {MOVING}, by = keepalived }}", "planes": THREE["planes"], "mirror": MIRROR}
BY_BGP = {"endpoint": "endpoint = api.home.arpa\n  vip {\n address = 10.9.0.5\n mode = bgp\n as-number = 64512\n"
                      " router home { address = 192.168.11.1, as-number = 64513 }\n}", "planes": THREE["planes"]}
UNITS = ("pikc-haproxy.service", "pikc-keepalived.service")
FILES = {
    "/etc/haproxy/pikc.cfg": "0644 0:0", "/etc/keepalived/pikc.conf": "0644 0:0", "/usr/libexec/pikc/check-address.sh": "0755 0:0",
    **{f"/etc/systemd/system/{unit}": "0644 0:0" for unit in UNITS},
}


def plane(lab, lan, name, **settings):
    machine = lab.machine(lan, name, PI4)
    machine.give_text(KEYRING, (lab.cache / "repository/archive.key").read_text())
    machine.give_text(IMAGES_OWN, DEBIAN)
    machine.give(lab.bundle(name, **settings))
    return machine


def state_of(machine, *units):
    """{unit: (enabled, active)} after a boot."""
    asked = "; ".join(f"echo {unit} $(systemctl is-enabled {unit}) $(systemctl is-active {unit})" for unit in units)
    return {name: (enabled, active) for name, enabled, active in re.findall(r"(?m)^(\S+\.service) (\S+) (\S+)$", machine.boot(asked).output)}


@scenario("control planes: keepalived and HAProxy hold the address from before kubeadm init on; what they do not accept stops the run, and a second run changes nothing",
          long=True)
def services(lab):
    lan = lab.lan()
    one = plane(lab, lan, "node01", **SERVICES)
    outcome = one.converge(RUN, timeout=1500)
    must(outcome.status == 0 and "control plane ready" in outcome.output, "the first run succeeds", outcome.output)
    for path, mode in FILES.items():
        must(one.exists(path) and lab.mode(one, path) == mode, f"{path} is there, and {mode}")
    calls = one.calls("haproxy") + one.calls("keepalived")
    must(any("-c -q -f /etc/haproxy/pikc.cfg" in call for call in calls), "HAProxy was asked about its file", "\n".join(calls))
    must(any("--config-test --use-file=/etc/keepalived/pikc.conf" in call for call in calls), "and keepalived about its own", "\n".join(calls))
    place = lan.shared / f"{MOVING}_8443.json"
    must(place.is_symlink(), "the address led to the API server while kubeadm init waited for it")
    must("controlPlaneEndpoint: api.home.arpa:8443" in one.read("/etc/pikc/kubeadm.yaml"), "at HAProxy's port", one.read("/etc/pikc/kubeadm.yaml"))
    must(not one.exists(POD), "no pod does it")
    output = outcome.output
    must(output.index("70-vip-services") < output.index("72-kubeadm-init"), "the services come before the cluster")
    wanted = {**{unit: ("enabled", "active") for unit in UNITS}, "haproxy.service": ("disabled", "inactive")}
    found = state_of(one, *wanted)
    must(found == wanted, f"they run after a boot, and the package's own does not: {found}")
    unchanged(one)

    # One that joins has the same services, and its own priority and peers.
    second = plane(lab, lan, "node05", **SERVICES)
    must(second.converge(RUN, timeout=1500).status == 75, "the second one waits for its join file")
    second.give_text("/root/join.conf", one.read("/etc/pikc/join-control-plane.conf"), 0o600)
    outcome = second.converge(f"{AGAIN} --join /root/join.conf", timeout=1500)
    must(outcome.status == 0 and "control plane ready" in outcome.output, "it joins", outcome.output)
    for word in ("priority 199", "unicast_src_ip 192.168.11.205", "    192.168.11.201", f"    {MOVING}/32"):
        must(word in second.read("/etc/keepalived/pikc.conf"), f"its file has `{word.strip()}`", second.read("/etc/keepalived/pikc.conf"))
    must(second.read("/etc/haproxy/pikc.cfg") == one.read("/etc/haproxy/pikc.cfg"), "HAProxy's file is the same everywhere")
    unchanged(second)

    # An older release of either does not know a word: the run stops there, and what runs goes on.
    for program, word, said in (("haproxy", "http-check", "HAProxy does not accept /etc/haproxy/pikc.cfg"),
                                ("keepalived", "nopreempt", "keepalived does not accept /etc/keepalived/pikc.conf")):
        taken = f"/usr/local/lib/standin/{program}-does-not-know"
        one.give_text(taken, word + "\n")
        outcome = one.boot(AGAIN, f"{AGAIN} --status", *(f"systemctl is-active {unit}" for unit in UNITS), timeout=1500)
        must(said in outcome.output and word in outcome.output, f"{program}: it says who does not accept what", outcome.output)
        must(outcome.facts["results"][0]["status"] == 1, "and stops", outcome.output)
        must("not finished: 70-vip-services (failed" in outcome.output, "--status names the step", outcome.output)
        must(outcome.output.splitlines().count("active") == 2, "the services still run", outcome.output)
        one.inside(taken).unlink()
    outcome = one.boot(AGAIN, timeout=1500)
    must(outcome.status == 0, "once they are accepted, the run goes on", outcome.output)

    # Another number: keepalived restarts, and HAProxy with its connections does not.
    numbered = {**SERVICES, "endpoint": SERVICES["endpoint"].replace("by = keepalived", "by = keepalived, router-id = 77")}
    one.give(lab.bundle("node01", **numbered))
    outcome = one.boot(RUN, timeout=1500)
    must(outcome.status == 0 and "virtual_router_id 77" in one.read("/etc/keepalived/pikc.conf"), "another number is written", outcome.output)
    calls = [call for call in one.calls("systemctl") if "restart" in call and "pikc-" in call]
    must(calls == ["systemctl restart pikc-keepalived.service"], f"only keepalived restarts: {calls}")

    # After a reset nothing of it is left, and the packages stay.
    outcome = one.boot(f"{AGAIN} --reset --yes", timeout=1500)
    must(outcome.status == 0, "it is reset", outcome.output)
    left = [path for path in FILES if one.exists(path)]
    must(not left, f"its files are gone: {left}", outcome.output)
    found = state_of(one, *UNITS)
    must(all(active == "inactive" for _, active in found.values()), f"nothing of it runs: {found}")


@scenario("control planes: kube-vip by BGP, with each machine's own number and its routers; the address is there before the API server answers", long=True)
def by_bgp(lab):
    lan = lab.lan()
    for name, own in (("node01", "192.168.11.201"), ("node05", "192.168.11.205")):
        machine = lab.machine(lan, name, PI4)
        machine.give(lab.bundle(name, **BY_BGP))
        outcome = machine.converge(RUN, timeout=1500)
        if name == "node05":
            must(outcome.status == 75, "the second one waits for its join file", outcome.output)
            machine.give_text("/root/join.conf", one.read("/etc/pikc/join-control-plane.conf"), 0o600)
            outcome = machine.converge(f"{AGAIN} --join /root/join.conf", timeout=1500)
        must(outcome.status == 0 and "control plane ready" in outcome.output, f"{name} succeeds", outcome.output)
        pod = machine.read(POD)
        must(lab.mode(machine, POD) == "0600 0:0", "its pod is root's alone")
        for word in (f'value: "{own}"', 'value: "192.168.11.1:64513::false"', 'value: "lo"', "path: /etc/kubernetes/admin.conf"):
            must(word in pod, f"its pod has `{word}`", pod)
        must("super-admin" not in pod, "and no more rights than it needs now", pod)
        unchanged(machine)
        one = machine
    must((lan.shared / "10.9.0.5_6443.json").is_symlink(), "the address led to the API servers")
