//! The workshop below the output folder: new contents are written there, on the same file system.
//!
//! Each unit of the plan is built under its number in `.pikc/stage/`: a file, a link, or a whole
//! folder. So the first write of a tree costs one rename for each of its top-level folders, not one
//! for each file.
//!
//! No file is synced to the disk. Against a kill, the order of the calls is enough, as the kernel
//! keeps what it was told. A power cut can lose the end of a write or leave new files empty; syncing
//! 80,000 files would cost minutes to narrow that. Instead each run compares every byte, treats an
//! empty file that pikc wrote as its own, and adopts files that are exactly as it would write them.

use std::io::Write as _;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::sync::atomic::{AtomicUsize, Ordering};

use rayon::prelude::*;
use rustix::fs::{AtFlags, Dir, FileType, Mode, OFlags};
use rustix::io::Errno;

use super::error::{Doing, Refused};
use super::manifest::Manifest;
use super::place::{
    Found, Reached, Walker, exact_mode, look, make_folder, open_folder, read_all, split,
};
use super::survey::{CHUNK, WritePlan};
use super::{MANIFEST, WORKSHOP, before_change};
use crate::render::Entry;

const STAGE: &str = "stage";
const PENDING: &str = "pending-";

/// The workshop of the write that is under way.
pub(super) struct Workshop {
    folder: OwnedFd,
    stage: OwnedFd,
}

/// What an earlier write left: the manifests that it may have put in place in part.
#[derive(Default)]
pub(super) struct Leftovers {
    /// Whether it left anything at all.
    pub any: bool,
    /// Its pending manifests.
    pub pending: Vec<Manifest>,
    /// The highest number among them.
    last: u32,
}

/// Reads what an earlier write left. `Err(Ok(what))`: something else is there.
pub(super) fn leftovers(root: BorrowedFd<'_>) -> Result<Leftovers, Result<&'static str, Refused>> {
    let refused = |errno| Err(Refused::new(Doing::Read, WORKSHOP, errno));
    match look(root, WORKSHOP).map_err(refused)? {
        Found::Missing => return Ok(Leftovers::default()),
        Found::Folder => {}
        other => return Err(Ok(other.words())),
    }
    let folder = open_folder(root, WORKSHOP).map_err(refused)?;
    let mut left = Leftovers::default();
    let names = names(folder.as_fd()).map_err(refused)?;
    // Someone else may keep something there.
    left.any = names.is_empty()
        || names
            .iter()
            .any(|name| name == STAGE || number(name).is_some());
    for name in names {
        let Some(number) = number(&name) else {
            continue;
        };
        left.last = left.last.max(number);
        let Found::File { file, .. } = look(folder.as_fd(), &name).map_err(refused)? else {
            continue;
        };
        let text = read_all(file).map_err(|error| {
            Err(Refused::new(
                Doing::Read,
                format!("{WORKSHOP}/{name}"),
                error,
            ))
        })?;
        // Renamed into place when complete, so only a power cut leaves one that cannot be read.
        // Then it proves nothing, and the files that it would have listed are reported as in the way.
        left.pending.extend(Manifest::parse(&text));
    }
    Ok(left)
}

fn names(folder: BorrowedFd<'_>) -> rustix::io::Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in Dir::read_from(folder)? {
        let name = entry?.file_name().to_string_lossy().into_owned();
        if name != "." && name != ".." {
            names.push(name);
        }
    }
    Ok(names)
}

/// The number of a pending manifest, from its name.
fn number(name: &str) -> Option<u32> {
    let number = name.strip_prefix(PENDING)?.strip_suffix(".json")?;
    number.parse().ok()
}

impl Workshop {
    /// Creates the workshop, or takes over that of a write that was cut short, and clears its stage.
    pub(super) fn open(root: BorrowedFd<'_>) -> Result<Self, Refused> {
        let refused = |errno| Refused::new(Doing::MakeFolder, WORKSHOP, errno);
        let folder = make_folder(root, WORKSHOP, 0o700).map_err(refused)?;
        clear(folder.as_fd(), STAGE)
            .map_err(|errno| Refused::new(Doing::Remove, WORKSHOP, errno))?;
        let stage = make_folder(folder.as_fd(), STAGE, 0o700).map_err(refused)?;
        Ok(Self { folder, stage })
    }

