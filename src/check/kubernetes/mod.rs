//! What a release of Kubernetes accepts: kubelet, kube-proxy, feature gates, kernels.

pub(in crate::check) mod admission_plugins;
mod carried_settings;
pub(in crate::check) mod certificates;
pub(in crate::check) mod component_files;
pub(in crate::check) mod end_of_support;
pub(in crate::check) mod etcd;
pub(in crate::check) mod feature_gates;
pub(in crate::check) mod field_gates;
pub(in crate::check) mod field_relations;
mod field_types;
pub(in crate::check) mod field_values;
pub(in crate::check) mod fields;
pub(in crate::check) mod gate_needs;
mod given_gates;
pub(in crate::check) mod kernel_versions;
pub(in crate::check) mod kube_proxy;
pub(in crate::check) mod kubelet;
pub(in crate::check) mod kubelet_settings;
pub(in crate::check) mod memory_manager;
pub(in crate::check) mod no_effect;
pub(in crate::check) mod node_ports;
pub(in crate::check) mod release;
pub(in crate::check) mod release_settings;
pub(in crate::check) mod reserved_labels;
pub(in crate::check) mod resolver;
mod table_places;
mod value_forms;
