//! README's tour: whoever follows it in a fresh clone changes no file of the repository.

use std::path::Path;

use super::{console, fences, pages};
use crate::support::Folder;

/// A clone of the repository with README.md and the examples as they are now, committed.
fn clone(folder: &Folder) {
    let root = env!("CARGO_MANIFEST_DIR");
    let script = format!(
        "set -e
        export GIT_CONFIG_GLOBAL=/dev/null
        git -c safe.directory='*' clone --quiet --shared '{root}' clone
        cp '{root}/README.md' clone/ && rm -rf clone/examples && cp -r '{root}/examples' clone/
        cd clone && git add --all
        git -c user.name=a -c user.email=a@example.org commit --quiet --allow-empty -m now"
    );
    let run = folder.shell(&script);
    assert_eq!(run.status, 0, "{run:?}");
    let program = format!("mkdir bin && ln -s '{}' bin/pikc", crate::support::PIKC);
    assert_eq!(folder.shell(&program).status, 0);
}

/// What git says has changed in the clone.
fn changed(folder: &Folder) -> String {
    folder.shell("git -C clone status --porcelain").out
}

/// The block that makes the scratch folder, and the blocks of commands.
fn tour() -> (String, Vec<String>) {
    let (_, text) = pages().swap_remove(0);
    let fences = fences(&text);
    let scratch = fences
        .iter()
        .find(|fence| fence.tag == "sh" && fence.text.contains("cp -r examples"))
        .expect("the tour begins in a scratch folder");
    let blocks = fences.iter().filter(|fence| fence.tag == "console");
    (
        scratch.text.clone(),
        blocks.map(|fence| fence.text.clone()).collect(),
    )
}

/// Runs the blocks where `start` leads, from the clone.
fn follow(folder: &Folder, start: &str, blocks: &[String]) {
    let from = format!("cd '{}/clone'\n{start}", folder.path().display());
    for block in blocks {
        console::run_from(folder, &from, block);
    }
}

#[test]
fn the_tour_changes_no_tracked_file() {
    let folder = Folder::new(&[]);
    clone(&folder);
    let (scratch, blocks) = tour();
    let away = folder.path().join("away");
    std::fs::create_dir(&away).expect("a folder");
    let scratch = scratch.replace("/tmp/", &format!("{}/", away.display()));
    let made = folder.shell(&format!("cd clone && set -e\n{scratch}"));
    assert_eq!(made.status, 0, "{made:?}");
    let there = format!("cd '{}'\n", away.join("tour").display());
    follow(&folder, &there, &blocks);
    assert!(
        Path::new(&away).join("tour/out/README.md").exists(),
        "the tour compiles a tree"
    );
    assert_eq!(changed(&folder), "");
    // The same commands in the clone itself do change files: that is why the tour has a folder.
    follow(&folder, "", &blocks);
    assert!(changed(&folder).contains("examples/home-pi/cluster.pik"));
}
