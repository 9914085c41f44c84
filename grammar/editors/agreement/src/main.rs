//! Whether tree-sitter's grammar agrees with the compiler on every spec, library file and example of the project.
//!
//! Usage: `pik-agreement GRAMMAR FOLDER...`: every `*.pik` below the folders, and each `pik` fence of every `*.md`. A text without a syntax error
//! must have no error node, and the same blocks, settings, labels, ranges, lists, words, strings and comments at the same bytes. A text
//! with one must have an error node, except for the codes in [`ACCEPTED`]. The same files are also compared cut off at every 997th byte,
//! where tree-sitter may not crash and whatever the compiler still accepts must agree.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use pikc_language::ast;
use pikc_language::source::Sources;
use pikc_language::syntax::{self, SyntaxKind, SyntaxNode};
use tree_sitter::{Node, Parser};
use tree_sitter_loader::{CompileConfig, Loader};

/// Findings that an editor's grammar does not make: limits, invisible characters in strings and comments, and the layout of long strings.
const ACCEPTED: &[&str] = &[
    "syntax/invisible-character",
    "syntax/limits",
    "syntax/text-layout",
];

/// How many bytes lie between the places where a text is cut off.
const STEP: usize = 997;

/// What both trees have: a kind, its first byte and the byte after its last.
type Piece = (&'static str, usize, usize);

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let Some(grammar) = arguments.next() else {
        eprintln!("usage: pik-agreement GRAMMAR FOLDER...");
        return ExitCode::from(2);
    };
    let mut parser = match parser(Path::new(&grammar)) {
        Ok(parser) => parser,
        Err(error) => {
            eprintln!("{grammar}: {error}");
            return ExitCode::from(3);
        }
    };
    let mut tally = Tally::default();
    for folder in arguments {
        for (name, text) in texts(Path::new(&folder)) {
            tally.compare(&mut parser, &name, &text);
            for cut in (STEP..text.len()).step_by(STEP) {
                if let Some(part) = text.get(..cut) {
                    tally.compare(&mut parser, &format!("{name}, its first {cut} bytes"), part);
                }
            }
        }
    }
    tally.report()
}

/// Builds the generated C code of a grammar, and loads it.
fn parser(grammar: &Path) -> Result<Parser, Box<dyn std::error::Error>> {
    let folder = std::env::temp_dir().join(format!("pik-agreement-{}", std::process::id()));
    std::fs::create_dir_all(&folder)?;
    let source = grammar.join("src");
    let library = folder.join("pik.so");
    let config = CompileConfig::new(&source, None, Some(library));
    let language = Loader::with_parser_lib_path(folder.clone()).load_language_at_path(config);
    std::fs::remove_dir_all(&folder)?;
    let mut parser = Parser::new();
    parser.set_language(&language?)?;
    Ok(parser)
}

#[derive(Default)]
struct Tally {
    agreed: usize,
    refused: usize,
    wrong: Vec<String>,
    let_pass: BTreeMap<&'static str, usize>,
}

impl Tally {
    fn compare(&mut self, parser: &mut Parser, name: &str, text: &str) {
        let Some(tree) = parser.parse(text, None) else {
            self.wrong
                .push(format!("{name}: tree-sitter returned no tree"));
            return;
        };
        let (expected, codes) = compiled(text);
        let root = tree.root_node();
        if codes.is_empty() {
            if let Some(bad) = first_error(root) {
                self.wrong
                    .push(format!("{name}: an error node at byte {bad}"));
                return;
            }
            let mut found = Vec::new();
            walk(root, &mut found);
            match difference(&expected, &found) {
                None => self.agreed += 1,
                Some(words) => self.wrong.push(format!("{name}: {words}")),
            }
        } else if root.has_error() {
            self.refused += 1;
        } else if let Some(code) = codes.iter().find(|code| !ACCEPTED.contains(code)) {
            self.wrong.push(format!(
                "{name}: no error node, but the compiler reports {code}"
            ));
        } else {
            *self.let_pass.entry(codes[0]).or_default() += 1;
        }
    }

    fn report(&self) -> ExitCode {
        for wrong in self.wrong.iter().take(30) {
            println!("{wrong}");
        }
        println!(
            "texts without an error: {} agree; with one: {} refused by both, accepted by tree-sitter: {:?}",
            self.agreed, self.refused, self.let_pass
        );
        println!(
            "{} passed, {} failed",
            self.agreed + self.refused,
            self.wrong.len()
        );
        if self.wrong.is_empty() && self.agreed > 0 {
            ExitCode::SUCCESS
        } else {
            ExitCode::FAILURE
        }
    }
}

