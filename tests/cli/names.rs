//! Odd names, of files on the command line and in a spec: none of them controls a terminal or a workflow.

use super::GOOD;
use crate::support::{Folder, pikc};

#[test]
fn no_name_controls_the_terminal() {
    let folder = Folder::new(&[("good.pik", GOOD)]);
    for odd in ["a\u{1b}[31mb", "a\u{202e}b", "a\tb", "a\nb", "a\u{9b}b"] {
        folder.text(&format!("{odd}.pik"), GOOD);
        let spec = format!("{odd}.pik");
        let place = format!("{odd}/README.md:1");
        let lines: &[&[&str]] = &[
            &["check", &spec],
            &["check", &spec, "--format", "json"],
            &["check", &spec, "--format", "github"],
            &["check", "--kubeadm", &spec],
            &["compile", &spec, "-o", "out"],
            &["compile", "good.pik", "-o", odd],
            &["compile", "good.pik", "-o", "out", "--secrets", odd],
            &["compile", "good.pik", "-o", "out", "--vendored", odd],
            &["check", "good.pik", "--stdlib", odd],
            &["check", "good.pik", "--root", odd],
            &["diff", "good.pik", "-o", odd],
            &["show", &spec],
            &["cni", &spec],
            &["vendor", "good.pik", "--into", odd],
            &["card", "good.pik", odd, "--boot", "boot"],
            &["card", "good.pik", "node01", "--boot", odd],
            &["why", &place],
            &["why", "x:1", "--spec", &spec],
            &["init", odd],
            &["explain", odd],
            &["stdlib", "show", odd],
            &["stdlib", "list", "--stdlib", odd],
            &["man", odd],
            &["completions", odd],
            &[odd],
            &["check", "good.pik", odd],
        ];
        for line in lines {
            let run = pikc(&folder, line);
            assert!((1..=3).contains(&run.status), "{line:?}: {run:?}");
            for text in [&run.out, &run.err] {
                let bad = text
                    .chars()
                    .find(|c| (c.is_control() && *c != '\n' && *c != '\t') || *c == '\u{202e}');
                assert_eq!(bad, None, "{line:?}: {text:?}");
            }
        }
    }
    for good in [
        "a b.pik",
        "a`b.pik",
        "a'b\"c$(id);&|*.pik",
        "-x{{ y }}%.pik",
        "é<b>#--.pik",
    ] {
        folder.text(good, GOOD);
        let path = format!("./{good}");
        let run = pikc(&folder, &["compile", &path, "-o", "fine"]);
        assert_eq!(run.status, 0, "{good}: {run:?}");
        folder.shell("rm -r fine");
    }
}

#[test]
fn a_name_of_two_lines_is_not_a_workflow_command() {
    let folder = Folder::new(&[("good.pik", GOOD)]);
    let name = "z\n::error title=owned::x.pik";
    folder.text(name, GOOD);
    for line in [
        &["check", "--format", "github", name][..],
        &["compile", "good.pik", "-o", name],
        &["explain", name],
    ] {
        let run = pikc(&folder, line);
        assert_eq!(run.status, 2, "{run:?}");
        assert!(
            !run.err.lines().any(|line| line.starts_with("::")),
            "{run:?}"
        );
        assert!(run.err.contains("z\\u{a}::error"), "{run:?}");
    }
}

#[test]
fn no_text_in_a_spec_controls_a_terminal_or_a_workflow() {
    let spec = format!(
        "{GOOD}\nprofile \"x\\n::error::pwned\" {{ swap = off }}\nuse = [\"a\\u{{1b}}[31m\\u{{9b}}.pik\"]\n"
    );
    let folder = Folder::new(&[("cluster.pik", &spec)]);
    for format in ["human", "json", "sarif", "github", "gitlab"] {
        let run = pikc(&folder, &["check", "cluster.pik", "--format", format]);
        assert_eq!(run.status, 1, "{run:?}");
        for text in [&run.out, &run.err] {
            assert!(!text.contains(['\u{1b}', '\u{9b}', '\u{202e}']), "{text:?}");
            assert!(
                !text.lines().any(|line| line.starts_with("::error::")),
                "{text}"
            );
        }
    }
}
