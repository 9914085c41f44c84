//! What fits on one line, and lists that do not.

use crate::syntax::{SyntaxKind, SyntaxNode};

use super::line::{Line, Piece, place_of_comment};
use super::rows::{Row, inside, rows};
use super::sound::made_of_lines;
use super::write::width;
use super::{COLUMNS, STEP};

/// The values of a list.
pub(super) fn values(list: &SyntaxNode) -> Vec<&SyntaxNode> {
    let parts = inside(list, SyntaxKind::ListOpen, SyntaxKind::ListClose);
    parts.iter().filter(|part| is_value(part)).collect()
}

fn is_value(node: &SyntaxNode) -> bool {
    matches!(
        node.kind,
        SyntaxKind::Word | SyntaxKind::Text | SyntaxKind::LongText | SyntaxKind::List
    )
}

/// The settings and blocks of a block on one line.
pub(super) fn items(block: &SyntaxNode) -> impl Iterator<Item = &SyntaxNode> {
    let parts = inside(block, SyntaxKind::Open, SyntaxKind::Close).iter();
    parts.filter(|part| matches!(part.kind, SyntaxKind::Setting | SyntaxKind::Block))
}

/// A value, a setting or a block on one line; none if it holds something that needs lines of its own.
pub(super) fn on_one_line(text: &str, node: &SyntaxNode) -> Option<Vec<Piece>> {
    let mut out = Vec::new();
    inline(text, node, &mut out).then_some(out)
}

fn inline(text: &str, node: &SyntaxNode, out: &mut Vec<Piece>) -> bool {
    match node.kind {
        SyntaxKind::LongText => return false,
        SyntaxKind::List => {
            if keeps_rows(text, node) {
                return false;
            }
            out.push(Piece::Mark("["));
            if !joined(text, values(node).into_iter(), out) {
                return false;
            }
            out.push(Piece::Mark("]"));
        }
        SyntaxKind::Setting => {
            let mut parts = node.parts();
            let (Some(key), Some(_), Some(value)) = (parts.next(), parts.next(), parts.next())
            else {
                return false;
            };
            out.extend([Piece::of(key), Piece::Mark(" = ")]);
            return inline(text, value, out);
        }
        SyntaxKind::Block => {
            head(node, out);
            let says = |part: &SyntaxNode| part.kind == SyntaxKind::Comment;
            if items(node).next().is_none() && !node.children.iter().any(says) {
                out.push(Piece::Mark("{}"));
                return true;
            }
            if made_of_lines(node) {
                return false;
            }
            out.push(Piece::Mark("{ "));
            if !joined(text, items(node), out) {
                return false;
            }
            out.push(Piece::Mark(" }"));
        }
        _ => out.push(Piece::of(node)),
    }
    true
}

fn joined<'a>(
    text: &str,
    nodes: impl Iterator<Item = &'a SyntaxNode>,
    out: &mut Vec<Piece>,
) -> bool {
    for (at, node) in nodes.enumerate() {
        if at > 0 {
            out.push(Piece::Mark(", "));
        }
        if !inline(text, node, out) {
            return false;
        }
    }
    true
}

/// What is before the `{` of a block.
pub(super) fn head(block: &SyntaxNode, out: &mut Vec<Piece>) {
    let head = block
        .parts()
        .take_while(|part| part.kind != SyntaxKind::Open);
    for part in head {
        if part.kind == SyntaxKind::Label {
            label(part, out);
        } else {
            out.push(Piece::of(part));
        }
        out.push(Piece::Mark(" "));
    }
}

/// `node[02-04,07]`, without white space in the brackets.
fn label(label: &SyntaxNode, out: &mut Vec<Piece>) {
    for part in label.parts() {
        if part.kind != SyntaxKind::Ranges {
            out.push(Piece::of(part));
            continue;
        }
        let words = part.parts().filter(|part| part.kind == SyntaxKind::Word);
        for (at, word) in words.enumerate() {
            out.push(Piece::Mark(if at == 0 { "[" } else { "," }));
            out.push(Piece::of(word));
        }
        out.push(Piece::Mark("]"));
    }
}

/// The columns of some pieces.
pub(super) fn columns(text: &str, pieces: &[Piece]) -> usize {
    let one = |piece: &Piece| match piece {
        Piece::Copy(range) => width(&text[range.clone()]),
        Piece::Mark(mark) => mark.len(),
        Piece::Pad(count) => *count,
    };
    pieces.iter().map(one).sum()
}

/// Whether breaking this up would gain nothing: it holds one value, and that is not a list of several.
pub(super) fn is_single(node: &SyntaxNode) -> bool {
    match node.kind {
        SyntaxKind::List => single(values(node).into_iter()),
        SyntaxKind::Block => single(items(node)),
        SyntaxKind::Setting => node.parts().last().is_none_or(is_single),
        _ => true,
    }
}

fn single<'a>(mut nodes: impl Iterator<Item = &'a SyntaxNode>) -> bool {
    let first = nodes.next();
    nodes.next().is_none() && first.is_none_or(is_single)
}

