//! Data disks: names of devices and folders that cannot work, or not for long.

use camino::Utf8Path;

use crate::check::support::findings::Findings;
use crate::declare;
use crate::diagnostic::{Descriptor, Diagnostic};
use crate::file_format::{one_line, word};
use crate::model::{Disk, Model, NodeSettings, normal};
use crate::origin::Sourced;

declare! {
    /// A disk is named by a path below `/dev`, and that path is written into files that a shell and systemd read: letters, digits and
    /// `/ . _ - + @ : =`, without `..`. The names below `/dev/disk/by-id` and `/dev/disk/by-path` are like that.
    ///
    /// ```pik fails
    /// disk data { device = "nvme0n1", mount = "/srv/data" }
    /// ```
    ///
    /// ```pik
    /// disk data { device = "/dev/disk/by-id/nvme-eui.0025385b21404321", mount = "/srv/data" }
    /// ```
    pub static DEVICE = {
        code: "disk/device",
        since: "0.1.0",
        severity: Error,
        title: "a disk that is not a path below /dev",
        help: "on the machine, `ls -l /dev/disk/by-id` shows the names of its disks",
        no_edit: "which disk is meant is known only on the machine",
        sources: ["systemd: rules.d/60-persistent-storage.rules"],
    }

    /// The kernel numbers disks in the order in which it finds them. With a second disk, another cable, a USB stick at boot or another
    /// kernel, `/dev/sda` is another disk, and `/dev/nvme0n1` and `/dev/nvme1n1` change places. The step would then refuse the disk it
    /// finds there, because that is in use or has something on it, and the node stays off; if the other disk is empty, it is formatted.
    ///
    /// ```pik fails
    /// disk data { device = "/dev/sda", mount = "/srv/data" }
    /// ```
    ///
    /// ```pik
    /// disk data { device = "/dev/disk/by-id/ata-WDC_WDS500G2B0A_1937A4801234", mount = "/srv/data" }
    /// ```
    pub static UNSTABLE = {
        code: "disk/unstable-name",
        since: "0.1.0",
        severity: Warning,
        title: "a disk by a name that can be another disk's after the next boot",
        help: "name it below /dev/disk/by-id or /dev/disk/by-path: `ls -l /dev/disk/by-id` on the machine shows what each leads to",
        no_edit: "which disk is meant is known only on the machine",
        sources: ["systemd: rules.d/60-persistent-storage.rules", "kernel.org: Documentation/admin-guide/devices.txt"],
    }

    /// `/dev/disk/by-uuid` and `/dev/disk/by-label` have names that a file system holds. An empty disk has none, so with
    /// `format = if-empty` the step would wait for a link that only appears once the disk is formatted.
    ///
    /// ```pik fails
    /// disk data { device = "/dev/disk/by-uuid/0b33b5b5-8f4c-4c3c-9d50-0d2f2f6a4a11", mount = "/srv/data", format = if-empty }
    /// ```
    ///
    /// ```pik
    /// disk data { device = "/dev/disk/by-uuid/0b33b5b5-8f4c-4c3c-9d50-0d2f2f6a4a11", mount = "/srv/data", format = never }
    /// ```
    pub static NAMELESS = {
        code: "disk/no-name-yet",
        since: "0.1.0",
        severity: Error,
        title: "an empty disk by a name that only a file system has",
        help: "name the disk itself (/dev/disk/by-id, /dev/disk/by-path), or write `format = never`",
        sources: ["systemd: rules.d/60-persistent-storage.rules (ID_FS_UUID_ENC, ID_FS_LABEL_ENC)"],
    }

    /// Where a disk can be mounted: on an absolute path in its shortest form (letters, digits, `/ . _ -`), which is nothing of the
    /// system's own:
    ///
    /// | folder | what is wrong with it |
    /// |---|---|
    /// | `/`, `/var`, `/var/lib`, `/home` and the like | the system needs what is in it, and a disk on top hides that |
    /// | below `/etc`, `/usr`, `/boot`, `/bin` and the like | the system needs it before disks are mounted |
    /// | below `/proc`, `/sys`, `/dev`, `/run`, `/tmp` | it is the kernel's, or in memory |
    /// | `/var/lib/pikc`, `/opt/pikc` | the scripts that mount the disk are there |
    ///
    /// ```pik fails
    /// disk data { device = "/dev/disk/by-id/nvme-eui.0025385b21404321", mount = "/var/lib" }
    /// ```
    ///
    /// ```pik
    /// disk data { device = "/dev/disk/by-id/nvme-eui.0025385b21404321", mount = "/var/lib/longhorn" }
    /// ```
    pub static MOUNT = {
        code: "disk/mount-point",
        since: "0.1.0",
        severity: Error,
        title: "a folder that no disk can be mounted on",
        help: "write a folder of its own: /var/lib/etcd, /var/lib/containerd, /srv/data",
        sources: ["systemd.mount(5)", "file-hierarchy(7)"],
    }

    /// Two disks of a machine with one folder hide each other, and one disk cannot be mounted in two places: the step would refuse
    /// the second one as a disk that is in use. The same goes for a disk and a partition of it.
    ///
    /// ```pik fails
    /// disk one { device = "/dev/disk/by-id/nvme-eui.0025385b21404321", mount = "/srv/data" }
    /// disk two { device = "/dev/disk/by-id/nvme-eui.0025385b21409876", mount = "/srv/data" }
    /// ```
    ///
    /// ```pik
    /// disk one { device = "/dev/disk/by-id/nvme-eui.0025385b21404321", mount = "/srv/one" }
    /// disk two { device = "/dev/disk/by-id/nvme-eui.0025385b21409876", mount = "/srv/two" }
    /// ```
    pub static TWICE = {
        code: "disk/twice",
        since: "0.1.0",
        severity: Error,
        title: "two disks on one folder, or one disk on two",
        help: "give each disk a device and a folder of its own",
        sources: ["systemd.mount(5)", "docs/disks.md"],
    }
}

