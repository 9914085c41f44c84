//! The cluster as a whole: who runs its control plane, how it is reached, what its files can hold.

pub(in crate::check) mod endpoint_address;
pub(in crate::check) mod endpoint_and_join;
pub(in crate::check) mod http_proxy;
pub(in crate::check) mod roles;
pub(in crate::check) mod several_control_planes;
pub(in crate::check) mod unwritable_values;
pub(in crate::check) mod vip;
pub(in crate::check) mod vip_bgp;
pub(in crate::check) mod vip_services;
pub(in crate::check) mod vip_subnets;