/// Whether the lines of a list are those that it was written with: a comment or an empty line in it groups its values.
fn keeps_rows(text: &str, list: &SyntaxNode) -> bool {
    let parts = inside(list, SyntaxKind::ListOpen, SyntaxKind::ListClose);
    let comment = |part: &SyntaxNode| part.kind == SyntaxKind::Comment;
    let nested = |part: &SyntaxNode| part.kind == SyntaxKind::List && keeps_rows(text, part);
    if parts.iter().any(|part| comment(part) || nested(part)) {
        return true;
    }
    let rows = rows(parts);
    let said = |row: &Row<'_>| row.parts.iter().any(|part| is_value(part));
    match (rows.iter().position(said), rows.iter().rposition(said)) {
        (Some(first), Some(last)) => rows[first..=last].iter().any(|row| row.parts.is_empty()),
        _ => false,
    }
}

/// Adds the lines of a list that does not fit on one. The last of `lines` is the one that it begins on, without its `[`; the
/// last afterwards is the one with its `]`.
pub(super) fn add_lines(text: &str, list: &SyntaxNode, depth: usize, lines: &mut Vec<Line>) {
    push(lines, [Piece::Mark("[")]);
    if keeps_rows(text, list) {
        add_rows(text, list, depth + 1, lines);
    } else {
        let values = values(list);
        let words = values.iter().all(|value| value.kind == SyntaxKind::Word);
        let mut used = COLUMNS;
        for value in values {
            let own = columns(text, &[Piece::of(value)]) + 1;
            if words && used + 1 + own <= COLUMNS {
                push(
                    lines,
                    [Piece::Mark(" "), Piece::of(value), Piece::Mark(",")],
                );
                used += 1 + own;
            } else {
                add_value(text, value, depth + 1, lines);
                used = (depth + 1) * STEP + own;
            }
        }
    }
    lines.push(Line::new(depth, vec![Piece::Mark("]")]));
}

fn push(lines: &mut [Line], pieces: impl IntoIterator<Item = Piece>) {
    if let Some(line) = lines.last_mut() {
        line.pieces.extend(pieces);
    }
}

/// A value on a line of its own, or on several, with a comma.
fn add_value(text: &str, value: &SyntaxNode, depth: usize, lines: &mut Vec<Line>) {
    lines.push(Line::new(depth, Vec::new()));
    match fitting(text, value, depth) {
        Some(pieces) => push(lines, pieces),
        None => add_broken(text, value, depth, lines),
    }
    push(lines, [Piece::Mark(",")]);
}

/// A value of a list on one line, if it fits.
fn fitting(text: &str, value: &SyntaxNode, depth: usize) -> Option<Vec<Piece>> {
    let pieces = on_one_line(text, value)?;
    let fits = depth * STEP + columns(text, &pieces) < COLUMNS;
    (fits || is_single(value)).then_some(pieces)
}

/// A value that needs several lines, from the end of the last line on.
pub(super) fn add_broken(text: &str, value: &SyntaxNode, depth: usize, lines: &mut Vec<Line>) {
    match value.kind {
        SyntaxKind::List => add_lines(text, value, depth, lines),
        _ => push(lines, [Piece::of(value)]),
    }
}

/// The values and comments of a list on the lines that they were written on.
fn add_rows(text: &str, list: &SyntaxNode, depth: usize, lines: &mut Vec<Line>) {
    let parts = inside(list, SyntaxKind::ListOpen, SyntaxKind::ListClose);
    let (mut blank, mut begun) = (false, false);
    for (at, row) in rows(parts).iter().enumerate() {
        if let Some(comment) = row.comment() {
            if at == 0 {
                set_comment(text, comment, lines);
                continue;
            }
            let mut line = Line::new(depth, vec![Piece::Copy(place_of_comment(text, comment))]);
            line.blank = blank && begun;
            lines.push(line);
        } else if row.parts.is_empty() {
            // What follows `[` on its line is not an empty line.
            blank = blank || at > 0;
            continue;
        } else if !add_row(text, row, depth, blank && begun, lines) {
            continue;
        }
        (blank, begun) = (false, true);
    }
}

/// The values of a row and its comment. Returns whether it has any.
fn add_row(text: &str, row: &Row<'_>, depth: usize, blank: bool, lines: &mut Vec<Line>) -> bool {
    let first = lines.len();
    let mut open = false;
    for part in &row.parts {
        if part.kind == SyntaxKind::Comment {
            match lines.len() > first {
                true => set_comment(text, part, lines),
                false => {
                    let place = place_of_comment(text, part);
                    lines.push(Line::new(depth, vec![Piece::Copy(place)]));
                }
            }
        }
        if !is_value(part) {
            continue;
        }
        match fitting(text, part, depth) {
            Some(pieces) if open => {
                push(lines, [Piece::Mark(" ")]);
                push(lines, pieces);
                push(lines, [Piece::Mark(",")]);
            }
            fits => {
                add_value(text, part, depth, lines);
                open = fits.is_some();
            }
        }
    }
    match lines.get_mut(first) {
        Some(line) => line.blank = blank,
        None => return false,
    }
    true
}

fn set_comment(text: &str, comment: &SyntaxNode, lines: &mut [Line]) {
    if let Some(line) = lines.last_mut() {
        line.comment = Some(place_of_comment(text, comment));
    }
}
