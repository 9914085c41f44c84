//! `check --format gitlab`: what GitLab requires of a code quality report, and fingerprints by which it recognizes a finding.

use serde_json::{Value, json};

use super::GOOD;
use crate::support::{Folder, pikc};

/// <https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format>: the required fields, and the five severities.
fn schema() -> Value {
    json!({
        "type": "array",
        "items": {
            "type": "object",
            "required": ["description", "check_name", "fingerprint", "severity", "location"],
            "properties": {
                "description": { "type": "string", "minLength": 1 },
                "check_name": { "type": "string", "minLength": 1 },
                "fingerprint": { "type": "string", "pattern": "^[0-9a-f]{64}$" },
                "severity": { "enum": ["info", "minor", "major", "critical", "blocker"] },
                "location": {
                    "type": "object",
                    "required": ["path", "lines"],
                    "properties": {
                        "path": { "type": "string", "pattern": "^[^/]", "not": { "pattern": "^[.]/" } },
                        "lines": {
                            "type": "object",
                            "required": ["begin"],
                            "properties": { "begin": { "type": "integer", "minimum": 1 } }
                        }
                    }
                }
            }
        }
    })
}

fn report(folder: &Folder, specs: &[&str]) -> Vec<Value> {
    let run = pikc(folder, &[&["check", "--format", "gitlab"], specs].concat());
    assert!(run.status <= 1, "{run:?}");
    let found: Value = serde_json::from_str(&run.out).expect("JSON");
    let schema = jsonschema::validator_for(&schema()).expect("a schema");
    let wrong: Vec<String> = schema
        .iter_errors(&found)
        .map(|error| error.to_string())
        .collect();
    assert!(wrong.is_empty(), "{wrong:#?}\n{found:#}");
    found.as_array().expect("a list").clone()
}

fn fingerprints(report: &[Value]) -> Vec<String> {
    report
        .iter()
        .map(|one| one["fingerprint"].to_string())
        .collect()
}

#[test]
fn a_report_has_what_gitlab_requires() {
    let folder = Folder::new(&[
        ("good.pik", GOOD),
        ("sub/bad.pik", "\nclutser a {}\nnod b { rol = worker }\n"),
        ("empty.pik", ""),
    ]);
    assert_eq!(report(&folder, &["good.pik"]), Vec::<Value>::new());
    let found = report(&folder, &["./sub/bad.pik"]);
    let typo = found
        .iter()
        .find(|one| one["check_name"] == "spec/unknown-block")
        .expect("the misspelt block");
    assert_eq!(typo["location"]["path"], "sub/bad.pik");
    assert_eq!(typo["location"]["lines"]["begin"], 2);
    assert_eq!(typo["severity"], "blocker");
    // What has no place in the text is at the first line of its own file.
    let found = report(&folder, &["good.pik", "empty.pik"]);
    assert!(!found.is_empty(), "an empty spec is a finding");
    for one in found {
        assert_eq!(one["location"]["path"], "empty.pik");
        assert_eq!(one["location"]["lines"]["begin"], 1);
    }
}

#[test]
fn a_fingerprint_is_of_one_finding_and_survives_an_edit_above_it() {
    let same = "nod a {}\nnod a {}\n";
    let folder = Folder::new(&[
        ("one.pik", &format!("{GOOD}{same}")),
        ("moved/one.pik", &format!("# A line more.\n{GOOD}{same}")),
    ]);
    let before = fingerprints(&report(&folder, &["one.pik"]));
    let mut distinct = before.clone();
    distinct.sort();
    distinct.dedup();
    assert!(before.len() >= 2, "{before:?}");
    assert_eq!(distinct.len(), before.len(), "{before:?}");
    folder.shell("mv moved/one.pik one.pik");
    assert_eq!(fingerprints(&report(&folder, &["one.pik"])), before);
}
