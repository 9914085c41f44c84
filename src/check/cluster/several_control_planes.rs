//! Several control planes: one address for all of them, and a number of them that survives a loss.

use std::collections::BTreeSet;
use std::net::IpAddr;

use crate::check::support::findings::{Findings, names};
use crate::check::support::offers::free_addresses;
use crate::declare;
use crate::diagnostic::{Descriptor, Diagnostic, Edit, Reach};
use crate::model::{Model, Node, Role};
use crate::source::Span;

declare! {
    /// Every machine talks to the API server under one name or address. With several control planes it must not be that
    /// of one of them: kubeadm refuses to let a second control plane join a cluster without a shared endpoint, and the
    /// endpoint cannot be added later without new certificates and kubeconfigs.
    ///
    /// Three things can answer to it: an address that moves between the control planes (`vip`), a load balancer that you
    /// run, or a DNS name that resolves to all of them.
    ///
    /// ```pik fails
    /// node extra[1-2] {
    ///   role    = control-plane
    ///   os      = raspios-trixie
    ///   board   = pi-4b-4g
    ///   address = 192.168.11.208..192.168.11.209
    /// }
    /// ```
    ///
    /// ```pik
    /// vip { address = 192.168.11.5 }
    /// node extra[1-2] {
    ///   role    = control-plane
    ///   os      = raspios-trixie
    ///   board   = pi-4b-4g
    ///   address = 192.168.11.208..192.168.11.209
    /// }
    /// ```
    pub static SEVERAL = {
        code: "cluster/several-control-planes",
        since: "0.1.0",
        severity: Error,
        title: "several control planes without an endpoint",
        help: "write `vip { address = ... }` with a free address of the LAN, or `endpoint = NAME` if a load balancer or a DNS name leads to all of them",
        sources: ["kubernetes/kubernetes cmd/kubeadm/app/cmd/join.go", "kubernetes.io/docs/setup/production-environment/tools/kubeadm/high-availability"],
    }

    /// etcd runs on every control plane, and works while more than half of its members do. With two, the loss of either
    /// one stops the cluster, so two are less safe than one. Four survive one loss, as three do, and five survive two.
    ///
    /// With an `etcd` that runs elsewhere the number of control planes does not matter.
    ///
    /// ```pik fails
    /// vip { address = 192.168.11.5 }
    /// node extra {
    ///   role    = control-plane
    ///   os      = raspios-trixie
    ///   board   = pi-4b-4g
    ///   address = 192.168.11.209
    /// }
    /// ```
    ///
    /// ```pik
    /// vip { address = 192.168.11.5 }
    /// node extra[1-2] {
    ///   role    = control-plane
    ///   os      = raspios-trixie
    ///   board   = pi-4b-4g
    ///   address = 192.168.11.208..192.168.11.209
    /// }
    /// ```
    pub static EVEN = {
        code: "cluster/even-control-planes",
        since: "0.1.0",
        severity: Warning,
        title: "an even number of control planes",
        help: "use three or five control planes",
        no_edit: "which machine has another role, or is added, is up to the operator",
        sources: ["kubernetes/kubeadm#2188", "etcd.io/docs/v3.6/faq"],
    }

    /// The endpoint is the address or the name of one of the control planes. If that machine fails, no machine reaches
    /// the API server any more, although the other control planes still run.
    ///
    /// ```pik fails
    /// endpoint = 192.168.11.201
    /// node extra[1-2] {
    ///   role    = control-plane
    ///   os      = raspios-trixie
    ///   board   = pi-4b-4g
    ///   address = 192.168.11.208..192.168.11.209
    /// }
    /// ```
    ///
    /// ```pik
    /// endpoint = api.home.arpa
    /// vip { address = 192.168.11.5 }
    /// node extra[1-2] {
    ///   role    = control-plane
    ///   os      = raspios-trixie
    ///   board   = pi-4b-4g
    ///   address = 192.168.11.208..192.168.11.209
    /// }
    /// ```
    pub static ONE_MACHINE = {
        code: "cluster/endpoint-on-one-machine",
        since: "0.1.0",
        severity: Warning,
        title: "several control planes behind the address of one of them",
        help: "write `vip { address = ... }` with a free address of the LAN, and leave `endpoint` out or give it a name of its own",
        sources: ["kubernetes.io/docs/setup/production-environment/tools/kubeadm/ha-topology"],
    }
}

pub(in crate::check) static CODES: &[&Descriptor] = &[&SEVERAL, &EVEN, &ONE_MACHINE];

