//! `check`: exit statuses, streams, formats, and the reports on bad input.

use super::GOOD;
use crate::support::predicates_lite::{has, lacks};
use crate::support::{self, Folder, pikc};

#[test]
fn a_sound_spec_ends_with_status_0_and_a_line_on_standard_output() {
    let folder = Folder::new(&[("cluster.pik", GOOD)]);
    let run = pikc(&folder, &["check", "cluster.pik"]);
    assert_eq!(run.status, 0, "{run:?}");
    assert_eq!(run.err, "");
    has(
        &run.out,
        "cluster.pik: cluster home, 1 control plane, 1 worker, Kubernetes 1.36.",
    );
}

#[test]
fn errors_end_with_status_1_and_a_report_on_standard_error() {
    let bad = GOOD.replace("192.168.11.0/24", "192.168.300.0/24");
    let folder = Folder::new(&[("cluster.pik", &bad)]);
    let run = pikc(&folder, &["check", "cluster.pik"]);
    assert_eq!(run.status, 1, "{run:?}");
    assert_eq!(run.out, "");
    has(&run.err, "Error: value/wrong-type");
    has(&run.err, "[cluster.pik:");
    has(&run.err, "1 error in cluster.pik");
}

#[test]
fn a_warning_does_not_stop_anything_unless_denied() {
    let bad = format!("{GOOD}\nprofile spare {{ swap = off }}\n");
    let folder = Folder::new(&[("cluster.pik", &bad)]);
    let run = pikc(&folder, &["check", "cluster.pik"]);
    assert_eq!(run.status, 0, "{run:?}");
    has(&run.err, "Warning: profile/unused");
    has(&run.err, "1 warning in cluster.pik");
    has(&run.out, "cluster home");
    let run = pikc(&folder, &["check", "cluster.pik", "--deny", "warnings"]);
    assert_eq!(run.status, 1, "{run:?}");
    assert_eq!(run.out, "");
}

#[test]
fn a_wrong_command_line_ends_with_status_2() {
    let folder = Folder::new(&[("cluster.pik", GOOD)]);
    let lines: &[&[&str]] = &[
        &[],
        &["chekc", "cluster.pik"],
        &["check"],
        &["check", "cluster.pik", "--format", "xml"],
        &["check", "cluster.pik", "--as-of", "2026-13-01"],
        &["check", "cluster.pik", "--as-of", "tomorrow"],
        &["compile", "cluster.pik"],
        &["completions", "cmd.exe"],
        &["explain", "swap/kubelet-refuse"],
        &["stdlib", "list", "boards"],
        &["stdlib", "show", "pi-4b-2gg"],
        &["man", "chekc"],
    ];
    for line in lines {
        let run = pikc(&folder, line);
        assert_eq!(run.status, 2, "{line:?}: {run:?}");
        assert_eq!(run.out, "", "{line:?}");
        assert!(!run.err.is_empty(), "{line:?}");
        lacks(&run.err, "panicked");
    }
}

#[test]
fn a_spec_that_cannot_be_read_ends_with_status_3() {
    let folder = Folder::new(&[("cluster.pik", GOOD)]);
    let run = pikc(&folder, &["check", "clustre.pik"]);
    assert_eq!(run.status, 3, "{run:?}");
    has(
        &run.err,
        "`clustre.pik` cannot be read: there is no such file",
    );
    has(&run.err, "did you mean `cluster.pik`?");
    let run = pikc(&folder, &["check", "."]);
    assert_eq!(run.status, 3, "{run:?}");
    has(&run.err, "is a folder, and a spec is a file");
    let run = pikc(&folder, &["check", "cluster.pik/x"]);
    assert_eq!(run.status, 3, "{run:?}");
    has(&run.err, "a part of its path is not a folder");
    let run = pikc(&folder, &["check", "cluster.pik", "--stdlib", "nowhere"]);
    assert_eq!(run.status, 3, "{run:?}");
    has(&run.err, "`nowhere` cannot be read");
}

