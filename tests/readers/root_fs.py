"""Step 22 on a root file system that is not on a partition, and on one with xfs, as an installer makes both. The commands that read and change disks are
stand-ins, and what the kernel says about block devices is made here, in a mount namespace; a device that is there stands for the root's.

usage: root_fs.py PIKC"""

import pathlib
import shutil
import subprocess
import sys
import tempfile
import types

from dnf import Machine, compiled, overlays, run

# A disk whose last partition has the root file system, xfs: sizes in sectors, and what grows them.
ROOT_STUBS = {
    "findmnt": 'case $* in *FSTYPE*) echo xfs ;; *) cat "$PIKC_MODE.root" ;; esac',
    "lsblk": "echo pikcdisk",
    "sfdisk": "cat >/dev/null; echo 8386560 >/sys/class/block/NAME/size",
    "partx": "exit 0",
    "xfs_info": "printf 'meta-data=/dev/x  isize=512  blks\\ndata     =   bsize=4096   blocks=%s, imaxpct=25\\nlog      =internal  bsize=4096   blocks=16384\\n' \"$(cat \"$PIKC_MODE.blocks\")\"",
    "xfs_growfs": '[ "$1" = / ] && echo $(($(cat /sys/class/block/NAME/size) / 8)) >"$PIKC_MODE.blocks"',
}


def inside(folder):
    overlays(folder / "overlays")
    compiled(folder, folder / "bundle", fingerprint="A" * 40, os="almalinux-10", runtime="crio", source="")
    devices = [path.name for path in sorted(pathlib.Path("/sys/class/block").iterdir()) if (pathlib.Path("/dev") / path.name).is_block_device()]
    if not devices:
        print("root_fs: no block device here, so step 22 has not run")
        return
    name, stubs = devices[0], folder / "stubs"
    stubs.mkdir()
    for program, text in ROOT_STUBS.items():
        (stubs / program).write_text(f"#!/bin/bash\n{text.replace('NAME', name)}\n")
        (stubs / program).chmod(0o755)
    machine = Machine(folder / "bundle", types.SimpleNamespace(home=folder), stubs)
    blocks = pathlib.Path("/sys/class/block")
    run("mount", "-t", "tmpfs", "tmpfs", blocks)
    (blocks / "pikcdisk" / "pikcdisk1").mkdir(parents=True)
    (blocks / name).mkdir()
    # As /dev/mapper has it: a link to the volume, below which is a partition (lsblk says so).
    (folder / "rl-root").symlink_to(f"/dev/{name}")
    (stubs / "mode.root").write_text(f"{folder}/rl-root\n")
    said = machine.step("root-fs")
    assert "rl-root) is not on a partition: nothing to grow" in said, said

    (stubs / "mode.root").write_text(f"/dev/{name}\n")
    for path, text in (("pikcdisk/size", "8388608"), ("pikcdisk/pikcdisk1/start", "2048"), (f"{name}/partition", "1"), (f"{name}/start", "2048"), (f"{name}/size", "4194304")):
        (blocks / path).write_text(text + "\n")
    (stubs / "mode.blocks").write_text("524288\n")
    said = machine.step("root-fs")
    assert "changed  partition 1 fills /dev/pikcdisk" in said and "changed  the file system fills its partition" in said, said
    assert (stubs / "mode.blocks").read_text() == "1048320\n", said
    machine.settled("root-fs")


def main(pikc):
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        (folder / "overlays").mkdir()
        shutil.copy(pikc, folder / "pikc")
        done = subprocess.run(["unshare", "--map-root-user", "--net", "--mount", sys.executable, __file__, "--inside", folder], check=False)
        if done.returncode != 0:
            sys.exit(done.returncode)
    print("root_fs: a logical volume is left alone, and xfs fills its partition")


if __name__ == "__main__":
    if sys.argv[1] == "--inside":
        inside(pathlib.Path(sys.argv[2]))
    else:
        main(pathlib.Path(sys.argv[1]).resolve())
