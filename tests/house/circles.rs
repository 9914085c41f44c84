//! Modules of the command line that use each other in a circle: none of them can be read or moved without the others.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use super::sources;

/// The sources by module: `cli`, `cli::shared::files`. Without tests, which may use anything.
fn modules(files: &[(String, String)]) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    for (path, text) in files {
        let below = path.strip_prefix("src/").unwrap_or(path);
        let name = below.trim_end_matches(".rs").trim_end_matches("/mod");
        let own = text.split("#[cfg(test)]").next().unwrap_or_default();
        if !name.ends_with("/tests") {
            found.insert(name.replace('/', "::"), bare(own));
        }
    }
    found
}

/// The text without comments, quoted texts, and paths that name a module without using it: `mod x;`, `pub(in x)`.
fn bare(text: &str) -> String {
    let mut out = String::new();
    for line in text.lines() {
        let mut quoted = false;
        let mut before = ' ';
        let mut letters = line.chars().peekable();
        while let Some(c) = letters.next() {
            match c {
                '\\' if quoted => drop(letters.next()),
                '"' if before != '\'' => quoted = !quoted,
                '/' if !quoted && letters.peek() == Some(&'/') => break,
                c if !quoted => out.push(c),
                _ => {}
            }
            before = c;
        }
        out.push('\n');
    }
    let mut shown = out.replace("mod ", "mod_");
    while let Some(at) = shown.find("pub(") {
        let end = shown[at..]
            .find(')')
            .map_or(shown.len(), |end| at + end + 1);
        shown.replace_range(at..end, "pub");
    }
    shown
}

/// The paths in a text, `a::{b, c::d}` as `a::b` and `a::c::d`.
fn paths(text: &str) -> BTreeSet<Vec<String>> {
    let mut found = BTreeSet::new();
    let mut rest = text;
    while let Some(at) = rest.find(|c: char| c.is_alphabetic() || c == '_') {
        rest = tree(&rest[at..], &[], &mut found);
    }
    found
}

/// Reads one path with all its branches; returns the text after it.
fn tree<'a>(text: &'a str, stem: &[String], found: &mut BTreeSet<Vec<String>>) -> &'a str {
    let end = text
        .find(|c: char| !(c.is_alphanumeric() || c == '_'))
        .unwrap_or(text.len());
    let mut path = stem.to_vec();
    path.push(text[..end].to_owned());
    let rest = &text[end..];
    let Some(next) = rest.strip_prefix("::") else {
        found.insert(path);
        return rest;
    };
    if next.starts_with(|c: char| c.is_alphabetic() || c == '_') {
        return tree(next, &path, found);
    }
    let Some(mut inner) = next.strip_prefix('{') else {
        // A glob, or the types of a function.
        found.insert(path);
        return next;
    };
    loop {
        inner = inner.trim_start_matches(|c: char| c.is_whitespace() || c == ',' || c == '*');
        if inner.starts_with(|c: char| c.is_alphabetic() || c == '_') {
            inner = tree(inner, &path, found);
        } else {
            return inner.strip_prefix('}').unwrap_or(inner);
        }
    }
}

/// The module that a path leads to, seen from another module: the deepest existing one along the path.
fn target(from: &str, path: &[String], known: &BTreeMap<String, String>) -> Option<String> {
    let mut parts = path.iter().map(String::as_str).peekable();
    let mut at: Vec<&str> = from.split("::").collect();
    let first = *parts.peek()?;
    let child = known.contains_key(&format!("{from}::{first}"));
    match first {
        "crate" => {
            parts.next();
            at.clear();
        }
        "self" => drop(parts.next()),
        "super" => {
            while parts.next_if_eq(&"super").is_some() {
                at.pop();
            }
        }
        _ if child => {}
        _ => return None,
    }
    for part in parts {
        at.push(part);
        let name = at.join("::");
        let leads_on = known
            .keys()
            .any(|one| *one == name || one.starts_with(&format!("{name}::")));
        if !leads_on {
            at.pop();
            break;
        }
    }
    Some(at.join("::")).filter(|name| known.contains_key(name) && name != from)
}

