//! The floor plan: a floor uses the floors below it and none above or next to it; each external crate
//! or module is used on its own floor only.

use std::path::{Path, PathBuf};

/// From bottom to top. Files of the same floor may use each other.
const FLOORS: &[&str] = &[
    "source",
    "origin",
    "diagnostic",
    "syntax",
    "ast",
    "value",
    "schema",
    "library",
    "secret",
    "file_format",
    "format",
    "stdlib",
    "model",
    "import",
    "check",
    "picture",
    "plan",
    "render",
    "output",
    "change",
    "trace",
    "editor",
    "review",
    "lsp",
    "cli",
];

/// What may be used where.
const KEPT: &[(&str, &[&str])] = &[
    ("pest", &["syntax"]),
    ("clap", &["cli"]),
    ("miette", &["cli"]),
    ("minijinja", &["render"]),
    ("percent_encoding", &["lsp"]),
    ("std::fs", &["output", "cli"]),
    ("std::env", &["cli"]),
    ("std::time::SystemTime", &["cli"]),
    ("use age", &["secret"]),
    ("rcgen", &["secret"]),
    ("rpassword", &["cli"]),
];

fn sources(folder: &Path, out: &mut Vec<PathBuf>) {
    files(folder, "rs", out);
}

/// All files below a folder with this ending, in order.
fn files(folder: &Path, ending: &str, out: &mut Vec<PathBuf>) {
    let mut entries: Vec<PathBuf> = std::fs::read_dir(folder)
        .expect("the folder is there")
        .map(|entry| entry.expect("an entry").path())
        .collect();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            files(&path, ending, out);
        } else if path
            .extension()
            .is_some_and(|extension| extension == ending)
        {
            out.push(path);
        }
    }
}

fn floor_of(path: &Path) -> String {
    let below = path.strip_prefix("src").expect("below src");
    // The lower floors are a separate crate.
    let below = below.strip_prefix("language").unwrap_or(below);
    let first = below.iter().next().expect("a name").to_string_lossy();
    first.trim_end_matches(".rs").to_owned()
}

/// The floors that a statement names: `crate::a::b`, and each of `crate::{a, b::{c, d}}`.
fn named_floors(code: &str) -> Vec<&str> {
    let mut found = Vec::new();
    for root in ["crate::", "pikc_language::"] {
        for (position, _) in code.match_indices(root) {
            let rest = &code[position + root.len()..];
            let Some(group) = rest.strip_prefix('{') else {
                found.extend(words(rest).next());
                continue;
            };
            let (mut depth, mut first) = (0, true);
            for (at, c) in group.char_indices() {
                match c {
                    '{' => depth += 1,
                    '}' if depth == 0 => break,
                    '}' => depth -= 1,
                    ',' if depth == 0 => first = true,
                    c if first && c.is_alphabetic() => {
                        found.extend(words(&group[at..]).next());
                        first = false;
                    }
                    _ => {}
                }
            }
        }
    }
    found
}

