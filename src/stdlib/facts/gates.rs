//! Feature gates of Kubernetes' components, from release to release.

use std::sync::Arc;

use super::{Fact, inner, values, whole};
use crate::origin::{Origin, Sourced};
use crate::schema::{Entity, Schema};
use crate::source::Span;
use crate::value::{self, Type, Val, Version};

/// The state of a gate in a release.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// Off unless it is turned on.
    Off,
    /// On unless it is turned off.
    On,
    /// Off, and it cannot be turned on.
    LockedOff,
    /// On, and it cannot be turned off.
    LockedOn,
    /// Removed.
    Gone,
}

impl Stage {
    fn named(word: &str) -> Option<Self> {
        Some(match word {
            "off" => Self::Off,
            "on" => Self::On,
            "locked-off" => Self::LockedOff,
            "locked-on" => Self::LockedOn,
            "gone" => Self::Gone,
            _ => return None,
        })
    }
}

/// A feature gate and its history.
#[derive(Clone, Debug)]
pub struct Gate {
    /// `NodeSwap`
    pub name: String,
    /// Its stages with the release in which each begins, oldest first.
    pub history: Vec<(Version, Stage)>,
    /// Whether a source confirms that.
    pub verified: bool,
    /// Where it is in the library.
    pub origin: Origin,
}

impl Gate {
    /// The first release that has it.
    pub fn first(&self) -> Option<Version> {
        self.history.first().map(|(version, _)| *version)
    }

    /// Its stage in a release and when that began; none before its first release.
    pub fn at(&self, release: Version) -> Option<(Version, Stage)> {
        let passed = |(since, _): &&(Version, Stage)| *since <= release;
        self.history.iter().rev().find(passed).copied()
    }
}

/// The gates of one component.
#[derive(Clone, Debug)]
pub struct Gates {
    /// Each of them, by name.
    pub gates: Vec<Gate>,
    /// Where they are in the library.
    pub span: Span,
}

impl Gates {
    /// The gate of that name.
    pub fn find(&self, name: &str) -> Option<&Gate> {
        self.gates.iter().find(|gate| gate.name == name)
    }
}

impl Fact for Gates {
    const KIND: &'static str = "gates";
    fn read(_: String, entity: Arc<Entity>, schema: &Schema) -> Option<Self> {
        let doubtful = values(whole(&entity, schema)?.texts("unverified"));
        let gate = |(name, told): (Sourced<String>, Sourced<String>)| {
            Some(Gate {
                history: told.value.split(',').map(point).collect::<Option<_>>()?,
                verified: !doubtful.contains(&name.value),
                name: name.value,
                origin: told.origin,
            })
        };
        Some(Self {
            gates: inner(&entity, "history", schema)?
                .entries()
                .into_iter()
                .map(gate)
                .collect::<Option<_>>()?,
            span: entity.head,
        })
    }
}

/// `on 1.30`
fn point(told: &str) -> Option<(Version, Stage)> {
    let (stage, since) = told.trim().split_once(' ')?;
    match value::parse(Type::Version, since.trim()) {
        Ok(Val::Version(version)) => Some((version, Stage::named(stage)?)),
        _ => None,
    }
}