    /// Builds every unit of the plan. `progress` is told how many paths are done, of how many.
    pub(super) fn stage(
        &self,
        plan: &WritePlan<'_>,
        progress: &(dyn Fn(usize, usize) + Sync),
    ) -> Result<(), Refused> {
        let done = AtomicUsize::new(0);
        plan.writes.par_chunks(CHUNK).try_for_each(|chunk| {
            let places: Vec<_> = chunk
                .iter()
                .map(|write| {
                    let below = &write.wanted.path[plan.units[write.unit].path.len()..];
                    format!("{}{below}", write.unit)
                })
                .collect();
            let mut walker = Walker::creating(self.stage.as_fd());
            for (write, place) in chunk.iter().zip(&places) {
                let (folder, name) = split(place);
                let path = write.wanted.path;
                let refused = |error| Refused::new(Doing::Write, path, error);
                let Reached::Folder(folder) = walker.enter(folder).map_err(|error| Refused {
                    path: path.to_owned(),
                    ..error
                })?
                else {
                    return Err(refused(Errno::NOTDIR.into()));
                };
                match write.wanted.entry {
                    Entry::File(file) => make_file(folder, name, &file.content.pieces(), file.mode),
                    Entry::Link(target) => make_link(folder, name, target.as_str()),
                }
                .map_err(refused)?;
            }
            let before = done.fetch_add(chunk.len(), Ordering::Relaxed);
            progress(before + chunk.len(), plan.writes.len());
            Ok(())
        })
    }

    /// Makes the new manifest pending: from here on, both hashes of a path are pikc's. Its name.
    pub(super) fn announce(&self, manifest: &str, left: &Leftovers) -> Result<String, Refused> {
        let name = format!("{PENDING}{}.json", left.last + 1);
        let refused = |error| Refused::new(Doing::Write, MANIFEST, error);
        make_file(self.stage.as_fd(), MANIFEST, &[manifest.as_bytes()], 0o644).map_err(refused)?;
        before_change()
            .and_then(|()| rustix::fs::renameat(&self.stage, MANIFEST, &self.folder, &name))
            .map_err(|errno| refused(errno.into()))?;
        Ok(name)
    }

    /// Moves every unit of the plan into its place.
    pub(super) fn place(&self, root: BorrowedFd<'_>, plan: &WritePlan<'_>) -> Result<(), Refused> {
        let mut walker = Walker::new(root);
        for (number, unit) in plan.units.iter().enumerate() {
            let refused = |errno| Refused::new(Doing::Place, unit.path, errno);
            let (folder, name) = split(unit.path);
            let Reached::Folder(folder) = walker.enter(folder)? else {
                return Err(refused(Errno::NOTDIR));
            };
            let staged = number.to_string();
            before_change().map_err(refused)?;
            let moved = if unit.replaces {
                rustix::fs::renameat(&self.stage, &staged, folder, name)
            } else {
                move_to_free_place(self.stage.as_fd(), &staged, folder, name)
            };
            moved.map_err(refused)?;
        }
        Ok(())
    }

    /// Makes the pending manifest the manifest.
    pub(super) fn finish(&self, root: BorrowedFd<'_>, pending: &str) -> Result<(), Refused> {
        before_change()
            .and_then(|()| rustix::fs::renameat(&self.folder, pending, root, MANIFEST))
            .map_err(|errno| Refused::new(Doing::Place, MANIFEST, errno))
    }
}

/// Removes the stage after a refusal, and the workshop unless it holds a pending manifest. What
/// cannot be removed is left to the next run.
pub(super) fn abandon(root: BorrowedFd<'_>) {
    if let Ok(folder) = open_folder(root, WORKSHOP) {
        let _ = clear(folder.as_fd(), STAGE);
    }
    let _ = rustix::fs::unlinkat(root, WORKSHOP, AtFlags::REMOVEDIR);
}

/// Removes the workshop, pending manifests last, so that what is known is known to the end.
pub(super) fn tidy(root: BorrowedFd<'_>) -> Result<(), Refused> {
    let refused = |errno| Refused::new(Doing::Remove, WORKSHOP, errno);
    let folder = match open_folder(root, WORKSHOP) {
        Ok(folder) => folder,
        Err(Errno::NOENT) => return Ok(()),
        Err(errno) => return Err(refused(errno)),
    };
    clear(folder.as_fd(), STAGE).map_err(refused)?;
    for name in names(folder.as_fd()).map_err(refused)? {
        if number(&name).is_some() {
            clear(folder.as_fd(), &name).map_err(refused)?;
        }
    }
    before_change().map_err(refused)?;
    match rustix::fs::unlinkat(root, WORKSHOP, AtFlags::REMOVEDIR) {
        // Someone keeps something there; it is not pikc's to remove.
        Ok(()) | Err(Errno::NOTEMPTY | Errno::EXIST | Errno::NOENT) => Ok(()),
        Err(errno) => Err(refused(errno)),
    }
}

