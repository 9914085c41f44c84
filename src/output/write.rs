//! One write, from the lock to the manifest.

use std::collections::BTreeMap;
use std::io;
use std::os::fd::{AsFd, BorrowedFd};

use camino::{Utf8Path, Utf8PathBuf};
use rayon::prelude::*;

use super::error::{Doing, InTheWay, Left, OutputError, Refused};
use super::judge::Claims;
use super::manifest::{self, Manifest, ManifestInput};
use super::place::{Found, look, read_all};
use super::read::{Sort, Unread, read_no_link};
use super::root::{Root, open};
use super::stage::{self, Leftovers, Workshop, leftovers};
use super::survey::{CHUNK, WritePlan, survey, survey_nothing};
use super::tree::{Wanted, flat, wanted};
use super::{MANIFEST, WORKSHOP};
use crate::render::{Rendered, by_components};

/// How to write.
#[derive(Clone, Copy, Default)]
pub struct WriteOptions<'a> {
    /// Overwrite and remove pikc's files that were edited. Files that it did not write are never
    /// touched.
    pub force: bool,
    /// Say what would change, and write nothing.
    pub dry_run: bool,
    /// Called once if another compile writes into the folder, before waiting for it.
    pub on_wait: Option<&'a (dyn Fn() + Sync)>,
    /// Called now and then with how many paths are written, of how many; from any thread.
    pub on_progress: Option<&'a (dyn Fn(usize, usize) + Sync)>,
}

/// What a write did, or in a dry run would do.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// What changed, in order of paths. The manifest is among it.
    pub changes: Vec<Change>,
    /// How many files and links were as they should be, and were not touched.
    pub unchanged: usize,
    /// Whether an earlier write was cut short, and this one finished or undid it.
    pub recovered: bool,
    /// Whether the file system cannot lock, so that two compiles at once must be avoided by hand.
    pub unlocked: bool,
}

/// One change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// Where, below the output folder.
    pub path: Utf8PathBuf,
    /// What was done.
    pub step: ChangeKind,
}

/// What was done at a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ChangeKind {
    /// Nothing was there.
    Created,
    /// Its content, mode or target is different.
    Changed,
    /// It is no longer wanted.
    Removed,
}

/// Writes the tree into the folder `dir`, which is created if only its last part is missing.
pub fn write(
    dir: &Utf8Path,
    rendered: &Rendered,
    input: &ManifestInput,
    options: &WriteOptions<'_>,
) -> Result<Report, OutputError> {
    let wanted = wanted(rendered)?;
    let flat = flat(rendered)?;
    let Some(Root {
        folder: root,
        made,
        locked,
    }) = open(dir, !options.dry_run, options.on_wait)?
    else {
        return Ok(report(&survey_nothing(&wanted), Some(ChangeKind::Created)));
    };
    let text = manifest_text(&flat, input, &wanted);
    let outcome = write_locked(dir, root.as_fd(), &wanted, &text, options);
    if made && outcome.is_err() {
        // Created a moment ago for nothing; stays if anything is in it.
        let _ = std::fs::remove_dir(dir);
    }
    outcome.map(|report| Report {
        unlocked: !locked,
        ..report
    })
}

