//! Rules about the documents of one cluster together: what joins, what kube-proxy and the CNI do, who hands out addresses.

use ipnet::IpNet;

use crate::check::cni::configuration::DIFFERS;
use crate::check::kubernetes::kube_proxy::NO_REPLACEMENT;
use crate::check::network::cluster_ranges::intersection;
use crate::declare;
use crate::diagnostic::{Descriptor, Diagnostic, Diagnostics, Severity};
use crate::model::{Applied, Existing, Model};
use crate::source::Spanned;

declare! {
    /// A further control plane can join only a cluster with one address for all of them: "unable to add a new control plane instance to a cluster that
    /// doesn't have a stable controlPlaneEndpoint address". The address is in every certificate and every kubeconfig, so that it is
    /// difficult to add later. It can be a name that leads to the first machine until there is a load balancer.
    ///
    /// ```yaml fails
    /// apiVersion: kubeadm.k8s.io/v1beta4
    /// kind: ClusterConfiguration
    /// kubernetesVersion: v1.36.4
    /// ---
    /// apiVersion: kubeadm.k8s.io/v1beta4
    /// kind: JoinConfiguration
    /// controlPlane: {}
    /// discovery:
    ///   file: { kubeConfigPath: /etc/kubernetes/discovery.conf }
    /// ```
    ///
    /// ```yaml
    /// apiVersion: kubeadm.k8s.io/v1beta4
    /// kind: ClusterConfiguration
    /// kubernetesVersion: v1.36.4
    /// controlPlaneEndpoint: k8s.example.org:6443
    /// ---
    /// apiVersion: kubeadm.k8s.io/v1beta4
    /// kind: JoinConfiguration
    /// controlPlane: {}
    /// discovery:
    ///   file: { kubeConfigPath: /etc/kubernetes/discovery.conf }
    /// ```
    pub static NO_ENDPOINT = {
        code: "kubeadm/no-endpoint",
        since: "0.1.0",
        severity: Error,
        title: "a further control plane, and no address for all of them",
        help: "write `controlPlaneEndpoint: NAME:6443` before `kubeadm init`",
        no_edit: "the address for all control planes is not in the file",
        sources: ["kubernetes/kubernetes cmd/kubeadm/app/cmd/join.go", "kubernetes.io: docs/setup/production-environment/tools/kubeadm/high-availability"],
    }

    /// Kubernetes gives each node a piece of the pod range, by default a /24, and this range is one piece. The first node takes it; the second gets
    /// none, and its pods no addresses.
    ///
    /// ```yaml fails
    /// apiVersion: kubeadm.k8s.io/v1beta4
    /// kind: ClusterConfiguration
    /// kubernetesVersion: v1.36.4
    /// networking:
    ///   podSubnet: 10.244.0.0/24
    /// ---
    /// apiVersion: apps/v1
    /// kind: DaemonSet
    /// metadata: { name: kube-flannel-ds, namespace: kube-flannel }
    /// ```
    ///
    /// ```yaml
    /// apiVersion: kubeadm.k8s.io/v1beta4
    /// kind: ClusterConfiguration
    /// kubernetesVersion: v1.36.4
    /// networking:
    ///   podSubnet: 10.244.0.0/16
    /// ---
    /// apiVersion: apps/v1
    /// kind: DaemonSet
    /// metadata: { name: kube-flannel-ds, namespace: kube-flannel }
    /// ```
    pub static ONE_PIECE = {
        code: "network/one-piece",
        since: "0.1.0",
        severity: Warning,
        title: "a pod range for one node",
        help: "write a larger range, such as a /16, before `kubeadm init`",
        no_edit: "it is reported for files of kubeadm only; the sizes are in several of them",
        sources: ["kubernetes/kubernetes#85866", "flannel-io/flannel#728"],
    }

    /// This CNI waits for the piece of the pod range that Kubernetes gives each node, and an argument of the controller manager turns that off. The
    /// CNI's pods restart again and again with "pod cidr not assigned".
    ///
    /// ```yaml fails
    /// apiVersion: kubeadm.k8s.io/v1beta4
    /// kind: ClusterConfiguration
    /// kubernetesVersion: v1.36.4
    /// networking:
    ///   podSubnet: 10.244.0.0/16
    /// controllerManager:
    ///   extraArgs:
    ///     - { name: allocate-node-cidrs, value: "false" }
    /// ---
    /// apiVersion: apps/v1
    /// kind: DaemonSet
    /// metadata: { name: kube-flannel-ds, namespace: kube-flannel }
    /// ```
    ///
    /// ```yaml
    /// apiVersion: kubeadm.k8s.io/v1beta4
    /// kind: ClusterConfiguration
    /// kubernetesVersion: v1.36.4
    /// networking:
    ///   podSubnet: 10.244.0.0/16
    /// ---
    /// apiVersion: apps/v1
    /// kind: DaemonSet
    /// metadata: { name: kube-flannel-ds, namespace: kube-flannel }
    /// ```
    pub static NO_PIECES = {
        code: "control-plane/no-pod-ranges",
        since: "0.1.0",
        severity: Error,
        title: "a CNI that waits for ranges that Kubernetes does not hand out",
        help: "drop the argument `allocate-node-cidrs`",
        no_edit: "it is reported for files of kubeadm only, and the range to hand out is not in them",
        sources: ["flannel-io/flannel#728", "kubernetes.io: docs/reference/command-line-tools-reference/kube-controller-manager"],
    }

    /// kubeadm ends at a machine that swaps, unless it is told to ignore that. The kubelet ends at it as well, and only its own setting
    /// changes that: `failSwapOn: false`. With kubeadm's check alone ignored, `init` waits four minutes for a kubelet that starts again and again.
    ///
    /// ```yaml fails
    /// apiVersion: kubeadm.k8s.io/v1beta4
    /// kind: InitConfiguration
    /// nodeRegistration:
    ///   ignorePreflightErrors: [Swap]
    /// ```
    ///
    /// ```yaml
    /// apiVersion: kubeadm.k8s.io/v1beta4
    /// kind: InitConfiguration
    /// nodeRegistration:
    ///   ignorePreflightErrors: [Swap]
    /// ---
    /// apiVersion: kubelet.config.k8s.io/v1beta1
    /// kind: KubeletConfiguration
    /// failSwapOn: false
    /// ```
    pub static ONLY_PREFLIGHT = {
        code: "swap/only-preflight",
        since: "0.1.0",
        severity: Warning,
        title: "swap that kubeadm ignores and the kubelet does not",
        help: "write `failSwapOn: false` in a KubeletConfiguration in the same file, or turn swap off on the machine and drop `Swap` from `ignorePreflightErrors`",
        no_edit: "it is reported for files of kubeadm only, and whether the machine should have swap is not in them",
        sources: ["kubernetes/kubeadm#610", "kubernetes/kubeadm#2563"],
    }

    /// Cilium hands out addresses from a pool of its own (`ipam: cluster-pool`, 10.0.0.0/8 if nothing is written), not from kubeadm's pod range. If the pool
    /// covers services, pods get addresses of services; if it is not kubeadm's range, whatever knows pods by `podSubnet` is wrong about
    /// them: kube-proxy masks packets between pods, and firewalls refuse them.
    ///
    /// ```yaml fails
    /// apiVersion: kubeadm.k8s.io/v1beta4
    /// kind: ClusterConfiguration
    /// kubernetesVersion: v1.36.4
    /// networking:
    ///   podSubnet: 10.244.0.0/16
    /// ---
    /// apiVersion: apps/v1
    /// kind: DaemonSet
    /// metadata: { name: cilium, namespace: kube-system }
    /// ---
    /// apiVersion: v1
    /// kind: ConfigMap
    /// metadata: { name: cilium-config, namespace: kube-system }
    /// data: { ipam: cluster-pool, cluster-pool-ipv4-cidr: 10.0.0.0/8 }
    /// ```
    ///
    /// ```yaml
    /// apiVersion: kubeadm.k8s.io/v1beta4
    /// kind: ClusterConfiguration
    /// kubernetesVersion: v1.36.4
    /// networking:
    ///   podSubnet: 10.244.0.0/16
    /// ---
    /// apiVersion: apps/v1
    /// kind: DaemonSet
    /// metadata: { name: cilium, namespace: kube-system }
    /// ```
    pub static POOL = {
        code: "cni/own-pool",
        since: "0.1.0",
        severity: Warning,
        title: "a CNI with a pool of addresses that is not the pod range",
        help: "write the pod range as `cluster-pool-ipv4-cidr`, or `ipam: kubernetes`",
        no_edit: "the pool is in a file that other tools wrote, among objects that may refer to it",
        sources: ["cilium/cilium Documentation/network/concepts/ipam/cluster-pool.rst"],
    }
}

