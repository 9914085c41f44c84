"""Passes files to the programs that read them on the machines: containerd its configuration, sudo its rules, systemd its units, HAProxy and
keepalived theirs.

The programs are those of Debian 12 and 13, which tests/run unpacks (PIKC_PROGRAMS names their folder) and which run there in a
root folder of their own."""

import hashlib
import os
import pathlib
import re
import shlex
import shutil
import subprocess
import tempfile

NAME = "programs"
UNIT = re.compile(r"(?ms)^ *cat >\"\$unit\.new\" <<'END'\n(.*?)^END$")
# The part of containerd's configuration that must survive unchanged: pikc writes it in the format of the release.
MEANT = re.compile(r"(?m)^(SystemdCgroup|sandbox_image|sandbox|bin_dir|conf_dir) = .*$")
HEADER = re.compile(r"(?m)^# Made by pikc from .*$")
passed = set()  # (release, program, digest): many classes have the same text


def read(tree):
    folder = pathlib.Path(os.environ.get("PIKC_PROGRAMS", "/nonexistent"))
    roots = {path.name: path for path in sorted(folder.glob("*")) if path.is_dir()}
    if not roots:
        tree.problem(NAME, tree.root, "the programs are missing: tests/run unpacks them")
        return
    for release, root in roots.items():
        for one in tree.classes:
            config = one / "files/etc/containerd/config.toml"
            # Debian has containerd 1: a file for containerd 2 has no reader here.
            if config.exists() and re.search(r"(?m)^version = 2$", config.read_text()):
                asked(tree, release, root, config, config.read_text(), containerd)
            for rules in sorted(one.glob("files/etc/sudoers.d/*")):
                asked(tree, release, root, rules, rules.read_text(), sudo)
            front = one / "files/etc/haproxy/pikc.cfg"
            if front.exists():
                asked(tree, release, root, front, front.read_text(), haproxy)
            for unit in sorted(one.glob("files/etc/systemd/system/pikc-*.service")):
                if unit.name in ("pikc-haproxy.service", "pikc-keepalived.service"):
                    asked(tree, release, root, unit, unit.read_text(), systemd)
            # The unit that run.sh installs so that it continues after a reboot.
            script = one / "run.sh"
            unit = UNIT.search(script.read_text()) if script.exists() else None
            if unit:
                asked(tree, release, root, script, unit.group(1), systemd)
            else:
                tree.problem(NAME, script, "has no unit any more: find out where it went")
        for node in tree.nodes:
            agreed = node / "files/etc/keepalived/pikc.conf"
            if agreed.exists():
                asked(tree, release, root, agreed, agreed.read_text(), keepalived)


def asked(tree, release, root, path, text, program):
    tree.count(NAME)
    key = (release, program.__name__, hashlib.sha256(HEADER.sub("", text).encode()).hexdigest())
    if key in passed:
        return
    with tempfile.TemporaryDirectory(dir=root / "tmp") as place:
        problem = program(root, pathlib.Path(place), text)
    if problem:
        tree.problem(NAME, path, f"{release}: {problem}")
    else:
        passed.add(key)


def run(root, *words):
    """Runs a program in its root folder; if we are not root, as root of a user namespace."""
    before = [] if os.geteuid() == 0 else ["unshare", "--map-root-user"]
    return subprocess.run([*before, "chroot", root, *words], capture_output=True, text=True, check=False)


def inside(root, path):
    return "/" + str(path.relative_to(root))


def containerd(root, place, text):
    (place / "config.toml").write_text(text)
    done = run(root, "containerd", "--config", inside(root, place / "config.toml"), "config", "dump")
    if done.returncode:
        return f"containerd config dump: {done.stderr.strip()[-500:]}"
    read_as = {line.strip() for line in done.stdout.splitlines()}
    lost = [line for line in (found.group(0) for found in MEANT.finditer(text)) if line not in read_as]
    return f"containerd does not read {', '.join(lost)}" if lost else None


def sudo(root, place, text):
    rules = place / "rules"
    rules.write_text(text)
    rules.chmod(0o440)
    done = run(root, "visudo", "--check", "--strict", "--owner", "--perms", f"--file={inside(root, rules)}")
    return f"visudo --check: {(done.stdout + done.stderr).strip()[-500:]}" if done.returncode else None


def systemd(root, place, text):
    unit = place / "pikc-resume.service"
    unit.write_text(text)
    program = root / "opt/pikc/run.sh"
    if not program.exists():
        program.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy("/bin/true", program)
        program.chmod(0o755)
    done = run(root, "systemd-analyze", "verify", "--man=no", inside(root, unit))
    said = [line for line in (done.stdout + done.stderr).splitlines() if line.strip()]
    return f"systemd-analyze verify: {' '.join(said)[-500:]}" if done.returncode or said else None


# What the packages' own scripts make on a machine.
ACCOUNTS = ("root:x:0:0:root:/root:/bin/sh", "haproxy:x:150:150::/var/lib/haproxy:/bin/false", "daemon:x:1:1::/:/bin/false")
GROUPS = ("root:x:0:", "haproxy:x:150:", "daemon:x:1:")


def accounts(root):
    (root / "etc/passwd").write_text("\n".join(ACCOUNTS) + "\n")
    (root / "etc/group").write_text("\n".join(GROUPS) + "\n")


def haproxy(root, place, text):
    accounts(root)
    (place / "pikc.cfg").write_text(text)
    done = run(root, "haproxy", "-c", "-f", inside(root, place / "pikc.cfg"))
    said = done.stdout + done.stderr
    # It starts with a warning, too, but there is nothing to be warned of.
    return f"haproxy -c: {said.strip()[-500:]}" if done.returncode or "[WARNING]" in said else None


def keepalived(root, place, text):
    """It refuses an interface that is not there and a script that is not: both are made, in a network of its own."""
    accounts(root)
    (place / "pikc.conf").write_text(text)
    for device in re.findall(r"(?m)^  interface (.*)$", text):
        break
    script = re.search(r'(?m)^  script "(.*)"$', text)[1]
    check = root / script.lstrip("/")
    check.parent.mkdir(parents=True, exist_ok=True)
    check.write_text("#!/bin/sh\n")
    check.chmod(0o755)
    before = ["unshare", "--net"] if os.geteuid() == 0 else ["unshare", "--map-root-user", "--net"]
    line = f"ip link add {shlex.quote(device)} type veth peer name other && exec chroot {shlex.quote(str(root))} keepalived --config-test --use-file=\"$1\""
    done = subprocess.run([*before, "sh", "-c", line, "sh", inside(root, place / "pikc.conf")], capture_output=True, text=True, check=False)
    said = (done.stdout + done.stderr).strip()
    # 2.2.7 of bookworm ends its own test by SIGTERM once it has read everything, as the step knows.
    return f"keepalived --config-test: {done.returncode} {said[-500:]}" if done.returncode not in (0, -15, 143) or said else None