pub(in crate::check) static CODES: &[&Descriptor] =
    &[&DEVICE, &UNSTABLE, &NAMELESS, &MOUNT, &TWICE];

/// Folders below which nothing is mounted, and why.
const SYSTEMS: &[(&str, &str)] = &[
    ("/proc", "is the kernel's"),
    ("/sys", "is the kernel's"),
    ("/dev", "is the kernel's"),
    ("/run", "is in memory"),
    ("/var/run", "is in memory"),
    ("/tmp", "is emptied at boot"),
    ("/var/tmp", "is emptied from time to time"),
    ("/boot", "is read before any disk is mounted"),
    ("/etc", "is read before any disk is mounted"),
    ("/usr", "is read before any disk is mounted"),
    ("/bin", "is read before any disk is mounted"),
    ("/sbin", "is read before any disk is mounted"),
    ("/lib", "is read before any disk is mounted"),
    ("/lib64", "is read before any disk is mounted"),
    ("/var/lib/dpkg", "belongs to the system's packages"),
    ("/var/lib/systemd", "belongs to systemd"),
    ("/var/lib/pikc", "belongs to pikc's scripts"),
    ("/opt/pikc", "is replaced with each bundle"),
    ("/opt/pikc.bundles", "is replaced with each bundle"),
];

/// Folders with much in them on every system; those in them are free.
const FULL: &[&str] = &[
    "/",
    "/home",
    "/opt",
    "/root",
    "/var",
    "/var/cache",
    "/var/lib",
    "/var/log",
];

/// How the names of disks begin that the kernel hands out one after the other.
const NUMBERED: &[&str] = &[
    "sd", "hd", "vd", "xvd", "nvme", "mmcblk", "md", "dm-", "loop",
];

pub(in crate::check) fn check(_: &Model, out: &mut Findings<'_>) {
    out.each(|settings| {
        let mut found: Vec<Diagnostic> = Vec::new();
        for disk in &settings.disks {
            found.extend(device(disk));
            found.extend(mount(disk));
        }
        found.extend(twice(settings));
        found
    });
}

