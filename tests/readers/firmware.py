"""Settings of a Raspberry Pi's firmware on a machine: steps 21 and 44 run twice, after a reboot, with other settings and without any, with
`config.txt` on a boot partition of its own and a stand-in for rpi-eeprom-config, which hands a new configuration over at a reboot.

usage: firmware.py PIKC"""

import os
import pathlib
import subprocess
import sys
import tempfile

SPEC = """cluster pis {
  kubernetes = 1.36
  network { lan = 192.168.20.0/24, gateway = 192.168.20.1, dns = [192.168.20.1] }
  runtime containerd { source = upstream }
  cni flannel {}
}
node pi {
  role    = control-plane
  os      = raspios-trixie
  board   = pi-5-8g
  boot    = nvme
  address = 192.168.20.11
  user ops { ssh-keys = ["ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAswVXqfxOkOM1h9osfsETZbgKXK7xQ5XoOozfIXPGGG ops@laptop"] }
  interface eth0 {}
  FIRMWARE
}
"""
IMAGES = "arm_64bit=1\n[cm5]\ndtoverlay=dwc2\n"
EEPROM = "[all]\nBOOT_UART=1\nBOOT_ORDER=0xf461\nNET_INSTALL_AT_POWER_ON=1\n"
TOOL = """#!/bin/sh
case ${1:-} in
  '') cat "$EEPROM/now" ;;
  --apply) cp "$2" "$EEPROM/next" ;;
  *) exit 2 ;;
esac
"""
PAGES = '#!/bin/sh\ncat "$EEPROM/pages"\n'


def step(tree, name, environment, status=0):
    """What a step prints."""
    done = subprocess.run(["bash", tree / "nodes/pi/steps" / name], env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == status, (name, done.returncode, done.stdout, done.stderr)
    return done.stdout + done.stderr


def tidy(tree, environment, wanted):
    """As a full run ends: what it did not want is removed."""
    script = 'trap - EXIT ERR; . "$1"/lib.sh; run=/run/pikc; tidy'
    pathlib.Path("/run/pikc/wanted").write_text("".join(f"{line}\n" for line in wanted))
    done = subprocess.run(["bash", "-c", script, "bash", tree / "nodes/pi"], env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, (done.stdout, done.stderr)
    return done.stdout


def reboot(eeprom):
    """/run is empty, and the EEPROM has what was handed over."""
    subprocess.run(["bash", "-c", "rm -rf /run/pikc/*"], check=True)
    if (eeprom / "next").exists():
        (eeprom / "next").replace(eeprom / "now")


def inside(folder):
    for place in ("/boot", "/var/lib", "/run"):
        subprocess.run(["mount", "-t", "tmpfs", "-o", "mode=0755", "tmpfs", place], check=True)
    boot, eeprom = pathlib.Path("/boot/firmware"), folder / "eeprom"
    for path in (boot / "overlays", pathlib.Path("/run/pikc")):
        path.mkdir(parents=True)
    config = boot / "config.txt"
    config.write_text(IMAGES)
    (boot / "overlays/disable-bt.dtbo").write_text("")
    (eeprom / "now").write_text(EEPROM)
    (eeprom / "pages").write_text("16384\n")
    environment = {"PATH": f"{folder / 'bin'}:{os.environ['PATH']}", "EEPROM": str(eeprom)}
    one, other, missing = (folder / name for name in ("one", "other", "missing"))

    # The first run: the block, a copy of what was there, a reboot; the kernel is not checked before that.
    dry = step(one, "21-firmware.sh", {**environment, "PIKC_DRY_RUN": "1"})
    assert "would" in dry and config.read_text() == IMAGES, dry
    said = step(one, "21-firmware.sh", environment)
    assert "changed" in said and "reboot" in said, said
    text = config.read_text()
    assert text.startswith(IMAGES) and text.count("# BEGIN pikc firmware ") == 1, text
    assert "\n[all]\nkernel=kernel8.img\ndtoverlay=disable-bt\n# END pikc firmware\n" in text, text
    assert (boot / "config.txt.before-pikc").read_text() == IMAGES
    # A kernel that is still the other one after the reboot is a failure; with the right one nothing changes any more.
    reboot(eeprom)
    assert "after a reboot" in step(one, "21-firmware.sh", environment, status=9)
    (eeprom / "pages").write_text("4096\n")
    said = step(one, "21-firmware.sh", environment)
    assert "changed" not in said and "4096" in said and config.read_text() == text, said

    # The order in the EEPROM keeps the other settings there, and is written by a reboot, once.
    said = step(one, "44-boot-order.sh", environment)
    assert "changed" in said and "reboot" in said, said
    assert (eeprom / "next").read_text() == EEPROM.replace("0xf461", "0xf146")
    assert "changed" not in step(one, "44-boot-order.sh", environment)
    reboot(eeprom)
    said = step(one, "44-boot-order.sh", environment)
    assert "changed" not in said and "reboot" not in said, said
    assert (eeprom / "now").read_text() == EEPROM.replace("0xf461", "0xf146")
    # A board that does not take it over is named, instead of a reboot that never ends.
    (eeprom / "now").write_text(EEPROM)
    step(one, "44-boot-order.sh", environment)
    (eeprom / "next").unlink()
    reboot(eeprom)
    assert "rpi-eeprom-update" in step(one, "44-boot-order.sh", environment, status=9)
    pathlib.Path("/var/lib/pikc/boot-order-tried").unlink()
    (eeprom / "now").write_text(EEPROM.replace("0xf461", "0xf146"))

    # Another setting replaces the block; an overlay that is not there stops the step.
    step(other, "21-firmware.sh", environment)
    assert "kernel=" not in config.read_text() and config.read_text().count("# BEGIN pikc firmware ") == 1
    assert "there is no overlay no-such" in step(missing, "21-firmware.sh", environment, status=9)
    # Nothing of it is wanted any more: the file is the image's again, and the EEPROM has its own order.
    said = tidy(other, environment, [])
    assert config.read_text() == IMAGES and "next boot" in said, said
    assert (eeprom / "next").read_text() == EEPROM, (eeprom / "next").read_text()
    reboot(eeprom)
    assert "changed" not in tidy(other, environment, [])
    print("firmware: config.txt and the EEPROM as the spec has them, and as they were before")


def main():
    pikc = pathlib.Path(sys.argv[1]).resolve()
    if len(sys.argv) > 2:
        inside(pathlib.Path(sys.argv[2]))
        return
    with tempfile.TemporaryDirectory() as temporary:
        folder = pathlib.Path(temporary)
        for name, firmware in (
            ("one", "firmware { kernel = 4k, overlays = [disable-bt], boot-order = [nvme, usb, sd] }"),
            ("other", "firmware { overlays = [disable-bt] }"),
            ("missing", "firmware { overlays = [no-such] }"),
        ):
            (folder / "cluster.pik").write_text(SPEC.replace("FIRMWARE", firmware))
            subprocess.run([pikc, "compile", folder / "cluster.pik", "-o", folder / name], check=True, capture_output=True)
        (folder / "eeprom").mkdir()
        (folder / "bin").mkdir()
        for name, text in (("rpi-eeprom-config", TOOL), ("getconf", PAGES)):
            (folder / "bin" / name).write_text(text)
            (folder / "bin" / name).chmod(0o755)
        before = ["unshare", "--mount"] + ([] if os.geteuid() == 0 else ["--map-root-user"])
        subprocess.run([*before, sys.executable, __file__, pikc, folder], check=True)


if __name__ == "__main__":
    main()
