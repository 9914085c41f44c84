//! The rows, their verdicts, and the page that is generated from them.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::Path;

use pikc::cli::all_codes;

use crate::support::bless::same;

/// The parts of the catalogue: the file, the letter of its rows, and how many there are.
const PARTS: &[(&str, char, usize)] = &[
    ("kubernetes", 'K', 72),
    ("cni", 'C', 45),
    ("os", 'O', 59),
    ("kubeadm_validation", 'V', 104),
];

/// The files with tests for what is right by construction.
const TESTS: [&str; 6] = [
    "tests/rules/control_planes.rs",
    "tests/rules/machines.rs",
    "tests/rules/made.rs",
    "tests/rules/networks.rs",
    "tests/rules/packages.rs",
    "tests/rules/routes.rs",
];

struct Row {
    id: String,
    trouble: String,
    verdicts: Vec<Verdict>,
    sources: String,
}

enum Verdict {
    /// A rule reports it.
    Rule(String),
    /// What pikc writes cannot have it; the test that shows this.
    Made(String),
    /// A step checks for it on the machine: its name, and words from it.
    Step(String, String),
    /// Nothing is done, and why.
    Left(String),
}

fn read(path: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn part(name: &str) -> (String, Vec<Row>) {
    let text = read(&format!("tests/rules/{name}.md"));
    let title = text
        .lines()
        .next()
        .and_then(|line| line.strip_prefix("# "))
        .expect("a title");
    (
        title.to_owned(),
        text.lines()
            .filter(|line| line.starts_with('|'))
            .map(row)
            .collect(),
    )
}

fn row(line: &str) -> Row {
    let cells: Vec<&str> = line.trim_matches('|').split(" | ").map(str::trim).collect();
    let [id, trouble, verdicts, sources] = cells[..] else {
        panic!("expected four cells: {line}");
    };
    let verdict = |text: &str| {
        let (kind, rest) = text
            .trim()
            .split_once(' ')
            .unwrap_or_else(|| panic!("{id}: `{text}`"));
        match kind {
            "rule" => Verdict::Rule(rest.to_owned()),
            "made" => Verdict::Made(rest.to_owned()),
            "step" => {
                let (step, words) = rest
                    .split_once(": ")
                    .unwrap_or_else(|| panic!("{id}: `{text}`"));
                Verdict::Step(step.to_owned(), words.to_owned())
            }
            "left" => Verdict::Left(rest.to_owned()),
            _ => panic!("{id}: there is no verdict `{kind}`"),
        }
    };
    // A reason can contain anything.
    let verdicts = match verdicts.starts_with("left ") {
        true => vec![verdict(verdicts)],
        false => verdicts
            .split("; ")
            .filter(|text| !text.is_empty())
            .map(verdict)
            .collect(),
    };
    Row {
        id: id.to_owned(),
        trouble: trouble.to_owned(),
        verdicts,
        sources: sources.to_owned(),
    }
}

/// The names of the tests in the files next to this one, and the file of each.
fn tests() -> Vec<(String, &'static str)> {
    let mut found = Vec::new();
    for file in TESTS {
        let text = read(file);
        let mut marked = false;
        for line in text.lines() {
            if let Some(name) = line.strip_prefix("fn ").filter(|_| marked) {
                found.push((name.split('(').next().unwrap_or_default().to_owned(), file));
            }
            marked = line == "#[test]";
        }
    }
    found
}

fn template(step: &str) -> Option<String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("stdlib/script/{step}.sh.j2"));
    std::fs::read_to_string(path).ok()
}

