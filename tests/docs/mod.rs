//! The manual: its generated pages are up to date, its specs compile, its commands print what it shows.

mod ci;
mod comparison;
mod console;
mod fences;
mod generated;
mod links;
mod loops;
mod reports;
mod runbook;
mod shell;
mod tour;

use std::path::{Path, PathBuf};

/// Every page of the manual, README first.
fn pages() -> Vec<(String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut paths = vec![PathBuf::from("README.md")];
    let mut below: Vec<PathBuf> = std::fs::read_dir(root.join("docs"))
        .expect("docs/")
        .map(|entry| Path::new("docs").join(entry.expect("an entry").file_name()))
        .filter(|path| path.extension().is_some_and(|ending| ending == "md"))
        .collect();
    below.sort();
    paths.append(&mut below);
    paths
        .into_iter()
        .map(|path| {
            let name = path.to_str().expect("plain names").to_owned();
            let text = std::fs::read_to_string(root.join(&path))
                .unwrap_or_else(|error| panic!("{name}: {error}"));
            (name, text)
        })
        .collect()
}

/// A fenced block of a page: what follows the backticks, its first line's number, its text.
struct Fence {
    tag: String,
    line: usize,
    text: String,
}

fn fences(page: &str) -> Vec<Fence> {
    let mut found = Vec::new();
    let mut open: Option<Fence> = None;
    for (index, line) in page.lines().enumerate() {
        match (&mut open, line.strip_prefix("```")) {
            (None, Some(tag)) => {
                open = Some(Fence {
                    tag: tag.trim().to_owned(),
                    line: index + 2,
                    text: String::new(),
                });
            }
            (Some(_), Some("")) => found.extend(open.take()),
            (Some(fence), _) => {
                fence.text.push_str(line);
                fence.text.push('\n');
            }
            (None, None) => {}
        }
    }
    assert!(open.is_none(), "a fence is not closed");
    found
}

/// The name under which the commands of the page find a spec: that in ```` ```pik NAME.pik ````.
fn file_of(tag: &str) -> Option<&str> {
    tag.strip_prefix("pik ")
        .filter(|name| name.ends_with(".pik"))
}

#[test]
fn every_dependency_is_explained() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let read = |name: &str| std::fs::read_to_string(root.join(name)).expect(name);
    let manifest = read("Cargo.toml") + &read("src/language/Cargo.toml");
    let page = read("docs/dependencies.md");
    let explained: Vec<&str> = page
        .lines()
        .filter_map(|line| line.strip_prefix("| ")?.split(" | ").next())
        .flat_map(|names| names.split(", "))
        .collect();
    let mut section = "";
    for line in manifest.lines() {
        if line.starts_with('[') {
            section = line;
        } else if section.contains("dependencies]")
            && let Some((name, _)) = line.split_once(" = ")
            && name != "pikc-language"
        {
            assert!(
                explained.contains(&name),
                "docs/dependencies.md does not mention {name}"
            );
        }
    }
}
