//! What a control plane needs of its board.

use std::sync::Arc;

use crate::check::support::findings::Findings;
use crate::check::support::findings::{names, verb};
use crate::declare;
use crate::diagnostic::{Descriptor, Diagnostic};
use crate::model::{Model, Role};
use crate::origin::{Origin, Sourced};
use crate::source::Span;
use crate::stdlib::Board;

declare! {
    /// kubeadm refuses to start a control plane on a machine with less than 1700 MiB of memory (`[ERROR Mem]`), and it
    /// is right: API server, etcd, scheduler and controller manager need most of that before the first pod runs. What
    /// counts is what the system reports, not what is printed on the box: a Raspberry Pi 4 with 2 GB reports about 1854
    /// MiB, one with 1 GB about 900.
    ///
    /// Workers have no such limit.
    ///
    /// ```pik fails
    /// node node01 {
    ///   role    = control-plane
    ///   os      = raspios-trixie
    ///   board   = pi-3b-plus
    ///   address = 192.168.11.201
    ///   interface eth0 { }
    /// }
    /// ```
    ///
    /// ```pik
    /// node node01 {
    ///   role    = control-plane
    ///   os      = raspios-trixie
    ///   board   = pi-4b-2g
    ///   address = 192.168.11.201
    ///   interface eth0 { }
    /// }
    /// ```
    pub static TOO_SMALL = {
        code: "node/control-plane-memory",
        since: "0.1.0",
        severity: Error,
        title: "a control plane on a board that is too small",
        help: "use a board with 2 GiB or more",
        no_edit: "another board, or another machine for this role, is a decision about the cluster",
        sources: ["kubernetes/kubernetes: cmd/kubeadm/app/constants (ControlPlaneMem)", "kubernetes/kubernetes#93275", "siderolabs/talos#8592"],
    }

    /// kubeadm refuses to start a control plane on a machine with fewer than two cores (`[ERROR NumCPU]`).
    ///
    /// ```pik library fails
    /// board tiny {
    ///   title        = "A board with one core"
    ///   family       = tiny
    ///   hardware     = generic
    ///   cores        = 1
    ///   memory       = 4GiB
    ///   usable       = 3800MiB
    ///   architecture = arm64
    ///   source       = ["made up"]
    ///   checked      = 2026-11-22
    /// }
    /// ```
    ///
    /// ```pik
    /// node node01 {
    ///   role    = control-plane
    ///   os      = raspios-trixie
    ///   board   = pi-4b-2g
    ///   address = 192.168.11.201
    ///   interface eth0 { }
    /// }
    /// ```
    pub static TOO_FEW_CORES = {
        code: "node/control-plane-cpus",
        since: "0.1.0",
        severity: Error,
        title: "a control plane on a board with one core",
        help: "use a board with two cores or more",
        no_edit: "another board, or another machine for this role, is a decision about the cluster",
        sources: ["kubernetes/kubernetes: cmd/kubeadm/app/constants (ControlPlaneNumCPU)"],
    }
}

pub(in crate::check) static CODES: &[&Descriptor] = &[&TOO_SMALL, &TOO_FEW_CORES];

/// kubeadm's `ControlPlaneMem`, in mebibytes.
pub(in crate::check) const MEMORY: u64 = 1700;
/// kubeadm's `ControlPlaneNumCPU`.
const CORES: i64 = 2;

pub(in crate::check) fn check(_model: &Model, out: &mut Findings<'_>) {
    let is_plane = |role: &crate::origin::Sourced<Role>| role.value == Role::ControlPlane;
    out.blocks(|settings, nodes| {
        let (role, board) = (
            settings.role.as_ref().filter(|role| is_plane(role))?,
            settings.board.as_ref()?,
        );
        let usable = board.value.usable.value;
        (usable.mebibytes() < MEMORY).then(|| {
            Diagnostic::new(
                &TOO_SMALL,
                format!(
                    "{} {} a control plane on {} of memory, and kubeadm wants {MEMORY} MiB",
                    names(nodes),
                    verb(nodes, "is", "are"),
                    board.value.memory.value.spoken(),
                ),
            )
            .label(
                place(board, &board.value.memory.origin),
                format!("the system sees about {} MiB of it", usable.mebibytes()),
            )
            .label(role, "runs the API server and etcd")
            .help("make a board with 2 GiB or more the control plane, and this one a worker")
        })
    });
    out.blocks(|settings, nodes| {
        let (role, board) = (
            settings.role.as_ref().filter(|role| is_plane(role))?,
            settings.board.as_ref()?,
        );
        let cores = board.value.cores.value;
        (cores < CORES).then(|| {
            Diagnostic::new(
                &TOO_FEW_CORES,
                format!(
                    "{} {} a control plane with {cores} core, and kubeadm wants {CORES}",
                    names(nodes),
                    verb(nodes, "is", "are")
                ),
            )
            .label(
                place(board, &board.value.cores.origin),
                format!("{cores} core"),
            )
            .label(role, "runs the API server and etcd")
        })
    });
}

/// Where the spec says how large a machine is: in the node, or by naming its board.
fn place(board: &Sourced<Arc<Board>>, size: &Origin) -> Option<Span> {
    if board.value.by_node {
        return size.span();
    }
    board.origin.span()
}
