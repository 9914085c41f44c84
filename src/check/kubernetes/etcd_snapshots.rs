//! Snapshots of etcd that would not help: in a folder that does not last, or too few.

use camino::{Utf8Path, Utf8PathBuf};

use crate::check::support::findings::Findings;
use crate::check::support::offers;
use crate::declare;
use crate::diagnostic::{Descriptor, Diagnostic, Severity};
use crate::model::{Model, Snapshots, normal};
use crate::origin::Sourced;

declare! {
    /// The folder of snapshots has to last longer than what they are snapshots of, and only root may enter it, because a snapshot holds
    /// every Secret of the cluster:
    ///
    /// | folder | what is wrong with it |
    /// |---|---|
    /// | a relative path | relative to what? |
    /// | one with spaces, quotes and the like | the runbook has it in commands that people type |
    /// | etcd's own folder, or one in it | lost together with the data; a reset empties it |
    /// | one that etcd's folder is in, such as `/var` or `/` | programs of other accounts need what is in it |
    /// | `/run`, `/tmp`, `/dev` and the like | in memory, or emptied at boot or after some days |
    /// | `/boot` | it has no file modes on a Raspberry Pi |
    /// | `/etc/kubernetes`, `/var/lib/kubelet`, `/etc/pikc`, `/var/lib/pikc`, `/opt/pikc` | a reset removes it |
    ///
    /// ```pik fails
    /// etcd { snapshots { to = "/var/lib/etcd/snapshots" } }
    /// ```
    ///
    /// ```pik
    /// etcd { snapshots { to = "/var/backups/etcd" } }
    /// ```
    pub static PLACE = {
        code: "etcd/snapshot-place",
        since: "0.1.0",
        severity: Error,
        title: "a folder in which snapshots do not last",
        help: "write `to = \"/var/backups/etcd\"`, or a folder on another disk",
        sources: ["kubernetes/kubernetes: cmd/kubeadm/app/cmd/phases/reset/cleanupnode.go", "file-hierarchy(7)", "tmpfiles.d(5)"],
    }

    /// Each snapshot reads all of etcd's data and writes it three times: in etcd's folder, in the folder of snapshots, and once more
    /// when the next one replaces it. More often than every five minutes wears a card out and slows etcd down, which waits for the
    /// same disk. And what is found to be wrong in the morning may have been wrong since the evening: `every` times `keep` should reach back
    /// a day at least.
    ///
    /// ```pik fails
    /// etcd { snapshots { every = 1m } }
    /// ```
    ///
    /// ```pik
    /// etcd { snapshots { every = 1h, keep = 48 } }
    /// ```
    pub static INTERVAL = {
        code: "etcd/snapshot-interval",
        since: "0.1.0",
        severity: Error,
        title: "snapshots that come too often, or do not reach back a day",
        help: "write `every = 6h` and `keep = 20`, or leave both out",
        sources: ["etcd.io: docs/v3.6/op-guide/hardware (disks)", "etcd-io/etcd: client/v3/snapshot"],
    }

    /// A snapshot is read from end to end before it counts, and restored, by a program in etcd's image. etcd 3.6 has moved both from
    /// `etcdctl` to `etcdutl`, and the image of 3.6.4 that Kubernetes 1.34.0 and 1.34.1 come with was built without `etcdutl`. There no
    /// snapshot is kept. From 1.34.2 on kubeadm takes the image of etcd's own releases, which has it.
    ///
    /// ```pik fails
    /// kubernetes = 1.34.1
    /// etcd { snapshots {} }
    /// ```
    ///
    /// ```pik
    /// kubernetes = 1.34.2
    /// etcd { snapshots {} }
    /// ```
    pub static NO_TOOL = {
        code: "etcd/snapshot-tool",
        since: "0.1.0",
        severity: Warning,
        title: "snapshots that nothing in etcd's image can read",
        help: "write a later patch release of Kubernetes",
        sources: ["kubernetes/kubernetes#134251", "kubernetes/kubernetes: cluster/images/etcd/Makefile", "Netcracker/KubeMarine#775"],
    }
}

pub(in crate::check) static CODES: &[&Descriptor] = &[&PLACE, &INTERVAL, &NO_TOOL];

/// Folders that do not last, and why.
const PASSING: &[(&str, &str)] = &[
    ("/run", "is in memory"),
    ("/var/run", "is in memory"),
    ("/dev", "is in memory"),
    ("/proc", "is the kernel's"),
    ("/sys", "is the kernel's"),
    ("/tmp", "is emptied at boot"),
    ("/var/tmp", "is emptied from time to time"),
    ("/boot", "has no file modes on a Raspberry Pi"),
    ("/etc/kubernetes", "is removed by a reset"),
    ("/var/lib/kubelet", "is removed by a reset"),
    ("/etc/pikc", "is removed by a reset"),
    ("/var/lib/pikc", "belongs to pikc's scripts"),
    ("/opt/pikc", "is replaced with each bundle"),
    ("/opt/pikc.bundles", "is replaced with each bundle"),
];

