//! The files of a spec: the main file and those that it uses, each with its constants.

use std::collections::{BTreeMap, BTreeSet};

use camino::{Utf8Path, Utf8PathBuf};

use crate::ast::{self, Document, Item, Value};
use crate::declare;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::origin::Origin;
use crate::schema::Constants;
use crate::source::{FileId, Sources, Span, Spanned};
use crate::syntax::{self, LIMITS, Tree};

declare! {
    /// `use = ["wifi.pik"]` reads another file as if its blocks were here. The path is relative to
    /// the file with the `use`, and must stay below the folder of the spec, with links followed: a spec from someone else must not
    /// make pikc read unrelated files. `--root FOLDER` allows another folder.
    ///
    /// ```pik fails
    /// use = ["no-such-file.pik"]
    /// ```
    ///
    /// ```pik
    /// use = []
    /// ```
    pub static UNREADABLE = {
        code: "use/unreadable",
        since: "0.1.0",
        severity: Error,
        title: "a used file that cannot be read",
        help: "check the path; it is relative to the file with the `use`",
        no_edit: "where the file is, or what it holds, is not in the spec",
        sources: ["docs/language.md"],
    }

    /// `use` reads specs, and a spec's name ends in `.pik`. A mistake in a spec is reported with its line; if pikc read a
    /// file of another kind (a key, a list of passwords, `/proc/self/environ`), it would quote it in a report that others see.
    /// So pikc does not even open it.
    ///
    /// ```pik fails
    /// use = ["passwords.txt"]
    /// ```
    ///
    /// ```pik
    /// use = []
    /// ```
    pub static NO_SPEC = {
        code: "use/no-spec",
        since: "0.1.0",
        severity: Error,
        title: "a used file that is not named like a spec",
        help: "`use` names files that end in `.pik`",
        no_edit: "to rename a file is not an edit of its text",
        sources: ["docs/language.md"],
    }

    /// A file uses itself, directly or through others. Each file is read once, so a circle has no
    /// effect; it is always a mistake.
    ///
    /// ```pik fails
    /// use = ["cluster.pik"]
    /// ```
    ///
    /// ```pik
    /// use = []
    /// ```
    pub static CYCLE = {
        code: "use/cycle",
        since: "0.1.0",
        severity: Error,
        title: "files that use each other in a circle",
        help: "remove one `use` from the circle",
        sources: ["docs/language.md"],
    }

    /// A constant is valid in its file and in the files that use it. Two definitions of one name
    /// collide here, and pikc cannot know which was meant. (If both are the same, `pikc check --fix` removes the second.)
    ///
    /// ```pik fails
    /// let { home = 192.168.11.1 }
    /// let { home = 192.168.11.1 }
    /// interface wlan0 { gateway = $home }
    /// ```
    ///
    /// ```pik
    /// let { home = 192.168.11.1 }
    /// interface wlan0 { gateway = $home }
    /// ```
    pub static CONSTANT_TWICE = {
        code: "spec/constant-twice",
        since: "0.1.0",
        severity: Error,
        title: "a constant with two definitions",
        help: "rename one of the two",
        sources: ["docs/language.md"],
    }
}

/// The ending of a spec's name.
pub const ENDING: &str = ".pik";

/// How deep files may use each other; reading them is recursive.
const DEEPEST: usize = 100;

/// Where the texts of files come from: the floors below the output never touch the disk themselves.
pub trait Reader {
    /// The text of a file, or a sentence with the reason why not ("there is no such file").
    fn read(&self, path: &Utf8Path) -> Result<String, String>;
}

/// A file of a spec, as it was read.
#[derive(Clone, Debug)]
pub struct Page {
    /// Which file.
    pub file: FileId,
    /// Every byte of it.
    pub tree: Tree,
    /// Whether all of it could be read.
    pub sound: bool,
    /// Its settings and blocks; what could not be read is missing.
    pub document: Document,
}

impl Page {
    /// Reads a file; what is wrong with it is added to the findings.
    pub fn read(file: FileId, text: &str, out: &mut Diagnostics) -> Self {
        let parsed = syntax::parse(file, text);
        let sound = parsed.problems.is_empty();
        out.append(parsed.problems);
        let document = ast::lower(&parsed.tree, file, text, out);
        Self {
            file,
            tree: parsed.tree,
            sound,
            document,
        }
    }
}

/// A file of the spec.
#[derive(Clone, Debug)]
pub(super) struct Loaded {
    pub page: Page,
    pub constants: Constants,
    /// The constants that this file itself defines.
    pub own: Constants,
}

