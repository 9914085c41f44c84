//! Embeds the standard library: every file under stdlib/ by path, in order, and the content of its schemas and facts, read here so
//! that no run has to. A mistake in them fails the build.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use pikc_language::diagnostic::Diagnostics;
use pikc_language::library::{self, Role};
use pikc_language::source::{FileId, Sources};

fn main() {
    println!("cargo::rerun-if-changed=stdlib");
    let variable = |name| PathBuf::from(std::env::var(name).expect("cargo sets it"));
    let root = variable("CARGO_MANIFEST_DIR").join("stdlib");
    let mut paths = Vec::new();
    collect(&root, &mut paths);
    let mut files: Vec<File> = paths.iter().map(|path| File::read(&root, path)).collect();
    files.sort_by(|one, other| one.name.cmp(other.name));
    let out = variable("OUT_DIR");
    write(&out.join("embedded.rs"), embedded(&files).as_bytes());
    let kept = keep(files);
    write(&out.join("index.rs"), kept.index.as_bytes());
    write(&out.join("spec.kept"), &kept.spec);
    write(&out.join("facts.kept"), &kept.facts);
}

/// A file of the library.
struct File {
    path: PathBuf,
    /// Its path below the library's root.
    name: &'static str,
    text: &'static str,
}

impl File {
    fn read(root: &Path, path: &Path) -> Self {
        let below = path.strip_prefix(root).expect("it was found there");
        let name = below.to_str().expect("names in stdlib are plain");
        let text = std::fs::read_to_string(path).expect("files in stdlib are UTF-8");
        Self {
            path: path.to_owned(),
            // They live as long as this short program runs: the readers of the library expect embedded texts.
            name: name.to_owned().leak(),
            text: text.leak(),
        }
    }
}

/// The Rust text that embeds the files.
fn embedded(files: &[File]) -> String {
    let mut code = String::from("&[\n");
    for file in files {
        writeln!(
            code,
            "    ({:?}, include_str!({:?})),",
            file.name, file.path
        )
        .expect("writing to a String");
    }
    code + "]\n"
}

/// The content of the library, as bytes.
struct Kept {
    /// The schemas of specs, then those of facts.
    spec: Vec<u8>,
    /// The facts of all files, one after the other.
    facts: Vec<u8>,
    /// The Rust text of a table: kind, name, number of the file, and where its facts begin and end.
    index: String,
}

fn keep(files: Vec<File>) -> Kept {
    let mut problems = Diagnostics::default();
    let all = || {
        let numbered = files.iter().enumerate();
        numbered.map(|(number, file)| (file.name, FileId::embedded(number), file.text))
    };
    let spec = library::read_schema(Role::SpecSchema, all(), &mut problems);
    let schema = library::read_schema(Role::FactSchema, all(), &mut problems);
    let mut facts = Vec::new();
    let mut index = Vec::new();
    for (number, (name, id, text)) in all().enumerate() {
        if library::role(name) != Role::Facts {
            continue;
        }
        let from = facts.len();
        let found = library::read_facts(id, text, &schema, &mut problems);
        facts.extend(library::keep(&found).unwrap_or_else(|why| panic!("{name}: {why}")));
        let entries = library::names(text);
        index.extend(entries.map(|(kind, name)| (kind, name, number, from, facts.len())));
    }
    index.sort_unstable();
    for pair in index.windows(2) {
        let [(kind, name, one, ..), (same_kind, same_name, other, ..)] = pair else {
            continue;
        };
        let named = |number: &usize| files[*number].name;
        assert!(
            (kind, name) != (same_kind, same_name),
            "{kind} {name} is described twice: in {} and {}",
            named(one),
            named(other)
        );
    }
    fail_with(
        &problems,
        files.iter().map(|file| (file.name, file.text)).collect(),
    );
    Kept {
        spec: library::keep(&[spec, schema]).expect("schemas hold places and values"),
        facts,
        index: format!("&{index:?}"),
    }
}

/// Fails the build if there are mistakes, and prints all of them.
fn fail_with(problems: &Diagnostics, files: Vec<(&'static str, &'static str)>) {
    if problems.iter().next().is_none() {
        return;
    }
    let mut sources = Sources::default();
    sources.embed(files.leak());
    for found in problems.iter() {
        let place = found.labels.first().map_or_else(String::new, |label| {
            let start = sources.start(label.span);
            let file = &sources.file(label.span.file).name;
            format!("{file}:{}:{}: ", start.line, start.column)
        });
        println!(
            "cargo::error={place}{} [{}]",
            found.message, found.descriptor.code
        );
    }
    std::process::exit(1);
}

fn write(path: &Path, bytes: &[u8]) {
    std::fs::write(path, bytes).expect("OUT_DIR is writable");
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    println!("cargo::rerun-if-changed={}", folder.display());
    for entry in std::fs::read_dir(folder)
        .expect("stdlib can be read")
        .flatten()
    {
        let path = entry.path();
        if path.is_dir() {
            collect(&path, files);
        } else {
            files.push(path);
        }
    }
}