/// The first circle, as a list of its modules.
fn circle(files: &[(String, String)]) -> Option<Vec<String>> {
    let known = modules(files);
    let used: BTreeMap<&str, BTreeSet<String>> = known
        .iter()
        .map(|(name, text)| {
            let targets = paths(text)
                .iter()
                .filter_map(|path| target(name, path, &known))
                .collect();
            (name.as_str(), targets)
        })
        .collect();
    fn walk<'a>(
        at: &'a str,
        used: &'a BTreeMap<&str, BTreeSet<String>>,
        way: &mut Vec<&'a str>,
        done: &mut BTreeSet<&'a str>,
    ) -> Option<Vec<String>> {
        if let Some(begin) = way.iter().position(|one| *one == at) {
            let round = way[begin..].iter().chain([&at]);
            return Some(round.map(|one| (*one).to_owned()).collect());
        }
        if !done.insert(at) {
            return None;
        }
        way.push(at);
        let targets = used.get(at).into_iter().flatten();
        let found = targets
            .into_iter()
            .find_map(|next| walk(next, used, way, done));
        way.pop();
        found
    }
    let mut done = BTreeSet::new();
    used.keys()
        .find_map(|name| walk(name, &used, &mut Vec::new(), &mut done))
}

fn of_folder(folder: &str) -> Vec<(String, String)> {
    sources(Path::new(folder))
        .into_iter()
        .map(|path| {
            let text = std::fs::read_to_string(&path).expect("a source");
            (path.to_str().expect("a plain name").to_owned(), text)
        })
        .collect()
}

#[test]
fn no_modules_of_the_command_line_use_each_other_in_a_circle() {
    let files = of_folder("src/cli");
    assert!(files.len() > 30, "the test reads the wrong folder");
    let found = circle(&files);
    assert!(
        found.is_none(),
        "{}",
        found.unwrap_or_default().join(" -> ")
    );
}

/// Shared modules do not use any command, and no command uses another one.
#[test]
fn a_command_uses_what_is_shared_and_no_other_command() {
    let files = of_folder("src/cli");
    let known = modules(&files);
    let room = |name: &str| name.split("::").nth(1).unwrap_or_default().to_owned();
    let mut wrong = Vec::new();
    for (name, text) in &known {
        let own = room(name);
        for path in paths(text) {
            let Some(to) = target(name, &path, &known) else {
                continue;
            };
            let other = room(&to);
            if !own.is_empty() && other != own && other != "shared" {
                wrong.push(format!("{name} uses {to}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn each_kind_of_circle_is_found() {
    let files = |all: &[(&str, &str)]| -> Vec<(String, String)> {
        let own = |(path, text): &(&str, &str)| (format!("src/cli/{path}.rs"), (*text).to_owned());
        all.iter().map(own).collect()
    };
    for (sources, way) in [
        (
            vec![("a", "use super::b::c;"), ("b", "use crate::cli::a;")],
            "cli::a -> cli::b -> cli::a",
        ),
        (
            vec![
                ("a", "use super::{\n    d::{self, e},\n    b,\n};"),
                ("b", "fn f() { super::a::run(\"use super::d\") }"),
                ("d", ""),
            ],
            "cli::a -> cli::b -> cli::a",
        ),
        (
            vec![("a/mod", "mod x;\npub use x::y;"), ("a/x", "use super::Y;")],
            "cli::a -> cli::a::x -> cli::a",
        ),
        (
            vec![
                ("mod", "mod a;\nfn f() { a::run() }"),
                ("a", "use super::all;"),
            ],
            "cli -> cli::a -> cli",
        ),
    ] {
        let found = circle(&files(&sources)).map(|found| found.join(" -> "));
        assert_eq!(found.as_deref(), Some(way), "{sources:?}");
    }
    let sound = [
        ("mod", "mod a;\nmod b;\nuse a::run;"),
        ("a", "use super::b::f; // super::run"),
        (
            "b",
            "const X: &str = \"crate::cli::a\";\n#[cfg(test)]\nuse super::a;",
        ),
    ];
    assert_eq!(circle(&files(&sound)), None);
}
