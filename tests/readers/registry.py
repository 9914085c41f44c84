"""A registry that demands a login, and real containerds (those of Debian 12 and 13) with pikc's configuration of a node: they fetch an image
from it, through a mirror with a path and an authority of its own, and from a registry by its own name. Both kinds of host are
asked without a login first, as the protocol has it, and then with theirs. With another password, or another authority, there is no image.

The registry is a stand-in with one image; it runs with containerd in a network namespace, from which nothing else can be reached.

usage: registry.py PIKC"""

import base64
import gzip
import hashlib
import http.server
import io
import json
import os
import pathlib
import socket
import ssl
import subprocess
import sys
import tarfile
import tempfile
import threading
import time

import h2.config
import h2.connection
import h2.events

SPEC = """cluster registries {
  kubernetes = 1.32
  network {
    lan     = 10.1.0.0/24
    gateway = 10.1.0.1
    dns     = [10.1.0.1]
  }
  runtime containerd {}
  cni flannel {}
  registry docker.io {
    mirrors = ["https://mirror.office.example:5000/hub"]
    ca      = "ca.pem"
    login   = secret:mirror
  }
  registry own.office.example:5001 { ca = "ca.pem", login = secret:own }
}

node cp {
  role    = control-plane
  os      = OS
  board   = generic-amd64
  memory  = 8GiB
  cpus    = 4
  address = 10.1.0.10
  user ops { ssh-keys = ["ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIExampleExampleExampleExampleExampleExampleE ops@office"] }
  interface eth0 {}
}
"""
SYSTEMS = {"bookworm": "debian-12", "trixie": "debian-13"}
LOGINS = {5000: "robot$hub:it's \"secret\" \\ 1", 5001: "puller:second:with:colons"}
ASKED = []  # (port, path, whether with the login)


def layer():
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        entry = tarfile.TarInfo("hello")
        entry.size = 3
        archive.addfile(entry, io.BytesIO(b"hi\n"))
    return buffer.getvalue()


def image():
    """(the manifest, {digest: bytes}) of an image with one layer."""
    plain = layer()
    packed = gzip.compress(plain, mtime=0)
    digest = "sha256:{}".format
    config = json.dumps({
        "architecture": "amd64", "os": "linux", "config": {},
        "rootfs": {"type": "layers", "diff_ids": [digest(hashlib.sha256(plain).hexdigest())]},
    }).encode()
    blobs = {digest(hashlib.sha256(one).hexdigest()): one for one in (packed, config)}
    of = {one: name for name, one in blobs.items()}
    manifest = json.dumps({
        "schemaVersion": 2,
        "mediaType": "application/vnd.oci.image.manifest.v1+json",
        "config": {"mediaType": "application/vnd.oci.image.config.v1+json", "digest": of[config], "size": len(config)},
        "layers": [{"mediaType": "application/vnd.oci.image.layer.v1.tar+gzip", "digest": of[packed], "size": len(packed)}],
    }).encode()
    return manifest, blobs


MANIFEST, BLOBS = image()


class Registry(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        port = self.server.server_address[1]
        wanted = "Basic " + base64.b64encode(LOGINS[port].encode()).decode()
        given = self.headers.get("Authorization")
        ASKED.append((port, self.path, given == wanted))
        if given != wanted:
            return self.answer(401, b"", {"WWW-Authenticate": 'Basic realm="office"'})
        path = self.path.partition("?")[0]
        below = {5000: "/v2/hub/library/tiny/", 5001: "/v2/team/tiny/"}[port]
        if path.startswith(f"{below}manifests/"):
            digest = "sha256:" + hashlib.sha256(MANIFEST).hexdigest()
            kind = json.loads(MANIFEST)["mediaType"]
            return self.answer(200, MANIFEST, {"Content-Type": kind, "Docker-Content-Digest": digest})
        blob = BLOBS.get(path.removeprefix(f"{below}blobs/"))
        if blob:
            return self.answer(200, blob, {"Content-Type": "application/octet-stream"})
        return self.answer(404, b"", {})

    do_HEAD = do_GET

    def answer(self, status, body, headers):
        self.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, *_):
        pass


