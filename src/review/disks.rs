//! The data disks: whoever approves the output approves what may be formatted, too.

use serde::Serialize;

use super::names;
use crate::Analysis;
use crate::model::Disk;
use crate::origin::Sourced;

/// A data disk.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct DataDisk {
    /// Its name in the spec.
    pub name: String,
    /// The device.
    pub device: String,
    /// The folder that is on it.
    pub mount: String,
    /// `ext4` or `xfs`
    pub filesystem: String,
    /// Whether a file system is made on it if there is nothing on it.
    pub formatted_if_empty: bool,
    /// The machines, runs of names shortened.
    pub nodes: String,
}

/// The data disks of all machines.
pub(super) fn disks(analysis: &Analysis) -> Vec<DataDisk> {
    let mut found: Vec<(DataDisk, Vec<&str>)> = Vec::new();
    for node in analysis.model.iter().flat_map(|model| &model.nodes) {
        for (disk, mount) in node.settings.mounts() {
            let one = data_disk(disk, &mount.value);
            let name = node.name.value.as_str();
            match found.iter_mut().find(|(known, _)| *known == one) {
                Some((_, nodes)) => nodes.push(name),
                None => found.push((one, vec![name])),
            }
        }
    }
    let disks = found.into_iter().map(|(mut disk, nodes)| {
        disk.nodes = names::runs(nodes);
        disk
    });
    disks.collect()
}

fn data_disk(disk: &Disk, mount: &str) -> DataDisk {
    let text = |text: &Option<Sourced<String>>| {
        let text = text.as_ref().map(|text| text.value.clone());
        text.unwrap_or_default()
    };
    DataDisk {
        name: disk.name.value.clone(),
        device: text(&disk.device),
        mount: mount.to_owned(),
        filesystem: text(&disk.filesystem),
        formatted_if_empty: disk.may_format(),
        nodes: String::new(),
    }
}
