//! Edits that remove a whole setting, or add one next to another, as places in the text.
//!
//! A rule knows where a value is, but not how its line is written: alone, after a comma, with a
//! comment after it. The tree knows, and the edit becomes one of plain text. Comments stay.
//! In a file that could not be read completely such an edit is dropped: its place is not certain.

use std::collections::BTreeMap;

use crate::diagnostic::{Diagnostics, Edit, Reach};
use crate::source::{FileId, Sources, Span};

use super::grammar;
use super::tree::{SyntaxKind, SyntaxNode, Tree};

/// Replaces every edit of the findings with one that reaches no further than its span.
pub fn settle(sources: &Sources, out: &mut Diagnostics) {
    settle_known(sources, &|_| None, out);
}

/// The same, where the trees of some files without a syntax error are known.
pub fn settle_known<'a>(
    sources: &Sources,
    known: &dyn Fn(FileId) -> Option<&'a Tree>,
    out: &mut Diagnostics,
) {
    let mut trees: BTreeMap<FileId, Option<Tree>> = BTreeMap::new();
    out.settle(|edit| {
        if edit.reach == Reach::Span {
            return Some(edit.clone());
        }
        // What a rule has to say about a default is not said in the library.
        if edit.span.file.is_library() {
            return None;
        }
        let text = &sources.file(edit.span.file).text;
        if let Some(tree) = known(edit.span.file) {
            return settled(text, tree, edit);
        }
        let tree = trees
            .entry(edit.span.file)
            .or_insert_with(|| grammar::strict(text));
        settled(text, tree.as_ref()?, edit)
    });
}

/// The same edit, reaching no further than its span; none if its target is not there, or the file could not be read completely.
pub fn settled_edit(sources: &Sources, edit: &Edit) -> Option<Edit> {
    let text = &sources.file(edit.span.file).text;
    settled(text, &grammar::strict(text)?, edit)
}

/// What is removed with the smallest setting or block that covers a span, for an edit that writes its comments elsewhere; none if the
/// file could not be read completely.
pub fn removed(sources: &Sources, span: Span) -> Option<Span> {
    let text = &sources.file(span.file).text;
    let tree = grammar::strict(text)?;
    let (start, end) = gone(text, &path_to(&tree.root, span, Reach::Setting)?)?;
    Some(Span::new(span.file, start, end))
}

/// The edit in this text, or none if its target is not there.
fn settled(text: &str, tree: &Tree, edit: &Edit) -> Option<Edit> {
    let path = path_to(&tree.root, edit.span, edit.reach)?;
    let (span, replacement) = match edit.reach {
        Reach::Span => return Some(edit.clone()),
        // A comment would go with it.
        Reach::Setting | Reach::Element if has_comment(path.last()?) => return None,
        Reach::Setting | Reach::Element => (gone(text, &path)?, String::new()),
        Reach::Beside => beside(text, path.last()?, &edit.replacement),
        Reach::Inside => inside(text, path.last()?, &edit.replacement)?,
    };
    Some(Edit {
        span: Span::new(edit.span.file, span.0, span.1),
        replacement,
        reach: Reach::Span,
    })
}

/// From the root to the smallest piece of the wanted kind that covers the span.
fn path_to(root: &SyntaxNode, span: Span, reach: Reach) -> Option<Vec<&SyntaxNode>> {
    // Children are in order and leave no gap.
    let covering = |node: &'_ SyntaxNode| {
        let at = node.children.partition_point(|child| child.end < span.end);
        node.children
            .get(at)
            .map(|child| (child.start <= span.start).then_some(at))?
    };
    let mut path = vec![root];
    let mut found = None;
    while let Some(next) = covering(path.last()?).map(|at| &path[path.len() - 1].children[at]) {
        let wanted = match reach {
            Reach::Element => path.last()?.kind == SyntaxKind::List,
            Reach::Inside => next.kind == SyntaxKind::Block,
            _ => matches!(next.kind, SyntaxKind::Setting | SyntaxKind::Block),
        };
        path.push(next);
        if wanted {
            found = Some(path.len());
        }
    }
    if reach == Reach::Element && found.is_none() {
        // A value that stands for a list of one.
        return path_to(root, span, Reach::Setting);
    }
    path.truncate(found?);
    Some(path)
}

