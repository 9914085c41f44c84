//! The network interfaces of a machine.

pub(in crate::check) mod board_ports;
pub(in crate::check) mod cluster_interface;
pub(in crate::check) mod default_route;
pub(in crate::check) mod devices;
pub(in crate::check) mod radio;
pub(in crate::check) mod vlan_and_bond;
