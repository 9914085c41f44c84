//! kubeadm's files: for the control plane the cluster's configuration, for workers how they join, and
//! for each node its kubelet's own settings.
//!
//! The version of the API follows kubeadm's release: v1beta3 up to 1.30, v1beta4 from 1.31 on, the
//! only one that 1.37 reads (kubernetes/kubernetes#125029, #136016).

use std::collections::BTreeMap;

use ipnet::IpNet;
use serde::Serialize;

use super::document::kubeadm_v1beta3 as v1beta3;
use super::document::kubeadm_v1beta4 as v1beta4;
use super::document::kubelet_v1beta1::{KubeletConfiguration, MemorySwap};
use super::document::kubeproxy_v1alpha1::KubeProxyConfiguration;
use super::document::{
    ApiEndpoint, Arg, ClusterConfiguration, Component, Discovery, Dns, ExtraArgs, FileDiscovery,
    InitConfiguration, JoinConfiguration, Networking, NodeRegistration, Patches, Taint,
    TaintEffect, Versioned,
};
use super::kubelet::NodeKubelet;
use super::types::TypedDocument;
use crate::model::{GateList, Model, Node};
use crate::origin::{Origin, Sourced};
use crate::stdlib::KubeadmApi;

/// Where the join file is on a worker.
const DISCOVERY: &str = "/etc/pikc/discovery.conf";
/// Where the patches are on every node.
const PATCHES: &str = "/etc/pikc/patches";

