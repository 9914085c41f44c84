//! Firmware and boot media of Raspberry Pis: the block of config.txt, the steps, and what the runbook says.

use super::excerpt::excerpt;
use crate::support::bless::same;

#[test]
fn firmware_and_boot_media_are_as_they_were_read() {
    let out = excerpt("firmware", &[], |path| {
        let shown = [
            "README.md",
            "/node.conf",
            "fragments/config.txt",
            "steps/21-firmware.sh",
            "steps/44-boot-order.sh",
            "steps/10-preflight.sh",
            "steps/35-packages.sh",
        ];
        shown.iter().any(|part| path.ends_with(part))
    });
    same("tests/golden/firmware/firmware.txt", &out);
}
