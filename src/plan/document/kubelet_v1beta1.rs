//! `kubelet.config.k8s.io/v1beta1`: the kubelet's settings.
//!
//! The same struct is the cluster's document (in the control plane's kubeadm file) and a node's patch
//! (`patches/kubeletconfiguration+merge.yaml`): a merge patch is a document that says only what differs.
//! kubeadm ignores such a document in a join file, so a worker's own settings can only come as a patch.

use std::collections::BTreeMap;

use serde::Serialize;

use super::kind;
use crate::origin::Sourced;

kind!("kubelet.config.k8s.io/v1beta1": KubeletConfiguration);

/// The settings of the kubelet; those that are `None` stay as kubeadm or the kubelet has them.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct KubeletConfiguration {
    /// Whether it exits when it finds swap in use (it does by default, in every version).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fail_swap_on: Option<Sourced<bool>>,
    /// What pods get of the swap.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub memory_swap: Option<MemorySwap>,
    /// Gates; a gate that the kubelet does not know makes it exit.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub feature_gates: BTreeMap<String, Sourced<bool>>,
    /// What manages control groups: `systemd` or `cgroupfs`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cgroup_driver: Option<Sourced<String>>,
    /// How many pods the node takes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_pods: Option<Sourced<u32>>,
}

/// What pods get of the swap.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct MemorySwap {
    /// `NoSwap`, `LimitedSwap` or, up to 1.29, `UnlimitedSwap`.
    pub swap_behavior: Sourced<String>,
}
