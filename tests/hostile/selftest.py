#!/usr/bin/env python3
"""Shows that the suite can fail: for each format, a file with a marker, the same file with the hostile value written as it must
be (equal), and written as a careless writer would do it (each must be noticed).

usage: selftest.py"""

import sys

sys.dont_write_bytecode = True

import formats  # noqa: E402
import oracle  # noqa: E402
import schema  # noqa: E402
from hostile import its_turn  # noqa: E402
from places import places  # noqa: E402
from strings import FEW, FEWEST, STRINGS, encode  # noqa: E402

M = "zqmarkqz"
HEAD = "# Made by pikc.\n"
CARRIER = "#cloud-config\nwrite_files:\n  - path: /etc/default/keyboard\n    content: |\n      XKBLAYOUT=\"%s\"\n"

NETWORK = """network:
  version: 2
  renderer: NetworkManager
  wifis:
    wlan0:
      access-points:
        %s:
          password: aaaaaaaaaaaa
"""

# (path, the file with %s for the value, the value, how it must be written, how it must not)
CASES = [
    ("classes/c/steps/25-users.sh", "#!/usr/bin/env bash\n# %s is no place for it\nuser='pi'\n", "x", "x", ["x\nid"]),
    ("classes/c/steps/25-users.sh", "#!/usr/bin/env bash\nuser=%s\nid -- \"$user\"\n", "it's $(id)", "'it'\\''s $(id)'",
     ["it's $(id)", "\"it's $(id)\"", "'its $(id)'"]),
    ("classes/c/steps/35-packages.sh", "install_packages %s\n", "-x", "-- -x", ["-x", "'-x'", "'-x' y"]),
    ("classes/c/steps/35-packages.sh", "install_packages %s\n", "*", "'*'", ["*", "\\**"]),
    ("nodes/n/boot/firstrun.sh", "keep node.conf <<'END'\nname=%s\nEND\n", "a b", "a b", ["a b\nEND\nid\ncat <<'END'"]),
    ("classes/c/files/etc/default/keyboard", HEAD + "XKBLAYOUT=%s\n", "$(id)", "'$(id)'", ["$(id)", '"$(id)"', "'$(id)' id", "x; id"]),
    ("classes/c/files/etc/default/keyboard", HEAD + "XKBLAYOUT=%s\nXKBMODEL=x\n", "a", "a", ["a\nXKBMODEL=y\nLD_PRELOAD=/x", "A"]),
    ("nodes/n/files/etc/netplan/90-pikc.yaml", NETWORK, 'a "b"\\', '"a \\"b\\"\\\\"', ['a "b"', "a: {}\n        b", '"a\\nssid=b"', "[a]"]),
    ("nodes/n/files/etc/netplan/90-pikc.yaml", NETWORK.replace("NetworkManager", "networkd"), 'a "b"', '"a \\"b\\""', ["a", "[a]"]),
    ("nodes/n/kubeadm.yaml", "nodeRegistration:\n  name: %s\n", "no", '"no"', ["no", "[no]", "no\n  x: y", "*no"]),
    ("nodes/n/kubeadm.yaml", "nodeRegistration:\n  kubeletExtraArgs:\n    - name: v\n      value: %s\n", "3", '"3"',
     ['"3 --anonymous-auth=true"', '"3\\n"', "'3\"'"]),
    ("nodes/n/kubeadm.yaml", "nodeRegistration:\n  kubeletExtraArgs:\n    - name: node-labels\n      value: x=%s\n", "a", "a", ["a,b=c", "a=b"]),
    ("cluster/cni/05-secret.yaml", "kind: Secret\ndata:\n  password: %s\n", "é", "w6k=", ["ZQ==", "é"]),
    ("cluster/cni/10-flannel.yaml", "data:\n  net-conf.json: |\n    {\"Network\": \"%s\"}\n", 'a"b', 'a\\"b', ['a"b', 'a","x":"b']),
    ("nodes/n/cloud-init/user-data", CARRIER, "jp", "jp", ["$(id)", "jp\"\n      id \""]),
    ("classes/c/files/etc/crio/crio.conf.d/90-pikc.conf", "[crio.image]\npause_image = %s\n", 'x"y', '"x\\"y"', ['"x"y"', '"x"\ny="z"', "'x\\\"y'"]),
    ("classes/c/files/etc/systemd/timesyncd.conf.d/90-pikc.conf", HEAD + "[Time]\nNTP=%s\nFallbackNTP=x\n", "a b", "a b", ["a b\nFallbackNTP=c", "a b\n[Service]", "a b\\"]),
    ("classes/c/files/etc/apt/apt.conf.d/90-x.conf", HEAD + 'Acquire::http::Proxy "%s";\n', "http://a:1", "http://a:1",
     ["http://a:2", 'http://a:1"; APT::Get::AllowUnauthenticated "true']),
    ("nodes/n/files/etc/crio/pikc-logins.json", '{"auths": {"%s": {"auth": "YTpi"}}}', "a", "a", ["b", 'a": {"auth": "YTpj"}, "b']),
    ("classes/c/fragments/config.txt", HEAD + "[all]\ndtoverlay=x,y=%s\n", "1", "1", ["2", "1,z=2", "1\nkernel=x", "1\n[pi4]", "1" * 90]),
    ("classes/c/files/etc/pikc/proxy.env", HEAD + "no_proxy=%s\n", "a,b", '"a,b"', ["a", "a,b; id", "$(id)"]),
    ("classes/c/files/etc/systemd/system/x.service.d/90-x.conf", HEAD + "[Service]\nEnvironment=\"NO_PROXY=%s\"\n", "a", "a",
     ["b", 'a"\nExecStart="/bin/id', "a\n[Unit]"]),
    ("classes/c/files/etc/apt/sources.list.d/x.sources", "Types: deb\nURIs: %s\nSuites: /\n", "http://a/", "http://a/",
     ["http://a/ http://b/", "http://a/\nTrusted: yes", "http://a/\n\nTypes: deb\nURIs: http://b/\nSuites: /", "a"]),
    ("classes/c/files/etc/apt/sources.list", "deb %s trixie main\n", "http://a/", "http://a/", ["[trusted=yes] http://a/", "http://a/ x", "http://a/ x y\ndeb http://b/"]),
    ("classes/c/files/etc/sudoers.d/010_pikc-x", HEAD + "%s ALL=(ALL:ALL) NOPASSWD: ALL\n", "pi", "pi", ["ALL", "%pi", "pi,x", "pi ALL=(ALL) ALL\nx", "#0"]),
    ("classes/c/files/etc/sysctl.d/99-pikc.conf", HEAD + "vm.swappiness = %s\n", "10", "10", ["10\nkernel.core_pattern = |/tmp/x", "10 ; x"]),
    ("classes/c/files/etc/modules-load.d/pikc.conf", HEAD + "%s\n", "overlay", "overlay", ["overlay x", "overlay\nx"]),
    ("classes/c/fragments/hosts", "192.168.11.1 %s\n", "a", "a", ["a b", "a\n192.168.11.2 b"]),
    ("classes/c/fragments/authorized_keys.pi", "%s\n", "ssh-ed25519 AAAA x", "ssh-ed25519 AAAA x",
     ['command="id" ssh-ed25519 AAAA x', "ssh-ed25519 AAAA x\nssh-ed25519 AAAA y"]),
    ("classes/c/files/etc/wpa_supplicant/wpa_supplicant.conf", "country=JP\nnetwork={\n    ssid=%s\n    psk=" + "0" * 64 + "\n}\n", 'a"', "6122",
     ["61", '"a"', "61\n    scan_ssid=1", "61\n}\nnetwork={\n    ssid=62"]),
    ("classes/c/files/etc/udev/rules.d/70-x.rules", 'ACTION=="add", NAME="%s"\n', "w", "w", ['w", RUN+="/bin/sh', "w\nRUN"]),
    ("nodes/n/node.conf", "name=%s\nrole=worker\n", "a", "a", ["a\nrole=control-plane", "b"]),
    ("README.md", "| name |\n|---|\n| %s |\n", "a | <b>", "a \\| &lt;b>", ["a | <b>", "a \\| <b>", "a"]),
    ("README.md", "- `x`: %s\n\nSee.\n", "[x](http://x)", "\\[x](http://x)", ["[x](http://x)", "\\[x](http://x)\n- y"]),
    ("README.md", "Do `scp -r %s pi@n:`.\n", "a b", "'a b'", ["a b;", "`a b`", "'a c'", "'a b' 'c'"]),
    ("README.md", "`%s` is it.\n", "a b", "a b", ["a` b", "a b  c"]),
    ("README.md", "Do `pikc card %s`.\n", "-x", "./-x", ["-x", "'-x'", "x"]),
    ("README.md", "```sh\nscp -r %s pi@n:\n```\n", "a b", "'a b'", ["a b", "a b\n```\n# x\n```"]),
    ("pikc.json", '{"files": [], "cluster": "%s"}\n', 'a"b', 'a\\"b', ['a","x":"b', 'a"b']),
    ("classes/c/class.list", "a" * 64 + "  0644  root:root  %s\n", "x", "x", ["x\n" + "b" * 64 + "  0644  root:root  y", "y"]),
    ("cluster/cni/values.yaml", "# %s\nx: y\n", "a", "a", ["a\nz: y", "a\u202eb", "a\x1bb", "a\u2028b"]),
]


