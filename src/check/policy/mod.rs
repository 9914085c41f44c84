//! Network policies, and what enforces them.

pub(in crate::check) mod enforcement;
pub(in crate::check) mod peers;