#[test]
fn each_way_to_name_a_floor_is_seen() {
    let seen = |code| named_floors(code);
    assert_eq!(seen("use crate::plan::File;"), ["plan"]);
    assert_eq!(
        seen("use crate::{ast::{self, Item}, plan,\n    render::{tree, yaml}};"),
        ["ast", "plan", "render"]
    );
    assert_eq!(
        seen("let x = crate::cli::run(pikc_language::value::parse);"),
        ["cli", "value"]
    );
    assert!(seen("let scratch = 1;").is_empty());
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
                "{}: `{floor}` is not a floor of the plan",
                path.display()
            ));
            continue;
        };
        if is_test(path) {
            continue;
        }
        let text = std::fs::read_to_string(path).expect("a source");
        for (number, code) in uses(&text) {
            for name in named_floors(&code) {
                if FLOORS.iter().position(|floor| *floor == name) > Some(own) {
                    wrong.push(format!(
                        "{}:{number}: {floor} uses {name}, which is above it",
                        path.display()
                    ));
                }
            }
            for (thing, homes) in KEPT {
                let named =
                    code.contains(&format!("{thing}::")) || code.contains(&format!("use {thing}"));
                if named && !homes.contains(&floor.as_str()) {
                    wrong.push(format!(
                        "{}:{number}: `{thing}` belongs to {homes:?}",
                        path.display()
                    ));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert!(files.len() > 100, "the test reads the wrong folder");
}

/// Where lines may be built from values: the writers of formats, of YAML and of templates.
const WRITERS: &[&str] = &[
    "src/file_format/",
    "src/render/yaml/",
    "src/render/yaml.rs",
    "src/render/shell.rs",
    "src/render/text.rs",
    "src/render/template/",
];

/// What else may put text into a file: only text that a writer has built.
const PASS_ON: &[&str] = &[
    "src/render/assemble.rs",
    "src/render/carrier.rs",
    "src/render/mod.rs",
];

/// Functions that put text into a file unchanged.
const GATES: &[&str] = &[
    ".line(",
    ".buffer()",
    ".constant(",
    ".fixed(",
    "Body::Verbatim(",
    "Content::from(",
];

/// Functions that turn values into text.
const MAKES_TEXT: &[&str] = &["format!(", ".replace(", ".join(", ".leak()", "concat("];

/// The statements of a source without its tests, each with its line; a `use` with all its braces is one.
fn uses(text: &str) -> Vec<(usize, String)> {
    let mut found: Vec<(usize, String)> = Vec::new();
    for (line, statement) in statements(text) {
        match found.last_mut() {
            Some((_, last))
                if last.contains("use ")
                    && last.matches('{').count() > last.matches('}').count() =>
            {
                last.push_str(&statement);
            }
            _ => found.push((line, statement)),
        }
    }
    found
}

/// The statements of a source without its tests, each with its line.
fn statements(text: &str) -> Vec<(usize, String)> {
    let mut found = vec![(1, String::new())];
    for (number, line) in text.lines().enumerate() {
        if line.trim() == "#[cfg(test)]" {
            break;
        }
        let code = line.split("//").next().unwrap_or_default();
        for c in code.chars().chain(['\n']) {
            if let Some((begin, statement)) = found.last_mut() {
                if statement.trim().is_empty() {
                    *begin = number + 1;
                }
                statement.push(c);
            }
            if matches!(c, ';' | '{' | '}') {
                found.push((number + 1, String::new()));
            }
        }
    }
    found
}

/// The name that a `let` binds.
fn bound(statement: &str) -> Option<&str> {
    let rest = statement.trim().strip_prefix("let ")?;
    let rest = rest.strip_prefix("mut ").unwrap_or(rest);
    rest.split(|c: char| !(c.is_alphanumeric() || c == '_'))
        .next()
        .filter(|name| !name.is_empty())
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !(c.is_alphanumeric() || c == '_'))
}

/// Where a source puts text into a file that it has built from values itself.
fn ways_past_the_writers(path: &str, text: &str) -> Vec<String> {
    if WRITERS.iter().any(|writer| path.starts_with(writer)) {
        return Vec::new();
    }
    let mut wrong = Vec::new();
    if text.contains("TextBuilder") && !PASS_ON.contains(&path) {
        wrong.push(format!("{path}: builds text, but is not a writer"));
    }
    let makes = |statement: &str| MAKES_TEXT.iter().any(|way| statement.contains(way));
    let mut made: Vec<String> = Vec::new();
    for (number, statement) in statements(text) {
        let gate = GATES.iter().find_map(|gate| {
            let at = statement.find(gate)?;
            Some(&statement[at + gate.len()..])
        });
        let passed = gate.is_some_and(|taken| {
            makes(taken) || words(taken).any(|word| made.iter().any(|name| name == word))
        });
        if passed {
            let shown = statement.split_whitespace().collect::<Vec<_>>().join(" ");
            wrong.push(format!("{path}:{number}: {shown}"));
        }
        if let Some(name) = bound(&statement) {
            made.retain(|known| known != name);
            if makes(&statement) {
                made.push(name.to_owned());
            }
        }
    }
    wrong
}

#[test]
fn only_the_writer_of_a_file_builds_lines_from_values() {
    let mut files = Vec::new();
    sources(Path::new("src"), &mut files);
    let mut wrong = Vec::new();
    for path in files.iter().filter(|path| !is_test(path)) {
        let text = std::fs::read_to_string(path).expect("a source");
        let path = path.to_str().expect("a plain name");
        wrong.extend(ways_past_the_writers(path, &text));
    }
    assert!(
        wrong.is_empty(),
        "a value must go through the writer of its file's format: {wrong:#?}"
    );
}

#[test]
fn a_way_past_the_writers_is_seen() {
    for source in [
        "fn f(out: &mut Out) {\n    out.line(&format!(\"key={}\", value), &[]);\n}\n",
        "fn f() {\n    let text = format!(\n        \"a={}\",\n        value\n    );\n    out.line(&text, &why);\n}\n",
        "fn f() {\n    file.fixed(format!(\"a = {value}\").leak());\n}\n",
        "fn f() {\n    let text = [\"a\", value].join(\"=\");\n    file.constant(text.leak(), []);\n}\n",
        "fn f() -> Body {\n    Body::Verbatim(Arc::from(format!(\"a={value}\").as_bytes()))\n}\n",
        "use super::TextBuilder;\n",
    ] {
        let wrong = ways_past_the_writers("src/plan/step/new.rs", source);
        assert_eq!(wrong.len(), 1, "{source}{wrong:?}");
    }
    let fine = "fn f() {\n    let url = format!(\"{a}/{b}\");\n    file.uri(&url, why);\n    file.fixed(\"Types: deb\");\n}\n";
    assert_eq!(
        ways_past_the_writers("src/plan/step/new.rs", fine),
        Vec::<String>::new()
    );
}

/// What opens or reads a file. One function in one place does it for every external file, because it checks the file first: a
/// pipe, a device or an endless file must not stop a run.
const READS: &[&str] = &[
    "fs::read(",
    "fs::read_to_string(",
    "File::open(",
    "File::options(",
    "fs::open(",
    "fs::openat(",
    "read_to_end(",
    "read_to_string(",
];

/// Where it is allowed, and what it is for there: to open a folder, write pikc's own file, or read an archive in memory.
const READERS: &[(&str, &str)] = &[
    ("src/output/read.rs", "the one place"),
    (
        "src/output/place.rs",
        "checks a name of the tree before it reads it through the one place",
    ),
    (
        "src/output/root.rs",
        "opens the output folder itself, to lock it",
    ),
    ("src/output/stage.rs", "creates its own files"),
    ("src/output/card.rs", "creates its own files"),
    ("src/secret/sealed.rs", "decrypts what is in memory"),
    (
        "src/output/closed.rs",
        "opens the folder of the secrets file, to lock it",
    ),
    (
        "src/cli/shared/vendored.rs",
        "reads an entry of an archive in memory",
    ),
];

#[test]
fn external_files_are_read_in_one_place() {
    let mut files = Vec::new();
    sources(Path::new("src"), &mut files);
    let mut wrong = Vec::new();
    let mut met = std::collections::BTreeSet::new();
    for path in files.iter().filter(|path| !is_test(path)) {
        let text = std::fs::read_to_string(path).expect("a source");
        let shown = path.display().to_string();
        for (number, line) in text.lines().enumerate() {
            if line.trim() == "#[cfg(test)]" {
                break;
            }
            let code = line.split("//").next().unwrap_or_default();
            if !READS.iter().any(|name| code.contains(name)) {
                continue;
            }
            match READERS.iter().find(|(file, _)| *file == shown) {
                Some((file, _)) => {
                    met.insert(*file);
                }
                None => wrong.push(format!("{shown}:{}: {}", number + 1, code.trim())),
            }
        }
    }
    assert!(wrong.is_empty(), "use `output::read`: {wrong:#?}");
    let idle: Vec<_> = READERS
        .iter()
        .filter(|(file, _)| !met.contains(file))
        .collect();
    assert!(idle.is_empty(), "these no longer read anything: {idle:?}");
}

/// Who sees the value of a secret, and what for.
const EXPOSES: &[(&str, &str)] = &[
    ("src/secret/sealed.rs", "encrypts and decrypts"),
    (
        "src/secret/vault.rs",
        "writes and reads what is encrypted, derives public keys",
    ),
    (
        "src/cli/secrets/change.rs",
        "the end of the line that was typed",
    ),
    (
        "src/cli/secrets/init.rs",
        "compares two passphrases, reads a recipient's file, encodes a key",
    ),
    (
        "src/cli/shared/key_values.rs",
        "whether it is the key that is wanted",
    ),
    ("src/cli/shared/passphrase.rs", "whether it is a passphrase"),
    (
        "src/cli/shared/passwords.rs",
        "whether it is a hash, and hashes what is not",
    ),
    ("src/cli/shared/secrets.rs", "whether a file can hold it"),
    (
        "src/cli/shared/vault.rs",
        "whether it is a key or names a file",
    ),
    ("src/plan/cni.rs", "a file of its own"),
    (
        "src/plan/network/secrets.rs",
        "derives the key of a network; files of the control plane",
    ),
    ("src/plan/once.rs", "files of their own"),
];

#[test]
fn the_value_of_a_secret_is_seen_in_few_places_and_has_no_printable_form() {
    let mut files = Vec::new();
    sources(Path::new("src"), &mut files);
    let mut met = std::collections::BTreeSet::new();
    let mut wrong = Vec::new();
    for path in files.iter().filter(|path| !is_test(path)) {
        let text = std::fs::read_to_string(path).expect("a source");
        let shown = path.display().to_string();
        let printable = ["Debug", "Display", "Serialize", "ToString", "Deref"];
        if printable
            .iter()
            .any(|form| text.contains(&format!("{form} for Secret")))
        {
            wrong.push(format!("{shown}: makes secrets printable"));
        }
        if !text.contains(".expose()") && !text.contains("Secret::expose") {
            continue;
        }
        match EXPOSES.iter().find(|(file, _)| *file == shown) {
            Some((file, _)) => {
                met.insert(*file);
            }
            None => wrong.push(format!("{shown}: sees the value of a secret")),
        }
    }
    let own = std::fs::read_to_string("src/secret/mod.rs").expect("a source");
    assert!(
        own.contains("#[derive(Clone)]\npub struct Secret("),
        "what a secret derives has changed"
    );
    assert!(wrong.is_empty(), "{wrong:#?}");
    let idle: Vec<_> = EXPOSES
        .iter()
        .filter(|(file, _)| !met.contains(file))
        .collect();
    assert!(idle.is_empty(), "these no longer see any: {idle:?}");
}

/// The files that a crate's root reaches through plain `mod` lines. A `mod` inside a macro reaches its file, too, but rustfmt does
/// not format that file.
fn reached(root: &Path, found: &mut std::collections::BTreeSet<std::path::PathBuf>) {
    let text = std::fs::read_to_string(root).expect("a source");
    let folder = root.parent().expect("a folder");
    let own = match root.file_stem().and_then(|stem| stem.to_str()) {
        Some("lib" | "main" | "mod") => folder.to_owned(),
        Some(stem) => folder.join(stem),
        None => return,
    };
    found.insert(root.to_owned());
    for line in text.lines() {
        let item = line.rsplit_once(" mod ").map_or(line, |(_, rest)| rest);
        let item = item.strip_prefix("mod ").unwrap_or(item);
        let is_item = line.starts_with("mod ") || line.starts_with("pub");
        let Some(name) = item.strip_suffix(';').filter(|_| is_item) else {
            continue;
        };
        for place in [
            own.join(format!("{name}.rs")),
            own.join(name).join("mod.rs"),
        ] {
            if place.exists() {
                reached(&place, found);
            }
        }
    }
}

#[test]
fn every_source_is_reached() {
    let mut found = std::collections::BTreeSet::new();
    for root in [
        "src/lib.rs",
        "src/main.rs",
        "src/language/lib.rs",
        "fuzz/src/lib.rs",
        "tests/main.rs",
        "tests/output/main.rs",
    ] {
        reached(Path::new(root), &mut found);
    }
    let mut files = Vec::new();
    sources(Path::new("src"), &mut files);
    sources(Path::new("fuzz/src"), &mut files);
    sources(Path::new("tests"), &mut files);
    let missed: Vec<_> = files.iter().filter(|path| !found.contains(*path)).collect();
    assert!(
        missed.is_empty(),
        "no plain `mod` line leads there, so `cargo fmt` skips them, and tests in them do not run: {missed:?}"
    );
}

/// A template gets decisions: facts of a system are compared in Rust, where a new word does not compile until it is handled.
#[test]
fn no_template_compares_a_fact_of_a_system() {
    let mut templates = Vec::new();
    files(Path::new("stdlib"), "j2", &mut templates);
    let mut wrong = Vec::new();
    for path in &templates {
        let text = std::fs::read_to_string(path).expect("a template");
        for (number, line) in text.lines().enumerate() {
            let words: Vec<&str> = line.split_whitespace().collect();
            let compares = |pair: &[&str]| {
                let fact = pair[0].trim_start_matches('(');
                (fact.starts_with("os.") || fact.starts_with("runtime."))
                    && matches!(pair[1], "==" | "!=" | "in")
            };
            if line.contains("{%") && words.windows(2).any(compares) {
                wrong.push(format!("{}:{}", path.display(), number + 1));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert!(templates.len() > 40, "the test reads the wrong folder");
}