#[test]
fn every_row_has_a_verdict_that_holds() {
    let codes: BTreeSet<&str> = all_codes().iter().map(|code| code.code).collect();
    let tests = tests();
    let mut named = BTreeSet::new();
    let mut wrong = Vec::new();
    for (file, letter, count) in PARTS {
        let (_, rows) = part(file);
        let ids: Vec<&str> = rows.iter().map(|row| row.id.as_str()).collect();
        let wanted: Vec<String> = (1..=*count)
            .map(|number| format!("{letter}{number}"))
            .collect();
        assert_eq!(ids, wanted, "the rows of tests/rules/{file}.md");
        for row in &rows {
            let id = &row.id;
            if row.verdicts.is_empty() {
                wrong.push(format!("{id} has no verdict"));
            }
            if row.sources.is_empty() || row.trouble.is_empty() {
                wrong.push(format!("{id} lacks a source or a text"));
            }
            for verdict in &row.verdicts {
                match verdict {
                    Verdict::Rule(code) if !codes.contains(code.as_str()) => {
                        wrong.push(format!("{id}: there is no code {code}"));
                    }
                    Verdict::Made(test) => {
                        named.insert(test.clone());
                        if !tests.iter().any(|(name, _)| name == test) {
                            wrong.push(format!("{id}: there is no test {test}"));
                        }
                    }
                    Verdict::Step(step, words) => match template(step) {
                        None => wrong.push(format!("{id}: there is no step {step}")),
                        Some(text) if !text.contains(words.as_str()) => {
                            wrong.push(format!("{id}: `{words}` is not in {step}"));
                        }
                        Some(_) => {}
                    },
                    Verdict::Left(why) if why.split(' ').count() < 8 => {
                        wrong.push(format!("{id}: that is not a reason: {why}"));
                    }
                    Verdict::Rule(_) | Verdict::Left(_) => {}
                }
            }
        }
    }
    for (test, file) in &tests {
        if !named.contains(test) {
            wrong.push(format!("no row names the test {test} of {file}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The catalogue is self-contained: nothing in it refers to a place that a reader of the project does not have.
#[test]
fn the_catalogue_is_self_contained() {
    for (file, ..) in PARTS {
        let text = read(&format!("tests/rules/{file}.md"));
        for word in ["sheet", "§", "[src", "/work", "k/k#"] {
            assert!(!text.contains(word), "tests/rules/{file}.md says `{word}`");
        }
    }
}

#[test]
fn the_page_of_rules_is_fresh() {
    let codes = all_codes();
    let mut text = String::from(
        "# What goes wrong, and what pikc does about it\n\n\
         <!-- Made from tests/rules/*.md by `PIKC_BLESS=1 cargo test --test all rules::`; edits here are lost. -->\n\n\
         How clusters like these fail in the field, one row per failure. pikc handles each in one or more of these ways:\n\n\
         - **rule**: `check` reports it before anything is written; the code leads to its page.\n\
         - **by construction**: what pikc writes cannot have the mistake; a test shows that the output is right.\n\
         - **on the machine**: only the machine can know; the step that checks stops, or says so.\n\
         - **left**: pikc does nothing, and the row says why.\n\n",
    );
    let parts: Vec<(String, Vec<Row>)> = PARTS.iter().map(|(file, ..)| part(file)).collect();
    let rows = || parts.iter().flat_map(|(_, rows)| rows);
    let with =
        |fits: fn(&Verdict) -> bool| rows().filter(|row| row.verdicts.iter().any(fits)).count();
    // Generated by running `check --fix` on the failing example of each code (tests/explain).
    let fixed = read("tests/rules/mended.txt");
    let certain: Vec<&str> = fixed
        .lines()
        .filter(|code| codes.iter().any(|known| known.code == *code))
        .collect();
    assert_eq!(
        certain.len(),
        fixed.lines().count(),
        "tests/rules/mended.txt names codes that do not exist"
    );
    writeln!(
        text,
        "Of {} rows, {} have a rule, {} are impossible by construction, {} are checked on the machine (a row can have several), \
         and {} are left.\n\nOf the {} codes, {} ({} %) come with an edit if the fix is certain, which `pikc check --fix` applies.",
        rows().count(),
        with(|verdict| matches!(verdict, Verdict::Rule(_))),
        with(|verdict| matches!(verdict, Verdict::Made(_))),
        with(|verdict| matches!(verdict, Verdict::Step(..))),
        with(|verdict| matches!(verdict, Verdict::Left(_))),
        codes.len(),
        certain.len(),
        certain.len() * 100 / codes.len(),
    )
    .expect("a String");
    let tests = tests();
    for (title, rows) in &parts {
        write!(
            text,
            "\n## {title}\n\n| | what goes wrong | what pikc does | from |\n|---|---|---|---|\n"
        )
        .expect("a String");
        for row in rows {
            let verdicts: Vec<String> = row
                .verdicts
                .iter()
                .map(|verdict| cell(verdict, &tests))
                .collect();
            writeln!(
                text,
                "| {} | {} | {} | {} |",
                row.id,
                row.trouble,
                verdicts.join("; "),
                row.sources
            )
            .expect("a String");
        }
    }
    text.push_str(&super::validation::section());
    same("docs/rules.md", &text);
}

fn cell(verdict: &Verdict, tests: &[(String, &str)]) -> String {
    match verdict {
        Verdict::Rule(code) => {
            format!("rule [`{code}`](diagnostics.md#{})", code.replace('/', ""))
        }
        Verdict::Made(test) => {
            let file = tests
                .iter()
                .find(|(name, _)| name == test)
                .map_or("", |(_, file)| file);
            format!("by construction: [{}](../{file})", test.replace('_', " "))
        }
        Verdict::Step(step, words) => {
            format!("on the machine: [{step}](../stdlib/script/{step}.sh.j2) (`{words}`)")
        }
        Verdict::Left(why) => format!("left: {why}"),
    }
}

/// The comparison says how many checks of Kubernetes' own programs pikc makes before anything is run: by a rule, or because what it
/// writes cannot fail them.
#[test]
fn the_comparison_counts_the_checks_of_the_catalogue() {
    let page = read("docs/comparison.md");
    let (_, rows) = part("kubeadm_validation");
    let before = |row: &&Row| {
        let early = |verdict: &Verdict| matches!(verdict, Verdict::Rule(_) | Verdict::Made(_));
        row.verdicts.iter().any(early)
    };
    let kubeadm = (rows.len(), rows.iter().filter(before).count());
    for (program, (all, made)) in [
        ("kubeadm", kubeadm),
        ("kubelet and kube-proxy", super::validation::counts()),
    ] {
        let row = format!("| {program} | {all} | {made} | {} |", all - made);
        assert!(page.contains(&row), "docs/comparison.md should say: {row}");
    }
}
