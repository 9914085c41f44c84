//! What a write would change, as unified diffs. Nothing is written, and no secret is shown.

use std::fmt;
use std::os::fd::BorrowedFd;

use camino::{Utf8Path, Utf8PathBuf};
use rayon::prelude::*;
use similar::TextDiff;

use super::MANIFEST;
use super::error::{Doing, InTheWay, Left, OutputError, Refused};
use super::judge::Claims;
use super::manifest::{self, ManifestInput};
use super::place::{Found, Reached, Walker, look, read_all, split};
use super::root::{Root, open};
use super::survey::survey_nothing;
use super::tree::{flat, wanted};
use super::write::{ChangeKind, Known, manifest_text};
use crate::render::{Content, Entry, File, Rendered};

/// What a write would change.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Diff {
    /// In order of paths; the manifest is among them.
    pub files: Vec<FileDiff>,
    /// What pikc did not write and would have to overwrite: a write would refuse.
    pub foreign: Vec<InTheWay>,
    /// What was edited since pikc wrote it: a write would refuse, unless forced.
    pub edited: Vec<Utf8PathBuf>,
}

/// What would change at one path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileDiff {
    /// Where, below the output folder.
    pub path: Utf8PathBuf,
    /// What would be done.
    pub step: ChangeKind,
    /// How it differs.
    pub body: Body,
}

/// How a file differs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Body {
    /// Text, before and after; one of them is empty if the file is new or removed.
    Text(Texts),
    /// It holds a secret, or did: not shown.
    Secret,
    /// It is not text.
    Binary,
    /// Only the mode differs: what it is and what it would be.
    Mode(u32, u32),
    /// A link is or would be there, and points there.
    Link {
        /// The target now.
        old: Option<String>,
        /// The target to be.
        new: Option<String>,
    },
}

/// A text before and after.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Texts {
    /// Before.
    pub old: Content,
    /// After.
    pub new: Content,
}

impl Texts {
    fn new(old: impl Into<Content>, new: impl Into<Content>) -> Self {
        Self {
            old: old.into(),
            new: new.into(),
        }
    }

    /// The hunks of a unified diff; empty if both are the same.
    pub fn hunks(&self) -> String {
        let text = |content: &'_ Content| content.text().unwrap_or_default().into_owned();
        hunks(&text(&self.old), &text(&self.new))
    }
}

/// Compares the tree with the folder `dir`. `on_wait` is called once if a compile writes there.
pub fn diff(
    dir: &Utf8Path,
    rendered: &Rendered,
    input: &ManifestInput,
    on_wait: Option<&(dyn Fn() + Sync)>,
) -> Result<Diff, OutputError> {
    use std::os::fd::AsFd as _;

    let wanted = wanted(rendered)?;
    let text = manifest_text(&flat(rendered)?, input, &wanted);
    let Some(Root { folder: root, .. }) = open(dir, false, on_wait)? else {
        let mut files: Vec<_> = survey_nothing(&wanted)
            .writes
            .par_iter()
            .map(|write| created(write.wanted.path, write.wanted.entry))
            .collect();
        files.push(manifest_diff(ChangeKind::Created, "", &text));
        files.sort_by(|a, b| a.path.cmp(&b.path));
        return Ok(Diff {
            files,
            ..Diff::default()
        });
    };
    let root = root.as_fd();
    let known = Known::read(dir, root, &text)?;
    let claims = known.claims(&wanted);
    let plan = known.plan(dir, root, &wanted, false)?;
    // What is foreign is not read here, only what is changed and removed.
    let writes = plan.writes.par_iter().map(|write| {
        let path = write.wanted.path;
        if write.replaces {
            changed(root, path, Some(write.wanted.entry), &claims)
        } else {
            Ok(created(path, write.wanted.entry))
        }
    });
    let removals = plan
        .removals
        .par_iter()
        .map(|path| changed(root, path, None, &claims));
    let mut files = writes
        .chain(removals)
        .collect::<Result<Vec<_>, Refused>>()
        .map_err(|refused| refused.left(dir, Left::Untouched))?;
    if let Some(step) = known.manifest_step() {
        let old = String::from_utf8_lossy(known.text.as_deref().unwrap_or_default());
        files.push(manifest_diff(step, &old, &text));
    }
    files.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(Diff {
        files,
        foreign: plan.foreign.into_iter().collect(),
        edited: plan.edited.into_iter().collect(),
    })
}