#[test]
fn the_line_that_is_not_utf8_is_shown() {
    let folder = Folder::new(&[]);
    folder.bytes("latin.pik", b"cluster home {\n  # caf\xe9\n}\n");
    folder.bytes("wide.pik", b"\xff\xfec\0l\0");
    let run = pikc(&folder, &["check", "latin.pik"]);
    assert_eq!(run.status, 1, "{run:?}");
    has(&run.err, "line 2 of `latin.pik` is not UTF-8");
    has(&run.err, "[latin.pik:2:8]");
    has(&run.err, "in Latin-1 `é`");
    let run = pikc(&folder, &["check", "wide.pik"]);
    assert_eq!(run.status, 1, "{run:?}");
    has(&run.err, "UTF-16");
    folder.text("cluster.pik", &format!("use = [\"latin.pik\"]\n{GOOD}"));
    let run = pikc(&folder, &["check", "cluster.pik"]);
    assert_eq!(run.status, 1, "{run:?}");
    has(&run.err, "line 2 is not UTF-8");
}

#[test]
fn bad_specs_are_reported_quickly_and_in_plain_words() {
    let brackets = "[".repeat(10_000_000);
    let deep = "a {\n".repeat(100_000);
    let two = format!("use = [\"b.pik\"]\n{GOOD}");
    let cases: &[(&str, &str, &str)] = &[
        ("empty.pik", "", "does not describe a cluster"),
        (
            "blank.pik",
            "\n\n# nothing\n",
            "does not describe a cluster",
        ),
        ("brackets.pik", &brackets, "syntax/"),
        ("deep.pik", &deep, "syntax/"),
        ("unknown.pik", "nod a {}\n", "unknown block `nod`"),
        ("cycle.pik", &two, "uses itself"),
        ("b.pik", "use = [\"cycle.pik\"]\n", "uses itself"),
        ("self.pik", "use = [\"self.pik\"]\n", "uses itself"),
    ];
    let files: Vec<(&str, &str)> = cases.iter().map(|(name, text, _)| (*name, *text)).collect();
    let folder = Folder::new(&files);
    for (name, _, message) in cases {
        let start = std::time::Instant::now();
        let run = pikc(&folder, &["check", name]);
        assert_eq!(run.status, 1, "{name}: {run:?}");
        has(&run.err, message);
        lacks(&run.err, "panicked");
        assert!(run.err.len() < 100_000, "{name}: {} bytes", run.err.len());
        assert!(
            start.elapsed().as_secs() < 20,
            "{name}: {:?}",
            start.elapsed()
        );
    }
}

#[test]
fn standard_input_is_a_spec() {
    let folder = Folder::new(&[("shared.pik", "profile spare { swap = off }\n")]);
    let run = folder.run(&["check", "-"], &[], GOOD);
    assert_eq!(run.status, 0, "{run:?}");
    has(&run.out, "<stdin>: cluster home");
    let run = folder.run(
        &["check", "-"],
        &[],
        &format!("use = [\"shared.pik\"]\n{GOOD}"),
    );
    assert_eq!(run.status, 0, "{run:?}");
    has(&run.err, "[shared.pik:1:1]");
    has(&run.err, "1 warning in <stdin>");
}

#[test]
fn several_specs_are_all_checked() {
    let folder = Folder::new(&[
        ("a.pik", "nod a {}\n"),
        ("b.pik", GOOD),
        ("c.pik", "nod c {}\n"),
    ]);
    let run = pikc(&folder, &["check", "a.pik", "b.pik", "c.pik"]);
    assert_eq!(run.status, 1, "{run:?}");
    has(&run.err, "in a.pik");
    has(&run.err, "in c.pik");
    has(&run.out, "b.pik: cluster home");
}

