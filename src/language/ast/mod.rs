//! A file as an owned tree of settings and blocks, with a place for everything and no meaning yet.
//!
//! In: the syntax tree of one file. Out: a [`Document`]. Which kinds of block and which settings
//! exist, and what a bare word means, is decided above, from the schema. What could not be read is
//! left out, and its block is marked `damaged`, so that later floors do not complain about what is
//! missing from it.

mod escapes;
mod findings;
mod lower;
mod text;

pub use lower::lower;

use serde::{Deserialize, Serialize};

use crate::diagnostic::Descriptor;
use crate::source::{FileId, Span, Spanned};

/// All codes that this floor reports.
pub static CODES: &[&Descriptor] = &[
    &lower::LABEL_RANGE,
    &escapes::BAD_ESCAPE,
    &escapes::BAD_VARIABLE,
    &text::TEXT_LAYOUT,
];

/// One file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Document {
    /// Which file.
    pub file: FileId,
    /// Its settings and blocks, in order.
    pub items: Vec<Item>,
    /// Whether part of the top level could not be read.
    pub damaged: bool,
}

impl Document {
    /// Its blocks, in order; not those inside them.
    pub fn blocks(&self) -> impl Iterator<Item = &Block> {
        self.items.iter().filter_map(|item| match item {
            Item::Block(block) => Some(block),
            Item::Setting(_) => None,
        })
    }
}

/// A setting or a block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Item {
    /// `key = value`
    Setting(Setting),
    /// `kind label { ... }`
    Block(Block),
}

/// `key = value`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Setting {
    /// The key as a plain text (quotes and escapes resolved).
    pub key: Spanned<String>,
    /// Whether the key was written in quotes (allowed in open maps only).
    pub key_quoted: bool,
    /// The value.
    pub value: Value,
    /// From the key to the end of the value.
    pub span: Span,
}

/// `kind label { ... }`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Block {
    /// `cluster`, `node`, ...
    pub kind: Spanned<String>,
    /// What is between the kind and the opening brace.
    pub label: Option<Label>,
    /// Its settings and blocks, in order.
    pub items: Vec<Item>,
    /// From the kind to the closing brace.
    pub span: Span,
    /// Whether part of it could not be read.
    pub damaged: bool,
}

impl Block {
    /// From the kind to the end of the label: what a report about the block underlines.
    pub fn head(&self) -> Span {
        match &self.label {
            Some(label) => self.kind.span.to(label.span),
            None => self.kind.span,
        }
    }
}

/// What names a block: `home`, `swap/kubelet-refuses`, `"a b"`, `node[02-04,07]`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Label {
    /// The text before the brackets (all of it when there are none), escapes resolved.
    pub name: Spanned<String>,
    /// Whether it was written in quotes.
    pub quoted: bool,
    /// The bracketed list, if there is one.
    pub ranges: Option<Spanned<Vec<LabelRange>>>,
    /// All of it.
    pub span: Span,
}

/// One piece of `[02-04,07]`. Numbers keep their padding: `02` is width 2.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LabelRange {
    /// The first number.
    pub first: u64,
    /// The last number, the same as `first` for a single one. May be smaller than `first`: the
    /// model reports that.
    pub last: u64,
    /// How many digits the first number was written with; shorter numbers are padded to it.
    pub width: usize,
    /// Where it is.
    pub span: Span,
}

/// What is to the right of `=`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// A bare word, as written: `192.168.11.1`, `secret:wifi`, `$lan`, `a..b`.
    Word(Spanned<String>),
    /// A string, dedented and with escapes resolved.
    Text(Text),
    /// `[a, b]`
    List(Vec<Value>, Span),
    /// Something that could not be read and has been reported.
    Poisoned(Span),
}

impl Value {
    /// Roughly how many bytes a copy of it takes.
    pub fn weight(&self) -> usize {
        let own = match self {
            Self::Word(word) => word.value.len(),
            Self::Text(text) => text.parts.iter().map(Part::weight).sum(),
            Self::List(items, _) => items.iter().map(Self::weight).sum(),
            Self::Poisoned(_) => 0,
        };
        64 + own
    }

    /// Where it is.
    pub fn span(&self) -> Span {
        match self {
            Self::Word(word) => word.span,
            Self::Text(text) => text.span,
            Self::List(_, span) | Self::Poisoned(span) => *span,
        }
    }

    /// Whether another value is the same, apart from its place.
    pub fn says_the_same(&self, other: &Value) -> bool {
        match (self, other) {
            (Self::Word(one), Self::Word(other)) => one.value == other.value,
            (Self::Text(one), Self::Text(other)) => {
                one.literal().is_some() && one.literal() == other.literal()
            }
            (Self::List(one, _), Self::List(other, _)) => {
                let mut pairs = one.iter().zip(other);
                one.len() == other.len() && pairs.all(|(one, other)| one.says_the_same(other))
            }
            _ => false,
        }
    }
}

/// A string in pieces: plain text, and `${names}` to be filled in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Text {
    /// The pieces in order; none for `""`.
    pub parts: Vec<Part>,
    /// From quote to quote.
    pub span: Span,
}

/// A piece of a string.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Part {
    /// Plain text.
    Literal(String),
    /// `${name}`: the name and the place of the whole piece.
    Variable(Spanned<String>),
}

impl Part {
    fn weight(&self) -> usize {
        match self {
            Self::Literal(text) => text.len(),
            Self::Variable(variable) => variable.value.len(),
        }
    }
}

impl Text {
    /// The text when there is nothing to fill in.
    pub fn literal(&self) -> Option<String> {
        self.parts
            .iter()
            .map(|part| match part {
                Part::Literal(text) => Some(text.as_str()),
                Part::Variable(_) => None,
            })
            .collect()
    }

    /// The text for the node number `index` (from 1) of this name.
    pub fn filled(&self, index: usize, name: &str) -> String {
        self.each(|variable| match variable {
            "name" => name.to_owned(),
            _ => index.to_string(),
        })
    }

    /// The text as it is written, with `${name}` for what is to be filled in.
    pub fn written(&self) -> String {
        self.each(|variable| format!("${{{variable}}}"))
    }

    fn each(&self, fill: impl Fn(&str) -> String) -> String {
        let part = |part: &Part| match part {
            Part::Literal(text) => text.clone(),
            Part::Variable(variable) => fill(&variable.value),
        };
        self.parts.iter().map(part).collect()
    }
}

#[cfg(test)]
mod tests;
