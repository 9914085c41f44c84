//! kubeadm's files: for the control plane what the cluster is, for the others how they join, and for
//! each node what its own kubelet is told.
//!
//! The version of the API follows kubeadm's release: v1beta3 up to 1.30, v1beta4 from 1.31 on, the
//! only one that 1.37 reads (kubernetes/kubernetes#125029, #136016).

use std::collections::BTreeMap;

use ipnet::IpNet;

mod components;
mod registration;

use super::carried::put_all;
use super::document::fields::Fields;
use super::document::kubeadm_v1beta3 as v1beta3;
use super::document::kubeadm_v1beta4 as v1beta4;
use super::document::kubelet_v1beta1::{KubeletConfiguration, MemorySwap};
use super::document::kubeproxy_v1alpha1::KubeProxyConfiguration;
use super::document::{
    ApiEndpoint, ClusterConfiguration, Discovery, Dns, FileDiscovery, InitConfiguration,
    JoinConfiguration, JoinControlPlane, Networking, Patches, Versioned,
};
use super::kubelet::{NodeKubelet, of_cluster};
use super::types::{Document, TypedDocument};
use crate::model::{GateList, Model, Node, Role};
use crate::origin::{Origin, Sourced};
use crate::stdlib::KubeadmApi;

use registration::{registration, registration_v1beta4};

/// Where the join file is on a worker.
const DISCOVERY: &str = "/etc/pikc/discovery.conf";
/// Where the patches are on every node.
const PATCHES: &str = "/etc/pikc/patches";

/// The documents of the first control plane. None if the model lacks something that the checks
/// demand, which a checked model does not.
pub(super) fn init(model: &Model, node: &Node, own: &NodeKubelet) -> Option<Vec<Document>> {
    let endpoint = own_api(model, node)?;
    let patches = own.has_patch().then(|| patches(own));
    let without_proxy = without_proxy(model);
    let mut skipped = model.cluster.skip_phases.clone();
    let old = old_api(model);
    let (init, cluster) = if old {
        // v1beta4 has a field of its own for that.
        let proxy = without_proxy.clone();
        skipped.extend(proxy.map(|off| off.map(|_| "addon/kube-proxy".to_owned())));
        (
            TypedDocument::Init3(Versioned::from(v1beta3::InitConfiguration {
                node_registration: registration(model, node, own)?,
                local_api_endpoint: endpoint,
                skip_phases: skipped,
                patches,
            })),
            TypedDocument::Cluster3(Versioned::from(v1beta3::ClusterConfiguration {
                common: cluster(model)?,
            })),
        )
    } else {
        (
            TypedDocument::Init4(Versioned::from(v1beta4::InitConfiguration {
                common: InitConfiguration {
                    node_registration: registration_v1beta4(model, node, own)?,
                    local_api_endpoint: endpoint,
                    skip_phases: skipped,
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
        )
    };
    let mut documents = vec![
        Document::from(init),
        Document {
            typed: cluster,
            fields: components::cluster(model, old),
        },
        Document {
            typed: TypedDocument::Kubelet(Versioned::from(cluster_kubelet(model))),
            fields: of_cluster(model),
        },
    ];
    if without_proxy.is_none() {
        let mut fields = Fields::default();
        let carried = &model.cluster.carried;
        put_all(&mut fields, "KubeProxyConfiguration", carried, model);
        documents.push(Document {
            typed: TypedDocument::Proxy(Versioned::from(KubeProxyConfiguration {
                mode: model.cluster.proxy_mode.clone(),
            })),
            fields,
        });
    }
    Some(documents)
}

/// Where the API server of a control plane listens.
fn own_api(model: &Model, node: &Node) -> Option<ApiEndpoint> {
    Some(ApiEndpoint {
        advertise_address: node.address.clone()?,
        bind_port: model.cluster.api_port.clone()?,
    })
}

/// The document of a node that joins: a worker, or a further control plane.
pub(super) fn join(model: &Model, node: &Node, kubelet: &NodeKubelet) -> Option<Vec<Document>> {
    let file = Discovery {
        file: FileDiscovery {
            kube_config_path: Sourced::new(
                DISCOVERY.to_owned(),
                Origin::derived(
                    "machines join with a file that the control plane makes",
                    node.settings.role.iter().map(|role| role.origin.clone()),
                ),
            ),
        },
        timeout: None,
    };
    let patches = kubelet.has_patch().then(|| patches(kubelet));
    let role = node.settings.role.as_ref()?;
    let control_plane = match role.value {
        Role::ControlPlane => Some(JoinControlPlane {
            local_api_endpoint: own_api(model, node)?,
        }),
        Role::Worker => None,
    };
    let document = if old_api(model) {
        TypedDocument::Join3(Versioned::from(v1beta3::JoinConfiguration {
            node_registration: registration(model, node, kubelet)?,
            control_plane,
            discovery: file,
            skip_phases: Vec::new(),
            patches,
        }))
    } else {
        TypedDocument::Join4(Versioned::from(v1beta4::JoinConfiguration {
            common: JoinConfiguration {
                node_registration: registration_v1beta4(model, node, kubelet)?,
                control_plane,
                discovery: file,
                skip_phases: Vec::new(),
                patches,
            },
            timeouts: None,
        }))
    };
    Some(vec![document.into()])
}

/// The node's kubelet patch, if it has one: only what differs from the cluster's.
pub(super) fn patch(kubelet: &NodeKubelet) -> Option<Vec<Document>> {
    if !kubelet.has_patch() {
        return None;
    }
    let mut gates: BTreeMap<String, Sourced<bool>> = kubelet
        .swap_gate
        .iter()
        .map(|on| ("NodeSwap".to_owned(), on.clone()))
        .collect();
    gates.extend(by_name(&kubelet.gates));
    let typed = TypedDocument::Kubelet(Versioned::from(KubeletConfiguration {
        fail_swap_on: kubelet.fail_swap_on.clone(),
        memory_swap: kubelet
            .swap_behavior
            .clone()
            .map(|swap_behavior| MemorySwap { swap_behavior }),
        feature_gates: gates,
        max_pods: kubelet.max_pods.clone().map(to_u32),
        ..KubeletConfiguration::default()
    }));
    Some(vec![Document {
        typed,
        fields: kubelet.fields.clone(),
    }])
}

/// Feature gates as a document has them; each is there for its name and for its value.
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

/// A range, or one for each family: without a blank between, which kubeadm refuses.
fn ranges(all: &[&Sourced<IpNet>]) -> Option<Sourced<String>> {
    let text: Vec<String> = all.iter().map(|range| range.value.to_string()).collect();
    let origin = match all {
        [] => return None,
        [one] => one.origin.clone(),
        more => Origin::derived(
            "the range of either family",
            more.iter().map(|range| range.origin.clone()),
        ),
    };
    Some(Sourced::new(text.join(","), origin))
}

/// What all nodes share, as far as every version of the API says it.
fn cluster(model: &Model) -> Option<ClusterConfiguration> {
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
                "under this name every node reaches the API server",
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
        dns,
    })
}

/// Why kubeadm leaves kube-proxy out, where it does.
fn without_proxy(model: &Model) -> Option<Sourced<bool>> {
    model.cluster.without_proxy().cloned()
}

/// What every kubelet of the cluster is told.
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
                    "systemd keeps the books, for the runtime as for the kubelet",
                    [choice.name.origin.clone()],
                ),
            )
        }),
        max_pods: kubelet.max_pods.clone().map(to_u32),
        ..KubeletConfiguration::default()
    }
}
