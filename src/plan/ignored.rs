//! `.gitignore`: what of the tree holds a secret, so that a tree in version control holds none.

use std::sync::Arc;

use camino::Utf8PathBuf;

use super::types::{Artifact, Body, Plan};
use crate::file_format::Writer;
use crate::file_format::gitignore::GitIgnore;

/// Adds the file, if anything of the tree is closed to others. The plan is complete.
pub(super) fn add(plan: &mut Plan) {
    let closed = |mode: u32| mode & 0o077 == 0;
    let files = plan.artifacts.iter().filter(|file| closed(file.mode));
    let mut paths: Vec<Utf8PathBuf> = files.map(|file| file.path.clone()).collect();
    let carriers = plan.carriers.iter().filter(|file| closed(file.mode));
    paths.extend(carriers.map(|file| file.path.clone()));
    for seed in &plan.seeds {
        if paths.iter().any(|path| path.starts_with(&seed.folder)) {
            paths.push(seed.folder.join("seed.img"));
        }
    }
    if paths.is_empty() {
        return;
    }
    paths.sort();
    let mut file = Writer::<GitIgnore>::new();
    file.comment(
        "Made by pikc: these files hold secrets, and must not get into version control.",
        [],
    );
    for path in &paths {
        file.path(path.as_str(), []);
    }
    plan.artifacts.push(Artifact {
        path: Utf8PathBuf::from(".gitignore"),
        mode: 0o644,
        body: Body::Lines(file.finish()),
        origins: Arc::from([]),
    });
}
