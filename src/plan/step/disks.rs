//! Data disks, before anything is written to them.

use super::{ClassView, Step};
use crate::model::{Disk, NodeSettings};
use crate::origin::Origin;

/// What `mkfs.xfs` and `xfs_repair` are in, on every system of the library; the tools of ext4 are in their images.
const XFS: &str = "xfsprogs";

pub(super) fn plan(class: &ClassView<'_>) -> Option<Step> {
    let mounts = class.settings.mounts();
    if mounts.is_empty() {
        return None;
    }
    let runtime = class.model.facts.runtime.as_ref()?;
    let mut step = Step::new("42-disks").set(
        "service",
        runtime.service.value.clone(),
        [runtime.service.origin.clone()],
    );
    for (disk, mount) in mounts {
        let head = [disk.name.origin.clone(), mount.origin.clone()];
        step = step.asked(format!("disk {}", disk.name.value), head);
    }
    Some(step)
}

/// The packages that the file systems need, and why.
pub(super) fn packages(settings: &NodeSettings) -> Option<(&'static str, Vec<Origin>)> {
    let xfs = |disk: &Disk| {
        let filesystem = disk.filesystem.as_ref()?;
        (filesystem.value == "xfs").then(|| filesystem.origin.clone())
    };
    let why: Vec<Origin> = settings.disks.iter().filter_map(xfs).collect();
    (!why.is_empty()).then_some((XFS, why))
}
