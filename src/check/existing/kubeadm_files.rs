//! The rules for a cluster without a spec: the rules of a spec where they apply to its files, and rules for mistakes
//! that only such files can contain.

use ipnet::IpNet;

use crate::check::cni::configuration;
use crate::check::kubernetes::kubelet_settings::{CLUSTER_DNS, EVICTIONS_LOST, IMAGE_GC};
use crate::declare;
use crate::diagnostic::{Descriptor, Diagnostic, Diagnostics};
use crate::model::{Applied, Existing, Model};
use crate::source::Spanned;
use crate::value::Version;

declare! {
    /// This CNI uses the piece of the pod range that Kubernetes gives each node, and without `podSubnet` Kubernetes
    /// gives none: the CNI's pods restart again and again with "pod cidr not assigned", and no other pod gets an
    /// address.
    ///
    /// ```yaml fails
    /// apiVersion: kubeadm.k8s.io/v1beta4
    /// kind: ClusterConfiguration
    /// kubernetesVersion: v1.36.4
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
    pub static NO_POD_RANGE = {
        code: "kubeadm/no-pod-range",
        since: "0.1.0",
        severity: Error,
        title: "a CNI that waits for a pod range that is never assigned",
        help: "write `networking.podSubnet` with the range in the CNI's manifest",
        sources: ["flannel-io/flannel#728", "flannel-io/flannel#1224", "flannel-io/flannel#1344"],
    }

    /// Two pod networks on one cluster: each leaves a file in /etc/cni/net.d, and the runtime uses the one that comes
    /// first by name, which need not be the same on two nodes. Usually one of them is left over from an earlier
    /// attempt.
    ///
    /// ```yaml fails
    /// apiVersion: apps/v1
    /// kind: DaemonSet
    /// metadata: { name: kube-flannel-ds, namespace: kube-flannel }
    /// ---
    /// apiVersion: apps/v1
    /// kind: DaemonSet
    /// metadata: { name: calico-node, namespace: kube-system }
    /// ```
    ///
    /// ```yaml
    /// apiVersion: apps/v1
    /// kind: DaemonSet
    /// metadata: { name: calico-node, namespace: kube-system }
    /// ```
    pub static TWO_NETWORKS = {
        code: "manifest/two-networks",
        since: "0.1.0",
        severity: Error,
        title: "two CNIs on one cluster",
        help: "apply one of them; remove the other's objects, links, and files in /etc/cni/net.d",
        sources: ["projectcalico/calico#2561", "flannel-io/flannel: Documentation/upgrade.md"],
    }

    /// The kubelet exits if its release does not have the swap behaviour that is set: 1.30 removed `UnlimitedSwap` and
    /// added `NoSwap`.
    ///
    /// ```yaml fails
    /// apiVersion: kubeadm.k8s.io/v1beta4
    /// kind: ClusterConfiguration
    /// kubernetesVersion: v1.36.4
    /// ---
    /// apiVersion: kubelet.config.k8s.io/v1beta1
    /// kind: KubeletConfiguration
    /// failSwapOn: false
    /// memorySwap: { swapBehavior: UnlimitedSwap }
    /// ```
    ///
    /// ```yaml
    /// apiVersion: kubeadm.k8s.io/v1beta4
    /// kind: ClusterConfiguration
    /// kubernetesVersion: v1.36.4
    /// ---
    /// apiVersion: kubelet.config.k8s.io/v1beta1
    /// kind: KubeletConfiguration
    /// failSwapOn: false
    /// memorySwap: { swapBehavior: LimitedSwap }
    /// ```
    pub static SWAP_BEHAVIOUR = {
        code: "kubelet/swap-behaviour",
        since: "0.1.0",
        severity: Error,
        title: "a swap behaviour that this kubelet does not have",
        help: "write a `swapBehavior` that this release has",
        sources: ["kubernetes/enhancements#2400", "kubernetes/kubernetes staging/src/k8s.io/kubelet/config/v1beta1/types.go"],
    }
}

pub(in crate::check) static CODES: &[&Descriptor] =
    &[&NO_POD_RANGE, &TWO_NETWORKS, &SWAP_BEHAVIOUR];

