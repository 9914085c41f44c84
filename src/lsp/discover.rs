//! The specs in the folders of a workspace, and what tells whether a file on the disk has changed.

use std::collections::BTreeMap;
use std::os::unix::fs::MetadataExt as _;

use camino::{Utf8Path, Utf8PathBuf};

use crate::model::ENDING;

/// How deep folders are searched.
const DEEPEST: usize = 12;

/// A workspace with more entries than this is searched no further: its specs are read when they are opened.
const MOST_ENTRIES: usize = 50_000;

/// The most specs that are kept checked without being open.
const MOST_SPECS: usize = 500;

/// Folders that hold what others made.
const SKIPPED: &[&str] = &["node_modules", "target", "vendor"];

/// A state of a file on the disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Stamp {
    changed: (i64, i64),
    file: (u64, u64),
    length: u64,
}

/// The state of a file; none if there is no such file.
pub(super) fn stamp(path: &Utf8Path) -> Option<Stamp> {
    let found = path.metadata().ok()?;
    found.is_file().then(|| Stamp {
        changed: (found.ctime(), found.ctime_nsec()),
        file: (found.dev(), found.ino()),
        length: found.len(),
    })
}

/// The specs below these folders. Hidden folders and links are not followed: a link can lead anywhere.
pub(super) fn specs(folders: &[Utf8PathBuf]) -> BTreeMap<Utf8PathBuf, Stamp> {
    let mut search = Search {
        found: BTreeMap::new(),
        entries: 0,
    };
    for folder in folders {
        search.folder(folder, DEEPEST);
    }
    search.found
}

struct Search {
    found: BTreeMap<Utf8PathBuf, Stamp>,
    entries: usize,
}

impl Search {
    fn folder(&mut self, folder: &Utf8Path, depth: usize) {
        let mut entries: Vec<_> = folder
            .read_dir_utf8()
            .into_iter()
            .flatten()
            .flatten()
            .take(MOST_ENTRIES.saturating_sub(self.entries))
            .collect();
        self.entries += entries.len();
        entries.sort_by(|a, b| a.file_name().cmp(b.file_name()));
        for entry in entries {
            let name = entry.file_name();
            let Ok(kind) = entry.file_type() else {
                continue;
            };
            if name.starts_with('.') {
                continue;
            }
            if kind.is_dir() && depth > 0 && !SKIPPED.contains(&name) {
                self.folder(entry.path(), depth - 1);
            }
            if kind.is_file()
                && name.ends_with(ENDING)
                && self.found.len() < MOST_SPECS
                && let Some(stamp) = stamp(entry.path())
            {
                self.found.insert(entry.path().to_owned(), stamp);
            }
        }
    }
}
