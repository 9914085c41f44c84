//! The library of one run: what the build kept of the embedded files, and the overlay, read on demand.

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use crate::diagnostic::Diagnostics;
use crate::origin::{Origin, Sourced};
use crate::schema::{Absent, Catalogue, Entity, Schema, SettingSchema, View};
use crate::source::{FileId, Sources};
use crate::value::Date;
use pikc_language::library::{self as files, Facts, KINDS, Role};

/// Every built-in file of the standard library: its path below `stdlib/` and its text, in the order of paths.
pub static EMBEDDED: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/embedded.rs"));

/// What they describe, in order: a kind, a name, the number of the file, and the range of bytes in [`FACTS`].
static INDEX: &[(&str, &str, usize, usize, usize)] =
    include!(concat!(env!("OUT_DIR"), "/index.rs"));

/// The contents of the files, file by file: [`Facts`].
static FACTS: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/facts.kept"));

/// The schema of specs and that of fact files.
static SCHEMAS: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/spec.kept"));

/// The library of one run.
#[derive(Clone, Debug)]
pub struct Library {
    /// The files of the overlay, by path.
    overlay: BTreeMap<String, Arc<str>>,
    /// What the files of the overlay describe: kind and name to the file.
    overlay_index: BTreeMap<(String, String), String>,
    read: BTreeMap<String, Arc<Facts>>,
    spec: Arc<Schema>,
    facts: Arc<Schema>,
    /// Whether the schema of facts is the embedded one, so that what was read with it at build time is still valid.
    kept: bool,
}

