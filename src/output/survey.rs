//! What a write would do: every path of the tree compared with the disk, and every path that pikc
//! wrote before and no longer wants. Reads only.

use std::collections::{BTreeSet, HashSet};
use std::os::fd::BorrowedFd;

use camino::Utf8PathBuf;
use rayon::prelude::*;
use rustix::fs::Dir;

use super::error::{Doing, InTheWay, Refused};
use super::judge::{Claims, Verdict, same_bytes};
use super::place::{Found, Reached, Walker, look, look_for_link, split};
use super::tree::Wanted;
use crate::render::Entry;

/// How many paths one thread processes at a time: enough to share the walk, few enough to share among threads.
pub(super) const CHUNK: usize = 512;

/// What a write would do.
#[derive(Default)]
pub(super) struct WritePlan<'w> {
    /// What to write, in order.
    pub writes: Vec<Write<'w>>,
    /// The pieces it is moved into place in, in order.
    pub units: Vec<Unit<'w>>,
    /// What to remove, in order.
    pub removals: Vec<&'w str>,
    /// Folders that may be empty then, children first.
    pub folders: Vec<&'w str>,
    /// Whether something that is removed is where something new goes.
    pub clear_first: bool,
    /// What pikc did not write and would have to overwrite or remove.
    pub foreign: BTreeSet<InTheWay>,
    /// What pikc wrote, was edited, and would have to be overwritten or removed.
    pub edited: BTreeSet<Utf8PathBuf>,
    /// A folder that is on another file system.
    pub elsewhere: Option<Utf8PathBuf>,
    /// How many paths are as they should be.
    pub unchanged: usize,
    /// Folders that are where a file or link goes.
    in_place: Vec<&'w str>,
}

/// A path to write.
pub(super) struct Write<'w> {
    pub wanted: &'w Wanted<'w>,
    /// Whether something of pikc's is there now.
    pub replaces: bool,
    /// Which unit it is moved with.
    pub unit: usize,
}

/// What one rename puts into place: one file or link, or a folder that is not there yet, whole.
pub(super) struct Unit<'w> {
    pub path: &'w str,
    pub replaces: bool,
}

/// What one path needs.
enum Need<'w> {
    Nothing,
    Write {
        unit: &'w str,
        replaces: bool,
        clear_first: bool,
    },
    Foreign(InTheWay),
    Edited {
        unit: &'w str,
        replaces: bool,
        clear_first: bool,
        at: &'w str,
    },
    Elsewhere(&'w str),
    /// A folder is where a file goes: it must hold nothing but what pikc no longer wants.
    Folder,
}

/// Compares the tree with the folder. Edited files are planned for with the others when `force`.
pub(super) fn survey<'w>(
    root: BorrowedFd<'_>,
    wanted: &'w [Wanted<'w>],
    claims: &Claims<'w>,
    force: bool,
) -> Result<WritePlan<'w>, Refused> {
    let needs: Vec<Vec<Need<'w>>> = wanted
        .par_chunks(CHUNK)
        .map(|chunk| {
            let mut walker = Walker::new(root);
            let mut buffer = Vec::new();
            chunk
                .iter()
                .map(|wanted| need(&mut walker, wanted, claims, &mut buffer))
                .collect()
        })
        .collect::<Result<_, Refused>>()?;
    let mut plan = WritePlan::default();
    for (wanted, need) in wanted.iter().zip(needs.into_iter().flatten()) {
        plan.take(wanted, need, force);
    }
    let stale = stale_paths(wanted, claims);
    if !stale.is_empty() {
        plan.remove(root, wanted, claims, &stale, force)?;
    }
    for folder in std::mem::take(&mut plan.in_place) {
        plan.judge_folder(root, folder)?;
    }
    Ok(plan)
}