pub(in crate::check) static CODES: &[&Descriptor] =
    &[&NO_ENDPOINT, &ONE_PIECE, &NO_PIECES, &ONLY_PREFLIGHT, &POOL];

pub(super) fn check(model: &Model, existing: &Existing, out: &mut Diagnostics) {
    joins(existing, out);
    swap(model, existing, out);
    for applied in &existing.networks {
        proxy(applied, existing, out);
        pieces(model, applied, existing, out);
        second(applied, existing, out);
        pool(model, applied, out);
    }
}

/// A control plane that joins a cluster of the same run.
fn joins(existing: &Existing, out: &mut Diagnostics) {
    if let (Some(cluster), Some(joins), None) =
        (existing.cluster, existing.machine.joins, existing.endpoint)
    {
        let message =
            "a further control plane cannot join: the cluster has no `controlPlaneEndpoint`";
        out.push(
            Diagnostic::new(&NO_ENDPOINT, message)
                .label(joins, "joins as a control plane")
                .label(cluster, "no `controlPlaneEndpoint`"),
        );
    }
}

fn swap(model: &Model, existing: &Existing, out: &mut Diagnostics) {
    let Some(place) = existing.machine.ignores_swap else {
        return;
    };
    let kubelet = model.cluster.kubelet.fail_swap_on.as_ref();
    let argument = model.nodes.iter().any(|node| {
        let mut given = node.settings.kubelet.extra_args.iter();
        given.any(|(name, value)| name.value == "fail-swap-on" && value.value == "false")
    });
    if argument || kubelet.is_some_and(|on| !on.value) {
        return;
    }
    let message = "kubeadm ignores swap, but the kubelet still exits because of it";
    out.push(
        Diagnostic::new(&ONLY_PREFLIGHT, message)
            .label(place, "only kubeadm ignores it")
            .label(kubelet.and_then(|on| on.origin.span()), "the kubelet exits"),
    );
}

