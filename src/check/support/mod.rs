//! What the rules share: how findings are collected and worded, and which ranges are free.

pub(in crate::check) mod findings;
pub(in crate::check) mod free_range;
