//! Kubelet settings that do not fit the release or the network.

use crate::check::support::findings::Findings;
use crate::check::support::findings::names;
use crate::check::support::offers;
use crate::declare;
use crate::diagnostic::{Descriptor, Diagnostic};
use crate::model::{Model, Node, Swap};

declare! {
    /// Each pod needs an address from its node's piece of the pod range. A /24 piece holds 254, less the bridge's own.
    /// If more pods are allowed than there are addresses, the last ones stay in ContainerCreating. By default, a
    /// kubelet allows 110 pods. CNIs that allocate blocks of their own from the pod range (Calico, Weave Net) are not
    /// affected.
    ///
    /// ```pik fails
    /// kubelet { max-pods = 300 }
    /// ```
    ///
    /// ```pik
    /// kubelet { max-pods = 110 }
    /// ```
    pub static MAX_PODS = {
        code: "kubelet/max-pods",
        since: "0.1.0",
        severity: Warning,
        title: "more pods than addresses",
        help: "write a smaller `max-pods`, or a smaller `node-prefix`",
        sources: ["kubernetes-sigs/kubespray: roles/validate_inventory"],
    }

    /// These releases of kubeadm upload the first node's own kubelet patch as the settings of all nodes that join
    /// later: what was meant for one node applies to all.
    ///
    /// ```pik fails
    /// cluster home {
    ///   kubernetes = 1.29.0
    ///   network {
    ///     lan     = 192.168.11.0/24
    ///     gateway = 192.168.11.1
    ///     dns     = [192.168.11.1]
    ///   }
    ///   runtime crio { }
    ///   cni flannel { }
    /// }
    /// node node01 {
    ///   role    = control-plane
    ///   os      = raspios-trixie
    ///   board   = pi-4b-2g
    ///   address = 192.168.11.201
    ///   swap    = on
    ///   interface eth0 { }
    ///   user pi { ssh-keys = ["ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIExampleExampleExampleExampleExampleExampleE you@laptop"] }
    /// }
    /// ```
    ///
    /// ```pik
    /// kubernetes = 1.36
    /// ```
    pub static LEAK = {
        code: "kubelet/patch-leaks",
        since: "0.1.0",
        severity: Warning,
        title: "a kubeadm that gives one node's kubelet settings to all",
        help: "write a newer patch release",
        sources: ["kubernetes/kubeadm#3008", "kubernetes/kubernetes#123106"],
    }
}

pub(in crate::check) static CODES: &[&Descriptor] = &[&MAX_PODS, &LEAK];

/// What the kubelet allows by default.
const USUAL: i64 = 110;

pub(in crate::check) fn check(model: &Model, out: &mut Findings<'_>) {
    // A CNI that allocates blocks of its own gives a node as many as its pods need.
    if model
        .facts
        .cni
        .as_ref()
        .is_none_or(|cni| cni.needs_node_ranges)
    {
        pods(model, out);
    }
    leak(model, out);
}

fn pods(model: &Model, out: &mut Findings<'_>) {
    let Some(piece) = &model.cluster.network.node_prefix else {
        return;
    };
    // The network, broadcast and bridge addresses are not available to pods.
    let room = (1_i64 << (32 - piece.value.clamp(1, 31))) - 3;
    let place = piece.origin.span().filter(|_| piece.origin.is_written());
    let for_all = model.cluster.kubelet.max_pods.as_ref();
    if let Some(most) = for_all.filter(|most| most.value > room) {
        out.push(
            Diagnostic::new(
                &MAX_PODS,
                format!(
                    "{} pods on a node, and its piece of the pod range holds {room}",
                    most.value
                ),
            )
            .label(most, "this many pods")
            .label(place, "the size of the piece")
            .choice(|it| it.write(&most.origin, room)),
        );
    }
    out.blocks(|settings, nodes| {
        let most = settings
            .kubelet
            .max_pods
            .as_ref()
            .filter(|most| most.value > room)?;
        Some(
            Diagnostic::new(
                &MAX_PODS,
                format!(
                    "{} pods on {}, and a node's piece of the pod range holds {room}",
                    most.value,
                    names(nodes)
                ),
            )
            .label(most, "this many pods")
            .label(place, "the size of the piece")
            .choice(|it| it.write(&most.origin, room)),
        )
    });
    let silent = |node: &&Node| for_all.is_none() && node.settings.kubelet.max_pods.is_none();
    let silent: Vec<&Node> = model.nodes.iter().filter(silent).collect();
    if USUAL > room && !silent.is_empty() {
        out.push(
            Diagnostic::new(
                &MAX_PODS,
                format!(
                    "{} may have {USUAL} pods, and a node's piece of the pod range holds {room}",
                    names(&silent)
                ),
            )
            .label(place, "the size of the piece")
            .help(format!(
                "write `kubelet {{ max-pods = {room} }}` in the cluster, or a smaller `node-prefix`"
            )),
        );
    }
}

fn leak(model: &Model, out: &mut Findings<'_>) {
    let Some(first) = model.first_control_plane() else {
        return;
    };
    let (Some(exact), Some(release)) = (&model.cluster.exact, &model.facts.release) else {
        return;
    };
    let Some((from, fixed)) = &release.patch_leak else {
        return;
    };
    let settings = &first.settings;
    let swap = settings
        .swap
        .as_ref()
        .filter(|swap| swap.value != Swap::Off);
    let place = swap
        .map(|swap| &swap.origin)
        .or_else(|| settings.kubelet.max_pods.as_ref().map(|most| &most.origin))
        .or_else(|| {
            settings
                .kubelet
                .fail_swap_on
                .as_ref()
                .map(|fail| &fail.origin)
        });
    if let Some(place) = place.filter(|_| (from.value..fixed.value).contains(&exact.value)) {
        let finding = Diagnostic::new(
            &LEAK,
            format!(
                "kubeadm {} gives the kubelet settings of {} to every node that joins",
                exact.value, first.name.value
            ),
        )
        .label(place.span(), "meant for this node")
        .label(&model.cluster.kubernetes, "the release that leaks")
        .help(format!("write `kubernetes = {}` or later", fixed.value));
        out.push(offers::release(finding, model, Some(fixed.value)));
    }
}
