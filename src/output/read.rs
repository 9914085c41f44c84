//! The one place where a file from outside is read: a spec, a secrets file, a library folder, an earlier tree, a card.
//!
//! In: a path that someone named, and what is wanted there. Out: the bytes, or why not. A pipe without a writer would block, and
//! a device would be read until memory runs out; so what is opened is checked before a byte is read, and of each kind of file no
//! more is read than such a file can have. The check is on the open file: what the name refers to can change in between.

use std::fmt;
use std::fs::File;
use std::io::{self, Read};
use std::os::fd::{AsFd, OwnedFd};
use std::path::{Component, Path, PathBuf};

use camino::{Utf8Path, Utf8PathBuf};
use rustix::fs::{FileType, Mode, OFlags};

/// What is wanted, which sets how much of it is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sort {
    /// A spec, or one that it uses: the language's own limit is 8 MiB, and what is above it gets a report.
    Spec,
    /// A manifest or a file for kubeadm: upstream's largest, all of a CNI's definitions, has 2 MiB.
    Manifest,
    /// The values of secrets: a line for each.
    Secrets,
    /// A file of a library folder: the largest of the standard library's own has 100 KiB.
    Library,
    /// `pikc.json`: 300 bytes for each file of the tree, and 10,000 machines have 200,000 files.
    List,
    /// A file of an output tree: 10,000 machines' `README.md` or an image of cloud-init's files.
    Tree,
    /// A file of a card's boot partition that is edited or compared.
    Card,
    /// An archive from upstream: the largest has less than a megabyte.
    Vendored,
    /// What is piped in if a few lines are wanted.
    Lines,
}

impl Sort {
    /// The most that is read.
    pub fn most(self) -> u64 {
        match self {
            Self::Spec | Self::Manifest => 16 << 20,
            Self::Secrets | Self::Lines => 1 << 20,
            Self::Library => 4 << 20,
            Self::List | Self::Tree => 256 << 20,
            Self::Card => 16 << 20,
            Self::Vendored => 32 << 20,
        }
    }
}

/// Why a file was not read.
#[derive(Debug)]
pub enum Unread {
    /// The operating system refused.
    Io(io::Error),
    /// It is not a regular file.
    NoFile(&'static str),
    /// It has more bytes than are read of its sort.
    TooLarge(u64),
    /// It is not below this folder, or a link leads out of it.
    Outside(Utf8PathBuf),
    /// A link leads from a name with one ending to a file with another.
    OtherEnding,
}

impl fmt::Display for Unread {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Io(error) => f.write_str(&words(error)),
            Self::NoFile(what) => write!(f, "it is {what}, not a regular file"),
            Self::TooLarge(most) => write!(f, "it has more than {} MiB", most >> 20),
            Self::Outside(root) => write!(
                f,
                "it is not below `{root}`, the folder that the spec may read (`--root FOLDER` names another)"
            ),
            Self::OtherEnding => f.write_str("it is a link to a file of another kind"),
        }
    }
}

