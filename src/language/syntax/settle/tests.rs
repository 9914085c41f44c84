//! What is removed, what is added, and that the rest stays.

use super::*;

fn applied(text: &str, what: &str, reach: Reach, replacement: &str) -> String {
    let start = text.find(what).expect("it is in the text");
    let edit = Edit {
        span: Span::new(FileId(0), start, start + what.len()),
        replacement: replacement.to_owned(),
        reach,
    };
    let tree = grammar::strict(text).expect("a valid text");
    let edit = settled(text, &tree, &edit).expect("it is there");
    let mut out = text.to_owned();
    out.replace_range(
        edit.span.start as usize..edit.span.end as usize,
        &edit.replacement,
    );
    out
}

#[test]
fn a_setting_is_removed_with_its_line_and_comments_stay() {
    let cases = [
        ("a {\n  b = 1\n  c = 2\n}\n", "1", "a {\n  c = 2\n}\n"),
        (
            "a {\n  b = 1 # why\n  c = 2\n}\n",
            "1",
            "a {\n  # why\n  c = 2\n}\n",
        ),
        (
            "a {\n  # why\n  b = 1\n  c = 2\n}\n",
            "1",
            "a {\n  # why\n  c = 2\n}\n",
        ),
        ("a {\n  b = 1\n\n  c = 2\n}\n", "1", "a {\n  c = 2\n}\n"),
        (
            "a {\n  b = 1\n\n  c = 2\n\n  d = 3\n}\n",
            "2",
            "a {\n  b = 1\n\n  d = 3\n}\n",
        ),
        ("a {\n  b = 1\n\n  c = 2\n}\n", "2", "a {\n  b = 1\n}\n"),
        ("a { b = 1, c = 2, d = 3 }", "1", "a { c = 2, d = 3 }"),
        ("a { b = 1, c = 2, d = 3 }", "2", "a { b = 1, d = 3 }"),
        ("a { b = 1, c = 2, d = 3 }", "3", "a { b = 1, c = 2 }"),
        ("a { b = 1, }\nc = 2\n", "1", "c = 2\n"),
        ("a x { b = 1 }\nc = 2\n", "1", "a x { }\nc = 2\n"),
        ("a x {\n  b = 1\n}\n", "1", "a x {\n}\n"),
        ("d = 4\n\na { b = 1 }\n\nc = 2\n", "1", "d = 4\n\nc = 2\n"),
        ("a {\n  # why\n  b = 1\n}\n", "1", "a {\n  # why\n}\n"),
        ("a { z { b = 1 }, c = 2 }\n", "1", "a { c = 2 }\n"),
        ("x = [1, 2]\r\ny = 3\r\n", "3", "x = [1, 2]\r\n"),
        ("b = 1", "1", ""),
    ];
    for (text, what, expected) in cases {
        assert_eq!(applied(text, what, Reach::Setting, ""), expected, "{text}");
    }
}

#[test]
fn an_element_is_removed_with_its_comma() {
    let cases = [
        ("a = [1, 2, 3]", "1", "a = [2, 3]"),
        ("a = [1, 2, 3]", "2", "a = [1, 3]"),
        ("a = [1, 2, 3]", "3", "a = [1, 2]"),
        ("a = [1]", "1", "a = []"),
        (
            "a = [\n  1,\n  2, # two\n  3\n]",
            "1",
            "a = [\n  2, # two\n  3\n]",
        ),
        (
            "a = [\n  1,\n  2, # two\n  3\n]",
            "2",
            "a = [\n  1,\n  # two\n  3\n]",
        ),
    ];
    for (text, what, expected) in cases {
        assert_eq!(applied(text, what, Reach::Element, ""), expected, "{text}");
    }
}

#[test]
fn a_setting_is_added_in_the_style_of_its_neighbour() {
    let cases = [
        (
            "a {\n  long = 1 # why\n}\n",
            "1",
            "a {\n  long = 1 # why\n  b    = on\n}\n",
        ),
        ("a { long = 1 }\n", "1", "a { long = 1, b = on }\n"),
        (
            "a {\n  x y { }\n}\n",
            "x y",
            "a {\n  x y { }\n  b = on\n}\n",
        ),
        (
            "long = 1\r\nc = 2\r\n",
            "1",
            "long = 1\r\nb    = on\r\nc = 2\r\n",
        ),
        ("long = 1", "1", "long = 1\nb    = on"),
    ];
    for (text, what, expected) in cases {
        assert_eq!(
            applied(text, what, Reach::Beside, "b = on"),
            expected,
            "{text}"
        );
    }
}

