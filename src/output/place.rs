//! Walking a tree by open folders, never through a link.
//!
//! Each folder is opened below the one before it, refusing links, so a link planted in the tree
//! can lead neither a read nor a write out of it. Paths come in order, so each folder is opened once.

use std::fs::File;
use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

use rustix::fs::{AtFlags, FileType, Mode, OFlags};
use rustix::io::Errno;

use super::before_change;
use super::error::{Doing, Refused};
use super::read::{Sort, Unread, bounded};

/// The mode of the folders in the tree. Exact, whatever the umask is.
const FOLDER_MODE: u32 = 0o755;

/// A way down from one folder, kept open for the next path.
pub(super) struct Walker<'r, 'p> {
    root: BorrowedFd<'r>,
    create: bool,
    device: Option<rustix::fs::Dev>,
    rungs: Vec<Rung<'p>>,
}

struct Rung<'p> {
    name: &'p str,
    state: State,
}

enum State {
    Open(OwnedFd),
    Missing,
    Blocked,
    OtherFileSystem,
}

/// How far down a path exists.
pub(super) enum Reached<'w> {
    /// To the end.
    Folder(BorrowedFd<'w>),
    /// Nothing is at `path[..end]`.
    Missing { end: usize },
    /// Something that is not a folder is at `path[..end]`, in this folder.
    Blocked { end: usize, parent: BorrowedFd<'w> },
    /// The folder at `path[..end]` is on another file system.
    OtherFileSystem { end: usize },
}

impl<'r, 'p> Walker<'r, 'p> {
    /// Walks what is there.
    pub(super) fn new(root: BorrowedFd<'r>) -> Self {
        Self {
            root,
            create: false,
            device: None,
            rungs: Vec::new(),
        }
    }

    /// Walks and creates what is missing.
    pub(super) fn creating(root: BorrowedFd<'r>) -> Self {
        Self {
            create: true,
            ..Self::new(root)
        }
    }

    /// Walks to a folder, given by its path below the root ("" for the root).
    pub(super) fn enter(&mut self, folder: &'p str) -> Result<Reached<'_>, Refused> {
        let (mut depth, mut end) = (0, 0);
        for name in folder.split('/').filter(|name| !name.is_empty()) {
            end += name.len() + usize::from(depth > 0);
            if self.rungs.get(depth).is_none_or(|rung| rung.name != name) {
                self.rungs.truncate(depth);
                let state = self
                    .open(name)
                    .map_err(|(doing, errno)| Refused::new(doing, &folder[..end], errno))?;
                self.rungs.push(Rung { name, state });
            }
            match self.rungs[depth].state {
                State::Open(_) => depth += 1,
                State::Missing => return Ok(Reached::Missing { end }),
                State::OtherFileSystem => return Ok(Reached::OtherFileSystem { end }),
                State::Blocked => {
                    let parent = self.folder_at(depth);
                    return Ok(Reached::Blocked { end, parent });
                }
            }
        }
        self.rungs.truncate(depth);
        Ok(Reached::Folder(self.folder_at(depth)))
    }

    fn folder_at(&self, depth: usize) -> BorrowedFd<'_> {
        match depth.checked_sub(1).map(|above| &self.rungs[above].state) {
            Some(State::Open(folder)) => folder.as_fd(),
            _ => self.root,
        }
    }

    fn open(&mut self, name: &str) -> Result<State, (Doing, Errno)> {
        let parent = self.folder_at(self.rungs.len());
        if self.create {
            return make_folder(parent, name, FOLDER_MODE)
                .map(State::Open)
                .map_err(|errno| (Doing::MakeFolder, errno));
        }
        let read = |errno| (Doing::Read, errno);
        match open_folder(parent, name) {
            Ok(folder) => {
                let home = match self.device {
                    Some(home) => home,
                    None => rustix::fs::fstat(self.root).map_err(read)?.st_dev,
                };
                self.device = Some(home);
                if rustix::fs::fstat(&folder).map_err(read)?.st_dev == home {
                    Ok(State::Open(folder))
                } else {
                    Ok(State::OtherFileSystem)
                }
            }
            Err(Errno::NOENT) => Ok(State::Missing),
            Err(Errno::NOTDIR | Errno::LOOP) => Ok(State::Blocked),
            Err(errno) => Err(read(errno)),
        }
    }
}

/// Opens a folder; a link to one is refused.
pub(super) fn open_folder(parent: BorrowedFd<'_>, name: &str) -> rustix::io::Result<OwnedFd> {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    rustix::fs::openat(parent, name, flags, Mode::empty())
}

/// Creates a folder of exactly this mode, or opens the one that is there.
pub(super) fn make_folder(
    parent: BorrowedFd<'_>,
    name: &str,
    mode: u32,
) -> rustix::io::Result<OwnedFd> {
    before_change()?;
    match rustix::fs::mkdirat(parent, name, Mode::from_raw_mode(mode)) {
        Ok(()) | Err(Errno::EXIST) => {}
        Err(errno) => return Err(errno),
    }
    let folder = open_folder(parent, name)?;
    exact_mode(folder.as_fd(), mode)?;
    Ok(folder)
}

/// Sets the mode of an open file or folder if the umask, or a default of its folder, removed bits.
pub(super) fn exact_mode(file: BorrowedFd<'_>, mode: u32) -> rustix::io::Result<()> {
    let is = rustix::fs::fstat(file)?.st_mode;
    if is & 0o777 == mode {
        return Ok(());
    }
    // What a folder inherits (its group's bit) stays.
    rustix::fs::fchmod(file, Mode::from_raw_mode(is & 0o7000 | mode))
}

/// What is at a name.
pub(super) enum Found {
    Missing,
    File { file: OwnedFd, size: u64, mode: u32 },
    Link(Vec<u8>),
    Folder,
    Other,
}

impl Found {
    pub(super) fn words(&self) -> &'static str {
        match self {
            Self::Missing => "nothing",
            Self::File { .. } => "a file",
            Self::Link(_) => "a symbolic link",
            Self::Folder => "a folder",
            Self::Other => "neither file nor folder",
        }
    }
}