/// Where a fact is.
#[derive(Clone, Copy)]
enum FactPlace<'a> {
    /// In an embedded file: its number and the bytes that the build kept of it.
    Embedded(usize, &'static [u8]),
    /// In a file of the overlay.
    Overlay(&'a str),
}

impl Library {
    /// Opens the built-in library with `overlay` (path below the folder, text) on top: a file
    /// with the same path replaces the built-in one.
    pub fn open(
        overlay: BTreeMap<String, String>,
        sources: &mut Sources,
        out: &mut Diagnostics,
    ) -> Self {
        sources.embed(EMBEDDED);
        let overlay: BTreeMap<String, Arc<str>> = overlay
            .into_iter()
            .map(|(path, text)| (path, Arc::from(text)))
            .collect();
        let described = overlay
            .iter()
            .filter(|(path, _)| files::role(path) == Role::Facts);
        let overlay_index = described
            .flat_map(|(path, text)| {
                files::names(text)
                    .map(move |(kind, name)| ((kind.to_owned(), name.to_owned()), path.clone()))
            })
            .collect();
        let mut library = Self {
            overlay,
            overlay_index,
            read: BTreeMap::new(),
            spec: Arc::default(),
            facts: Arc::default(),
            kept: true,
        };
        library.kept = !library
            .overlay
            .keys()
            .any(|path| files::role(path) == Role::FactSchema);
        library.spec = library.schema(Role::SpecSchema, sources, out);
        library.facts = library.schema(Role::FactSchema, sources, out);
        library
    }

    /// The schema of that role: the one that the build kept, unless one of its files is replaced.
    fn schema(&self, wanted: Role, sources: &mut Sources, out: &mut Diagnostics) -> Arc<Schema> {
        static KEPT: OnceLock<Option<[Arc<Schema>; 2]>> = OnceLock::new();
        let replaced = self.overlay.keys().any(|path| files::role(path) == wanted);
        if !replaced && let Some([spec, facts]) = KEPT.get_or_init(|| files::kept(SCHEMAS)) {
            let kept = if wanted == Role::SpecSchema {
                spec
            } else {
                facts
            };
            return Arc::clone(kept);
        }
        let paths = self
            .paths("schema/")
            .filter(|path| files::role(path) == wanted);
        let texts: Vec<_> = paths
            .filter_map(|path| Some((path, self.file(path, sources)?, self.text(path)?)))
            .collect();
        Arc::new(files::read_schema(wanted, texts, out))
    }

    /// The schema of specs.
    pub fn spec_schema(&self) -> Arc<Schema> {
        Arc::clone(&self.spec)
    }

    /// The schema of fact files.
    pub fn fact_schema(&self) -> Arc<Schema> {
        Arc::clone(&self.facts)
    }

    /// The library's own date: the day its facts were last reviewed as a whole.
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
    pub fn text(&self, path: &str) -> Option<&str> {
        match self.overlay.get(path) {
            Some(text) => Some(text),
            None => Some(EMBEDDED[embedded(path)?].1),
        }
    }

    /// The paths of all files under a folder, in order.
    pub fn paths<'a>(&'a self, under: &'a str) -> impl Iterator<Item = &'a str> {
        let from = EMBEDDED.partition_point(|(path, _)| *path < under);
        let built_in = EMBEDDED[from..].iter().map(|(path, _)| *path);
        let mut paths: Vec<&str> = built_in
            .take_while(|path| path.starts_with(under))
            .chain(
                self.overlay
                    .keys()
                    .map(String::as_str)
                    .filter(|path| path.starts_with(under)),
            )
            .collect();
        paths.sort_unstable();
        paths.dedup();
        paths.into_iter()
    }

    /// All names of a kind, in order.
    pub fn names(&self, kind: &str) -> Vec<String> {
        let built_in = of_kind(kind)
            .iter()
            .filter(|(.., file, _, _)| !self.overlay.contains_key(EMBEDDED[*file].0))
            .map(|(_, name, ..)| *name);
        let own = self.overlay_index.keys().filter(|(known, _)| known == kind);
        let mut names: Vec<String> = built_in
            .chain(own.map(|(_, name)| name.as_str()))
            .map(str::to_owned)
            .collect();
        names.sort_unstable();
        names.dedup();
        names
    }

    /// The path of the file that describes something.
    pub fn path_of(&self, kind: &str, name: &str) -> Option<&str> {
        Some(match self.place(kind, name)? {
            FactPlace::Embedded(file, _) => EMBEDDED[file].0,
            FactPlace::Overlay(path) => path,
        })
    }

    /// The fact of that kind and name, read from its file the first time it is asked for.
    pub fn entity(
        &mut self,
        kind: &str,
        name: &str,
        sources: &mut Sources,
        out: &mut Diagnostics,
    ) -> Option<Arc<Entity>> {
        let facts = self.facts_of(kind, name, sources, out)?;
        facts
            .entities
            .iter()
            .find(|entity| entity.kind == kind && entity.name() == name)
            .cloned()
    }

    /// The options that something adds to the block that names it.
    pub fn options(
        &mut self,
        kind: &str,
        name: &str,
        sources: &mut Sources,
        out: &mut Diagnostics,
    ) -> Arc<BTreeMap<String, SettingSchema>> {
        self.facts_of(kind, name, sources, out)
            .and_then(|facts| {
                facts
                    .options
                    .get(&(kind.to_owned(), name.to_owned()))
                    .cloned()
            })
            .unwrap_or_default()
    }

    /// Where something is described: a file of the overlay comes before an embedded one.
    fn place(&self, kind: &str, name: &str) -> Option<FactPlace<'_>> {
        if !self.overlay_index.is_empty()
            && let Some(path) = self.overlay_index.get(&(kind.to_owned(), name.to_owned()))
        {
            return Some(FactPlace::Overlay(path));
        }
        let all = of_kind(kind);
        let at = all
            .binary_search_by(|(_, known, ..)| (*known).cmp(name))
            .ok()?;
        let (_, _, file, from, to) = all[at];
        let replaced = self.overlay.contains_key(EMBEDDED[file].0);
        (!replaced).then(|| FactPlace::Embedded(file, &FACTS[from..to]))
    }

    fn facts_of(
        &mut self,
        kind: &str,
        name: &str,
        sources: &mut Sources,
        out: &mut Diagnostics,
    ) -> Option<Arc<Facts>> {
        let place = self.place(kind, name)?;
        let path = match place {
            FactPlace::Embedded(file, _) => EMBEDDED[file].0,
            FactPlace::Overlay(path) => path,
        };
        if let Some(read) = self.read.get(path) {
            return Some(Arc::clone(read));
        }
        let path = path.to_owned();
        let kept = match place {
            FactPlace::Embedded(_, bytes) if self.kept => files::kept(bytes),
            FactPlace::Embedded(..) | FactPlace::Overlay(_) => None,
        };
        let facts = match kept {
            Some(facts) => facts,
            None => {
                let file = self.file(&path, sources)?;
                files::read_facts(file, self.text(&path)?, &self.facts, out)
            }
        };
        let facts = Arc::new(facts);
        self.read.insert(path, Arc::clone(&facts));
        Some(facts)
    }

    /// The number of a file, for places in it.
    fn file(&self, path: &str, sources: &mut Sources) -> Option<FileId> {
        match self.overlay.get(path) {
            Some(text) => Some(sources.add_overlay(path, Arc::clone(text))),
            None => embedded(path).map(FileId::embedded),
        }
    }
}

