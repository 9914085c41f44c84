//! The review as plain data: what the HTML shows, and what `--format json` prints.

use std::collections::BTreeMap;

use serde::Serialize;

use super::disks::DataDisk;
pub use crate::picture::{Machines, Picture};
pub use crate::trace::Hidden;

/// Everything that a reviewer needs.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Page {
    /// What wrote it: `pikc review`. A file with this may be written again.
    pub generator: &'static str,
    /// The format of this document.
    pub format: u32,
    /// The version of pikc that wrote it.
    pub pikc: &'static str,
    /// The spec, as it was named.
    pub spec: String,
    /// SHA-256 of the spec with all files that it uses, as `pikc.json` has it.
    pub spec_sha256: String,
    /// Exact versions chosen.
    pub versions: BTreeMap<String, String>,
    /// What a running cluster cannot change.
    pub fixed: BTreeMap<String, String>,
    /// What is built.
    pub picture: Picture,
    /// What the checks found.
    pub findings: Vec<Finding>,
    /// What the spec allows.
    pub allowed: Vec<Allowed>,
    /// Secrets without values, and what is left out of the tree without them.
    pub missing: Vec<Missing>,
    /// What differs from an earlier tree; nothing if there is none to compare with.
    pub changes: Option<Change>,
    /// What is odd about the earlier tree.
    pub doubts: Vec<Doubt>,
    /// The machines whose scripts are the same.
    pub classes: Vec<Class>,
    /// What the machines run, in order; a step that several classes share is there once.
    pub steps: Vec<Step>,
    /// What the machines fetch from outside.
    pub outside: Vec<Outside>,
    /// Who may log in.
    pub logins: Vec<Login>,
    /// Data disks, and which of them are formatted.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub disks: Vec<DataDisk>,
    /// How much there is, and how much of it is shown.
    pub counts: Counts,
    /// Each distinct file of the tree.
    pub files: Vec<Shown>,
    /// What differs by node, for the files that each node has of its own.
    pub tables: Vec<Table>,
    /// Links, by path, each with its target.
    pub links: BTreeMap<String, String>,
    /// The spec, each line with what it makes.
    pub specs: Vec<SpecFile>,
    /// Why lines are there: runs of lines refer to these by number.
    pub reasons: Vec<Reason>,
    /// The lines of the standard library that reasons refer to.
    pub library: Vec<LibraryLine>,
}

/// A finding of the checks.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Finding {
    /// `warning`, `note`
    pub severity: &'static str,
    /// `node/little-left`
    pub code: &'static str,
    /// What was found.
    pub message: String,
    /// What can be typed.
    pub help: String,
    /// The places in the spec, each with its role.
    pub places: Vec<PlaceRole>,
}

/// A place in a source.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Place {
    /// A line of one of the spec's files: the file's number and the line.
    Spec(u32, usize),
    /// One of the library's lines, by number.
    Library(usize),
}

/// A place and its role.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct PlaceRole {
    /// Where.
    pub place: Place,
    /// What role it plays.
    pub role: String,
}

/// An `allow` block.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Allowed {
    /// Which code.
    pub code: String,
    /// Why.
    pub reason: String,
    /// Where.
    pub place: Place,
}

/// A secret without a value.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Missing {
    /// Its name.
    pub secret: String,
    /// The files that are left out.
    pub files: Vec<String>,
}

/// Something odd about the earlier tree.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Doubt {
    /// The path in the tree; empty if it is about all of it.
    pub path: String,
    /// What is odd.
    pub what: String,
}

impl std::fmt::Display for Doubt {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.path.as_str() {
            "" => f.write_str(&self.what),
            path => write!(f, "{path}: {}", self.what),
        }
    }
}

/// What differs from an earlier tree.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Change {
    /// The earlier tree, as it was named.
    pub earlier: String,
    /// How many files are created.
    pub created: usize,
    /// How many are changed.
    pub changed: usize,
    /// How many are removed.
    pub removed: usize,
    /// Whether it is known which settings changed.
    pub settings_known: bool,
    /// How many machines and files have which consequence, the worst first.
    pub counts: Vec<Count>,
    /// By consequence, the worst first.
    pub groups: Vec<Group>,
}

/// How many machines and files have a consequence.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Count {
    /// How much it takes: `nothing`, `next-run`, `service`, `pods`, `drain`, `reboot`, `node`, `cluster`.
    pub is: &'static str,
    /// How many machines.
    pub machines: usize,
    /// How many files.
    pub files: usize,
}

/// Everything with one consequence for a cluster that runs.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Group {
    /// Its name in the library.
    pub consequence: String,
    /// How much it takes, as in [`Count`].
    pub is: &'static str,
    /// What happens.
    pub title: String,
    /// Why.
    pub why: String,
    /// What the operator does, because no step does it.
    pub by_hand: Option<String>,
    /// How many machines.
    pub machines: usize,
    /// The machines, runs of names shortened.
    pub nodes: String,
    /// The settings that changed, each in a sentence.
    pub settings: Vec<String>,
    /// The files that differ, the same change at several paths once.
    pub files: Vec<Row>,
}

/// One change, at all paths that have it.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Row {
    /// The path below the folder of a machine or a class, or below the tree's.
    pub name: String,
    /// `created`, `changed` or `removed`
    pub step: &'static str,
    /// The machines, runs of names shortened; empty if it is not of machines.
    pub nodes: String,
    /// Where.
    pub paths: Vec<String>,
    /// What was and what is, by field or as hunks of a unified diff; or a sentence.
    pub text: String,
}

