//! Which blocks and settings exist, and documents checked against them.
//!
//! In: a [`Document`](crate::ast::Document) and a [`Schema`] (itself read from schema files written
//! in the language). Out: [`Entity`] trees whose values are typed and know their origin, and a
//! finding for everything that does not fit. This floor does not know any kind of block by name; it
//! reads specs and the standard library's fact files alike.

mod apply;
mod entity;
mod meta;
mod required;
mod typing;
mod view;

pub use apply::{Applied, DUPLICATE_BLOCK, apply};
pub use entity::{Atom, Content, Entity, Given};
pub use meta::{read, read_option};
pub use required::missing;
pub use typing::UNKNOWN_VARIABLE;
pub use view::View;

use serde::{Deserialize, Serialize};

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::diagnostic::Descriptor;
use crate::source::{Span, Spanned};
use crate::value::Type;

/// All codes that this floor reports.
pub static CODES: &[&Descriptor] = &[
    &apply::UNKNOWN_BLOCK,
    &apply::MISPLACED_BLOCK,
    &apply::UNKNOWN_SETTING,
    &apply::DUPLICATE_SETTING,
    &apply::DUPLICATE_BLOCK,
    &apply::LABEL,
    &meta::BAD_SCHEMA,
    &required::MISSING_SETTING,
    &typing::WRONG_TYPE,
    &typing::NOT_A_CHOICE,
    &typing::UNKNOWN_NAME,
    &typing::OUT_OF_RANGE,
    &typing::UNEXPECTED_LIST,
    &typing::UNKNOWN_CONSTANT,
    &typing::UNKNOWN_VARIABLE,
];

/// The top level of a file, as a parent of blocks.
pub const TOP: &str = "top";

/// All kinds of block.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Schema {
    /// By name.
    pub blocks: BTreeMap<String, Arc<BlockSchema>>,
}

impl Schema {
    /// The kinds that are allowed in a parent, in alphabetical order.
    pub fn children<'a>(
        &'a self,
        parent: &'a str,
    ) -> impl Iterator<Item = &'a BlockSchema> + Clone {
        self.blocks
            .values()
            .map(Arc::as_ref)
            .filter(move |block| block.parents.iter().any(|name| name == parent))
    }
}

/// One kind of block.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct BlockSchema {
    /// Its name.
    pub name: String,
    /// The kinds in which it is allowed.
    pub parents: Vec<String>,
    /// What names a block of this kind.
    pub label: LabelRule,
    /// Words that can replace a reference, with a meaning of their own: `cni auto`.
    pub words: Vec<String>,
    /// Whether one parent may hold several of the same label (or without one).
    pub many: bool,
    /// What it is for, as documentation.
    pub doc: String,
    /// Its settings.
    pub settings: BTreeMap<String, SettingSchema>,
    /// The type of every value of an open map; none for a block with a fixed list of settings.
    pub open: Option<Type>,
    /// The type of an open map's keys.
    pub keys: Type,
    /// Whether a value of an open map may be a list.
    pub lists: bool,
    /// Whether the values of an open map may contain `${index}` and `${name}`.
    pub template: bool,
    /// Why a value of an open map can be any text, if it can.
    pub any_text: Option<String>,
    /// What it means for a living cluster if such a block comes or goes, or an entry of an open map changes.
    pub applies: Applies,
    /// Where it is declared.
    pub span: Span,
}

/// What is allowed between a block's kind and its brace.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum LabelRule {
    /// Nothing.
    None,
    /// A word of this type: a name, an account, a diagnostic code.
    Typed(Type),
    /// Any text (fact files: `release 1.36`).
    Text,
    /// A name that can have ranges: `node[02-04]`.
    Range,
    /// The name of something of this kind in the standard library.
    Reference(String),
}

/// One setting.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SettingSchema {
    /// Its name.
    pub name: String,
    /// The type of its value, or of each value of its list.
    pub ty: Type,
    /// Whether it is a list.
    pub list: bool,
    /// Whether a block must have it.
    pub required: bool,
    /// Its value if it is not written.
    pub default: Option<Given>,
    /// The words of a choice.
    pub values: Vec<String>,
    /// What each of these words means.
    pub means: BTreeMap<String, String>,
    /// The smallest integer allowed.
    pub min: Option<i64>,
    /// The largest integer allowed.
    pub max: Option<i64>,
    /// The kind of thing that a reference names.
    pub of: Option<String>,
    /// Whether a range assigns one value to each expanded node.
    pub deals: bool,
    /// Whether it may contain `${index}` and `${name}`.
    pub template: bool,
    /// For the option of a backend: the backends that read it; empty for all.
    pub applies_to: Vec<String>,
    /// Whether its value is fixed for the lifetime of a cluster.
    pub fixed: bool,
    /// The option that must be on for this one to be read.
    pub requires: Option<String>,
    /// The kind of block that takes this setting's place: where there is one, the setting is not required.
    pub replaced_by: Option<String>,
    /// The setting of the same block with the network that its value lies in, for a proposal that fits.
    pub lies_in: Option<String>,
    /// The fields and arguments of other programs' files that hold its value: `KubeletConfiguration maxPods`,
    /// `kube-apiserver --service-node-port-range`.
    pub becomes: Vec<String>,
    /// Why it can be any text: a schema must state this for a setting whose type has no rule.
    pub any_text: Option<String>,
    /// What a change of it means for a living cluster.
    pub applies: Applies,
    /// What it does, as documentation.
    pub doc: String,
    /// An example value.
    pub example: Option<String>,
    /// Where it is declared.
    pub span: Span,
}

/// What a change means for a living cluster: the name of a consequence in the library, for some surroundings another one.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Applies {
    /// The consequence; none if the schema does not say.
    pub usual: Option<String>,
    /// In a block of this kind: another consequence.
    pub inside: Vec<(String, String)>,
}

impl Applies {
    /// The consequence for something in blocks of these kinds, from the outermost to the innermost.
    pub fn within<'a>(
        &'a self,
        kinds: impl DoubleEndedIterator<Item = &'a str>,
    ) -> Option<&'a str> {
        let special = kinds.rev().find_map(|kind| {
            let found = self.inside.iter().find(|(known, _)| known == kind)?;
            Some(found.1.as_str())
        });
        special.or(self.usual.as_deref())
    }
}

/// Where a schema looks up names that it does not define itself.
pub trait Catalogue {
    /// All names of one kind (`board`, `os`, `cni`), or none if the catalogue does not cover that
    /// kind (`profile`: the model resolves those).
    fn names(&mut self, kind: &str) -> Option<Vec<String>>;

    /// Whether something of that kind may be called `name`: it is among the names, or the catalogue does not cover the kind.
    fn knows(&mut self, kind: &str, name: &str) -> bool {
        self.names(kind)
            .is_none_or(|names| names.iter().any(|known| known == name))
    }

    /// Why something of that kind is not there, if the catalogue knows.
    fn absent(&mut self, _kind: &str, _name: &str) -> Option<Absent> {
        None
    }

    /// The settings that something in the library adds to the block that names it: flannel's
    /// options in `cni flannel { ... }`.
    fn options(&mut self, kind: &str, name: &str) -> Arc<BTreeMap<String, SettingSchema>>;
}

/// A name that people write and that is not there on purpose.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Absent {
    /// Why it is not there, in a sentence.
    pub why: String,
    /// What to write instead, the best first.
    pub instead: Vec<String>,
}

/// Constants in force in a file, by name.
pub type Constants = BTreeMap<String, Spanned<crate::ast::Value>>;
