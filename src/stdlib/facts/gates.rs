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
    /// The gates that have to be on while it is, and from which release on, oldest first.
    pub needs: Vec<(Version, Vec<String>)>,
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

    /// The gates that have to be on while it is, in a release.
    pub fn needs(&self, release: Version) -> &[String] {
        let passed = |(since, _): &&(Version, Vec<String>)| *since <= release;
        let found = self.needs.iter().rev().find(passed);
        found.map_or(&[], |(_, needs)| needs)
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
        let all_needs = inner(&entity, "needs", schema)?.entries();
        let gate = |(name, told): (Sourced<String>, Sourced<String>)| {
            let needs = all_needs.iter().find(|(own, _)| own.value == name.value);
            Some(Gate {
                history: points(&told.value)?,
                needs: match needs {
                    Some((_, told)) => told
                        .value
                        .split(',')
                        .map(needs_from)
                        .collect::<Option<_>>()?,
                    None => Vec::new(),
                },
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

/// `off 1.28, on 1.30`
pub(super) fn points(told: &str) -> Option<Vec<(Version, Stage)>> {
    told.split(',').map(point).collect()
}

/// `on 1.30`
fn point(told: &str) -> Option<(Version, Stage)> {
    let (stage, since) = told.trim().split_once(' ')?;
    match value::parse(Type::Version, since.trim()) {
        Ok(Val::Version(version)) => Some((version, Stage::named(stage)?)),
        _ => None,
    }
}

/// `1.35 GenericWorkload AtomicFIFO`
fn needs_from(told: &str) -> Option<(Version, Vec<String>)> {
    let mut words = told.split_whitespace();
    let since = match value::parse(Type::Version, words.next()?) {
        Ok(Val::Version(version)) => version,
        _ => return None,
    };
    Some((since, words.map(str::to_owned).collect()))
}