const SHORTEST: u64 = 300;
const DAY: u64 = 86_400;

pub(in crate::check) fn check(model: &Model, out: &mut Findings<'_>) {
    let control_plane = &model.cluster.control_plane;
    let snapshots = control_plane.snapshots.as_ref();
    // With an etcd elsewhere they have no effect at all, which is reported.
    if let Some(snapshots) = snapshots.filter(|_| control_plane.external_etcd.is_none()) {
        if let Some(to) = &snapshots.to {
            place(model, to, out);
        }
        interval(snapshots, out);
        tool(model, snapshots, out);
    }
}

fn tool(model: &Model, snapshots: &Snapshots, out: &mut Findings<'_>) {
    let (Some(exact), Some(release)) = (&model.cluster.exact, &model.facts.release) else {
        return;
    };
    let Some(since) = &release.etcd_restore_since else {
        return;
    };
    if exact.value >= since.value {
        return;
    }
    let message = format!(
        "etcd's image of Kubernetes {} has no {}: no snapshot can be read or restored",
        exact.value, release.etcd_restore.value
    );
    let written = model.cluster.kubernetes.as_ref();
    let finding = Diagnostic::new(&NO_TOOL, message)
        .label(snapshots.head, "asks for snapshots")
        .label(written, "this release")
        .help(format!("write {} or later", since.value));
    out.push(offers::release(finding, model, Some(since.value)));
}

fn place(model: &Model, to: &Sourced<Utf8PathBuf>, out: &mut Findings<'_>) {
    let shown = crate::file_format::one_line(to.value.as_str());
    let wrong = |message: String, role: &str| {
        let finding = Diagnostic::new(&PLACE, message).label(to, role.to_owned());
        finding.choice(|it| it.write(&to.origin, "\"/var/backups/etcd\""))
    };
    if !to.value.is_absolute() {
        let message = format!("the folder of snapshots is not an absolute path: `{shown}`");
        out.push(wrong(message, "a relative path"));
        return;
    }
    let odd = |c: &char| !c.is_ascii_alphanumeric() && !"/._-+@".contains(*c);
    if let Some(odd) = shown.chars().find(odd) {
        let message = format!(
            "the folder of snapshots `{shown}` has a character that has to be quoted: `{odd}`"
        );
        out.push(wrong(message, "people type it, as the runbook has it"));
        return;
    }
    let folder = normal(&to.value);
    let Some(data) = model.etcd_folder() else {
        return;
    };
    let own = normal(Utf8Path::new(&data.value));
    if folder.starts_with(&own) || own.starts_with(&folder) {
        let message = match folder.starts_with(&own) {
            true => format!("snapshots in `{shown}` are lost together with etcd's data in {own}"),
            false => {
                format!("etcd's data in {own} is in `{shown}`, which only root could enter then")
            }
        };
        let finding = wrong(message, "the folder of snapshots");
        out.push(finding.label(&data, "the folder of etcd's data"));
        return;
    }
    if let Some((parent, why)) = PASSING
        .iter()
        .find(|(parent, _)| folder.starts_with(parent))
    {
        let message = format!("snapshots in `{shown}` do not last: {parent} {why}");
        out.push(wrong(message, "no place for snapshots"));
    }
}

fn interval(snapshots: &Snapshots, out: &mut Findings<'_>) {
    let (Some(every), Some(keep)) = (&snapshots.every, &snapshots.keep) else {
        return;
    };
    let seconds = every.value.0;
    if seconds < SHORTEST {
        let message = format!(
            "a snapshot every {}: each reads and writes all of etcd's data",
            every.value.short()
        );
        let finding = Diagnostic::new(&INTERVAL, message).label(every, "too often");
        let finding = finding.help("write 5m at least; 6h is usual");
        out.push(finding.choice(|it| it.write(&every.origin, "6h")));
        return;
    }
    let kept = u64::try_from(keep.value).unwrap_or(0);
    if seconds.saturating_mul(kept) >= DAY {
        return;
    }
    let enough = DAY.div_ceil(seconds);
    let message = format!(
        "{} every {} reach back less than a day",
        if kept == 1 {
            "1 snapshot".to_owned()
        } else {
            format!("{kept} snapshots")
        },
        every.value.short()
    );
    let mut finding = Diagnostic::new(&INTERVAL, message).severity(Severity::Warning);
    for (origin, role) in [
        (&every.origin, "how often"),
        (&keep.origin, "how many stay"),
    ] {
        if origin.is_written() {
            finding = finding.label(origin.span(), role);
        }
    }
    let finding = finding.help(format!("keep {enough} at least"));
    out.push(finding.choice(|it| match keep.origin.is_written() {
        true => it.write(&keep.origin, enough),
        false => it.add_beside(&every.origin, &format!("keep = {enough}")),
    }));
}
