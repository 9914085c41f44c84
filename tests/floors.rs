//! The floor plan: a floor uses the floors below it and none above or beside; each outside thing is
//! named on its own floor only.

use std::path::{Path, PathBuf};

/// From the ground up. Files of the same floor may use each other.
const FLOORS: &[&str] = &[
    "source",
    "origin",
    "diagnostic",
    "syntax",
    "format",
    "ast",
    "value",
    "file_format",
    "schema",
    "stdlib",
    "model",
    "check",
    "plan",
    "render",
    "output",
    "cli",
    "lsp",
];

/// What may be named where.
const KEPT: &[(&str, &[&str])] = &[
    ("pest", &["syntax"]),
    ("clap", &["cli"]),
    ("miette", &["cli"]),
    ("minijinja", &["render"]),
    ("std::fs", &["output", "cli"]),
    ("std::env", &["cli"]),
    ("std::time::SystemTime", &[]),
];

fn sources(folder: &Path, out: &mut Vec<PathBuf>) {
    let mut entries: Vec<PathBuf> = std::fs::read_dir(folder)
        .expect("src is there")
        .map(|entry| entry.expect("an entry").path())
        .collect();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            sources(&path, out);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            out.push(path);
        }
    }
}

fn floor_of(path: &Path) -> String {
    let below = path.strip_prefix("src").expect("below src");
    let first = below.iter().next().expect("a name").to_string_lossy();
    first.trim_end_matches(".rs").to_owned()
}

fn is_test(path: &Path) -> bool {
    let name = path
        .file_name()
        .map(|name| name.to_string_lossy().into_owned())
        .unwrap_or_default();
    name.contains("tests") || path.iter().any(|part| part == "tests") || name == "fixture.rs"
}

#[test]
fn no_floor_uses_one_above_it() {
    let mut files = Vec::new();
    sources(Path::new("src"), &mut files);
    let mut wrong = Vec::new();
    for path in &files {
        let floor = floor_of(path);
        if matches!(floor.as_str(), "lib" | "main") {
            continue;
        }
        let Some(own) = FLOORS.iter().position(|name| *name == floor) else {
            wrong.push(format!(
                "{}: `{floor}` is no floor of the plan",
                path.display()
            ));
            continue;
        };
        let text = std::fs::read_to_string(path).expect("a source");
        let mut in_tests = is_test(path);
        for (number, line) in text.lines().enumerate() {
            in_tests |= line.trim() == "#[cfg(test)]";
            let code = line.split("//").next().unwrap_or_default();
            if in_tests {
                continue;
            }
            for (position, _) in code.match_indices("crate::") {
                let rest = &code[position + "crate::".len()..];
                let name: String = rest
                    .chars()
                    .take_while(|c| c.is_ascii_lowercase() || *c == '_')
                    .collect();
                let Some(used) = FLOORS.iter().position(|floor| *floor == name) else {
                    continue;
                };
                if used > own {
                    wrong.push(format!(
                        "{}:{}: {floor} uses {name}, which lies above",
                        path.display(),
                        number + 1
                    ));
                }
            }
            for (thing, homes) in KEPT {
                let named =
                    code.contains(&format!("{thing}::")) || code.contains(&format!("use {thing}"));
                if named && !homes.contains(&floor.as_str()) {
                    wrong.push(format!(
                        "{}:{}: `{thing}` belongs to {homes:?}",
                        path.display(),
                        number + 1
                    ));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert!(files.len() > 100, "the test reads the wrong folder");
}
