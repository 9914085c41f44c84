"""The steps that work with packages on a machine with dnf, with real dnf and rpm: repositories and packages are made and signed here, /etc
and /var are overlays in a mount namespace, and there is no network but the loopback device. `systemctl` and the like only say yes.

usage: dnf.py PIKC"""

import http.server
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import threading

SPEC = """cluster lab {{
  kubernetes = 1.36.2
  network {{
    lan      = 192.168.11.0/24
    gateway  = 192.168.11.1
    dns      = [192.168.11.1]
    pods     = 10.244.0.0/16
    services = 10.96.0.0/12
  }}
  mirror {{
    kubernetes             = "http://127.0.0.1:{port}/kubernetes/"
    kubernetes-fingerprint = {fingerprint}
    {runtime} = "http://127.0.0.1:{port}/{runtime}/"
    {runtime}-fingerprint = {fingerprint}
  }}
  time {{ servers = [ntp.example.org] }}
  http-proxy {{ http = "http://proxy.example.org:3128" }}
  runtime {runtime} {{ {source} }}
  cni flannel {{}}
}}

node first {{
  role     = control-plane
  os       = {os}
  board    = generic-amd64
  memory   = 4GiB
  cpus     = 2
  address  = 192.168.11.201
  packages {{ extra = [tcpdump] }}
  interface eth0 {{}}
}}
"""
PORT = 8123
# Programs that a container has no use for. What they are asked is of no interest here.
STUBS = {
    "systemctl": "exit 0",
    "timedatectl": "echo yes",
    "crictl": "exit 0",
    "containerd": "cat /etc/containerd/config.toml",
    "getenforce": 'cat "$PIKC_MODE"',
    "setenforce": 'echo Permissive >"$PIKC_MODE"',
    "uname": 'case $1 in -r) echo 6.12.0-124.el10.x86_64 ;; *) exec /usr/bin/uname "$@" ;; esac',
}
KEY = """%no-protection
Key-Type: RSA
Key-Length: 2048
Name-Real: {name}
Expire-Date: 0
%commit
"""
PACKAGE = """Name: {name}
Version: {version}
Release: 150500.1.1
Summary: stands for {name}
License: none
BuildArch: noarch
%description
It has no files.
%files
"""


def run(*words, **more):
    done = subprocess.run([str(word) for word in words], capture_output=True, text=True, check=False, **more)
    assert done.returncode == 0, f"{words}: {done.stdout}{done.stderr}"
    return done.stdout


class Maker:
    """Makes keys, packages and repositories."""

    def __init__(self, folder):
        self.folder = folder
        self.home = folder / "home"
        (self.home / "gnupg").mkdir(parents=True, mode=0o700)
        self.environment = {**os.environ, "HOME": str(self.home), "GNUPGHOME": str(self.home / "gnupg"), "LC_ALL": "C"}
        (self.home / ".rpmmacros").write_text("%_dbpath /var/lib/rpm\n%__gpg /usr/bin/gpg\n")

    def key(self, name):
        run("gpg", "--batch", "--quiet", "--gen-key", env=self.environment, input=KEY.format(name=name))
        listing = run("gpg", "--batch", "--with-colons", "--fingerprint", name, env=self.environment)
        return re.search(r"^fpr:+([0-9A-F]{40}):", listing, re.M).group(1)

    def repository(self, name, packages, signer):
        """A repository of packages (name, version), and its key under upstream's name."""
        place = self.folder / "served" / name
        place.mkdir(parents=True, exist_ok=True)
        for package, version in packages:
            spec = self.folder / "package.spec"
            spec.write_text(PACKAGE.format(name=package, version=version))
            run("rpmbuild", "-bb", "--quiet", "--define", f"_rpmdir {place}", "--define", f"_topdir {self.folder}/build", spec, env=self.environment)
        made = sorted((place / "noarch").glob("*.rpm"))
        for file in made:
            run("rpmsign", "--define", f"_gpg_name {signer}", "--addsign", file, env=self.environment)
        run("createrepo_c", "--quiet", place)
        armored = run("gpg", "--batch", "--armor", "--export", signer, env=self.environment)
        (place / "repodata/repomd.xml.key").write_text(armored)