/// Compares two trees in memory.
pub fn between_trees(old: &Rendered, new: &Rendered) -> Vec<FileDiff> {
    let wanted = new.entries().iter().filter_map(|(path, entry)| {
        let Some(before) = old.entries().get(path.as_str()) else {
            return Some(created(path, entry));
        };
        let body = in_memory(before, entry)?;
        Some(FileDiff {
            path: path.into(),
            step: ChangeKind::Changed,
            body,
        })
    });
    let removed = old
        .entries()
        .iter()
        .filter(|(path, _)| !new.entries().contains_key(path.as_str()));
    let removed = removed.map(|(path, entry)| FileDiff {
        path: path.into(),
        step: ChangeKind::Removed,
        body: match entry {
            Entry::File(file) if is_secret(file) => Body::Secret,
            Entry::File(file) => match file.content.text() {
                Some(_) => Body::Text(Texts::new(file.content.clone(), "")),
                None => Body::Binary,
            },
            Entry::Link(target) => Body::Link {
                old: Some(target.to_string()),
                new: None,
            },
        },
    });
    let mut files: Vec<FileDiff> = wanted.chain(removed).collect();
    files.sort_by(|a, b| a.path.cmp(&b.path));
    files
}

/// How two entries differ; nothing if they do not.
fn in_memory(old: &Entry, new: &Entry) -> Option<Body> {
    Some(match (old, new) {
        (Entry::File(old), Entry::File(new)) => {
            let same = old.content.sha256() == new.content.sha256();
            match (same, old.mode == new.mode) {
                (true, true) => return None,
                _ if is_secret(old) || is_secret(new) => Body::Secret,
                (true, false) => Body::Mode(old.mode, new.mode),
                (false, _) => between(Some(&old.content), Some(new)),
            }
        }
        (Entry::Link(old), Entry::Link(new)) if old == new => return None,
        (old, new) => {
            let target = |entry: &Entry| match entry {
                Entry::Link(target) => Some(target.to_string()),
                Entry::File(_) => None,
            };
            Body::Link {
                old: target(old),
                new: target(new),
            }
        }
    })
}

fn is_secret(file: &File) -> bool {
    file.mode & 0o077 == 0
}

fn created(path: &str, entry: &Entry) -> FileDiff {
    let body = match entry {
        Entry::File(file) if is_secret(file) => Body::Secret,
        Entry::File(file) => match file.content.text() {
            Some(_) => Body::Text(Texts::new("", file.content.clone())),
            None => Body::Binary,
        },
        Entry::Link(target) => Body::Link {
            old: None,
            new: Some(target.to_string()),
        },
    };
    FileDiff {
        path: path.into(),
        step: ChangeKind::Created,
        body,
    }
}

