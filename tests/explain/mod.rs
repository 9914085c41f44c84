//! The catalogue of codes: each code has all its texts, and both of its examples are right: the failing
//! one is reported under that code, the fixed one is not, and has no error at all.
//!
//! Examples are short. The rest comes from a base spec (`tests/support/base.rs`).
//! ```` ```pik whole ```` is a spec as it stands, ```` ```pik library ```` a file of a library folder, which is not run here.

mod reports;

use std::collections::{BTreeMap, BTreeSet};

use crate::support::base;
use crate::support::bless::same;
use camino::Utf8Path;
use pikc::check::all_codes;
use pikc::diagnostic::{Descriptor, Diagnostic, Severity};
use pikc::model::{GivenFile, Reader};
use pikc::{Analysis, AnalyzeInput};

struct Disk(String);

impl Reader for Disk {
    fn read(&self, path: &Utf8Path) -> Result<String, String> {
        if path == "cluster.pik" {
            return Ok(self.0.clone());
        }
        if let Ok(copy) = path.strip_prefix("upstream") {
            let path = Utf8Path::new("tests/specs/upstream").join(copy);
            return std::fs::read_to_string(path).map_err(|error| error.to_string());
        }
        // Files of the control plane's components.
        let there = Utf8Path::new("tests/specs/components").join(path);
        let path = if there.exists() { &there } else { path };
        std::fs::read_to_string(path).map_err(|error| error.to_string())
    }
}

/// An example with the base around it. Nodes have the usual settings, unless these are missing on purpose.
pub fn around(descriptor: &Descriptor, example: &str) -> String {
    match descriptor.code {
        "interface/none" | "user/none" => base::around(example),
        _ => base::completed(example),
    }
}

fn analyze(text: &str) -> Analysis {
    pikc::analyze(AnalyzeInput {
        path: Utf8Path::new("cluster.pik"),
        text,
        reader: &Disk(text.to_owned()),
        overlay: BTreeMap::new(),
        as_of: None,
        kept: None,
    })
}

/// The fences of an explanation: the words after `pik`, and the text.
pub fn fences(explanation: &str) -> Vec<(Vec<String>, String)> {
    let mut out = Vec::new();
    let mut open: Option<(Vec<String>, String)> = None;
    for line in explanation.lines() {
        let line = line.strip_prefix(' ').unwrap_or(line);
        match (&mut open, line.strip_prefix("```")) {
            (None, Some(info)) => {
                let words: Vec<String> = info.split_whitespace().map(str::to_owned).collect();
                open = Some((words, String::new()));
            }
            (Some(_), Some(_)) => out.extend(open.take()),
            (Some((_, text)), None) => {
                text.push_str(line);
                text.push('\n');
            }
            (None, None) => {}
        }
    }
    out.retain(|(words, _)| {
        words
            .first()
            .is_some_and(|word| word == "pik" || word == "yaml")
    });
    out
}

/// A cluster without a spec: the files of kubeadm and of what was applied.
fn analyze_existing(text: &str) -> Analysis {
    let name = "kubeadm.yaml";
    pikc::analyze_existing(&[GivenFile { name, text }], BTreeMap::new(), None)
}

fn found(analysis: &Analysis) -> Vec<String> {
    analysis
        .diagnostics
        .iter()
        .map(|d| format!("{} {}: {}", d.severity.word(), d.descriptor.code, d.message))
        .collect()
}

#[test]
fn every_code_has_all_its_texts() {
    let codes = all_codes();
    let mut seen = BTreeSet::new();
    for descriptor in &codes {
        let Descriptor {
            code,
            title,
            help,
            explanation,
            sources,
            ..
        } = descriptor;
        assert!(seen.insert(*code), "{code} is declared twice");
        let kebab = |part: &str| {
            !part.is_empty()
                && part
                    .chars()
                    .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
        };
        let (family, name) = code.split_once('/').expect(code);
        assert!(kebab(family) && kebab(name), "{code}");
        assert!(
            !title.is_empty() && !title.ends_with('.'),
            "{code}: {title}"
        );
        assert!(!help.is_empty(), "{code} has no help");
        assert!(!sources.is_empty(), "{code} has no source");
        let fences = fences(explanation);
        let fails = |words: &[String]| words.iter().any(|word| word == "fails");
        assert!(
            fences.iter().any(|(words, _)| fails(words)),
            "{code} has no failing example"
        );
        assert!(
            fences.iter().any(|(words, _)| !fails(words)),
            "{code} has no fixed example"
        );
    }
    assert!(codes.len() > 60, "codes went missing: {}", codes.len());
}

#[test]
fn every_example_is_right() {
    let mut untrue = Vec::new();
    let mut reports = reports::Reports::default();
    for descriptor in all_codes() {
        for (words, text) in fences(descriptor.explanation) {
            let has = |word: &str| words.iter().any(|found| found == word);
            if has("library") {
                continue;
            }
            let analysis = if has("yaml") {
                analyze_existing(&text)
            } else if has("whole") {
                analyze(&text)
            } else {
                analyze(&around(descriptor, &text))
            };
            let reported = analysis
                .diagnostics
                .iter()
                .any(|d| d.descriptor.code == descriptor.code);
            let errors = analysis
                .diagnostics
                .iter()
                .any(|d| d.severity == Severity::Error);
            if has("fails") && reported {
                reports.add(descriptor, &text, &analysis);
            }
            if has("fails") && !reported {
                untrue.push(format!(
                    "{} is not reported for\n{text}found: {:#?}",
                    descriptor.code,
                    found(&analysis)
                ));
            }
            if !has("fails") && (reported || errors) {
                untrue.push(format!(
                    "{}: not fixed by\n{text}found: {:#?}",
                    descriptor.code,
                    found(&analysis)
                ));
            }
        }
    }
    assert!(
        untrue.is_empty(),
        "{} wrong examples:\n{}",
        untrue.len(),
        untrue.join("\n")
    );
    reports.compare();
}

