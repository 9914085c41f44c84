//! The devices that a machine reaches the others by.

pub(in crate::check) mod board_ports;
pub(in crate::check) mod devices;
pub(in crate::check) mod roles_and_radio;
pub(in crate::check) mod vlan_and_bond;
