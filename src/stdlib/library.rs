//! The files of the library, an index by kind and name, and reading on demand.

use std::collections::BTreeMap;
use std::sync::Arc;

use rayon::prelude::*;

use crate::ast::{self, Item};
use crate::diagnostic::Diagnostics;
use crate::origin::{Origin, Sourced};
use crate::schema::{self, Catalogue, Constants, Entity, Schema, SettingSchema, View};
use crate::source::{FileId, Sources};
use crate::syntax;
use crate::value::Date;

/// Every file of the standard library that is built in: its path below `stdlib/` and its text.
pub static EMBEDDED: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/embedded.rs"));

/// The kinds of fact, in the order in which they are listed.
pub const KINDS: &[&str] = &[
    "board",
    "os",
    "platform",
    "runtime",
    "cni",
    "release",
    "gates",
    "repository",
    "document",
    "removed",
    "gone",
    "taken",
    "share",
    "library",
];

/// The library of one run.
#[derive(Clone, Debug)]
pub struct Library {
    files: BTreeMap<String, Arc<str>>,
    /// Kind and name to the file that holds it.
    index: BTreeMap<(String, String), String>,
    parsed: BTreeMap<String, Arc<Parsed>>,
    spec: Arc<Schema>,
    facts: Arc<Schema>,
}

/// A fact file that has been read.
#[derive(Debug, Default)]
struct Parsed {
    entities: Vec<Arc<Entity>>,
    options: BTreeMap<(String, String), Arc<BTreeMap<String, SettingSchema>>>,
}

impl Library {
    /// Opens the built-in library with `overlay` (path below the folder, text) laid over it: a file
    /// of the same path replaces the built-in one.
    pub fn open(
        overlay: BTreeMap<String, String>,
        sources: &mut Sources,
        out: &mut Diagnostics,
    ) -> Self {
        let mut files: BTreeMap<String, Arc<str>> = EMBEDDED
            .iter()
            .map(|(path, text)| ((*path).to_owned(), Arc::from(*text)))
            .collect();
        for (path, text) in overlay {
            files.insert(path, Arc::from(text));
        }
        let index = index(&files);
        let mut library = Self {
            files,
            index,
            parsed: BTreeMap::new(),
            spec: Arc::default(),
            facts: Arc::default(),
        };
        library.spec = Arc::new(library.read_schema("schema/spec/", sources, out));
        library.facts = Arc::new(library.read_schema("schema/library/", sources, out));
        library
    }

    /// What may stand in a spec.
    pub fn spec_schema(&self) -> Arc<Schema> {
        Arc::clone(&self.spec)
    }

    /// What may stand in a fact file.
    pub fn fact_schema(&self) -> Arc<Schema> {
        Arc::clone(&self.facts)
    }

    /// The library's own date: the day its facts were last looked over as a whole.
    pub fn date(&mut self, sources: &mut Sources, out: &mut Diagnostics) -> Sourced<Date> {
        let facts = self.fact_schema();
        let found = self
            .entity("library", "pikc", sources, out)
            .and_then(|entity| View::new(Some(&entity), facts.blocks.get("library")?).date("date"));
        let never = Date {
            year: 1970,
            month: 1,
            day: 1,
        };
        found.unwrap_or_else(|| Sourced::new(never, Origin::derived("the library has no date", [])))
    }

    /// The text of a file of the library, by its path below `stdlib/`.
    pub fn text(&self, path: &str) -> Option<&Arc<str>> {
        self.files.get(path)
    }

    /// The paths of all files under a folder, in order.
    pub fn paths<'a>(&'a self, under: &'a str) -> impl Iterator<Item = &'a str> {
        self.files
            .keys()
            .map(String::as_str)
            .filter(move |path| path.starts_with(under))
    }

    /// All names of a kind, in order.
    pub fn names(&self, kind: &str) -> Vec<String> {
        self.index
            .keys()
            .filter(|(known, _)| known == kind)
            .map(|(_, name)| name.clone())
            .collect()
    }

    /// The path of the file that describes something.
    pub fn path_of(&self, kind: &str, name: &str) -> Option<&str> {
        self.index
            .get(&(kind.to_owned(), name.to_owned()))
            .map(String::as_str)
    }

    /// The fact of that kind and name, read from its file the first time it is asked for.
    pub fn entity(
        &mut self,
        kind: &str,
        name: &str,
        sources: &mut Sources,
        out: &mut Diagnostics,
    ) -> Option<Arc<Entity>> {
        let parsed = self.parse(kind, name, sources, out)?;
        parsed
            .entities
            .iter()
            .find(|entity| entity.kind == kind && entity.name() == name)
            .cloned()
    }