/// The codes of a spec's rules that apply to such files, with what to type there. The others are about things that
/// these files do not contain.
pub static APPLY: &[(&str, &str)] = &[
    (
        "kubernetes/release-ended",
        "write a newer `kubernetesVersion`; a running cluster goes up one minor release at a time",
    ),
    (
        "kubernetes/release-ends-soon",
        "plan the upgrade to the next minor release",
    ),
    (
        "kubernetes/newer-than-library",
        "it is used as it is; nothing that came with it is checked",
    ),
    (
        "network/pods-overlap-services",
        "write another `networking.podSubnet` or `networking.serviceSubnet`",
    ),
    (
        "network/special-range",
        "write a private range, within 10.0.0.0/8, 172.16.0.0/12 or 192.168.0.0/16",
    ),
    (
        "network/others-range",
        "write another range, unless that program never runs on a node",
    ),
    (
        "network/public-range",
        "write a private range, within 10.0.0.0/8, 172.16.0.0/12 or 192.168.0.0/16",
    ),
    (
        "network/node-prefix",
        "write a `networking.podSubnet` that holds several pieces, as a /16 does, or another `node-cidr-mask-size-ipv4`",
    ),
    (
        "network/services-size",
        "write a `networking.serviceSubnet` from /12 to /28",
    ),
    ("proxy/mode", "write `mode: iptables` or `mode: nftables`"),
    ("kubelet/max-pods", "write a smaller `maxPods`"),
    ("kubelet/argument-gone", "drop the argument"),
    ("feature-gate/refused", "drop the gate"),
    (
        "feature-gate/unseen",
        "look it up for your release: `pikc stdlib show gates/kubelet` lists what pikc knows",
    ),
    ("feature-gate/locked", "drop the gate"),
];

/// The first release whose kubelet can keep the default thresholds of the other signals.
const MERGES_FROM: Version = Version::line(1, 33);

/// Runs every rule that applies.
pub fn check_existing(model: &Model, existing: &Existing, out: &mut Diagnostics) {
    let mut found = Diagnostics::default();
    crate::check::look(model, &mut found);
    for finding in found.iter() {
        let rule = APPLY
            .iter()
            .find(|(code, _)| *code == finding.descriptor.code);
        if let Some((_, help)) = rule {
            let mut finding = finding.clone().help(*help);
            // An edit of a spec makes no sense in such a file.
            finding.fixes.clear();
            out.push(finding);
        }
    }
    networks(model, existing, out);
    cluster_dns(existing, out);
    evictions(model, existing, out);
    image_gc(existing, out);
    swap(model, existing, out);
}

fn networks(model: &Model, existing: &Existing, out: &mut Diagnostics) {
    if let [first, .., second] = existing.networks.as_slice()
        && first.cni.name != second.cni.name
    {
        let message = format!(
            "{} and {} are both applied",
            first.cni.title, second.cni.title
        );
        let finding = Diagnostic::new(&TWO_NETWORKS, message);
        out.push(
            finding
                .label(first.place, "one network")
                .label(second.place, "another"),
        );
        return;
    }
    for applied in &existing.networks {
        network(model, existing, applied, out);
    }
}

fn network(model: &Model, existing: &Existing, applied: &Applied, out: &mut Diagnostics) {
    let title = &applied.cni.title;
    let pods = model.cluster.network.pods.as_ref();
    let (Some(cluster), None) = (existing.cluster, pods) else {
        if let Some(pods) = pods {
            differs(
                applied,
                &Spanned::new(pods.value, pods.origin.span().unwrap_or(applied.place)),
                out,
            );
        }
        return;
    };
    if applied.cni.needs_node_ranges && existing.pods.is_empty() {
        let mut finding = Diagnostic::new(
            &NO_POD_RANGE,
            format!(
                "{title} waits for each node's piece of a pod range, and kubeadm has no pod range"
            ),
        )
        .label(cluster, "no `networking.podSubnet`")
        .label(applied.place, "waits for it");
        if let Some(range) = &applied.range {
            finding = finding.label(range.span, "this range").help(format!(
                "write `networking: {{ podSubnet: {} }}`",
                range.value
            ));
        }
        out.push(finding);
    }
}

