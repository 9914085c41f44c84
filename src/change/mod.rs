//! What differs between two trees, by what it means for a cluster that runs.
//!
//! In: a compiled spec, how its tree differs from an earlier one, and what the earlier spec had set. Out: [`Changes`]: groups, the worst
//! first, each with its consequence, the settings that changed and the files that differ. What is the same on many machines is there once.
//! The consequences are data of the library: `applies` of a setting, and of a part of the output for a file that differs for another
//! reason, such as a newer library.

mod cause;
mod detail;
mod fields;
mod foreseen;
mod group;
mod rules;
mod trees;

use std::collections::BTreeMap;

pub use crate::stdlib::{Consequence, Weight};
pub use detail::Detail;
pub use fields::{FieldChange, compare};
pub use foreseen::{Foreseen, foreseen};

use crate::output::{FileDiff, Settings};
use crate::{Analysis, Compiled};

/// What a tree is compared with.
#[derive(Clone, Copy, Debug)]
pub struct Earlier<'a> {
    /// How its files differ.
    pub files: &'a [FileDiff],
    /// What its spec had set; none if an earlier version of pikc wrote it.
    pub settings: Option<&'a Settings>,
}

/// What differs.
#[derive(Clone, Debug, Default)]
pub struct Changes {
    /// How many files and links would be created.
    pub created: usize,
    /// How many would be changed.
    pub changed: usize,
    /// How many would be removed.
    pub removed: usize,
    /// Whether it is known which settings changed: an earlier tree says what its spec had set, unless an earlier version of pikc wrote it.
    pub settings_known: bool,
    /// By consequence, the worst first. Every file that differs is in one of them.
    pub groups: Vec<Group>,
}

/// Everything with one consequence.
#[derive(Clone, Debug)]
pub struct Group {
    /// What it means for a cluster that runs.
    pub consequence: Consequence,
    /// The machines; none if it only concerns the cluster as a whole, or people.
    pub nodes: Vec<String>,
    /// The settings that changed.
    pub settings: Vec<SettingChange>,
    /// The files that differ.
    pub files: Vec<FileChange>,
}

/// A setting that changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SettingChange {
    /// `kubelet / max-pods`; for a block `api-server / audit {}`.
    pub setting: String,
    /// What it was; none if it was not set.
    pub was: Option<String>,
    /// What it is; none if it is not set any more.
    pub now: Option<String>,
    /// The machines; none for a setting of the cluster.
    pub nodes: Option<Vec<String>>,
    /// The file of the spec and the line where it is written now.
    pub place: Option<(String, usize)>,
}

/// A file that differs in the same way on some machines.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileChange {
    /// Its path below the folder of a machine or a class, or below the output folder.
    pub name: String,
    /// What would be done.
    pub step: Step,
    /// The machines; none if it is not of machines.
    pub nodes: Vec<String>,
    /// Every path of the output that it stands for.
    pub paths: Vec<String>,
    /// How it differs.
    pub detail: Detail,
}

/// What would be done with a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Step {
    /// It is removed.
    Removed,
    /// It is changed.
    Changed,
    /// It is created.
    Created,
}

impl Step {
    /// As a word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Removed => "removed",
            Self::Changed => "changed",
            Self::Created => "created",
        }
    }
}

impl Changes {
    /// The most that anything takes; none if nothing differs.
    pub fn worst(&self) -> Option<Weight> {
        self.groups
            .iter()
            .map(|group| group.consequence.weight)
            .max()
    }

    /// For each weight, the worst first: how many machines and how many files have it.
    pub fn counts(&self) -> Vec<(Weight, usize, usize)> {
        let mut counts: BTreeMap<Weight, (Vec<&str>, usize)> = BTreeMap::new();
        for group in &self.groups {
            let (nodes, files) = counts.entry(group.consequence.weight).or_default();
            nodes.extend(group.nodes.iter().map(String::as_str));
            *files += group
                .files
                .iter()
                .map(|file| file.paths.len())
                .sum::<usize>();
        }
        let count = |(weight, (mut nodes, files)): (Weight, (Vec<&str>, usize))| {
            nodes.sort_unstable();
            nodes.dedup();
            (weight, nodes.len(), files)
        };
        counts.into_iter().rev().map(count).collect()
    }
}

/// What differs, by consequence.
pub fn changes(analysis: &Analysis, compiled: &Compiled, earlier: &Earlier<'_>) -> Changes {
    let mut rules = rules::Rules::read(analysis);
    let trees = trees::Trees::new(&compiled.rendered, earlier.files);
    let units = trees.units(&rules);
    let settings = match earlier.settings {
        Some(settings) => cause::changed(analysis, settings, &trees, &mut rules),
        None => Vec::new(),
    };
    let mut found = group::grouped(&rules, units, settings);
    for file in earlier.files {
        *match Step::from(file.step) {
            Step::Created => &mut found.created,
            Step::Changed => &mut found.changed,
            Step::Removed => &mut found.removed,
        } += 1;
    }
    found.settings_known = earlier.settings.is_some();
    found
}

impl From<crate::output::ChangeKind> for Step {
    fn from(kind: crate::output::ChangeKind) -> Self {
        match kind {
            crate::output::ChangeKind::Created => Self::Created,
            crate::output::ChangeKind::Changed => Self::Changed,
            crate::output::ChangeKind::Removed => Self::Removed,
        }
    }
}