def serve(folder):
    for port in LOGINS:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(folder / "server.pem", folder / "server.key")
        server = http.server.ThreadingHTTPServer(("127.0.0.1", port), Registry)
        server.socket = context.wrap_socket(server.socket, server_side=True)
        threading.Thread(target=server.serve_forever, daemon=True).start()


def authority(folder, name):
    """An authority, and a certificate of it for both hosts if it is the first one."""
    def openssl(*words):
        subprocess.run(["openssl", *words], check=True, capture_output=True)
    openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj", f"/CN={name}",
            "-keyout", folder / f"{name}.key", "-out", folder / f"{name}.pem")
    if name != "ca":
        return
    openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=registry", "-keyout", folder / "server.key",
            "-out", folder / "server.csr")
    (folder / "names").write_text("subjectAltName=DNS:mirror.office.example,DNS:own.office.example\n")
    openssl("x509", "-req", "-in", folder / "server.csr", "-CA", folder / "ca.pem", "-CAkey", folder / "ca.key", "-CAcreateserial", "-days", "2",
            "-extfile", folder / "names", "-out", folder / "server.pem")


def pull(sock, name):
    """Asks the CRI for an image: the bytes of its answer, none if it refused. PullImageRequest{image: ImageSpec{image: name}}."""
    def field(data):
        return bytes([0x0A, len(data)]) + data
    message = field(field(name.encode()))
    connection = h2.connection.H2Connection(h2.config.H2Configuration(header_encoding="utf-8"))
    with socket.socket(socket.AF_UNIX) as wire:
        wire.settimeout(60)
        wire.connect(str(sock))
        connection.initiate_connection()
        connection.send_headers(1, [
            (":method", "POST"), (":scheme", "http"), (":path", "/runtime.v1.ImageService/PullImage"), (":authority", "localhost"),
            ("content-type", "application/grpc"), ("te", "trailers"),
        ])
        connection.send_data(1, b"\0" + len(message).to_bytes(4, "big") + message, end_stream=True)
        wire.sendall(connection.data_to_send())
        answer, said = b"", {}
        while True:
            for event in connection.receive_data(wire.recv(65536)):
                if isinstance(event, h2.events.DataReceived):
                    answer += event.data
                    connection.acknowledge_received_data(event.flow_controlled_length, event.stream_id)
                elif isinstance(event, (h2.events.ResponseReceived, h2.events.TrailersReceived)):
                    said.update(event.headers)
                elif isinstance(event, h2.events.StreamEnded):
                    return (answer if said.get("grpc-status") == "0" else None), said.get("grpc-message", "")
            wire.sendall(connection.data_to_send())


def mount(*words):
    subprocess.run(["mount", *map(str, words)], check=True)


class Containerd:
    """containerd in its own root folder, with pikc's files of a node as /etc/containerd."""

    def __init__(self, root, settings):
        self.root, self.settings = root, settings

    def __enter__(self):
        for place in ("run", "var/lib/containerd", "sys/fs/cgroup", "proc", "opt/containerd", "etc/containerd", "etc/cni/net.d"):
            (self.root / place).mkdir(parents=True, exist_ok=True)
        for place in ("run", "var/lib/containerd", "opt/containerd"):
            mount("-t", "tmpfs", "tmpfs", self.root / place)
        mount("-t", "proc", "proc", self.root / "proc")
        mount("--bind", self.settings, self.root / "etc/containerd")
        hosts = self.settings.parent / "hosts"
        hosts.write_text("127.0.0.1 localhost mirror.office.example own.office.example\n")
        (self.root / "etc/hosts").touch()
        mount("--bind", hosts, self.root / "etc/hosts")
        self.log = self.settings.parent / "containerd.log"
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(["chroot", self.root, "containerd"], stdout=log, stderr=log)
        self.socket = self.root / "run/containerd/containerd.sock"
        for _ in range(300):
            if self.socket.exists() and b"containerd successfully booted" in self.log.read_bytes():
                return self
            if self.process.poll() is not None:
                break
            time.sleep(0.1)
        sys.exit(f"containerd did not start:\n{self.log.read_text()[-4000:]}")

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(timeout=20)
        for place in ("etc/hosts", "etc/containerd", "proc", "opt/containerd", "var/lib/containerd", "run"):
            subprocess.run(["umount", "--recursive", "--lazy", self.root / place], check=True)

    def asked(self, name):
        """(whether it has the image now, which ports were asked with the login, what it said)"""
        # Its socket is there before the part that pulls images is.
        for _ in range(300):
            ASKED.clear()
            answer, said = pull(self.socket, name)
            if "server is not initialized yet" not in said:
                break
            time.sleep(0.1)
        return answer is not None, {(port, right) for port, _, right in ASKED}, said


