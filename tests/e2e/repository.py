"""The local, signed package repositories: stand-in packages for Kubernetes and the runtimes, with keys created at test time.

It creates FOLDER/kubernetes and FOLDER/crio (flat repositories like upstream's: Release, InRelease, Packages, the packages
and Release.key), FOLDER/debian and FOLDER/debian-security (a system's archive, signed with the same key: FOLDER/archive.key),
FOLDER/fingerprint; and FOLDER/docker (with FOLDER/other.key and FOLDER/other.fingerprint), signed with another key that no
machine should trust unless the spec says so.
"""

import hashlib
import os
import pathlib
import shutil
import subprocess
import textwrap

HERE = pathlib.Path(__file__).parent
PACKAGES = HERE / "standin" / "packages"

KUBELET_UNIT = """\
[Unit]
Description=kubelet: The Kubernetes Node Agent
Wants=network-online.target
After=network-online.target
[Service]
ExecStart=/usr/bin/kubelet
Restart=always
RestartSec=10
[Install]
WantedBy=multi-user.target
"""
KUBELET_DROPIN = """\
[Service]
Environment="KUBELET_KUBECONFIG_ARGS=--bootstrap-kubeconfig=/etc/kubernetes/bootstrap-kubelet.conf --kubeconfig=/etc/kubernetes/kubelet.conf"
Environment="KUBELET_CONFIG_ARGS=--config=/var/lib/kubelet/config.yaml"
EnvironmentFile=-/var/lib/kubelet/kubeadm-flags.env
EnvironmentFile=-/etc/default/kubelet
ExecStart=
ExecStart=/usr/bin/kubelet $KUBELET_KUBECONFIG_ARGS $KUBELET_CONFIG_ARGS $KUBELET_KUBEADM_ARGS $KUBELET_EXTRA_ARGS
"""
CRIO_UNIT = """\
[Unit]
Description=Container Runtime Interface for OCI (CRI-O)
[Service]
ExecStart=/usr/bin/crio
[Install]
WantedBy=multi-user.target
Alias=cri-o.service
"""
# As shipped in packages before late 2024, and seen in the 2023 cluster: first in the folder, so pods get its addresses.
CRIO_BRIDGE = '{"cniVersion": "1.0.0", "name": "crio", "plugins": [{"type": "bridge", "bridge": "cni0", "ipam": {"type": "host-local", "ranges": [[{"subnet": "10.85.0.0/16"}]]}}]}\n'
CRIO_CONF = '[crio.runtime]\ndefault_runtime = "crun"\n[crio.image]\nsignature_policy = "/etc/crio/policy.json"\n'
PLAIN = '#!/bin/sh\n# Stands in for {0}.\nmkdir -p /var/log/standin && echo "{0} $*" >>/var/log/standin/{0}.log\n{1}\n'


def run(*words, **more):
    return subprocess.run(words, check=True, capture_output=True, text=True, **more)


def deb(work, out, package, version, files, depends="", scripts=None):
    """One package from {path: (mode, text)}."""
    tree = work / f"{package}_{version}"
    shutil.rmtree(tree, ignore_errors=True)
    for path, (mode, text) in files.items():
        place = tree / path.lstrip("/")
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text, encoding="utf-8")
        place.chmod(mode)
    control = tree / "DEBIAN"
    control.mkdir(parents=True)
    control.joinpath("control").write_text(textwrap.dedent(f"""\
        Package: {package}
        Version: {version}
        Architecture: all
        Maintainer: pikc tests <tests@example.org>
        Section: admin
        Priority: optional
        {'Depends: ' + depends if depends else 'Tag: pikc::stand-in'}
        Description: stand-in for {package}, built by tests/e2e
        """))
    conffiles = [p for p in files if p.startswith("/etc/") and not p.startswith("/etc/cni/net.d/")]
    if conffiles:
        control.joinpath("conffiles").write_text("".join(f"{p}\n" for p in conffiles))
    for name, text in (scripts or {}).items():
        control.joinpath(name).write_text(text)
        control.joinpath(name).chmod(0o755)
    # As in an archive, the name has no epoch.
    plain = version.partition(":")[2] or version
    run("dpkg-deb", "--root-owner-group", "-Zgzip", "-z1", "-b", str(tree), str(out / f"{package}_{plain}_all.deb"))
    shutil.rmtree(tree)


