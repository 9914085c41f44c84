//! `pikc.json` of a tree that someone else may have written to.

use camino::{Utf8Component, Utf8Path};
use pikc::output::Manifest;

/// Whatever is in it: it is refused, or every path in it stays in the tree.
pub fn manifest(data: &[u8]) {
    let Ok(manifest) = Manifest::parse(data) else {
        return;
    };
    let stays = |path: &Utf8Path| {
        path.components()
            .all(|part| matches!(part, Utf8Component::Normal(_)))
    };
    for record in &manifest.files {
        let path = Utf8Path::new(&record.path);
        assert!(stays(path), "`{path}` of a manifest leaves the tree");
    }
    for file in manifest.flat(Utf8Path::new("nodes/a")) {
        assert!(stays(&file.path), "`{}` leaves the folder", file.path);
    }
}
