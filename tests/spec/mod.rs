//! The specification of the language as a test: every spec in `tests/spec/*/*.md` is analyzed, and the findings
//! must be what the page expects, no more and no less. `tests/spec/README.md` describes how the pages are written.

mod families;
mod many;
pub mod page;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use crate::support::base;
use crate::support::bless::{blessing, same};
use camino::Utf8Path;
use page::{Case, Expected};
use pikc::model::Reader;
use pikc::source::Span;
use pikc::{Analysis, AnalyzeInput, analyze, cli};

/// The file name of a case's own spec.
pub const MAIN: &str = "cluster.pik";

/// The files of a case.
struct Files<'a>(&'a BTreeMap<String, String>);

impl Reader for Files<'_> {
    fn read(&self, path: &Utf8Path) -> Result<String, String> {
        self.0
            .get(path.as_str())
            .cloned()
            .ok_or_else(|| "there is no such file".to_owned())
    }
}

/// The pages by their paths in `tests/spec`, a folder for each family, without the reports that are generated from explanations.
pub fn pages() -> Vec<(String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/spec");
    let files = |folder: &Path| -> Vec<PathBuf> {
        let found = std::fs::read_dir(folder).expect("tests/spec");
        found.map(|entry| entry.expect("an entry").path()).collect()
    };
    let folders = files(&root).into_iter().filter(|path| path.is_dir());
    let mut pages: Vec<(String, String)> = folders
        .flat_map(|folder| files(&folder))
        .filter(|path| path.file_name().is_some_and(|name| name != "reports.md"))
        .map(|path| {
            let name = path.strip_prefix(&root).expect("below tests/spec");
            let text = std::fs::read_to_string(&path).expect("a page");
            (name.to_string_lossy().into_owned(), text)
        })
        .collect();
    pages.sort();
    pages
}

#[test]
fn every_page_is_right() {
    let (mut wrong, mut seen) = (Vec::new(), 0);
    let mut reported = BTreeSet::new();
    for (name, text) in pages() {
        let mut blessed = text.clone();
        for case in page::cases(&text).unwrap_or_else(|why| panic!("{name}: {why}")) {
            seen += 1;
            let analysis = run(&case);
            reported.extend(
                analysis
                    .diagnostics
                    .iter()
                    .map(|finding| finding.descriptor.code),
            );
            for mistake in compare(&case, &analysis) {
                wrong.push(format!("tests/spec/{name}:{}: {mistake}", case.line));
            }
            if let Some(report) = &case.report {
                let made = cli::render_report(&analysis, MAIN, cli::Look::PLAIN);
                if report.trim_end() == made.trim_end() {
                    continue;
                }
                if blessing() {
                    let old = format!("```report\n{report}```");
                    blessed =
                        blessed.replacen(&old, &format!("```report\n{}\n```", made.trim_end()), 1);
                } else {
                    wrong.push(format!(
                        "tests/spec/{name}:{}: the report is now\n{made}",
                        case.line
                    ));
                }
            }
        }
        if blessing() {
            same(&format!("tests/spec/{name}"), &blessed);
        }
    }
    assert!(
        wrong.is_empty(),
        "{} cases differ:\n\n{}",
        wrong.len(),
        wrong.join("\n")
    );
    assert!(seen > 100, "only {seen} cases were found");
    // Failing examples of specs are run with all other examples (tests/explain); a failing library
    // folder needs a case here.
    for descriptor in pikc::check::all_codes() {
        let elsewhere = descriptor.explanation.lines().any(|line| {
            (line.contains("```pik") || line.contains("```yaml"))
                && line.contains("fails")
                && !line.contains("library")
        });
        // tests/explain has a test for mistakes in a library folder, too.
        let of_library = descriptor.code.starts_with("library/");
        assert!(
            elsewhere || of_library || reported.contains(descriptor.code),
            "no page shows what leads to {}",
            descriptor.code
        );
    }
}

/// The spec of a case, with the base around it if it needs one.
fn spec(case: &Case) -> String {
    if case.fragment {
        base::around(&case.text)
    } else {
        case.text.clone()
    }
}

/// The texts of a case by their names, and those of its library folder, without its expectations.
pub fn texts(case: &Case) -> (BTreeMap<String, String>, BTreeMap<String, String>) {
    let without = |files: &BTreeMap<String, String>| -> BTreeMap<String, String> {
        files
            .iter()
            .map(|(name, text)| (name.clone(), page::without_expectations(text)))
            .collect()
    };
    let mut files = without(&case.files);
    files.insert(MAIN.to_owned(), page::without_expectations(&spec(case)));
    (files, without(&case.library))
}

/// Analyzes a case without its expectations.
fn run(case: &Case) -> Analysis {
    let (files, overlay) = texts(case);
    analyze(AnalyzeInput {
        path: Utf8Path::new(MAIN),
        text: &files[MAIN],
        reader: &Files(&files),
        overlay,
        as_of: None,
        kept: None,
    })
}

/// The differences between what a case expects and what was found.
fn compare(case: &Case, analysis: &Analysis) -> Vec<String> {
    let mut expected: Vec<(String, Expected)> = Vec::new();
    let main = spec(case);
    let library = case
        .library
        .iter()
        .map(|(path, text)| (format!("<stdlib>/{path}"), text));
    let used = analysis.sources.files().filter_map(|(_, file)| {
        let text = match file.name.as_str() {
            MAIN => &main,
            name => case.files.get(name)?,
        };
        Some((file.name.clone(), text))
    });
    for (name, text) in used.chain(library) {
        expected.extend(
            page::expectations(text)
                .into_iter()
                .map(|one| (name.clone(), one)),
        );
    }
    let place = |span: Span| {
        let file = analysis.sources.file(span.file);
        (file.name.clone(), file.position(span.start as usize).line)
    };
    let mut wrong = Vec::new();
    for finding in analysis.diagnostics.iter() {
        let (name, line) = finding.span().map_or((MAIN.to_owned(), 1), place);
        let found = expected.iter().position(|(file, want)| {
            *file == name
                && want.line == line
                && !want.label
                && want.code == finding.descriptor.code
                && finding.message.contains(&want.part)
        });
        match found {
            Some(index) => {
                expected.remove(index);
            }
            None => wrong.push(format!(
                "not expected, at {name}:{line}: {} {}: {}",
                finding.severity.word(),
                finding.descriptor.code,
                finding.message
            )),
        }
        for label in finding.labels.iter().skip(1) {
            let (name, line) = place(label.span);
            let found = expected.iter().position(|(file, want)| {
                *file == name && want.line == line && want.label && label.text.contains(&want.part)
            });
            if let Some(index) = found {
                expected.remove(index);
            }
        }
    }
    for (name, want) in expected {
        wrong.push(format!(
            "expected, not found: {want} at {name}:{}",
            want.line
        ));
    }
    if !wrong.is_empty() && case.fragment {
        wrong.push(format!("in\n{main}"));
    }
    wrong
}