/// What has to be removed with the last node of a path.
fn gone(text: &str, path: &[&SyntaxNode]) -> Option<(usize, usize)> {
    let [above @ .., parent, node] = path else {
        return None;
    };
    // Search from the node outwards, not from the beginning: there can be 100,000 siblings.
    let at = parent
        .children
        .partition_point(|child| child.start < node.start);
    let at = at
        + parent.children[at..]
            .iter()
            .position(|child| child.kind == node.kind)?;
    let (before, after) = (&parent.children[..at], &parent.children[at + 1..]);
    let is_part = |child: &&SyntaxNode| !child.kind.is_trivia();
    let is_mark = |part: &&SyntaxNode| part.kind == SyntaxKind::Comma;
    let comma_after = after.iter().find(is_part).filter(is_mark);
    let comma_before = before.iter().rev().find(is_part).filter(is_mark);
    let inner = |part: &&SyntaxNode| matches!(part.kind, SyntaxKind::Setting | SyntaxKind::Block);
    let alone = parent.kind == SyntaxKind::Block
        && parent.parts().filter(inner).take(2).count() == 1
        && !parent
            .children
            .iter()
            .any(|one| one.kind == SyntaxKind::Comment);
    // A block without a label that held nothing else is of no use any more.
    if alone && parent.part(SyntaxKind::Label).is_none() && !above.is_empty() {
        return gone(text, &path[..path.len() - 1]);
    }
    let (start, end) = (node.start as usize, node.end as usize);
    let through = comma_after.map_or(end, |comma| comma.end as usize);
    if text[line_start(text, start)..start].trim().is_empty() {
        let rest = &text[through..line_end(text, through)];
        if rest.trim().is_empty() {
            return Some(whole_lines(text, start, through));
        }
        if rest.trim_start().starts_with('#') {
            return Some((start, through + (rest.len() - rest.trim_start().len())));
        }
    }
    Some(match (comma_after, comma_before) {
        (Some(comma), _) => (start, after_blanks(text, comma.end as usize)),
        (None, Some(comma)) => (comma.start as usize, end),
        (None, None) => (start, after_blanks(text, end)),
    })
}

fn has_comment(node: &SyntaxNode) -> bool {
    let own = node.kind == SyntaxKind::Comment;
    own || node.children.iter().any(has_comment)
}

/// The lines from `start` to `end`, with a blank line that would otherwise be left over.
fn whole_lines(text: &str, start: usize, end: usize) -> (usize, usize) {
    let mut first = line_start(text, start);
    let mut last = after_line(text, end);
    let blank = |from: usize, to: usize| text[from..to].trim().is_empty();
    let before = first.checked_sub(1).map(|end| line_start(text, end));
    let next = after_line(text, last);
    let next_line = text[last..next].trim();
    match before {
        Some(before) if blank(before, first) && (next_line.is_empty() || next_line == "}") => {
            first = before;
        }
        // At the beginning of a block or a file.
        Some(before)
            if text[before..first].trim_end().ends_with('{')
                && last < next
                && next_line.is_empty() =>
        {
            last = next;
        }
        None if last < next && next_line.is_empty() => last = next,
        _ => {}
    }
    (first, last)
}

/// Where a setting or block at the end of this block goes, and how it is written there.
fn inside(text: &str, block: &SyntaxNode, what: &str) -> Option<((usize, usize), String)> {
    let inner = |part: &&SyntaxNode| matches!(part.kind, SyntaxKind::Setting | SyntaxKind::Block);
    if let Some(last) = block.parts().filter(inner).last() {
        return Some(beside(text, last, what));
    }
    let end = block.part(SyntaxKind::Open)?.end as usize;
    let first = line_start(text, block.start as usize);
    let before = &text[first..block.start as usize];
    let rest = text[end..line_end(text, end)].trim_start();
    if !before.trim().is_empty() || !(rest.is_empty() || rest.starts_with('#')) {
        return Some(((end, end), format!(" {}", what.replace('\n', ", "))));
    }
    let at = line_end(text, end);
    let newline = newline(text);
    let lines = what
        .lines()
        .map(|line| format!("{newline}{before}  {line}"));
    Some(((at, at), lines.collect()))
}

fn newline(text: &str) -> &'static str {
    if text.contains("\r\n") { "\r\n" } else { "\n" }
}

/// Where settings or blocks next to this one go, and how they are written there.
fn beside(text: &str, node: &SyntaxNode, what: &str) -> ((usize, usize), String) {
    let (start, end) = (node.start as usize, node.end as usize);
    let first = line_start(text, start);
    let indent = &text[first..start];
    let rest = text[end..line_end(text, end)].trim_start();
    if !indent.trim().is_empty() || !(rest.is_empty() || rest.starts_with('#')) {
        return ((end, end), format!(", {}", what.replace('\n', ", ")));
    }
    let column = node
        .part(SyntaxKind::Equals)
        .map_or(0, |equals| equals.start as usize - start);
    let newline = newline(text);
    let lines = what.lines().map(|line| match line.split_once(" = ") {
        Some((key, value)) if key.len() < column => {
            format!("{newline}{indent}{key:<column$}= {value}")
        }
        _ => format!("{newline}{indent}{line}"),
    });
    let at = line_end(text, end);
    ((at, at), lines.collect())
}

fn line_start(text: &str, at: usize) -> usize {
    text[..at].rfind('\n').map_or(0, |before| before + 1)
}

/// The end of a line without its newline.
fn line_end(text: &str, at: usize) -> usize {
    let line = text[at..].find('\n').map_or(text.len(), |to| at + to);
    match text[at..line].strip_suffix('\r') {
        Some(rest) => at + rest.len(),
        None => line,
    }
}

fn after_line(text: &str, at: usize) -> usize {
    text[at..].find('\n').map_or(text.len(), |to| at + to + 1)
}

fn after_blanks(text: &str, at: usize) -> usize {
    at + text[at..].len() - text[at..].trim_start_matches([' ', '\t']).len()
}

#[cfg(test)]
mod tests {
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
}