/// The compiler's tree as pieces, and the codes of its syntax errors.
fn compiled(text: &str) -> (Vec<Piece>, Vec<&'static str>) {
    let mut sources = Sources::default();
    let file = sources.add("text.pik", text);
    let parsed = syntax::parse(file, text);
    let mut problems = parsed.problems;
    if problems.is_empty() {
        ast::lower(&parsed.tree, file, text, &mut problems);
    }
    let mut pieces = Vec::new();
    flatten(&parsed.tree.root, &mut pieces);
    (
        pieces,
        problems.iter().map(|found| found.descriptor.code).collect(),
    )
}

fn flatten(node: &SyntaxNode, out: &mut Vec<Piece>) {
    let kind = match node.kind {
        SyntaxKind::Block => "block",
        SyntaxKind::Setting => "setting",
        SyntaxKind::Label => "label",
        SyntaxKind::Ranges => "ranges",
        SyntaxKind::List => "list",
        SyntaxKind::Word => "word",
        SyntaxKind::Text => "string",
        SyntaxKind::LongText => "long string",
        SyntaxKind::Comment => "comment",
        _ => "",
    };
    if !kind.is_empty() {
        out.push((kind, node.start as usize, node.end as usize));
    }
    for child in &node.children {
        flatten(child, out);
    }
}

fn walk(node: Node<'_>, out: &mut Vec<Piece>) {
    let kind = match node.kind() {
        "block" => "block",
        "setting" => "setting",
        "label" => "label",
        "ranges" => "ranges",
        "list" => "list",
        "string" => "string",
        "long_string" => "long string",
        "comment" => "comment",
        "word" | "range" | "boolean" | "secret" | "constant" | "address" | "date" | "number"
        | "quantity" | "version" | "url" | "path" => "word",
        _ => "",
    };
    if !kind.is_empty() {
        out.push((kind, node.start_byte(), node.end_byte()));
    }
    // What is inside a string or a word is only for colours.
    if !matches!(kind, "string" | "long string" | "word") {
        for child in node.children(&mut node.walk()) {
            walk(child, out);
        }
    }
}

fn first_error(node: Node<'_>) -> Option<usize> {
    if node.is_error() || node.is_missing() {
        return Some(node.start_byte());
    }
    if !node.has_error() {
        return None;
    }
    let inside = node.children(&mut node.walk()).find_map(first_error);
    Some(inside.unwrap_or_else(|| node.start_byte()))
}

fn difference(expected: &[Piece], found: &[Piece]) -> Option<String> {
    let longest = expected.len().max(found.len());
    (0..longest).find_map(|at| {
        let (one, other) = (expected.get(at), found.get(at));
        (one != other).then(|| format!("the compiler has {one:?}, tree-sitter has {other:?}"))
    })
}

/// Every spec below a folder, and each `pik` fence of a page.
fn texts(folder: &Path) -> Vec<(String, String)> {
    let mut out = Vec::new();
    for path in files(folder) {
        let name = path.display().to_string();
        let Ok(text) = std::fs::read_to_string(&path) else {
            continue;
        };
        if path.extension().is_some_and(|extension| extension == "pik") {
            out.push((name, text));
        } else {
            out.extend(fences(&name, &text));
        }
    }
    out
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut entries: Vec<PathBuf> = std::fs::read_dir(folder)
        .into_iter()
        .flatten()
        .filter_map(|entry| Some(entry.ok()?.path()))
        .collect();
    entries.sort();
    let mut out = Vec::new();
    for path in entries {
        if path.is_symlink() || path.ends_with("node_modules") {
            continue;
        }
        if path.is_dir() {
            out.extend(files(&path));
        } else if path
            .extension()
            .is_some_and(|extension| extension == "pik" || extension == "md")
        {
            out.push(path);
        }
    }
    out
}

fn fences(name: &str, page: &str) -> Vec<(String, String)> {
    let mut out = Vec::new();
    let mut open: Option<(usize, String)> = None;
    for (index, line) in page.lines().enumerate() {
        match &mut open {
            None if line == "```pik" || line.starts_with("```pik ") => {
                open = Some((index + 1, String::new()))
            }
            None => {}
            Some(_) if line.starts_with("```") => {
                let (at, text) = open.take().unwrap_or_default();
                out.push((format!("{name}:{at}"), text));
            }
            Some((_, text)) => {
                text.push_str(line);
                text.push('\n');
            }
        }
    }
    out
}
