//! The command-line arguments of Kubernetes' programs and the admission plugins of the API server, from release to release.

use std::sync::Arc;

use super::gates::{Stage, points};
use super::{Fact, inner, values, version, whole};
use crate::origin::{Origin, Sourced};
use crate::schema::{Entity, Schema};
use crate::value::Version;

/// What an argument's value must be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FlagType {
    /// `true` or `false`.
    Boolean,
    /// A whole number.
    Integer,
    /// A number, with a fraction or without.
    Number,
    /// A length of time as Go writes it: `4m0s`.
    Duration,
    /// An IP address.
    Address,
    /// A network, or several with commas between them.
    Cidrs,
    /// A port.
    Port,
    /// One of these words.
    Choice(Vec<String>),
    /// Any text: a path, a list, pairs.
    Text,
}

impl FlagType {
    fn read(word: &str) -> Self {
        match word {
            "boolean" => Self::Boolean,
            "integer" => Self::Integer,
            "number" => Self::Number,
            "duration" => Self::Duration,
            "address" => Self::Address,
            "cidr" | "cidr-list" => Self::Cidrs,
            "port" => Self::Port,
            choice if choice.contains('|') => {
                Self::Choice(choice.split('|').map(str::to_owned).collect())
            }
            _ => Self::Text,
        }
    }
}

/// An argument of a program and what became of it.
#[derive(Clone, Debug)]
pub struct Flag {
    /// Its name, without dashes.
    pub name: String,
    /// What its value must be.
    pub ty: FlagType,
    /// The first release that has it, if it is younger than the table.
    pub from: Option<Version>,
    /// The release that has deprecated it.
    pub deprecated: Option<Version>,
    /// The first release without it.
    pub gone: Option<Version>,
    /// What to write for it, where it is gone or deprecated.
    pub instead: Option<String>,
    /// The field of the program's configuration file that holds the same.
    in_file: Option<String>,
    /// Whether a source confirms all that.
    pub verified: bool,
    /// Where the library says so.
    pub origin: Origin,
}

impl Flag {
    /// The field of the program's configuration file that holds the same.
    pub fn field(&self) -> Option<&str> {
        self.in_file.as_deref()
    }

    /// Whether a release has it.
    pub fn is_in(&self, release: Version) -> bool {
        self.from.is_none_or(|from| from <= release) && !self.is_gone(release)
    }

    /// Whether a release no longer has it.
    pub fn is_gone(&self, release: Version) -> bool {
        self.gone.is_some_and(|gone| gone <= release)
    }
}

/// All arguments of one program.
#[derive(Clone, Debug)]
pub struct Flags {
    /// `kube-apiserver`
    pub program: String,
    /// Each of them, by name.
    pub flags: Vec<Flag>,
    /// Those that pikc or kubeadm writes, and from what.
    pub written: Vec<(String, String)>,
}

impl Flags {
    /// The argument of that name.
    pub fn find(&self, name: &str) -> Option<&Flag> {
        self.flags.iter().find(|flag| flag.name == name)
    }

    /// From what pikc or kubeadm writes an argument.
    pub fn writer(&self, name: &str) -> Option<&str> {
        let (_, by) = self.written.iter().find(|(own, _)| own == name)?;
        Some(by)
    }
}

impl Fact for Flags {
    const KIND: &'static str = "flags";
    fn read(program: String, entity: Arc<Entity>, schema: &Schema) -> Option<Self> {
        let doubtful = values(whole(&entity, schema)?.texts("unverified"));
        let instead = inner(&entity, "instead", schema)?.entries();
        let in_file = inner(&entity, "in-file", schema)?.entries();
        let of = |list: &[(Sourced<String>, Sourced<String>)], name: &str| {
            let (_, told) = list.iter().find(|(own, _)| own.value == name)?;
            Some(told.value.clone())
        };
        let flag = |(name, told): (Sourced<String>, Sourced<String>)| {
            let mut parts = told.value.split(',').map(str::trim);
            let mut flag = Flag {
                // What it is without being given is for people.
                ty: FlagType::read(parts.next()?.split(' ').next()?),
                from: None,
                deprecated: None,
                gone: None,
                instead: of(&instead, &name.value),
                in_file: of(&in_file, &name.value),
                verified: !doubtful.contains(&name.value),
                name: name.value,
                origin: told.origin.clone(),
            };
            for part in parts {
                let (word, since) = part.split_once(' ')?;
                let since = version(since)?;
                match word {
                    "from" => flag.from = Some(since),
                    "deprecated" => flag.deprecated = Some(since),
                    "gone" => flag.gone = Some(since),
                    _ => return None,
                }
            }
            Some(flag)
        };
        let written = inner(&entity, "written", schema)?.entries();
        Some(Self {
            program,
            written: written
                .into_iter()
                .map(|(name, by)| (name.value, by.value))
                .collect(),
            flags: inner(&entity, "table", schema)?
                .entries()
                .into_iter()
                .map(flag)
                .collect::<Option<_>>()?,
        })
    }
}

/// The admission plugins of the API server, each with its history: whether it is on by itself.
#[derive(Clone, Debug)]
pub struct AdmissionPlugins {
    /// By name.
    pub plugins: Vec<(String, Vec<(Version, Stage)>)>,
    /// What to do without those that are gone.
    pub instead: Vec<(String, String)>,
    /// Those whose history no source confirms.
    pub doubtful: Vec<String>,
}

impl AdmissionPlugins {
    /// The history of a plugin.
    pub fn history(&self, name: &str) -> Option<&[(Version, Stage)]> {
        let (_, history) = self.plugins.iter().find(|(own, _)| own == name)?;
        Some(history)
    }

    /// How a plugin is in a release; none for one that the table does not have, or does not have yet.
    pub fn at(&self, name: &str, release: Version) -> Option<Stage> {
        let history = self.history(name)?;
        let passed = |(since, _): &&(Version, Stage)| *since <= release;
        history.iter().rev().find(passed).map(|(_, stage)| *stage)
    }
}

impl Fact for AdmissionPlugins {
    const KIND: &'static str = "admission-plugins";
    fn read(_: String, entity: Arc<Entity>, schema: &Schema) -> Option<Self> {
        let plugin = |(name, told): (Sourced<String>, Sourced<String>)| {
            Some((name.value, points(&told.value)?))
        };
        let instead = inner(&entity, "instead", schema)?.entries();
        Some(Self {
            instead: instead
                .into_iter()
                .map(|(name, instead)| (name.value, instead.value))
                .collect(),
            doubtful: values(whole(&entity, schema)?.texts("unverified")),
            plugins: inner(&entity, "plugins", schema)?
                .entries()
                .into_iter()
                .map(plugin)
                .collect::<Option<_>>()?,
        })
    }
}
