//! `kubeadm.k8s.io/v1beta4`: for kubeadm 1.31 and later (kubernetes/kubernetes#125029), and the only
//! one from 1.37 on. Arguments are lists, and all time limits stand in one place.

use std::collections::BTreeMap;

use serde::Serialize;

use super::{
    ApiEndpoint, Arg, Discovery, Dns, Etcd, ExtraArgs, Networking, NodeRegistration, Patches, kind,
};
use crate::origin::Sourced;

kind!("kubeadm.k8s.io/v1beta4": InitConfiguration, ClusterConfiguration, JoinConfiguration);

/// Arguments of a component, in order.
pub type Args = Vec<Sourced<Arg>>;

/// How this node presents itself to the cluster.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Registration {
    /// What every version has.
    #[serde(flatten)]
    pub common: NodeRegistration<Args>,
    /// Whether images are pulled one after the other.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub image_pull_serial: Option<Sourced<bool>>,
}

/// How the first node starts.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct InitConfiguration {
    /// This node.
    pub node_registration: Registration,
    /// Its API server.
    #[serde(rename = "localAPIEndpoint")]
    pub local_api_endpoint: ApiEndpoint,
    /// Phases to leave out.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub skip_phases: Vec<Sourced<String>>,
    /// Patches.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub patches: Option<Patches>,
    /// How long kubeadm waits for what.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timeouts: Option<Timeouts>,
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
    /// Whether kube-proxy is left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub proxy: Option<Proxy>,
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
}

/// Settings of another component of the control plane.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Component {
    /// Its arguments.
    #[serde(skip_serializing_if = "ExtraArgs::is_empty")]
    pub extra_args: Args,
}

/// kube-proxy, as kubeadm sees it.
#[derive(Clone, Debug, Serialize)]
pub struct Proxy {
    /// A CNI does its work.
    pub disabled: Sourced<bool>,
}

/// How another node joins.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct JoinConfiguration {
    /// This node.
    pub node_registration: Registration,
    /// How it finds the cluster; its `timeout` must be `None` here.
    pub discovery: Discovery,
    /// Phases to leave out.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub skip_phases: Vec<Sourced<String>>,
    /// Patches.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub patches: Option<Patches>,
    /// How long kubeadm waits for what.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timeouts: Option<Timeouts>,
}

/// How long kubeadm waits for what, as Go durations (`4m0s`).
#[derive(Clone, Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Timeouts {
    /// For the components of the control plane (4m0s); a board on an SD card may need more.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub control_plane_component_health_check: Option<Sourced<String>>,
    /// For the kubelet (4m0s).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kubelet_health_check: Option<Sourced<String>>,
    /// For an answer of the API server (1m0s).
    #[serde(rename = "kubernetesAPICall", skip_serializing_if = "Option::is_none")]
    pub kubernetes_api_call: Option<Sourced<String>>,
    /// For an answer of the database (2m0s).
    #[serde(rename = "etcdAPICall", skip_serializing_if = "Option::is_none")]
    pub etcd_api_call: Option<Sourced<String>>,
    /// For the kubelet's first certificate (5m0s).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tls_bootstrap: Option<Sourced<String>>,
    /// For finding the cluster (5m0s).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub discovery: Option<Sourced<String>>,
}