/// Machines whose scripts are the same.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Class {
    /// Its name.
    pub name: String,
    /// The machines, runs of names shortened.
    pub nodes: String,
    /// How many there are.
    pub count: usize,
    /// How many files they share.
    pub shared: usize,
    /// How many files each machine has of its own, and in how many values those differ.
    pub own: usize,
    /// The tables of what differs.
    pub tables: Vec<usize>,
}

/// A step.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Step {
    /// `40-swap`
    pub name: String,
    /// What it is for, as its script says.
    pub purpose: String,
    /// The classes that run it.
    pub classes: Vec<String>,
    /// Its script, among the files.
    pub script: usize,
    /// The settings that asked for it.
    pub asked: Vec<String>,
    /// The files of the class that it places.
    pub files: Vec<PlacedFile>,
    /// The packages that it installs.
    pub packages: Vec<String>,
    /// The service that it configures.
    pub services: Vec<String>,
    /// Whether its script can ask for a reboot.
    pub reboot: bool,
}

/// A file that a step places on the machine.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct PlacedFile {
    /// Where it is in the bundle.
    pub path: String,
    /// `root:root 0644`
    pub owner: String,
    /// The file, among those shown.
    pub file: Option<usize>,
}

/// Something that machines fetch from outside.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Outside {
    /// The address.
    pub url: String,
    /// What is fetched there.
    pub why: String,
    /// How it is verified; this begins with `not` if it is not.
    pub verified: String,
    /// Who needs it.
    pub needed_by: String,
}

/// An account that may log in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Login {
    /// The account.
    pub user: String,
    /// `password`, `nopasswd` or `none`
    pub sudo: String,
    /// Additional groups.
    pub groups: Vec<String>,
    /// The SSH keys that may log in, in full.
    pub keys: Vec<String>,
    /// The machines, runs of names shortened.
    pub nodes: String,
}

/// How much there is, and how much of it is shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Counts {
    /// Files of the tree.
    pub files: usize,
    /// Links of the tree.
    pub links: usize,
    /// Lines of all these files.
    pub lines: usize,
    /// Lines that are shown as they are, each distinct one at least once.
    pub shown: usize,
    /// Lines that hold a secret.
    pub secret: usize,
    /// Lines of packed files; the files in them are shown.
    pub packed: usize,
    /// Files that are not text.
    pub binary: usize,
    /// Different contents among the files.
    pub distinct: usize,
}

/// One distinct file.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Shown {
    /// How it is called: its path, or the path with `*` in place of the node.
    pub title: String,
    /// Every path of the tree that has it.
    pub paths: Vec<String>,
    /// Its mode.
    pub mode: String,
    /// How many bytes the first has.
    pub size: usize,
    /// Its checksum in `pikc.json`; empty if each path has another or it holds a secret.
    pub sha256: String,
    /// Whether it holds a secret.
    pub secret: bool,
    /// Whether its last line has no line break.
    pub unended: bool,
    /// For a file that each node has of its own: the table with what differs.
    pub table: Option<usize>,
    /// The column of that table that has the checksums.
    pub sums: Option<usize>,
    /// Its lines, in runs that are there for the same reason.
    pub runs: Vec<Run>,
}

/// Consecutive lines that are there for the same reason.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Run {
    /// The number of the first line.
    pub first: usize,
    /// Why: the reason's number; none for constant text.
    pub why: Option<usize>,
    /// The lines.
    pub lines: Vec<Line>,
}

/// A line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum Line {
    /// The same at all paths.
    Text(String),
    /// Each node has another value between these texts.
    Varies {
        /// What precedes it.
        before: String,
        /// The column of the table with the values.
        column: usize,
        /// What follows it.
        after: String,
    },
    /// Not shown.
    Hidden {
        /// Why not.
        hidden: Hidden,
    },
}

/// What differs by node.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Table {
    /// The nodes: one row each.
    pub nodes: Vec<String>,
    /// The values.
    pub columns: Vec<Column>,
}

/// One value that each node has of its own.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Column {
    /// What it is: the files and lines that have it.
    pub title: String,
    /// The value of each node, in the order of the rows.
    pub values: Vec<String>,
}

/// A file of the spec.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct SpecFile {
    /// Its number.
    pub number: u32,
    /// As it was named.
    pub name: String,
    /// Its lines; none if it is shown in the tree anyway.
    pub lines: Vec<SpecLine>,
}

/// A line of the spec.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct SpecLine {
    /// Its text.
    pub text: String,
    /// What it takes part in.
    pub made: Vec<MadeBy>,
}

/// The lines of one file, or the rows of a table, that a line of the spec takes part in.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct MadeBy {
    /// Which.
    pub target: Target,
    /// The first lines of the runs, or the rows.
    pub at: Vec<usize>,
}

/// What a line of the spec takes part in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Target {
    /// A file, by number.
    File(usize),
    /// A table, by number.
    Table(usize),
}

/// What each line of the spec makes.
pub type Made = Vec<SpecFile>;

/// Why lines are there.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Reason {
    /// What kind of reason, in a sentence.
    pub sentence: &'static str,
    /// The places, each with its role.
    pub places: Vec<PlaceRole>,
    /// The rules, as sentences.
    pub rules: Vec<String>,
}

/// A line of the standard library.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct LibraryLine {
    /// `<stdlib>/boards/pi-4.pik:12`
    pub name: String,
    /// Its text.
    pub text: String,
}
