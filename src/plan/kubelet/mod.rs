//! What each node's kubelet is told, and how it is told so that join and upgrade keep it.
//!
//! A node's own settings go into a `kubeletconfiguration` patch where the release of kubeadm applies
//! such patches (from 1.25), and into arguments before: both survive `kubeadm join`, which writes
//! the kubelet's file again from the cluster's (kubernetes/kubeadm#2563, #3008).

use std::net::IpAddr;

mod fields;

pub(super) use fields::of_cluster;

use super::document::fields::Fields;
use crate::model::{GateList, Model, Node, Swap};
use crate::origin::{Origin, Sourced};

/// What one node's kubelet is told beside what the whole cluster is told.
#[derive(Clone, Debug, Default)]
pub struct NodeKubelet {
    /// Arguments, in order.
    pub arguments: Vec<(Sourced<String>, Sourced<String>)>,
    /// `failSwapOn` in the patch.
    pub fail_swap_on: Option<Sourced<bool>>,
    /// `memorySwap.swapBehavior` in the patch.
    pub swap_behavior: Option<Sourced<String>>,
    /// Whether the patch must open the gate `NodeSwap` for that.
    pub swap_gate: Option<Sourced<bool>>,
    /// Feature gates in the patch, beside that one.
    pub gates: GateList,
    /// `maxPods` in the patch.
    pub max_pods: Option<Sourced<i64>>,
    /// What else is in the patch.
    pub fields: Fields,
}

impl NodeKubelet {
    /// Whether the node needs a patch file.
    pub fn has_patch(&self) -> bool {
        self.fail_swap_on.is_some()
            || self.swap_behavior.is_some()
            || self.swap_gate.is_some()
            || self.max_pods.is_some()
            || !self.gates.is_empty()
            || !self.fields.is_empty()
    }
}

/// Decides for one node.
pub fn node_kubelet(model: &Model, node: &Node) -> NodeKubelet {
    let settings = &node.settings;
    let release = model.facts.release.as_deref();
    let patches = release.is_some_and(|release| release.kubelet_patches.value);
    let why_argument = |origin: Origin| {
        let mut from = vec![origin];
        from.extend(release.map(|release| release.kubelet_patches.origin.clone()));
        Origin::derived(
            "kubeadm of this release applies no kubelet patches, so an argument carries the setting",
            from,
        )
    };
    let mut out = NodeKubelet::default();
    registers(model, node, &mut out);
    if let Some(fail) = fail_swap_on(model, node) {
        if patches {
            out.fail_swap_on = Some(fail);
        } else {
            let origin = why_argument(fail.origin);
            out.arguments.push((
                named("fail-swap-on", &origin),
                Sourced::new(fail.value.to_string(), origin.clone()),
            ));
        }
    }
    swap(model, node, &mut out);
    gates(model, node, patches, &mut out, &why_argument);
    if let Some(most) = &settings.kubelet.max_pods {
        if patches {
            out.max_pods = Some(most.clone());
        } else {
            let origin = why_argument(most.origin.clone());
            out.arguments.push((
                named("max-pods", &origin),
                Sourced::new(most.value.to_string(), origin.clone()),
            ));
        }
    }
    out.fields = fields::of_node(model, node);
    out.arguments
        .extend(extra_arguments(model, node).map(|(key, value)| (key.clone(), value.clone())));
    out
}

/// The label of a region; a kubelet may set it for itself.
const REGION: &str = "topology.kubernetes.io/region";
/// The label of a failure zone, likewise.
const ZONE: &str = "topology.kubernetes.io/zone";

/// What a node says of itself when it registers.
fn registers(model: &Model, node: &Node, out: &mut NodeKubelet) {
    let settings = &node.settings;
    if let Some(address) = &node.address {
        let second = node.address_ipv6.as_ref();
        let all: Vec<&Sourced<IpAddr>> = [address].into_iter().chain(second).collect();
        let text: Vec<String> = all.iter().map(|one| one.value.to_string()).collect();
        out.arguments.push((
            named("node-ip", &address.origin),
            Sourced::new(
                text.join(","),
                Origin::derived(
                    "the node's address on the cluster's interface",
                    all.iter().map(|one| one.origin.clone()),
                ),
            ),
        ));
    }
    let own = settings.labels.iter();
    let mut pairs: Vec<String> = own
        .map(|(key, value)| format!("{}={}", key.value, value.value))
        .collect();
    let own = settings.labels.iter();
    let mut origins: Vec<Origin> = own
        .flat_map(|(key, value)| [key.origin.clone(), value.origin.clone()])
        .collect();
    let subnet = model.cluster.network.of(node);
    let labelled = |label: &str| settings.labels.iter().any(|(key, _)| key.value == label);
    let topology = subnet.map(|subnet| [(REGION, &subnet.region), (ZONE, &subnet.zone)]);
    for (label, value) in topology.into_iter().flatten() {
        if let Some(value) = value.as_ref().filter(|_| !labelled(label)) {
            pairs.push(format!("{label}={}", value.value));
            origins.push(value.origin.clone());
        }
    }
    if !pairs.is_empty() {
        let origin = Origin::derived("the node's labels, given when it registers", origins);
        out.arguments.push((
            named("node-labels", &origin),
            Sourced::new(pairs.join(","), origin.clone()),
        ));
    }
}

