//! What is left of a machine's memory for pods, after everything that runs on it anyway.

use crate::check::support::findings::Findings;
use crate::check::support::findings::{names, verb};
use crate::declare;
use crate::diagnostic::{Descriptor, Diagnostic};
use crate::model::{Model, Node, NodeSettings, Role, Told};

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
        no_edit: "memory is bought, or pods get less; neither is in the spec",
        sources: ["docs.k3s.io: reference/resource-profiling", "kubernetes.io: docs/concepts/scheduling-eviction/node-pressure-eviction"],
    }

    /// What is reserved (`reserve`, or the arguments `kube-reserved` and `system-reserved`), and what the kubelet keeps free before it
    /// evicts pods (`evictions`), is subtracted from what pods can request. If nothing remains, no pod that requests memory or
    /// processor time is ever scheduled on the node.
    ///
    /// ```pik fails
    /// board = pi-4b-2g
    /// kubelet { reserve { memory = 1GiB, system-memory = 1GiB } }
    /// ```
    ///
    /// ```pik
    /// board = pi-4b-2g
    /// kubelet { reserve { memory = 200MiB, system-memory = 200MiB } }
    /// ```
    pub static ASIDE = {
        code: "kubelet/reserves-all",
        since: "0.1.0",
        severity: Error,
        title: "more memory or processor time set aside than the machine has",
        help: "set less aside: on a small machine 100 to 300 MiB and a few tenths of a core together",
        no_edit: "how much less is set aside depends on what else runs on the machine",
        sources: ["kubernetes.io: docs/tasks/administer-cluster/reserve-compute-resources"],
    }
}

pub(in crate::check) static CODES: &[&Descriptor] = &[&LITTLE, &ASIDE];

/// Less than this is little, in MiB.
const LITTLE_BELOW: u64 = 512;

pub(in crate::check) fn check(model: &Model, out: &mut Findings<'_>) {
    out.blocks(|settings, nodes| reserved(model, settings, nodes));
    out.blocks(|settings, nodes| {
        let board = settings.board.as_ref()?;
        let budget = model.budget(settings)?;
        let (left, aside) = (budget.left(), budget.aside);
        if left >= LITTLE_BELOW || aside.memory + aside.free >= budget.memory {
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

/// More memory or processor time that is reserved than the machine has.
fn reserved(model: &Model, settings: &NodeSettings, nodes: &[&Node]) -> Option<Diagnostic> {
    let board = settings.board.as_ref()?;
    let usable = board.value.usable.value.mebibytes();
    let cores = u64::try_from(board.value.cores.value).unwrap_or(0);
    let cores = cores.saturating_mul(1000);
    let aside = model.aside(settings);
    let who_has = || format!("{} {}", names(nodes), verb(nodes, "has", "have"));
    let (message, resource) = if aside.memory + aside.free >= usable {
        let message = format!(
            "{} about {usable} MiB, and {} MiB are set aside in addition to the {} that the kubelet keeps free",
            who_has(),
            aside.memory,
            aside.free
        );
        (message, "memory")
    } else if aside.cpu >= cores {
        let message = format!(
            "{} {} cores, and {} thousandths of a core are set aside",
            who_has(),
            cores / 1000,
            aside.cpu
        );
        (message, "cpu")
    } else {
        return None;
    };
    let told = Told::kubelet(model, Some(settings));
    let cores = told.get("reservedSystemCPUs").filter(|_| resource == "cpu");
    let from = told.kept(resource).from.into_iter().chain(cores);
    let mut finding = Diagnostic::new(&ASIDE, message);
    for said in from {
        finding = finding.label(said.value.origin.span(), "set aside");
    }
    if resource == "memory" {
        let (_, said) = told.eviction("memory.available");
        finding = finding.label(said.and_then(|said| said.value.origin.span()), "kept free");
    }
    Some(finding.label(board, "this board"))
}
