"""Runs the approver of kubelets' certificates on requests that openssl made, with a kubectl that has them in a folder: it approves
what is exactly as the spec has it, and leaves everything else to a person.

usage: approver.py PIKC"""

import base64
import json
import pathlib
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
KUBECTL = """#!/usr/bin/env python3
import json, pathlib, sys
folder = pathlib.Path("FOLDER")
words = [word for word in sys.argv[1:] if not word.startswith("--")]
requests = {path.stem: json.loads(path.read_text()) for path in sorted(folder.glob("*.json"))}
if "certificate" in words:
    with (folder / "approved").open("a") as out:
        print(words[-1], file=out)
elif "certificatesigningrequests" in words:
    assert "spec.signerName=kubernetes.io/kubelet-serving" in sys.argv, sys.argv
    for name, request in requests.items():
        print(name, *request["conditions"])
else:
    name, path = words[words.index("certificatesigningrequest") + 1], sys.argv[-1]
    field = path.removeprefix("jsonpath={.spec.").removesuffix("}")
    value = requests[name]["spec"][field.removesuffix("[*]")]
    if field.endswith("[*]"):
        value = " ".join(value)
    print(value if isinstance(value, str) else json.dumps(value, separators=(",", ":")), end="")
"""
SERVING = ["digital signature", "server auth"]
NODE = "system:node:worker01"
SUBJECT = "/O=system:nodes/CN=system:node:worker01"
RIGHT = "DNS:worker01,IP:192.168.11.11"
# name: what is asked for, and whether it is approved
CASES = {
    "right": ({}, True),
    "old-kubelet": ({"usages": ["digital signature", "key encipherment", "server auth"]}, True),
    "address-only": ({"sans": "IP:192.168.11.11"}, True),
    "decided": ({"conditions": ["Denied"]}, False),
    "other-name": ({"sans": "DNS:cp,IP:192.168.11.11"}, False),
    "other-address": ({"sans": "DNS:worker01,IP:192.168.11.12"}, False),
    "one-too-many": ({"sans": RIGHT + ",DNS:kubernetes.default"}, False),
    "a-mail-address": ({"sans": RIGHT + ",email:root@worker01"}, False),
    "a-uri": ({"sans": RIGHT + ",URI:spiffe://worker01"}, False),
    "no-name": ({"sans": None}, False),
    "client-auth": ({"usages": [*SERVING, "client auth"]}, False),
    "no-server": ({"usages": ["digital signature"]}, False),
    "a-stranger": ({"username": "system:node:worker99", "subject": "/O=system:nodes/CN=system:node:worker99", "sans": "DNS:worker99"}, False),
    "for-another": ({"username": "system:node:worker02"}, False),
    "a-user": ({"username": "worker01"}, False),
    "an-admin": ({"username": "kubernetes-admin"}, False),
    "no-group": ({"groups": ["system:authenticated"]}, False),
    "more-groups": ({"subject": "/O=system:masters/CN=system:node:worker01"}, False),
    "two-groups": ({"subject": "/O=system:nodes/O=system:masters/CN=system:node:worker01"}, False),
    "a-pattern": ({"username": "system:node:worker0.", "subject": "/O=system:nodes/CN=system:node:worker0.", "sans": "DNS:worker0."}, False),
    "not-a-request": ({"request": base64.b64encode(b"nothing").decode()}, False),
}


def certificate_request(folder, subject, sans):
    command = ["openssl", "req", "-new", "-key", str(folder / "key"), "-subj", subject, "-config", str(folder / "config")]
    if sans:
        command += ["-addext", f"subjectAltName={sans}"]
    return base64.b64encode(subprocess.run(command, capture_output=True, check=True).stdout).decode()


def write_requests(folder):
    (folder / "config").write_text("[req]\ndistinguished_name = dn\n[dn]\n")
    subprocess.run(["openssl", "ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", str(folder / "key")], check=True)
    for name, (wrong, _) in CASES.items():
        request = wrong.get("request") or certificate_request(folder, wrong.get("subject", SUBJECT), wrong.get("sans", RIGHT))
        spec = {"username": wrong.get("username", NODE), "groups": wrong.get("groups", ["system:nodes", "system:authenticated"]),
                "usages": wrong.get("usages", SERVING), "request": request}
        (folder / f"{name}.json").write_text(json.dumps({"spec": spec, "conditions": wrong.get("conditions", [])}))


def main():
    program = pathlib.Path(sys.argv[1]).resolve()
    with tempfile.TemporaryDirectory() as made:
        folder = pathlib.Path(made)
        spec = HERE.parent / "specs" / "components.pik"
        subprocess.run([str(program), "compile", str(spec), "-o", str(folder / "out")], check=True, capture_output=True)
        (root,) = folder.glob("out/classes/control-plane-*/files")
        script = (root / "usr/libexec/pikc/approve-kubelets.sh").read_text()
        assert script.count("nodes=/etc/pikc/approver/hosts") == 1
        script = script.replace("/etc/pikc/approver/hosts", str(root / "etc/pikc/approver/hosts"))
        (folder / "approve").write_text(script)
        (folder / "bin").mkdir()
        (folder / "bin/kubectl").write_text(KUBECTL.replace("FOLDER", str(folder)))
        (folder / "bin/kubectl").chmod(0o755)
        write_requests(folder)
        done = subprocess.run(["bash", str(folder / "approve"), "--once"], capture_output=True, text=True, check=False,
                              env={"PATH": f"{folder}/bin:/usr/bin:/bin"})
        approved = set((folder / "approved").read_text().split()) if (folder / "approved").exists() else set()
    wrong = [f"it ends with {done.returncode}: {done.stderr}"] if done.returncode or done.stderr else []
    for name, (_, expected) in CASES.items():
        if (name in approved) != expected:
            wrong.append(f"{name}: {'approved' if name in approved else 'not approved'}")
        elif not expected and name != "decided" and f"{name} stays pending: " not in done.stdout:
            wrong.append(f"{name}: nothing is said about it")
    for line in wrong:
        print(line)
    print(f"approver: {len(CASES)} requests, {len(wrong)} wrong")
    return bool(wrong)


if __name__ == "__main__":
    sys.exit(main())
