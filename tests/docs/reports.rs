//! What `pikc check` prints for every example, character by character, and the pages that show an example
//! next to its fixed form.
//!
//! `tests/golden/<example>/report.txt` holds both streams at a width of 100, for each example with
//! findings. An example with a `mended.pik` also has a page `docs/<example>.md`. `PIKC_BLESS=1` writes them again.

use std::path::Path;

use crate::support::Folder;
use crate::support::bless::same;

/// The names of the folders in examples/, in order.
fn examples() -> Vec<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples");
    let mut names: Vec<String> = std::fs::read_dir(folder)
        .expect("examples/")
        .map(|entry| entry.expect("an entry"))
        .filter(|entry| entry.path().join("cluster.pik").is_file())
        .map(|entry| entry.file_name().into_string().expect("plain names"))
        .collect();
    names.sort();
    assert!(!names.is_empty(), "there are no examples");
    names
}

fn read(path: &str) -> Option<String> {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).ok()
}

/// What `check` prints for a file of an example: both streams, as a terminal would show them.
fn report(example: &str, file: &str) -> String {
    let folder = Folder::new(&[]);
    let copy = format!(
        "cp -r '{}/examples/{example}/.' .",
        env!("CARGO_MANIFEST_DIR")
    );
    assert_eq!(folder.shell(&copy).status, 0);
    let run = folder.run(&["check", file], &[("COLUMNS", "100")], "");
    assert!(run.status <= 1, "{example}/{file}: {run:?}");
    format!("{}{}", run.err, run.out)
}

#[test]
fn the_report_of_each_example_is_the_pinned_one() {
    let mut pinned = 0;
    for example in examples() {
        let report = report(&example, "cluster.pik");
        if report.starts_with("cluster.pik: cluster ") {
            // Nothing was found: the golden tests pin the whole tree of such a spec.
            continue;
        }
        pinned += 1;
        same(&format!("tests/golden/{example}/report.txt"), &report);
    }
    assert!(pinned > 0, "no example has a report");
}

#[test]
fn a_fixed_example_is_accepted_and_shown_next_to_the_old_one() {
    for example in examples() {
        let Some(fixed) = read(&format!("examples/{example}/mended.pik")) else {
            continue;
        };
        let old = read(&format!("examples/{example}/cluster.pik")).expect("an example has a spec");
        let accepted = report(&example, "mended.pik");
        assert!(
            !accepted.contains("Error: ") && !accepted.contains("Warning: "),
            "{example}/mended.pik:\n{accepted}"
        );
        same(&format!("docs/{example}.md"), &page(&example, &old, &fixed));
    }
}

fn page(example: &str, old: &str, fixed: &str) -> String {
    let found = report(example, "cluster.pik");
    let accepted = report(example, "mended.pik");
    let difference = similar::TextDiff::from_lines(old, fixed)
        .unified_diff()
        .header("cluster.pik", "mended.pik")
        .to_string();
    format!(
        "# {example}: an old spec, checked today\n\n\
         <!-- Made from the program by `PIKC_BLESS=1 cargo test --test all docs::`; edits here are lost. -->\n\n\
         `examples/{example}/cluster.pik` describes a cluster as it was built at the time. Its parts have aged: what can no longer \
         work is an error, what is only old is a warning. Each report points at the setting and says what to type instead; \
         `mended.pik` is the same cluster with these fixes.\n\n\
         ## Side by side\n\n\
         <table>\n<tr><th>cluster.pik</th><th>mended.pik</th></tr>\n<tr valign=\"top\"><td>\n\n\
         ```\n{old}```\n\n</td><td>\n\n```\n{fixed}```\n\n</td></tr>\n</table>\n\n\
         ## The report\n\n```\n$ pikc check cluster.pik\n{found}```\n\n\
         ## What was changed\n\n```diff\n{difference}```\n\n```\n$ pikc check mended.pik\n{accepted}```\n"
    )
}