    /// The options that something gives to the block that names it.
    pub fn options(
        &mut self,
        kind: &str,
        name: &str,
        sources: &mut Sources,
        out: &mut Diagnostics,
    ) -> Arc<BTreeMap<String, SettingSchema>> {
        self.parse(kind, name, sources, out)
            .and_then(|parsed| {
                parsed
                    .options
                    .get(&(kind.to_owned(), name.to_owned()))
                    .cloned()
            })
            .unwrap_or_default()
    }

    fn parse(
        &mut self,
        kind: &str,
        name: &str,
        sources: &mut Sources,
        out: &mut Diagnostics,
    ) -> Option<Arc<Parsed>> {
        let path = self.path_of(kind, name)?.to_owned();
        if let Some(parsed) = self.parsed.get(&path) {
            return Some(Arc::clone(parsed));
        }
        let (mut document, _) = self.document(&path, sources, out)?;
        let options = take_options(&mut document, out);
        let facts = self.fact_schema();
        let applied = schema::apply(&document, &facts, &Constants::new(), &mut Nothing, out);
        for entity in &applied.blocks {
            require(entity, &facts, out);
        }
        let parsed = Arc::new(Parsed {
            entities: applied.blocks.into_iter().map(Arc::new).collect(),
            options,
        });
        self.parsed.insert(path, Arc::clone(&parsed));
        Some(parsed)
    }

    fn document(
        &self,
        path: &str,
        sources: &mut Sources,
        out: &mut Diagnostics,
    ) -> Option<(ast::Document, FileId)> {
        let text = Arc::clone(self.files.get(path)?);
        let file = sources.add(format!("<stdlib>/{path}"), Arc::clone(&text));
        let parsed = syntax::parse(file, &text);
        out.append(parsed.problems);
        Some((ast::lower(&parsed.tree, file, &text, out), file))
    }

    fn read_schema(&self, under: &str, sources: &mut Sources, out: &mut Diagnostics) -> Schema {
        let mut schema = Schema::default();
        let files: Vec<(FileId, &Arc<str>)> = self
            .files
            .iter()
            .filter(|(path, _)| path.starts_with(under) && path.ends_with(".pik"))
            .map(|(path, text)| {
                (
                    sources.add(format!("<stdlib>/{path}"), Arc::clone(text)),
                    text,
                )
            })
            .collect();
        // Every command reads all of them before anything else: that is most of what a small spec costs.
        let read: Vec<(ast::Document, Diagnostics)> = files
            .par_iter()
            .map(|(file, text)| {
                let parsed = syntax::parse(*file, text);
                let mut problems = parsed.problems;
                let document = ast::lower(&parsed.tree, *file, text, &mut problems);
                (document, problems)
            })
            .collect();
        for (document, problems) in read {
            out.append(problems);
            schema::read(&document, &mut schema, out);
        }
        schema
    }
}

/// Which file holds which fact. Found by looking at the beginnings of lines, without parsing: the
/// names of all boards are needed for did-you-mean, their facts are not.
fn index(files: &BTreeMap<String, Arc<str>>) -> BTreeMap<(String, String), String> {
    let mut index = BTreeMap::new();
    let facts = files
        .iter()
        .filter(|(path, _)| path.ends_with(".pik") && !path.starts_with("schema/"))
        .filter(|(path, _)| !path.ends_with("/example.pik"));
    for (path, text) in facts {
        for line in text.lines() {
            // What is indented stands inside of something. Most lines do.
            if !line.starts_with(|c: char| c.is_ascii_lowercase()) {
                continue;
            }
            let mut words = line.split_whitespace();
            let (Some(kind), Some(label)) = (words.next(), words.next()) else {
                continue;
            };
            if KINDS.contains(&kind) {
                let name = label.trim_end_matches('{').trim_matches('"');
                index.insert((kind.to_owned(), name.to_owned()), path.clone());
            }
        }
    }
    index
}

/// The `option` blocks of a document, taken out of it: they are schema, not facts.
fn take_options(
    document: &mut ast::Document,
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
        schema::missing(entity, block, out);
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

/// The library as a schema's catalogue of names.
pub struct LibraryCatalogue<'a> {
    /// The library.
    pub library: &'a mut Library,
    /// Where files of the library that are read on the way are registered.
    pub sources: &'a mut Sources,
    /// Where mistakes in those files go.
    pub problems: Diagnostics,
}

impl Catalogue for LibraryCatalogue<'_> {
    fn names(&mut self, kind: &str) -> Option<Vec<String>> {
        KINDS.contains(&kind).then(|| self.library.names(kind))
    }

    fn options(&mut self, kind: &str, name: &str) -> Arc<BTreeMap<String, SettingSchema>> {
        self.library
            .options(kind, name, self.sources, &mut self.problems)
    }
}