fn device(disk: &Disk) -> Option<Diagnostic> {
    let device = disk.device.as_ref()?;
    let shown = one_line(&device.value);
    if let Err(why) = word::device_path(&device.value) {
        let message = format!(
            "the device of the disk `{}` {why}: `{shown}`",
            disk.name.value
        );
        return Some(Diagnostic::new(&DEVICE, message).label(device, "names no disk"));
    }
    let own = |folder: &str| device.value.starts_with(&format!("/dev/disk/{folder}/"));
    if let Some(format) = disk.format.as_ref().filter(|_| disk.may_format())
        && let Some(folder) = ["by-uuid", "by-label"].into_iter().find(|name| own(name))
    {
        let message = format!(
            "the disk `{}` is named by what an empty disk does not have: `{shown}`",
            disk.name.value
        );
        let finding = Diagnostic::new(&NAMELESS, message);
        let role = format!("/dev/disk/{folder} has names of file systems");
        let finding = finding
            .label(device, role)
            .label(format, "expects an empty disk");
        return Some(finding.choice(|it| it.write(&format.origin, "never")));
    }
    let name = device.value.strip_prefix("/dev/")?;
    if name.contains('/') || !NUMBERED.iter().any(|begin| numbered(name, begin)) {
        return None;
    }
    let message = format!("`{shown}` can be another disk after the next boot");
    Some(Diagnostic::new(&UNSTABLE, message).label(device, "numbered in the order of discovery"))
}

/// Whether a name is `begin` and what the kernel counts by: letters for `sd`, a number for `nvme`.
fn numbered(name: &str, begin: &str) -> bool {
    let Some(rest) = name.strip_prefix(begin) else {
        return false;
    };
    let lettered = begin.len() <= 3 && begin.ends_with('d') && begin != "md";
    let first = rest.chars().next();
    match lettered {
        true => first.is_some_and(|c| c.is_ascii_lowercase()),
        false => first.is_some_and(|c| c.is_ascii_digit()),
    }
}

fn mount(disk: &Disk) -> Option<Diagnostic> {
    let mount = disk.mount.as_ref()?;
    let shown = one_line(&mount.value);
    let path = normal(Utf8Path::new(&mount.value));
    let finding = |why: String| {
        let message = format!(
            "the disk `{}` cannot be mounted on `{shown}`: {why}",
            disk.name.value
        );
        Diagnostic::new(&MOUNT, message).label(mount, "no folder for a disk")
    };
    if let Some(full) = FULL.iter().find(|full| path.as_str() == **full) {
        return Some(finding(format!("the system needs what is in {full}")));
    }
    if let Some((above, why)) = SYSTEMS.iter().find(|(above, _)| path.starts_with(above)) {
        return Some(finding(format!("{above} {why}")));
    }
    let why = word::folder(&mount.value).err()?;
    let finding = finding(format!("it {why}"));
    Some(match word::folder(path.as_str()) {
        Ok(better) => finding.write(&mount.origin, format!("\"{better}\"")),
        Err(_) => finding,
    })
}

fn twice(settings: &NodeSettings) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for (at, second) in settings.disks.iter().enumerate() {
        for first in &settings.disks[..at] {
            found.extend(collide(first, second));
        }
    }
    found
}

fn collide(first: &Disk, second: &Disk) -> Option<Diagnostic> {
    let names = format!("`{}` and `{}`", first.name.value, second.name.value);
    let both = |one: &Option<Sourced<String>>, other: &Option<Sourced<String>>| {
        Some((one.clone()?, other.clone()?))
    };
    let (mounts, devices) = (
        both(&first.mount, &second.mount),
        both(&first.device, &second.device),
    );
    let same = mounts.filter(|(one, other)| one.value == other.value);
    let (message, (one, other)) = match (same, devices) {
        (Some(same), _) => (format!("the disks {names} are mounted on one folder"), same),
        (None, Some(same)) if same.0.value == same.1.value => {
            (format!("the disks {names} are one device"), same)
        }
        (None, Some(same)) if within(&same.0.value, &same.1.value) => (
            format!("the disks {names} are a disk and a partition of it"),
            same,
        ),
        _ => return None,
    };
    let finding = Diagnostic::new(&TWICE, message).label(&other, "the second time");
    let finding = finding.label(&one, "the first time");
    Some([first, second].into_iter().fold(finding, |finding, disk| {
        let title = format!("delete the disk `{}`", disk.name.value);
        finding.choice(|it| it.remove_block(title, disk.head))
    }))
}

/// Whether one is a partition of the other, as udev names them.
fn within(one: &str, other: &str) -> bool {
    let part = |whole: &str, part: &str| {
        let rest = part.strip_prefix(whole);
        rest.is_some_and(|rest| rest.starts_with("-part"))
    };
    part(one, other) || part(other, one)
}
