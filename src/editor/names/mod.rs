//! Every name in a spec: what defines it and what uses it.
//!
//! The schema says what is a name. The label of a block defines one, an entry of `let` defines a constant, and a setting with `of`
//! uses one of that kind. A name that is defined at the top level holds in the whole spec; one that is defined in a machine's block
//! (an interface, an account) holds in that block, and in the profiles and nodes that are merged with it.

mod read;
mod scope;

use std::collections::BTreeMap;

use super::project::Project;
use crate::ast::{Block, Label, Setting};
use crate::source::Span;

/// What kind of thing a name stands for.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum NameKind {
    /// Something that blocks of this kind of the spec define: `profile`, `node`, `interface`.
    Block(String),
    /// An entry of a `let` block.
    Constant,
    /// A secret, which no spec defines.
    Secret,
    /// Something of this kind in the standard library: `board`, `os`, `cni`.
    Library(String),
    /// A file that `use` names.
    File,
}

/// How a name is written at a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// As it is, alone or after `$`, `secret:` or `${`.
    Plain,
    /// In quotes, or with escapes, so that the place covers more than the name.
    Quoted,
    /// Put together from constants in a string.
    Composed,
}

/// A place where a name is.
#[derive(Clone, Debug)]
pub struct Mention<'a> {
    /// What it stands for.
    pub kind: NameKind,
    /// The name; for a label with ranges, what is before the brackets.
    pub name: String,
    /// The name's place, without quotes if it can be replaced there as it is.
    pub span: Span,
    /// What it defines, if it does.
    pub defines: Option<Definition<'a>>,
    pub(super) form: Form,
    /// The constant whose value this is.
    pub(super) via: Option<String>,
    /// The outermost block that it is in, as an index.
    pub(super) owner: Option<usize>,
}

/// What a mention defines.
#[derive(Clone, Copy, Debug)]
pub enum Definition<'a> {
    /// A block, by its label.
    Block(&'a Block, &'a Label),
    /// A constant, by its key.
    Constant(&'a Setting),
}

impl Definition<'_> {
    /// All of what is defined.
    pub fn whole(&self) -> Span {
        match self {
            Self::Block(block, _) => block.span,
            Self::Constant(setting) => setting.span,
        }
    }
}

impl Mention<'_> {
    /// The label that defines it, if it is one.
    pub(super) fn label(&self) -> Option<&Label> {
        match self.defines {
            Some(Definition::Block(_, label)) => Some(label),
            Some(Definition::Constant(_)) | None => None,
        }
    }

    /// Whether this is a mention or a definition of that name.
    pub(super) fn holds(&self, name: &str) -> bool {
        match self.label().filter(|label| label.ranges.is_some()) {
            Some(label) => expands_to(label, name),
            None => self.name == name,
        }
    }
}

/// Whether a label with ranges stands for a name, among others.
pub(super) fn expands_to(label: &Label, name: &str) -> bool {
    let (Some(ranges), Some(digits)) =
        (&label.ranges, name.strip_prefix(label.name.value.as_str()))
    else {
        return false;
    };
    let Ok(number) = digits.parse::<u64>() else {
        return false;
    };
    ranges.value.iter().any(|range| {
        let width = range.width;
        (range.first..=range.last).contains(&number) && format!("{number:0width$}") == digits
    })
}

/// The kind of block that others are merged with.
const PROFILE: &str = "profile";

/// A block at the top level, and the profiles that it builds on.
#[derive(Debug)]
struct Owner {
    /// The kind and name of the block.
    name: Option<(String, String)>,
    /// What it is merged with, by kind and name.
    builds_on: Vec<(String, String)>,
    kind: String,
}

/// All names of a spec.
#[derive(Debug)]
pub struct Names<'a> {
    project: &'a Project,
    /// Every place, in the order of files.
    pub all: Vec<Mention<'a>>,
    owners: Vec<Owner>,
    /// The profiles among them, by name.
    profiles: BTreeMap<String, Vec<usize>>,
    constants: BTreeMap<String, &'a Setting>,
    /// How many places use a constant to name something.
    naming: BTreeMap<String, usize>,
}
