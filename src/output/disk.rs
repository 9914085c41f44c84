//! The files that a spec may read, and those of a library folder, as `check` and the language server read them.

use std::collections::BTreeMap;

use camino::{Utf8Path, Utf8PathBuf};

use super::read::{Sort, Unread, read, read_beneath};
use crate::model::{ENDING, Reader};

/// Files that a spec uses come from the disk, below one folder, unless they are given.
#[derive(Debug)]
pub struct Disk<'a> {
    /// Texts that stand for files, by the names that reports show for them.
    pub texts: &'a BTreeMap<String, String>,
    /// The folder from which the spec may read.
    pub root: Utf8PathBuf,
}

impl Reader for Disk<'_> {
    fn read(&self, path: &Utf8Path) -> Result<String, String> {
        if let Some(text) = self.texts.get(path.as_str()) {
            return Ok(text.clone());
        }
        let sort = match path.as_str().ends_with(ENDING) {
            true => Sort::Spec,
            false => Sort::Manifest,
        };
        let found = read_beneath(&self.root, path, sort).map_err(|why| why.to_string())?;
        String::from_utf8(found.bytes).map_err(|error| {
            let line = line_of(error.as_bytes(), error.utf8_error().valid_up_to());
            format!("line {line} is not UTF-8")
        })
    }
}

/// The line, from 1, of a byte.
pub fn line_of(bytes: &[u8], at: usize) -> usize {
    bytes[..at].iter().filter(|byte| **byte == b'\n').count() + 1
}

/// How deep a library folder may be nested; a loop of links ends here.
const DEEPEST: usize = 12;

/// A folder with more files is not a library: the standard library has a few hundred.
const MOST_FILES: usize = 10_000;

/// Why a folder is not a library.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BadLibrary {
    /// One sentence, no full stop.
    pub message: String,
    /// What to type.
    pub help: &'static str,
}

/// The files of a library folder, by their paths below it.
///
/// # Errors
///
/// The folder cannot be read, is empty, or is too large to be a library.
pub fn library_folder(folder: &Utf8Path) -> Result<BTreeMap<String, String>, BadLibrary> {
    let mut files = BTreeMap::new();
    collect(folder, folder, DEEPEST, &mut files)?;
    if files.is_empty() {
        return Err(BadLibrary {
            message: format!("the library folder `{folder}` holds no files"),
            help: "docs/stdlib.md describes library folders",
        });
    }
    Ok(files)
}

const EXPECTED: &str =
    "`--stdlib` expects a folder of library files; docs/stdlib.md describes them";

fn collect(
    root: &Utf8Path,
    folder: &Utf8Path,
    depth: usize,
    files: &mut BTreeMap<String, String>,
) -> Result<(), BadLibrary> {
    let bad = |message| BadLibrary {
        message,
        help: EXPECTED,
    };
    let failed = |path: &Utf8Path, why: &Unread| bad(format!("`{path}` cannot be read: {why}"));
    let entries = folder
        .read_dir_utf8()
        .map_err(|error| failed(folder, &error.into()))?;
    for entry in entries {
        let entry = entry.map_err(|error| failed(folder, &error.into()))?;
        let path = entry.path();
        if entry.file_name().starts_with('.') {
            continue;
        }
        let look = path
            .metadata()
            .map_err(|error| failed(path, &error.into()))?;
        if look.is_dir() {
            if depth > 0 {
                collect(root, path, depth - 1, files)?;
            }
            continue;
        }
        let found = read(path, Sort::Library).map_err(|why| failed(path, &why))?;
        let text = String::from_utf8(found.bytes).map_err(|error| {
            let line = line_of(error.as_bytes(), error.utf8_error().valid_up_to());
            bad(format!("line {line} of `{path}` is not UTF-8"))
        })?;
        if files.len() >= MOST_FILES {
            return Err(bad(format!(
                "the library folder `{root}` holds more than {MOST_FILES} files"
            )));
        }
        let below = path.strip_prefix(root).unwrap_or(path);
        files.insert(below.to_string(), text);
    }
    Ok(())
}
