//! Folders in place of files: `pikc check --kubeadm /etc/kubernetes`.

use camino::{Utf8Path, Utf8PathBuf};

use super::exit::Failure;
use super::paths::odd;
use crate::output::words;

/// The endings of files that are read from a folder.
const ENDINGS: &[&str] = &["yaml", "yml", "json"];

/// A folder with more files is not one cluster's.
const MOST: usize = 1000;

/// The files that a path names: itself, or of a folder the files in it, in alphabetical order. Folders in it are left out: a folder with the
/// files of a cluster often has others next to them, of other clusters or of what runs in it.
pub(in crate::cli) fn files(path: &Utf8Path) -> Result<Vec<Utf8PathBuf>, Failure> {
    if path == "-" || !path.is_dir() {
        return Ok(vec![path.to_owned()]);
    }
    let failed = |error: &std::io::Error| {
        Failure::environment(format!("`{path}` cannot be read: {}", words(error)))
    };
    let mut found = Vec::new();
    for entry in path.read_dir_utf8().map_err(|error| failed(&error))? {
        let entry = entry.map_err(|error| failed(&error))?;
        let name = entry.file_name();
        let ours = entry
            .path()
            .extension()
            .is_some_and(|ending| ENDINGS.contains(&ending));
        if !ours || name.starts_with('.') || name.chars().any(odd) || entry.path().is_dir() {
            continue;
        }
        if found.len() >= MOST {
            return Err(Failure::environment(format!(
                "the folder `{path}` holds more than {MOST} files"
            ))
            .help("name the files of one cluster"));
        }
        found.push(entry.path().to_owned());
    }
    if found.is_empty() {
        return Err(Failure::environment(format!(
            "the folder `{path}` holds no `.yaml`, `.yml` or `.json` file"
        ))
        .help("name the files, or the folder that they are in"));
    }
    found.sort();
    Ok(found)
}

/// Which files of a folder, and of those in it, a command reads.
pub(in crate::cli) struct Walk {
    /// How deep folders are read.
    pub deepest: usize,
    /// A folder with more files is not one that was meant.
    pub most: usize,
    /// What they are called: "specs".
    pub called: &'static str,
    /// What a folder without any lacks: "`.pik` file".
    pub lacks: &'static str,
    /// Whether a file is one of them, by its path.
    pub wanted: fn(&Utf8Path) -> bool,
}

impl Walk {
    /// The files, with those of folders in order of their names.
    pub fn expanded(&self, paths: &[Utf8PathBuf]) -> Result<Vec<Utf8PathBuf>, Failure> {
        let mut all = Vec::new();
        for path in paths {
            if path == "-" || !path.is_dir() {
                all.push(path.clone());
                continue;
            }
            let before = all.len();
            self.collect(path, self.deepest, &mut all)?;
            if all.len() == before {
                return Err(Failure::environment(format!(
                    "the folder `{path}` holds no {}",
                    self.lacks
                )));
            }
        }
        Ok(all)
    }

    fn collect(
        &self,
        folder: &Utf8Path,
        depth: usize,
        all: &mut Vec<Utf8PathBuf>,
    ) -> Result<(), Failure> {
        let failed = |error: &std::io::Error| {
            Failure::environment(format!("`{folder}` cannot be read: {}", words(error)))
        };
        let mut names = Vec::new();
        for entry in folder.read_dir_utf8().map_err(|error| failed(&error))? {
            let entry = entry.map_err(|error| failed(&error))?;
            let name = entry.file_name();
            // A link could lead anywhere.
            let kind = entry.file_type().map_err(|error| failed(&error))?;
            if !name.starts_with('.') && !name.chars().any(odd) && !kind.is_symlink() {
                names.push((entry.path().to_owned(), kind.is_dir()));
            }
        }
        names.sort();
        for (path, is_folder) in names {
            if is_folder && depth > 0 {
                self.collect(&path, depth - 1, all)?;
            } else if !is_folder && (self.wanted)(&path) {
                all.push(path);
            }
            if all.len() > self.most {
                return Err(Failure::environment(format!(
                    "the folder `{folder}` holds more than {} {}",
                    self.most, self.called
                )));
            }
        }
        Ok(())
    }
}
