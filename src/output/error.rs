//! What can go wrong when a tree is written: the data, and sentences that say what to do.

use std::fmt;
use std::io;

use camino::{Utf8Path, Utf8PathBuf};

/// Why nothing was written, or why a write stopped.
#[derive(Debug)]
pub enum OutputError {
    /// The output folder, or what should hold it, is not a folder.
    NotAFolder {
        /// What is not a folder.
        path: Utf8PathBuf,
    },
    /// The folder that should hold the output folder does not exist.
    NoParent {
        /// The output folder.
        dir: Utf8PathBuf,
        /// The folder that is missing.
        parent: Utf8PathBuf,
    },
    /// Files that are not pikc's, or were edited since it wrote them, are where it would write or
    /// remove. Nothing was touched.
    InTheWay {
        /// The output folder.
        dir: Utf8PathBuf,
        /// What pikc did not write; in order.
        foreign: Vec<InTheWay>,
        /// What pikc wrote and someone edited; in order, and empty when edits may be overwritten.
        edited: Vec<Utf8PathBuf>,
    },
    /// The manifest that is there cannot be trusted, so pikc cannot know which files are its own.
    Manifest {
        /// The manifest.
        path: Utf8PathBuf,
        /// What is wrong with it.
        fault: ManifestFault,
    },
    /// A folder of the tree is on another file system, so no file can be renamed into it.
    OtherFileSystem {
        /// That folder.
        path: Utf8PathBuf,
    },
    /// The rendered tree contradicts itself: a bug in pikc.
    Tree(TreeFault),
    /// The system refused.
    Io {
        /// What was being done.
        doing: Doing,
        /// To what.
        path: Utf8PathBuf,
        /// The system's error.
        source: io::Error,
        /// What that leaves behind.
        left: Left,
    },
}

/// Something in the way that pikc did not write.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct InTheWay {
    /// Where, below the output folder.
    pub path: Utf8PathBuf,
    /// What it is: "a file", "a symbolic link", "a folder", "neither file nor folder".
    pub what: &'static str,
}

/// What is wrong with a manifest.
#[derive(Debug)]
pub enum ManifestFault {
    /// It is not a manifest; the reader's message.
    Unreadable(String),
    /// It is of a format that this pikc does not know.
    Format(u64),
    /// It lists a path that leads out of the folder or is written in an odd way.
    Path(String),
}

/// How a rendered tree can contradict itself.
#[derive(Debug)]
pub enum TreeFault {
    /// A path that is absolute, leads out, is not in plain form, or belongs to the manifest.
    Path(Utf8PathBuf),
    /// A file or link with other entries below it.
    FileAndFolder(Utf8PathBuf),
    /// A link that points to nothing in the tree, or to another link.
    Link {
        /// The link.
        path: Utf8PathBuf,
        /// Where it points.
        target: Utf8PathBuf,
    },
}

/// What was being done when the system refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Doing {
    /// Reading.
    Read,
    /// Creating a folder.
    MakeFolder,
    /// Writing a new file or link.
    Write,
    /// Moving it into its place.
    Place,
    /// Removing.
    Remove,
}

/// What a refused step leaves behind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Left {
    /// Everything as it was.
    Untouched,
    /// A write that the next run finishes or undoes.
    CutShort,
}

/// A refused step, before it is known what it leaves behind.
#[derive(Debug)]
pub(super) struct Refused {
    pub doing: Doing,
    /// Below the output folder.
    pub path: String,
    pub source: io::Error,
}

impl Refused {
    pub(super) fn new(doing: Doing, path: impl Into<String>, source: impl Into<io::Error>) -> Self {
        Self {
            doing,
            path: path.into(),
            source: source.into(),
        }
    }

    pub(super) fn left(self, dir: &Utf8Path, left: Left) -> OutputError {
        OutputError::Io {
            doing: self.doing,
            path: if self.path.is_empty() {
                dir.to_owned()
            } else {
                dir.join(self.path)
            },
            source: self.source,
            left,
        }
    }
}

