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
mod tests;