/// The plan for a folder that is not there.
pub(super) fn survey_nothing<'w>(wanted: &'w [Wanted<'w>]) -> WritePlan<'w> {
    let mut plan = WritePlan::default();
    for wanted in wanted {
        let path = wanted.path;
        let unit = path.split('/').next().unwrap_or(path);
        let need = Need::Write {
            unit,
            replaces: false,
            clear_first: false,
        };
        plan.take(wanted, need, false);
    }
    plan
}

fn need<'w>(
    walker: &mut Walker<'_, 'w>,
    wanted: &'w Wanted<'w>,
    claims: &Claims<'w>,
    buffer: &mut Vec<u8>,
) -> Result<Need<'w>, Refused> {
    let path = wanted.path;
    let (folder, name) = split(path);
    let create = |unit| Need::Write {
        unit,
        replaces: false,
        clear_first: false,
    };
    let folder = match walker.enter(folder)? {
        Reached::Folder(folder) => folder,
        Reached::Missing { end } => return Ok(create(&path[..end])),
        Reached::OtherFileSystem { end } => return Ok(Need::Elsewhere(&path[..end])),
        Reached::Blocked { end, parent } => {
            // A file or link where a folder goes: allowed only if it is a stale one of pikc's.
            let unit = &path[..end];
            let refused = |error| Refused::new(Doing::Read, unit, error);
            let found = look(parent, split(unit).1).map_err(|errno| refused(errno.into()))?;
            let verdict = claims.judge(unit, found).map_err(refused)?;
            return Ok(judged(verdict, unit, false));
        }
    };
    let refused = |error| Refused::new(Doing::Read, path, error);
    let found = match wanted.entry {
        Entry::File(_) => look(folder, name),
        Entry::Link(_) => look_for_link(folder, name),
    }
    .map_err(|errno| refused(errno.into()))?;
    let same = match (&found, wanted.entry) {
        (Found::Missing, _) => return Ok(create(path)),
        (Found::Folder, _) => return Ok(Need::Folder),
        (Found::Link(is), Entry::Link(target)) => {
            if *is == target.as_str().as_bytes() {
                return Ok(Need::Nothing);
            }
            false
        }
        (Found::File { file, size, mode }, Entry::File(text))
            if *size == text.content.len() as u64 =>
        {
            let same = same_bytes(file, &text.content.pieces(), buffer).map_err(refused)?;
            if same && *mode == text.mode {
                return Ok(Need::Nothing);
            }
            same
        }
        _ => false,
    };
    let verdict = match same {
        true => Verdict::Ours,
        false => claims.judge(path, found).map_err(refused)?,
    };
    Ok(judged(verdict, path, true))
}

/// What to do about what is at a path: it is replaced in place, or cleared away first if a folder goes there.
fn judged(verdict: Verdict, unit: &str, replaces: bool) -> Need<'_> {
    let clear_first = !replaces;
    match verdict {
        Verdict::Missing => Need::Write {
            unit,
            replaces: false,
            clear_first: false,
        },
        Verdict::Ours => Need::Write {
            unit,
            replaces,
            clear_first,
        },
        Verdict::Edited => Need::Edited {
            unit,
            replaces,
            clear_first,
            at: unit,
        },
        Verdict::Foreign(what) => Need::Foreign(InTheWay {
            path: unit.into(),
            what,
        }),
    }
}

/// What pikc wrote and no longer wants, in order.
fn stale_paths<'w>(wanted: &'w [Wanted<'w>], claims: &Claims<'w>) -> Vec<&'w str> {
    let mut paths = claims.paths().peekable();
    if paths.peek().is_none() {
        return Vec::new();
    }
    let kept: HashSet<&str> = wanted.iter().map(|wanted| wanted.path).collect();
    let mut stale: Vec<_> = paths.filter(|path| !kept.contains(path)).collect();
    stale.sort_unstable();
    stale.dedup();
    stale
}

impl<'w> WritePlan<'w> {
    fn take(&mut self, wanted: &'w Wanted<'w>, need: Need<'w>, force: bool) {
        let path = wanted.path;
        let (unit, replaces, clear_first) = match need {
            Need::Nothing => {
                self.unchanged += 1;
                return;
            }
            Need::Foreign(thing) => {
                self.foreign.insert(thing);
                return;
            }
            Need::Elsewhere(folder) => {
                self.elsewhere.get_or_insert_with(|| folder.into());
                return;
            }
            Need::Write {
                unit,
                replaces,
                clear_first,
            } => (unit, replaces, clear_first),
            Need::Edited {
                unit,
                replaces,
                clear_first,
                at,
            } => {
                if !force {
                    self.edited.insert(at.into());
                }
                (unit, replaces, clear_first)
            }
            Need::Folder => {
                self.in_place.push(path);
                (path, false, true)
            }
        };
        self.clear_first |= clear_first;
        if self.units.last().is_none_or(|last| last.path != unit) {
            self.units.push(Unit {
                path: unit,
                replaces,
            });
        }
        self.writes.push(Write {
            wanted,
            replaces,
            unit: self.units.len() - 1,
        });
    }

