//! `check --fix`: applies the edits that are certain and touches nothing else.

use std::os::unix::fs::PermissionsExt;

use super::GOOD;
use crate::support::predicates_lite::{has, lacks};
use crate::support::{Folder, pikc};

/// The valid spec with comments, odd spacing, and mistakes of several kinds.
fn bad() -> String {
    let text = GOOD
        .replace("kubernetes =", "kubernets   :")
        .replace("cni flannel", "cni flanel");
    assert_ne!(text, GOOD, "the small spec has changed");
    format!("# Mine.\n\n{text}\n  # the end")
}

#[test]
fn certain_edits_are_applied_and_the_rest_stays_as_it_is() {
    let folder = Folder::new(&[("cluster.pik", &bad())]);
    let run = pikc(&folder, &["check", "--fix", "cluster.pik"]);
    assert_eq!(run.status, 0, "{run:?}");
    has(&run.out, "write `kubernetes` (spec/unknown-setting)");
    has(&run.out, "write `flannel` (value/unknown-name)");
    has(&run.out, "cluster.pik: cluster home");
    let expected = bad()
        .replace("kubernets   :", "kubernetes   =")
        .replace("cni flanel", "cni flannel");
    assert_eq!(folder.read("cluster.pik"), expected);
    let again = pikc(&folder, &["check", "--fix", "cluster.pik"]);
    assert_eq!(again.status, 0, "{again:?}");
    lacks(&again.out, "write");
    assert_eq!(folder.read("cluster.pik"), expected);
}

/// Many mistakes at once: settings that are removed, ranges that move, a block that is added, comments that stay. Two
/// ranges must not move to the same place, and the next edit fixes what the one before has uncovered.
#[test]
fn a_spec_full_of_mistakes_is_fixed_in_one_run() {
    let folder = Folder::new(&[("cluster.pik", include_str!("fix-before.pik"))]);
    let run = pikc(&folder, &["check", "--fix", "cluster.pik"]);
    assert_eq!(run.status, 0, "{run:?}");
    assert_eq!(folder.read("cluster.pik"), include_str!("fix-after.pik"));
    for line in [
        "cluster.pik:10: remove the second (spec/duplicate-setting)",
        "write `02-03` (node/bad-range)",
        "write `10.244.0.0/16` (network/pods-overlap-lan)",
        "add `proxy { disabled = on }` (proxy/conflicts-with-cni)",
    ] {
        has(&run.out, line);
    }
}

#[test]
fn what_is_left_is_reported_as_usual() {
    let text = bad().replace("192.168.11.0/24", "192.168.300.0/24");
    let folder = Folder::new(&[("cluster.pik", &text)]);
    let run = pikc(&folder, &["check", "--fix", "cluster.pik"]);
    assert_eq!(run.status, 1, "{run:?}");
    has(&run.out, "write `flannel`");
    has(&run.err, "Error: value/wrong-type");
    has(&run.err, "1 error in cluster.pik");
    has(&folder.read("cluster.pik"), "192.168.300.0/24");
}

#[test]
fn files_that_the_spec_uses_are_fixed_in_place() {
    let spec = format!("use = [parts/more.pik]\n{GOOD}");
    let folder = Folder::new(&[
        ("cluster.pik", &spec),
        (
            "parts/more.pik",
            "let { spare = 1 }\nprofil old { swap = of }\n",
        ),
    ]);
    let run = pikc(&folder, &["check", "--fix", "--fix-used", "cluster.pik"]);
    has(&run.out, "parts/more.pik:2: write `profile`");
    assert_eq!(
        folder.read("parts/more.pik"),
        "let { spare = 1 }\nprofile old { swap = off }\n"
    );
    assert_eq!(folder.read("cluster.pik"), spec);
}

#[test]
fn standard_input_is_fixed_on_standard_output() {
    let folder = Folder::new(&[]);
    let run = folder.run(&["check", "--fix", "-"], &[], &bad());
    assert_eq!(run.status, 0, "{run:?}");
    has(&run.out, "cni flannel");
    lacks(&run.out, "flanel");
    has(&run.err, "<stdin>:");
    let sound = folder.run(&["check", "--fix", "-"], &[], GOOD);
    assert_eq!(sound.out, GOOD);
}

#[test]
fn a_link_stays_a_link_and_a_file_keeps_its_mode() {
    let folder = Folder::new(&[("real/spec.pik", &bad())]);
    let real = folder.path().join("real/spec.pik");
    std::fs::set_permissions(&real, std::fs::Permissions::from_mode(0o640)).expect("a mode");
    std::os::unix::fs::symlink("real/spec.pik", folder.path().join("cluster.pik")).expect("a link");
    let run = pikc(&folder, &["check", "--fix", "cluster.pik"]);
    assert_eq!(run.status, 0, "{run:?}");
    let look = |name: &str| std::fs::symlink_metadata(folder.path().join(name)).expect(name);
    assert!(look("cluster.pik").is_symlink());
    assert_eq!(look("real/spec.pik").permissions().mode() & 0o777, 0o640);
    has(&folder.read("real/spec.pik"), "cni flannel");
    let beside = std::fs::read_dir(folder.path().join("real")).expect("a folder");
    assert_eq!(beside.count(), 1, "nothing is left next to it");
}

#[test]
fn a_file_that_cannot_be_written_is_named() {
    let folder = Folder::new(&[("cluster.pik", &bad()), (".cluster.pik.pikc-new", "mine\n")]);
    let run = pikc(&folder, &["check", "--fix", "cluster.pik"]);
    assert_eq!(run.status, 3, "{run:?}");
    has(&run.err, "`cluster.pik` cannot be written");
    assert_eq!(folder.read("cluster.pik"), bad());
    assert_eq!(folder.read(".cluster.pik.pikc-new"), "mine\n");
}

/// The rule that an `allow` is for says nothing as long as a value that it needs is wrong: the value is corrected, and the `allow` stays.
#[test]
fn an_allow_that_is_needed_outlives_a_misspelt_board() {
    let spec = std::fs::read_to_string("examples/home-pi/cluster.pik").expect("the example");
    has(&spec, "allow node/little-left");
    let misspelt = spec.replace("pi-3b-plus", "pi-3b-plu");
    assert_ne!(spec, misspelt);
    let folder = Folder::new(&[("cluster.pik", &misspelt)]);
    let checked = pikc(&folder, &["check", "cluster.pik"]);
    has(&checked.err, "there is no board `pi-3b-plu`");
    lacks(&checked.err, "allow/unused");
    let run = pikc(&folder, &["check", "--fix", "cluster.pik"]);
    assert_eq!(run.status, 0, "{run:?}");
    assert_eq!(folder.read("cluster.pik"), spec);
}
