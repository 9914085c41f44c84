//! Small trees, and what is really on the disk.

use std::collections::BTreeMap;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};

use camino::{Utf8Path, Utf8PathBuf};

use crate::output::{
    ChangeKind, MANIFEST, ManifestInput, OutputError, Report, WriteOptions, write,
};
use crate::render::{Entry, File, Rendered};

/// A tree from (path, content) pairs: "-> target" is a link, "!..." a secret, "#!..." a script.
pub(super) fn tree(entries: &[(&str, &str)]) -> Rendered {
    let entry = |text: &str| match text.strip_prefix("-> ") {
        Some(target) => Entry::Link(target.into()),
        None => Entry::File(File {
            content: text.into(),
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
    entries.collect()
}

/// What is at a path: kind and mode, content.
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

/// A folder that is removed when the test ends, with the output folder in it.
pub(super) struct Temp {
    _keep: tempfile::TempDir,
    pub above: Utf8PathBuf,
    pub out: Utf8PathBuf,
}

impl Temp {
    pub(super) fn new() -> Self {
        // In memory if there is such a place: the tests write and remove 100,000 files.
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

    pub(super) fn write(&self, tree: &Rendered) -> Result<Report, OutputError> {
        self.write_with(tree, &WriteOptions::default())
    }

    pub(super) fn write_with(
        &self,
        tree: &Rendered,
        options: &WriteOptions<'_>,
    ) -> Result<Report, OutputError> {
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
        fixed: Default::default(),
        settings: Default::default(),
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
        ChangeKind::Created => '+',
        ChangeKind::Changed => '~',
        ChangeKind::Removed => '-',
    };
    changes
        .map(|change| format!("{} {}", sign(change.step), change.path))
        .collect()
}

pub(super) const FORCE: WriteOptions<'static> = WriteOptions {
    force: true,
    dry_run: false,
    on_wait: None,
    on_progress: None,
};
pub(super) const DRY: WriteOptions<'static> = WriteOptions {
    force: false,
    dry_run: true,
    on_wait: None,
    on_progress: None,
};

pub(super) fn home() -> Rendered {
    tree(&[
        ("README.md", "read me\n"),
        ("classes/worker/lib.sh", "lib\n"),
        ("classes/worker/run.sh", "#!/bin/bash\n"),
        ("classes/worker/steps/10-a.sh", "#!/bin/bash\na\n"),
        ("nodes/n1/files/etc/wifi", "!psk\n"),
        ("nodes/n1/kubeadm.yaml", "n1\n"),
        ("nodes/n1/run.sh", "-> ../../classes/worker/run.sh"),
        ("nodes/n1/steps", "-> ../../classes/worker/steps"),
    ])
}

pub(super) fn grown() -> Rendered {
    tree(&[
        ("README.md", "read me again\n"),
        ("classes/worker/lib.sh", "lib\n"),
        ("classes/worker/run.sh", "#!/bin/bash\n"),
        ("classes/worker/steps/10-a.sh", "#!/bin/bash\na\n"),
        ("nodes/n2/kubeadm.yaml", "n2\n"),
        ("nodes/n2/run.sh", "-> ../../classes/worker/run.sh"),
    ])
}

/// The paths that an error names, foreign ones marked with what they are.
pub(super) fn named(error: OutputError) -> Vec<String> {
    match error {
        OutputError::InTheWay {
            foreign, edited, ..
        } => {
            let foreign = foreign
                .iter()
                .map(|thing| format!("{}: {}", thing.path, thing.what));
            foreign
                .chain(edited.iter().map(ToString::to_string))
                .collect()
        }
        other => panic!("{other}"),
    }
}

/// Writes, expects these paths to be named, and the folder to be exactly as it was.
pub(super) fn refuses(temp: &Temp, tree: &Rendered, options: &WriteOptions<'_>, names: &[&str]) {
    let (before, ids) = (snapshot(&temp.above), touched(&temp.above));
    assert_eq!(named(temp.write_with(tree, options).unwrap_err()), names);
    assert_eq!(snapshot(&temp.above), before);
    assert_eq!(touched(&temp.above), ids);
}