/// kube-proxy is left out, and the CNI has no way to do its work.
fn proxy(applied: &Applied, existing: &Existing, out: &mut Diagnostics) {
    let Some(place) = existing.machine.skips_proxy else {
        return;
    };
    if applied.cni.offer("without-kube-proxy").is_none() {
        let message = format!(
            "kube-proxy is left out, and {} does not do its work",
            applied.cni.title
        );
        out.push(
            Diagnostic::new(&NO_REPLACEMENT, message)
                .label(place, "no kube-proxy")
                .label(applied.place, "this CNI")
                .help(
                    "drop the phase from `skipPhases`, or apply a CNI that does kube-proxy's work",
                ),
        );
    }
}

fn pieces(model: &Model, applied: &Applied, existing: &Existing, out: &mut Diagnostics) {
    if !applied.cni.needs_node_ranges || applied.pool.is_some() {
        return;
    }
    let title = &applied.cni.title;
    if let Some(off) = existing.no_node_ranges {
        let message = format!(
            "{title} waits for a range for each node, and `allocate-node-cidrs` is \"false\""
        );
        out.push(
            Diagnostic::new(&NO_PIECES, message)
                .label(off, "no node gets a range")
                .label(applied.place, "waits for it"),
        );
        return;
    }
    let network = &model.cluster.network;
    if let (Some(pods), Some(piece)) = (&network.pods, &network.node_prefix)
        && i64::from(pods.value.prefix_len()) == piece.value
    {
        let message = format!(
            "{} is one piece of /{}: a second node gets none",
            pods.value, piece.value
        );
        let mut finding = Diagnostic::new(&ONE_PIECE, message).label(pods, "one piece");
        if piece.origin.is_written() {
            finding = finding.label(piece, "each node's piece");
        }
        out.push(finding.label(applied.place, "needs a piece on each node"));
    }
}

/// The range of the second address family in the CNI's own configuration.
fn second(applied: &Applied, existing: &Existing, out: &mut Diagnostics) {
    let pods = existing
        .pods
        .iter()
        .find(|range| range.value.addr().is_ipv6());
    let (Some(own), Some(pods)) = (&applied.second, pods) else {
        return;
    };
    if own.value != pods.value {
        let message = format!(
            "{} would route {}, but pods get addresses from {}",
            applied.cni.title, own.value, pods.value
        );
        out.push(
            Diagnostic::new(&DIFFERS, message)
                .label(pods.span, "kubeadm hands each node a piece of this range")
                .label(own.span, "the CNI's manifest sets this")
                .help("write one range in both, before `kubeadm init`"),
        );
    }
}

/// A pool from which the CNI hands out addresses by itself.
fn pool(model: &Model, applied: &Applied, out: &mut Diagnostics) {
    let Some(pool) = &applied.pool else {
        return;
    };
    let network = &model.cluster.network;
    let title = &applied.cni.title;
    let shared = network
        .services
        .as_ref()
        .filter(|services| intersection(pool.value, services.value).is_some());
    if let Some(services) = shared {
        let message = format!(
            "{title} hands out {} to pods, and services have {}",
            pool.value, services.value
        );
        out.push(
            Diagnostic::new(&POOL, message)
                .severity(Severity::Error)
                .label(pool.span, "the CNI's pool")
                .label(services, "the service range"),
        );
    } else if let Some(pods) = network
        .pods
        .as_ref()
        .filter(|pods| !covers(pods.value, pool))
    {
        let message = format!(
            "{title} hands out {}, and kubeadm's pod range is {}",
            pool.value, pods.value
        );
        out.push(
            Diagnostic::new(&POOL, message)
                .label(pool.span, "the CNI's pool")
                .label(pods, "kubeadm's pod range"),
        );
    }
}

fn covers(pods: IpNet, pool: &Spanned<IpNet>) -> bool {
    pods.contains(&pool.value)
}
