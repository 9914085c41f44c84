//! Every spec of a workspace, analysed as far as it has changed: open texts stand for the files on the disk.
//!
//! A root is a file that makes a spec by itself: it has a `cluster` block, or uses a file that has one, and no other such file uses
//! it. What a root uses is analysed as a part of it. An open file that belongs to no root is analysed alone.
//!
//! Which file uses which is known from the last analysis. If an analysis shows that this has changed, the roots are found again, until
//! nothing changes: the result depends on the texts only, not on the order in which they were typed.

mod addresses;
mod analysis;

use std::collections::{BTreeMap, BTreeSet};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use camino::{Utf8Path, Utf8PathBuf};

use super::discover::{self, Stamp};
use super::document::Document;
use super::findings;
use super::place::Encoding;
use super::places::Places;
use super::protocol::Diagnostic;
use super::roots::{self, Summary};
use super::settings::Settings;
use crate::Analysis;
use crate::diagnostic::Diagnostics;
use crate::editor::Project;
use crate::model::Page;
use crate::output::{self, Sort};
use crate::source::FileId;

/// What the worker is to look at: the editor's documents, folders and settings at one moment.
#[derive(Clone, Debug, Default)]
pub(super) struct Snapshot {
    /// The open documents, by their addresses.
    pub documents: BTreeMap<String, Document>,
    /// The workspace folders.
    pub folders: Vec<Utf8PathBuf>,
    pub settings: Settings,
    /// Changes whenever files on the disk may have changed.
    pub disk: u64,
}

/// The marks of one document, as they are sent.
pub(super) type Marks = BTreeMap<String, Arc<Vec<Diagnostic>>>;

/// The files that an analysis read, and how each was then.
type Reads = BTreeMap<Utf8PathBuf, State>;

/// The state of a file as an analysis saw it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    /// The open text of this edition.
    Open(u64),
    /// The file on the disk; none if it was missing.
    Disk(Option<Stamp>),
}

/// A root and what is known about it.
#[derive(Debug)]
struct Root {
    /// Every file that was read for it, and its state then.
    reads: Reads,
    /// The disk's number when the files on the disk were last compared.
    disk: u64,
    /// None if the analysis failed.
    project: Option<Arc<Project>>,
    marks: BTreeMap<String, Vec<Diagnostic>>,
}

/// All of it.
#[derive(Debug)]
pub(super) struct Workspace {
    pub now: Snapshot,
    pub encoding: Encoding,
    /// Whether the editor shows the explanations of codes.
    pub explains: bool,
    /// The addresses of open documents, by their paths.
    names: BTreeMap<Utf8PathBuf, String>,
    /// The paths of open documents behind links.
    real: BTreeMap<Utf8PathBuf, Utf8PathBuf>,
    /// The specs on the disk, as they were when it was last searched.
    found: BTreeMap<Utf8PathBuf, Stamp>,
    searched: Option<(u64, Vec<Utf8PathBuf>)>,
    summaries: BTreeMap<Utf8PathBuf, (State, Summary)>,
    roots: BTreeMap<Utf8PathBuf, Option<Root>>,
    /// The roots that an open document is part of.
    active: BTreeSet<Utf8PathBuf>,
    /// Whether the roots must be found again.
    unsettled: bool,
    overlay: BTreeMap<String, String>,
    /// Why the library folder of the settings is not used.
    pub problem: Option<String>,
}

/// How often the roots are found again after an analysis showed that a file uses others than it did.
const ROUNDS: usize = 8;

/// In a workspace with more specs than this, only those that are open are kept in memory.
const MOST_KEPT: usize = 64;

impl Workspace {
    pub(super) fn new(encoding: Encoding, explains: bool) -> Self {
        Self {
            now: Snapshot::default(),
            encoding,
            explains,
            names: BTreeMap::new(),
            real: BTreeMap::new(),
            found: BTreeMap::new(),
            searched: None,
            summaries: BTreeMap::new(),
            roots: BTreeMap::new(),
            active: BTreeSet::new(),
            unsettled: false,
            overlay: BTreeMap::new(),
            problem: None,
        }
    }

    /// Takes a newer moment over, and analyses what open documents are part of. What only lies on the disk is left to
    /// [`Self::step`].
    pub(super) fn update(&mut self, now: Snapshot) {
        let library = now.disk != self.now.disk || now.settings.stdlib != self.now.settings.stdlib;
        let changed = now.settings != self.now.settings;
        let opened = now.documents.len() != self.now.documents.len()
            || !now.documents.keys().eq(self.now.documents.keys());
        self.now = now;
        if library && self.read_library() || changed {
            self.roots.clear();
            self.unsettled = true;
        }
        if opened {
            self.name();
            self.unsettled = true;
        }
        let place = (self.now.disk, self.now.folders.clone());
        if self.searched.as_ref() != Some(&place) {
            self.found = discover::specs(&self.now.folders);
            self.searched = Some(place);
            self.unsettled = true;
        }
        self.settle();
    }

