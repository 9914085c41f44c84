//! The rules for a cluster without a spec: the rules of a spec where they apply to its files, and rules for mistakes
//! that only such files can contain.

use ipnet::IpNet;

use super::apply::{APPLY, AS_IT_IS};
use super::cluster_files;
use crate::check::cni::configuration;
use crate::check::kubernetes::kube_proxy;
use crate::check::kubernetes::kubelet_settings::CLUSTER_DNS;
use crate::check::network::cluster_ranges::intersection;
use crate::check::network::machine_addresses;
use crate::declare;
use crate::diagnostic::{Descriptor, Diagnostic, Diagnostics};
use crate::model::{Applied, Existing, Model};
use crate::source::Spanned;
use crate::stdlib::Maturity;

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
        no_edit: "the range is not in the file",
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
        no_edit: "which of the two CNIs is right is not in the files",
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
        no_edit: "it is reported for files of kubeadm only, and what pods should get of the swap is not in them",
        sources: ["kubernetes/enhancements#2400", "kubernetes/kubernetes staging/src/k8s.io/kubelet/config/v1beta1/types.go"],
    }
}

pub(in crate::check) static CODES: &[&Descriptor] =
    &[&NO_POD_RANGE, &TWO_NETWORKS, &SWAP_BEHAVIOUR];

/// Runs every rule that applies.
pub fn check_existing(model: &Model, existing: &Existing, out: &mut Diagnostics) {
    let mut found = Diagnostics::default();
    crate::check::look(model, &mut found);
    for finding in found.iter() {
        let rule = APPLY
            .iter()
            .find(|(code, _)| *code == finding.descriptor.code);
        if let Some((_, help)) = rule {
            let mut finding = finding.clone();
            finding = match (proxy_modes(model, &finding), *help) {
                (Some(own), _) => finding.help(own),
                // What the rule itself says is right for both.
                (None, AS_IT_IS) => finding,
                (None, help) => finding.help(help),
            };
            // An edit of a spec makes no sense in such a file.
            finding.fixes.clear();
            out.push(default_named(finding, existing));
        }
    }
    networks(model, existing, out);
    cluster_files::check(model, existing, out);
    cluster_dns(model, existing, out);
    swap(model, existing, out);
    super::overridden::check(model, existing, out);
}

/// The modes of kube-proxy that can be written in this release, for a finding about one that cannot.
fn proxy_modes(model: &Model, finding: &Diagnostic) -> Option<String> {
    if finding.descriptor.code != kube_proxy::MODE.code {
        return None;
    }
    let release = model.facts.release.as_ref()?;
    let stable = release.proxy_modes.iter();
    let stable: Vec<String> = stable
        .filter(|(_, state)| **state == Maturity::Ga)
        .map(|(mode, _)| format!("`mode: {mode}`"))
        .collect();
    (!stable.is_empty()).then(|| format!("write {}", stable.join(" or ")))
}

/// Says where a range comes from that no one wrote.
fn default_named(finding: Diagnostic, existing: &Existing) -> Diagnostic {
    let place = existing.services.first().map(|range| range.span);
    let about = existing.services_default
        && finding.descriptor.code != "ipv6/size"
        && finding.labels.iter().any(|label| Some(label.span) == place);
    match about {
        true => finding.note(
            "no `networking.serviceSubnet` is written, and 10.96.0.0/12 is kubeadm's own default",
        ),
        false => finding,
    }
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
                model,
                applied,
                &Spanned::new(pods.value, pods.origin.span().unwrap_or(applied.place)),
                out,
            );
        }
        return;
    };
    if applied.cni.needs_node_ranges && existing.pods.is_empty() && applied.pool.is_none() {
        let mut finding = Diagnostic::new(
            &NO_POD_RANGE,
            format!(
                "{title} waits for each node's piece of a pod range, and kubeadm has no pod range"
            ),
        )
        .label(cluster, "no `networking.podSubnet`")
        .label(applied.place, "waits for it");
        if let Some(range) = &applied.range {
            finding = finding.label(range.span, "this range");
            if proposable(model, range.value) {
                finding = finding.help(format!(
                    "write `networking: {{ podSubnet: {} }}`",
                    range.value
                ));
            } else {
                finding = finding.help(format!(
                    "write another range in both places: {} cannot be the pod range here",
                    range.value
                ));
            }
        }
        out.push(finding);
    }
}

/// A CNI with a range of its own that is not kubeadm's.
fn differs(model: &Model, applied: &Applied, pods: &Spanned<IpNet>, out: &mut Diagnostics) {
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
        .help(match proposable(model, value) {
            true => format!(
                "write `podSubnet: {value}`, or {} in the CNI's manifest; one of the two, before `kubeadm init`",
                pods.value
            ),
            false => format!(
                "write {} in the CNI's manifest, before it is applied: {value} cannot be the pod range here",
                pods.value
            ),
        }),
    );
}

/// Whether a range could be the pod range: the rules would accept it.
fn proposable(model: &Model, range: IpNet) -> bool {
    let meets = |other: IpNet| intersection(range, other).is_some();
    let services = model.cluster.network.services.as_ref();
    let special = model.facts.taken.iter().filter(|taken| taken.refuse);
    let piece = model.cluster.network.node_prefix.as_ref();
    range.addr() == range.network()
        && services.is_none_or(|services| !meets(services.value))
        && special.into_iter().all(|taken| !meets(taken.range.value))
        && piece.is_none_or(|piece| {
            (0..=16).contains(&piece.value.saturating_sub(i64::from(range.prefix_len())))
        })
        && machine_addresses::is_free_of_machines(model, range)
}

fn cluster_dns(model: &Model, existing: &Existing, out: &mut Diagnostics) {
    // The address of the cache that may run on each machine.
    let cache = model.facts.dns_cache.as_ref();
    let cache = cache.map(|cache| cache.address.value);
    let others = existing.cluster_dns.iter();
    for server in others.filter(|server| Some(server.value) != cache) {
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
                    .label(
                        services.span,
                        match existing.services_default {
                            true => "no `serviceSubnet`: the tenth address of 10.96.0.0/12 answers",
                            false => "the tenth address of this range answers",
                        },
                    )
                    .help(format!(
                        "write `{tenth}`, or leave `clusterDNS` out: kubeadm writes the right one"
                    )),
            );
        }
    }
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
