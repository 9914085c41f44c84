//! Changes in one place that make a valid spec wrong, each with the code that must be reported.
//!
//! A change marks its lines; the finding must have a label on one of them.

mod arguments;
mod blocks;
mod cluster;
mod interfaces;
mod kubeadm;
mod language;
mod network;
mod nodes;
pub mod tokens;

use super::draw::Draw;
use super::spec::Spec;

/// A change.
pub struct Mutation {
    /// What it does, for a failing case.
    pub name: &'static str,
    /// The code that must be reported.
    pub code: &'static str,
    /// Applies it; false if the spec has nothing to apply it to.
    pub apply: fn(&mut Spec, &mut Draw) -> bool,
}

/// Every change.
pub fn all() -> Vec<&'static Mutation> {
    let lists = [
        network::MUTATIONS,
        nodes::MUTATIONS,
        interfaces::MUTATIONS,
        cluster::MUTATIONS,
        kubeadm::MUTATIONS,
        blocks::MUTATIONS,
        language::MUTATIONS,
        arguments::MUTATIONS,
    ];
    lists.into_iter().flatten().collect()
}

/// A list of changes: what it does, the code, how.
macro_rules! mutations {
    ($($name:literal => $code:literal, $apply:expr;)+) => {
        pub(super) const MUTATIONS: &[super::Mutation] = &[$(super::Mutation {
            name: $name,
            code: $code,
            apply: $apply,
        }),+];
    };
}
use mutations;
