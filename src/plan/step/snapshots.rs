//! Snapshots of etcd, regularly.

use super::super::file::Placing;
use super::{ClassView, Step};
use crate::file_format::Writer;
use crate::file_format::systemd::Systemd;
use crate::origin::{Origin, Sourced};
use crate::plan::upkeep;
use crate::value::Duration;

pub(super) fn plan(class: &ClassView<'_>) -> Option<Step> {
    let snapshots = upkeep::snapshots(class.model, class.role)?;
    let (every, keep) = (snapshots.every.as_ref()?, snapshots.keep.as_ref()?);
    let origins = [every.origin.clone(), keep.origin.clone()];
    let asked = format!(
        "snapshots {{ every = {}, keep = {} }}",
        every.value.short(),
        keep.value
    );
    let head = Origin::Written(snapshots.head);
    Some(
        Step::new("82-snapshots")
            .asked(asked, [head.clone()].into_iter().chain(origins))
            .file(
                Placing::whole("/etc/systemd/system/pikc-snapshot.service", service(class))
                    .because([head.clone()]),
            )
            .file(
                Placing::whole(
                    "/etc/systemd/system/pikc-snapshot.timer",
                    timer(class, every),
                )
                .because([head]),
            ),
    )
}

fn service(class: &ClassView<'_>) -> Writer<Systemd> {
    let mut file = Writer::headed("Makes a snapshot of etcd.", class.spec);
    for line in [
        "[Unit]",
        "Description=a snapshot of etcd",
        "After=kubelet.service",
        "",
        "[Service]",
        "Type=oneshot",
        "ExecStart=/opt/pikc/snapshot.sh",
        "TimeoutStartSec=30min",
        "UMask=0077",
        "Nice=10",
    ] {
        file.fixed(line);
    }
    file
}

/// The first one comes soon after boot. Several control planes do not begin at the same second.
fn timer(class: &ClassView<'_>, every: &Sourced<Duration>) -> Writer<Systemd> {
    let mut file = Writer::headed("Makes a snapshot of etcd regularly.", class.spec);
    for line in [
        "[Unit]",
        "Description=regular snapshots of etcd",
        "",
        "[Timer]",
        "OnBootSec=15min",
    ] {
        file.fixed(line);
    }
    file.seconds("OnUnitActiveSec", every.value, [every.origin.clone()]);
    for line in [
        "RandomizedDelaySec=2min",
        "",
        "[Install]",
        "WantedBy=timers.target",
    ] {
        file.fixed(line);
    }
    file
}
