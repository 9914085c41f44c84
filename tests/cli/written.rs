//! Values and names that no file can hold as they are: said at the setting, or written so that they mean nothing.

use crate::GOOD;
use crate::support::Folder;
use crate::support::predicates_lite::{has, lacks};

#[test]
fn a_value_that_its_file_cannot_hold_is_a_mistake_of_the_spec() {
    let allow = "allow value/not-a-choice { reason = \"one\\ntwo\" }\n";
    let text = GOOD.to_owned() + allow;
    let folder = Folder::new(&[("cluster.pik", &text)]);
    for line in [
        &["check", "cluster.pik"][..],
        &["compile", "cluster.pik", "-o", "out"],
    ] {
        let run = folder.run(line, &[], "");
        assert_eq!(run.status, 1, "{run:?}");
        has(&run.err, "value/cannot-be-written");
        has(&run.err, "`reason` holds a line break");
        lacks(&run.err, "standard library");
        lacks(&run.err, "\u{1b}");
    }
    assert_eq!(folder.shell("ls").out, "cluster.pik\n");
}

#[test]
fn a_spec_may_be_called_anything() {
    for name in [
        "a`b.pik",
        "a\tb.pik",
        "\u{202e}b.pik",
        "$(id).pik",
        "a\nb.pik",
    ] {
        let folder = Folder::new(&[(name, GOOD)]);
        let run = folder.run(&["compile", name, "-o", "out"], &[], "");
        assert_eq!(run.status, 0, "{name:?}: {run:?}");
        let tree = folder
            .shell("grep -rhF 'Made by pikc from' out | sort -u")
            .out;
        assert!(!tree.is_empty());
        for c in ['\t', '\u{202e}'] {
            assert!(!tree.contains(c), "{tree:?}");
        }
        let stray = folder.shell("grep -rn '^b.pik' out | grep -v base64").out;
        assert_eq!(stray, "", "a name of two lines left its comment");
    }
}
