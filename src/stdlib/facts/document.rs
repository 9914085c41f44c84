//! The documents of `kubeadm --config`, field by field.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{Fact, values, whole};
use crate::schema::{Entity, Schema};
use crate::value::{self, Type, Val, Version};

/// A kind of document in one API version.
#[derive(Clone, Debug)]
pub struct KubeadmDocument {
    /// `ClusterConfiguration`
    pub kind: String,
    /// `kubeadm.k8s.io/v1beta4`
    pub api: String,
    /// Whether every field is known.
    pub complete: bool,
    /// Its fields.
    pub fields: Field,
}

/// What is allowed at a place in a document.
#[derive(Clone, Debug)]
pub enum Field {
    /// These fields, each with the release that added it, if that is later than the document.
    Struct(BTreeMap<String, (Field, Option<Version>)>),
    /// A list of these.
    List(Box<Field>),
    /// A map from names that the user chooses to these.
    Map(Box<Field>),
    /// A string.
    Text,
    /// One of these strings.
    Choice(Vec<String>),
    /// `true` or `false`.
    Boolean,
    /// A number, with a fraction or without.
    Number {
        /// Whether it must be whole.
        whole: bool,
    },
    /// Anything.
    Any,
}

impl Fact for KubeadmDocument {
    const KIND: &'static str = "document";
    fn read(_: String, entity: Arc<Entity>, schema: &Schema) -> Option<Self> {
        let view = whole(&entity, schema)?;
        let mut fields = Field::Struct(BTreeMap::new());
        for line in view.texts("fields") {
            let (path, rest) = line.value.split_once(": ")?;
            let (ty, from) = match rest.split_once(" from ") {
                Some((ty, from)) => (ty, Some(version(from)?)),
                None => (rest, None),
            };
            put(&mut fields, path, leaf(ty), from)?;
        }
        Some(Self {
            kind: view.text("kind")?.value,
            api: view.text("api")?.value,
            complete: view.boolean("complete")?.value,
            fields,
        })
    }
}

fn version(text: &str) -> Option<Version> {
    match value::parse(Type::Version, text) {
        Ok(Val::Version(version)) => Some(version),
        _ => None,
    }
}

fn leaf(ty: &str) -> Field {
    match ty {
        "text" => Field::Text,
        "boolean" => Field::Boolean,
        "integer" => Field::Number { whole: true },
        "number" => Field::Number { whole: false },
        "any" => Field::Any,
        choice => Field::Choice(choice.split('|').map(str::to_owned).collect()),
    }
}

/// Puts a leaf where its path leads. None if two paths disagree about a field on the way.
fn put(at: &mut Field, path: &str, leaf: Field, from: Option<Version>) -> Option<()> {
    let Field::Struct(fields) = at else {
        return None;
    };
    let (name, rest) = path.split_once('.').unwrap_or((path, ""));
    let last = rest.is_empty();
    let bare = name.trim_end_matches("[]").trim_end_matches("{}");
    let inside = || match last {
        true => leaf.clone(),
        false => Field::Struct(BTreeMap::new()),
    };
    let (field, since) = fields.entry(bare.to_owned()).or_insert_with(|| {
        let field = match &name[bare.len()..] {
            "[]" => Field::List(Box::new(inside())),
            "{}" => Field::Map(Box::new(inside())),
            _ => inside(),
        };
        (field, None)
    });
    if last {
        *since = from;
        return Some(());
    }
    match field {
        Field::List(item) | Field::Map(item) => put(item, rest, leaf, from),
        other => put(other, rest, leaf, from),
    }
}

/// A kind of object in an API version that is no longer served.
#[derive(Clone, Debug)]
pub struct Removed {
    /// `policy/v1beta1`
    pub api: String,
    /// `PodSecurityPolicy`
    pub kinds: Vec<String>,
    /// The first release without it.
    pub from: Version,
    /// What replaced it.
    pub instead: Option<String>,
}

impl Fact for Removed {
    const KIND: &'static str = "removed";
    fn read(_: String, entity: Arc<Entity>, schema: &Schema) -> Option<Self> {
        let view = whole(&entity, schema)?;
        Some(Self {
            api: view.text("api")?.value,
            kinds: values(view.texts("kinds")),
            from: view.version("from")?.value,
            instead: view.text("instead").map(|api| api.value),
        })
    }
}