def kubernetes(work, out, version):
    full = f"{version}-1.1"
    lib = "/usr/local/lib/standin"
    text = {name: (PACKAGES / name).read_text() for name in ("kubeadm", "kubectl", "crictl")}
    schemas = {f"{lib}/schemas/{p.name}": (0o644, p.read_text()) for p in (HERE.parent / "readers/schemas").glob("*-v1*.json")}
    deb(work, out, "kubeadm", full, {"/usr/bin/kubeadm": (0o755, text["kubeadm"]),
                                     f"{lib}/kubeadm-version": (0o644, version + "\n"), **schemas})
    deb(work, out, "kubectl", full, {"/usr/bin/kubectl": (0o755, text["kubectl"])})
    deb(work, out, "kubelet", full, {
        "/usr/bin/kubelet": (0o755, PLAIN.format("kubelet", f'[ "${{1:-}}" = --version ] && echo "Kubernetes v{version}"; exit 0')),
        f"{lib}/kubelet-version": (0o644, version + "\n"),
        "/usr/lib/systemd/system/kubelet.service": (0o644, KUBELET_UNIT),
        "/usr/lib/systemd/system/kubelet.service.d/10-kubeadm.conf": (0o644, KUBELET_DROPIN),
        "/etc/default/kubelet": (0o644, "KUBELET_EXTRA_ARGS=\n"),
        # Like upstream's: the unit is enabled when the package is installed, and fails until kubeadm has run.
    }, depends="kubernetes-cni (>= 1.2.0)", scripts={
        "postinst": '#!/bin/sh\nset -e\nif [ "$1" = configure ]; then systemctl enable kubelet.service >/dev/null; fi\n'})
    deb(work, out, "cri-tools", f"{version.rsplit('.', 1)[0]}.0-1.1", {"/usr/bin/crictl": (0o755, text["crictl"])})
    plugins = ("bridge", "host-local", "loopback", "portmap")
    deb(work, out, "kubernetes-cni", "1.8.0-1.1", {f"/opt/cni/bin/{p}": (0o755, PLAIN.format(p, "exit 0")) for p in plugins})


def crio(work, out, version):
    deb(work, out, "cri-o", f"{version}-1.1", {
        "/usr/bin/crio": (0o755, PLAIN.format("crio", f'[ "${{1:-}}" = --version ] && echo "crio version {version}"; exit 0')),
        "/usr/lib/systemd/system/crio.service": (0o644, CRIO_UNIT),
        "/etc/crio/crio.conf.d/10-crio.conf": (0o644, CRIO_CONF),
        "/etc/crio/policy.json": (0o644, '{"default": [{"type": "insecureAcceptAnything"}]}\n'),
        "/etc/crictl.yaml": (0o644, "runtime-endpoint: unix:///var/run/crio/crio.sock\n"),
        "/etc/cni/net.d/10-crio-bridge.conflist": (0o644, CRIO_BRIDGE),
    })


CONTAINERD_UNIT = """\
[Unit]
Description=containerd container runtime
[Service]
ExecStart=/usr/bin/containerd
[Install]
WantedBy=multi-user.target
"""
# As Debian ships it, and as Docker ships it.
DEBIAN_CONF = 'version = 2\n[plugins."io.containerd.grpc.v1.cri".cni]\nbin_dir = "/usr/lib/cni"\nconf_dir = "/etc/cni/net.d"\n'
DOCKER_CONF = 'disabled_plugins = ["cri"]\n'


def containerd(work, out, package, version, conf):
    deb(work, out, package, version, {
        "/usr/bin/containerd": (0o755, (PACKAGES / "containerd").read_text()),
        "/usr/local/lib/standin/containerd-version": (0o644, version.split("~")[0].split("-")[0] + "\n"),
        "/usr/lib/systemd/system/containerd.service": (0o644, CONTAINERD_UNIT),
        "/etc/containerd/config.toml": (0o644, conf),
        "/etc/cni/net.d/10-containerd-net.conflist": (0o644, CRIO_BRIDGE.replace("crio", "containerd-net")),
        # Like Debian's: it starts at once, with the package's own settings.
    }, scripts={"postinst": '#!/bin/sh\nset -e\nif [ "$1" = configure ]; then systemctl enable containerd.service >/dev/null\n'
                            '/usr/local/sbin/systemctl start containerd.service; fi\n'})


def haproxy(work, out):
    """As Debian's: it starts at once, with a configuration that passes nothing on."""
    deb(work, out, "haproxy", "3.0.11-1+deb13u1", {
        "/usr/sbin/haproxy": (0o755, (PACKAGES / "haproxy").read_text()),
        "/etc/haproxy/haproxy.cfg": (0o644, "global\n  user haproxy\ndefaults\n  mode http\n"),
        "/usr/lib/systemd/system/haproxy.service": (0o644, CRIO_UNIT.replace("Container Runtime Interface for OCI (CRI-O)", "HAProxy Load Balancer")
                                                    .replace("/usr/bin/crio", "/usr/sbin/haproxy -Ws").replace("Alias=cri-o.service\n", "")),
    }, scripts={"postinst": '#!/bin/sh\nset -e\nif [ "$1" = configure ]; then systemctl enable haproxy.service >/dev/null\n'
                            '/usr/local/sbin/systemctl start haproxy.service; fi\n'})


def keepalived(work, out):
    """As Debian's: without a configuration its service does not start."""
    deb(work, out, "keepalived", "1:2.3.3-1", {
        "/usr/sbin/keepalived": (0o755, (PACKAGES / "keepalived").read_text()),
        "/usr/lib/systemd/system/keepalived.service": (0o644, CRIO_UNIT.replace("Container Runtime Interface for OCI (CRI-O)", "Keepalive Daemon")
                                                       .replace("/usr/bin/crio", "/usr/sbin/keepalived").replace("Alias=cri-o.service\n", "")),
    })


