"""Data disks for real: the step of a compiled spec in a root file system of its own, with loop devices as disks and the real wipefs, blkid,
mkfs, mount and findmnt. systemd and udev are stand-ins: `systemctl start` mounts what the unit says, `udevadm settle` makes the links by UUID.

usage: disks.py PIKC"""

import contextlib
import hashlib
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
SPEC = ROOT / "tests/specs/disks.pik"
SIZE = 400 * 1024 * 1024  # mkfs.xfs refuses less than 300 MiB

SYSTEMCTL = r"""#!/bin/bash
echo "$*" >>/run/systemctl.log
unit=${*: -1} file=/etc/systemd/system/${*: -1}
value() { sed -n "s/^$1=//p" "$file"; }
case $1 in
  cat) [ -e "$file" ] ;;
  enable | disable | is-enabled) SYSTEMD_OFFLINE=1 exec /usr/bin/systemctl --root=/ "$@" ;;
  is-active) [ -e "$file" ] && findmnt --mountpoint "$(value Where)" >/dev/null ;;
  start) mount -t "$(value Type)" -o "$(value Options)" "$(value What)" "$(value Where)" ;;
  daemon-reload) ;;
  *) exit 1 ;;
esac
"""
UDEVADM = r"""#!/bin/bash
rm -rf /dev/disk/by-uuid; mkdir -p /dev/disk/by-uuid
for disk in /dev/loop[0-9]*; do
  uuid=$(blkid --probe --match-tag UUID --output value "$disk") || continue
  if [ -n "$uuid" ]; then ln -sf "$disk" "/dev/disk/by-uuid/$uuid"; fi
done
"""
# Waiting costs no time: the machine's uptime jumps instead.
SLEEP = r"""#!/bin/bash
read -r up rest </proc/uptime
echo "$((${up%.*} + 20)).00 0.00" >/run/uptime
"""
# A power cut in the middle: the real one writes everything, and the step never hears of it.
CUT = '#!/bin/bash\n/usr/sbin/mkfs.ext4 "$@"\nkill -9 "$PPID"\n'


def run(*words, **more):
    done = subprocess.run(list(map(str, words)), capture_output=True, text=True, check=False, **more)
    assert done.returncode == 0, f"{' '.join(map(str, words))}: {done.stdout}{done.stderr}"
    return done.stdout


# An old partition table with one partition of Linux.
TABLE = """import struct, sys
with open(sys.argv[1], "r+b") as disk:
    disk.seek(446)
    disk.write(struct.pack("<8B2I", 0, 0, 2, 0, 0x83, 0, 3, 0, 2048, 204800) + bytes(48) + b"\\x55\\xaa")
"""


