//! A machine's data disks: what the step that mounts them reads, and what keeps the node from starting without them.
//!
//! The mount unit lacks `What=` here, because the UUID of a file system is known only on the machine, once there is one; the step
//! adds it, along with the check of that file system.

use super::file::Placing;
use crate::file_format::node_values::NodeValues;
use crate::file_format::systemd::Systemd;
use crate::file_format::{Writer, one_line};
use crate::model::{Disk, Model, Node, NodeSettings};
use crate::origin::{Origin, Sourced};

/// The drop-ins' name. One that others write sorts after it, and can add to it.
const DROP_IN: &str = "20-pikc-disks.conf";

/// A line of `node.conf` for each disk, in the order in which they are mounted.
pub(super) fn values(settings: &NodeSettings, values: &mut Writer<NodeValues>) {
    for (disk, mount) in settings.mounts() {
        let (Some(device), Some(filesystem)) = (&disk.device, &disk.filesystem) else {
            continue;
        };
        let format = if disk.may_format() {
            "if-empty"
        } else {
            "never"
        };
        values.disk(
            &disk.name.value,
            &device.value,
            &mount.value,
            (&filesystem.value, format),
            origins(disk),
        );
    }
}

/// Where a disk's settings are.
pub(super) fn origins(disk: &Disk) -> Vec<Origin> {
    let texts = [&disk.device, &disk.filesystem, &disk.mount, &disk.format];
    let texts = texts.into_iter().flatten();
    std::iter::once(&disk.name)
        .chain(texts)
        .map(|text| text.origin.clone())
        .collect()
}

/// The files of a machine with disks.
pub(super) fn files(model: &Model, node: &Node, spec: &str) -> Vec<Placing> {
    let mounts = node.settings.mounts();
    let mut files: Vec<Placing> = mounts
        .iter()
        .map(|(disk, mount)| unit(disk, mount, spec))
        .collect();
    if mounts.is_empty() {
        return files;
    }
    let all: Vec<&Sourced<String>> = mounts.iter().map(|(_, mount)| *mount).collect();
    files.push(needs(
        "kubelet.service",
        "The kubelet does not start without the disks of this machine: etcd and pods would write to the disk below them.",
        &all,
        spec,
    ));
    if let Some(runtime) = &model.facts.runtime {
        let folder = &runtime.data_folder.value;
        let own = |mount: &&&Sourced<String>| related(&mount.value, folder);
        let own: Vec<&Sourced<String>> = all.iter().filter(own).copied().collect();
        if !own.is_empty() {
            let why = "Images and containers are on a disk of this machine: the runtime does not start without it.";
            files.push(needs(&runtime.service.value, why, &own, spec));
        }
    }
    files
}

/// Whether one folder is in the other.
pub(super) fn related(one: &str, other: &str) -> bool {
    let (one, other) = (camino::Utf8Path::new(one), camino::Utf8Path::new(other));
    one.starts_with(other) || other.starts_with(one)
}

fn unit(disk: &Disk, mount: &Sourced<String>, spec: &str) -> Placing {
    let name = &disk.name.value;
    let mut file = Writer::<Systemd>::headed(&format!("Mounts the disk {}.", one_line(name)), spec);
    file.fixed("[Unit]");
    file.fixed("Description=a data disk");
    file.fixed("[Mount]");
    file.folder("Where", &mount.value, [mount.origin.clone()]);
    if let Some(filesystem) = &disk.filesystem {
        file.filesystem("Type", &filesystem.value, [filesystem.origin.clone()]);
    }
    for line in [
        "# nofail: with a dead disk the machine still boots, and can be reached by SSH. What needs the disk says so itself, and waits",
        "# or stays off (20-pikc-disks.conf of the kubelet and of the runtime). noatime: reading a file is no reason to write.",
        "Options=noatime,nofail",
        "[Install]",
        "WantedBy=local-fs.target",
    ] {
        file.fixed(line);
    }
    Placing::fragment(&format!("disk-{name}.mount"), file.finish()).because(origins(disk))
}

fn needs(service: &str, why: &str, mounts: &[&Sourced<String>], spec: &str) -> Placing {
    let mut file = Writer::<Systemd>::headed(why, spec);
    file.fixed("[Unit]");
    for mount in mounts {
        file.folder("RequiresMountsFor", &mount.value, [mount.origin.clone()]);
    }
    Placing::whole(&format!("/etc/systemd/system/{service}.d/{DROP_IN}"), file)
}