impl fmt::Display for OutputError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotAFolder { path } => write!(
                f,
                "{path} is not a folder: name another output folder with -o, or move {path} away"
            ),
            Self::NoParent { dir, parent } => write!(
                f,
                "there is no folder {parent} for {dir}: create it first (mkdir -p {parent}), or name another output folder with -o"
            ),
            Self::InTheWay {
                dir,
                foreign,
                edited,
            } => in_the_way(f, dir, foreign, edited),
            Self::Manifest { path, fault } => match fault {
                ManifestFault::Format(format) => write!(
                    f,
                    "{path} is of format {format}, written by a newer pikc: use that one, or name another output folder with -o"
                ),
                ManifestFault::Unreadable(why) => write!(
                    f,
                    "{path} is not a list of files as pikc writes it ({why}), so pikc cannot tell which files are its own: restore it (from version control, if you keep the tree there), or move it away: pikc adopts files that are exactly as it would write them"
                ),
                ManifestFault::Path(listed) => write!(
                    f,
                    "{path} lists {listed:?}, which pikc never writes, so it cannot be trusted: restore it, or move it away: pikc adopts files that are exactly as it would write them"
                ),
            },
            Self::OtherFileSystem { path } => write!(
                f,
                "{path} is on another file system than the output folder, and files cannot be moved there in one step: name an output folder that is on one file system"
            ),
            Self::Tree(fault) => {
                write!(f, "this is a bug in pikc, nothing was written: {fault}")
            }
            Self::Io {
                doing,
                path,
                source,
                left,
            } => {
                write!(f, "cannot {doing} {path}: {}", reason(*doing, source))?;
                f.write_str(match left {
                    Left::Untouched => "; nothing was changed",
                    Left::CutShort => {
                        "; the write stopped halfway: fix the cause and run the same command again, it finishes what is left"
                    }
                })
            }
        }
    }
}

fn in_the_way(
    f: &mut fmt::Formatter<'_>,
    dir: &Utf8Path,
    foreign: &[InTheWay],
    edited: &[Utf8PathBuf],
) -> fmt::Result {
    let count = foreign.len() + edited.len();
    let (noun, verb) = if count == 1 {
        ("path", "is")
    } else {
        ("paths", "are")
    };
    writeln!(
        f,
        "{count} {noun} in {dir} {verb} not as pikc left them; nothing was changed:"
    )?;
    for InTheWay { path, what } in foreign {
        writeln!(f, "  {path}: {what} that pikc did not write")?;
    }
    for path in edited {
        writeln!(f, "  {path}: edited since pikc wrote it")?;
    }
    match (foreign.is_empty(), edited.is_empty()) {
        (true, _) => f.write_str("keep the edits by moving them away, or overwrite them with --force"),
        (false, true) => f.write_str("move what pikc did not write away, or name another output folder with -o"),
        (false, false) => f.write_str(
            "move what pikc did not write away, or name another output folder with -o; --force overwrites only what was edited",
        ),
    }
}

/// The system's error, in plainer words for the common cases.
fn reason(doing: Doing, source: &io::Error) -> String {
    match source.kind() {
        io::ErrorKind::StorageFull => "the disk is full: make room".to_owned(),
        io::ErrorKind::QuotaExceeded => "your quota on this disk is used up: make room".to_owned(),
        io::ErrorKind::ReadOnlyFilesystem => {
            "it is on a read-only file system: name another output folder with -o".to_owned()
        }
        io::ErrorKind::PermissionDenied if doing == Doing::Read => {
            "permission denied: run as the user who owns it, or name another output folder with -o"
                .to_owned()
        }
        io::ErrorKind::PermissionDenied => {
            "permission denied: name a folder that you may write to with -o".to_owned()
        }
        _ => source.to_string(),
    }
}

impl fmt::Display for Doing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Read => "read",
            Self::MakeFolder => "create the folder",
            Self::Write => "write",
            Self::Place => "move the new version into place at",
            Self::Remove => "remove",
        })
    }
}

impl fmt::Display for TreeFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Path(path) => write!(f, "{path} is not a path in the output folder"),
            Self::FileAndFolder(path) => write!(f, "{path} is both a file and a folder"),
            Self::Link { path, target } => {
                write!(
                    f,
                    "the link {path} leads to {target}, which is not a file or folder of the tree"
                )
            }
        }
    }
}

impl std::error::Error for OutputError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Io { source, .. } => Some(source),
            _ => None,
        }
    }
}
