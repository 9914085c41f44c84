//! Values and names that no file can hold as they are: reported at the setting, or written so that they have no effect.

use super::GOOD;
use crate::support::Folder;
use crate::support::predicates_lite::{has, lacks};

#[test]
fn a_value_that_its_file_cannot_hold_is_a_mistake_in_the_spec() {
    let allow = "allow node/little-left { reason = \"one\\ntwo\" }\n";
    let text = GOOD.to_owned() + allow;
    let folder = Folder::new(&[("cluster.pik", &text)]);
    for line in [
        &["check", "cluster.pik"][..],
        &["compile", "cluster.pik", "-o", "out"],
    ] {
        let run = folder.run(line, &[], "");
        assert_eq!(run.status, 1, "{run:?}");
        has(&run.err, "line break");
        has(&run.err, "1 error in");
        lacks(&run.err, "standard library");
        lacks(&run.err, "\u{1b}");
    }
    assert_eq!(folder.shell("ls").out, "cluster.pik\n");
}

#[test]
fn the_name_of_a_spec_has_no_effect_in_scripts_and_pages() {
    for name in ["a`b.pik", "$(id).pik", "a\\b.pik", "](x)*_.pik"] {
        let folder = Folder::new(&[(name, GOOD)]);
        let run = folder.run(&["compile", name, "-o", "out"], &[], "");
        assert_eq!(run.status, 0, "{name:?}: {run:?}");
        let heads = folder
            .shell("grep -rhF 'Made by pikc from' out | sort -u")
            .out;
        has(&heads, name);
    }
}

/// A library folder can give a CNI an option that accepts any text, even several lines. The comment "Asked for by" cannot hold that.
#[test]
fn a_text_that_its_type_accepts_is_checked_by_the_writers() {
    let cni = include_str!("../../stdlib/cni/flannel/cni.pik").replacen(
        "  option backend {",
        "  option note {\n    type     = text\n    any-text = \"a trial\"\n    default  = plain\n    doc      = \"A trial.\"\n    example  = plain\n  }\n\n  option backend {",
        1,
    );
    let text = |note: &str| {
        let with = format!("cni flannel {{ note = {note}, ");
        GOOD.replacen("cni flannel { ", &with, 1)
    };
    let folder = Folder::new(&[
        ("bad.pik", &text("\"one\\ntwo\"")),
        ("good.pik", &text("\"one, two\"")),
        ("library/cni/flannel/cni.pik", &cni),
    ]);
    let check = |name: &str| folder.run(&["check", name, "--stdlib", "library"], &[], "");
    let good = check("good.pik");
    assert_eq!(good.status, 0, "{good:?}");
    let bad = check("bad.pik");
    assert_eq!(bad.status, 1, "{bad:?}");
    has(&bad.err, "value/cannot-be-written");
    has(&bad.err, "`note` holds a line break");
    has(&bad.err, "1 error in");
}
