//! `kubeadm.k8s.io/v1beta3`: for kubeadm 1.22 to 1.30. 1.31 to 1.36 still read it and warn, 1.37 does
//! not (kubernetes/kubernetes#136016).

use std::collections::BTreeMap;

use serde::Serialize;

use super::{
    ApiEndpoint, Discovery, Dns, Etcd, ExtraArgs, Networking, NodeRegistration, Patches, kind,
};
use crate::origin::Sourced;

kind!("kubeadm.k8s.io/v1beta3": InitConfiguration, ClusterConfiguration, JoinConfiguration);

/// Arguments of a component: name without leading dashes, value.
pub type Args = BTreeMap<String, Sourced<String>>;

/// How the first node starts.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct InitConfiguration {
    /// This node.
    pub node_registration: NodeRegistration<Args>,
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

/// What all nodes share.
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
    /// The API server.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub api_server: Option<ApiServer>,
    /// The controller manager.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub controller_manager: Option<Component>,
    /// The scheduler.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scheduler: Option<Component>,
    /// The database.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub etcd: Option<Etcd<Args>>,
    /// The name service.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dns: Option<Dns>,
}

/// Settings of the API server.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ApiServer {
    /// Names and addresses that its certificate is good for, beyond those that kubeadm puts in itself.
    #[serde(rename = "certSANs", skip_serializing_if = "Vec::is_empty")]
    pub cert_sans: Vec<Sourced<String>>,
    /// Its arguments.
    #[serde(skip_serializing_if = "ExtraArgs::is_empty")]
    pub extra_args: Args,
    /// How long kubeadm waits for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timeout_for_control_plane: Option<Sourced<String>>,
}

/// Settings of another component of the control plane.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Component {
    /// Its arguments.
    #[serde(skip_serializing_if = "ExtraArgs::is_empty")]
    pub extra_args: Args,
}

/// How another node joins.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct JoinConfiguration {
    /// This node.
    pub node_registration: NodeRegistration<Args>,
    /// How it finds the cluster.
    pub discovery: Discovery,
    /// Phases to leave out.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub skip_phases: Vec<Sourced<String>>,
    /// Patches.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub patches: Option<Patches>,
}