    fn remove(
        &mut self,
        root: BorrowedFd<'_>,
        wanted: &'w [Wanted<'w>],
        claims: &Claims<'w>,
        stale: &[&'w str],
        force: bool,
    ) -> Result<(), Refused> {
        let verdicts: Vec<Vec<Verdict>> = stale
            .par_chunks(CHUNK)
            .map(|chunk| {
                let mut walker = Walker::new(root);
                chunk
                    .iter()
                    .map(|path| judge_stale(&mut walker, path, claims))
                    .collect()
            })
            .collect::<Result<_, Refused>>()?;
        for (path, verdict) in stale.iter().zip(verdicts.into_iter().flatten()) {
            match verdict {
                Verdict::Ours => self.removals.push(path),
                Verdict::Edited => {
                    if !force {
                        self.edited.insert((*path).into());
                    }
                    self.removals.push(path);
                }
                // Gone, or replaced by something that is not pikc's and not in its way.
                Verdict::Missing | Verdict::Foreign(_) => {}
            }
        }
        let kept: HashSet<&str> = folders_above(wanted.iter().map(|w| w.path));
        let left = folders_above(stale.iter().copied());
        self.folders = left
            .into_iter()
            .filter(|folder| !kept.contains(folder))
            .collect();
        // What is below a folder comes after it in order, so before it in reverse.
        self.folders.sort_unstable_by(|a, b| b.cmp(a));
        Ok(())
    }

    /// A folder in the place of a file must be removable: pikc's, with nothing in it but what is removed anyway.
    fn judge_folder(&mut self, root: BorrowedFd<'_>, path: &str) -> Result<(), Refused> {
        if self.folders.iter().all(|folder| *folder != path) {
            let what = Found::Folder.words();
            self.foreign.insert(InTheWay {
                path: path.into(),
                what,
            });
            return Ok(());
        }
        let refused = |errno| Refused::new(Doing::Read, path, errno);
        let mut walker = Walker::new(root);
        let Reached::Folder(folder) = walker.enter(path)? else {
            return Ok(());
        };
        for entry in Dir::read_from(folder).map_err(refused)? {
            let entry = entry.map_err(refused)?;
            let name = entry.file_name().to_string_lossy();
            let below = format!("{path}/{name}");
            if name == "." || name == ".." || self.removals.binary_search(&below.as_str()).is_ok() {
                continue;
            }
            let found = match entry.file_name().to_str() {
                Ok(name) => look(folder, name),
                // All of pikc's names are UTF-8.
                Err(_) => Ok(Found::Other),
            };
            match found.map_err(|errno| Refused::new(Doing::Read, &below, errno))? {
                Found::Missing => {}
                Found::Folder => self.judge_folder(root, &below)?,
                other => {
                    let what = other.words();
                    self.foreign.insert(InTheWay {
                        path: below.into(),
                        what,
                    });
                }
            }
        }
        Ok(())
    }
}

fn judge_stale<'w>(
    walker: &mut Walker<'_, 'w>,
    path: &'w str,
    claims: &Claims<'w>,
) -> Result<Verdict, Refused> {
    let (folder, name) = split(path);
    let Reached::Folder(folder) = walker.enter(folder)? else {
        return Ok(Verdict::Missing);
    };
    let refused = |error| Refused::new(Doing::Read, path, error);
    let found = look(folder, name).map_err(|errno| refused(errno.into()))?;
    claims.judge(path, found).map_err(refused)
}

fn folders_above<'p>(paths: impl Iterator<Item = &'p str>) -> HashSet<&'p str> {
    let mut folders = HashSet::new();
    for path in paths {
        let mut folder = split(path).0;
        while !folder.is_empty() && folders.insert(folder) {
            folder = split(folder).0;
        }
    }
    folders
}
