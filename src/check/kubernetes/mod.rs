//! What a release of Kubernetes accepts: kubelet, kube-proxy, feature gates, kernels.

pub(in crate::check) mod end_of_support;
pub(in crate::check) mod feature_gates;
pub(in crate::check) mod kernel_versions;
pub(in crate::check) mod kube_proxy;
pub(in crate::check) mod kubelet;
pub(in crate::check) mod kubelet_arguments;
pub(in crate::check) mod kubelet_settings;
pub(in crate::check) mod release;
pub(in crate::check) mod reserved_labels;
pub(in crate::check) mod resolver;
