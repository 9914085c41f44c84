//! What the versions of kubeadm's API have in common.
//!
//! Durations are written the way Go reads them (`4m0s`), CIDRs and addresses in canonical text.
//! Source of fields and defaults: the types of `k8s.io/kubernetes/cmd/kubeadm/app/apis/kubeadm`.

use std::collections::BTreeMap;
use std::net::IpAddr;

use serde::Serialize;

use crate::origin::Sourced;

/// How a version of the API writes command line arguments of a component. v1beta3 uses a map, v1beta4
/// a list: the wrong shape fails to decode (kubernetes/kubeadm#3067).
pub trait ExtraArgs: Serialize {
    /// No argument at all: not written.
    fn is_empty(&self) -> bool;
}

/// v1beta3: name to value, both text.
impl ExtraArgs for BTreeMap<String, Sourced<String>> {
    fn is_empty(&self) -> bool {
        BTreeMap::is_empty(self)
    }
}

/// v1beta4: a list of arguments.
impl ExtraArgs for Vec<Sourced<Arg>> {
    fn is_empty(&self) -> bool {
        Vec::is_empty(self)
    }
}

/// One command line argument, without leading dashes.
#[derive(Clone, Debug, Serialize)]
pub struct Arg {
    /// The name.
    pub name: String,
    /// The value, always text.
    pub value: String,
}

/// How this node presents itself to the cluster.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct NodeRegistration<A: ExtraArgs> {
    /// The node's name.
    pub name: Sourced<String>,
    /// The container runtime's socket, as a `unix://` address. kubeadm fails when it finds two and none is given.
    pub cri_socket: Sourced<String>,
    /// `None` leaves it to kubeadm (a control plane gets its usual taint), `Some` of an empty list means no taint at all.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub taints: Option<Sourced<Vec<Sourced<Taint>>>>,
    /// Arguments of this node's kubelet.
    #[serde(skip_serializing_if = "ExtraArgs::is_empty")]
    pub kubelet_extra_args: A,
    /// Names of preflight checks whose errors become warnings.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub ignore_preflight_errors: Vec<Sourced<String>>,
    /// When images of the control plane are pulled.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub image_pull_policy: Option<Sourced<PullPolicy>>,
}

/// A taint of a node.
#[derive(Clone, Debug, Serialize)]
pub struct Taint {
    /// `node-role.kubernetes.io/control-plane`
    pub key: String,
    /// Its value, if it has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
    /// What it does to pods.
    pub effect: TaintEffect,
}

/// What a taint does to pods that do not tolerate it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum TaintEffect {
    /// They are not placed here.
    NoSchedule,
    /// They are placed here only if there is no better node.
    PreferNoSchedule,
    /// They are not placed here, and those that run here are evicted.
    NoExecute,
}

/// When an image is pulled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum PullPolicy {
    /// Even if it is there.
    Always,
    /// If it is not there.
    IfNotPresent,
    /// It must be there.
    Never,
}

/// Where the API server of this node listens.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ApiEndpoint {
    /// The address that it announces to the others; left out, kubeadm uses that of the default route.
    pub advertise_address: Sourced<IpAddr>,
    /// The port.
    pub bind_port: Sourced<u16>,
}

/// The ranges of the cluster.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Networking {
    /// Addresses of services: a range, or one for each family.
    pub service_subnet: Sourced<String>,
    /// Addresses of pods, likewise. Without it no node gets a part of the range.
    pub pod_subnet: Sourced<String>,
    /// The domain of services.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dns_domain: Option<Sourced<String>>,
}

/// The cluster's own name service.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Dns {
    /// Another registry for CoreDNS's image. kubeadm appends `coredns` to the cluster's registry
    /// without the `coredns/` folder that the public registry has.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub image_repository: Option<Sourced<String>>,
    /// Another tag.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub image_tag: Option<Sourced<String>>,
}

/// How a joining node finds the cluster and comes to trust it.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Discovery {
    /// From a kubeconfig that the control plane created.
    pub file: FileDiscovery,
    /// How long it tries. v1beta4 has moved this to `timeouts.discovery`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timeout: Option<Sourced<String>>,
}

/// Discovery by file.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct FileDiscovery {
    /// The kubeconfig's path on the node.
    pub kube_config_path: Sourced<String>,
}

/// Where kubeadm looks for patches of what it writes.
#[derive(Clone, Debug, Serialize)]
pub struct Patches {
    /// The folder.
    pub directory: Sourced<String>,
}

/// How the first node starts; `R` is its registration as the version of the API has it.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct InitConfiguration<R: Serialize> {
    /// This node.
    pub node_registration: R,
    /// Its API server.
    #[serde(rename = "localAPIEndpoint")]
    pub local_api_endpoint: ApiEndpoint,
    /// Phases to leave out.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub skip_phases: Vec<Sourced<String>>,
    /// Patches.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub patches: Option<Patches>,
}

/// What a node that joins as a further control plane says in addition. The key that decrypts the certificates is not here: it
/// comes with the join file, and the script puts it in.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct JoinControlPlane {
    /// Its API server.
    #[serde(rename = "localAPIEndpoint")]
    pub local_api_endpoint: ApiEndpoint,
}

/// How another node joins.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct JoinConfiguration<R: Serialize> {
    /// This node.
    pub node_registration: R,
    /// A further control plane.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub control_plane: Option<JoinControlPlane>,
    /// How it finds the cluster.
    pub discovery: Discovery,
    /// Phases to leave out.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub skip_phases: Vec<Sourced<String>>,
    /// Patches.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub patches: Option<Patches>,
}

/// What all nodes share; what is said of the components of the control plane stands next to it, as [`Fields`].
///
/// [`Fields`]: super::fields::Fields
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ClusterConfiguration {
    /// The cluster's name in kubeconfig files.
    pub cluster_name: Sourced<String>,
    /// The exact version, with its `v`; left out, kubeadm asks the internet.
    pub kubernetes_version: Sourced<String>,
    /// The name or address under which nodes reach the API server, with port.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub control_plane_endpoint: Option<Sourced<String>>,
    /// Another registry for the images.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub image_repository: Option<Sourced<String>>,
    /// kubeadm's own feature gates; one that it does not know ends it.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub feature_gates: BTreeMap<String, Sourced<bool>>,
    /// The ranges.
    pub networking: Networking,
    /// The name service.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dns: Option<Dns>,
}
