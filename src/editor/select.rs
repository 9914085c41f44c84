//! What a growing selection covers: the word, the value, the element with its list, the setting, the inside of the block, the
//! block, and so on to the whole file.

use super::project::View;
use crate::source::Span;
use crate::syntax::{SyntaxKind, SyntaxNode};

/// The pieces around a place, the smallest first; each lies in the next and is smaller.
pub fn selections(view: &View<'_>, offset: usize) -> Vec<Span> {
    let text = view.text();
    let root = &view.page.tree.root;
    let mut found = vec![view.span(0, text.len())];
    let mut node = root;
    while let Some(child) = at(node, offset) {
        if let Some(body) = body(node, offset) {
            found.push(view.span(body.0, body.1));
        }
        let (start, end) = (child.start as usize, child.end as usize);
        match child.kind {
            SyntaxKind::Space | SyntaxKind::Newline | SyntaxKind::Bom => break,
            SyntaxKind::Text | SyntaxKind::LongText => {
                found.push(view.span(start, end));
                let quotes = match child.kind {
                    SyntaxKind::Text => 1,
                    _ => 3,
                };
                let inner = (start + quotes, end.saturating_sub(quotes));
                if inner.0 <= offset && offset <= inner.1 {
                    found.push(view.span(inner.0, inner.1));
                }
            }
            _ => found.push(view.span(start, end)),
        }
        node = child;
    }
    if let Some(body) = body(node, offset) {
        found.push(view.span(body.0, body.1));
    }
    if let Some(word) = word(text, offset, node) {
        found.push(view.span(word.0, word.1));
    }
    let mut nested: Vec<Span> = Vec::new();
    for span in found {
        let fits = nested.last().is_none_or(|outer| {
            outer.start <= span.start && span.end <= outer.end && span.len() < outer.len()
        });
        if fits && !span.is_empty() {
            nested.push(span);
        }
    }
    nested.reverse();
    nested
}

/// The part of a node that covers a place. Between two parts, a word goes before a mark or white space.
fn at(node: &SyntaxNode, offset: usize) -> Option<&SyntaxNode> {
    let covering =
        |child: &&SyntaxNode| child.start as usize <= offset && offset <= child.end as usize;
    let from = node
        .children
        .partition_point(|child| (child.end as usize) < offset);
    node.children[from..]
        .iter()
        .take_while(|child| child.start as usize <= offset)
        .filter(covering)
        .min_by_key(|child| rank(child.kind))
}

fn rank(kind: SyntaxKind) -> u8 {
    match kind {
        SyntaxKind::Space | SyntaxKind::Newline | SyntaxKind::Bom => 3,
        SyntaxKind::Comment | SyntaxKind::Damage => 2,
        SyntaxKind::Equals
        | SyntaxKind::Open
        | SyntaxKind::Close
        | SyntaxKind::ListOpen
        | SyntaxKind::ListClose
        | SyntaxKind::Comma => 1,
        _ => 0,
    }
}

/// What is between the marks of a block or a list, without the white space at its ends, if the place is in it.
fn body(node: &SyntaxNode, offset: usize) -> Option<(usize, usize)> {
    let (open, close) = match node.kind {
        SyntaxKind::Block => (SyntaxKind::Open, SyntaxKind::Close),
        SyntaxKind::List => (SyntaxKind::ListOpen, SyntaxKind::ListClose),
        _ => return None,
    };
    let from = node.part(open)?.end;
    let to = node.part(close).map_or(node.end, |close| close.start);
    let is_white = |child: &&SyntaxNode| {
        matches!(child.kind, SyntaxKind::Space | SyntaxKind::Newline)
            || child.start < from
            || child.end > to
    };
    let first = node.children.iter().find(|child| !is_white(child))?;
    let last = node.children.iter().rev().find(|child| !is_white(child))?;
    let (start, end) = (first.start as usize, last.end as usize);
    (from as usize <= offset && offset <= to as usize && start <= offset && offset <= end)
        .then_some((start, end))
}

/// The letters and digits around a place, within a word, a string or a comment.
fn word(text: &str, offset: usize, leaf: &SyntaxNode) -> Option<(usize, usize)> {
    let (from, to) = (leaf.start as usize, leaf.end as usize);
    if !leaf.children.is_empty() || !(from..=to).contains(&offset) {
        return None;
    }
    let part = |c: char| c.is_alphanumeric() || c == '_';
    let (before, after) = (text.get(from..offset)?, text.get(offset..to)?);
    let left = before.trim_end_matches(part).len();
    let right = after.len() - after.trim_start_matches(part).len();
    Some((from + left, offset + right))
}
