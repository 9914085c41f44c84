//! New certificates before the old ones end.

use super::super::file::Placing;
use super::{ClassView, Step};
use crate::file_format::Writer;
use crate::file_format::systemd::Systemd;
use crate::model::Rhythm;
use crate::origin::Sourced;
use crate::plan::upkeep;

pub(super) fn plan(class: &ClassView<'_>) -> Option<Step> {
    let rhythm = upkeep::renewal(class.model, class.role)?;
    let why = [rhythm.origin.clone()];
    Some(
        Step::new("84-renewal")
            .asked(
                format!("certificates {{ renew = {} }}", rhythm.value.word),
                why.clone(),
            )
            .file(
                Placing::whole("/etc/systemd/system/pikc-renew.service", service(class))
                    .because(why.clone()),
            )
            .file(
                Placing::whole(
                    "/etc/systemd/system/pikc-renew.timer",
                    timer(class, &rhythm),
                )
                .because(why),
            ),
    )
}

/// It waits for its turn, for all members of etcd, and for each component.
fn service(class: &ClassView<'_>) -> Writer<Systemd> {
    let mut file = Writer::headed(
        "Renews the certificates of the control plane if one ends soon.",
        class.spec,
    );
    for line in [
        "[Unit]",
        "Description=renews the certificates of the control plane before they end",
        "Wants=network-online.target",
        "After=network-online.target kubelet.service",
        "",
        "[Service]",
        "Type=oneshot",
        "ExecStart=/opt/pikc/renew.sh --in-turn",
        "TimeoutStartSec=infinity",
    ] {
        file.fixed(line);
    }
    file
}

/// At night, and after the next boot if the machine was off then.
fn timer(class: &ClassView<'_>, rhythm: &Sourced<&Rhythm>) -> Writer<Systemd> {
    let mut file = Writer::headed(
        "Looks regularly whether a certificate ends soon.",
        class.spec,
    );
    for line in [
        "[Unit]",
        "Description=looks whether a certificate of the control plane ends soon",
        "",
        "[Timer]",
    ] {
        file.fixed(line);
    }
    file.constant(rhythm.value.calendar, [rhythm.origin.clone()]);
    for line in [
        "RandomizedDelaySec=5min",
        "Persistent=yes",
        "",
        "[Install]",
        "WantedBy=timers.target",
    ] {
        file.fixed(line);
    }
    file
}
