//! What is left of a machine for pods, after everything that runs on it anyway.

use crate::check::support::findings::Findings;
use crate::check::support::findings::{names, verb};
use crate::declare;
use crate::diagnostic::{Descriptor, Diagnostic};
use crate::model::{Model, Role};

declare! {
    /// The system, the runtime, the kubelet, the network and, on a control plane, its programs are there before the first pod. On a
    /// board of 1 GB they leave a few hundred MiB; a pod that takes more is killed, or the machine swaps and its node is lost for a
    /// minute at a time. `pikc show --budget` shows the sum for each kind of machine.
    ///
    /// Warned of below 512 MiB. What would help: a board with more memory, a lighter CNI, swap for pods (`swap = limited`), or a taint
    /// that keeps pods away that do not ask to come. Where small pods are all that will run there, `allow` says so.
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
        title: "little memory that is left for pods",
        help: "a board with more memory, or `swap = limited` for pods that may wait; for small pods only: `allow node/little-left { reason = ... }`; `pikc show --budget` shows the sum",
        sources: ["docs.k3s.io: reference/resource-profiling", "kubernetes.io: docs/concepts/scheduling-eviction/node-pressure-eviction"],
    }

    /// What `kube-reserved` and `system-reserved` set aside, and what the kubelet keeps free before it ends pods, is taken from what
    /// pods may ask for. Where nothing remains, no pod that asks for memory is ever placed on the node.
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

/// What the kubelet keeps free where nothing is said, in MiB.
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
                "{} {} about {usable} MiB, and {aside} MiB are set aside beside the {KEPT_FREE} that the kubelet keeps free",
                names(nodes),
                verb(nodes, "has", "have"),
            );
            // What a node says itself wins over what all of them have.
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
        // That a control plane does not start at all has been said.
        if plane && budget.memory < crate::check::node::capacity::MEMORY {
            return None;
        }
        let message = format!(
            "about {left} MiB of {} are left for pods on {}",
            budget.memory,
            names(nodes)
        );
        let taken = format!("{} MiB are taken before the first of them", budget.taken());
        Some(Diagnostic::new(&LITTLE, message).label(board, taken))
    });
}
