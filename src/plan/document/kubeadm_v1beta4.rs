//! `kubeadm.k8s.io/v1beta4`: for kubeadm 1.31 and later (kubernetes/kubernetes#125029), and the only
//! one from 1.37 on. Arguments are lists, and all time limits are in one place.

use serde::Serialize;

use super::{Arg, NodeRegistration, kind};
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
pub struct InitConfiguration {
    /// What every version has.
    #[serde(flatten)]
    pub common: super::InitConfiguration<Registration>,
    /// How long kubeadm waits for what.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timeouts: Option<Timeouts>,
}

/// What all nodes share.
#[derive(Clone, Debug, Serialize)]
pub struct ClusterConfiguration {
    /// What every version has.
    #[serde(flatten)]
    pub common: super::ClusterConfiguration,
    /// Whether kube-proxy is left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub proxy: Option<Proxy>,
}

/// kube-proxy, as kubeadm sees it.
#[derive(Clone, Debug, Serialize)]
pub struct Proxy {
    /// A CNI replaces it.
    pub disabled: Sourced<bool>,
}

/// How another node joins; the `timeout` of its discovery must be `None` here.
#[derive(Clone, Debug, Serialize)]
pub struct JoinConfiguration {
    /// What every version has.
    #[serde(flatten)]
    pub common: super::JoinConfiguration<Registration>,
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