def settings(tree, folder):
    """The files of the node cp below /etc/containerd."""
    folder.mkdir()
    for part in ("common", "files"):
        top = tree / "nodes/cp" / part / "etc/containerd"
        if top.exists():
            subprocess.run(["cp", "-r", "--dereference", f"{top}/.", folder], check=True)
    assert (folder / "config.toml").exists(), sorted(folder.iterdir())
    return folder


def inside(folder, roots):
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    serve(folder)
    count = 0
    for release, root in roots:
        tree = folder / release / "out"
        good = settings(tree, folder / release / "good")
        with Containerd(root, good) as machine:
            for name, port in (("docker.io/library/tiny:1", 5000), ("own.office.example:5001/team/tiny:1", 5001)):
                has, ports, said = machine.asked(name)
                assert has, f"{release}: {name}: {said}\n{machine.log.read_text()[-3000:]}"
                # Once without, as the protocol has it, then with the login; and the other registry is never asked.
                assert ports == {(port, False), (port, True)}, (release, name, ports)
                count += 1
        bad = settings(tree, folder / release / "password")
        text = (bad / "config.toml").read_text()
        assert text.count("secret") == 1, "the password is written once"
        (bad / "config.toml").write_text(text.replace("secret", "secrets"))
        with Containerd(root, bad) as machine:
            has, ports, said = machine.asked("docker.io/library/tiny:1")
            assert not has and (5000, True) not in ports and (5000, False) in ports, (release, has, ports, said)
            count += 1
        other = settings(tree, folder / release / "authority")
        (other / "certs.d/docker.io/ca.pem").write_text((folder / "other.pem").read_text())
        with Containerd(root, other) as machine:
            has, ports, said = machine.asked("docker.io/library/tiny:1")
            assert not has and not ports, (release, has, ports, said)
            count += 1
    print(f"registry: {count} pulls by {len(roots)} containerds, with and without the right login and authority")


def main():
    pikc = pathlib.Path(sys.argv[1]).resolve()
    if len(sys.argv) > 2:
        folder = pathlib.Path(sys.argv[2])
        inside(folder, [(path.name, path) for path in map(pathlib.Path, sys.argv[3:])])
        return
    programs = pathlib.Path(os.environ.get("PIKC_PROGRAMS", "/nonexistent"))
    roots = [programs / release for release in SYSTEMS if (programs / release / "usr/bin/containerd").exists()]
    if len(roots) != len(SYSTEMS):
        sys.exit("registry: the programs are missing: tests/run unpacks them")
    with tempfile.TemporaryDirectory() as temporary:
        folder = pathlib.Path(temporary)
        authority(folder, "ca")
        authority(folder, "other")
        for release, system in SYSTEMS.items():
            place = folder / release
            place.mkdir()
            (place / "cluster.pik").write_text(SPEC.replace("OS", system))
            (place / "ca.pem").write_text((folder / "ca.pem").read_text())
            secrets = {"PIKC_SECRET_MIRROR": LOGINS[5000], "PIKC_SECRET_OWN": LOGINS[5001]}
            subprocess.run([pikc, "compile", "cluster.pik", "-o", "out"], cwd=place, env={**os.environ, **secrets}, check=True, capture_output=True)
        before = ["unshare", "--net", "--mount"] + ([] if os.geteuid() == 0 else ["--map-root-user"])
        subprocess.run([*before, sys.executable, __file__, pikc, folder, *roots], check=True)


if __name__ == "__main__":
    main()
