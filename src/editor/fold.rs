//! What can be folded in a file: blocks, lists and strings over several lines, and groups of comments.

use super::project::View;
use crate::source::Span;
use crate::syntax::{SyntaxKind, SyntaxNode};

/// What a fold hides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FoldKind {
    /// The inside of a block, a list or a string.
    Region,
    /// Comments.
    Comment,
}

/// A piece of a file that covers several lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fold {
    /// From the opening mark or quotes to the closing one; from the first comment to the last. Its first line stays visible.
    pub span: Span,
    /// What it is.
    pub kind: FoldKind,
}

/// The folds of a file, outer ones before those in them.
pub fn folds(view: &View<'_>) -> Vec<Fold> {
    let mut found = Vec::new();
    inside(view, &view.page.tree.root, &mut found);
    found.sort_by_key(|fold| (fold.span.start, std::cmp::Reverse(fold.span.end)));
    found
}

fn inside(view: &View<'_>, node: &SyntaxNode, out: &mut Vec<Fold>) {
    comments(view, node, out);
    for child in &node.children {
        let from = match child.kind {
            SyntaxKind::Block => child.part(SyntaxKind::Open),
            SyntaxKind::List => child.part(SyntaxKind::ListOpen),
            SyntaxKind::LongText => Some(child),
            _ => None,
        };
        if let Some(from) = from {
            let span = view.span(from.start as usize, child.end as usize);
            if view.project.text(span).contains('\n') {
                out.push(Fold {
                    span,
                    kind: FoldKind::Region,
                });
            }
        }
        inside(view, child, out);
    }
}

/// Comments on lines of their own, several in a row.
fn comments(view: &View<'_>, node: &SyntaxNode, out: &mut Vec<Fold>) {
    let mut group: Option<(u32, u32, usize)> = None;
    let mut fresh = starts_line(view, node);
    let mut lines = 0;
    for child in &node.children {
        match child.kind {
            SyntaxKind::Space | SyntaxKind::Bom => {}
            SyntaxKind::Newline => {
                fresh = true;
                lines += 1;
                if lines > 1 {
                    finish(view, group.take(), out);
                }
            }
            SyntaxKind::Comment if fresh => {
                lines = 0;
                group = Some(match group {
                    Some((start, _, count)) => (start, child.end, count + 1),
                    None => (child.start, child.end, 1),
                });
            }
            _ => {
                finish(view, group.take(), out);
                fresh = false;
                lines = 0;
            }
        }
    }
    finish(view, group, out);
}

/// Whether what a node begins with is at the start of a line.
fn starts_line(view: &View<'_>, node: &SyntaxNode) -> bool {
    let before = view.text().get(..node.start as usize).unwrap_or("");
    let line = before.rsplit('\n').next().unwrap_or("");
    node.kind == SyntaxKind::File || line.trim().is_empty()
}

fn finish(view: &View<'_>, group: Option<(u32, u32, usize)>, out: &mut Vec<Fold>) {
    if let Some((start, end, count)) = group
        && count > 1
    {
        out.push(Fold {
            span: view.span(start as usize, end as usize),
            kind: FoldKind::Comment,
        });
    }
}
