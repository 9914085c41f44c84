//! The pieces of a damaged file, prepared for reading: what clearly does not belong to an unclosed
//! string is split off, odd white space is dropped, and each piece has its position on its line.

use crate::syntax::grammar::{self, Piece, Shape};
use crate::syntax::scan::is_odd;
use crate::syntax::tree::SyntaxKind;

/// A piece and its position on its line.
#[derive(Clone, Copy, Debug)]
pub(super) struct Token {
    pub(super) shape: Shape,
    pub(super) start: u32,
    pub(super) end: u32,
    /// Where its line begins.
    pub(super) line: u32,
    /// How far its line is indented.
    pub(super) indent: u32,
    /// Nothing is before it on its line.
    pub(super) first: bool,
    /// It touches the piece before it.
    pub(super) glued: bool,
}

impl Token {
    pub(super) fn is(&self, kind: SyntaxKind) -> bool {
        self.shape == Shape::Sound(kind)
    }

    /// Whether it could be a key, a kind, a label or a value of one piece.
    pub(super) fn is_wordlike(&self) -> bool {
        match self.shape {
            Shape::Sound(kind) => matches!(
                kind,
                SyntaxKind::Word | SyntaxKind::Text | SyntaxKind::LongText
            ),
            Shape::OpenText | Shape::OpenLongText | Shape::ForeignText | Shape::RoughWord => true,
        }
    }

    /// Whether it ends the statement on the line: the end of the line, or a comment.
    pub(super) fn is_gap(&self) -> bool {
        self.is(SyntaxKind::Newline) || self.is(SyntaxKind::Comment)
    }

    pub(super) fn text<'a>(&self, text: &'a str) -> &'a str {
        text.get(self.start as usize..self.end as usize)
            .unwrap_or("")
    }
}

/// All pieces of a file.
pub(super) fn tokens(text: &str) -> Vec<Token> {
    let mut pieces = grammar::pieces(text, 0);
    cut_open_long_text(text, &mut pieces);
    let mut out = Vec::with_capacity(pieces.len());
    let mut line = Line::default();
    for piece in pieces {
        place(text, piece, &mut line, &mut out);
    }
    out
}

/// The state of the line that is being read.
#[derive(Default)]
struct Line {
    start: u32,
    indent: u32,
    begun: bool,
    last_end: u32,
    /// The brackets opened on this line and not closed yet.
    open: Vec<char>,
    /// The kind of the previous piece on this line.
    before: Option<Shape>,
}

fn place(text: &str, mut piece: Piece, line: &mut Line, out: &mut Vec<Token>) {
    let own = &text[piece.start as usize..piece.end as usize];
    if piece.shape == Shape::Sound(SyntaxKind::Word) && own.contains(is_odd) {
        piece.shape = Shape::RoughWord;
    }
    if piece.shape == Shape::RoughWord && own.chars().all(is_odd) {
        return;
    }
    let silent = matches!(
        piece.shape,
        Shape::Sound(SyntaxKind::Newline | SyntaxKind::Bom)
    );
    let first = !line.begun && !silent;
    if first {
        line.indent = indent(&text[line.start as usize..piece.start as usize]);
        line.begun = true;
    } else if piece.shape == Shape::Sound(SyntaxKind::Bom) {
        line.start = piece.end;
    }
    let mut end = piece.end;
    if piece.shape == Shape::OpenText {
        end -= given_back(own, line);
    }
    let token = Token {
        shape: piece.shape,
        start: piece.start,
        end,
        line: line.start,
        indent: line.indent,
        first,
        glued: !first && piece.start == line.last_end,
    };
    out.push(token);
    line.last_end = end;
    line.before = Some(piece.shape);
    match piece.shape {
        Shape::Sound(SyntaxKind::Newline) => {
            *line = Line {
                start: piece.end,
                last_end: piece.end,
                ..Line::default()
            };
        }
        Shape::Sound(SyntaxKind::Open) => line.open.push('}'),
        Shape::Sound(SyntaxKind::ListOpen) => line.open.push(']'),
        Shape::Sound(SyntaxKind::Close | SyntaxKind::ListClose) => {
            line.open.pop();
        }
        _ => {}
    }
    if end < piece.end {
        for rest in grammar::pieces(&text[end as usize..piece.end as usize], end) {
            place(text, rest, line, out);
        }
    }
}

/// Tabs reach to the next multiple of eight, as in a terminal.
fn indent(white: &str) -> u32 {
    white.chars().fold(0, |column, character| match character {
        '\t' => column / 8 * 8 + 8,
        _ => column + 1,
    })
}

/// How many bytes at the end of an unclosed string are the closing brackets of this line, or the
/// opening brace of a block: the `}` of `{ ssid = "home }` is meant to close its block.
fn given_back(own: &str, line: &Line) -> u32 {
    let trimmed = own.trim_end();
    if line.open.is_empty() {
        let head = matches!(line.before, Some(Shape::Sound(SyntaxKind::Word)));
        let opens = head && trimmed.len() > 1 && trimmed.ends_with('{');
        return if opens {
            count(own.len() - trimmed.len() + 1)
        } else {
            0
        };
    }
    let kept = own.trim_end_matches([' ', '\t', ',', '}', ']']);
    let mut open = line.open.iter().rev();
    let mut brackets = own[kept.len()..]
        .chars()
        .filter(|character| matches!(character, '}' | ']'));
    match brackets.next() {
        Some(bracket) if open.next() == Some(&bracket) => count(own.len() - kept.len()),
        _ => 0,
    }
}

fn count(bytes: usize) -> u32 {
    u32::try_from(bytes).unwrap_or(0)
}

/// A `"""` that nothing closes swallows the rest of the file. A line that is indented less than the
/// one it begins on was not meant to be in it, so reading resumes there.
fn cut_open_long_text(text: &str, pieces: &mut Vec<Piece>) {
    let Some(last) = pieces.last_mut() else {
        return;
    };
    if last.shape != Shape::OpenLongText {
        return;
    }
    let start = last.start as usize;
    let line_start = text[..start].rfind('\n').map_or(0, |at| at + 1);
    let line = &text[line_start..];
    let limit = indent(&line[..line.len() - line.trim_start_matches([' ', '\t']).len()]);
    let mut at = start;
    for line in text[start..].split_inclusive('\n') {
        let content = line.trim_start_matches([' ', '\t']);
        let blank = content.trim().is_empty();
        if at > start && !blank && indent(&line[..line.len() - content.len()]) < limit {
            let end = at - (if text[..at].ends_with("\r\n") { 2 } else { 1 });
            last.end = count(end);
            pieces.extend(grammar::pieces(&text[end..], count(end)));
            return;
        }
        at += line.len();
    }
}
