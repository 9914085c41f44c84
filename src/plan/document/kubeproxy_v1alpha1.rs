//! `kubeproxy.config.k8s.io/v1alpha1`: kube-proxy's settings, one set for the whole cluster, read by
//! `kubeadm init` only.

use serde::Serialize;

use super::kind;
use crate::origin::Sourced;

kind!("kubeproxy.config.k8s.io/v1alpha1": KubeProxyConfiguration);

/// The settings of kube-proxy; those that are `None` stay as kubeadm or kube-proxy has them.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct KubeProxyConfiguration {
    /// `iptables`, `ipvs` or `nftables`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mode: Option<Sourced<String>>,
    /// The pod range. kubeadm fills it in from its own, so it can only differ by mistake.
    #[serde(rename = "clusterCIDR", skip_serializing_if = "Option::is_none")]
    pub cluster_cidr: Option<Sourced<String>>,
    /// Where metrics are served.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub metrics_bind_address: Option<Sourced<String>>,
    /// Settings of the mode `ipvs`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ipvs: Option<Ipvs>,
}

/// Settings of the mode `ipvs`.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Ipvs {
    /// Whether only the right interface answers ARP (needed by load balancers that announce addresses).
    #[serde(rename = "strictARP", skip_serializing_if = "Option::is_none")]
    pub strict_arp: Option<Sourced<bool>>,
    /// How services choose a pod: `rr`, `lc`, ...
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scheduler: Option<Sourced<String>>,
}
