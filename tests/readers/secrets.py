"""The secrets file and what becomes of it in a tree, as other programs read them: age opens it, openssl reads the certificates and
keys and signs with them, kubeadm's own patterns accept token, key and pin, and git takes no file that holds a secret.

usage: secrets.py PIKC"""

import base64
import hashlib
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile

import yaml

SPEC = """cluster home {
  kubernetes = 1.36
  network { lan = 10.1.0.0/24, gateway = 10.1.0.1, dns = [10.1.0.1] }
  api-server { encryption-at-rest { key = secret:etcd } }
  runtime containerd { source = upstream }
  cni flannel {}
}
profile machine {
  os    = debian-13
  board = generic-amd64
  memory = 4GiB
  cpus = 2
  user ops { ssh-keys = ["KEY"] }
  interface eth0 {}
}
node cp1 {
  profile = machine
  role    = control-plane
  address = 10.1.0.11
}
node w[1-2] {
  profile = machine
  role    = worker
  address = 10.1.0.21..10.1.0.22
}
"""
# kubernetes/kubernetes: staging/src/k8s.io/cluster-bootstrap/token/api/types.go; cmd/kubeadm/app/util/pubkeypin.
TOKEN = re.compile(r"[a-z0-9]{6}\.[a-z0-9]{16}")
PIN = re.compile(r"sha256:[0-9a-f]{64}")
AUTHORITIES = {"ca": "kubernetes", "front-proxy-ca": "front-proxy-ca", "etcd/ca": "etcd-ca"}
TEN_YEARS = 3650 * 24 * 3600
problems = []


def check(true, sentence):
    if not true:
        problems.append(sentence)


def run(folder, *line, status=0, env=None, text=None):
    done = subprocess.run([str(word) for word in line], cwd=folder, capture_output=True, text=True, input=text,
                          env={**os.environ, "HOME": str(folder), **(env or {})})
    if done.returncode != status:
        sys.exit(f"{' '.join(map(str, line))} ended with {done.returncode}\n{done.stdout}{done.stderr}")
    return done.stdout


def keys(folder):
    """The kinds of keys that a file can be encrypted to: {name: (what -R gets, the private key's file)}."""
    found = {}
    for kind, extra in (("ed25519", []), ("rsa", ["-b", "3072"])):
        run(folder, "ssh-keygen", "-q", "-t", kind, *extra, "-N", "", "-C", "you", "-f", f"{kind}.key")
        found[kind] = (f"{kind}.key.pub", f"{kind}.key")
    run(folder, "age-keygen", "-o", "age.key")
    found["age"] = (re.search(r"age1\w+", (folder / "age.key").read_text())[0], "age.key")
    return found


def spki(folder, certificate):
    """The pin of a certificate, by openssl alone."""
    public = run(folder, "openssl", "x509", "-in", certificate, "-pubkey", "-noout")
    der = subprocess.run(["openssl", "pkey", "-pubin", "-outform", "der"], input=public.encode(), capture_output=True, check=True).stdout
    return "sha256:" + hashlib.sha256(der).hexdigest()


def authorities(folder, pki):
    for name, common in AUTHORITIES.items():
        certificate, key = pki / f"{name}.crt", pki / f"{name}.key"
        text = run(folder, "openssl", "x509", "-in", certificate, "-noout", "-text").replace("CN=", "CN = ")
        for words in ("CA:TRUE", "Digital Signature, Key Encipherment, Certificate Sign", f"DNS:{common}", f"Subject: CN = {common}", "prime256v1"):
            check(words in text, f"{name}.crt says {words}:\n{text}")
        run(folder, "openssl", "x509", "-in", certificate, "-noout", "-checkend", TEN_YEARS - 86400)
        run(folder, "openssl", "x509", "-in", certificate, "-noout", "-checkend", TEN_YEARS + 86400, status=1)
        # It can sign what kubeadm has it sign, and what it has signed is accepted.
        run(folder, "openssl", "req", "-newkey", "rsa:2048", "-nodes", "-keyout", "leaf.key", "-subj", "/CN=leaf", "-out", "leaf.csr")
        run(folder, "openssl", "x509", "-req", "-in", "leaf.csr", "-CA", certificate, "-CAkey", key, "-days", "30", "-out", "leaf.crt")
        check("leaf.crt: OK" in run(folder, "openssl", "verify", "-CAfile", certificate, "leaf.crt"), f"{name} signs")
    public = run(folder, "openssl", "pkey", "-in", pki / "sa.key", "-pubout")
    check(public == (pki / "sa.pub").read_text(), "sa.pub belongs to sa.key")


