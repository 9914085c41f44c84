//! Which pieces of a text with syntax errors can be formatted, and whether the result is read as the text was.

use crate::source::FileId;
use crate::syntax::{self, Parsed, SyntaxKind, SyntaxNode};

use super::line::place;

/// How much care a text needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Care {
    /// It has no syntax error.
    None,
    /// Only the damaged settings and lines are copied.
    Pieces,
    /// Each setting or block of the file is copied as a whole if anything in it is damaged.
    Items,
}

/// Whether a setting or a block has no syntax error of its own.
pub(super) fn is_sound(text: &str, node: &SyntaxNode) -> bool {
    reads_as(&text[place(node)], node.kind)
}

/// Whether only the inside of a block can be damaged: it is made of lines, its head is well formed, and its braces are there.
pub(super) fn has_sound_frame(text: &str, node: &SyntaxNode) -> bool {
    let Some(open) = node.part(SyntaxKind::Open) else {
        return false;
    };
    let closed = node.children.last().map(|last| last.kind) == Some(SyntaxKind::Close);
    let head = format!("{}}}", &text[node.start as usize..open.end as usize]);
    closed && made_of_lines(node) && reads_as(&head, SyntaxKind::Block)
}

fn reads_as(text: &str, kind: SyntaxKind) -> bool {
    let parsed = syntax::parse(FileId(0), text);
    parsed.problems.is_empty()
        && matches!(parsed.tree.root.children.as_slice(), [one] if one.kind == kind)
}

/// Whether a block is made of lines: nothing but a comment follows its `{` on the line.
pub(super) fn made_of_lines(node: &SyntaxNode) -> bool {
    let after = node.children.iter();
    let mut after = after.skip_while(|part| part.kind != SyntaxKind::Open);
    after.next();
    let next = after.find(|part| part.kind != SyntaxKind::Space);
    next.is_some_and(|part| matches!(part.kind, SyntaxKind::Newline | SyntaxKind::Comment))
}

/// Whether two texts are read alike: the same pieces in the same blocks and lists, and the same errors.
pub(super) fn reads_alike(one: (&str, &Parsed), other: (&str, &Parsed)) -> bool {
    let codes = |parsed: &Parsed| -> Vec<&str> {
        parsed
            .problems
            .iter()
            .map(|one| one.descriptor.code)
            .collect()
    };
    let (mut here, mut there) = (Vec::new(), Vec::new());
    collect(one.0, &one.1.tree.root, 0, &mut here);
    collect(other.0, &other.1.tree.root, 0, &mut there);
    here == there && codes(one.1) == codes(other.1)
}

/// How deep a piece is, what it is, and its text if it is a leaf.
type Seen<'a> = (usize, SyntaxKind, &'a str);

fn collect<'a>(text: &'a str, node: &SyntaxNode, depth: usize, out: &mut Vec<Seen<'a>>) {
    for child in &node.children {
        match child.kind {
            SyntaxKind::Newline | SyntaxKind::Bom | SyntaxKind::Comma => {}
            // White space that is neither a blank nor a tab is a mistake of its own.
            SyntaxKind::Space if is_blank(child.text(text)) => {}
            kind if child.children.is_empty() => {
                out.push((depth, kind, child.text(text).trim_matches([' ', '\t'])));
            }
            kind => {
                out.push((depth, kind, ""));
                collect(text, child, depth + 1, out);
            }
        }
    }
}

/// Whether a text consists of blanks and tabs.
pub(super) fn is_blank(text: &str) -> bool {
    text.bytes().all(|byte| matches!(byte, b' ' | b'\t'))
}
