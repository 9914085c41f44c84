//! Reports as they are seen: one place, two files, narrow, without colour, with hostile text.

use super::*;
use crate::declare;
use crate::source::Span;

declare! {
    /// Only for these tests.
    static SAMPLE = {
        code: "cni/network-differs-from-pods",
        since: "0.1.0",
        severity: Error,
        title: "a sample",
        help: "leave `manifest` out",
        sources: ["none"],
    }
}

const SPEC: &str = "network {\n  dhcp     = 192.168.11.2..192.168.11.200\n  \
                    pods     = 10.244.0.0/16\n  services = 10.96.0.0/12\n}\n";

fn span(sources: &Sources, file: FileId, word: &str) -> Span {
    let at = sources.file(file).text.find(word).expect(word);
    Span::new(file, at, at + word.len())
}

fn look(width: usize) -> Look {
    Look {
        width,
        ..Look::PLAIN
    }
}

#[test]
fn two_files_two_snippets_one_cause() {
    let mut sources = Sources::default();
    let spec = sources.add("cluster.pik", SPEC);
    let manifest = sources.add(
        "kube-flannel.yml",
        "net-conf.json: |\n    {\n      \"Network\": \"10.243.0.0/16\",\n",
    );
    let finding = Diagnostic::new(
        &SAMPLE,
        "flannel would route 10.243.0.0/16, but pods get addresses from 10.244.0.0/16",
    )
    .label(
        span(&sources, spec, "10.244.0.0/16"),
        "kubeadm hands each node a piece of this range",
    )
    .label(
        span(&sources, manifest, "\"10.243.0.0/16\""),
        "the manifest you brought says this",
    )
    .help("leave `manifest` out and pikc writes flannel's network from `pods`,\nor change one of the two to the other's range")
    .note("a note");
    let expected = "\
Error: cni/network-differs-from-pods

  × flannel would route 10.243.0.0/16, but pods get addresses from 10.244.0.0/16
   ╭─[cluster.pik:3:14]
 2 │   dhcp     = 192.168.11.2..192.168.11.200
 3 │   pods     = 10.244.0.0/16
   ·              ──────┬──────
   ·                    ╰── kubeadm hands each node a piece of this range
 4 │   services = 10.96.0.0/12
   ╰────
  help: leave `manifest` out and pikc writes flannel's network from `pods`,
        or change one of the two to the other's range
  note: a note

Related:
   ╭─[kube-flannel.yml:3:18]
 2 │     {
 3 │       \"Network\": \"10.243.0.0/16\",
   ·                  ───────┬───────
   ·                         ╰── the manifest you brought says this
   ╰────
  explain: pikc explain cni/network-differs-from-pods
";
    assert_eq!(one(&sources, &finding, look(100)), expected);
}

#[test]
fn far_apart_labels_of_one_file_have_a_snippet_each() {
    let mut sources = Sources::default();
    let text = "first = 1\n".to_owned() + &"# between\n".repeat(20) + "second = 2\n";
    let file = sources.add("a.pik", text);
    let finding = Diagnostic::new(&SAMPLE, "the two differ")
        .label(span(&sources, file, "second"), "this one")
        .label(span(&sources, file, "first"), "and that one");
    let drawn = one(&sources, &finding, look(100));
    assert!(drawn.contains("[a.pik:1:1]"), "{drawn}");
    assert!(drawn.contains("[a.pik:22:1]"), "{drawn}");
    assert!(drawn.contains(" 22 │ second = 2"), "{drawn}");
    assert!(!drawn.contains(" 10 "), "{drawn}");
}

#[test]
fn a_narrow_terminal_is_not_exceeded() {
    let mut sources = Sources::default();
    let spec = sources.add("cluster.pik", SPEC);
    let finding = Diagnostic::new(
        &SAMPLE,
        "flannel would route 10.243.0.0/16, but pods get addresses from 10.244.0.0/16",
    )
    .label(
        span(&sources, spec, "10.244.0.0/16"),
        "kubeadm hands each node a piece of this range, and so on and so on",
    );
    let drawn = one(&sources, &finding, look(60));
    for line in drawn.lines() {
        assert!(
            line.chars().count() <= 60,
            "{}: {line}",
            line.chars().count()
        );
    }
}

#[test]
fn a_long_line_is_cut_around_its_label() {
    let mut sources = Sources::default();
    let text = format!("key = \"{}\" oops {}\n", "A".repeat(700), "B".repeat(300));
    let file = sources.add("a.pik", text);
    let finding = Diagnostic::new(&SAMPLE, "oops").label(span(&sources, file, "oops"), "not this");
    let drawn = one(&sources, &finding, look(80));
    assert!(drawn.contains("[a.pik:1:710]"), "{drawn}");
    assert!(drawn.contains("…AAAA"), "{drawn}");
    assert!(
        drawn.lines().all(|line| line.chars().count() <= 80),
        "{drawn}"
    );
    let plain = Look {
        unicode: false,
        ..look(80)
    };
    let drawn = one(&sources, &finding, plain);
    assert!(drawn.is_ascii(), "{drawn}");
    assert!(drawn.contains("[a.pik:1:710]"), "{drawn}");
}

#[test]
fn text_of_the_spec_cannot_command_the_terminal() {
    let mut sources = Sources::default();
    let file = sources.add("\u{1b}[2Ja.pik", "x = \"\u{1b}[31m\u{9b}\u{202e}\" y\r\n");
    let finding =
        Diagnostic::new(&SAMPLE, "said \u{1b}[5m").label(span(&sources, file, "y"), "\u{7}");
    let drawn = one(&sources, &finding, look(80));
    assert!(
        !drawn
            .chars()
            .any(|c| (c.is_control() && c != '\n') || c == '\u{202e}'),
        "{drawn:?}"
    );
    assert!(drawn.contains(":1:15]"), "{drawn}");
}

#[test]
fn places_at_the_very_end_and_in_empty_files_are_drawn() {
    let mut sources = Sources::default();
    let empty = sources.add("empty.pik", "");
    let short = sources.add("short.pik", "a {\n");
    for (file, at) in [(empty, 0), (short, 4), (short, 3)] {
        let finding = Diagnostic::new(&SAMPLE, "it ends").label(Span::new(file, at, at), "here");
        let drawn = one(&sources, &finding, look(80));
        assert!(drawn.contains("here"), "{drawn}");
        assert!(!drawn.contains("Failed"), "{drawn}");
    }
}

#[test]
fn a_label_over_several_lines_is_shown_on_its_first() {
    let mut sources = Sources::default();
    let file = sources.add("a.pik", SPEC);
    let all = Span::new(file, 0, SPEC.len());
    let drawn = one(
        &sources,
        &Diagnostic::new(&SAMPLE, "it is long").label(all, "all of it"),
        look(80),
    );
    assert!(drawn.contains(" 1 │ network {"), "{drawn}");
    assert!(!drawn.contains(" 3 │"), "{drawn}");
}

#[test]
fn the_last_line_counts() {
    let mut sources = Sources::default();
    let file = sources.add("a.pik", SPEC);
    let mut findings = Diagnostics::default();
    for index in 0..3 {
        let place = Span::new(file, index, index + 1);
        findings.push(Diagnostic::new(&SAMPLE, "x").label(place, "y"));
    }
    findings.push(Diagnostic::new(&SAMPLE, "x").severity(Severity::Warning));
    let text = several(&sources, &findings, "a.pik", look(80));
    assert!(text.ends_with("\n3 errors, 1 warning in a.pik\n"), "{text}");
}

#[test]
fn colours_are_there_when_asked_for() {
    let sources = Sources::default();
    let look = Look {
        color: true,
        ..look(80)
    };
    let drawn = one(&sources, &Diagnostic::new(&SAMPLE, "x"), look);
    assert!(
        drawn.starts_with("\u{1b}[31mError:\u{1b}[0m cni/"),
        "{drawn:?}"
    );
}
