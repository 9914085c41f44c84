//! Findings for programs: JSON, SARIF, GitHub annotations.
//!
//! All three count lines and columns from 1, columns in characters.

mod github;
mod json;
mod sarif;
mod shared;

pub(super) use github::github;
pub(super) use json::json;
pub(super) use sarif::sarif;