fn write_locked(
    dir: &Utf8Path,
    root: BorrowedFd<'_>,
    wanted: &[Wanted<'_>],
    text: &str,
    options: &WriteOptions<'_>,
) -> Result<Report, OutputError> {
    let known = Known::read(dir, root, text)?;
    let plan = known.plan(dir, root, wanted, options.force)?;
    check(dir, &plan)?;
    let manifest = known.manifest_step();
    let mut report = report(&plan, manifest);
    report.recovered = known.left.any;
    if options.dry_run {
        return Ok(report);
    }
    if manifest.is_some() || !plan.writes.is_empty() || !plan.removals.is_empty() {
        let pending = prepare(root, &plan, text, &known.left, options).map_err(|refused| {
            stage::abandon(root);
            refused.left(dir, Left::Untouched)
        })?;
        commit(root, &plan, &pending).map_err(|refused| refused.left(dir, Left::CutShort))?;
    } else if known.left.any {
        stage::tidy(root).map_err(|refused| refused.left(dir, Left::CutShort))?;
    }
    Ok(report)
}

/// Writes everything that is new in the workshop; the tree itself is as it was.
fn prepare(
    root: BorrowedFd<'_>,
    plan: &WritePlan<'_>,
    text: &str,
    left: &Leftovers,
    options: &WriteOptions<'_>,
) -> Result<(Workshop, String), Refused> {
    let workshop = Workshop::open(root)?;
    workshop.stage(plan, options.on_progress.unwrap_or(&|_, _| ()))?;
    let pending = workshop.announce(text, left)?;
    Ok((workshop, pending))
}

/// Turns the tree into the new one. Stopped anywhere, the next run knows both sides of each path.
fn commit(
    root: BorrowedFd<'_>,
    plan: &WritePlan<'_>,
    (workshop, pending): &(Workshop, String),
) -> Result<(), Refused> {
    if plan.clear_first {
        stage::remove(root, plan)?;
    }
    workshop.place(root, plan)?;
    if !plan.clear_first {
        stage::remove(root, plan)?;
    }
    workshop.finish(root, pending)?;
    stage::tidy(root)
}

/// What is known of the folder before it is compared.
pub(super) struct Known {
    /// What earlier writes left in the workshop.
    pub left: Leftovers,
    /// The manifest's bytes; nothing if there is none.
    pub text: Option<Vec<u8>>,
    /// The manifest, unless it says just what the new one will say.
    old: Option<Manifest>,
    same: bool,
}

impl Known {
    pub(super) fn read(
        dir: &Utf8Path,
        root: BorrowedFd<'_>,
        new: &str,
    ) -> Result<Self, OutputError> {
        let in_the_way = |path: &str, what| OutputError::InTheWay {
            dir: dir.to_owned(),
            foreign: vec![InTheWay {
                path: path.into(),
                what,
            }],
            edited: Vec::new(),
        };
        let left = leftovers(root).map_err(|trouble| match trouble {
            Ok(what) => in_the_way(WORKSHOP, what),
            Err(refused) => refused.left(dir, Left::Untouched),
        })?;
        let refused = |error| Refused::new(Doing::Read, MANIFEST, error).left(dir, Left::Untouched);
        let text = match look(root, MANIFEST).map_err(|errno| refused(errno.into()))? {
            Found::Missing => None,
            Found::File { file, .. } => Some(read_all(file).map_err(refused)?),
            other => return Err(in_the_way(MANIFEST, other.words())),
        };
        // Left empty by a power cut: the same as none.
        let text = text.filter(|text| !text.is_empty());
        let same = text.as_deref() == Some(new.as_bytes());
        // 120,000 lines need not be read to learn what is known already.
        let old = match &text {
            Some(text) if !same || left.any => Some(parse(dir, text)?),
            _ => None,
        };
        Ok(Self {
            left,
            text,
            old,
            same,
        })
    }

    /// What pikc may call its own.
    pub(super) fn claims<'w>(&'w self, wanted: &'w [Wanted<'w>]) -> Claims<'w> {
        let manifests = self.old.iter().chain(&self.left.pending);
        let unread = if self.old.is_none() && self.same {
            wanted
        } else {
            &[]
        };
        Claims::new(manifests, unread)
    }

    /// Compares the tree with the folder.
    pub(super) fn plan<'w>(
        &'w self,
        dir: &Utf8Path,
        root: BorrowedFd<'_>,
        wanted: &'w [Wanted<'w>],
        force: bool,
    ) -> Result<WritePlan<'w>, OutputError> {
        survey(root, wanted, &self.claims(wanted), force)
            .map_err(|refused| refused.left(dir, Left::Untouched))
    }

    /// What happens to the manifest itself.
    pub(super) fn manifest_step(&self) -> Option<ChangeKind> {
        match &self.text {
            None => Some(ChangeKind::Created),
            Some(_) if self.same => None,
            Some(_) => Some(ChangeKind::Changed),
        }
    }
}

fn check(dir: &Utf8Path, plan: &WritePlan<'_>) -> Result<(), OutputError> {
    if let Some(folder) = &plan.elsewhere {
        return Err(OutputError::OtherFileSystem {
            path: dir.join(folder),
        });
    }
    if plan.foreign.is_empty() && plan.edited.is_empty() {
        return Ok(());
    }
    Err(OutputError::InTheWay {
        dir: dir.to_owned(),
        foreign: plan.foreign.iter().cloned().collect(),
        edited: plan.edited.iter().cloned().collect(),
    })
}

fn report(plan: &WritePlan<'_>, manifest: Option<ChangeKind>) -> Report {
    let written = plan.writes.iter().map(|write| Change {
        path: write.wanted.path.into(),
        step: if write.replaces {
            ChangeKind::Changed
        } else {
            ChangeKind::Created
        },
    });
    let removed = plan.removals.iter().map(|path| Change {
        path: (*path).into(),
        step: ChangeKind::Removed,
    });
    let manifest = manifest.map(|step| Change {
        path: MANIFEST.into(),
        step,
    });
    let mut changes: Vec<_> = written.chain(removed).chain(manifest).collect();
    changes.sort_by(|a, b| by_components(a.path.as_str(), b.path.as_str()));
    Report {
        changes,
        unchanged: plan.unchanged,
        ..Report::default()
    }
}

/// The text of the new manifest: produces and reads every content that does not exist yet.
pub(super) fn manifest_text(
    flat: &BTreeMap<Utf8PathBuf, Vec<&str>>,
    input: &ManifestInput,
    wanted: &[Wanted<'_>],
) -> String {
    wanted.par_iter().with_min_len(CHUNK).for_each(|wanted| {
        wanted.what();
    });
    let files = wanted.iter().map(|wanted| (wanted.path, wanted.what()));
    manifest::text(input, flat, files)
}

fn parse(dir: &Utf8Path, text: &[u8]) -> Result<Manifest, OutputError> {
    Manifest::parse(text).map_err(|fault| OutputError::Manifest {
        path: dir.join(MANIFEST),
        fault,
    })
}

/// The manifest in a folder, to learn which versions it keeps; nothing if there is none.
pub fn read_manifest(dir: &Utf8Path) -> Result<Option<Manifest>, OutputError> {
    let refused =
        |error| Err(Refused::new(Doing::Read, MANIFEST, error).left(dir, Left::Untouched));
    match read_no_link(&dir.join(MANIFEST), Sort::List) {
        Ok(found) if found.bytes.is_empty() => Ok(None),
        Ok(found) => parse(dir, &found.bytes).map(Some),
        Err(Unread::Io(error)) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(Unread::Io(error)) => refused(error),
        Err(why) => refused(io::Error::other(why.to_string())),
    }
}
