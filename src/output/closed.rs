//! A file that only its owner may read, replaced whole: the encrypted file of a cluster's secrets.
//!
//! Its folder is locked from before the file is read until it is replaced, so two changes at once cannot lose one. Killed at any
//! moment, the file is the old one or the new one; what a killed run left next to it is removed by the next.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};

use camino::{Utf8Path, Utf8PathBuf};

/// The file's mode, from its first byte.
const MODE: u32 = 0o600;

/// A place for such a file, locked.
pub struct Closed {
    path: Utf8PathBuf,
    folder: File,
}

impl Closed {
    /// Locks the folder of a file, which need not exist yet. A link is followed: the file that it points to is replaced.
    pub fn lock(path: &Utf8Path) -> io::Result<Self> {
        let path = match path.canonicalize_utf8() {
            Ok(real) => real,
            Err(error) if error.kind() == io::ErrorKind::NotFound => path.to_owned(),
            Err(error) => return Err(error),
        };
        let folder = match path.parent().map(Utf8Path::as_str) {
            None | Some("") => File::open(".")?,
            Some(parent) => File::open(parent)?,
        };
        // Some file systems have no locks; there the user has to run one command at a time anyway.
        let _ = folder.lock();
        Ok(Self { path, folder })
    }

    /// Puts a text there, whole or not at all.
    pub fn replace(&self, text: &str) -> io::Result<()> {
        let name = self.path.file_name().unwrap_or("secrets");
        let new = self.path.with_file_name(format!(".{name}.pikc-new"));
        match fs::remove_file(&new) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let written = OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(MODE)
            .open(&new)
            .and_then(|mut file| {
                file.set_permissions(fs::Permissions::from_mode(MODE))?;
                file.write_all(text.as_bytes())?;
                file.sync_all()
            })
            .and_then(|()| fs::rename(&new, &self.path));
        if written.is_err() {
            let _ = fs::remove_file(&new);
        }
        written.and_then(|()| self.folder.sync_all())
    }
}
