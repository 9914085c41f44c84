//! `.gitignore`: what of the tree holds a secret, so that a tree in version control holds none.

use std::collections::BTreeMap;
use std::sync::Arc;

use camino::Utf8PathBuf;

use super::types::{Artifact, Body, Plan};
use crate::file_format::Writer;
use crate::file_format::gitignore::GitIgnore;
use crate::origin::Origin;

/// Adds the file, if anything of the tree is closed to others. The plan is complete.
pub(super) fn add(plan: &mut Plan) {
    let closed = |mode: u32| mode & 0o077 == 0;
    let files = plan.artifacts.iter().filter(|file| closed(file.mode));
    let mut paths: BTreeMap<Utf8PathBuf, Vec<Origin>> = files
        .map(|file| (file.path.clone(), reasons(&file.origins)))
        .collect();
    let carriers = plan.carriers.iter().filter(|file| closed(file.mode));
    paths.extend(carriers.map(|file| (file.path.clone(), reasons(&file.origins))));
    for seed in &plan.seeds {
        let inside = paths
            .iter()
            .find(|(path, _)| path.starts_with(&seed.folder));
        if let Some((_, why)) = inside {
            let why = why.clone();
            paths.insert(seed.folder.join("seed.img"), why);
        }
    }
    if paths.is_empty() {
        return;
    }
    let mut file = Writer::<GitIgnore>::new();
    file.comment(
        "Made by pikc: these files hold secrets, and must not get into version control.",
        [],
    );
    for (path, why) in &paths {
        file.path(path.as_str(), why.iter().cloned());
    }
    let file = file.finish();
    plan.artifacts.push(Artifact {
        path: Utf8PathBuf::from(".gitignore"),
        mode: 0o644,
        origins: Arc::from(file.origins()),
        body: Body::Lines(file),
    });
}

/// Why a closed file exists. Its name is no secret, so the line with it is shown.
fn reasons(origins: &[Origin]) -> Vec<Origin> {
    origins
        .iter()
        .filter(|why| !why.is_secret())
        .cloned()
        .collect()
}
