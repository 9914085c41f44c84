//! Which blocks and settings exist, and documents read by that measure.
//!
//! In: a [`Document`](crate::ast::Document) and a [`Schema`] (itself read from schema files written
//! in the language). Out: [`Entity`] trees whose values are typed and know their origin, and a
//! finding for everything that does not fit. The floor knows no kind of block by name; specs and
//! the standard library's fact files pass through it alike.

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
    /// The kinds that may stand in a parent, in alphabetical order.
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
    /// The kinds in which it may stand.
    pub parents: Vec<String>,
    /// What names a block of this kind.
    pub label: LabelRule,
    /// Words that may stand in place of a reference, with a meaning of their own: `cni auto`.
    pub words: Vec<String>,
    /// Whether several of one label (or without any) may stand in one parent.
    pub many: bool,
    /// What it is for, for people.
    pub doc: String,
    /// Its settings.
    pub settings: BTreeMap<String, SettingSchema>,
    /// The type of every value of an open map; none for a block with a fixed list of settings.
    pub open: Option<Type>,
    /// The type of an open map's keys.
    pub keys: Type,
    /// Whether `${index}` and `${name}` may stand in the values of an open map.
    pub template: bool,
    /// Why any text is right as a value of an open map, where it is.
    pub any_text: Option<String>,
    /// Where it is declared.
    pub span: Span,
}

/// What may stand between a block's kind and its brace.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum LabelRule {
    /// Nothing.
    None,
    /// A word of this type: a name, an account, a diagnostic code.
    Typed(Type),
    /// Any text (fact files: `release 1.36`).
    Text,
    /// A name that may carry ranges: `node[02-04]`.
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
    /// What it is when nobody writes it.
    pub default: Option<Given>,
    /// The words of a choice.
    pub values: Vec<String>,
    /// The smallest whole number allowed.
    pub min: Option<i64>,
    /// The largest whole number allowed.
    pub max: Option<i64>,
    /// Of what kind a reference is.
    pub of: Option<String>,
    /// Whether a range deals out one value to each expanded node.
    pub deals: bool,
    /// Whether `${index}` and `${name}` may stand in it.
    pub template: bool,
    /// For the option of a backend: the backends that read it; empty for all.
    pub applies_to: Vec<String>,
    /// Whether a cluster keeps its value for as long as it lives.
    pub fixed: bool,
    /// The option that must be on for this one to be read.
    pub requires: Option<String>,
    /// Why any text is right here: a schema must say so of a setting whose type has no rule.
    pub any_text: Option<String>,
    /// What it does, for people.
    pub doc: String,
    /// A value as one would write it.
    pub example: Option<String>,
    /// Where it is declared.
    pub span: Span,
}

/// What a schema must ask about names that it does not know itself.
pub trait Catalogue {
    /// All names of one kind (`board`, `os`, `cni`), or none if that kind is not the catalogue's
    /// business (`profile`: the model resolves those).
    fn names(&mut self, kind: &str) -> Option<Vec<String>>;

    /// The settings that something of the library adds to the block that names it: flannel's
    /// options in `cni flannel { ... }`.
    fn options(&mut self, kind: &str, name: &str) -> Arc<BTreeMap<String, SettingSchema>>;
}

/// Constants in force in a file, by name.
pub type Constants = BTreeMap<String, Spanned<crate::ast::Value>>;
