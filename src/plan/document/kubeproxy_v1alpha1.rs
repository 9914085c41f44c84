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
}