/// If the report on a code's failing example has one certain edit, `check --fix` applies it, and
/// the result no longer has that mistake.
#[test]
fn the_result_of_fix_no_longer_has_the_mistake() {
    let folder = tempfile::tempdir().expect("a folder");
    let place = folder.path().join("cluster.pik");
    let mut fixed = BTreeSet::new();
    for descriptor in all_codes() {
        for (words, text) in fences(descriptor.explanation) {
            let has = |word: &str| words.iter().any(|found| found == word);
            if !has("fails") || has("library") || has("yaml") {
                continue;
            }
            let spec = match has("whole") {
                true => text.clone(),
                false => around(descriptor, &text),
            };
            let told = |spec: &str| -> Vec<bool> {
                let analysis = analyze(spec);
                let mine = |d: &&Diagnostic| d.descriptor.code == descriptor.code;
                let found = analysis.diagnostics.iter().filter(mine);
                found.map(|d| d.certain_fix().is_some()).collect()
            };
            let before = told(&spec);
            if !before.iter().any(|certain| *certain) {
                continue;
            }
            std::fs::write(&place, &spec).expect("a file");
            let run = assert_cmd::Command::new(env!("CARGO_BIN_EXE_pikc"))
                .args(["check", "--fix", "cluster.pik"])
                .current_dir(folder.path())
                .output()
                .expect("the program starts");
            let out = String::from_utf8_lossy(&run.stdout).into_owned();
            let code = format!("({})", descriptor.code);
            assert!(out.contains(&code), "{code} is not fixed: {out}\n{spec}");
            let after = told(&std::fs::read_to_string(&place).expect("a file"));
            assert!(after.len() < before.len(), "{code} is still there\n{spec}");
            fixed.insert(descriptor.code);
        }
    }
    // Not every mistake has one certain fix; those that have one must not lose it. docs/rules.md counts them.
    assert!(fixed.len() >= 55, "{} codes: {fixed:?}", fixed.len());
    let list: Vec<&str> = fixed.into_iter().collect();
    same("tests/rules/mended.txt", &format!("{}\n", list.join("\n")));
}

/// A mistake in a library folder is reported with its place in that folder.
#[test]
fn mistakes_in_a_library_folder_are_reported() {
    let cases = [
        (
            "library/bad-schema",
            "schema/spec/wheel.pik",
            "block wheel { in = [top], label = none, doc = \"Round.\", spokes = 12 }\n",
        ),
        (
            "spec/missing-setting",
            "boards/pi-4.pik",
            "board pi-4b-2g { title = \"A board without most of its facts\" }\n",
        ),
    ];
    for (code, path, text) in cases {
        let spec = base::around("");
        let analysis = pikc::analyze(AnalyzeInput {
            path: Utf8Path::new("cluster.pik"),
            text: &spec,
            reader: &Disk(spec.clone()),
            overlay: BTreeMap::from([(path.to_owned(), text.to_owned())]),
            as_of: None,
            kept: None,
        });
        let found = analysis
            .diagnostics
            .iter()
            .find(|d| d.descriptor.code == code);
        let place = found.and_then(pikc::diagnostic::Diagnostic::span);
        let file = place.map(|span| analysis.sources.file(span.file).name.clone());
        assert_eq!(
            file.as_deref(),
            Some(format!("<stdlib>/{path}").as_str()),
            "{code}: {:#?}",
            self::found(&analysis)
        );
    }
}

/// An `allow` in an old spec can use any name that a code ever had, so no name may mean two codes.
#[test]
fn no_former_name_is_a_code_or_another_codes_former_name() {
    let codes = pikc::cli::all_codes();
    let living: BTreeSet<&str> = codes.iter().map(|code| code.code).collect();
    let mut former = BTreeSet::new();
    for descriptor in &codes {
        for name in descriptor.formerly {
            assert!(!living.contains(name), "{name} is a code");
            assert!(former.insert(*name), "{name} was two codes");
            assert!(name.contains('/'), "{name} is not a code");
        }
    }
    assert!(former.len() >= 3, "{former:?}");
}

#[test]
fn every_code_names_its_first_release() {
    let numbers = |version: &str| -> Vec<u32> {
        let parts = version.split('.').map(|part| part.parse().expect(version));
        parts.collect()
    };
    let now = numbers(env!("CARGO_PKG_VERSION"));
    for descriptor in pikc::cli::all_codes() {
        let since = numbers(descriptor.since);
        assert!(
            since.len() == 3 && since <= now,
            "{} is from {}, and this is {}",
            descriptor.code,
            descriptor.since,
            env!("CARGO_PKG_VERSION")
        );
    }
}
