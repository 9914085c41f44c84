//! Replacing a file of the user's: whole, or not at all.

use std::io::Write;
use std::os::unix::fs::PermissionsExt;

use camino::{Utf8Path, Utf8PathBuf};

use super::exit::Failure;
use crate::output::{self, Sort, Unread, words};

/// Gives a file another text. Its mode stays, and a link to it stays a link.
pub(in crate::cli) fn rewrite(path: &Utf8Path, text: &str) -> Result<(), Failure> {
    replace(path, text).map_err(|error| {
        Failure::environment(format!("`{path}` cannot be written: {}", words(&error)))
    })
}

fn replace(path: &Utf8Path, text: &str) -> std::io::Result<()> {
    // A link stays a link: the file that it points to changes.
    let path = path.canonicalize_utf8()?;
    let mode = std::fs::metadata(&path)?.permissions().mode();
    whole(&path, text, Some(mode))
}

/// Writes a file that pikc generates: a new one, or in place of one with a mark of ours. Any other file stays.
pub(in crate::cli) fn put(path: &Utf8Path, text: &str, marks: &[&str]) -> Result<(), Failure> {
    let failed = |why: &dyn std::fmt::Display| {
        Failure::environment(format!("`{path}` cannot be written: {why}"))
    };
    match output::read(path, Sort::Tree) {
        Ok(there) => {
            let there = String::from_utf8_lossy(&there.bytes);
            if !marks.iter().any(|mark| there.contains(mark)) {
                return Err(Failure::environment(format!(
                    "`{path}` exists, and pikc did not write it"
                ))
                .help("name another file, or move that one"));
            }
            rewrite(path, text)
        }
        Err(Unread::Io(error)) if error.kind() == std::io::ErrorKind::NotFound => {
            whole(path, text, None).map_err(|error| failed(&words(&error)))
        }
        Err(why) => Err(failed(&why)),
    }
}

/// Writes a file next to its place, then moves it there: no one sees half of it. Without a mode it has that of new files.
fn whole(path: &Utf8Path, text: &str, mode: Option<u32>) -> std::io::Result<()> {
    let name = path.file_name().unwrap_or("file");
    let new: Utf8PathBuf = path.with_file_name(format!(".{name}.pikc-new"));
    let written = std::fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .open(&new)
        .and_then(|mut file| {
            if let Some(mode) = mode {
                file.set_permissions(std::fs::Permissions::from_mode(mode))?;
            }
            file.write_all(text.as_bytes())?;
            file.sync_all()
        })
        .and_then(|()| std::fs::rename(&new, path));
    if let Err(error) = &written
        && error.kind() != std::io::ErrorKind::AlreadyExists
    {
        let _ = std::fs::remove_file(&new);
    }
    written
}