/// Reads `main` (its text is already known) and every file it uses, used files first.
pub(super) fn load(
    main: (&Utf8Path, &str),
    reader: &dyn Reader,
    sources: &mut Sources,
    out: &mut Diagnostics,
) -> Vec<Loaded> {
    let mut loader = Loader {
        reader,
        sources,
        out,
        done: Vec::new(),
        places: BTreeMap::new(),
        open: BTreeSet::new(),
    };
    loader.file(main.0, main.1);
    loader.done
}

struct Loader<'a> {
    reader: &'a dyn Reader,
    sources: &'a mut Sources,
    out: &'a mut Diagnostics,
    done: Vec<Loaded>,
    /// The index in `done` of each file that has been read.
    places: BTreeMap<Utf8PathBuf, usize>,
    open: BTreeSet<Utf8PathBuf>,
}

impl Loader<'_> {
    fn file(&mut self, path: &Utf8Path, text: &str) {
        let file = self.sources.add(path.as_str(), text);
        let page = Page::read(file, text, self.out);
        self.open.insert(normal(path));
        let mut constants = Constants::new();
        let mut met = BTreeSet::new();
        for (used, span) in uses(&page.document) {
            let target = used_path(path, &used);
            self.used(&target, span);
            if let Some(place) = self.places.get(&target).copied()
                && met.insert(place)
            {
                let inherited = self.done[place].constants.clone();
                self.inherit(&mut constants, inherited);
            }
        }
        let own = own_constants(&page.document, self.out);
        self.inherit(&mut constants, own.clone());
        self.open.remove(&normal(path));
        self.places.insert(normal(path), self.done.len());
        self.done.push(Loaded {
            page,
            constants,
            own,
        });
    }

    fn used(&mut self, target: &Utf8Path, span: Span) {
        if self.open.contains(target) {
            let message = format!("`{target}` uses itself");
            self.out.report(&CYCLE, message, |d| {
                d.label(span, "this closes the circle")
                    .choice(|it| it.remove_element("break the circle here", &Origin::Written(span)))
            });
            return;
        }
        if self.places.contains_key(target) {
            return;
        }
        if self.open.len() >= DEEPEST {
            self.out.report(
                &LIMITS,
                format!("files use each other more than {DEEPEST} deep"),
                |d| {
                    d.label(span, format!("this one would be number {}", DEEPEST + 1))
                        .help("list the files in the `use` of the spec itself")
                },
            );
            return;
        }
        if !target.as_str().ends_with(ENDING) {
            self.out.report(
                &NO_SPEC,
                format!("`{target}` is not named like a spec, so it is not read"),
                |d| d.label(span, format!("its name does not end in `{ENDING}`")),
            );
            return;
        }
        match self.reader.read(target) {
            Ok(text) => self.file(target, &text),
            Err(why) => self.out.push(
                Diagnostic::new(&UNREADABLE, format!("`{target}` cannot be read: {why}"))
                    .label(span, "used here"),
            ),
        }
    }

    fn inherit(&mut self, into: &mut Constants, more: Constants) {
        for (name, value) in more {
            match into.get(&name) {
                Some(first) if first.span != value.span => {
                    self.out.report(
                        &CONSTANT_TWICE,
                        format!("the constant `{name}` is defined twice"),
                        |d| {
                            d.label(value.span, "defined again here")
                                .label(first.span, "defined first here")
                        },
                    );
                }
                _ => {
                    into.insert(name, value);
                }
            }
        }
    }
}

/// The paths of `use`, with their places. The schema checks the type of `use`.
fn uses(document: &Document) -> Vec<(String, Span)> {
    let path = |value: &Value| match value {
        Value::Word(word) => Some((word.value.clone(), word.span)),
        Value::Text(text) => Some((text.literal()?, text.span)),
        Value::List(..) | Value::Poisoned(_) => None,
    };
    document
        .items
        .iter()
        .filter_map(|item| match item {
            Item::Setting(setting) if setting.key.value == "use" => Some(&setting.value),
            Item::Setting(_) | Item::Block(_) => None,
        })
        .flat_map(|value| match value {
            Value::List(items, _) => items.iter().filter_map(path).collect::<Vec<_>>(),
            single => path(single).into_iter().collect(),
        })
        .collect()
}

