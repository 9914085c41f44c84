//! The output folder itself: opened, created if need be, and locked.

use std::fs::{DirBuilder, File, TryLockError};
use std::io;
use std::os::unix::fs::MetadataExt as _;

use camino::Utf8Path;

use super::error::{Doing, Left, OutputError, Refused};

/// The output folder, open.
pub(super) struct Root {
    pub folder: File,
    /// Whether it was created just now.
    pub made: bool,
    /// Whether it is locked; some file systems cannot.
    pub locked: bool,
}

/// Opens and locks the folder. To write: exclusively, and created if it is missing. To compare: together
/// with other readers. Nothing if it is missing and is not to be created.
pub(super) fn open(
    dir: &Utf8Path,
    to_write: bool,
    on_wait: Option<&(dyn Fn() + Sync)>,
) -> Result<Option<Root>, OutputError> {
    let dir = if dir.as_str().is_empty() {
        Utf8Path::new(".")
    } else {
        dir
    };
    loop {
        let Some((folder, made)) = open_root(dir, to_write)? else {
            return Ok(None);
        };
        let locked = lock(&folder, to_write, on_wait);
        // Removed while this run waited, by another that created it and failed: start again.
        let id = |meta: std::fs::Metadata| (meta.dev(), meta.ino());
        let here = std::fs::metadata(dir).map(id).ok();
        if here.is_some() && here == folder.metadata().map(id).ok() {
            return Ok(Some(Root {
                folder,
                made,
                locked,
            }));
        }
    }
}

fn open_root(dir: &Utf8Path, make: bool) -> Result<Option<(File, bool)>, OutputError> {
    let refused = |doing, error| Refused::new(doing, "", error).left(dir, Left::Untouched);
    let not_a_folder = || OutputError::NotAFolder {
        path: dir.to_owned(),
    };
    let root = match File::open(dir) {
        Ok(root) => root,
        Err(error) if error.kind() == io::ErrorKind::NotFound && !dir.is_symlink() => {
            let parent = dir.parent().filter(|parent| !parent.as_str().is_empty());
            if let Some(parent) = parent.filter(|parent| !parent.exists()) {
                return Err(OutputError::NoParent {
                    dir: dir.to_owned(),
                    parent: parent.to_owned(),
                });
            }
            if !make {
                return Ok(None);
            }
            return match DirBuilder::new().create(dir) {
                Ok(()) => match File::open(dir) {
                    Ok(root) => Ok(Some((root, true))),
                    Err(error) => Err(refused(Doing::Read, error)),
                },
                // Another compile created it in between.
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => open_root(dir, make),
                Err(error) => Err(refused(Doing::MakeFolder, error)),
            };
        }
        Err(error) if error.kind() == io::ErrorKind::NotADirectory => {
            let file = dir.ancestors().skip(1).find(|above| above.is_file());
            let path = file.unwrap_or(dir).to_owned();
            return Err(OutputError::NotAFolder { path });
        }
        Err(_) if dir.is_file() || dir.is_symlink() && !dir.exists() => return Err(not_a_folder()),
        Err(error) => return Err(refused(Doing::Read, error)),
    };
    match root.metadata() {
        Ok(meta) if meta.is_dir() => Ok(Some((root, false))),
        Ok(_) => Err(not_a_folder()),
        Err(error) => Err(refused(Doing::Read, error)),
    }
}

/// Locks the folder itself, so that no file is left over for it: exclusively to write, shared to
/// compare. Whether the file system could.
fn lock(root: &File, alone: bool, on_wait: Option<&(dyn Fn() + Sync)>) -> bool {
    let tried = if alone {
        root.try_lock()
    } else {
        root.try_lock_shared()
    };
    match tried {
        Ok(()) => true,
        Err(TryLockError::WouldBlock) => {
            if let Some(on_wait) = on_wait {
                on_wait();
            }
            let waited = if alone {
                root.lock()
            } else {
                root.lock_shared()
            };
            waited.is_ok()
        }
        Err(TryLockError::Error(_)) => false,
    }
}