class Machine:
    """A root file system over this machine's own, with a bundle and disks."""

    def __init__(self, place, tree, node):
        self.place, self.loops = place, {}
        for name in ("upper", "work", "root"):
            (place / name).mkdir()
        run("mount", "-t", "overlay", "overlay", "-o", f"lowerdir=/,upperdir={place}/upper,workdir={place}/work", place / "root")
        self.root = place / "root"
        for path in ("var/lib/etcd", "var/lib/containerd", "var/lib/pikc", "srv", "etc/systemd/system", "bundle"):
            shutil.rmtree(self.root / path, ignore_errors=True)
        for path in ("srv", "etc/systemd/system", "usr/local/sbin"):
            (self.root / path).mkdir(parents=True, exist_ok=True)
        shutil.copytree(tree / "nodes" / node, self.root / "bundle")
        for name, text in (("systemctl", SYSTEMCTL), ("udevadm", UDEVADM), ("sleep", SLEEP)):
            self.program(name, text)
        for kind, path in (("proc", "proc"), ("sysfs", "sys"), ("tmpfs", "run"), ("tmpfs", "dev")):
            run("mount", "-t", kind, kind, self.root / path)
        for name in ("null", "zero", "urandom"):
            os.mknod(self.root / "dev" / name, 0o20666, os.stat(f"/dev/{name}").st_rdev)
        (self.root / "dev/fd").symlink_to("/proc/self/fd")
        (self.root / "run/uptime").write_text("1000.00 0.00\n")
        run("mount", "--bind", self.root / "run/uptime", self.root / "proc/uptime")

    def program(self, name, text):
        path = self.root / "usr/local/sbin" / name
        path.write_text(text)
        path.chmod(0o755)

    def disk(self, link, made_by=None, size=SIZE):
        """A disk, connected under this name; `made_by` is a command that gets the device at its end."""
        image = self.place / f"{len(self.loops)}.disk"
        with open(image, "wb") as file:
            file.truncate(size)
        loop = run("losetup", "--find", "--show", image).strip()
        self.loops[link] = loop
        if made_by:
            run(*made_by, loop)
        self.connect(link, loop)
        return loop

    def connect(self, link, loop):
        device = self.root / loop.lstrip("/")
        if not device.exists():
            os.mknod(device, 0o60660, os.stat(loop).st_rdev)
        path = self.root / link.lstrip("/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.symlink_to(loop)

    def type(self, line):
        """What a person, or the step, types: (status, output)."""
        done = subprocess.run(["chroot", self.root, "bash", "-c", line], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True, check=False, env={"PATH": "/usr/local/sbin:/usr/sbin:/usr/bin:/sbin:/bin"})
        return done.returncode, done.stdout

    def step(self, words=""):
        return self.type(f"{words} bash /bundle/steps/42-disks.sh")

    def works(self, words=""):
        status, output = self.step(words)
        assert status == 0, f"the step works: {output}"
        return output

    def refuses(self, *words):
        """The step stops with these words, and neither the disks nor the machine have changed by a byte."""
        before = self.bytes()
        status, output = self.step()
        assert status != 0, f"the step refuses: {output}"
        for word in words:
            assert word in output, f"{word!r} is said: {output}"
        assert self.bytes() == before, f"nothing has changed: {output}"
        units = list((self.root / "etc/systemd/system").glob("*.mount"))
        assert not units, f"no unit is left: {units}"
        return output

    def bytes(self):
        found = {}
        for link, loop in self.loops.items():
            with open(loop, "rb") as disk:
                found[link] = hashlib.file_digest(disk, "sha256").hexdigest()
        return found

    def inside(self, path):
        return self.root / path.lstrip("/")

    def remove(self):
        subprocess.run(f"grep -o ' {self.place}/[^ ]*' /proc/self/mountinfo | sort -r | xargs -r umount --lazy", shell=True, check=False)
        for loop in self.loops.values():
            subprocess.run(["losetup", "--detach", loop], check=False)


@contextlib.contextmanager
def machine(tree, node="cp"):
    place = pathlib.Path(tempfile.mkdtemp(prefix="disks-", dir=tree.parent))
    one = Machine(place, tree, node)
    try:
        yield one
    finally:
        one.remove()


ETCD, INNER, DATA = (f"/dev/disk/by-id/{name}" for name in ("etcd", "inner", "data"))
IMAGES = "/dev/disk/by-path/pci-0000:01:00.0-nvme-1"


def formatted_once(tree):
    with machine(tree) as one:
        loop = one.disk(ETCD)
        before = one.bytes()
        assert "would" in one.works("PIKC_DRY_RUN=1") and one.bytes() == before, "a dry run changes nothing"
        assert not one.inside("/etc/systemd/system/var-lib-etcd.mount").exists(), "a dry run places nothing"
        output = one.works()
        assert "changed" in output and "/var/lib/etcd is on" in output, output
        assert not list(one.inside("/var/lib/etcd").iterdir()), "kubeadm finds an empty folder"
        assert one.inside("/var/lib/etcd").stat().st_mode & 0o777 == 0o700, "that only root can read"
        uuid = run("blkid", "--probe", "--match-tag", "UUID", "--output", "value", loop).strip()
        unit = one.inside("/etc/systemd/system/var-lib-etcd.mount").read_text()
        assert f"What=/dev/disk/by-uuid/{uuid}\n" in unit and "Type=ext4\n" in unit, unit
        assert one.inside("/etc/systemd/system/local-fs.target.wants/var-lib-etcd.mount").is_symlink(), "it is mounted at each boot"
        drop_in = one.inside("/etc/systemd/system/kubelet.service.d/20-pikc-disks.conf").read_text()
        assert "RequiresMountsFor=/var/lib/etcd\n" in drop_in, drop_in
        again = one.works()
        assert not re.search(r"^  (changed|would)", again, re.M), f"a second run changes nothing: {again}"
        one.inside("/var/lib/etcd/member").write_text("etcd's data\n")
        status, output = one.type("umount /var/lib/etcd")
        assert status == 0, output
        one.works()
        assert one.inside("/var/lib/etcd/member").read_text() == "etcd's data\n", "after a boot the data is there"
        assert uuid == run("blkid", "--probe", "--match-tag", "UUID", "--output", "value", loop).strip(), "it was formatted once"


def what_is_refused(tree):
    for what, made_by, said in (("xfs", ["mkfs.xfs", "-q"], "it has xfs"), ("a partition table", [sys.executable, "-c", TABLE], "it has dos"),
                                ("swap", ["mkswap"], "it has swap")):
        with machine(tree) as one:
            one.disk(ETCD, made_by)
            one.refuses("disk etcd: ", said, "sudo wipefs --all /dev/loop")
        print(f"  refused: {what}")
    with machine(tree) as one:
        output = one.refuses(f"disk etcd: there is no {ETCD}", "correct `device` in the spec")
        assert "FAILED" in output, output
    with machine(tree) as one:
        one.inside(ETCD).parent.mkdir(parents=True)
        one.inside(ETCD).write_text("")
        one.refuses("is not a disk but regular empty file")
    with machine(tree) as one:
        one.disk(ETCD)
        one.inside("/var/lib/etcd/member").mkdir(parents=True)
        one.refuses("/var/lib/etcd is not empty, and the disk would hide what is in it (member ...)")
    with machine(tree) as one:
        loop = one.disk(ETCD, ["mkfs.ext4", "-q"])
        one.type(f"mkdir /srv/else && mount -o ro {loop} /srv/else")
        one.refuses("is in use (/srv/else)")
    with machine(tree) as one:
        one.disk(ETCD)
        other = one.disk("/dev/disk/by-id/other", ["mkfs.ext4", "-q"])
        one.type(f"mkdir -p /var/lib/etcd && mount -o ro {other} /var/lib/etcd")
        one.refuses(f"{other} is mounted at /var/lib/etcd")
    with machine(tree, "w") as one:
        one.disk(IMAGES)
        one.disk(INNER)
        one.disk(DATA)
        one.refuses("disk data: there is nothing on", "`format = never`", "sudo mkfs.ext4 /dev/loop")
    print("  refused: no disk, no device, a folder with data, a disk in use, a folder in use, nothing to mount")


def the_system_is_not_data(tree):
    """The root file system on the disk that the spec names."""
    with machine(tree) as one:
        loop = one.disk(ETCD, ["mkfs.ext4", "-q"])
        system = one.place / "system"
        system.mkdir()
        run("mount", loop, system)
        for name in ("usr", "etc", "bundle", "proc", "dev", "run", "var", "sys"):
            (system / name).mkdir()
            run("mount", "--rbind", one.root / name, system / name)
        for name in ("bin", "sbin", "lib", "lib64"):
            (system / name).symlink_to(f"usr/{name}")
        one.root = system
        status, output = one.step()
        assert status != 0 and "the system itself is on" in output, output
        assert not list(one.inside("/etc/systemd/system").glob("*.mount")), output


def a_copy_is_refused(tree):
    with machine(tree) as one:
        loop = one.disk(ETCD, ["mkfs.ext4", "-q"])
        uuid = run("blkid", "--probe", "--match-tag", "UUID", "--output", "value", loop).strip()
        other = one.disk("/dev/disk/by-id/other", ["mkfs.ext4", "-q", "-U", uuid])
        # The stand-in for udev links the last one.
        first, last = sorted((loop, other), key=lambda path: int(path.removeprefix("/dev/loop")))
        if last == loop:
            one.inside(ETCD).unlink()
            one.connect(ETCD, first)
        one.refuses("has the same UUID as")


def below_each_other(tree):
    with machine(tree, "w") as one:
        one.disk(IMAGES)
        one.disk(INNER)
        one.disk(DATA, ["mkfs.ext4", "-q"])
        one.works()
        for path, kind in (("/srv/my-data", "ext4"), ("/srv/my-data/inner", "ext4"), ("/var/lib/containerd", "xfs")):
            _, found = one.type(f"findmnt --noheadings --output FSTYPE --mountpoint {path}")
            assert found.strip() == kind, f"{path} is on {found}"
        units = one.inside("/etc/systemd/system")
        assert (units / r"srv-my\x2ddata.mount").exists(), "a dash in a path is escaped"
        assert (units / r"srv-my\x2ddata-inner.mount").exists()
        assert "RequiresMountsFor=/var/lib/containerd\n" in (units / "containerd.service.d/20-pikc-disks.conf").read_text()
        again = one.works()
        assert not re.search(r"^  (changed|would)", again, re.M), f"a second run changes nothing: {again}"
        verified = one.type(r"SYSTEMD_LOG_LEVEL=warning systemd-analyze verify --man=no '/etc/systemd/system/srv-my\x2ddata-inner.mount'")[1]
        assert "srv-my" not in verified, f"systemd reads the unit: {verified}"
        # No longer wanted: kept while the machine is a node, taken away by a reset, the data untouched.
        one.inside("/srv/my-data/kept").write_text("kept\n")
        tidy = ". /bundle/lib.sh; mkdir -p /run/pikc; : >/run/pikc/wanted; tidy"
        one.inside("/var/lib/pikc/kubeadm").write_text("finished\n")
        assert "but this machine is a node" in one.type(tidy)[1] and (units / r"srv-my\x2ddata.mount").exists(), "kept"
        one.inside("/var/lib/pikc/kubeadm").unlink()
        status, output = one.type(tidy)
        assert status == 0 and "what is on the disk of" in output, output
        assert not list(units.glob("*.mount")) and not list(units.glob("*/*.mount")), "the units are gone"
        assert not list(units.glob("*/20-pikc-disks.conf")), "and so is what needed them"
        assert one.inside("/srv/my-data/kept").read_text() == "kept\n", "the data is not"


def cut_short(tree):
    with machine(tree) as one:
        loop = one.disk(ETCD)
        one.program("mkfs.ext4", CUT)
        status, output = one.step()
        assert status != 0, output
        one.inside("/usr/local/sbin/mkfs.ext4").unlink()
        half = run("blkid", "--probe", "--match-tag", "UUID", "--output", "value", loop).strip()
        output = one.works()
        assert "cut short" in output, output
        assert half != run("blkid", "--probe", "--match-tag", "UUID", "--output", "value", loop).strip(), "it was made again"
    with machine(tree) as one:
        one.disk(ETCD, ["mkfs.ext4", "-q"])
        one.inside("/var/lib/pikc").mkdir(parents=True)
        one.inside("/var/lib/pikc/disk-etcd").write_text("0b33b5b5-8f4c-4c3c-9d50-0d2f2f6a4a11\n")
        kept = one.bytes()
        one.works("PIKC_DRY_RUN=1")
        assert one.bytes() == kept and "cut short" not in one.works(), "another disk than the one that was half made is not emptied"


def main(pikc):
    if os.geteuid() != 0:
        os.execvp("sudo", ["sudo", sys.executable, __file__, pikc])
    if "inside" not in sys.argv:
        os.execvp("unshare", ["unshare", "--mount", "--propagation", "private", sys.executable, __file__, pikc, "inside"])
    if subprocess.run(["losetup", "--find"], capture_output=True, check=False).returncode != 0:
        print("NOT SHOWN: this machine has no loop devices, so no disk was mounted")
        return
    work = pathlib.Path(tempfile.mkdtemp(prefix="pikc-disks-"))
    try:
        run("mount", "-t", "tmpfs", "tmpfs", work)
        tree = work / "out"
        run(pathlib.Path(pikc).resolve(), "compile", SPEC, "-o", tree)
        for check in (formatted_once, what_is_refused, the_system_is_not_data, a_copy_is_refused, below_each_other, cut_short):
            check(tree)
            print(f"ok {check.__name__.replace('_', ' ')}")
    finally:
        subprocess.run(["umount", "--lazy", work], check=False)
        work.rmdir()
    print("disks: as the spec says, or refused without a byte changed")


if __name__ == "__main__":
    main(sys.argv[1])
