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
#[derive(Clone, Debug, Serialize)]
#[serde(transparent)]
pub struct ClusterConfiguration {
    /// What every version has.
    pub common: super::ClusterConfiguration,
}

/// How another node joins.
pub type JoinConfiguration = super::JoinConfiguration<NodeRegistration<Args>>;
