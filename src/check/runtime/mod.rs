//! The container runtime and where it comes from.

pub(in crate::check) mod frozen_registry;
pub(in crate::check) mod mirrors;
pub(in crate::check) mod packages;
pub(in crate::check) mod registries;
pub(in crate::check) mod registry_names;
pub(in crate::check) mod source;