def trees():
    """(claim, whether it holds)"""
    for path, template, value, good, bad in CASES:
        base = {path: template.replace("%s", M).encode()}
        if path.endswith("05-secret.yaml"):
            base = {path: template.replace("%s", "enFtYXJrcXo=").encode()}  # the marker in base64
        pairs = [(M, value)]
        if "wpa_supplicant" in path:
            base = {path: template.replace("%s", M.encode().hex()).encode()}
        if "crio.conf.d" in path:
            base = {path: template.replace("%s", f'"{M}"').encode()}
        if path.endswith("authorized_keys.pi"):
            base, pairs = {path: f"ssh-ed25519 AAAA {M}\n".encode()}, [(M, "x")]
        if path.endswith((".sources", "sources.list")):
            base, pairs = {path: template.replace("%s", f"http://{M}/").encode()}, [(M, "a")]
        found = oracle.same(base, {path: template.replace("%s", good).encode()}, pairs)
        if path.endswith("35-packages.sh") and value == "-x":
            yield f"{path}: an option after -- is not an option", found.verdict == "FAILED"  # the marker has no --
        else:
            yield f"{path}: {good!r} is {value!r} ({found.detail})", found.verdict == "same" and found.read.total() == 1
        for text in bad:
            found = oracle.same(base, {path: template.replace("%s", text).encode()}, pairs)
            yield f"{path}: {text!r} is noticed ({found.detail})", found.verdict == "FAILED" and "marker's own" not in found.detail


