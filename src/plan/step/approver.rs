//! Approves the certificates that the kubelets of the spec's machines ask for.

use std::sync::Arc;

use super::super::file::Placing;
use super::{ClassView, Step};
use crate::file_format::Writer;
use crate::file_format::hosts::Hosts;
use crate::file_format::systemd::Systemd;
use crate::model::{Data, Kubelet, Model, Role, Target};
use crate::origin::{Origin, Sourced};
use crate::plan::types::Context;

pub(super) fn plan(class: &ClassView<'_>) -> Option<Step> {
    if class.role != Role::ControlPlane {
        return None;
    }
    let asked = rotated(class.model);
    if asked.is_empty() {
        return None;
    }
    let origins: Vec<Origin> = asked.iter().map(|on| on.origin.clone()).collect();
    let mut context = Context::default();
    context.set("spec", class.spec, []);
    let script = Placing::template(
        "/usr/libexec/pikc/approve-kubelets.sh",
        "script/approve-kubelets.sh.j2",
        Arc::new(context),
    );
    Some(
        Step::new("75-approver")
            .asked("rotate-server-certificates = on", origins.clone())
            .file(script.mode(0o755).because(origins.clone()))
            .file(Placing::whole(
                "/etc/pikc/approver/hosts",
                machines(class.model, class.spec),
            ))
            .file(
                Placing::whole("/etc/systemd/system/pikc-approver.service", unit(class))
                    .because(origins),
            ),
    )
}

/// Where the spec turns it on: for all machines, or for some. Empty if it does not.
pub(in crate::plan) fn rotated(model: &Model) -> Vec<Sourced<bool>> {
    let common = &model.cluster.kubelet;
    let own = model.nodes.iter().map(|node| &node.settings.kubelet);
    let mut all: Vec<Sourced<bool>> = Vec::new();
    for on in [common].into_iter().chain(own).filter_map(turned_on) {
        if !all.contains(&on) {
            all.push(on);
        }
    }
    all
}

fn turned_on(kubelet: &Kubelet) -> Option<Sourced<bool>> {
    kubelet.carried.iter().find_map(|one| match &one.target {
        Target::Field { kind, path }
            if kind == "KubeletConfiguration" && path == "serverTLSBootstrap" =>
        {
            let on = one.value.value == Data::Boolean(true);
            on.then(|| one.value.clone().map(|_| true))
        }
        _ => None,
    })
}

/// The names and addresses that kubelets may ask for.
fn machines(model: &Model, spec: &str) -> Writer<Hosts> {
    let mut file = Writer::headed(
        "The machines of the spec: a kubelet gets a certificate for its own name and these addresses.",
        spec,
    );
    for node in &model.nodes {
        for address in node.address.iter().chain(&node.address_ipv6) {
            let why = [node.name.origin.clone(), address.origin.clone()];
            file.host(address.value, &node.name.value, why);
        }
    }
    file
}

/// It has root's rights on the cluster, so it gets none on the machine that it does not need.
fn unit(class: &ClassView<'_>) -> Writer<Systemd> {
    let mut file = Writer::headed(
        "Approves the certificates that the kubelets of this cluster ask for.",
        class.spec,
    );
    for line in [
        "[Unit]",
        "Description=approves the serving certificates of this cluster's kubelets",
        "Wants=network-online.target",
        "After=network-online.target kubelet.service",
        "",
        "[Service]",
        "ExecStart=/usr/libexec/pikc/approve-kubelets.sh",
        "Restart=always",
        "RestartSec=20",
        "RuntimeDirectory=pikc-approver",
        "RuntimeDirectoryPreserve=yes",
        "ProtectSystem=strict",
        "ProtectHome=yes",
        "PrivateTmp=yes",
        "NoNewPrivileges=yes",
        "CapabilityBoundingSet=",
        "",
        "[Install]",
        "WantedBy=multi-user.target",
    ] {
        file.fixed(line);
    }
    file
}