def tree(pikc, folder, private, opened):
    values = {secret["name"]: secret["value"] for secret in opened["secrets"]}
    run(folder, pikc, "compile", "cluster.pik", "-o", "out", "--identity", private)
    once = folder / "out/nodes/cp1/once"
    authorities(folder, once / "pki")
    pin = spki(folder, once / "pki/ca.crt")
    listed = json.loads(run(folder, pikc, "secrets", "list", "cluster.pik", "--identity", private, "--format", "json"))["authority"]
    check(PIN.fullmatch(listed) and listed == pin, f"the pin {listed} is openssl's, {pin}")
    token = values["join/token"]
    check(TOKEN.fullmatch(token), "kubeadm accepts the token")
    check(len(base64.b64decode(values["etcd"], validate=True)) == 32, "the API server accepts the encryption key")
    lasts = '  expiration: "2026-12-02T10:00:00Z"\n'  # as the step adds it
    secret = yaml.safe_load((once / "token.yaml").read_text() + lasts)
    identifier, _, value = token.partition(".")
    # kubernetes.io/docs/reference/access-authn-authz/bootstrap-tokens
    check(secret == {"apiVersion": "v1", "kind": "Secret", "type": "bootstrap.kubernetes.io/token",
                     "metadata": {"name": f"bootstrap-token-{identifier}", "namespace": "kube-system"},
                     "stringData": {"token-id": identifier, "token-secret": value, "expiration": "2026-12-02T10:00:00Z",
                                    "usage-bootstrap-authentication": "true", "usage-bootstrap-signing": "true",
                                    "auth-extra-groups": "system:bootstrappers:kubeadm:default-node-token"}},
          f"the control plane has the token as a Secret: {secret}")
    for node in ("w1", "w2"):
        text = (folder / f"out/nodes/{node}/once/discovery.conf").read_text()
        check(f"token: {token}\n" in text.replace('"', ""), f"{node} has the token")
        packed = re.search(r'certificate-authority-data: "?([A-Za-z0-9+/=]+)', text)[1]
        (folder / "trusted.crt").write_bytes(base64.b64decode(packed))
        check(spki(folder, "trusted.crt") == pin, f"{node} trusts the authority of the control plane")
        for path in (folder / f"out/nodes/{node}").rglob("*"):
            check(path.is_symlink() or path.is_dir() or b"PRIVATE KEY" not in path.read_bytes(), f"{path} has no private key")
    out = folder / "out"
    run(out, "git", "init", "-q", ".")
    run(out, "git", "add", "-A")
    taken = set(run(out, "git", "ls-files").splitlines())
    for path in out.rglob("*"):
        name = str(path.relative_to(out))
        if path.is_symlink() or path.is_dir() or name.startswith(".git/"):
            continue
        closed = path.stat().st_mode & 0o077 == 0
        check((name in taken) != closed, f"git takes {name}, which others {'can not' if closed else 'can'} read")


def main():
    pikc = pathlib.Path(sys.argv[1]).resolve()
    with tempfile.TemporaryDirectory() as place:
        folder = pathlib.Path(place)
        known = keys(folder)
        spec = SPEC.replace("KEY", (folder / "ed25519.key.pub").read_text().strip())
        for name, (public, private) in known.items():
            (folder / "cluster.pik").write_text(spec)
            run(folder, pikc, "secrets", "init", "cluster.pik", "-R", public, env={"PIKC_SECRETS_IDENTITY": ""})
            opened = json.loads(run(folder, "age", "--decrypt", "--identity", private, "cluster.secrets.age"))
            check(opened["cluster"] == "home" and len(opened["secrets"]) == 6, f"age opens what is encrypted to {name}")
            # And the other way round: what age has encrypted, pikc opens.
            run(folder, "age", "--encrypt", "--armor", "--recipient" if name == "age" else "--recipients-file", public, "-o", "again", text=json.dumps(opened))
            (folder / "again").rename(folder / "cluster.secrets.age")
            check("all sound" in run(folder, pikc, "secrets", "check", "cluster.pik", "--identity", private), f"pikc opens what age encrypts to {name}")
            if name == "ed25519":
                tree(pikc, folder, private, opened)
                subprocess.run(["rm", "-rf", folder / "out"], check=True)
            (folder / "cluster.secrets.age").unlink()
    for problem in problems:
        print(f"not so: {problem}")
    print(f"secrets: {len(known)} kinds of keys, {len(problems)} problems")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
