//! Two trees as the machines see them: what a machine's folder holds before and after, with the links into its class followed.
//!
//! A class may have another name afterwards, or a machine may be in another class; what counts is what the machine would run.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use indexmap::IndexMap;
use rayon::prelude::*;

use super::detail::{Detail, Piece, Side, pieces};
use super::rules::{ADDED, NOTHING, REMOVED, Rules};
use super::{FileChange, Step};
use crate::output::{Body, ChangeKind, FileDiff};
use crate::render::{Entry, File, Rendered};

/// Both trees.
pub(super) struct Trees<'a> {
    rendered: &'a Rendered,
    files: &'a [FileDiff],
    diffs: HashMap<&'a str, &'a FileDiff>,
    machines: BTreeMap<&'a str, Machine<'a>>,
    /// What is in the folder of each class now, in order.
    classes: BTreeMap<&'a str, Vec<&'a str>>,
}

/// A machine: its class before and after; none if there is no such machine.
#[derive(Clone, Copy, Debug, Default)]
struct Machine<'a> {
    was: Option<&'a str>,
    now: Option<&'a str>,
}

/// A change with the name of its consequence.
pub(super) struct Unit {
    pub applies: String,
    pub change: FileChange,
}

/// A file of every machine that is a link into the machine's class.
const LINK: &str = "run.sh";

impl<'a> Trees<'a> {
    pub(super) fn new(rendered: &'a Rendered, files: &'a [FileDiff]) -> Self {
        let mut machines: BTreeMap<&str, Machine<'_>> = BTreeMap::new();
        let mut classes: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for (path, entry) in rendered.entries() {
            if let (Some((name, LINK)), Entry::Link(target)) = (below(path, "nodes/"), entry) {
                let class = class_of(target.as_str());
                machines.insert(
                    name,
                    Machine {
                        was: class,
                        now: class,
                    },
                );
            } else if let Some((class, name)) = below(path, "classes/") {
                classes.entry(class).or_default().push(name);
            }
        }
        for file in files {
            let Some((name, LINK)) = below(file.path.as_str(), "nodes/") else {
                continue;
            };
            let machine = machines.entry(name).or_default();
            machine.was = match (&file.body, file.step) {
                (_, ChangeKind::Created) => None,
                (Body::Link { old: Some(old), .. }, _) => class_of(old),
                _ => machine.was,
            };
        }
        Self {
            rendered,
            files,
            diffs: files
                .iter()
                .map(|file| (file.path.as_str(), file))
                .collect(),
            machines,
            classes,
        }
    }

    /// Whether there is such a machine before and after.
    pub(super) fn stays(&self, name: &str) -> bool {
        self.machines
            .get(name)
            .is_some_and(|machine| machine.was.is_some() && machine.now.is_some())
    }

    /// Whether there was any machine before.
    fn is_first(&self) -> bool {
        self.machines.values().all(|machine| machine.was.is_none())
    }

    fn old(&self, path: &str) -> Side<'a> {
        let Some(file) = self.diffs.get(path) else {
            return self.new_side(path);
        };
        match (&file.body, file.step) {
            (_, ChangeKind::Created) => Side::Absent,
            (Body::Text(texts), _) => Side::File(&texts.old, None),
            (Body::Secret, _) => Side::Secret(None),
            (Body::Binary, _) => Side::Binary(None),
            (Body::Mode(mode, _), _) => match self.new_side(path) {
                Side::File(content, _) => Side::File(content, Some(*mode)),
                other => other,
            },
            (Body::Link { old: Some(old), .. }, _) => Side::Link(old),
            (Body::Link { .. }, _) => Side::Binary(None),
        }
    }

    fn new_side(&self, path: &str) -> Side<'a> {
        match self.rendered.entries().get(path) {
            None => Side::Absent,
            Some(Entry::Link(target)) => Side::Link(target.as_str()),
            Some(Entry::File(file)) => side(file),
        }
    }

    /// All changes of files, what is the same on several machines once.
    pub(super) fn units(&self, rules: &Rules) -> Vec<Unit> {
        let mut all = Collected::default();
        if self.is_first() {
            let paths = self.files.iter().map(|file| file.path.to_string());
            let names = self.machines.keys().map(|name| (*name).to_owned());
            all.put(
                follows(ADDED, Step::Created),
                "the whole tree",
                names,
                paths,
            );
            return all.units();
        }
        let mut covered: HashSet<&str> = HashSet::new();
        self.of_classes(rules, &mut all, &mut covered);
        self.of_machines(rules, &mut all, &mut covered);
        for file in self.files {
            let path = file.path.as_str();
            if covered.contains(path) {
                continue;
            }
            let step = Step::from(file.step);
            let paths = [path.to_owned()];
            if path.starts_with("classes/") {
                all.put(follows(NOTHING, step), "folders of classes", [], paths);
                continue;
            }
            if path == crate::output::MANIFEST {
                all.put(follows(NOTHING, step), path, [], paths);
                continue;
            }
            for piece in pieces(rules, path, &self.old(path), &self.new_side(path)) {
                all.put(piece, path, [], paths.clone());
            }
        }
        all.units()
    }

    /// What differs in the classes' folders, for the machines that were and are there.
    fn of_classes(&self, rules: &Rules, all: &mut Collected, covered: &mut HashSet<&'a str>) {
        let mut pairs: BTreeMap<(&str, &str), Vec<&str>> = BTreeMap::new();
        for (name, machine) in &self.machines {
            if let (Some(was), Some(now)) = (machine.was, machine.now) {
                pairs.entry((was, now)).or_default().push(name);
            }
        }
        let mut differ: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        for file in self.files {
            if let Some((class, name)) = below(file.path.as_str(), "classes/") {
                differ.entry(class).or_default().insert(name);
            }
        }
        for ((was, now), machines) in pairs {
            let mut names: BTreeSet<&str> = differ.get(was).cloned().unwrap_or_default();
            if was != now {
                names.extend(differ.get(now).into_iter().flatten());
                for class in [was, now] {
                    names.extend(self.classes.get(class).into_iter().flatten());
                }
            }
            for name in names {
                let [old, new] = [was, now].map(|class| format!("classes/{class}/{name}"));
                let known = [&old, &new].map(|path| self.diffs.get_key_value(path.as_str()));
                let mut paths: Vec<String> = Vec::new();
                for (path, _) in known.into_iter().flatten() {
                    covered.insert(path);
                    paths.push((*path).to_owned());
                }
                paths.dedup();
                let found = pieces(rules, plain(name), &self.old(&old), &self.new_side(&new));
                if found.is_empty() && !paths.is_empty() {
                    // The class has another name.
                    let moved = follows(NOTHING, Step::Changed);
                    all.put(moved, "folders of classes", [], paths);
                    continue;
                }
                for piece in found {
                    let machines = machines.iter().map(|name| (*name).to_owned());
                    all.put(piece, plain(name), machines, paths.iter().cloned());
                }
            }
        }
    }

    /// What differs in the machines' own folders.
    fn of_machines(&self, rules: &Rules, all: &mut Collected, covered: &mut HashSet<&'a str>) {
        let own: Vec<(&FileDiff, &str, &str)> = self
            .files
            .iter()
            .filter_map(|file| {
                let (machine, name) = below(file.path.as_str(), "nodes/")?;
                Some((file, machine, name))
            })
            .collect();
        let judged: Vec<Vec<(Piece, &str)>> = own
            .par_iter()
            .map(|(file, machine, name)| {
                let step = Step::from(file.step);
                let machine = self.machines.get(machine).copied().unwrap_or_default();
                let path = file.path.as_str();
                match (machine.was, machine.now) {
                    (None, _) => vec![(follows(ADDED, step), "the machine's folder")],
                    (_, None) => vec![(follows(REMOVED, step), "the machine's folder")],
                    _ if matches!(file.body, Body::Link { .. }) => {
                        vec![(follows(NOTHING, step), "links to the class")]
                    }
                    _ => {
                        let name = plain(name);
                        let found = pieces(rules, name, &self.old(path), &self.new_side(path));
                        found.into_iter().map(|piece| (piece, name)).collect()
                    }
                }
            })
            .collect();
        for ((file, machine, _), pieces) in own.iter().zip(judged) {
            covered.insert(file.path.as_str());
            for (piece, name) in pieces {
                let machine = (*machine).to_owned();
                all.put(piece, name, [machine], [file.path.to_string()]);
            }
        }
    }
}

