//! Findings for programs: JSON, SARIF, GitHub annotations, GitLab's code quality report.
//!
//! All of them count lines and columns from 1, columns in characters.

mod github;
mod gitlab;
mod json;
mod sarif;
mod shared;

pub(super) use github::github;
pub(super) use gitlab::gitlab;
pub(super) use json::json;
pub(super) use sarif::sarif;
