//! For tests: small trees, and what is really on the disk.

use std::collections::BTreeMap;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};

use camino::{Utf8Path, Utf8PathBuf};

use super::{MANIFEST, ManifestInput, Report, WriteOptions, write};
use crate::render::{Entry, File, Rendered};

/// A tree from (path, content) pairs: "-> target" is a link, "!..." a secret, "#!..." a script.
pub(super) fn tree(entries: &[(&str, &str)]) -> Rendered {
    let entry = |text: &str| match text.strip_prefix("-> ") {
        Some(target) => Entry::Link(target.into()),
        None => Entry::File(File {
            text: text.to_owned(),
            mode: match text {
                _ if text.starts_with("#!") => 0o755,
                _ if text.starts_with('!') => 0o600,
                _ => 0o644,
            },
            lines: Vec::new(),
        }),
    };
    let entries = entries
        .iter()
        .map(|(path, text)| ((*path).into(), entry(text)));
    Rendered {
        entries: entries.collect(),
    }
}

/// What stands at a path: kind and mode, content.
pub(super) type Snapshot = BTreeMap<String, (String, String)>;

/// Everything below a folder, folders too.
pub(super) fn snapshot(dir: &Utf8Path) -> Snapshot {
    let mut found = Snapshot::new();
    collect(dir, "", &mut found);
    found
}

fn collect(dir: &Utf8Path, below: &str, found: &mut Snapshot) {
    for entry in dir.join(below).read_dir_utf8().unwrap() {
        let entry = entry.unwrap();
        let path = Utf8Path::new(below).join(entry.file_name()).to_string();
        let meta = entry.path().symlink_metadata().unwrap();
        let mode = meta.permissions().mode() & 0o7777;
        let seen = if meta.is_symlink() {
            (
                "link".to_owned(),
                entry.path().read_link_utf8().unwrap().to_string(),
            )
        } else if meta.is_dir() {
            collect(dir, &path, found);
            (format!("folder {mode:04o}"), String::new())
        } else {
            (
                format!("file {mode:04o}"),
                std::fs::read_to_string(entry.path()).unwrap(),
            )
        };
        found.insert(path, seen);
    }
}

/// The inode and time of each file, to see which were touched.
pub(super) fn touched(dir: &Utf8Path) -> BTreeMap<String, (u64, i64, i64)> {
    let id = |path: &String| {
        let meta = dir.join(path).symlink_metadata().unwrap();
        (meta.ino(), meta.mtime(), meta.mtime_nsec())
    };
    let paths = snapshot(dir)
        .into_iter()
        .filter(|(_, (kind, _))| !kind.starts_with("folder"));
    paths.map(|(path, _)| (path.clone(), id(&path))).collect()
}

/// What a fresh write of a tree leaves.
pub(super) fn fresh(tree: &Rendered) -> Snapshot {
    let temp = Temp::new();
    temp.write(tree).unwrap();
    snapshot(&temp.out)
}

/// A folder that goes when the test ends, with the output folder in it.
pub(super) struct Temp {
    _keep: tempfile::TempDir,
    pub above: Utf8PathBuf,
    pub out: Utf8PathBuf,
}

impl Temp {
    pub(super) fn new() -> Self {
        // In memory where there is such a place: the tests write and remove 100,000 files.
        let keep = tempfile::tempdir_in("/dev/shm")
            .or_else(|_| tempfile::tempdir())
            .unwrap();
        let above = Utf8PathBuf::try_from(keep.path().canonicalize().unwrap()).unwrap();
        Self {
            out: above.join("out"),
            above,
            _keep: keep,
        }
    }

    pub(super) fn write(&self, tree: &Rendered) -> Result<Report, super::OutputError> {
        self.write_with(tree, &WriteOptions::default())
    }

    pub(super) fn write_with(
        &self,
        tree: &Rendered,
        options: &WriteOptions<'_>,
    ) -> Result<Report, super::OutputError> {
        write(&self.out, tree, &input(), options)
    }

    pub(super) fn put(&self, path: &str, text: &str) {
        let path = self.out.join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    pub(super) fn text(&self, path: &str) -> String {
        std::fs::read_to_string(self.out.join(path)).unwrap()
    }
}

pub(super) fn input() -> ManifestInput {
    ManifestInput {
        spec_sha256: "00ff".to_owned(),
        versions: [("kubernetes".to_owned(), "1.36.4".to_owned())].into(),
        outside: Vec::new(),
    }
}

/// The lines of a report: "+ path", "~ path", "- path", without the manifest's.
pub(super) fn lines(report: &Report) -> Vec<String> {
    let changes = report
        .changes
        .iter()
        .filter(|change| change.path != MANIFEST);
    let sign = |step| match step {
        super::Step::Created => '+',
        super::Step::Changed => '~',
        super::Step::Removed => '-',
    };
    changes
        .map(|change| format!("{} {}", sign(change.step), change.path))
        .collect()
}
