//! Broken specs as they occur in the field (`tests/corpus/*.pik`), each a whole and plausible cluster. The first line of each says
//! which codes it gets; lines and exit status are pinned in `tests/corpus/pins.txt`. Then all of them are checked in one run with the
//! examples, with the same findings; and `check --fix` runs on each (`tests/corpus/fixed.rs`).

pub mod fixed;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::Path;

use pikc::cli::all_codes;
use serde_json::Value;

use crate::support::bless::same;
use crate::support::{PIKC, Run};

/// A spec of the corpus.
pub struct Case {
    /// `two-with-one-address.pik`
    pub file: String,
    /// The codes that its first line expects.
    expected: BTreeSet<String>,
    /// Options that its first lines ask for: the date of the check (`# as of: 2027-03-01`), and the library folder that it is written
    /// for (`# library: old-boards`, a folder in `libraries`).
    pub options: Vec<String>,
    /// How many lines tell its story.
    story: usize,
}

pub fn folder() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus")
}

pub fn cases() -> Vec<Case> {
    let mut files: Vec<String> = std::fs::read_dir(folder())
        .expect("tests/corpus")
        .filter_map(|entry| entry.expect("an entry").file_name().into_string().ok())
        .filter(|name| name.ends_with(".pik"))
        .collect();
    files.sort();
    files.into_iter().map(case).collect()
}

fn case(file: String) -> Case {
    let text = std::fs::read(folder().join(&file)).expect("a spec");
    let text = String::from_utf8_lossy(&text);
    let mut lines = text.lines();
    let codes = lines
        .next()
        .and_then(|line| line.strip_prefix("# expect: "))
        .unwrap_or_else(|| panic!("{file} expects nothing"));
    let said: Vec<&str> = lines.take_while(|line| line.starts_with("# ")).collect();
    let options: Vec<String> = said
        .iter()
        .filter_map(|line| option(line))
        .flatten()
        .collect();
    Case {
        expected: codes.split(", ").map(str::to_owned).collect(),
        story: said.len() - options.len() / 2,
        options,
        file,
    }
}

/// The option that a line of the head asks for.
fn option(line: &str) -> Option<[String; 2]> {
    let day = line
        .strip_prefix("# as of: ")
        .map(|day| ["--as-of".to_owned(), day.to_owned()]);
    day.or_else(|| {
        let library = line.strip_prefix("# library: ")?;
        Some(["--stdlib".to_owned(), format!("libraries/{library}")])
    })
}

/// Runs the program in the folder of the corpus.
fn pikc(arguments: &[&str]) -> Run {
    let mut command = assert_cmd::Command::new(PIKC);
    let output = command
        .args(arguments)
        .current_dir(folder())
        .output()
        .expect("the program starts");
    Run {
        status: output.status.code().unwrap_or(-1),
        out: String::from_utf8_lossy(&output.stdout).into_owned(),
        err: String::from_utf8_lossy(&output.stderr).into_owned(),
    }
}

/// What a run of `check` found: for each file the lines with their codes, in order.
fn found(run: &Run) -> BTreeMap<String, Vec<(u64, String)>> {
    let told: Value =
        serde_json::from_str(&run.out).unwrap_or_else(|error| panic!("{error}: {run:?}"));
    let mut found: BTreeMap<String, Vec<(u64, String)>> = BTreeMap::new();
    for one in told["diagnostics"].as_array().expect("a list") {
        let text = |name: &str| one[name].as_str().expect(name).to_owned();
        let line = one["range"]["start"]["line"].as_u64().expect("a line");
        found
            .entry(text("file"))
            .or_default()
            .push((line, text("code")));
    }
    for list in found.values_mut() {
        list.sort();
    }
    found
}

#[test]
fn every_broken_spec_gets_the_codes_that_it_expects() {
    let cases = cases();
    assert!(cases.len() >= 60, "{} specs", cases.len());
    let (mut wrong, mut pins) = (Vec::new(), String::new());
    let mut reported = BTreeSet::new();
    let mut alone: BTreeMap<String, Vec<(u64, String)>> = BTreeMap::new();
    for case in &cases {
        let mut line = vec!["check", "--format", "json", case.file.as_str()];
        line.extend(case.options.iter().map(String::as_str));
        let run = pikc(&line);
        let places: Vec<(u64, String)> = found(&run).into_values().flatten().collect();
        let codes: BTreeSet<String> = places.iter().map(|(_, code)| code.clone()).collect();
        if codes != case.expected {
            wrong.push(format!(
                "{}: expects {:?}, but gets {codes:?}",
                case.file, case.expected
            ));
        }
        if case.story == 0 {
            wrong.push(format!("{} tells no story", case.file));
        }
        writeln!(pins, "{}: {}", case.file, run.status).expect("a String");
        for (line, code) in &places {
            writeln!(pins, "  {line} {code}").expect("a String");
        }
        reported.extend(codes);
        if case.options.is_empty() {
            alone.insert(case.file.clone(), places);
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));

    // All of them and every example in one run: no finding is lost or added.
    let examples = [
        "home-pi/cluster.pik",
        "policies/cluster.pik",
        "ubuntu-cloud/cluster.pik",
        "seed-2023/cluster.pik",
    ];
    let examples = examples.map(|name| format!("../../examples/{name}"));
    let mut line = vec!["check", "--format", "json"];
    line.extend(alone.keys().map(String::as_str));
    line.extend(examples.iter().map(String::as_str));
    let run = pikc(&line);
    assert_eq!(run.status, 1, "{}", run.err);
    let mut together = found(&run);
    let of_examples: Vec<(String, usize)> = examples
        .iter()
        .map(|example| {
            (
                example.clone(),
                together.remove(example).map_or(0, |list| list.len()),
            )
        })
        .collect();
    together.retain(|_, list| !list.is_empty());
    assert_eq!(together, alone);
    for (example, count) in &of_examples {
        writeln!(pins, "{example}: {count} findings").expect("a String");
    }

    // The codes that no spec of the corpus has: a new code belongs in a spec, or on this list on purpose. Codes about files of clusters
    // without a spec have their files in `tests/existing`.
    let without: Vec<&str> = all_codes()
        .iter()
        .filter(|code| !code.file.contains("existing"))
        .map(|code| code.code)
        .filter(|code| !reported.contains(*code))
        .collect();
    writeln!(pins, "no spec of the corpus has:").expect("a String");
    for code in &without {
        writeln!(pins, "  {code}").expect("a String");
    }
    println!(
        "{} specs, {} codes; none has {without:?}",
        cases.len(),
        reported.len()
    );
    assert!(reported.len() >= 140, "{} codes", reported.len());
    same("tests/corpus/pins.txt", &pins);
}
