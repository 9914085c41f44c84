//! `kubelet.config.k8s.io/v1beta1`: the kubelet's settings.
//!
//! The same struct is the cluster's document (in the control plane's kubeadm file) and a node's patch
//! (`patches/kubeletconfiguration+merge.yaml`): a merge patch is a document that says only what differs.
//! kubeadm ignores such a document in a join file, so a worker's own settings can only come as a patch.

use std::collections::BTreeMap;
use std::net::IpAddr;

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
    /// Whether it exits on control groups of version 1 (from 1.31; on by default from 1.35).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fail_cgroup_v1: Option<Sourced<bool>>,
    /// How many pods the node accepts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_pods: Option<Sourced<u32>>,
    /// How many processes a pod may have; -1 for any number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pod_pids_limit: Option<Sourced<i64>>,
    /// The cluster's name servers.
    #[serde(rename = "clusterDNS", skip_serializing_if = "Vec::is_empty")]
    pub cluster_dns: Vec<Sourced<IpAddr>>,
    /// The cluster's domain.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cluster_domain: Option<Sourced<String>>,
    /// The node's own list of name servers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resolv_conf: Option<Sourced<String>>,
    /// Whether it requests its serving certificate from the cluster.
    #[serde(rename = "serverTLSBootstrap", skip_serializing_if = "Option::is_none")]
    pub server_tls_bootstrap: Option<Sourced<bool>>,
    /// Kept free for Kubernetes' own programs.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub kube_reserved: BTreeMap<String, Sourced<String>>,
    /// Kept free for the system.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub system_reserved: BTreeMap<String, Sourced<String>>,
    /// When pods are evicted. One key set makes the others zero, unless the defaults are merged (from 1.33).
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub eviction_hard: BTreeMap<String, Sourced<String>>,
    /// Whether the defaults of `evictionHard` stay for keys that are not set (from 1.33).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub merge_default_eviction_settings: Option<Sourced<bool>>,
    /// Above this use of the disk, in percent, images are removed.
    #[serde(
        rename = "imageGCHighThresholdPercent",
        skip_serializing_if = "Option::is_none"
    )]
    pub image_gc_high_threshold_percent: Option<Sourced<u8>>,
    /// Removal stops at this use of the disk.
    #[serde(
        rename = "imageGCLowThresholdPercent",
        skip_serializing_if = "Option::is_none"
    )]
    pub image_gc_low_threshold_percent: Option<Sourced<u8>>,
    /// The size at which a container's log is rotated.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub container_log_max_size: Option<Sourced<String>>,
    /// Time that pods get when the node shuts down, as a Go duration.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shutdown_grace_period: Option<Sourced<String>>,
    /// The part of it that is kept for critical pods.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shutdown_grace_period_critical_pods: Option<Sourced<String>>,
}

/// What pods get of the swap.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct MemorySwap {
    /// `NoSwap`, `LimitedSwap` or, up to 1.29, `UnlimitedSwap`.
    pub swap_behavior: Sourced<String>,
}
