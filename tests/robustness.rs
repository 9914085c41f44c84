//! Reading a file never fails and never loses a byte, whatever is in it.

use std::path::{Path, PathBuf};

use pikc::ast;
use pikc::diagnostic::{Descriptor, Diagnostics};
use pikc::source::FileId;
use pikc::syntax::{self, SyntaxKind, SyntaxNode, Tree};
use proptest::prelude::*;

const FILE: FileId = FileId(0);

/// Texts that use the whole language, and texts that misuse it.
const SAMPLES: [&str; 12] = [
    include_str!("../examples/home-pi/cluster.pik"),
    "a = \"\"\"\n  one\n\n    two \\u{e9} ${name} $${no}\n  \"\"\"\r\nb = \"\\\"x\\\\\"\n",
    "\u{FEFF}use = [\"wifi.pik\", # why\n  other,\n]\n\nlet { lan = 192.168.11.0/24 }\n",
    "node a[01-03, 07] { labels { \"example.org/rack\" = a1, b = [[1, 2], []] } }",
    "a { b { c { d = [\n 1,\n 2 ] } } }",
    "a = 'x'\nb: y\nc y\nd =\ne = f g\nh = i, j\nk = [l m]\nn = o p = q\n",
    "a {\n  b {\n    c = 1\n  d = 2\n}\ne = \"x\nf = [1, 2\ng {\n",
    "} ] = { [ , \" \"\"\" # \\ ' ` ;",
    "a = ü\u{A0}b\u{200B}c \u{202E}\0\r\n\rx",
    "node = a {\n}\nnode a b {\n}\nnode [1-2] {\n}\nnode: {\n}\nnode\n{\n}\n\"node\" {\n}\n",
    "// c\n[section]\na = b{c}\nd = e[f]\ng = h=i\n",
    "x { a = 1\n  b = 2 }\ny { , a = 1,, }\nz = \"a\"b\n",
];

fn files_below(folder: &Path, out: &mut Vec<PathBuf>) {
    let Ok(entries) = std::fs::read_dir(folder) else {
        return;
    };
    for entry in entries.flatten() {
        let path = entry.path();
        if path.is_dir() {
            files_below(&path, out);
        } else if path.extension().is_some_and(|ending| ending == "pik") {
            out.push(path);
        }
    }
}

/// The specs and files of the library in these folders and below, in the order of their paths.
pub(crate) fn read_below(folders: &[&str]) -> Vec<String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files = Vec::new();
    for folder in folders {
        files_below(&root.join(folder), &mut files);
    }
    files.sort();
    files
        .iter()
        .map(|path| std::fs::read_to_string(path).expect("a file of the project"))
        .collect()
}

/// The samples and every example: short enough to be cut at every character.
fn texts() -> Vec<String> {
    let samples = SAMPLES.iter().map(|text| (*text).to_owned());
    samples.chain(read_below(&["examples"])).collect()
}

/// The standard library in pieces: each top-level block with the comments before it. What comes
/// before a valid block has no influence on how it is read.
fn library() -> Vec<String> {
    let mut out = Vec::new();
    for file in read_below(&["stdlib"]) {
        let mut piece = String::new();
        for line in file.split_inclusive('\n') {
            piece.push_str(line);
            if line.starts_with('}') {
                out.push(std::mem::take(&mut piece));
            }
        }
        out.push(piece);
    }
    out
}

/// The places at which a text is cut: all of them, or for the library one in 37, which takes
/// seconds and not minutes. `PIKC_THOROUGH=1` uses all of them there, too.
fn places(text: &str, index: usize, thin: bool) -> Vec<(usize, char)> {
    let step = if thin && std::env::var_os("PIKC_THOROUGH").is_none() {
        37
    } else {
        1
    };
    text.char_indices()
        .skip(index % step)
        .step_by(step)
        .collect()
}

fn cuts() -> impl Iterator<Item = (String, usize, char)> {
    let all = texts().into_iter().map(|text| (text, false));
    let thin = library().into_iter().map(|text| (text, true));
    all.chain(thin)
        .enumerate()
        .flat_map(|(index, (text, thin))| {
            places(&text, index, thin)
                .into_iter()
                .map(move |(at, character)| (text.clone(), at, character))
        })
}

/// Runs a text through the whole front end and checks everything that must be true of any text.
fn check(text: &str) -> (Tree, Diagnostics) {
    let parsed = syntax::parse(FILE, text);
    let leaves: String = parsed
        .tree
        .leaves()
        .iter()
        .map(|leaf| leaf.text(text))
        .collect();
    assert_eq!(leaves, text, "the leaves are not the file");
    assert_seamless(&parsed.tree.root);
    let damaged = has_damage(&parsed.tree.root);
    assert!(
        !damaged || !parsed.problems.is_empty(),
        "unreported damage in {text:?}"
    );
    let mut problems = parsed.problems;
    ast::lower(&parsed.tree, FILE, text, &mut problems);
    for problem in problems.iter() {
        let edits = problem.fixes.iter().flat_map(|fix| &fix.edits);
        let places = problem.labels.iter().map(|label| label.span);
        for span in places.chain(edits.map(|edit| edit.span)) {
            let range = span.start as usize..span.end as usize;
            assert!(text.get(range).is_some(), "{span:?} of {problem:?}");
        }
        assert!(!problem.labels.is_empty(), "{problem:?} has no place");
    }
    (parsed.tree, problems)
}