class Machine:
    """The machine: a bundle, and its steps."""

    def __init__(self, bundle, maker, stubs):
        self.bundle = bundle
        self.environment = {"PATH": f"{stubs}:/usr/sbin:/usr/bin:/sbin:/bin", "HOME": str(maker.home), "PIKC_MODE": str(stubs / "mode")}

    def step(self, name, wanted=0):
        script = next((self.bundle / "steps").glob(f"*-{name}.sh"))
        done = subprocess.run(["bash", script], capture_output=True, text=True, env=self.environment, check=False, timeout=300)
        said = done.stdout + done.stderr
        assert done.returncode == wanted, f"{script.name} ended with {done.returncode}:\n{said}"
        return said

    def settled(self, name):
        """The step finds nothing to do."""
        said = self.step(name)
        assert "  changed" not in said, said
        return said

    def helper(self, text, wanted=0):
        """Commands that use what the steps share."""
        words = ["bash", "-c", f'. "{self.bundle}/lib.sh"\n{text}']
        done = subprocess.run(words, capture_output=True, text=True, env=self.environment, check=False, timeout=300)
        assert done.returncode == wanted, f"{text}: {done.returncode}: {done.stdout}{done.stderr}"
        return done.stdout + done.stderr

    def version(self, package):
        return self.helper(f"installed_version {package}").strip()


def serve(folder):
    class Quiet(http.server.SimpleHTTPRequestHandler):
        def __init__(self, *words, **more):
            super().__init__(*words, directory=folder, **more)

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", PORT), Quiet)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


def overlays(folder):
    """What the steps change is gone with this process."""
    run("mount", "-t", "tmpfs", "tmpfs", folder)
    for name in ("etc", "var"):
        upper, work = folder / name, folder / f"{name}.work"
        upper.mkdir()
        work.mkdir()
        run("mount", "-t", "overlay", "overlay", "-o", f"lowerdir=/{name},upperdir={upper},workdir={work}", f"/{name}")
    run("mount", "-t", "tmpfs", "tmpfs", "/run")
    run("ip", "link", "set", "lo", "up")


def base_packages(bundle):
    script = (bundle / "steps/35-packages.sh").read_text()
    return re.search(r"^packages=\((.*)\)$", script, re.M).group(1).split()


def inside(folder, system):
    overlays(folder / "overlays")
    maker = Maker(folder)
    ours, other = maker.key("the project"), maker.key("someone else")
    bundle = folder / "bundle"
    compiled(folder, bundle, fingerprint=ours, os=system, runtime="crio", source="")
    names = base_packages(bundle)
    assert "container-selinux" in names and "tcpdump" in names, names
    kubernetes = [(name, "1.36.2") for name in ("kubelet", "kubeadm", "kubectl")]
    kubernetes += [(name, version) for name in ("kubelet", "kubeadm") for version in ("1.36.1", "1.36.9")]
    maker.repository("kubernetes", [*kubernetes, ("cri-tools", "1.36.0"), ("kubernetes-cni", "1.7.1")], ours)
    maker.repository("crio", [("cri-o", "1.36.4")], ours)
    maker.repository("base", [(name, "1.0") for name in names], ours)
    stubs = folder / "stubs"
    stubs.mkdir()
    for name, text in STUBS.items():
        (stubs / name).write_text(f"#!/bin/bash\n{text}\n")
        (stubs / name).chmod(0o755)
    (stubs / "mode").write_text("Enforcing\n")
    shutil.rmtree("/etc/yum.repos.d", ignore_errors=True)
    for place in ("/etc/yum.repos.d", "/etc/selinux", "/etc/dnf"):
        pathlib.Path(place).mkdir(parents=True, exist_ok=True)
    pathlib.Path("/etc/dnf/dnf.conf").write_text("[main]\ngpgcheck=1\nskip_if_unavailable=True\n")
    key = folder / "served/base/repodata/repomd.xml.key"
    pathlib.Path("/etc/yum.repos.d/base.repo").write_text(f"[base]\nname=base\nbaseurl=file://{folder}/served/base/\ngpgkey=file://{key}\n")
    pathlib.Path("/etc/selinux/config").write_text("# a comment\nSELINUX=enforcing\nSELINUXTYPE=targeted\n")
    machine = Machine(bundle, maker, stubs)
    check(machine, maker, ours, other, folder)


def compiled(folder, bundle, **values):
    """The bundle of the machine, with these values in its spec."""
    (folder / "cluster.pik").write_text(SPEC.format(port=PORT, **values))
    run(folder / "pikc", "compile", folder / "cluster.pik", "-o", folder / "out")
    shutil.copytree(folder / "out/nodes/first", bundle)


