//! Clusters that were built without a spec.

pub(in crate::check) mod apply;
pub(in crate::check) mod cluster_files;
pub(in crate::check) mod kubeadm_files;
pub(in crate::check) mod overridden;