    /// Analyses one more root that no open document is part of. False if there is none left.
    pub(super) fn step(&mut self) -> bool {
        let next = self.roots.iter().find(|(_, root)| root.is_none());
        let Some((path, _)) = next else {
            return false;
        };
        let path = path.clone();
        self.analyse(&path);
        self.settle();
        true
    }

    /// Reads the library folder again. True if it differs.
    fn read_library(&mut self) -> bool {
        let read = self.now.settings.stdlib.as_deref();
        let (files, problem) = match read.map(output::library_folder).transpose() {
            Ok(files) => (files.unwrap_or_default(), None),
            Err(wrong) => (BTreeMap::new(), Some(wrong.message)),
        };
        self.problem = problem;
        let differs = files != self.overlay;
        self.overlay = files;
        differs
    }

    /// Gives every open document a path.
    fn name(&mut self) {
        self.names.clear();
        self.real.clear();
        for address in self.now.documents.keys() {
            let Some(path) = self.path_of(address) else {
                continue;
            };
            if let Ok(real) = path.canonicalize_utf8()
                && real != path
            {
                self.real.insert(real, path.clone());
            }
            self.names.insert(path, address.clone());
        }
    }

    /// The specs that a document is part of, itself first if it is a root.
    pub(super) fn projects(&self, address: &str) -> Vec<(&Utf8Path, &Arc<Project>)> {
        let Some(path) = self.path_of(address) else {
            return Vec::new();
        };
        let mut found: Vec<_> = self
            .roots
            .iter()
            .filter_map(|(root, known)| {
                let project = known.as_ref()?.project.as_ref()?;
                project.view(path.as_str())?;
                Some((root.as_path(), project))
            })
            .collect();
        found.sort_by_key(|(root, _)| *root != path);
        found
    }

    /// Every spec that was analysed.
    pub(super) fn all(&self) -> impl Iterator<Item = (&Utf8Path, &Arc<Project>)> {
        self.roots.iter().filter_map(|(root, known)| {
            let project = known.as_ref()?.project.as_ref()?;
            Some((root.as_path(), project))
        })
    }

    /// The marks of all documents. Every open document has an entry.
    pub(super) fn marks(&self) -> Marks {
        let mut all: BTreeMap<String, Vec<Diagnostic>> = BTreeMap::new();
        for address in self.now.documents.keys() {
            all.entry(address.clone()).or_default();
        }
        for root in self.roots.values().flatten() {
            for (address, marks) in &root.marks {
                let known = all.entry(address.clone()).or_default();
                let first = known.is_empty();
                for mark in marks {
                    if first || !known.contains(mark) {
                        known.push(mark.clone());
                    }
                }
            }
        }
        all.into_iter()
            .map(|(address, marks)| (address, Arc::new(marks)))
            .collect()
    }

    /// Finds the roots and analyses those that open documents are part of, until the analyses agree with the roots.
    fn settle(&mut self) {
        for _ in 0..ROUNDS {
            if std::mem::take(&mut self.unsettled) {
                self.summarize();
                self.find_roots();
            }
            let all: Vec<Utf8PathBuf> = self.roots.keys().cloned().collect();
            for path in all {
                if self.is_fresh(&path) {
                    continue;
                }
                if self.active.contains(&path) {
                    self.unsettled |= self.analyse(&path);
                } else {
                    self.roots.insert(path, None);
                }
            }
            if !self.unsettled {
                break;
            }
        }
    }

    /// The state of a file now.
    pub(super) fn state(&self, path: &Utf8Path) -> State {
        match self.open(path) {
            Some(document) => State::Open(document.edition),
            None => State::Disk(discover::stamp(path)),
        }
    }

    /// The open document that stands for a file.
    pub(super) fn open(&self, path: &Utf8Path) -> Option<&Document> {
        let named = self.names.get(path).or_else(|| {
            // A link to a file that is open.
            if self.real.is_empty() && !path.is_symlink() {
                return None;
            }
            let real = path.canonicalize_utf8().ok()?;
            let named = self.real.get(&real).map_or(real.as_path(), |named| named);
            self.names.get(named)
        })?;
        self.now.documents.get(named)
    }