/// Examines a name without following a link or waiting for a pipe.
pub(super) fn look(folder: BorrowedFd<'_>, name: &str) -> rustix::io::Result<Found> {
    let flags =
        OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC;
    let file = match rustix::fs::openat(folder, name, flags, Mode::empty()) {
        Ok(file) => file,
        Err(Errno::NOENT) => return Ok(Found::Missing),
        Err(Errno::LOOP) => return read_link(folder, name),
        Err(errno) => {
            // Not readable, or a socket: its kind is known without opening it.
            let stat = rustix::fs::statat(folder, name, AtFlags::SYMLINK_NOFOLLOW)?;
            return match FileType::from_raw_mode(stat.st_mode) {
                FileType::RegularFile => Err(errno),
                FileType::Directory => Ok(Found::Folder),
                FileType::Symlink => read_link(folder, name),
                _ => Ok(Found::Other),
            };
        }
    };
    let stat = rustix::fs::fstat(&file)?;
    Ok(match FileType::from_raw_mode(stat.st_mode) {
        FileType::RegularFile => Found::File {
            file,
            size: u64::try_from(stat.st_size).unwrap_or_default(),
            mode: stat.st_mode & 0o7777,
        },
        FileType::Directory => Found::Folder,
        _ => Found::Other,
    })
}

fn read_link(folder: BorrowedFd<'_>, name: &str) -> rustix::io::Result<Found> {
    match rustix::fs::readlinkat(folder, name, Vec::new()) {
        Ok(target) => Ok(Found::Link(target.into_bytes())),
        Err(Errno::NOENT) => Ok(Found::Missing),
        Err(errno) => Err(errno),
    }
}

/// Examines a name that should be a link: one call if it is.
pub(super) fn look_for_link(folder: BorrowedFd<'_>, name: &str) -> rustix::io::Result<Found> {
    match read_link(folder, name) {
        Err(Errno::INVAL) => look(folder, name),
        found => found,
    }
}

/// The folder part and the name of a path.
pub(super) fn split(path: &str) -> (&str, &str) {
    path.rsplit_once('/').unwrap_or(("", path))
}

pub(super) fn read_all(file: OwnedFd) -> io::Result<Vec<u8>> {
    bounded(File::from(file), Sort::Tree).map_err(|why| match why {
        Unread::Io(error) => error,
        why => io::Error::other(why.to_string()),
    })
}
