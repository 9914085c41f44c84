//! `kubeadm.k8s.io/v1beta3`: for kubeadm 1.22 to 1.30. 1.31 to 1.36 still read it and warn, 1.37 does
//! not (kubernetes/kubernetes#136016).

use std::collections::BTreeMap;

use serde::Serialize;

use super::{NodeRegistration, kind};
use crate::origin::Sourced;

kind!("kubeadm.k8s.io/v1beta3": InitConfiguration, ClusterConfiguration, JoinConfiguration);

/// Arguments of a component: name without leading dashes, value.
pub type Args = BTreeMap<String, Sourced<String>>;
/// How the first node starts.
pub type InitConfiguration = super::InitConfiguration<NodeRegistration<Args>>;
/// What all nodes share.
pub type ClusterConfiguration = super::ClusterConfiguration<Args, ApiServer>;
/// How another node joins.
pub type JoinConfiguration = super::JoinConfiguration<NodeRegistration<Args>>;

/// Settings of the API server.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ApiServer {
    /// What every version has.
    #[serde(flatten)]
    pub common: super::ApiServer<Args>,
    /// How long kubeadm waits for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timeout_for_control_plane: Option<Sourced<String>>,
}