/// What pods may use of the node's swap.
fn swap(model: &Model, node: &Node, out: &mut NodeKubelet) {
    let (settings, release) = (&node.settings, model.facts.release.as_deref());
    if let Some(swap) = settings
        .swap
        .as_ref()
        .filter(|swap| swap.value == Swap::Limited)
    {
        let origin = Origin::derived(
            "swap = limited: pods may use swap in proportion to the memory they ask for",
            [swap.origin.clone()],
        );
        out.swap_behavior = Some(Sourced::new("LimitedSwap".to_owned(), origin.clone()));
        if let Some(release) = release.filter(|release| release.swap.needs_gate) {
            out.swap_gate = Some(Sourced::new(
                true,
                Origin::derived(
                    "this release keeps swap for pods behind the gate NodeSwap",
                    [origin, release.swap.origin.clone()],
                ),
            ));
        }
    }
}

/// The node's own feature gates.
fn gates(
    model: &Model,
    node: &Node,
    patches: bool,
    out: &mut NodeKubelet,
    why_argument: &dyn Fn(Origin) -> Origin,
) {
    let settings = &node.settings;
    let gates = &settings.kubelet.gates;
    if patches {
        out.gates.clone_from(gates);
    } else if !gates.is_empty() {
        // An argument takes the place of the cluster's gates in the kubelet's file, so it holds those too.
        let common = &model.cluster.kubelet.gates;
        let others = common
            .iter()
            .filter(|(name, _)| gates.iter().all(|(own, _)| own.value != name.value));
        let all: Vec<_> = others.chain(gates).collect();
        let pairs: Vec<String> = all
            .iter()
            .map(|(name, open)| format!("{}={}", name.value, open.value))
            .collect();
        let origins = all
            .iter()
            .flat_map(|(name, open)| [name.origin.clone(), open.origin.clone()]);
        let origin = why_argument(Origin::derived("the node's feature gates", origins));
        out.arguments.push((
            named("feature-gates", &origin),
            Sourced::new(pairs.join(","), origin.clone()),
        ));
    }
}

/// The arguments that the spec gives this node's kubelet: the cluster's, where the node does not say
/// another value, and its own.
fn extra_arguments<'a>(
    model: &'a Model,
    node: &'a Node,
) -> impl Iterator<Item = &'a (Sourced<String>, Sourced<String>)> {
    let own = &node.settings.kubelet.extra_args;
    let common = &model.cluster.kubelet.extra_args;
    common
        .iter()
        .filter(move |(key, _)| own.iter().all(|(name, _)| name.value != key.value))
        .chain(own)
}

/// What this node must say about `failSwapOn`, unless the whole cluster says the same already or an
/// argument decides it.
fn fail_swap_on(model: &Model, node: &Node) -> Option<Sourced<bool>> {
    let settings = &node.settings;
    if extra_arguments(model, node).any(|(key, _)| key.value == "fail-swap-on") {
        return None;
    }
    let wanted = match (&settings.kubelet.fail_swap_on, &settings.swap) {
        (Some(written), _) => written.clone(),
        (None, Some(swap)) if swap.value != Swap::Off => Sourced::new(
            false,
            Origin::derived(
                "swap stays on, so the kubelet is told to tolerate it",
                [swap.origin.clone()],
            ),
        ),
        (None, _) => return None,
    };
    let cluster = model.cluster.kubelet.fail_swap_on.as_ref();
    let already = cluster.is_some_and(|cluster| cluster.value == wanted.value);
    (!already).then_some(wanted)
}

fn named(name: &str, origin: &Origin) -> Sourced<String> {
    Sourced::new(name.to_owned(), origin.clone())
}
