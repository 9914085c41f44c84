//! What the rules share: how findings are collected, worded and allowed, and which ranges are free.

pub(in crate::check) mod allow;
pub(in crate::check) mod apart;
pub(in crate::check) mod findings;
pub(in crate::check) mod free_range;
pub(in crate::check) mod offers;
pub(in crate::check) mod ports;
