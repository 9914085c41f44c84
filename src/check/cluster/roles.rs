//! A cluster has one control plane and at least one worker.

use std::collections::BTreeSet;

use crate::check::support::findings::Findings;
use crate::check::support::findings::names;
use crate::check::support::offers::{instead, is_own};
use crate::declare;
use crate::diagnostic::{Descriptor, Diagnostic, Edit, Reach};
use crate::model::{Model, Node, Role};
use crate::source::Span;

declare! {
    /// Every cluster needs a machine that runs the API server, the scheduler and etcd.
    ///
    /// ```pik whole fails
    /// cluster home {
    ///   kubernetes = 1.36
    ///   network {
    ///     lan     = 192.168.11.0/24
    ///     gateway = 192.168.11.1
    ///     dns     = [192.168.11.1]
    ///   }
    ///   runtime crio { }
    ///   cni flannel { }
    /// }
    /// node only {
    ///   role    = worker
    ///   os      = raspios-trixie
    ///   board   = pi-4b-4g
    ///   address = 192.168.11.10
    ///   interface eth0 { }
    ///   user pi { ssh-keys = ["ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIExampleExampleExampleExampleExampleExampleE you@laptop"] }
    /// }
    /// ```
    ///
    /// ```pik
    /// node extra {
    ///   role    = worker
    ///   os      = raspios-trixie
    ///   board   = pi-4b-4g
    ///   address = 192.168.11.209
    /// }
    /// ```
    pub static NONE = {
        code: "cluster/no-control-plane",
        since: "0.1.0",
        severity: Error,
        title: "a cluster without a control plane",
        help: "write `role = control-plane` in one node",
        sources: ["kubernetes.io/docs/setup/production-environment/tools/kubeadm/create-cluster-kubeadm"],
    }

    /// This release of pikc builds clusters with one control plane. Several need a shared address, shared keys and a
    /// fixed join order; half of that would be worse than nothing.
    ///
    /// Give the cluster an `endpoint` name now, and a second control plane can be added later without new certificates.
    ///
    /// ```pik fails
    /// node extra {
    ///   role    = control-plane
    ///   os      = raspios-trixie
    ///   board   = pi-4b-4g
    ///   address = 192.168.11.209
    /// }
    /// ```
    ///
    /// ```pik
    /// node extra {
    ///   role    = worker
    ///   os      = raspios-trixie
    ///   board   = pi-4b-4g
    ///   address = 192.168.11.209
    /// }
    /// ```
    pub static SEVERAL = {
        code: "cluster/several-control-planes",
        since: "0.1.0",
        severity: Error,
        title: "more than one control plane",
        help: "make all but one `role = worker`",
        sources: ["kubernetes/kubeadm#2188", "docs/output.md"],
    }

    /// kubeadm sets a taint on the control plane that keeps ordinary pods away. Without a worker, nothing but the
    /// cluster's own pods can run. A `taints` block in the control plane's node replaces that taint.
    ///
    /// ```pik whole fails
    /// cluster home {
    ///   kubernetes = 1.36
    ///   network {
    ///     lan     = 192.168.11.0/24
    ///     gateway = 192.168.11.1
    ///     dns     = [192.168.11.1]
    ///   }
    ///   runtime crio { }
    ///   cni flannel { }
    /// }
    /// node only {
    ///   role    = control-plane
    ///   os      = raspios-trixie
    ///   board   = pi-4b-4g
    ///   address = 192.168.11.10
    ///   interface eth0 { }
    ///   user pi { ssh-keys = ["ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIExampleExampleExampleExampleExampleExampleE you@laptop"] }
    /// }
    /// ```
    ///
    /// ```pik
    /// node extra {
    ///   role    = worker
    ///   os      = raspios-trixie
    ///   board   = pi-4b-4g
    ///   address = 192.168.11.209
    /// }
    /// ```
    pub static NO_WORKERS = {
        code: "cluster/no-workers",
        since: "0.1.0",
        severity: Warning,
        title: "a cluster without a worker",
        help: "add a node with `role = worker`, or allow this warning",
        sources: ["kubernetes.io/docs/concepts/scheduling-eviction/taint-and-toleration"],
    }
}

pub(in crate::check) static CODES: &[&Descriptor] = &[&NONE, &SEVERAL, &NO_WORKERS];

pub(in crate::check) fn check(model: &Model, out: &mut Findings<'_>) {
    // The missing node may be one that could not be read.
    let unread = model.damaged || model.lost_nodes;
    let damaged = unread || model.nodes.iter().any(|node| node.settings.role.is_none());
    let planes: Vec<&Node> = model.with_role(Role::ControlPlane).collect();
    match planes.as_slice() {
        [] if !damaged => {
            let mut finding = Diagnostic::new(&NONE, "no node is the control plane")
                .label(model.cluster.head, "this cluster has no control plane");
            if let Some(node) = model.nodes.first() {
                finding = finding.help(format!(
                    "write `role = control-plane` in a node, for example in {}",
                    node.name.value
                ));
                if let Some(role) = &node.settings.role
                    && is_own(model, role_place(node), role_place)
                {
                    finding = instead(finding, &role.origin, [Role::ControlPlane.word()]);
                }
            }
            out.push(finding);
        }
        [first, second, ..] => {
            let message = format!(
                "{} nodes are the control plane: {}",
                planes.len(),
                names(&planes)
            );
            let finding = Diagnostic::new(&SEVERAL, message)
                .label(role_place(second), "another one")
                .label(role_place(first), "the first one")
                .help(format!(
                    "keep {} and make the others `role = worker`",
                    first.name.value
                ));
            out.push(others_workers(finding, first, &planes));
        }
        _ => {}
    }
    let no_worker = model.with_role(Role::Worker).next().is_none();
    let tainted = planes
        .iter()
        .any(|node| node.settings.taints.is_empty() && node.settings.no_taints.is_none());
    if no_worker && !damaged && tainted && planes.len() == 1 {
        out.push(
            Diagnostic::new(
                &NO_WORKERS,
                "no node is a worker, and pods do not run on a control plane",
            )
                    .label(model.cluster.head, "nothing can run here")
                .choice(|it| it.add_inside("let pods run on the control plane", planes[0].settings.head, UNTAINTED))
                .help("add a node with `role = worker`, or write `taints { \"node-role.kubernetes.io/control-plane\" = PreferNoSchedule }` in the control plane"),
        );
    }
}

/// The taint of a control plane that pods are kept away by only if there is another machine.
const UNTAINTED: &str = "taints { \"node-role.kubernetes.io/control-plane\" = PreferNoSchedule }";

/// Offers to make all but the first one workers, if no two of them get their role from one place.
fn others_workers(finding: Diagnostic, first: &Node, planes: &[&Node]) -> Diagnostic {
    let places: Vec<Span> = planes.iter().filter_map(|node| role_place(node)).collect();
    let alone: BTreeSet<Span> = places.iter().copied().collect();
    let written = |node: &&Node| {
        node.settings
            .role
            .as_ref()
            .is_some_and(|role| role.origin.is_written())
    };
    if alone.len() != planes.len() || !planes.iter().all(written) {
        return finding;
    }
    let edits = places
        .into_iter()
        .filter(|place| Some(*place) != role_place(first));
    let edits = edits.map(|span| Edit {
        span,
        replacement: Role::Worker.word().to_owned(),
        reach: Reach::Span,
    });
    finding.choice(|it| it.edits("make the others workers", edits.collect()))
}

fn role_place(node: &Node) -> Option<crate::source::Span> {
    node.settings
        .role
        .as_ref()
        .and_then(|role| role.origin.span())
}
