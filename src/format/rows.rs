//! The parts of a file, a block or a list, line by line as they were written.

use crate::syntax::{SyntaxKind, SyntaxNode};

/// The parts that begin on one line. A block or a list that spans several lines is one part.
pub(super) struct Row<'a> {
    /// All of them, white space included.
    pub(super) all: &'a [SyntaxNode],
    /// All but white space.
    pub(super) parts: Vec<&'a SyntaxNode>,
    /// The byte after the end of the line; none if a `}` or the end of the file follows on it.
    pub(super) after: Option<usize>,
}

impl<'a> Row<'a> {
    fn new(all: &'a [SyntaxNode], after: Option<usize>) -> Self {
        let white = |node: &&SyntaxNode| matches!(node.kind, SyntaxKind::Space | SyntaxKind::Bom);
        Self {
            all,
            parts: all.iter().filter(|node| !white(node)).collect(),
            after,
        }
    }

    /// The comment that is alone on the line.
    pub(super) fn comment(&self) -> Option<&'a SyntaxNode> {
        match self.parts.as_slice() {
            [one] if one.kind == SyntaxKind::Comment => Some(one),
            _ => None,
        }
    }

    /// Where the line begins: its first part, indentation included.
    pub(super) fn start(&self) -> Option<usize> {
        let mut all = self.all.iter().filter(|node| node.kind != SyntaxKind::Bom);
        all.next().map(|node| node.start as usize)
    }

    /// Where its last part ends, white space included.
    pub(super) fn end(&self) -> Option<usize> {
        self.all.last().map(|node| node.end as usize)
    }
}

/// The rows of some parts.
pub(super) fn rows(parts: &[SyntaxNode]) -> Vec<Row<'_>> {
    let mut rows = Vec::new();
    let mut from = 0;
    for (at, part) in parts.iter().enumerate() {
        if part.kind == SyntaxKind::Newline {
            rows.push(Row::new(&parts[from..at], Some(part.end as usize)));
            from = at + 1;
        } else if ends_a_line(part) {
            rows.push(Row::new(&parts[from..=at], Some(part.end as usize)));
            from = at + 1;
        }
    }
    rows.push(Row::new(&parts[from..], None));
    rows
}

/// Whether a part holds the end of its last line, as a block or a list does that is not closed.
fn ends_a_line(part: &SyntaxNode) -> bool {
    let mut last = part.children.last();
    while let Some(inner) = last {
        if inner.kind == SyntaxKind::Newline {
            return true;
        }
        last = inner.children.last();
    }
    false
}

/// What is between the brackets of a block or a list.
pub(super) fn inside(node: &SyntaxNode, open: SyntaxKind, close: SyntaxKind) -> &[SyntaxNode] {
    let parts = node.children.as_slice();
    let from = parts.iter().position(|part| part.kind == open);
    let from = from.map_or(0, |at| at + 1);
    let to = match parts.last() {
        Some(last) if last.kind == close && from < parts.len() => parts.len() - 1,
        _ => parts.len(),
    };
    &parts[from..to]
}