def check(machine, maker, ours, other, folder):
    selinux(machine)
    settings(machine)
    said = machine.step("packages")
    assert "changed  tcpdump 1.0-150500.1.1" in said, said
    machine.settled("packages")

    # No server: that may pass.
    said = machine.step("repositories", wanted=11)
    assert "does not answer" in said, said
    server = serve(folder / "served")
    machine.step("repositories")
    machine.settled("repositories")
    repositories(machine, ours)

    said = machine.step("crio")
    assert machine.version("cri-o").startswith("1.36.4-"), said
    said = machine.step("kubernetes")
    for name in ("kubelet", "kubeadm", "kubectl"):
        assert machine.version(name) == "1.36.2-150500.1.1", f"{name}: {said}"
    assert "ok       kubelet is held" in said, said
    machine.settled("crio")
    machine.settled("kubernetes")

    # A newer kubelet is there, and no upgrade takes it; what else is newer comes.
    maker.repository("base", [("socat", "2.0")], ours)
    done = subprocess.run(["dnf", "-y", "--releasever=10", "--refresh", "upgrade"], capture_output=True, text=True, env=machine.environment, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert machine.version("kubelet") == "1.36.2-150500.1.1", done.stdout
    assert machine.version("socat") == "2.0-150500.1.1", done.stdout

    containerd(maker, ours, folder)
    cut_short(machine, maker, folder, ours)
    refused(machine, maker, other)
    server.shutdown()
    server.server_close()


def containerd(maker, ours, folder):
    """Docker's package, of the release that the library knows and not of a newer one."""
    other = Machine(folder / "with-containerd", maker, folder / "stubs")
    compiled(folder, other.bundle, fingerprint=ours, os="rocky-9", runtime="containerd", source="source = upstream")
    maker.repository("containerd", [("containerd.io", "2.2.6"), ("containerd.io", "2.3.1")], ours)
    shutil.copy(folder / "served/containerd/repodata/repomd.xml.key", folder / "served/containerd/gpg")
    other.step("repositories")
    said = other.step("containerd")
    assert other.version("containerd.io").startswith("2.2.6-"), said
    assert "ok       containerd.io is held" in said, said
    other.settled("containerd")


def selinux(machine):
    said = machine.step("selinux")
    assert "SELinux is permissive now" in said, said
    text = pathlib.Path("/etc/selinux/config").read_text()
    assert text == "# a comment\nSELINUX=permissive\nSELINUXTYPE=targeted\n", text
    machine.settled("selinux")


def settings(machine):
    """The network, the clock, the proxy and the firewall, in the files of other programs."""
    run("ip", "link", "add", "eth0", "type", "veth", "peer", "name", "elsewhere")
    scripts, conf = pathlib.Path("/etc/sysconfig/network-scripts"), pathlib.Path("/etc/NetworkManager/conf.d")
    for place in (scripts, conf):
        place.mkdir(parents=True, exist_ok=True)
    (scripts / "ifcfg-eth0").write_text("# Created by cloud-init automatically, do not edit.\nDEVICE=eth0\n")
    (scripts / "ifcfg-mine").write_text("DEVICE=eth7\n")
    (conf / "99-cloud-init.conf").write_text("# Created by cloud-init automatically, do not edit.\n[main]\ndns = none\n")
    machine.step("network")
    assert sorted(path.name for path in scripts.iterdir()) == ["ifcfg-mine"], list(scripts.iterdir())
    assert sorted(path.name for path in conf.iterdir()) == ["90-pikc.conf"], list(conf.iterdir())
    kept = pathlib.Path("/var/lib/pikc/cloud-init-network")
    assert sorted(path.name for path in kept.iterdir()) == ["99-cloud-init.conf", "ifcfg-eth0"], list(kept.iterdir())
    keyfile = pathlib.Path("/etc/NetworkManager/system-connections/pikc-eth0.nmconnection")
    assert keyfile.stat().st_mode & 0o777 == 0o600 and "192.168.11.201/24" in keyfile.read_text()
    machine.settled("network")

    chrony = pathlib.Path("/etc/chrony.conf")
    chrony.write_text("pool 2.rocky.pool.ntp.org iburst\nsourcedir /run/chrony-dhcp\n")
    machine.step("time")
    assert "\nsourcedir /etc/chrony.d\n" in chrony.read_text(), chrony.read_text()
    assert "server ntp.example.org iburst" in pathlib.Path("/etc/chrony.d/90-pikc.sources").read_text()

    machine.step("proxy")
    assert "\nproxy=http://proxy.example.org:3128\n" in pathlib.Path("/etc/dnf/dnf.conf").read_text()
    machine.settled("proxy")

    firewall(machine)


def firewall(machine):
    """Its own reader is not installed for this test: on a machine with systemd its package would turn a firewall on. firewalld.py has one that is
    only unpacked."""
    if shutil.which("firewall-offline-cmd") is None:
        assert "firewalld is not installed" in machine.step("firewall")
        print("dnf: firewalld is not installed here, so it has not read its files")
        return
    said = machine.step("firewall")
    assert "firewalld is not running" in said, said
    machine.settled("firewall")
    said = run("firewall-offline-cmd", "--info-zone=pikc-pods")
    assert "sources: 10.244.0.0/16" in said and "target: ACCEPT" in said, said
    assert "6443/tcp" in run("firewall-offline-cmd", "--info-policy=pikc")
    policy = machine.bundle / "common/etc/firewalld/policies/pikc.xml"
    right = policy.read_text()
    policy.write_text(right.replace('port="6443"', 'port="six"'))
    said = machine.step("firewall", wanted=9)
    assert "firewalld does not accept its files" in said, said
    policy.write_text(right)
    machine.step("firewall")


def repositories(machine, ours):
    said = machine.helper(f'work=$(mktemp -d); . <(sed -n "/^fingerprints()/,/^}}/p" "{machine.bundle}/steps/55-repositories.sh"); '
                          "fingerprints /etc/pki/rpm-gpg/RPM-GPG-KEY-pikc-crio")
    assert said.strip() == ours, said
    # A key with another fingerprint is not taken, and the one that is there stays.
    script = machine.bundle / "steps/55-repositories.sh"
    right = script.read_text()
    script.write_text(right.replace(ours, "0" * 40))
    pathlib.Path("/etc/pki/rpm-gpg/RPM-GPG-KEY-pikc-crio").unlink()
    said = machine.step("repositories", wanted=9)
    assert "it is not used" in said, said
    script.write_text(right)
    machine.step("repositories")


def cut_short(machine, maker, folder, ours):
    """An upgrade that lost power leaves two versions of a package."""
    maker.repository("base", [("ipset", "3.0")], ours)
    package = next((folder / "served/base/noarch").glob("ipset-3.0*.rpm"))
    run("rpm", "--install", "--justdb", "--nodeps", "--force-debian", package, env=machine.environment)
    pathlib.Path("/var/lib/pikc/packages-begun").touch()
    machine.helper("update_index")
    said = machine.step("packages")
    assert "an interrupted installation was finished" in said, said
    count = run("rpm", "--query", "ipset", env=machine.environment).split()
    assert count == ["ipset-3.0-150500.1.1.noarch"], count
    machine.settled("packages")

    # Who holds a lock is named, and one whose process is gone counts for nothing.
    lock = pathlib.Path("/var/lib/dnf/rpmdb_lock.pid")
    lock.write_text(str(os.getpid()))
    said = machine.helper("lock_holder")
    assert str(lock) in said and f"process {os.getpid()}" in said, said
    lock.write_text("4194303")
    assert machine.helper("lock_holder") == "", said
    lock.unlink()


def refused(machine, maker, other):
    """What is signed by someone else, or is not there, ends the step for good."""
    maker.repository("crio", [("cri-o", "1.36.5"), ("stranger", "1.0")], other)
    said = machine.helper("update_index; install_packages stranger", wanted=9)
    assert "dnf could not install stranger" in said, said
    assert machine.version("stranger") == "", said
    said = machine.helper("update_index; install_packages no-such-package", wanted=9)
    assert "dnf could not install no-such-package" in said, said
    # Without its lines the bundle is not whole.
    said = machine.helper("hold tcpdump", wanted=9)
    assert "excludes tcpdump" in said, said


def main(pikc):
    for system in ("almalinux-10",):
        with tempfile.TemporaryDirectory() as folder:
            folder = pathlib.Path(folder)
            (folder / "overlays").mkdir()
            shutil.copy(pikc, folder / "pikc")
            again = [sys.executable, __file__, "--inside", folder, system]
            done = subprocess.run(["unshare", "--map-root-user", "--net", "--mount", *again], check=False)
            if done.returncode != 0:
                sys.exit(done.returncode)
        print(f"dnf: the steps of a machine with {system}, with real packages, keys and locks")


if __name__ == "__main__":
    if sys.argv[1] == "--inside":
        inside(pathlib.Path(sys.argv[2]), sys.argv[3])
    else:
        main(pathlib.Path(sys.argv[1]).resolve())