    fn is_fresh(&mut self, path: &Utf8Path) -> bool {
        let Some(Some(root)) = self.roots.get(path) else {
            return false;
        };
        // A keystroke changes open documents only.
        let all = root.disk != self.now.disk;
        let fresh = root.reads.iter().all(|(path, state)| {
            let open = self.names.contains_key(path);
            match state {
                State::Disk(_) if !all && !open => true,
                state => self.state(path) == *state,
            }
        });
        let disk = self.now.disk;
        if fresh && let Some(Some(root)) = self.roots.get_mut(path) {
            root.disk = disk;
        }
        fresh
    }

    /// Makes sure that something is known about every file that can be a root.
    fn summarize(&mut self) {
        let mut wanted: Vec<(Utf8PathBuf, State)> = Vec::new();
        for (path, stamp) in &self.found {
            if !self.names.contains_key(path) {
                wanted.push((path.clone(), State::Disk(Some(*stamp))));
            }
        }
        for path in self.names.keys() {
            wanted.push((path.clone(), self.state(path)));
        }
        for (path, state) in wanted {
            let known = self.summaries.get(&path).map(|(known, _)| *known);
            // What is known about an open text is replaced by its analysis.
            let enough = match (known, state) {
                (Some(State::Open(_)), State::Open(_)) => true,
                (known, state) => known == Some(state),
            };
            if !enough {
                let summary = self.read_summary(&path, state);
                self.summaries.insert(path, (state, summary));
            }
        }
    }

    fn read_summary(&self, path: &Utf8Path, state: State) -> Summary {
        let text = match state {
            State::Open(_) => self.open(path).map(|document| document.text.to_string()),
            State::Disk(_) => output::read_no_link(path, Sort::Spec)
                .ok()
                .and_then(|found| String::from_utf8(found.bytes).ok()),
        };
        let Some(text) = text else {
            return Summary::default();
        };
        let read = catch_unwind(|| Page::read(FileId(0), &text, &mut Diagnostics::default()));
        match read {
            Ok(page) => Summary::of(path, &page.document.items),
            Err(_) => Summary::default(),
        }
    }

    /// Finds the roots, and which of them an open document is part of.
    fn find_roots(&mut self) {
        let folder = self.now.settings.stdlib.as_deref();
        let is_candidate = |path: &&Utf8Path| {
            let there = self.names.contains_key(*path) || self.found.contains_key(*path);
            there && !folder.is_some_and(|folder| path.starts_with(folder))
        };
        let all = self.summaries.keys().map(Utf8PathBuf::as_path);
        let roots = roots::find(
            all.filter(is_candidate),
            &|path| self.summaries.get(path).map(|(_, summary)| summary),
            &|path| self.names.contains_key(path),
        );
        self.roots.retain(|path, _| roots.contains_key(path));
        self.active = roots
            .iter()
            .filter(|(_, open)| **open)
            .map(|(path, _)| path.clone())
            .collect();
        for (path, _) in roots {
            self.roots.entry(path).or_default();
        }
    }

    /// Analyses a root. True if its files use others than was known.
    fn analyse(&mut self, path: &Utf8Path) -> bool {
        let start = std::time::Instant::now();
        let Some((analysis, reads)) = self.read(path, None, &BTreeMap::new()) else {
            self.roots.remove(path);
            return self.found.remove(path).is_some();
        };
        let made = analysis.and_then(|(analysis, pages)| {
            catch_unwind(AssertUnwindSafe(|| Project::with_pages(analysis, pages))).ok()
        });
        let project = made.map(Arc::new);
        let marks = match &project {
            Some(project) => findings::marks(self, path, &project.analysis),
            None => BTreeMap::new(),
        };
        let moved = project
            .as_deref()
            .is_some_and(|project| self.learn(project, &reads));
        log::debug!("analysed {path} in {:.1?}", start.elapsed());
        // A workspace can have hundreds of specs; those that no one looks at need no trees.
        let kept = self.active.contains(path) || self.roots.len() <= MOST_KEPT;
        let root = Root {
            reads,
            disk: self.now.disk,
            project: project.filter(|_| kept),
            marks,
        };
        self.roots.insert(path.to_owned(), Some(root));
        moved
    }

    /// Keeps what an analysis shows about the files that it read. True if that is news.
    fn learn(&mut self, project: &Project, reads: &Reads) -> bool {
        let mut moved = false;
        for page in project.pages() {
            let path = Utf8Path::new(&project.analysis.sources.file(page.file).name);
            let Some(state) = reads.get(path) else {
                continue;
            };
            let summary = Summary::of(path, &page.document.items);
            let known = self.summaries.get(path).map(|(_, known)| known);
            moved |= known != Some(&summary);
            self.summaries.insert(path.to_owned(), (*state, summary));
        }
        moved
    }

    /// Positions of an analysis, for the editor.
    pub(super) fn places<'a>(&'a self, analysis: &'a Analysis) -> Places<'a> {
        Places::new(self, analysis)
    }
}
