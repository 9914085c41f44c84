"""Certificates that end soon are renewed, and everything that reads them begins again, one after the other, without the loss of etcd."""

import base64
import re

from machine import MANIFESTS, until

HERE = "/etc/kubernetes"
COMPONENTS = ["etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler"]
RENEW = "/opt/pikc/renew.sh"
# What a copy in an account's home needs: an account.
ACCOUNT, HOME = "ops:x:4242:4242::/var/lib/ops:/bin/bash\n", "/var/lib/ops"


def equip(machine, authority, days, folder=HERE):
    """All that kubeadm keeps below /etc/kubernetes, valid for so many days."""
    machine.certificates(authority, days, f"{folder}/pki/etcd")
    for name in ("ca", "front-proxy-ca"):
        machine.put(f"{folder}/pki/{name}.crt", authority.certificate)
    for name in ("apiserver", "apiserver-etcd-client", "apiserver-kubelet-client", "front-proxy-client"):
        certificate, _ = authority.sign(f"/CN={name}", "clientAuth", [], days)
        machine.put(f"{folder}/pki/{name}.crt", certificate)
    for name in ("admin", "controller-manager", "scheduler"):
        kubeconfig(machine, authority, name, days, folder)


def kubeconfig(machine, authority, name, days, folder=HERE):
    certificate, _ = authority.sign(f"/CN={name}", "clientAuth", [], days)
    data = base64.b64encode(certificate.encode()).decode()
    machine.put(f"{folder}/{name}.conf", f"users:\n- user:\n    client-certificate-data: {data}\n", 0o600)


def shown(machine):
    """The serial number and the end of the certificate that etcd shows to its clients."""
    line = "openssl s_client -connect 127.0.0.1:2379 </dev/null 2>/dev/null | openssl x509 -noout -serial -enddate"
    return machine.must("bash", "-c", line)


def begun(machine):
    """{component: how often its container began}"""
    all_of = [one["name"] for one in machine.containers().values()]
    return {name: all_of.count(name) for name in COMPONENTS}


def renews(machines, authority, must):
    one, two, three = machines
    with one.inside("/etc/passwd").open("a") as accounts:
        accounts.write(ACCOUNT)
    one.must("install", "-d", "-o", "4242", "-g", "4242", HOME)
    for machine in machines:
        equip(machine, authority, 200)
    output = one.must("bash", RENEW)
    must("no certificate ends before" in output, "what ends in 200 days is left alone", output)
    # etcd reads a certificate's file for each connection: it does not have to be restarted for this.
    for machine in (one, two):
        equip(machine, authority, 20)
        equip(machine, authority, 365, "/run/standin/next")  # what kubeadm will make
    one.must("bash", "/opt/pikc/steps/74-kubeconfig.sh")
    copy = one.inside(f"{HOME}/.kube/config")
    must(copy.read_text() == one.inside(f"{HERE}/admin.conf").read_text(), "the account has a copy of admin.conf")
    output = one.must("bash", RENEW, "--status")
    must(re.search(r"^certificates end +\d{4}-\d\d-\d\d \(", output), "--status says when the first one ends", output)

    # Not while a member is away.
    pod = three.inside(f"{MANIFESTS}/etcd.yaml").read_text()
    three.inside(f"{MANIFESTS}/etcd.yaml").unlink()
    until(lambda: not three.running("etcd"), "cp3 ends")
    script = one.inside(RENEW)
    whole = script.read_text()
    script.write_text(whole.replace("show_changes 1800 whole", "show_changes 8 whole", 1))
    before = begun(one)
    status, output = one.run("bash", RENEW)
    must(status != 0 and "no certificate was renewed" in output, "nothing is renewed while a member of etcd is away", output)
    must(begun(one) == before and not one.inside("/run/standin/kubeadm").exists(), "and nothing restarted", output)
    three.put(f"{MANIFESTS}/etcd.yaml", pod, 0o600)
    until(lambda: three.healthy(), "cp3 is back")

    # Killed after the renewal: what has not begun again does so with the next run, and nothing is renewed twice.
    script.write_text(whole.replace("kubeadm certs renew all\n", "kubeadm certs renew all\n  kill -KILL $$\n", 1))
    until(lambda: one.run("bash", RENEW)[0] != 0, "a renewal that is killed")
    must(begun(one) == before, "nothing has begun again yet")
    script.write_text(whole)
    output = one.must("bash", RENEW)
    must(one.inside("/run/standin/kubeadm").read_text() == "renewed\n", "renewed once", output)
    must(begun(one) == {name: count + 1 for name, count in before.items()}, "each component has begun again, once", output)
    places = [output.index(f"{name} restarted") for name in COMPONENTS]
    must(places == sorted(places), "etcd first, then the others in order", output)
    must(one.healthy() and one.value("/registry/b") == "without cp3", "etcd is as it was")
    must(copy.read_text() == one.inside(f"{HERE}/admin.conf").read_text(), "the account's copy is the new one")
    must("no certificate ends before" in one.must("bash", RENEW), "the next look finds nothing to do")

    # The second control plane waits for its turn, and shows a new certificate afterwards.
    old = shown(two)
    output = two.must("bash", RENEW, "--in-turn")
    must(two.inside("/run/standin/slept").read_text() == "1200\n", "the second one waits for one before it", output)
    must(shown(two) != old and two.healthy(), "then it shows a new certificate", output)

    # One that has ended: nothing to wait for, everything begins again at once.
    kubeconfig(two, authority, "scheduler", 0)
    two.must("sleep", "1.5")
    before = begun(two)
    output = two.must("bash", RENEW)
    must("because its certificate has ended" in output and "the first certificate ends on" in output, "one that has ended is renewed", output)
    must(begun(two) == {name: count + 1 for name, count in before.items()}, "and each component begins again", output)
    until(lambda: all(machine.healthy() for machine in machines), "all three are healthy")
