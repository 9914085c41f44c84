//! Clusters that were built without a spec.

pub(in crate::check) mod kubeadm_files;