fn assert_seamless(node: &SyntaxNode) {
    let mut at = node.start;
    for child in &node.children {
        assert_eq!(child.start, at, "a gap or an overlap in {node:?}");
        assert_seamless(child);
        at = child.end;
    }
    if !node.children.is_empty() {
        assert_eq!(at, node.end, "{node:?} ends elsewhere");
    }
}

fn has_damage(node: &SyntaxNode) -> bool {
    node.kind == SyntaxKind::Damage || node.children.iter().any(has_damage)
}

#[test]
fn every_prefix_is_read() {
    for (text, at, _) in cuts() {
        check(&text[..at]);
    }
}

#[test]
fn every_text_with_one_character_less_is_read() {
    for (text, at, character) in cuts() {
        let mut less = text;
        less.replace_range(at..at + character.len_utf8(), "");
        check(&less);
    }
}

#[test]
fn the_files_of_the_project_are_valid() {
    let samples = SAMPLES[..4].iter().map(|text| (*text).to_owned());
    for text in samples.chain(read_below(&["examples", "stdlib"])) {
        let problems = check(&text).1;
        let found: Vec<_> = problems.iter().map(|problem| &problem.message).collect();
        assert!(found.is_empty(), "{found:?} in {text}");
    }
}

/// Marks and words in any order: far closer to the language than arbitrary strings are.
fn soup() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        Just(" "),
        Just("\n"),
        Just("\n  "),
        Just("a"),
        Just("b1"),
        Just("key = "),
        Just("="),
        Just("{"),
        Just("}"),
        Just("["),
        Just("]"),
        Just(","),
        Just("#"),
        Just("\""),
        Just("\"\"\""),
        Just("\"s\""),
        Just("a = 1\n"),
        Just("a {\n"),
        Just("}\n"),
        Just("x { y = 1 }"),
        Just("\\"),
        Just("${"),
        Just("'"),
        Just(":"),
        Just("[1-2]"),
        Just("\t"),
        Just("\r\n"),
        Just("é"),
        Just("\u{A0}"),
        Just("\u{201C}"),
        Just("//"),
        Just(";"),
    ];
    prop::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_string_is_read(text in any::<String>()) {
        check(&text);
    }

    #[test]
    fn any_soup_is_read(text in soup()) {
        check(&text);
    }
}

#[test]
fn limits_are_checked_before_anything_else() {
    for open in ["[", "{", "a {", "a = [", "a { b = [ "] {
        let (tree, problems) = check(&open.repeat(10_000));
        assert_eq!(problems.len(), 1);
        assert_eq!(tree.leaves().len(), 1);
    }
    let brackets = "[".repeat(10 * 1024 * 1024);
    assert_eq!(check(&brackets).1.len(), 1);
}

#[test]
fn a_file_of_nothing_but_mistakes_ends_in_time() {
    for line in [
        "a b c\n",
        "a = \n",
        "a { } }\n",
        "x = [ a b\n",
        "'\n",
        "\"\n",
        "\u{0}\n",
        "a = [b = \n",
        "node a\n\n",
    ] {
        let text = line.repeat(100_000 / line.len());
        let problems = check(&text).1;
        assert!(
            (1..=201).contains(&problems.len()),
            "{line:?}: {}",
            problems.len()
        );
    }
}

/// The examples in the explanation of a code, as pairs of the text after `pik` and the example.
fn examples(descriptor: &Descriptor) -> Vec<(String, String)> {
    let mut out = Vec::new();
    let mut open: Option<(String, String)> = None;
    for line in descriptor.explanation.lines() {
        let line = line.strip_prefix(' ').unwrap_or(line);
        match (&mut open, line.strip_prefix("```")) {
            (None, Some(tag)) => open = Some((tag.to_owned(), String::new())),
            (Some(_), Some(_)) => out.extend(open.take()),
            (Some((_, text)), None) => {
                text.push_str(line);
                text.push('\n');
            }
            (None, None) => {}
        }
    }
    out
}

#[test]
fn every_example_of_an_explanation_is_true() {
    for descriptor in syntax::CODES.iter().chain(ast::CODES) {
        let examples = examples(descriptor);
        let code = descriptor.code;
        assert_eq!(examples.len(), 2, "{code}");
        for (tag, text) in examples {
            let problems = check(&text).1;
            let codes: Vec<_> = problems
                .iter()
                .map(|problem| problem.descriptor.code)
                .collect();
            if tag.starts_with("pik fails") {
                assert_eq!(codes, [code], "in {text}");
            } else {
                assert_eq!(tag, "pik", "{code}");
                assert!(codes.is_empty(), "{codes:?} in {text}");
            }
        }
    }
}