fn own_constants(document: &Document, out: &mut Diagnostics) -> Constants {
    let mut constants = Constants::new();
    for item in &document.items {
        let Item::Block(block) = item else {
            continue;
        };
        if block.kind.value != "let" {
            continue;
        }
        for inner in &block.items {
            let Item::Setting(setting) = inner else {
                continue;
            };
            let value = Spanned::new(setting.value.clone(), setting.key.span);
            let name = &setting.key.value;
            if let Some(first) = constants.get(name) {
                let first: &Spanned<Value> = first;
                out.report(
                    &CONSTANT_TWICE,
                    format!("the constant `{name}` is defined twice"),
                    |d| {
                        let d = d
                            .label(setting.key.span, "defined again here")
                            .label(first.span, "defined first here");
                        match first.value.says_the_same(&setting.value) {
                            true => d.remove_block("remove the second", setting.key.span),
                            false => d,
                        }
                    },
                );
                continue;
            }
            constants.insert(name.clone(), value);
        }
    }
    resolve(constants)
}

/// At most this many bytes are copied for constants that refer to others: a thousand names for one long list must not fill the
/// memory.
const MOST_COPIED: usize = 64 << 20;

/// Constants can refer to constants of the same file: each is resolved once. In a circle they stay as they are written, and are
/// reported as unknown names.
fn resolve(constants: Constants) -> Constants {
    let named = |value: &Value| match value {
        Value::Word(word) => word.value.strip_prefix('$').and_then(|name| {
            let (name, _) = constants.get_key_value(name)?;
            Some(name.as_str())
        }),
        Value::Text(_) | Value::List(..) | Value::Poisoned(_) => None,
    };
    // The constant that each one resolves to; none for those in a circle and those that lead into one.
    let mut ends: BTreeMap<&str, Option<&str>> = BTreeMap::new();
    for start in constants.keys() {
        let mut path: BTreeSet<&str> = BTreeSet::new();
        let mut at = start.as_str();
        let end = loop {
            if let Some(end) = ends.get(at) {
                break *end;
            }
            if !path.insert(at) {
                break None;
            }
            match constants.get(at).and_then(|found| named(&found.value)) {
                Some(next) => at = next,
                None => break Some(at),
            }
        };
        ends.extend(path.into_iter().map(|name| (name, end)));
    }
    let mut room = MOST_COPIED;
    constants
        .iter()
        .map(|(name, written)| {
            let end = ends.get(name.as_str()).copied().flatten();
            let end = end
                .filter(|end| *end != name)
                .and_then(|end| constants.get(end));
            // Without room for another copy it stays as written, too, and is an unknown name where it is used.
            let end = end.filter(|end| {
                let left = room.checked_sub(end.value.weight());
                room = left.unwrap_or(room);
                left.is_some()
            });
            let value = end.unwrap_or(written);
            (
                name.clone(),
                Spanned::new(value.value.clone(), written.span),
            )
        })
        .collect()
}

/// The path of the file that a `use` in another one names.
pub fn used_path(from: &Utf8Path, used: &str) -> Utf8PathBuf {
    normal(&from.parent().unwrap_or(Utf8Path::new("")).join(used))
}

/// A path without `.` and, where they can be resolved by text alone, without `..`.
pub fn normal(path: &Utf8Path) -> Utf8PathBuf {
    let mut out: Vec<&str> = Vec::new();
    for part in path.components() {
        match part.as_str() {
            "." => {}
            ".." if out.last() == Some(&"/") => {} // nothing is above it
            ".." if out.last().is_some_and(|last| *last != "..") => {
                out.pop();
            }
            other => out.push(other),
        }
    }
    out.iter().collect()
}

/// A map from a constant's name to whether anything used it, for the main file.
pub(super) fn unused<'a>(
    main: &'a Loaded,
    used: &'a std::collections::BTreeSet<String>,
) -> impl Iterator<Item = (&'a String, &'a Spanned<Value>)> {
    let by_constants: BTreeMap<&str, ()> = main
        .page
        .document
        .items
        .iter()
        .filter_map(|item| match item {
            Item::Block(block) if block.kind.value == "let" => Some(&block.items),
            Item::Block(_) | Item::Setting(_) => None,
        })
        .flatten()
        .filter_map(|item| match item {
            Item::Setting(setting) => match &setting.value {
                Value::Word(word) => Some((word.value.strip_prefix('$')?, ())),
                _ => None,
            },
            Item::Block(_) => None,
        })
        .collect();
    main.own
        .iter()
        .filter(move |(name, _)| !used.contains(*name) && !by_constants.contains_key(name.as_str()))
}
