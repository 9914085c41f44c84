//! How a machine registers: its name, the socket of its runtime, its taints, its kubelet's arguments.

use crate::model::{Model, Node};
use crate::origin::{Origin, Sourced};
use crate::plan::document::kubeadm_v1beta3 as v1beta3;
use crate::plan::document::kubeadm_v1beta4 as v1beta4;
use crate::plan::document::{Arg, ExtraArgs, NodeRegistration, Taint, TaintEffect};
use crate::plan::kubelet::NodeKubelet;

/// A component's arguments in the shape of one version of the API.
pub(super) trait Shape: ExtraArgs + Sized {
    fn shape(pairs: Vec<(String, Sourced<String>)>) -> Self;
}

impl Shape for v1beta3::Args {
    fn shape(pairs: Vec<(String, Sourced<String>)>) -> Self {
        pairs.into_iter().collect()
    }
}

impl Shape for v1beta4::Args {
    fn shape(pairs: Vec<(String, Sourced<String>)>) -> Self {
        pairs
            .into_iter()
            .map(|(name, value)| {
                let Sourced { value, origin } = value;
                Sourced::new(Arg { name, value }, origin)
            })
            .collect()
    }
}

pub(super) fn registration_v1beta4(
    model: &Model,
    node: &Node,
    kubelet: &NodeKubelet,
) -> Option<v1beta4::Registration> {
    Some(v1beta4::Registration {
        common: registration(model, node, kubelet)?,
        image_pull_serial: None,
    })
}

pub(super) fn registration<A: Shape>(
    model: &Model,
    node: &Node,
    kubelet: &NodeKubelet,
) -> Option<NodeRegistration<A>> {
    let runtime = model.facts.runtime.as_ref()?;
    let choice = model.cluster.runtime.as_ref()?;
    let socket = Sourced::new(
        runtime.socket.value.clone(),
        Origin::derived(
            "kubeadm is told the runtime's socket, because it fails when it finds two",
            [choice.name.origin.clone(), runtime.socket.origin.clone()],
        ),
    );
    let arguments = kubelet
        .arguments
        .iter()
        .map(|(name, value)| {
            let mut value = value.clone();
            if name.origin != value.origin {
                value.origin = Origin::derived(
                    "an argument of the kubelet",
                    [name.origin.clone(), value.origin],
                );
            }
            (name.value.clone(), value)
        })
        .collect();
    Some(NodeRegistration {
        name: node.name.clone(),
        cri_socket: socket,
        taints: taints(node),
        kubelet_extra_args: A::shape(arguments),
        ignore_preflight_errors: Vec::new(),
        image_pull_policy: None,
    })
}

/// `key = "value:Effect"`; without any, kubeadm gives a control plane its usual taint.
fn taints(node: &Node) -> Option<Sourced<Vec<Sourced<Taint>>>> {
    if node.settings.taints.is_empty() {
        // An empty list is not the same as none: kubeadm then taints nothing.
        let head = node.settings.no_taints?;
        return Some(Sourced::new(Vec::new(), Origin::Written(head)));
    }
    let taint = |(key, value): &(Sourced<String>, Sourced<String>)| {
        let (text, effect) = match value.value.rsplit_once(':') {
            Some((text, effect)) => (text, effect),
            None => ("", value.value.as_str()),
        };
        let effect = match effect {
            "PreferNoSchedule" => TaintEffect::PreferNoSchedule,
            "NoExecute" => TaintEffect::NoExecute,
            _ => TaintEffect::NoSchedule,
        };
        let why = Origin::derived("a taint", [key.origin.clone(), value.origin.clone()]);
        let taint = Taint {
            key: key.value.clone(),
            value: (!text.is_empty()).then(|| text.to_owned()),
            effect,
        };
        Sourced::new(taint, why)
    };
    let all: Vec<Sourced<Taint>> = node.settings.taints.iter().map(taint).collect();
    let from = all.iter().map(|one| one.origin.clone());
    let origin = Origin::derived("the taints of this machine", from);
    Some(Sourced::new(all, origin))
}
