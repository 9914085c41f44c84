//! Each machine: its name, address, board, system and memory.

pub(in crate::check) mod addresses;
pub(in crate::check) mod boot;
pub(in crate::check) mod budget;
pub(in crate::check) mod capacity;
pub(in crate::check) mod disk_use;
pub(in crate::check) mod disks;
pub(in crate::check) mod extra_packages;
pub(in crate::check) mod firmware;
pub(in crate::check) mod kernel_settings;
pub(in crate::check) mod names;
pub(in crate::check) mod platform;
pub(in crate::check) mod swap;
pub(in crate::check) mod system;
pub(in crate::check) mod system_accounts;
pub(in crate::check) mod system_parts;
