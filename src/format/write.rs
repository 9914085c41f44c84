//! From lines to text: indentation, empty lines, and the column of the comments.

use std::borrow::Cow;
use std::ops::Range;

use textwrap::core::display_width;

use super::STEP;
use super::line::{Line, Piece, Sort};

/// A line with more columns than this does not push the comments of its neighbours to the right.
const WIDE: usize = 60;

/// What is between the longest of some lines and their comments.
const BEFORE_COMMENT: usize = 2;

/// A text in the layout.
pub(super) struct Written {
    pub(super) text: String,
    /// What was copied, in order. The rest is white space and marks.
    pub(super) copies: Vec<Copied>,
}

/// A piece of the original and where it is now.
pub(super) struct Copied {
    pub(super) from: Range<usize>,
    pub(super) to: Range<usize>,
}

/// Writes the lines.
pub(super) fn write(text: &str, lines: &[Line]) -> Written {
    let mut out = Written {
        text: String::with_capacity(text.len() + text.len() / 8),
        copies: Vec::with_capacity(text.len() / 8),
    };
    let columns = columns(text, lines);
    for (line, column) in lines.iter().zip(columns) {
        if line.blank && !out.text.is_empty() {
            out.text.push('\n');
        }
        let start = out.text.len();
        if line.sort == Sort::Laid {
            pad(&mut out.text, line.depth * STEP);
        }
        for piece in &line.pieces {
            match piece {
                Piece::Copy(range) => copy(text, range.clone(), &mut out),
                Piece::Mark(mark) => out.text.push_str(mark),
                Piece::Pad(count) => pad(&mut out.text, *count),
            }
        }
        if let Some(comment) = &line.comment {
            let width = width(&out.text[start..]);
            pad(&mut out.text, column.saturating_sub(width));
            copy(text, comment.clone(), &mut out);
        }
        out.text.push('\n');
    }
    out
}

fn pad(out: &mut String, count: usize) {
    out.extend(std::iter::repeat_n(' ', count));
}

fn copy(text: &str, from: Range<usize>, out: &mut Written) {
    let start = out.text.len();
    out.text.push_str(&with_line_feeds(&text[from.clone()]));
    let to = start..out.text.len();
    out.copies.push(Copied { from, to });
}

/// Lines end in LF, in strings too: the language reads CR LF there as LF.
fn with_line_feeds(text: &str) -> Cow<'_, str> {
    match text.contains("\r\n") {
        true => text.replace("\r\n", "\n").into(),
        false => text.into(),
    }
}

/// The columns of the last line of a text.
pub(super) fn width(text: &str) -> usize {
    let last = text.rfind('\n').map_or(text, |at| &text[at + 1..]);
    match last.is_ascii() {
        true => last.len(),
        false => display_width(last),
    }
}

/// The columns of a line up to its comment.
fn code_width(text: &str, line: &Line) -> usize {
    line.pieces
        .iter()
        .fold(line.depth * STEP, |before, piece| match piece {
            Piece::Copy(range) => {
                let text = &text[range.clone()];
                let before = if text.contains('\n') { 0 } else { before };
                before + width(text)
            }
            Piece::Mark(mark) => before + mark.len(),
            Piece::Pad(count) => before + count,
        })
}

/// The column of the comment of each line. The comments of a paragraph are below each other: lines without an empty one between
/// them, whatever blocks they are in.
fn columns(text: &str, lines: &[Line]) -> Vec<usize> {
    let mut out = vec![0; lines.len()];
    let mut from = 0;
    while from < lines.len() {
        let rest = &lines[from + 1..];
        let ends = |line: &Line| line.blank || line.sort == Sort::Off;
        let to = rest
            .iter()
            .position(ends)
            .map_or(lines.len(), |at| from + 1 + at);
        let mut longest = 0;
        for at in from..to {
            if lines[at].comment.is_some() {
                out[at] = code_width(text, &lines[at]);
                if out[at] <= WIDE {
                    longest = longest.max(out[at]);
                }
            }
        }
        for column in &mut out[from..to] {
            *column = (*column).max(longest) + BEFORE_COMMENT;
        }
        from = to;
    }
    out
}