/// Removes what the plan says, then the folders that this leaves empty.
pub(super) fn remove(root: BorrowedFd<'_>, plan: &WritePlan<'_>) -> Result<(), Refused> {
    let mut walker = Walker::new(root);
    let all = (plan.removals.iter().map(|path| (path, AtFlags::empty())))
        .chain(plan.folders.iter().map(|path| (path, AtFlags::REMOVEDIR)));
    for (path, flags) in all {
        let (folder, name) = split(path);
        let Reached::Folder(folder) = walker.enter(folder)? else {
            continue;
        };
        let refused = |errno| Refused::new(Doing::Remove, *path, errno);
        before_change().map_err(refused)?;
        match rustix::fs::unlinkat(folder, name, flags) {
            Ok(()) | Err(Errno::NOENT) => {}
            Err(Errno::NOTEMPTY | Errno::EXIST | Errno::NOTDIR) if !flags.is_empty() => {}
            Err(errno) => return Err(refused(errno)),
        }
    }
    Ok(())
}

/// Creates a file of exactly this mode; one for a secret is closed to others from its first byte.
fn make_file(
    folder: BorrowedFd<'_>,
    name: &str,
    pieces: &[&[u8]],
    mode: u32,
) -> std::io::Result<()> {
    let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    before_change()?;
    let file = rustix::fs::openat(folder, name, flags, Mode::from_raw_mode(mode))?;
    before_change()?;
    let mut file = std::fs::File::from(file);
    for piece in pieces {
        file.write_all(piece)?;
    }
    exact_mode(file.as_fd(), mode)?;
    Ok(())
}

fn make_link(folder: BorrowedFd<'_>, name: &str, target: &str) -> std::io::Result<()> {
    before_change()?;
    Ok(rustix::fs::symlinkat(target, folder, name)?)
}

/// Renames to a place that was free a moment ago, and refuses if it no longer is.
fn move_to_free_place(
    from: BorrowedFd<'_>,
    name: &str,
    folder: BorrowedFd<'_>,
    to: &str,
) -> rustix::io::Result<()> {
    #[cfg(any(target_os = "linux", target_os = "android", target_vendor = "apple"))]
    {
        use rustix::fs::RenameFlags;
        match rustix::fs::renameat_with(from, name, folder, to, RenameFlags::NOREPLACE) {
            // Some file systems cannot refuse this themselves.
            Err(Errno::INVAL | Errno::NOSYS | Errno::OPNOTSUPP) => {}
            moved => return moved,
        }
    }
    match rustix::fs::statat(folder, to, AtFlags::SYMLINK_NOFOLLOW) {
        Err(Errno::NOENT) => rustix::fs::renameat(from, name, folder, to),
        Ok(_) => Err(Errno::EXIST),
        Err(errno) => Err(errno),
    }
}

/// Removes what is at a name, with all below it; follows no link.
fn clear(parent: BorrowedFd<'_>, name: &str) -> rustix::io::Result<()> {
    before_change()?;
    match rustix::fs::unlinkat(parent, name, AtFlags::empty()) {
        Ok(()) | Err(Errno::NOENT) => return Ok(()),
        // Linux and others report a folder with different errors.
        Err(Errno::ISDIR | Errno::PERM) => {}
        Err(errno) => return Err(errno),
    }
    let folder = open_folder(parent, name)?;
    let mut below = Vec::new();
    for entry in Dir::read_from(&folder)? {
        let entry = entry?;
        if entry.file_name() != c"." && entry.file_name() != c".." {
            below.push((entry.file_name().to_owned(), entry.file_type()));
        }
    }
    for (name, kind) in below {
        before_change()?;
        match kind {
            FileType::RegularFile | FileType::Symlink => {
                rustix::fs::unlinkat(&folder, &name, AtFlags::empty())?;
            }
            _ => clear(folder.as_fd(), &name.to_string_lossy())?,
        }
    }
    before_change()?;
    rustix::fs::unlinkat(parent, name, AtFlags::REMOVEDIR)
}
