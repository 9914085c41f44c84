//! Data disks: what they are for, and whether each machine has its own.

use std::collections::BTreeMap;

use crate::check::support::findings::{Findings, names};
use crate::check::support::offers::text_instead;
use crate::declare;
use crate::diagnostic::{Descriptor, Diagnostic};
use crate::model::{Disk, Model, Node, NodeSettings, Role};
use crate::origin::Sourced;
use crate::source::Span;

declare! {
    /// A disk on a folder that nothing on the machine uses stays empty: etcd's folder on a worker, or where etcd runs elsewhere; the
    /// folder of a runtime that the cluster does not have. containerd keeps its images in `/var/lib/containerd`, CRI-O in
    /// `/var/lib/containers`; the names are easily confused, and the images then fill the disk with the system.
    ///
    /// ```pik fails
    /// disk images { device = "/dev/disk/by-id/nvme-eui.0025385b21404321", mount = "/var/lib/containerd" }
    /// ```
    ///
    /// ```pik
    /// disk images { device = "/dev/disk/by-id/nvme-eui.0025385b21404321", mount = "/var/lib/containers" }
    /// ```
    pub static NO_EFFECT = {
        code: "disk/no-effect",
        since: "0.1.0",
        severity: Warning,
        title: "a disk for something that the machine does not have",
        help: "name the folder that is used, or delete the disk",
        sources: ["containerd/containerd: docs/ops.md (root)", "containers/storage: docs/containers-storage.conf.5.md (graphroot)"],
    }

    /// A name below `/dev/disk/by-id` has the serial number of one disk in it, so no two machines have a disk of that name. On all but one
    /// of them the step waits for a minute and stops, before the runtime and the kubelet are there.
    ///
    /// `/dev/disk/by-path` names the slot: machines that are built alike have the same names there. Names that a hypervisor gives
    /// (`virtio-…`, `google-…`, `scsi-0QEMU_…`) can be the same on several machines, too.
    ///
    /// ```pik fails
    /// profile pi {
    ///   disk data { device = "/dev/disk/by-id/nvme-eui.0025385b21404321", mount = "/srv/data" }
    /// }
    /// ```
    ///
    /// ```pik
    /// profile pi {
    ///   disk data { device = "/dev/disk/by-path/pci-0000:01:00.0-nvme-1", mount = "/srv/data" }
    /// }
    /// ```
    pub static SERIAL = {
        code: "disk/serial-number",
        since: "0.1.0",
        severity: Warning,
        title: "one disk in several machines",
        help: "name the slot (/dev/disk/by-path), or write `disk NAME { device = ... }` in each node",
        no_edit: "the name of each machine's disk is known only on the machine",
        sources: ["systemd: rules.d/60-persistent-storage.rules (ID_SERIAL)"],
    }

    /// A snapshot on the disk that etcd's data is on helps against mistakes of people, and is lost together with the data when that disk
    /// fails.
    ///
    /// ```pik fails
    /// etcd { data-dir = "/srv/etcd/data", snapshots { to = "/srv/etcd/snapshots" } }
    /// node node01 {
    ///   profile = pi
    ///   role    = control-plane
    ///   board   = pi-4b-2g
    ///   address = 192.168.11.201
    ///   interface eth0 { cluster = on }
    ///   disk etcd { device = "/dev/disk/by-id/nvme-eui.0025385b21404321", mount = "/srv/etcd" }
    /// }
    /// ```
    ///
    /// ```pik
    /// etcd { data-dir = "/srv/etcd/data", snapshots { to = "/var/backups/etcd" } }
    /// node node01 {
    ///   profile = pi
    ///   role    = control-plane
    ///   board   = pi-4b-2g
    ///   address = 192.168.11.201
    ///   interface eth0 { cluster = on }
    ///   disk etcd { device = "/dev/disk/by-id/nvme-eui.0025385b21404321", mount = "/srv/etcd" }
    /// }
    /// ```
    pub static SNAPSHOTS = {
        code: "disk/snapshots-with-etcd",
        since: "0.1.0",
        severity: Note,
        title: "snapshots on the disk with etcd's data",
        help: "write `to = \"/var/backups/etcd\"`: the disk with the system, or one that is mounted there",
        sources: ["docs/backup.md"],
    }
}

pub(in crate::check) static CODES: &[&Descriptor] = &[&NO_EFFECT, &SERIAL, &SNAPSHOTS];

/// How names below /dev/disk/by-id begin that are not made from a serial number: they name a volume, or what a hypervisor says.
const GIVEN: &[&str] = &["virtio-", "google-", "scsi-0QEMU_", "dm-name-", "md-name-"];

pub(in crate::check) fn check(model: &Model, out: &mut Findings<'_>) {
    out.each(|settings| {
        let disks = settings.disks.iter();
        disks
            .filter_map(|disk| no_effect(model, settings, disk))
            .collect()
    });
    serial(model, out);
    out.blocks(|settings, _| snapshots(model, settings));
}

