//! Files of the library: schemas, and facts checked against the schema of facts.
//!
//! In: their texts. Out: [`Schema`]s, [`Facts`], and [`names`], which lists what a file describes without parsing it. The build
//! reads the embedded library and keeps the result ([`keep`], [`kept`]); a run reads only the files of an overlay.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::ast::{self, Document, Item};
use crate::diagnostic::Diagnostics;
use crate::schema::{self, Catalogue, Constants, Entity, Schema, SettingSchema};
use crate::source::FileId;
use crate::syntax;

/// The kinds of fact, in the order in which they are listed.
pub const KINDS: &[&str] = &[
    "board",
    "os",
    "platform",
    "runtime",
    "cni",
    "release",
    "gates",
    "flags",
    "admission-plugins",
    "repository",
    "document",
    "limits",
    "defaults",
    "removed",
    "words",
    "gone",
    "taken",
    "clash",
    "share",
    "addon",
    "probe",
    "vip",
    "consequence",
    "part",
    "absent",
    "library",
];

/// The folder of the schemas of specs.
pub const SPEC_SCHEMA: &str = "schema/spec/";

/// The folder of the schemas of fact files.
pub const FACT_SCHEMA: &str = "schema/library/";

/// What a file is to pikc.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// A schema of specs.
    SpecSchema,
    /// A schema of fact files.
    FactSchema,
    /// Facts.
    Facts,
    /// Anything else: a template, an example, someone else's file.
    Other,
}

/// What a file is, by its path below the library's root.
pub fn role(path: &str) -> Role {
    if !path.ends_with(".pik") || path.ends_with("/example.pik") {
        Role::Other
    } else if path.starts_with(SPEC_SCHEMA) {
        Role::SpecSchema
    } else if path.starts_with(FACT_SCHEMA) {
        Role::FactSchema
    } else if path.starts_with("schema/") {
        Role::Other
    } else {
        Role::Facts
    }
}

/// What a fact file says.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Facts {
    /// What it describes.
    pub entities: Vec<Arc<Entity>>,
    /// The settings that something adds to the block that names it, by its kind and name.
    pub options: BTreeMap<(String, String), Arc<BTreeMap<String, SettingSchema>>>,
}

/// Reads the schema files among `files` that have this role.
pub fn read_schema<'a>(
    wanted: Role,
    files: impl IntoIterator<Item = (&'a str, FileId, &'a str)>,
    out: &mut Diagnostics,
) -> Schema {
    let mut schema = Schema::default();
    for (path, file, text) in files {
        if role(path) == wanted {
            schema::read(&document(file, text, out), &mut schema, out);
        }
    }
    schema
}

/// Reads a fact file by the schema of facts.
pub fn read_facts(file: FileId, text: &str, facts: &Schema, out: &mut Diagnostics) -> Facts {
    let mut document = document(file, text, out);
    let options = take_options(&mut document, out);
    let applied = schema::apply(&document, facts, &Constants::new(), &mut Nothing, out);
    for entity in &applied.blocks {
        require(entity, facts, out);
    }
    Facts {
        entities: applied.blocks.into_iter().map(Arc::new).collect(),
        options,
    }
}

/// The kind and name of everything that a fact file describes, read from the beginnings of its lines: did-you-mean needs the names
/// of all boards, but not their facts.
pub fn names(text: &str) -> impl Iterator<Item = (&str, &str)> {
    text.lines().filter_map(|line| {
        // An indented line is inside a block. Most lines are.
        if !line.starts_with(|c: char| c.is_ascii_lowercase()) {
            return None;
        }
        let mut words = line.split_whitespace();
        let (kind, label) = (words.next()?, words.next()?);
        let name = label.trim_end_matches('{').trim_matches('"');
        KINDS.contains(&kind).then_some((kind, name))
    })
}

/// Serializes a value at build time, for the program to read when it runs.
///
/// # Errors
///
/// The value holds something that only a run can know; the message says what.
pub fn keep<T: Serialize>(value: &T) -> Result<Vec<u8>, String> {
    postcard::to_allocvec(value).map_err(|error| error.to_string())
}

/// Reads what [`keep`] wrote. None for the bytes of another build.
pub fn kept<T: DeserializeOwned>(bytes: &[u8]) -> Option<T> {
    postcard::from_bytes(bytes).ok()
}

fn document(file: FileId, text: &str, out: &mut Diagnostics) -> Document {
    let parsed = syntax::parse(file, text);
    out.append(parsed.problems);
    ast::lower(&parsed.tree, file, text, out)
}

/// The `option` blocks of a document, taken out of it: they are schema, not facts.
fn take_options(
    document: &mut Document,
    out: &mut Diagnostics,
) -> BTreeMap<(String, String), Arc<BTreeMap<String, SettingSchema>>> {
    let mut all = BTreeMap::new();
    for item in &mut document.items {
        let Item::Block(block) = item else {
            continue;
        };
        let mut options = BTreeMap::new();
        block.items.retain(|inner| match inner {
            Item::Block(inner) if inner.kind.value == "option" => {
                if let Some(option) = schema::read_option(inner, out) {
                    options.insert(option.name.clone(), option);
                }
                false
            }
            Item::Block(_) | Item::Setting(_) => true,
        });
        if let Some(label) = &block.label {
            all.insert(
                (block.kind.value.clone(), label.name.value.clone()),
                Arc::new(options),
            );
        }
    }
    all
}

fn require(entity: &Entity, facts: &Schema, out: &mut Diagnostics) {
    if let Some(block) = facts.blocks.get(&entity.kind) {
        schema::missing(entity, None, entity, block, out);
    }
    for inner in &entity.blocks {
        require(inner, facts, out);
    }
}

/// Fact files name nothing that must exist elsewhere.
struct Nothing;

impl Catalogue for Nothing {
    fn names(&mut self, _kind: &str) -> Option<Vec<String>> {
        None
    }

    fn options(&mut self, _kind: &str, _name: &str) -> Arc<BTreeMap<String, SettingSchema>> {
        Arc::default()
    }
}
