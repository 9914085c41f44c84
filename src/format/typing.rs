//! What an editor changes while someone types: the line that was just left, and the indentation of the one that was begun.

use crate::source::FileId;
use crate::syntax::{self, SyntaxKind};

use super::{Change, STEP, changes};

/// What to change after a new line, a `}` or a `]` was typed; `at` is the byte after it.
///
/// After a new line, the line before it gets the layout, and the new one its indentation. After a bracket, its line does. Works in
/// a text that is only half written: the indentation follows from the brackets before the line.
pub fn on_type(text: &str, at: usize) -> Vec<Change> {
    let Some(before) = text.get(..at) else {
        return Vec::new();
    };
    let start = before.rfind('\n').map_or(0, |found| found + 1);
    let line = &text[start..];
    let white = line.len() - line.trim_start_matches([' ', '\t']).len();
    let indent = " ".repeat(indent(text, start, &line[white..]) * STEP);
    let mut out = match before.ends_with('\n') {
        true => within(
            text,
            before[..before.len() - 1]
                .rfind('\n')
                .map_or(0, |found| found + 1),
            start - 1,
        ),
        false => Vec::new(),
    };
    if line[..white] != indent {
        out.push(Change {
            range: start..start + white,
            text: indent,
        });
    }
    out
}

/// The changes inside a line, except to its end.
fn within(text: &str, start: usize, end: usize) -> Vec<Change> {
    let mut all = changes(text);
    all.retain(|change| {
        let one_line = !change.text.contains('\n') && !text[change.range.clone()].contains('\n');
        one_line && change.range.start >= start && change.range.end <= end
    });
    all
}

/// How many blocks and lists a line is in that begins at a byte, and begins with this text.
fn indent(text: &str, start: usize, line: &str) -> usize {
    let parsed = syntax::parse(FileId(0), text);
    let mut depth: usize = 0;
    for leaf in parsed.tree.leaves() {
        if leaf.start as usize >= start {
            break;
        }
        match leaf.kind {
            SyntaxKind::Open | SyntaxKind::ListOpen => depth += 1,
            SyntaxKind::Close | SyntaxKind::ListClose => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    let closing = line.chars().take_while(|mark| matches!(mark, '}' | ']'));
    depth.saturating_sub(closing.count())
}

/// The byte at which a line begins; the end of the text if it has fewer lines.
pub(super) fn start_of_line(text: &str, line: usize) -> usize {
    match line {
        0 => 0,
        _ => text
            .match_indices('\n')
            .nth(line - 1)
            .map_or(text.len(), |(at, _)| at + 1),
    }
}