fn no_effect(model: &Model, settings: &NodeSettings, disk: &Disk) -> Option<Diagnostic> {
    let mount = disk.mount.as_ref()?;
    let finding = |message: String, role: &str| {
        let title = format!("delete the disk `{}`", disk.name.value);
        let finding = Diagnostic::new(&NO_EFFECT, message).label(mount, role.to_owned());
        finding.choice(|it| it.remove_block(title, disk.head))
    };
    let etcd = model.etcd_folder();
    let usual = crate::model::ETCD_DATA;
    if mount.value == etcd.as_ref().map_or(usual, |etcd| etcd.value.as_str()) {
        let role = settings.role.as_ref()?;
        let message = match (role.value, etcd) {
            (Role::Worker, _) => format!(
                "etcd does not run on a worker, so nothing uses {}",
                mount.value
            ),
            (Role::ControlPlane, None) => {
                format!("etcd runs elsewhere, so nothing uses {}", mount.value)
            }
            (Role::ControlPlane, Some(_)) => return None,
        };
        return Some(finding(message, "a folder of etcd's").label(role, "the role of the machine"));
    }
    let chosen = model.facts.runtime.as_ref()?;
    let other =
        model.facts.runtimes.iter().find(|runtime| {
            runtime.name != chosen.name && runtime.data_folder.value == mount.value
        })?;
    let message = format!(
        "{} is the folder of {}, and this cluster has {}, which keeps its images in {}",
        mount.value, other.title, chosen.title, chosen.data_folder.value
    );
    let finding = finding(message, "nothing uses it");
    let name = model.cluster.runtime.as_ref().map(|runtime| &runtime.name);
    let finding = match name {
        Some(name) => finding.label(name, "the runtime"),
        None => finding,
    };
    Some(text_instead(
        finding,
        &mount.origin,
        &mount.value,
        &chosen.data_folder.value,
    ))
}

/// Disks by serial number that more than one machine is said to have.
fn serial(model: &Model, out: &mut Findings<'_>) {
    let mut found: BTreeMap<Option<Span>, (Sourced<String>, Vec<&Node>)> = BTreeMap::new();
    let mut machines: BTreeMap<&str, usize> = BTreeMap::new();
    for node in &model.nodes {
        for device in node
            .settings
            .disks
            .iter()
            .filter_map(|disk| disk.device.as_ref())
        {
            if !unique(&device.value) {
                continue;
            }
            *machines.entry(&device.value).or_default() += 1;
            let place = found.entry(device.origin.span());
            let (_, nodes) = place.or_insert_with(|| (device.clone(), Vec::new()));
            nodes.push(node);
        }
    }
    for (device, nodes) in found.into_values() {
        if machines
            .get(device.value.as_str())
            .is_none_or(|count| *count < 2)
        {
            continue;
        }
        let message = match nodes.as_slice() {
            [one] => format!(
                "another machine than {} has the disk `{}`, too",
                one.name.value, device.value
            ),
            several => format!(
                "{} cannot all have the disk `{}`",
                names(several),
                device.value
            ),
        };
        let finding =
            Diagnostic::new(&SERIAL, message).label(&device, "a name with a serial number");
        out.push_for(nodes[0], finding);
    }
}

/// Whether only one disk in the world has this name.
fn unique(device: &str) -> bool {
    let by_id = device.strip_prefix("/dev/disk/by-id/");
    let serial = by_id.is_some_and(|name| !GIVEN.iter().any(|given| name.starts_with(given)));
    serial
        || device.starts_with("/dev/disk/by-uuid/")
        || device.starts_with("/dev/disk/by-partuuid/")
}

fn snapshots(model: &Model, settings: &NodeSettings) -> Option<Diagnostic> {
    let role = settings.role.as_ref()?;
    let snapshots = model.cluster.control_plane.snapshots.as_ref();
    let to = snapshots
        .filter(|_| role.value == Role::ControlPlane)?
        .to
        .as_ref()?;
    let etcd = model.etcd_folder()?;
    let (disk, mount) = settings.disk_of(&etcd.value)?;
    let (own, _) = settings.disk_of(to.value.as_str())?;
    if own.name.value != disk.name.value {
        return None;
    }
    let message = format!(
        "snapshots in {} are on the disk `{}`, with the data that they are snapshots of",
        to.value, disk.name.value
    );
    let finding = Diagnostic::new(&SNAPSHOTS, message);
    let finding = finding
        .label(to, "where snapshots go")
        .label(mount, "the disk with etcd's data");
    let better = "/var/backups/etcd";
    Some(match settings.disk_of(better) {
        None => finding.choice(|it| it.write(&to.origin, format!("\"{better}\""))),
        Some(_) => finding,
    })
}
