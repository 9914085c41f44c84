//! Data disks: what the step gets, the units, what keeps the node from starting without them, and what the runbook says.

use super::excerpt::excerpt;
use crate::support::bless::same;

#[test]
fn disks_are_as_they_were_read() {
    let out = excerpt("disks", &[], |path| {
        let shown = [
            "README.md",
            "/node.conf",
            "steps/42-disks.sh",
            "steps/10-preflight.sh",
            "steps/35-packages.sh",
        ];
        shown.iter().any(|part| path.ends_with(part)) || path.contains("disk")
    });
    same("tests/golden/disks/disks.txt", &out);
}
