//! A cluster has a control plane and at least one worker.

use crate::check::support::findings::Findings;
use crate::check::support::offers::{instead, is_own};
use crate::declare;
use crate::diagnostic::{Descriptor, Diagnostic};
use crate::model::{Model, Node, Role};

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

pub(in crate::check) static CODES: &[&Descriptor] = &[&NONE, &NO_WORKERS];

pub(in crate::check) fn check(model: &Model, out: &mut Findings<'_>) {
    // The missing node may be one that could not be read.
    let unread = model.damaged || model.lost_nodes;
    let damaged = unread || model.nodes.iter().any(|node| node.settings.role.is_none());
    let planes: Vec<&Node> = model.with_role(Role::ControlPlane).collect();
    if planes.is_empty() && !damaged {
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
    let no_worker = model.with_role(Role::Worker).next().is_none();
    let tainted = planes
        .iter()
        .all(|node| node.settings.taints.is_empty() && node.settings.no_taints.is_none());
    if let Some(first) = planes.first()
        && no_worker
        && !damaged
        && tainted
    {
        out.push(
            Diagnostic::new(
                &NO_WORKERS,
                "no node is a worker, and pods do not run on a control plane",
            )
                .label(model.cluster.head, "nothing can run here")
                .choice(|it| it.add_inside("let pods run on the control plane", first.settings.head, UNTAINTED))
                .help("add a node with `role = worker`, or write `taints { \"node-role.kubernetes.io/control-plane\" = PreferNoSchedule }` in the control plane"),
        );
    }
}

/// The taint of a control plane that pods are kept away by only if there is another machine.
const UNTAINTED: &str = "taints { \"node-role.kubernetes.io/control-plane\" = PreferNoSchedule }";

fn role_place(node: &Node) -> Option<crate::source::Span> {
    node.settings
        .role
        .as_ref()
        .and_then(|role| role.origin.span())
}