/// The number of an embedded file.
fn embedded(path: &str) -> Option<usize> {
    EMBEDDED
        .binary_search_by(|(known, _)| (*known).cmp(path))
        .ok()
}

/// What the embedded files describe of a kind.
fn of_kind(kind: &str) -> &'static [(&'static str, &'static str, usize, usize, usize)] {
    let from = INDEX.partition_point(|(known, ..)| *known < kind);
    let to = INDEX.partition_point(|(known, ..)| *known <= kind);
    &INDEX[from..to]
}

/// The library as a schema's catalogue of names.
pub struct LibraryCatalogue<'a> {
    /// The library.
    pub library: &'a mut Library,
    /// Where the files of the library are registered when they are read.
    pub sources: &'a mut Sources,
    /// Where mistakes in those files go.
    pub problems: Diagnostics,
}

impl Catalogue for LibraryCatalogue<'_> {
    fn names(&mut self, kind: &str) -> Option<Vec<String>> {
        KINDS.contains(&kind).then(|| self.library.names(kind))
    }

    fn knows(&mut self, kind: &str, name: &str) -> bool {
        !KINDS.contains(&kind) || self.library.place(kind, name).is_some()
    }

    fn absent(&mut self, kind: &str, name: &str) -> Option<Absent> {
        let found = self
            .library
            .entity("absent", name, self.sources, &mut self.problems)?;
        let view = View::new(Some(&found), self.library.facts.blocks.get("absent")?);
        (view.text("of")?.value == kind).then_some(())?;
        let instead = view.texts("instead").into_iter();
        Some(Absent {
            why: view.text("why")?.value,
            instead: instead.map(|name| name.value).collect(),
        })
    }

    fn options(&mut self, kind: &str, name: &str) -> Arc<BTreeMap<String, SettingSchema>> {
        self.library
            .options(kind, name, self.sources, &mut self.problems)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_absent_is_not_there_and_what_is_offered_is() {
        let (mut sources, mut problems) = (Sources::default(), Diagnostics::default());
        let mut library = Library::open(BTreeMap::new(), &mut sources, &mut problems);
        let names = library.names("absent");
        assert!(names.len() > 5, "{names:?}");
        let mut catalogue = LibraryCatalogue {
            library: &mut library,
            sources: &mut sources,
            problems: Diagnostics::default(),
        };
        for name in names {
            assert!(!catalogue.knows("os", &name), "{name}");
            let absent = catalogue.absent("os", &name).expect("one of the systems");
            assert!(!absent.instead.is_empty(), "{name}");
            for other in absent.instead {
                assert!(catalogue.knows("os", &other), "{name}: {other}");
            }
            assert_eq!(catalogue.absent("board", &name), None);
        }
    }

    #[test]
    fn what_the_build_kept_matches_the_files() {
        let all = || {
            let numbered = EMBEDDED.iter().enumerate();
            numbered.map(|(number, (path, text))| (*path, FileId::embedded(number), *text))
        };
        let mut out = Diagnostics::default();
        let read = [Role::SpecSchema, Role::FactSchema]
            .map(|role| files::read_schema(role, all(), &mut out));
        let kept: [Schema; 2] = files::kept(SCHEMAS).expect("schemas");
        assert_eq!(format!("{kept:?}"), format!("{read:?}"));
        for (kind, name, file, from, to) in INDEX {
            let (_, text) = EMBEDDED[*file];
            let read = files::read_facts(FileId::embedded(*file), text, &read[1], &mut out);
            let kept: Facts = files::kept(&FACTS[*from..*to]).expect("facts");
            assert_eq!(format!("{kept:?}"), format!("{read:?}"), "{kind} {name}");
        }
        assert!(out.iter().next().is_none() && INDEX.len() > 100);
    }
    #[test]
    fn every_system_has_a_kernel_that_boards_can_be_compared_with() {
        let (mut sources, mut out) = (Sources::default(), Diagnostics::default());
        let mut library = Library::open(BTreeMap::new(), &mut sources, &mut out);
        for name in library.names("os") {
            let system = library
                .system(&name, &mut sources, &mut out)
                .expect("a system");
            let newest = system.newest_kernel();
            assert!(newest.is_some(), "{name}: {}", system.kernel.value);
        }
        let mut words = ["pi-5-8g", "orange-pi-5-8g", "jetson-orin-nano-8g"].into_iter();
        let articles = words.all(|name| {
            let board = library
                .board(name, &mut sources, &mut out)
                .expect("a board");
            board.with_article().starts_with("an ") == (name != "pi-5-8g")
        });
        assert!(articles && out.iter().next().is_none());
    }
}