def of_debian(work, pool):
    """What machines install from their system's archive."""
    containerd(work, pool, "containerd", "1.7.24~ds1-6+b1", DEBIAN_CONF)
    haproxy(work, pool)
    keepalived(work, pool)


def archive(out, home, suites, components, fill):
    """An archive with suites and components, like a system's own: FILL puts packages into its pool."""
    pool = out / "pool"
    pool.mkdir(parents=True)
    fill(pool)
    packages = run("apt-ftparchive", "packages", "pool", cwd=out).stdout
    for suite in suites:
        for component in components:
            for architecture in ("amd64", "arm64"):
                place = out / "dists" / suite / component / f"binary-{architecture}"
                place.mkdir(parents=True)
                (place / "Packages").write_text(packages if (suite, component) == (suites[0], components[0]) else "")
        sign(out / "dists" / suite, home, "stand-in", index=False, Suite=suite, Codename=suite,
             Components=" ".join(components), Architectures="amd64 arm64")


def sign(out, home, origin, index=True, **fields):
    """Indexes a flat repository with apt-ftparchive, and signs it."""
    if index:
        packages = run("apt-ftparchive", "packages", ".", cwd=out).stdout
        (out / "Packages").write_text(packages)
    fields = {"Origin": origin, "Label": origin, **fields}
    options = [word for name, value in fields.items() for word in ("-o", f"APT::FTPArchive::Release::{name}={value}")]
    release = run("apt-ftparchive", *options, "release", ".", cwd=out).stdout
    (out / "Release").write_text(release)
    for words in (("--clearsign", "-o", "InRelease"), ("--detach-sign", "--armor", "-o", "Release.gpg")):
        run("gpg", "--homedir", str(home), "--batch", "--yes", "--digest-algo", "SHA512", words[0], *words[1:], "Release", cwd=out)


def make_key(home, name):
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    run("gpg", "--homedir", str(home), "--batch", "--pinentry-mode", "loopback", "--passphrase", "",
        "--quick-generate-key", f"{name} <tests@example.org>", "ed25519", "sign", "2y")
    listing = run("gpg", "--homedir", str(home), "--with-colons", "--list-keys").stdout
    return next(line.split(":")[9] for line in listing.splitlines() if line.startswith("fpr:"))


def make(folder, kubernetes_versions, crio_versions):
    """Builds everything again when an input has changed; returns the trusted key's fingerprint."""
    folder = pathlib.Path(folder)
    inputs = sorted([HERE / "repository.py", *PACKAGES.iterdir(), *(HERE.parent / "readers/schemas").iterdir()])
    made_of = hashlib.sha256(b"".join(p.read_bytes() for p in inputs)
                             + repr((kubernetes_versions, crio_versions)).encode()).hexdigest()
    if (folder / "id").exists() and (folder / "id").read_text() == made_of:
        return (folder / "fingerprint").read_text().strip()
    shutil.rmtree(folder, ignore_errors=True)
    work = folder / "work"
    work.mkdir(parents=True)
    home = pathlib.Path(os.environ.get("TMPDIR", "/tmp")) / f"pikc-gpg-{os.getpid()}"  # gpg-agent's socket needs a short path
    other = home.with_name(home.name + "-other")
    try:
        fingerprint = make_key(home, "pikc tests")
        stranger = make_key(other, "untrusted")
        for name, build, versions in (("kubernetes", kubernetes, kubernetes_versions), ("crio", crio, crio_versions)):
            out = folder / name
            out.mkdir()
            for version in versions:
                build(work, out, version)
            sign(out, home, name)
            (out / "Release.key").write_text(run("gpg", "--homedir", str(home), "--armor", "--export").stdout)
        # Debian's archive with its own containerd, HAProxy and keepalived; and Docker's repository, on a mirror that signs with its own key.
        archive(folder / "debian", home, ["trixie", "trixie-updates"], ["main", "contrib", "non-free", "non-free-firmware"],
                lambda pool: of_debian(work, pool))
        archive(folder / "debian-security", home, ["trixie-security"], ["main", "contrib", "non-free", "non-free-firmware"],
                lambda pool: None)
        archive(folder / "docker", other, ["trixie"], ["stable"],
                lambda pool: containerd(work, pool, "containerd.io", "2.2.1-1~debian.13~trixie", DOCKER_CONF))
        (folder / "archive.key").write_text(run("gpg", "--homedir", str(home), "--armor", "--export").stdout)
        (folder / "other.fingerprint").write_text(stranger + "\n")
        (folder / "other.key").write_text(run("gpg", "--homedir", str(other), "--armor", "--export").stdout)
    finally:
        for place in (home, other):
            subprocess.run(["gpgconf", "--homedir", str(place), "--kill", "all"], check=False, capture_output=True)
            shutil.rmtree(place, ignore_errors=True)
    shutil.rmtree(work)
    (folder / "fingerprint").write_text(fingerprint + "\n")
    (folder / "id").write_text(made_of)
    return fingerprint
