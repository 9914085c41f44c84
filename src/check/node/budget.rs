//! What is left of a machine's memory for pods, after everything that runs on it anyway.

use crate::check::support::findings::Findings;
use crate::check::support::findings::{names, verb};
use crate::declare;
use crate::diagnostic::{Descriptor, Diagnostic};
use crate::model::{Model, Role};

declare! {
    /// The system, the runtime, the kubelet, the network and, on a control plane, its programs use memory before the
    /// first pod starts. On a board with 1 GB they leave a few hundred MiB; a pod that uses more is killed, or the
    /// machine swaps and its node is lost for a minute at a time. `pikc show --budget` shows the sum for each kind of
    /// machine.
    ///
    /// pikc warns below 512 MiB. What helps: a board with more memory, a lighter CNI, swap for pods
    /// (`swap = limited`), or a taint that keeps away pods that do not tolerate it. If only small pods will run there,
    /// say so with `allow`.
    ///
    /// ```pik fails
    /// board = pi-3b-plus
    /// ```
    ///
    /// ```pik
    /// board = pi-4b-2g
    /// ```
    pub static LITTLE = {
        code: "node/little-left",
        since: "0.1.0",
        severity: Warning,
        title: "little memory left for pods",
        help: "use a board with more memory, or `swap = limited` for pods that can wait; for small pods only: `allow node/little-left { reason = ... }`; `pikc show --budget` shows the sum",
        sources: ["docs.k3s.io: reference/resource-profiling", "kubernetes.io: docs/concepts/scheduling-eviction/node-pressure-eviction"],
    }

    /// What `kube-reserved` and `system-reserved` set aside, and what the kubelet keeps free before it evicts pods, is
    /// subtracted from what pods can request. If nothing remains, no pod that requests memory is ever scheduled on the
    /// node.
    ///
    /// ```pik fails
    /// board = pi-4b-2g
    /// kubelet { extra-args { system-reserved = "memory=1Gi", kube-reserved = "memory=1Gi" } }
    /// ```
    ///
    /// ```pik
    /// board = pi-4b-2g
    /// kubelet { extra-args { system-reserved = "memory=200Mi", kube-reserved = "memory=200Mi" } }
    /// ```
    pub static ASIDE = {
        code: "kubelet/reserves-all",
        since: "0.1.0",
        severity: Error,
        title: "more memory set aside than the machine has",
        help: "set less aside: on a small machine 100 to 300 MiB together",
        sources: ["kubernetes.io: docs/tasks/administer-cluster/reserve-compute-resources"],
    }
}

pub(in crate::check) static CODES: &[&Descriptor] = &[&LITTLE, &ASIDE];

/// What the kubelet keeps free by default, in MiB.
const KEPT_FREE: u64 = 100;
/// Less than this is little, in MiB.
const LITTLE_BELOW: u64 = 512;

pub(in crate::check) fn check(model: &Model, out: &mut Findings<'_>) {
    out.blocks(|settings, nodes| {
        let board = settings.board.as_ref()?;
        let usable = board.value.usable.value.mebibytes();
        let aside = model.aside(settings).memory;
        (aside + KEPT_FREE >= usable).then(|| {
            let message = format!(
                "{} {} about {usable} MiB, and {aside} MiB are set aside in addition to the {KEPT_FREE} that the kubelet keeps free",
                names(nodes),
                verb(nodes, "has", "have"),
            );
            // A node's own setting wins over the cluster's.
            let reserved = ["kube-reserved", "system-reserved"].into_iter().filter_map(|name| {
                let kubelets = [&settings.kubelet, &model.cluster.kubelet];
                let mut arguments = kubelets.into_iter().flat_map(|kubelet| &kubelet.extra_args);
                let (_, argument) = arguments.find(|(key, _)| key.value == name)?;
                argument.origin.span()
            });
            let finding = Diagnostic::new(&ASIDE, message);
            let finding = reserved.fold(finding, |finding, place| finding.label(place, "set aside"));
            finding.label(board, "this board")
        })
    });
    out.blocks(|settings, nodes| {
        let board = settings.board.as_ref()?;
        let budget = model.budget(settings)?;
        let left = budget.left();
        if left >= LITTLE_BELOW || model.aside(settings).memory + KEPT_FREE >= budget.memory {
            return None;
        }
        let plane = settings
            .role
            .as_ref()
            .is_some_and(|role| role.value == Role::ControlPlane);
        // The control plane does not start at all, which has been reported.
        if plane && budget.memory < crate::check::node::capacity::MEMORY {
            return None;
        }
        let message = format!(
            "about {left} MiB of {} are left for pods on {}",
            budget.memory,
            names(nodes)
        );
        let taken = format!("{} MiB are in use before the first pod", budget.taken());
        Some(Diagnostic::new(&LITTLE, message).label(board, taken))
    });
}