fn follows(applies: &str, step: Step) -> Piece {
    Piece {
        applies: applies.to_owned(),
        step,
        detail: Detail::Follows,
    }
}

/// Changes, each once.
#[derive(Default)]
struct Collected(IndexMap<(String, String, Step, String), FileChange>);

impl Collected {
    fn put(
        &mut self,
        piece: Piece,
        name: &str,
        nodes: impl IntoIterator<Item = String>,
        paths: impl IntoIterator<Item = String>,
    ) {
        let key = piece.detail.key();
        let place = (piece.applies, name.to_owned(), piece.step, key);
        let known = self.0.entry(place).or_insert_with(|| FileChange {
            name: name.to_owned(),
            step: piece.step,
            nodes: Vec::new(),
            paths: Vec::new(),
            detail: piece.detail,
        });
        known.nodes.extend(nodes);
        known.paths.extend(paths);
    }

    fn units(self) -> Vec<Unit> {
        let units = self.0.into_iter().map(|((applies, ..), mut change)| {
            change.nodes.sort_by(|one, other| by_number(one, other));
            change.nodes.dedup();
            change.paths.sort();
            change.paths.dedup();
            Unit { applies, change }
        });
        units.collect()
    }
}

/// The order of names with numbers: shorter numbers first.
pub(super) fn by_number(one: &str, other: &str) -> std::cmp::Ordering {
    let key = |name: &'_ str| {
        let digits = name.bytes().rev().take_while(u8::is_ascii_digit).count();
        (name.len() - digits, name.len())
    };
    let ((letters, length), (same, longer)) = (key(one), key(other));
    let words = one.get(..letters).cmp(&other.get(..same));
    words.then(length.cmp(&longer)).then_with(|| one.cmp(other))
}

fn side(file: &File) -> Side<'_> {
    let content = &file.content;
    match (file.mode & 0o077, content.text()) {
        (0, _) => Side::Secret(Some(content)),
        (_, None) => Side::Binary(Some(content)),
        (_, Some(_)) => Side::File(content, Some(file.mode)),
    }
}

/// The first folder below this one, and the path in it.
fn below<'a>(path: &'a str, folder: &str) -> Option<(&'a str, &'a str)> {
    path.strip_prefix(folder)?.split_once('/')
}

/// The class that a machine's link leads into.
fn class_of(target: &str) -> Option<&str> {
    target.split_once("classes/")?.1.split('/').next()
}

/// What the library's parts of the output call the file at a path of the tree.
pub(super) fn known_as(path: &str) -> &str {
    let found = below(path, "classes/").or_else(|| below(path, "nodes/"));
    found.map_or(path, |(_, name)| plain(name))
}

/// The name without the folder that says how it is placed.
fn plain(name: &str) -> &str {
    let placed = ["files/", "fragments/"];
    let found = placed.iter().find_map(|folder| name.strip_prefix(folder));
    found.unwrap_or(name)
}