/// The difference at a path that exists; `new` is nothing if it would be removed.
fn changed(
    root: BorrowedFd<'_>,
    path: &str,
    new: Option<&Entry>,
    claims: &Claims<'_>,
) -> Result<FileDiff, Refused> {
    let step = if new.is_some() {
        ChangeKind::Changed
    } else {
        ChangeKind::Removed
    };
    let refused = |error| Refused::new(Doing::Read, path, error);
    let (folder, name) = split(path);
    let mut walker = Walker::new(root);
    let found = match walker.enter(folder)? {
        Reached::Folder(folder) => look(folder, name).map_err(|errno| refused(errno.into()))?,
        _ => Found::Missing,
    };
    let (text, target) = match new {
        Some(Entry::File(file)) => (Some(file), None),
        Some(Entry::Link(target)) => (None, Some(target.to_string())),
        None => (None, None),
    };
    let body = match found {
        Found::File { mode, .. }
            if mode & 0o077 == 0 || text.is_some_and(is_secret) || claims.secret(path) =>
        {
            Body::Secret
        }
        Found::File { file, mode, .. } => {
            let old = read_all(file).map_err(refused)?;
            match (text, target) {
                (None, new @ Some(_)) => Body::Link { old: None, new },
                (new, _) => {
                    let old = Content::from(old);
                    match new {
                        Some(new) if new.content == old => Body::Mode(mode, new.mode),
                        new => between(Some(&old), new),
                    }
                }
            }
        }
        Found::Link(old) => Body::Link {
            old: Some(String::from_utf8_lossy(&old).into_owned()),
            new: target,
        },
        Found::Missing | Found::Folder | Found::Other => between(Some(&"".into()), text),
    };
    Ok(FileDiff {
        path: path.into(),
        step,
        body,
    })
}

/// What is there and what is to be there, if both are text.
fn between(old: Option<&Content>, new: Option<&File>) -> Body {
    let new = new.map_or_else(|| "".into(), |file| file.content.clone());
    match old {
        Some(old) if old.text().is_some() && new.text().is_some() => {
            Body::Text(Texts::new(old.clone(), new))
        }
        _ => Body::Binary,
    }
}

/// The manifest without its list of files: what changed there is shown file by file anyway.
fn manifest_diff(step: ChangeKind, old: &str, new: &str) -> FileDiff {
    let body = Body::Text(Texts::new(manifest::head(old), manifest::head(new)));
    FileDiff {
        path: MANIFEST.into(),
        step,
        body,
    }
}

/// The hunks of a unified diff between two texts.
pub fn hunks(old: &str, new: &str) -> String {
    TextDiff::from_lines(old, new)
        .unified_diff()
        .context_radius(3)
        .to_string()
}

impl fmt::Display for Diff {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.files.iter().try_for_each(|file| file.fmt(f))
    }
}

impl fmt::Display for FileDiff {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = &self.path;
        let (old, new) = match self.step {
            ChangeKind::Created => ("/dev/null".to_owned(), format!("b/{path}")),
            ChangeKind::Changed => (format!("a/{path}"), format!("b/{path}")),
            ChangeKind::Removed => (format!("a/{path}"), "/dev/null".to_owned()),
        };
        match &self.body {
            Body::Text(texts) => {
                let hunks = texts.hunks();
                match self.step {
                    _ if !hunks.is_empty() => write!(f, "--- {old}\n+++ {new}\n{hunks}"),
                    ChangeKind::Created => writeln!(f, "new, without lines: {path}"),
                    ChangeKind::Changed => {
                        writeln!(f, "changed in its list of files only: {path}")
                    }
                    ChangeKind::Removed => writeln!(f, "removed, without lines: {path}"),
                }
            }
            Body::Secret => {
                let verb = match self.step {
                    ChangeKind::Created => "new",
                    ChangeKind::Changed => "differs",
                    ChangeKind::Removed => "removed",
                };
                writeln!(f, "{verb}, holds a secret, not shown: {path}")
            }
            Body::Binary => writeln!(f, "differs, not text: {path}"),
            Body::Mode(old, new) => writeln!(f, "mode {old:04o} to {new:04o}: {path}"),
            Body::Link { old, new } => match (old, new) {
                (None, Some(new)) => writeln!(f, "link to {new}: {path}"),
                (Some(old), Some(new)) => writeln!(f, "link to {old}, then to {new}: {path}"),
                (Some(old), None) => writeln!(f, "link to {old}, removed: {path}"),
                (None, None) => Ok(()),
            },
        }
    }
}