/// A component's arguments in the shape of one version of the API.
trait Shape: ExtraArgs + Sized {
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

/// The documents of the first control plane. None if the model lacks something that the checks
/// demand, which a checked model does not.
pub(super) fn init(
    model: &Model,
    node: &Node,
    kubelet: &NodeKubelet,
) -> Option<Vec<TypedDocument>> {
    let endpoint = ApiEndpoint {
        advertise_address: node.address.clone()?,
        bind_port: model.cluster.api_port.clone()?,
    };
    let patches = kubelet.has_patch().then(|| patches(kubelet));
    let without_proxy = without_proxy(model);
    let mut documents = if old_api(model) {
        vec![
            TypedDocument::Init3(Versioned::from(v1beta3::InitConfiguration {
                node_registration: registration(model, node, kubelet)?,
                local_api_endpoint: endpoint,
                skip_phases: without_proxy
                    .clone()
                    .map(|disabled| disabled.map(|_| "addon/kube-proxy".to_owned()))
                    .into_iter()
                    .collect(),
                patches,
            })),
            TypedDocument::Cluster3(Versioned::from(cluster(model)?)),
        ]
    } else {
        vec![
            TypedDocument::Init4(Versioned::from(v1beta4::InitConfiguration {
                common: InitConfiguration {
                    node_registration: registration_v1beta4(model, node, kubelet)?,
                    local_api_endpoint: endpoint,
                    skip_phases: Vec::new(),
                    patches,
                },
                timeouts: None,
            })),
            TypedDocument::Cluster4(Versioned::from(v1beta4::ClusterConfiguration {
                common: cluster(model)?,
                proxy: without_proxy
                    .clone()
                    .map(|disabled| v1beta4::Proxy { disabled }),
            })),
        ]
    };
    documents.push(TypedDocument::Kubelet(Versioned::from(cluster_kubelet(
        model,
    ))));
    if without_proxy.is_none() {
        documents.push(TypedDocument::Proxy(Versioned::from(
            KubeProxyConfiguration {
                mode: model.cluster.proxy_mode.clone(),
                ..KubeProxyConfiguration::default()
            },
        )));
    }
    Some(documents)
}

/// The document of a node that joins.
pub(super) fn join(
    model: &Model,
    node: &Node,
    kubelet: &NodeKubelet,
) -> Option<Vec<TypedDocument>> {
    let file = Discovery {
        file: FileDiscovery {
            kube_config_path: Sourced::new(
                DISCOVERY.to_owned(),
                Origin::derived(
                    "workers join with a file that the control plane creates",
                    node.settings.role.iter().map(|role| role.origin.clone()),
                ),
            ),
        },
        timeout: None,
    };
    let patches = kubelet.has_patch().then(|| patches(kubelet));
    let document = if old_api(model) {
        TypedDocument::Join3(Versioned::from(v1beta3::JoinConfiguration {
            node_registration: registration(model, node, kubelet)?,
            discovery: file,
            skip_phases: Vec::new(),
            patches,
        }))
    } else {
        TypedDocument::Join4(Versioned::from(v1beta4::JoinConfiguration {
            common: JoinConfiguration {
                node_registration: registration_v1beta4(model, node, kubelet)?,
                discovery: file,
                skip_phases: Vec::new(),
                patches,
            },
            timeouts: None,
        }))
    };
    Some(vec![document])
}

/// The node's kubelet patch, if it has one: only what differs from the cluster's.
pub(super) fn patch(kubelet: &NodeKubelet) -> Option<Vec<TypedDocument>> {
    if !kubelet.has_patch() {
        return None;
    }
    let mut gates: BTreeMap<String, Sourced<bool>> = kubelet
        .swap_gate
        .iter()
        .map(|on| ("NodeSwap".to_owned(), on.clone()))
        .collect();
    gates.extend(by_name(&kubelet.gates));
    Some(vec![TypedDocument::Kubelet(Versioned::from(
        KubeletConfiguration {
            fail_swap_on: kubelet.fail_swap_on.clone(),
            memory_swap: kubelet
                .swap_behavior
                .clone()
                .map(|swap_behavior| MemorySwap { swap_behavior }),
            feature_gates: gates,
            max_pods: kubelet.max_pods.clone().map(to_u32),
            ..KubeletConfiguration::default()
        },
    ))])
}

/// Feature gates as a document has them; the origin of each covers its name and its value.
fn by_name(gates: &GateList) -> BTreeMap<String, Sourced<bool>> {
    let gate = |(name, open): &(Sourced<String>, Sourced<bool>)| {
        let from = [name.origin.clone(), open.origin.clone()];
        let origin = Origin::derived("a feature gate that the spec asks for", from);
        (name.value.clone(), Sourced::new(open.value, origin))
    };
    gates.iter().map(gate).collect()
}

fn old_api(model: &Model) -> bool {
    model
        .facts
        .release
        .as_ref()
        .is_some_and(|release| release.kubeadm_api.value == KubeadmApi::V1beta3)
}

/// The schema keeps these numbers small and positive.
fn to_u32(number: Sourced<i64>) -> Sourced<u32> {
    number.map(|number| u32::try_from(number).unwrap_or(u32::MAX))
}

fn patches(kubelet: &NodeKubelet) -> Patches {
    let from = [
        kubelet.fail_swap_on.as_ref().map(|v| v.origin.clone()),
        kubelet.swap_behavior.as_ref().map(|v| v.origin.clone()),
        kubelet.max_pods.as_ref().map(|v| v.origin.clone()),
    ];
    let gates = kubelet.gates.iter().map(|(name, _)| name.origin.clone());
    Patches {
        directory: Sourced::new(
            PATCHES.to_owned(),
            Origin::derived(
                "the node's own kubelet settings are patches, which join and upgrade keep",
                from.into_iter().flatten().chain(gates),
            ),
        ),
    }
}

fn registration_v1beta4(
    model: &Model,
    node: &Node,
    kubelet: &NodeKubelet,
) -> Option<v1beta4::Registration> {
    Some(v1beta4::Registration {
        common: registration(model, node, kubelet)?,
        image_pull_serial: None,
    })
}

fn registration<A: Shape>(
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
fn taints(node: &Node) -> Option<Vec<Sourced<Taint>>> {
    if node.settings.taints.is_empty() {
        return None;
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
    Some(node.settings.taints.iter().map(taint).collect())
}

/// A range, or one for each family: without a space between them, which kubeadm refuses.
fn ranges(all: &[&Sourced<IpNet>]) -> Option<Sourced<String>> {
    let text: Vec<String> = all.iter().map(|range| range.value.to_string()).collect();
    let origin = match all {
        [] => return None,
        [one] => one.origin.clone(),
        more => Origin::derived(
            "the ranges of both families",
            more.iter().map(|range| range.origin.clone()),
        ),
    };
    Some(Sourced::new(text.join(","), origin))
}

/// What all nodes share, as far as every version of the API has it.
fn cluster<A: Shape, S: Serialize>(model: &Model) -> Option<ClusterConfiguration<A, S>> {
    let cluster = &model.cluster;
    let network = &cluster.network;
    let version = cluster.exact.clone()?.map(|exact| format!("v{exact}"));
    let port = cluster.api_port.as_ref()?;
    let endpoint = cluster.endpoint.as_ref().map(|endpoint| {
        let mut full = endpoint.value.clone();
        full.port = full.port.or(Some(port.value));
        Sourced::new(
            full.to_string(),
            Origin::derived(
                "every node reaches the API server under this name",
                [endpoint.origin.clone(), port.origin.clone()],
            ),
        )
    });
    let images = cluster.mirror.images.clone();
    // kubeadm appends `coredns` to another registry without the folder that the public one has.
    let dns = images.as_ref().map(|images| Dns {
        image_repository: Some(Sourced::new(
            format!("{}/coredns", images.value),
            images.origin.clone(),
        )),
        image_tag: None,
    });
    let prefix = network.node_prefix.as_ref()?;
    // Kubernetes' own default can be expressed only by leaving it out.
    let controller_manager = (prefix.value != 24).then(|| Component {
        extra_args: A::shape(vec![(
            "node-cidr-mask-size-ipv4".to_owned(),
            Sourced::new(prefix.value.to_string(), prefix.origin.clone()),
        )]),
    });
    Some(ClusterConfiguration {
        cluster_name: cluster.name.clone(),
        kubernetes_version: version,
        control_plane_endpoint: endpoint,
        image_repository: images,
        feature_gates: by_name(&cluster.kubeadm_gates),
        networking: Networking {
            service_subnet: ranges(&network.all_services())?,
            pod_subnet: ranges(&network.all_pods())?,
            dns_domain: cluster.dns_domain.clone(),
        },
        api_server: None,
        controller_manager,
        scheduler: None,
        etcd: None,
        dns,
    })
}

/// Why kubeadm leaves kube-proxy out, if it does.
fn without_proxy(model: &Model) -> Option<Sourced<bool>> {
    model.cluster.without_proxy().cloned()
}

/// The settings of every kubelet of the cluster.
fn cluster_kubelet(model: &Model) -> KubeletConfiguration {
    let kubelet = &model.cluster.kubelet;
    let runtime = model.cluster.runtime.as_ref();
    KubeletConfiguration {
        fail_swap_on: kubelet.fail_swap_on.clone(),
        feature_gates: by_name(&kubelet.gates),
        cgroup_driver: runtime.map(|choice| {
            Sourced::new(
                "systemd".to_owned(),
                Origin::derived(
                    "systemd manages the control groups, for the runtime as for the kubelet",
                    [choice.name.origin.clone()],
                ),
            )
        }),
        max_pods: kubelet.max_pods.clone().map(to_u32),
        ..KubeletConfiguration::default()
    }
}