#[test]
fn colours_and_width_are_set_or_detected() {
    let folder = Folder::new(&[("a.pik", "nod a {}\n")]);
    let plain = pikc(&folder, &["check", "a.pik"]);
    lacks(&plain.err, "\u{1b}");
    let always = pikc(&folder, &["--color", "always", "check", "a.pik"]);
    has(&always.err, "\u{1b}[31m");
    let told = folder.run(&["check", "a.pik"], &[("NO_COLOR", "1")], "");
    assert_eq!(told.err, plain.err);
    let ascii = folder.run(&["check", "a.pik"], &[("LC_ALL", "C")], "");
    assert!(ascii.err.is_ascii(), "{}", ascii.err);
    let narrow = folder.run(&["check", "a.pik"], &[("COLUMNS", "50")], "");
    for line in narrow.err.lines() {
        assert!(line.chars().count() <= 50, "{line}");
    }
}

#[test]
fn a_reader_that_stops_reading_is_not_a_failure() {
    let folder = Folder::new(&[]);
    let script = format!(
        "{} explain | head -n 1; exit ${{PIPESTATUS[0]}}",
        support::PIKC
    );
    let run = folder.shell(&script);
    assert_eq!(run.status, 0, "{run:?}");
    lacks(&run.err, "panicked");
}

#[test]
fn json_follows_its_schema() {
    let schema = include_str!("../../docs/diagnostics.schema.json");
    let schema = serde_json::from_str(schema).expect("the schema is JSON");
    let validator = jsonschema::validator_for(&schema).expect("the schema is a schema");
    let bad = GOOD
        .replace("cluster home", "clustre home")
        .replace("pi-4b-2g", "pi-4b-2gg")
        .replace("eth0 {}", "eth0 { mtu: 1500 }");
    let folder = Folder::new(&[("bad.pik", &bad), ("good.pik", GOOD), ("empty.pik", "")]);
    let run = pikc(
        &folder,
        &["check", "--format", "json", "bad.pik", "empty.pik"],
    );
    assert_eq!(run.status, 1);
    assert_eq!(run.err, "");
    let found: serde_json::Value = serde_json::from_str(&run.out).expect("JSON");
    let wrong: Vec<String> = validator
        .iter_errors(&found)
        .map(|e| e.to_string())
        .collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
    let list = found["diagnostics"].as_array().expect("a list");
    assert!(list.len() >= 3, "{found:#}");
    let fix = list
        .iter()
        .find(|one| one["code"] == "spec/unknown-block")
        .expect("the misspelt block");
    assert_eq!(fix["file"], "bad.pik");
    assert_eq!(fix["range"]["start"]["column"], 1);
    assert_eq!(fix["fixes"][0]["edits"][0]["replacement"], "cluster");
    let run = pikc(&folder, &["check", "--format", "json", "good.pik"]);
    assert_eq!(run.status, 0);
    let found: serde_json::Value = serde_json::from_str(&run.out).expect("JSON");
    assert_eq!(found, serde_json::json!({ "diagnostics": [] }));
}

#[test]
fn sarif_and_github_name_the_same_places() {
    let folder = Folder::new(&[("a b.pik", "nod a {}\n")]);
    let run = pikc(&folder, &["check", "--format", "sarif", "a b.pik"]);
    assert_eq!(run.status, 1);
    let found: serde_json::Value = serde_json::from_str(&run.out).expect("JSON");
    assert_eq!(found["version"], "2.1.0");
    let result = &found["runs"][0]["results"][0];
    assert_eq!(result["ruleId"], "spec/unknown-block");
    assert_eq!(result["level"], "error");
    let place = &result["locations"][0]["physicalLocation"];
    assert_eq!(place["artifactLocation"]["uri"], "a%20b.pik");
    assert_eq!(place["region"]["startLine"], 1);
    assert_eq!(place["region"]["endColumn"], 4);
    let rule = &found["runs"][0]["tool"]["driver"]["rules"][0];
    assert_eq!(rule["id"], "spec/unknown-block");
    let run = pikc(&folder, &["check", "--format", "github", "a b.pik"]);
    assert_eq!(run.status, 1);
    has(
        &run.out,
        "::error file=a b.pik,line=1,endLine=1,col=1,endColumn=4,title=spec/unknown-block::unknown block `nod`%0A",
    );
}