def runs():
    class Done:
        def __init__(self, code, out="", err=""):
            self.returncode, self.stdout, self.stderr = code, out.encode(), err.encode()

    report = '{"diagnostics": [{"code": "a/b", "severity": "%s", "message": "m", "file": "x.pik", "labels": [], "range": %s}]}'
    here = '{"start": {"line": 3, "column": 1}, "end": {"line": 3, "column": 2}}'
    yield "a panic is noticed", oracle.crashed(Done(101)) is not None
    yield "a signal is noticed", oracle.crashed(Done(-11)) is not None
    yield "an internal error is noticed", oracle.crashed(Done(3, err="Error: internal error: x")) is not None
    yield "a message that blames the library is noticed", oracle.crashed(Done(3, err="the standard library has a mistake")) is not None
    yield "an escape on the terminal is noticed", oracle.crashed(Done(1, err="a\x1b[2Jb")) is not None
    yield "a line that is reversed on the terminal is noticed", oracle.crashed(Done(1, err="a\u202eb")) is not None
    yield "a plain refusal is not a crash", oracle.crashed(Done(1, err="Error: x")) is None
    yield "an error at the setting counts", oracle.refused(Done(1, report % ("error", here)), "x.pik", {3}) is None
    yield "an error elsewhere is noticed", oracle.refused(Done(1, report % ("error", here)), "x.pik", {4}) is not None
    yield "a warning is not an error", oracle.refused(Done(1, report % ("warning", here)), "x.pik", {3}) is not None
    yield "an error without a place is noticed", oracle.refused(Done(1, report % ("error", "null")), "x.pik", {3}) is not None
    yield "no report is noticed", oracle.refused(Done(1, ""), "x.pik", {3}) is not None
    yield "an extra file is noticed", oracle.same({"a.sh": b""}, {"a.sh": b"", "b.sh": b""}, [(M, "x")]).verdict == "FAILED"
    yield "a value that is in no file is noticed", oracle.same({"a.sh": b"x=" + M.encode()}, {"a.sh": b"x="}, [(M, "y")]).verdict == "FAILED"
    yield "a value that became another path is noticed", oracle.same({f"nodes/{M}/a.sh": b""}, {"nodes/x/a.sh": b""}, [(M, "../x")]).verdict == "FAILED"
    yield "a link that leads elsewhere is noticed", oracle.same({"a": ("link", "b")}, {"a": ("link", "/etc")}, [(M, "x")]).verdict == "FAILED"


