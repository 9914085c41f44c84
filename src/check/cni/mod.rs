//! The pod network, and the choice of a CNI.

pub(in crate::check) mod bgp;
pub(in crate::check) mod compatibility;
pub(in crate::check) mod configuration;
pub(in crate::check) mod device_name;
pub(in crate::check) mod kernel_demands;
pub(in crate::check) mod maintenance;
pub(in crate::check) mod mtu_and_interface;
pub(in crate::check) mod routed;
pub(in crate::check) mod unmet_needs;
pub(in crate::check) mod upstream_copies;