impl From<io::Error> for Unread {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

impl From<rustix::io::Errno> for Unread {
    fn from(errno: rustix::io::Errno) -> Self {
        Self::Io(errno.into())
    }
}

/// The operating system's reason in plain words.
pub fn words(error: &io::Error) -> String {
    use io::ErrorKind;
    match error.kind() {
        ErrorKind::NotFound => "there is no such file".to_owned(),
        ErrorKind::PermissionDenied => "permission is denied".to_owned(),
        ErrorKind::IsADirectory => "it is a folder".to_owned(),
        ErrorKind::NotADirectory => "a part of its path is not a folder".to_owned(),
        _ => error.to_string(),
    }
}

/// A file that was read, and its mode.
#[derive(Debug)]
pub struct Found {
    /// What is in it.
    pub bytes: Vec<u8>,
    /// Its mode; nothing for a pipe of the caller's own.
    pub mode: Option<u32>,
}

/// Opening never blocks, and makes no terminal the controlling one of this process.
const FLAGS: OFlags = OFlags::RDONLY
    .union(OFlags::NONBLOCK)
    .union(OFlags::NOCTTY)
    .union(OFlags::CLOEXEC);

/// Reads the file that the command line names, links followed. A pipe that the caller holds open (`--secrets <(pass show home)`)
/// is as good as a file.
pub fn read(path: &Utf8Path, sort: Sort) -> Result<Found, Unread> {
    let file = rustix::fs::open(path.as_std_path(), FLAGS, Mode::empty())?;
    let own = path.starts_with("/dev/fd") || path.starts_with("/proc/self/fd");
    regular(file, sort, own)
}

/// The same, but without following links, which pikc does not create there: `pikc.json`, the files of a card.
pub fn read_no_link(path: &Utf8Path, sort: Sort) -> Result<Found, Unread> {
    let flags = FLAGS.union(OFlags::NOFOLLOW);
    match rustix::fs::open(path.as_std_path(), flags, Mode::empty()) {
        Ok(file) => regular(file, sort, false),
        Err(rustix::io::Errno::LOOP) => Err(Unread::NoFile("a link")),
        Err(errno) => Err(errno.into()),
    }
}

/// Reads a file that a spec names: below `root`, and with the ending of the name, wherever links lead.
pub fn read_beneath(root: &Utf8Path, path: &Utf8Path, sort: Sort) -> Result<Found, Unread> {
    let (full, below) = beneath(root, path)?;
    walk(&full, &below, sort).map_err(|error| match error {
        // Someone put a link there in the meantime.
        Unread::Io(error)
            if error.raw_os_error() == Some(rustix::io::Errno::LOOP.raw_os_error()) =>
        {
            Unread::Outside(named(root).to_owned())
        }
        other => other,
    })
}

/// Whether [`read_beneath`] may read there. A file that does not exist is refused for that reason only if it would be below the folder.
pub fn is_beneath(root: &Utf8Path, path: &Utf8Path) -> Result<(), Unread> {
    beneath(root, path).map(|_| ())
}

/// The current folder has an empty path.
fn named(folder: &Utf8Path) -> &Utf8Path {
    match folder.as_str() {
        "" => Utf8Path::new("."),
        _ => folder,
    }
}

/// The folder without links, and the file's path below it.
fn beneath(root: &Utf8Path, path: &Utf8Path) -> Result<(Utf8PathBuf, PathBuf), Unread> {
    let root = named(root);
    let full = root.canonicalize_utf8()?;
    let outside = || Unread::Outside(root.to_owned());
    let real = match path.canonicalize() {
        Ok(real) => real,
        // Nor does it say whether there is such a file elsewhere.
        Err(error) => {
            let nearest = path
                .ancestors()
                .skip(1)
                .find_map(|above| named(above).canonicalize().ok());
            let inside = nearest.is_some_and(|nearest| nearest.starts_with(&full));
            return Err(match inside && !path.is_symlink() {
                true => error.into(),
                false => outside(),
            });
        }
    };
    let below = real.strip_prefix(&full).map_err(|_| outside())?;
    if real.extension() != path.as_std_path().extension() {
        return Err(Unread::OtherEnding);
    }
    let below = below.to_owned();
    Ok((full, below))
}

/// Goes down from a folder without following a link.
fn walk(root: &Utf8Path, below: &Path, sort: Sort) -> Result<Found, Unread> {
    let folder = OFlags::RDONLY
        .union(OFlags::DIRECTORY)
        .union(OFlags::CLOEXEC)
        .union(OFlags::NOFOLLOW);
    let mut at: OwnedFd = rustix::fs::open(root.as_std_path(), folder, Mode::empty())?;
    let mut parts = below.components().peekable();
    while let Some(part) = parts.next() {
        let Component::Normal(name) = part else {
            continue;
        };
        let last = parts.peek().is_none();
        let flags = if last {
            FLAGS.union(OFlags::NOFOLLOW)
        } else {
            folder
        };
        at = rustix::fs::openat(at.as_fd(), name, flags, Mode::empty())?;
    }
    regular(at, sort, false)
}

/// Reads an open file, if it is one and has a size that such files have.
fn regular(file: OwnedFd, sort: Sort, own_pipe: bool) -> Result<Found, Unread> {
    let look = rustix::fs::fstat(&file)?;
    let what = match FileType::from_raw_mode(look.st_mode) {
        FileType::RegularFile => None,
        FileType::Directory => return Err(io::Error::from(io::ErrorKind::IsADirectory).into()),
        FileType::Fifo if own_pipe => {
            // Its writer is running.
            rustix::fs::fcntl_setfl(&file, OFlags::empty())?;
            return Ok(Found {
                bytes: bounded(File::from(file), sort)?,
                mode: None,
            });
        }
        FileType::Fifo => Some("a named pipe"),
        FileType::CharacterDevice | FileType::BlockDevice => Some("a device"),
        _ => Some("neither file nor folder"),
    };
    if let Some(what) = what {
        return Err(Unread::NoFile(what));
    }
    if u64::try_from(look.st_size).is_ok_and(|size| size > sort.most()) {
        return Err(Unread::TooLarge(sort.most()));
    }
    Ok(Found {
        bytes: bounded(File::from(file), sort)?,
        mode: Some(look.st_mode & 0o7777),
    })
}

/// Everything from an open stream, if it ends in time.
pub fn bounded(stream: impl Read, sort: Sort) -> Result<Vec<u8>, Unread> {
    let mut bytes = Vec::new();
    stream.take(sort.most() + 1).read_to_end(&mut bytes)?;
    match bytes.len() as u64 > sort.most() {
        true => Err(Unread::TooLarge(sort.most())),
        false => Ok(bytes),
    }
}