/// A CNI with a range of its own that is not kubeadm's.
fn differs(applied: &Applied, pods: &Spanned<IpNet>, out: &mut Diagnostics) {
    let title = &applied.cni.title;
    let at = applied.at.as_ref();
    let range = match (&applied.range, at) {
        (Some(range), _) => Some((range.value, range.span, "the CNI's manifest sets this")),
        (None, Some(at)) if !at.follows_kubeadm => at.default.as_ref().map(|range| {
            (
                range.value,
                applied.place,
                "sets no range, so its own default applies",
            )
        }),
        _ => None,
    };
    let Some((value, place, role)) = range.filter(|(value, ..)| *value != pods.value) else {
        return;
    };
    out.push(
        Diagnostic::new(
            &configuration::DIFFERS,
            format!("{title} would route {value}, but pods get addresses from {}", pods.value),
        )
        .label(pods.span, "kubeadm hands each node a piece of this range")
        .label(place, role)
        .help(format!(
            "write `podSubnet: {value}`, or {} in the CNI's manifest; one of the two, before `kubeadm init`",
            pods.value
        )),
    );
}

fn cluster_dns(existing: &Existing, out: &mut Diagnostics) {
    for server in &existing.cluster_dns {
        let family =
            |range: &&Spanned<IpNet>| range.value.addr().is_ipv4() == server.value.is_ipv4();
        let Some(services) = existing.services.iter().find(family) else {
            continue;
        };
        let Some(tenth) = services.value.hosts().nth(9) else {
            continue;
        };
        if tenth != server.value {
            let message = format!(
                "the cluster's name server is {tenth}, and pods are told {}",
                server.value
            );
            out.push(
                Diagnostic::new(&CLUSTER_DNS, message)
                    .label(server.span, "pods ask here")
                    .label(services.span, "the tenth address of this range answers")
                    .help(format!(
                        "write `{tenth}`, or leave `clusterDNS` out: kubeadm writes the right one"
                    )),
            );
        }
    }
}

fn evictions(model: &Model, existing: &Existing, out: &mut Diagnostics) {
    let Some((place, signals)) = &existing.eviction_hard else {
        return;
    };
    let lost: Vec<&str> = crate::check::kubernetes::kubelet_settings::signals()
        .filter(|signal| signals.iter().all(|found| found != signal))
        .collect();
    let release = model.facts.release.as_ref();
    let merges = release.is_none_or(|release| release.version >= MERGES_FROM);
    if lost.is_empty() || (existing.merges_evictions && merges) {
        return;
    }
    let message = format!("the kubelet no longer evicts pods for {}", lost.join(", "));
    let mut finding =
        Diagnostic::new(&EVICTIONS_LOST, message).label(*place, "replaces the kubelet's own list");
    if merges {
        finding =
            finding.help("write those as well, or `mergeDefaultEvictionSettings: true` next to it");
    } else {
        finding = finding.help("write those as well");
    }
    out.push(finding);
}

fn image_gc(existing: &Existing, out: &mut Diagnostics) {
    let (high, low) = &existing.image_gc;
    let value =
        |found: &Option<Spanned<i64>>, usual| found.as_ref().map_or(usual, |found| found.value);
    let (most, least) = (value(high, 85), value(low, 80));
    if least < most {
        return;
    }
    let usual = |found: &Option<Spanned<i64>>| match found {
        Some(_) => "",
        None => " (the default)",
    };
    let message = format!(
        "images are removed from {most} %{} of the disk down to {least} %{}",
        usual(high),
        usual(low)
    );
    let mut finding = Diagnostic::new(&IMAGE_GC, message);
    for (found, role) in [(high, "from here"), (low, "down to here")] {
        finding = finding.label(found.as_ref().map(|found| found.span), role);
    }
    out.push(finding);
}

fn swap(model: &Model, existing: &Existing, out: &mut Diagnostics) {
    let (Some(behaviour), Some(release)) = (&existing.swap_behaviour, &model.facts.release) else {
        return;
    };
    let known = &release.swap.behaviours;
    if known.contains(&behaviour.value) {
        return;
    }
    let message = format!(
        "the kubelet of {} has no `{}`",
        release.name,
        behaviour.value.escape_debug()
    );
    out.push(
        Diagnostic::new(&SWAP_BEHAVIOUR, message)
            .label(behaviour.span, "the kubelet exits here")
            .label(&model.cluster.kubernetes, "this release")
            .help(match known.as_slice() {
                [] => "leave `memorySwap` out".to_owned(),
                known => format!("write one of `{}`", known.join("`, `")),
            }),
    );
}