#[test]
fn settings_are_added_at_the_end_of_a_block() {
    let cases = [
        (
            "a {\n  x = 1\n}\n",
            "a",
            "a {\n  x = 1\n  b = on\n  c = 2\n}\n",
        ),
        ("a { x = 1 }\n", "a", "a { x = 1, b = on, c = 2 }\n"),
        ("a { }\n", "a", "a { b = on, c = 2 }\n"),
        ("a {\n}\n", "a", "a {\n  b = on\n  c = 2\n}\n"),
        (
            "a {\n  z { # why\n  }\n}\n",
            "z",
            "a {\n  z { # why\n    b = on\n    c = 2\n  }\n}\n",
        ),
        (
            "a {\n  y { x = 1 }\n}\n",
            "a",
            "a {\n  y { x = 1 }\n  b = on\n  c = 2\n}\n",
        ),
    ];
    for (text, what, expected) in cases {
        let found = applied(text, what, Reach::Inside, "b = on\nc = 2");
        assert_eq!(found, expected, "{text}");
    }
}

fn every<'a>(node: &'a SyntaxNode, kinds: &[SyntaxKind], out: &mut Vec<&'a SyntaxNode>) {
    for child in &node.children {
        if kinds.contains(&child.kind) {
            out.push(child);
        }
        every(child, kinds, out);
    }
}

/// The words of a text, without trivia and commas; and its comments.
fn words(text: &str) -> (Vec<&str>, Vec<&str>) {
    let tree = grammar::strict(text).unwrap_or_else(|| panic!("not valid any more:\n{text}"));
    let counts = |node: &&&SyntaxNode| !node.kind.is_trivia() && node.kind != SyntaxKind::Comma;
    let leaves = tree.leaves();
    let words = leaves
        .iter()
        .filter(counts)
        .map(|node| node.text(text))
        .collect();
    let comments = leaves
        .iter()
        .filter(|node| node.kind == SyntaxKind::Comment);
    (words, comments.map(|node| node.text(text)).collect())
}

/// Removes every setting and block of every example in turn: the rest stays valid, and has the same words
/// without those of that piece.
#[test]
fn whatever_is_removed_the_rest_stays() {
    let mut checked = 0;
    for path in [
        "examples/home-pi",
        "examples/policies",
        "examples/seed-2023",
        "tests/specs",
    ] {
        for entry in std::fs::read_dir(format!("../../{path}")).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.extension().is_none_or(|extension| extension != "pik") {
                continue;
            }
            let text = std::fs::read_to_string(&path).expect("a text");
            // One of the examples is full of syntax errors on purpose.
            let Some(tree) = grammar::strict(&text) else {
                continue;
            };
            let mut pieces = Vec::new();
            every(
                &tree.root,
                &[SyntaxKind::Setting, SyntaxKind::Block],
                &mut pieces,
            );
            let (_, comments) = words(&text);
            for piece in pieces {
                let edit = Edit {
                    span: Span::new(FileId(0), piece.start as usize, piece.end as usize),
                    replacement: String::new(),
                    reach: Reach::Setting,
                };
                let mut inside = Vec::new();
                every(piece, &[SyntaxKind::Comment], &mut inside);
                let Some(edit) = settled(&text, &tree, &edit) else {
                    assert!(!inside.is_empty(), "{:?}", piece.text(&text));
                    continue;
                };
                let place = edit.span.start as usize..edit.span.end as usize;
                let mut rest = text.clone();
                rest.replace_range(place.clone(), "");
                let (left, left_comments) = words(&rest);
                let (before, _) = words(text[place.clone()].trim_matches([' ', ',']));
                let (mut all, _) = words(&text);
                let at = all
                    .windows(before.len())
                    .position(|part| part == before)
                    .expect("there");
                assert!(place.contains(&(piece.start as usize)));
                all.drain(at..at + before.len());
                let mut sorted = (all.clone(), left);
                sorted.0.sort_unstable();
                sorted.1.sort_unstable();
                assert_eq!(
                    sorted.0,
                    sorted.1,
                    "{}: {:?}",
                    path.display(),
                    piece.text(&text)
                );
                assert_eq!(left_comments, comments);
                checked += 1;
            }
        }
    }
    assert!(checked > 200, "{checked}");
}
