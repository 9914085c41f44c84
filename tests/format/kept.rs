//! The project's own files: which are in the layout, and that none changes its meaning.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use camino::Utf8Path;
use pikc::format::format;
use pikc::render::Entry;
use pikc::value::SecretName;
use pikc::{analyze, plan};

use super::wrong;

fn files(folder: &Path, ending: &str, out: &mut Vec<PathBuf>) {
    let entries = std::fs::read_dir(folder).expect("a folder");
    let mut paths: Vec<_> = entries
        .map(|entry| entry.expect("an entry").path())
        .collect();
    paths.sort();
    for path in paths {
        if path.is_dir() {
            files(&path, ending, out);
        } else if path.extension().is_some_and(|found| found == ending) {
            out.push(path);
        }
    }
}

fn texts(folders: &[&str], ending: &str) -> Vec<(PathBuf, String)> {
    let mut paths = Vec::new();
    for folder in folders {
        files(Path::new(folder), ending, &mut paths);
    }
    let read = |path: &PathBuf| std::fs::read_to_string(path).ok();
    let texts = paths.iter().map(|path| Some((path.clone(), read(path)?)));
    texts.flatten().collect()
}

#[test]
fn the_library_the_examples_and_the_specs_are_in_the_layout() {
    let folders = ["stdlib", "examples", "src", "tests/specs"];
    let texts = texts(&folders, "pik");
    let mut other = texts.iter().filter(|(_, text)| format(text) != *text);
    if let Some((path, _)) = other.next() {
        panic!(
            "{} is not: `pikc fmt {}`",
            path.display(),
            folders.join(" ")
        );
    }
    assert!(texts.len() > 100, "{}", texts.len());
}

#[test]
fn no_file_changes_its_meaning() {
    let texts = texts(&["stdlib", "examples", "src", "tests"], "pik");
    let failed: Vec<_> = texts.iter().filter_map(|(_, text)| wrong(text)).collect();
    assert!(failed.is_empty(), "{}", failed.join("\n"));
    assert!(texts.len() > 250, "{}", texts.len());
}

#[test]
fn no_spec_on_a_page_changes_its_meaning() {
    let mut seen = 0;
    for (path, page) in texts(&["tests/spec", "docs", "grammar"], "md") {
        let mut inside: Option<String> = None;
        for line in page.lines() {
            match (&mut inside, line.starts_with("```")) {
                (None, true) => {
                    inside = line
                        .starts_with("```pik")
                        .then(String::new)
                        .or(Some("#".to_owned()))
                }
                (Some(text), true) => {
                    if !text.starts_with('#') {
                        seen += 1;
                        assert_eq!(wrong(text), None, "{}", path.display());
                    }
                    inside = None;
                }
                (Some(text), false) => {
                    text.push_str(line);
                    text.push('\n');
                }
                (None, false) => {}
            }
        }
    }
    assert!(seen > 500, "{seen}");
}

/// What is compiled from a text; none if it has errors.
fn compiled(path: &Path, text: &str) -> Option<BTreeMap<String, Vec<u8>>> {
    struct Disk;
    impl pikc::model::Reader for Disk {
        fn read(&self, path: &Utf8Path) -> Result<String, String> {
            std::fs::read_to_string(path).map_err(|error| error.to_string())
        }
    }
    let analysis = analyze(pikc::AnalyzeInput {
        path: Utf8Path::from_path(path).expect("a plain name"),
        text,
        reader: &Disk,
        overlay: BTreeMap::new(),
        as_of: None,
        kept: None,
    });
    let options = plan::Options {
        secrets: BTreeMap::from([(SecretName("wifi".to_owned()), "correct horse".into())]),
        own: None,
        seed_images: false,
        vendored: BTreeMap::new(),
        spec: "cluster.pik".to_owned(),
    };
    let compiled = pikc::compile(&analysis, &options, false).ok()?;
    let entries = compiled.rendered.entries().iter();
    let files = entries.filter_map(|(path, entry)| match entry {
        Entry::File(file) => Some((path.to_string(), file.content.pieces().concat())),
        Entry::Link(_) => None,
    });
    Some(files.collect())
}

#[test]
fn the_same_bytes_are_compiled_from_a_text_before_and_after() {
    let mut seen = 0;
    for (path, text) in texts(&["examples", "tests/specs"], "pik") {
        // As someone would write it who does not care about the layout.
        let rough = text
            .replace("  ", " ")
            .replace(" = ", "=")
            .replace('{', "{ ");
        let rough = if format(&rough) == text {
            rough
        } else {
            text.replace(" = ", "  =  ")
        };
        assert_ne!(rough, text, "{}", path.display());
        let before = compiled(&path, &rough);
        assert_eq!(
            before,
            compiled(&path, &format(&rough)),
            "{}",
            path.display()
        );
        seen += usize::from(before.is_some());
    }
    assert!(seen > 15, "{seen}");
}
