//! The data disks of a machine, and which of them a folder is on.

use camino::Utf8Path;

use super::machine::NodeSettings;
use crate::origin::Sourced;
use crate::source::Span;

/// A `disk` block.
#[derive(Clone, Debug)]
pub struct Disk {
    /// The head of the block.
    pub head: Span,
    /// Its name.
    pub name: Sourced<String>,
    /// The device.
    pub device: Option<Sourced<String>>,
    /// `ext4` or `xfs`.
    pub filesystem: Option<Sourced<String>>,
    /// The folder that is on it.
    pub mount: Option<Sourced<String>>,
    /// `never` or `if-empty`.
    pub format: Option<Sourced<String>>,
}

impl Disk {
    /// Whether a file system is made on it if it is empty.
    pub fn may_format(&self) -> bool {
        let format = self.format.as_ref();
        format.is_some_and(|format| format.value == "if-empty")
    }
}

impl NodeSettings {
    /// The disks that are complete, in the order in which they are mounted: one below another disk's folder comes after it.
    pub fn mounts(&self) -> Vec<(&Disk, &Sourced<String>)> {
        let whole = |disk: &'_ Disk| disk.device.is_some() && disk.filesystem.is_some();
        let mut all: Vec<_> = self
            .disks
            .iter()
            .filter(|disk| whole(disk))
            .filter_map(|disk| Some((disk, disk.mount.as_ref()?)))
            .collect();
        all.sort_by(|a, b| a.1.value.split('/').cmp(b.1.value.split('/')));
        all
    }

    /// The disk that a folder is on; none if that is the one with the system.
    pub fn disk_of(&self, folder: &str) -> Option<(&Disk, &Sourced<String>)> {
        let inside = |mount: &str| Utf8Path::new(folder).starts_with(mount);
        let mut mounts = self.mounts().into_iter().rev();
        mounts.find(|(_, mount)| inside(&mount.value))
    }
}
