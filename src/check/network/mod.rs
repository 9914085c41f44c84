//! The cluster's ranges, the LAN, and what both must keep clear of.

pub(in crate::check) mod cluster_ranges;
pub(in crate::check) mod dual_stack;
pub(in crate::check) mod ipv6_ranges;
pub(in crate::check) mod lan;
pub(in crate::check) mod machine_addresses;
pub(in crate::check) mod name_servers;
pub(in crate::check) mod reserved_ranges;
pub(in crate::check) mod special_ranges;
pub(in crate::check) mod subnet_mtu;
pub(in crate::check) mod subnets;
pub(in crate::check) mod wide_lan;
