//! From anything that serde can serialize to a small tree of nodes that know their origins.
//!
//! In: documents with `Sourced` leaves. Out: [`ValueNode`]: what YAML is printed from, and what templates
//! get as their values. Keys keep the order of the struct. The marker that carries origins through
//! serde is explained in [`crate::origin::carry`].

mod serializer;

use std::borrow::Cow;
use std::fmt;

use serde::Serialize;

use crate::file_format::Unfit;
use crate::origin::Origin;
use crate::origin::carry;

/// A value with its origins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ValueNode {
    /// The value.
    pub value: Value,
    /// Why it is there; empty if the document does not say, or origins are not kept.
    pub origins: Vec<Origin>,
}

/// The key of a pair: constant for a field of our own types, else text of a user.
pub type Key = Cow<'static, str>;

/// What a node holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// Nothing.
    Null,
    /// Yes or no.
    Bool(bool),
    /// A whole number.
    Integer(i128),
    /// Text.
    Text(String),
    /// Values in order.
    List(Vec<ValueNode>),
    /// Keys and values in order; each key once.
    Map(Vec<(Key, ValueNode)>),
}

impl ValueNode {
    /// The tree of a document; `keep_origins` sets whether origins are kept.
    pub fn new(document: &impl Serialize, keep_origins: bool) -> Result<Self, TreeError> {
        if !keep_origins {
            return document.serialize(serializer::ToNode);
        }
        carry::collect(|| document.serialize(serializer::ToNode))
    }

    /// Adds what `other` holds: maps are merged name by name, anything else takes the place of what was there.
    pub fn merge(&mut self, other: Self) {
        match (&mut self.value, other.value) {
            (Value::Map(own), Value::Map(pairs)) => {
                for (name, node) in pairs {
                    match own.iter_mut().find(|(known, _)| *known == name) {
                        Some((_, known)) => known.merge(node),
                        None => own.push((name, node)),
                    }
                }
            }
            (own, value) => {
                *own = value;
                self.origins = other.origins;
            }
        }
    }

    /// Its own origins, or, if it has none, those of what it holds, each once.
    pub fn all_origins(&self) -> Vec<Origin> {
        let mut out = Vec::new();
        self.gather(&mut out);
        out
    }

    fn gather(&self, out: &mut Vec<Origin>) {
        for origin in &self.origins {
            if !out.contains(origin) {
                out.push(origin.clone());
            }
        }
        if !self.origins.is_empty() {
            return;
        }
        match &self.value {
            Value::List(items) => items.iter().for_each(|item| item.gather(out)),
            Value::Map(pairs) => pairs.iter().for_each(|(_, item)| item.gather(out)),
            Value::Null | Value::Bool(_) | Value::Integer(_) | Value::Text(_) => {}
        }
    }
}

/// A document holds something that cannot be in one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TreeError {
    /// A key that no reader accepts. Keys may be a user's: the name of a Wi-Fi network is one in netplan.
    Unfit(Unfit),
    /// Documents are our own types, so everything else is a bug of ours.
    Ours(String),
}

impl fmt::Display for TreeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unfit(why) => write!(f, "a key {why}"),
            Self::Ours(why) => f.write_str(why),
        }
    }
}

impl std::error::Error for TreeError {}

impl serde::ser::Error for TreeError {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self::Ours(message.to_string())
    }
}