def tables():
    known = schema.schema()
    spec = 'cluster c {\n  network { lan = 1.2.3.0/24, dns = [1.2.3.4] }\n}\nprofile p { locale { country = JP } }\nnode n { profile = [p] }\n'
    found = {p.path: p for p in places("x", spec, known)}
    yield "settings are found in their places", spec[slice(*found["cluster/network/dns"].spans[0])] == "1.2.3.4"
    yield "a name is found wherever it is used", len(found["profile/(label)"].spans) == 2
    yield "the schema is read", len(known) > 150 and ("wifi", "ssid") in known and ("cni flannel", "mtu") in known
    try:
        places("x", "cluster c { nonsense = 1 }\n", known)
        yield "a setting that the schema does not have is noticed", False
    except ValueError:
        yield "a setting that the schema does not have is noticed", True
    try:
        formats.reader_of("classes/c/files/etc/something.new")
        yield "a file without a reader is noticed", False
    except formats.Unreadable:
        yield "a file without a reader is noticed", True
    names = [name for _, name, _ in STRINGS]
    yield "at least 60 strings, of at least 15 classes, each with a name of its own", (
        len(STRINGS) >= 60 and len({kind for kind, _, _ in STRINGS}) >= 15 and len(set(names)) == len(names))
    yield "the short run's strings are among them", FEW | FEWEST <= set(names)
    turns = {name: [its_turn(key, name) for key in known] for name in FEW | FEWEST}
    yield "each of them is tried in a third of the settings at least", all(sum(turn) * 3 > len(turn) for turn in turns.values())
    yield "broken UTF-8 stays broken", encode("a\udcffb") == b"a\xffb" and encode("a\ud800b") == b"a\xed\xa0\x80b"


def main():
    passed = failed = 0
    for group in (trees, runs, tables):
        for sentence, good in group():
            passed, failed = (passed + 1, failed) if good else (passed, failed + 1)
            if not good:
                print(f"FAILED  {sentence}")
    print(f"{passed} passed, {failed} failed")
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main())
