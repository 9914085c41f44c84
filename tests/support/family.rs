//! The family of a code: the folder of `src/check` that declares it. The tests of a family are in `tests/spec/FAMILY/`.

use std::collections::BTreeSet;

use pikc::diagnostic::Descriptor;

/// The families of checks: the folders of `src/check`.
pub fn of_checks() -> BTreeSet<String> {
    let found = std::fs::read_dir("src/check").expect("src/check");
    let folders = found
        .map(|entry| entry.expect("an entry"))
        .filter(|entry| entry.path().is_dir());
    folders
        .map(|folder| folder.file_name().to_string_lossy().into_owned())
        .collect()
}

/// The family of a code. A code that no check reports belongs to the language, to the library, to the files of an existing cluster
/// or to the commands; unless its first word is that of a family: `node/bad-range` is about machines, no matter what reports it.
pub fn family(descriptor: &Descriptor) -> String {
    let after = |folder: &str| {
        let (_, rest) = descriptor.file.split_once(folder)?;
        rest.split_once('/').map(|(first, _)| first.to_owned())
    };
    if let Some(family) = after("src/check/") {
        return family;
    }
    let (prefix, _) = descriptor
        .code
        .split_once('/')
        .expect("a family and a name");
    if of_checks().contains(prefix) {
        return prefix.to_owned();
    }
    let is_in = |folder: &str| descriptor.file.contains(folder);
    let name = match () {
        () if prefix == "library" => "library",
        () if is_in("src/model/existing") => "existing",
        () if is_in("src/cli/") => "cli",
        () => "language",
    };
    name.to_owned()
}