pub(in crate::check) fn check(model: &Model, out: &mut Findings<'_>) {
    let Some(planes) = model.several_control_planes() else {
        return;
    };
    even(model, &planes, out);
    let Some(endpoint) = &model.cluster.endpoint else {
        // One that could not be read has been reported.
        let mut cluster = model.entities.iter().take(1);
        let written = cluster.any(|(cluster, _)| cluster.settings.contains_key("endpoint"));
        if !model.damaged && !written && model.cluster.vip.is_none() {
            out.push(without_endpoint(model, &planes));
        }
        return;
    };
    let host = endpoint.value.host.as_str();
    let named = |node: &&&Node| {
        let address = node.address.as_ref().map(|own| own.value);
        node.name.value == host || (address.is_some() && address == endpoint.value.address())
    };
    if model.cluster.vip.is_none()
        && let Some(node) = planes.iter().find(named)
    {
        let message = format!("the endpoint `{host}` is {} alone", node.name.value);
        let finding = Diagnostic::new(&ONE_MACHINE, message)
            .label(endpoint, "all machines use this")
            .label(
                node.name.origin.span(),
                "if this machine fails, no one answers",
            );
        out.push(moving_instead(
            finding,
            model,
            &planes,
            endpoint.origin.span(),
        ));
    }
}

fn without_endpoint(model: &Model, planes: &[&Node]) -> Diagnostic {
    let message = format!(
        "{} nodes are the control plane ({}), and there is no endpoint that leads to all of them",
        planes.len(),
        names(planes)
    );
    let finding = roles(Diagnostic::new(&SEVERAL, message), planes);
    let finding = finding.label(
        model.cluster.head,
        "this cluster sets no `endpoint` and no `vip`",
    );
    let finding = match free_for_vip(model, planes) {
        Some(free) => finding.choice(|it| {
            let line = vip(free);
            it.add_inside(format!("add `{line}`"), model.cluster.head, &line)
        }),
        None => finding,
    };
    others_workers(finding, planes)
}

/// Offers an address that moves between them, in place of one that is a machine's.
fn moving_instead(
    finding: Diagnostic,
    model: &Model,
    planes: &[&Node],
    written: Option<Span>,
) -> Diagnostic {
    let (Some(span), Some(free)) = (written, free_for_vip(model, planes)) else {
        return finding;
    };
    let line = vip(free);
    let title = format!("add `{line}`, and let `endpoint` be that address");
    let edits = vec![
        Edit {
            span,
            replacement: free.to_string(),
            reach: Reach::Span,
        },
        Edit {
            span: model.cluster.head,
            replacement: line,
            reach: Reach::Inside,
        },
    ];
    finding.choice(|it| it.edits(title, edits))
}

/// The next free address after those of the control planes.
fn free_for_vip(model: &Model, planes: &[&Node]) -> Option<IpAddr> {
    let taken = planes
        .iter()
        .filter_map(|node| Some(node.address.as_ref()?.value));
    Some(free_addresses(model, 1, taken.max())?.first)
}

fn vip(address: IpAddr) -> String {
    format!("vip {{ address = {address} }}")
}

/// Offers to make all but the first one workers, if no two of them get their role from one place.
fn others_workers(finding: Diagnostic, planes: &[&Node]) -> Diagnostic {
    let places: Vec<Span> = planes.iter().filter_map(|node| role_place(node)).collect();
    let alone: BTreeSet<Span> = places.iter().copied().collect();
    let written = |node: &&Node| {
        let role = node.settings.role.as_ref();
        role.is_some_and(|role| role.origin.is_written())
    };
    if alone.len() != planes.len() || !planes.iter().all(written) {
        return finding;
    }
    let edits = places.into_iter().skip(1).map(|span| Edit {
        span,
        replacement: Role::Worker.word().to_owned(),
        reach: Reach::Span,
    });
    finding.choice(|it| it.edits("make the others workers", edits.collect()))
}

fn even(model: &Model, planes: &[&Node], out: &mut Findings<'_>) {
    if planes.len() % 2 == 1 || model.cluster.control_plane.external_etcd.is_some() {
        return;
    }
    let survived = planes.len() / 2 - 1;
    let message = match survived {
        0 => "two control planes: the cluster stops when either one fails".to_owned(),
        more => format!(
            "{} control planes survive the loss of {more}, as {} do",
            planes.len(),
            planes.len() - 1
        ),
    };
    out.push(roles(Diagnostic::new(&EVEN, message), planes));
}

/// How many places of a finding name control planes at most.
const MOST_PLACES: usize = 5;

/// Labels the places where the nodes get their role, each once, from the last one on.
fn roles(finding: Diagnostic, planes: &[&Node]) -> Diagnostic {
    let mut seen = BTreeSet::new();
    let places = planes.iter().rev().map(|node| role_place(node));
    let places = places.filter(|place| seen.insert(*place)).take(MOST_PLACES);
    places.fold(finding, |finding, place| {
        finding.label(place, "a control plane")
    })
}

fn role_place(node: &Node) -> Option<Span> {
    node.settings.role.as_ref()?.origin.span()
}
