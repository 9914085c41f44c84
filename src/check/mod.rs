//! The rules: what is wrong with a cluster that every value alone does not show.
//!
//! In: a [`Model`]. Out: findings, and a [`Checked`] model when none of them is an error. A rule is a
//! pure function in a file of its own, beside the declaration of the codes it reports; it never
//! speaks of a value that is absent, because its absence has been reported.

mod existing;
mod findings;
mod instead;

pub use choose::{Candidate, candidates, choose};
pub use existing::{APPLY, check_existing};
pub use findings::Findings;
pub use written::refused;

use crate::diagnostic::{Descriptor, Diagnostics};
use crate::model::Model;

/// A group of rules that looks at one matter, in a file of that name.
#[derive(Clone, Copy, Debug)]
pub struct Rule {
    /// `addresses`
    pub name: &'static str,
    look: fn(&Model, &mut Findings<'_>),
}

impl Rule {
    /// Runs it alone. What `allow` silenced in vain only a run of all can say.
    pub fn run(&self, model: &Model, out: &mut Diagnostics) {
        (self.look)(model, &mut Findings::new(model, out));
    }
}

macro_rules! checks {
    ($($name:ident),+ $(,)?) => {
        $(mod $name;)+

        /// Every rule, in the order in which they run.
        pub static RULES: &[Rule] = &[$(Rule { name: stringify!($name), look: $name::check }),+];

        /// The codes of every rule.
        static CODES: &[&[&Descriptor]] = &[$($name::CODES),+];
    };
}

checks![
    ranges,
    lan,
    addresses,
    apart,
    taken,
    beside,
    ipv6,
    both,
    names,
    accounts,
    labels,
    roles,
    reach,
    capacity,
    budget,
    systems,
    kernels,
    release,
    ends,
    runtime,
    package,
    mirror,
    swap,
    platform,
    cni,
    choose,
    upkeep,
    link,
    interfaces,
    ports,
    made,
    devices,
    fit,
    kubelet,
    arguments,
    values,
    gates,
    resolver,
    kernel_settings,
    written,
    proxy,
    policy,
    peers,
    bgp,
    demands,
    upstream,
];

/// Runs every rule over a model, then looks at what `allow` silenced.
pub fn check(model: &Model, out: &mut Diagnostics) {
    let mut findings = Findings::new(model, out);
    for rule in RULES {
        (rule.look)(model, &mut findings);
    }
    findings.finish(&all_codes());
}

/// A model in which no rule has found an error.
#[derive(Clone, Copy, Debug)]
pub struct Checked<T>(T);

impl<'a> Checked<&'a Model> {
    /// The model.
    pub fn get(&self) -> &'a Model {
        self.0
    }
}

/// The model as a checked one, if there are no errors among the findings of its analysis.
pub fn passed<'a>(model: &'a Model, out: &Diagnostics) -> Option<Checked<&'a Model>> {
    (!out.has_errors()).then_some(Checked(model))
}

/// Every code that pikc reports about a spec, by name.
pub fn all_codes() -> Vec<&'static Descriptor> {
    let mut codes: Vec<&'static Descriptor> = [
        crate::syntax::CODES,
        crate::ast::CODES,
        crate::schema::CODES,
        crate::stdlib::CODES,
        crate::model::CODES,
        findings::CODES,
        existing::CODES,
    ]
    .into_iter()
    .chain(crate::model::EXISTING_CODES.iter().copied())
    .chain(CODES.iter().copied())
    .flatten()
    .copied()
    .collect();
    codes.sort_by_key(|descriptor| descriptor.code);
    codes
}
