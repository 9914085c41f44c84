//! Why a value is what it is: written by the user, a default of the standard library, or derived
//! from other values by a named rule.
//!
//! In: spans. Out: [`Sourced`] values, which the whole pipeline carries from the model to the lines
//! of the generated files, so that `pikc why` can answer for each of them.

pub mod carry;
pub(crate) mod kept;

use std::sync::Arc;

use crate::source::{Span, Spanned};

/// Where a value comes from.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Origin {
    /// The user wrote it here.
    Written(Span),
    /// The spec does not set it: the standard library does, here.
    Default(Span),
    /// pikc derived it.
    Derived {
        /// The rule, as a short sentence without a full stop: "the pod range feeds flannel's network".
        rule: &'static str,
        /// What it was derived from.
        from: Arc<[Origin]>,
    },
    /// It is a secret's value, or made from one: code that prints a text with this value in it must leave the value out.
    Secret(Arc<[Origin]>),
}

impl Origin {
    /// The origin of a value that a rule derived from others.
    pub fn derived(rule: &'static str, from: impl IntoIterator<Item = Origin>) -> Self {
        Self::Derived {
            rule,
            from: from.into_iter().collect(),
        }
    }

    /// The origin of a secret's value, or of something made from one.
    pub fn secret(from: impl IntoIterator<Item = Origin>) -> Self {
        Self::Secret(from.into_iter().collect())
    }

    /// Whether it is a secret, or derived from one.
    pub fn is_secret(&self) -> bool {
        match self {
            Self::Written(_) | Self::Default(_) => false,
            Self::Derived { from, .. } => from.iter().any(Self::is_secret),
            Self::Secret(_) => true,
        }
    }

    /// The first place that a report about this value should point at; none for a value that was
    /// derived from nothing.
    pub fn span(&self) -> Option<Span> {
        match self {
            Self::Written(span) | Self::Default(span) => Some(*span),
            Self::Derived { from, .. } | Self::Secret(from) => from.iter().find_map(Origin::span),
        }
    }

    /// Every place that takes part, in order, written ones and defaults alike.
    pub fn spans(&self) -> Vec<Span> {
        let mut out = Vec::new();
        self.collect(&mut out);
        out
    }

    fn collect(&self, out: &mut Vec<Span>) {
        match self {
            Self::Written(span) | Self::Default(span) => {
                if !out.contains(span) {
                    out.push(*span);
                }
            }
            Self::Derived { from, .. } | Self::Secret(from) => {
                from.iter().for_each(|origin| origin.collect(out));
            }
        }
    }

    /// Whether the user wrote it.
    pub fn is_written(&self) -> bool {
        matches!(self, Self::Written(_))
    }
}

/// Anything with a place that a report can point at.
pub trait Locate {
    /// The place; none for a value that was derived from nothing, or is missing.
    fn place(&self) -> Option<Span>;
}

impl Locate for Span {
    fn place(&self) -> Option<Span> {
        Some(*self)
    }
}

impl Locate for Origin {
    fn place(&self) -> Option<Span> {
        self.span()
    }
}

impl<T> Locate for Sourced<T> {
    fn place(&self) -> Option<Span> {
        self.origin.span()
    }
}

impl<T> Locate for Spanned<T> {
    fn place(&self) -> Option<Span> {
        Some(self.span)
    }
}

impl<T: Locate> Locate for Option<T> {
    fn place(&self) -> Option<Span> {
        self.as_ref().and_then(Locate::place)
    }
}

impl<T: Locate> Locate for &T {
    fn place(&self) -> Option<Span> {
        (**self).place()
    }
}

/// A value together with where it comes from.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Sourced<T> {
    /// The value.
    pub value: T,
    /// Why it is this value.
    pub origin: Origin,
}

impl<T> Sourced<T> {
    /// Pairs a value with its origin.
    pub fn new(value: T, origin: Origin) -> Self {
        Self { value, origin }
    }

    /// The same origin for a value made from this one.
    pub fn map<U>(self, f: impl FnOnce(T) -> U) -> Sourced<U> {
        Sourced {
            value: f(self.value),
            origin: self.origin,
        }
    }

    /// A borrowed view with a copy of the origin.
    pub fn as_ref(&self) -> Sourced<&T> {
        Sourced {
            value: &self.value,
            origin: self.origin.clone(),
        }
    }
}
