//! What is actually on the disk, and a temporary folder for it.

use std::collections::BTreeMap;
use std::os::unix::fs::MetadataExt as _;

use camino::{Utf8Path, Utf8PathBuf};

/// Kind and mode, and content, by path.
pub type Snapshot = BTreeMap<String, (u32, String)>;

/// Kind, mode and content of everything below a folder.
pub fn snapshot(dir: &Utf8Path) -> Snapshot {
    let mut found = Snapshot::new();
    let mut folders = vec![dir.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in folder.read_dir_utf8().unwrap() {
            let path = entry.unwrap().into_path();
            let meta = path.symlink_metadata().unwrap();
            let content = if meta.is_symlink() {
                path.read_link_utf8().unwrap().into_string()
            } else if meta.is_dir() {
                folders.push(path.clone());
                String::new()
            } else {
                std::fs::read_to_string(&path).unwrap()
            };
            let place = path.strip_prefix(dir).unwrap().to_string();
            found.insert(place, (meta.mode(), content));
        }
    }
    found
}

/// A folder that is removed when the test ends.
pub fn temp() -> (tempfile::TempDir, Utf8PathBuf) {
    // In memory if possible: the tests write and remove 100,000 files.
    let keep = tempfile::tempdir_in("/dev/shm")
        .or_else(|_| tempfile::tempdir())
        .unwrap();
    let path = Utf8PathBuf::try_from(keep.path().canonicalize().unwrap()).unwrap();
    (keep, path)
}
