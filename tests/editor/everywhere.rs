//! At every place of every spec, and of every spec that ends early: no question panics, and answers stay within the file.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use pikc::diagnostic::Severity;
use pikc::editor::{View, complete, hover, missing_settings};

use super::ask::project;

/// The texts of every spec of the examples, the tests and the corpus.
fn specs() -> Vec<(PathBuf, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut open: Vec<PathBuf> = ["examples", "tests/specs", "tests/corpus"]
        .iter()
        .map(|folder| root.join(folder))
        .collect();
    let mut all = Vec::new();
    while let Some(folder) = open.pop() {
        for entry in std::fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                open.push(path);
            } else if path.extension().is_some_and(|ending| ending == "pik") {
                // One of the corpus is not UTF-8; editors have text.
                let text = std::fs::read(&path).expect("a spec");
                all.push((path, String::from_utf8_lossy(&text).into_owned()));
            }
        }
    }
    all.sort();
    assert!(all.len() > 50);
    all
}

/// Asks everything at a place.
fn ask(view: &View<'_>, offset: usize) {
    let length = view.text().len();
    let within = |span: pikc::source::Span| {
        let (start, end) = (span.start as usize, span.end as usize);
        assert!(span.file == view.page.file && start <= end && end <= length);
        assert!(view.text().get(start..end).is_some(), "inside a character");
    };
    if let Some(found) = hover(view, offset) {
        within(found.span);
        assert!(!found.markdown.is_empty());
    }
    for item in complete(view, offset, &[]).items {
        within(item.replace);
        assert!(item.replace.start as usize <= offset && !item.label.is_empty());
    }
    for edit in missing_settings(view, offset)
        .iter()
        .flat_map(|fix| &fix.edits)
    {
        within(edit.span);
    }
}

/// Every `step`th byte, each time another one.
fn ask_along(text: &str, step: usize, first: usize) {
    let project = project(text, &BTreeMap::new());
    let Some(view) = project.view("cluster.pik") else {
        return;
    };
    for offset in (first % step..=text.len()).step_by(step) {
        ask(&view, offset);
    }
    ask(&view, text.len());
    ask(&view, text.len() + 7);
}

#[test]
fn nothing_panics_at_any_place() {
    for (number, (path, text)) in specs().into_iter().enumerate() {
        // Whole examples byte by byte; of the others a part of the places, another one in each.
        let step = if path.to_string_lossy().contains("examples/home-pi") {
            1
        } else {
            23
        };
        ask_along(&text, step, number);
    }
}

#[test]
fn nothing_panics_in_a_spec_that_ends_early() {
    for name in ["home-pi", "office"] {
        let path = format!("{}/examples/{name}/cluster.pik", env!("CARGO_MANIFEST_DIR"));
        let text = std::fs::read_to_string(path).expect("an example");
        let ends = text
            .match_indices('\n')
            .flat_map(|(at, _)| [at, at + 1, at.saturating_sub(3)]);
        for end in ends {
            let Some(piece) = text.get(..end) else {
                continue;
            };
            let project = project(piece, &BTreeMap::new());
            if let Some(view) = project.view("cluster.pik") {
                for back in [0, 1, 5] {
                    ask(&view, end.saturating_sub(back));
                }
            }
        }
    }
}

/// The errors of a text that come from its words, not from what they mean together.
fn errors_of_form(text: &str) -> Vec<String> {
    let project = project(text, &BTreeMap::new());
    let found = project.analysis.diagnostics.iter();
    let families = [
        "syntax/",
        "value/",
        "spec/unknown",
        "spec/duplicate",
        "spec/misplaced",
    ];
    found
        .filter(|one| one.severity == Severity::Error)
        .filter(|one| {
            let code = one.descriptor.code;
            families.iter().any(|family| code.starts_with(family))
        })
        .map(|one| format!("{}: {}", one.descriptor.code, one.message))
        .collect()
}

/// Writes some of what is offered at a place of a text; adds what makes a new error.
fn write_there(text: &str, at: usize, wrong: &mut Vec<String>) -> usize {
    let before = errors_of_form(text);
    let project = project(text, &BTreeMap::new());
    let Some(view) = project.view("cluster.pik") else {
        return 0;
    };
    let mut tried = 0;
    for (number, item) in complete(&view, at, &[]).items.iter().enumerate() {
        // All of them would take minutes.
        if number > 1 && !(number + at).is_multiple_of(7) {
            continue;
        }
        let mut new = text.to_owned();
        let (start, end) = (item.replace.start as usize, item.replace.end as usize);
        new.replace_range(start..end, &item.insert.plain());
        tried += 1;
        let errors = errors_of_form(&new);
        if errors.iter().any(|error| !before.contains(error)) {
            wrong.push(format!("{} at {at}: {errors:?}", item.insert.plain()));
        }
    }
    tried
}

#[test]
fn what_is_offered_can_be_written() {
    let path = format!(
        "{}/examples/home-pi/cluster.pik",
        env!("CARGO_MANIFEST_DIR")
    );
    let text = std::fs::read_to_string(path).expect("an example");
    let mut wrong = Vec::new();
    let mut tried = 0;
    // On a blank line in every block, and in place of every value.
    for at in text.match_indices('\n').map(|(at, _)| at + 1) {
        let mut longer = text.clone();
        longer.insert(at, '\n');
        tried += write_there(&longer, at, &mut wrong);
    }
    for at in text.match_indices(" = ").map(|(at, _)| at + 3) {
        let list = text[at..].starts_with('[');
        tried += write_there(&text, at + usize::from(list), &mut wrong);
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(tried > 100, "only {tried} were tried");
}

#[test]
fn a_long_list_is_cut_and_says_so() {
    let text = "cluster a {\n  bgp { peer x { nodes = [m0399] } }\n}\nnode m[0001-0400] {}\n";
    let at = text.find("0399").expect("the name") + 4;
    let whole = project(text, &BTreeMap::new());
    let found = complete(&whole.view("cluster.pik").expect("the file"), at, &[]);
    assert_eq!(found.items.len(), 300);
    assert!(found.incomplete);
    assert_eq!(found.items[0].label, "m0399");
}
