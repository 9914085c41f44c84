//! `pikc fmt`: what it writes, lists and refuses.

use std::os::unix::fs::{PermissionsExt, symlink};

use crate::support::predicates_lite::{has, lacks};
use crate::support::{Folder, pikc};

const ROUGH: &str = "# Mine.\ncluster home {\nkubernetes=1.36   # newest\n}\n";
const LAID: &str = "# Mine.\ncluster home {\n  kubernetes = 1.36  # newest\n}\n";

#[test]
fn a_file_is_formatted_in_place_and_keeps_its_mode() {
    let folder = Folder::new(&[("cluster.pik", ROUGH)]);
    let path = folder.path().join("cluster.pik");
    let mode = std::fs::Permissions::from_mode(0o640);
    std::fs::set_permissions(&path, mode).expect("it is ours");
    let run = pikc(&folder, &["fmt", "cluster.pik"]);
    assert_eq!(
        (run.status, run.out.as_str()),
        (0, "cluster.pik: 1 line changed\n"),
        "{run:?}"
    );
    assert_eq!(folder.read("cluster.pik"), LAID);
    let mode = std::fs::metadata(&path)
        .expect("there")
        .permissions()
        .mode();
    assert_eq!(mode & 0o777, 0o640);
    let again = pikc(&folder, &["fmt", "cluster.pik"]);
    assert_eq!(
        (again.status, again.out.as_str()),
        (0, "cluster.pik: unchanged\n"),
        "{again:?}"
    );
}

#[test]
fn a_folder_stands_for_the_specs_below_it() {
    let folder = Folder::new(&[
        ("a.pik", ROUGH),
        ("lib/b.pik", ROUGH),
        ("lib/good.pik", LAID),
        ("lib/other.txt", ROUGH),
        (".hidden/c.pik", ROUGH),
    ]);
    symlink("../a.pik", folder.path().join("lib/link.pik")).expect("a link");
    let check = pikc(&folder, &["fmt", "--check", "."]);
    assert_eq!(
        (check.status, check.out.as_str()),
        (1, "./a.pik\n./lib/b.pik\n"),
        "{check:?}"
    );
    assert_eq!(folder.read("a.pik"), ROUGH);
    let run = pikc(&folder, &["fmt", ".", "a.pik"]);
    assert_eq!(run.status, 0, "{run:?}");
    has(
        &run.out,
        "./a.pik: 1 line changed\n./lib/b.pik: 1 line changed\n",
    );
    has(&run.err, "of 4 files changed");
    assert_eq!(folder.read("lib/b.pik"), LAID);
    assert_eq!(folder.read("lib/other.txt"), ROUGH);
    assert_eq!(folder.read(".hidden/c.pik"), ROUGH);
    assert!(folder.path().join("lib/link.pik").is_symlink());
    let check = pikc(&folder, &["fmt", "--check", "."]);
    assert_eq!((check.status, check.out.as_str()), (0, ""), "{check:?}");
}

#[test]
fn a_diff_shows_what_would_change_and_writes_nothing() {
    let folder = Folder::new(&[("a.pik", ROUGH), ("b.pik", LAID)]);
    let run = pikc(&folder, &["fmt", "--diff", "a.pik", "b.pik"]);
    assert_eq!(run.status, 0, "{run:?}");
    has(&run.out, "--- a.pik\n+++ a.pik\n@@ -1,4 +1,4 @@\n");
    has(
        &run.out,
        "-kubernetes=1.36   # newest\n+  kubernetes = 1.36  # newest\n",
    );
    lacks(&run.out, "b.pik");
    assert_eq!(folder.read("a.pik"), ROUGH);
    let run = pikc(&folder, &["fmt", "--diff", "--check", "a.pik"]);
    assert_eq!(run.status, 1, "{run:?}");
    has(&run.out, "+++ a.pik");
}

#[test]
fn standard_input_goes_to_standard_output() {
    let folder = Folder::new(&[]);
    let run = folder.run(&["fmt", "-"], &[], ROUGH);
    assert_eq!(
        (run.status, run.out.as_str(), run.err.as_str()),
        (0, LAID, ""),
        "{run:?}"
    );
    let run = folder.run(&["fmt", "-"], &[], LAID);
    assert_eq!((run.status, run.out.as_str()), (0, LAID), "{run:?}");
    let run = folder.run(&["fmt", "--check", "-"], &[], ROUGH);
    assert_eq!((run.status, run.out.as_str()), (1, "<stdin>\n"), "{run:?}");
}

#[test]
fn errors_are_reported_where_they_are_afterwards_and_the_rest_is_formatted() {
    let folder = Folder::new(&[("a.pik", "\n\nswap=off\nos = = x\ncluster  home{}\n")]);
    let run = pikc(&folder, &["fmt", "a.pik"]);
    assert_eq!(run.status, 1, "{run:?}");
    has(&run.err, "[a.pik:2:");
    has(&run.err, "1 error in a.pik");
    assert_eq!(
        folder.read("a.pik"),
        "swap = off\nos = = x\ncluster home {}\n"
    );
    // What cannot be told from the layout is not an error here: `check` reports it.
    folder.text("b.pik", "swop = off\n");
    assert_eq!(pikc(&folder, &["fmt", "--check", "b.pik"]).status, 0);
}

#[test]
fn nothing_is_written_before_everything_is_read() {
    let folder = Folder::new(&[("a.pik", ROUGH)]);
    let run = pikc(&folder, &["fmt", "a.pik", "b.pik"]);
    assert_eq!(run.status, 3, "{run:?}");
    has(&run.err, "`b.pik` cannot be read");
    assert_eq!(folder.read("a.pik"), ROUGH);
    std::fs::create_dir(folder.path().join("empty")).expect("a folder");
    let run = pikc(&folder, &["fmt", "empty"]);
    assert_eq!(run.status, 3, "{run:?}");
    has(&run.err, "holds no `.pik` file");
    folder.bytes("c.pik", b"swap=off\n\xff\n");
    let run = pikc(&folder, &["fmt", "c.pik"]);
    assert_eq!(run.status, 1, "{run:?}");
    has(&run.err, "file/not-utf-8");
    assert_eq!(pikc(&folder, &["fmt"]).status, 2);
}

/// A file that is in the layout stays in it; in another one, only what is fixed changes.
#[test]
fn a_fix_leaves_a_file_in_the_layout() {
    let laid = super::GOOD.replace("backend = vxlan", "backend = vxlann, prot = 8472");
    assert_ne!(laid, super::GOOD);
    let longer = laid.replace(
        "  role    = worker\n",
        "  role    = worker\n  swop    = off\n",
    );
    let folder = Folder::new(&[("a.pik", &longer)]);
    pikc(&folder, &["check", "--fix", "a.pik"]);
    assert_ne!(folder.read("a.pik"), longer);
    assert_eq!(pikc(&folder, &["fmt", "--check", "a.pik"]).out, "");
}

#[test]
fn what_init_writes_is_in_the_layout() {
    for (template, input) in [
        ("home-pi", ""),
        ("minimal", ""),
        ("single", ""),
        ("addresses", "192.168.11.201\n192.168.11.202 anna\n"),
    ] {
        let folder = Folder::new(&[]);
        let run = folder.run(&["init", "--template", template], &[], input);
        assert_eq!(run.status, 0, "{run:?}");
        let check = pikc(&folder, &["fmt", "--check", "."]);
        assert_eq!((check.status, check.out.as_str()), (0, ""), "{template}");
    }
}
