//! `.gitignore`: what of the tree holds a secret, so that a tree in version control holds none.

use std::collections::BTreeMap;
use std::sync::Arc;

use camino::Utf8PathBuf;

use super::types::{Artifact, Body, Plan};
use crate::file_format::Writer;
use crate::file_format::gitignore::GitIgnore;
use crate::origin::Origin;

/// What the runbook makes in this folder, and a person may forget there: tokens, and every Secret of the cluster.
const MADE_BY_HAND: [&str; 3] = ["etcd-snapshots.tar", "join-control-plane.conf", "join.conf"];

/// Adds the file. The plan is complete.
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
    let mut file = Writer::<GitIgnore>::new();
    file.comment(
        "Made by pikc: these files hold secrets, and must not get into version control. The first ones are made by commands of README.md.",
        [],
    );
    for name in MADE_BY_HAND {
        file.path(name, []);
    }
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
