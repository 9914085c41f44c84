//! Where a cursor stands in a text, even if the text is damaged or half written: the blocks around it, what is in the innermost
//! one, and what is being written.
//!
//! The tree of a valid file would say the same, but while someone types a file is hardly ever valid, and the tree leaves out what
//! it cannot read: just the line with the cursor. So this reads the pieces of the text, and believes the indentation where
//! closing braces are missing, as the compiler does.

mod frame;

use std::collections::BTreeMap;

use super::scan::{Mark, Piece, pieces};
use frame::{Frame, shown};

/// Where a cursor stands.
#[derive(Clone, Debug)]
pub(super) struct Standing {
    /// The blocks around it, outermost first.
    pub around: Vec<Head>,
    /// The settings of the innermost block that are written already, each with its values; the one with the cursor is not among them.
    pub settings: BTreeMap<String, Vec<String>>,
    /// The blocks in the innermost block; the one with the cursor in its head is not among them.
    pub blocks: Vec<Head>,
    /// Whether the innermost block is written on one line.
    pub one_line: bool,
    /// What is being written.
    pub spot: Spot,
    /// The word or string that the cursor is in or right behind, as a range of bytes; empty between words.
    pub word: (usize, usize),
    /// What follows on the line.
    pub next: Option<Mark>,
}

/// The head of a block.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Head {
    /// `node`
    pub kind: String,
    /// `node[02-04]`, as it is written; empty without a label.
    pub label: String,
    /// Where the kind begins.
    pub start: usize,
}

/// What is being written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Spot {
    /// The kind of a block or the key of a setting.
    Item,
    /// The label of a block of this kind.
    Label(String),
    /// The value of a setting.
    Value {
        /// The setting.
        key: String,
        /// Where its key begins.
        start: usize,
        /// For a list, its other elements.
        list: Option<Vec<String>>,
    },
    /// Inside a comment, or where nothing can be written.
    Nowhere,
}

struct Reader<'a> {
    text: &'a str,
    frames: Vec<Frame>,
    line: usize,
    indent: usize,
    fresh: bool,
    /// Whether the text has too few closing braces.
    short: bool,
    /// The depth of the block whose end matters; 0 for none.
    watched: usize,
    /// That block, when it has ended.
    ended: Option<Frame>,
}

impl Standing {
    /// Where a byte of a text is.
    pub fn at(text: &str, offset: usize) -> Self {
        let offset = offset.min(text.len());
        let all = pieces(text);
        let count = |mark: Mark| all.iter().filter(|piece| piece.mark == mark).count();
        let mut reader = Reader {
            text,
            frames: vec![Frame::default()],
            line: 0,
            indent: 0,
            fresh: true,
            short: count(Mark::Open) > count(Mark::Close),
            watched: 0,
            ended: None,
        };
        let at = all
            .iter()
            .position(|piece| piece.holds(offset) || piece.start >= offset)
            .unwrap_or(all.len());
        for (piece, next) in all[..at].iter().zip(after(&all)) {
            reader.read(piece, next);
        }
        let own = all.get(at).filter(|piece| piece.holds(offset));
        reader.arrive(own);
        let (mut found, depth) = reader.stand(own, offset);
        let rest = &all[(at + usize::from(own.is_some())).min(all.len())..];
        if let Spot::Value {
            list: Some(others), ..
        } = &mut found.spot
        {
            others.extend(elements(text, rest));
        }
        found.next = rest
            .first()
            .map(|piece| piece.mark)
            .filter(|mark| *mark != Mark::Newline);
        // What stands in the block with the cursor is known when it ends.
        reader.watched = depth;
        for (piece, next) in all[at..].iter().zip(after(&all[at..])) {
            reader.read(piece, next);
            if reader.ended.is_some() {
                break;
            }
        }
        let mut frame = match reader.ended.take() {
            Some(frame) => frame,
            None => reader.frames.swap_remove(depth - 1),
        };
        frame.finish(text);
        found.settings = frame.settings;
        found.blocks = frame.blocks;
        found
    }

    /// The kind of the innermost block; empty at the top level.
    pub fn parent(&self) -> &str {
        self.around.last().map_or("", |head| &head.kind)
    }
}

/// The elements of a list from somewhere in it on.
fn elements(text: &str, rest: &[Piece]) -> Vec<String> {
    let mut found = Vec::new();
    for piece in rest {
        match piece.mark {
            Mark::Word | Mark::Text => found.push(shown(text, piece)),
            Mark::Comma | Mark::Newline | Mark::Comment => {}
            // Nothing closes the list: the word in front of the sign is a key.
            Mark::Equals => {
                found.pop();
                break;
            }
            _ => break,
        }
    }
    found
}

/// What follows each piece.
fn after(all: &[Piece]) -> impl Iterator<Item = Option<Mark>> {
    let next = all.iter().skip(1).map(|piece| Some(piece.mark));
    next.chain([None])
}

impl<'a> Reader<'a> {
    /// The innermost block; the first frame, the file, is never left.
    fn top(&mut self) -> &mut Frame {
        let last = self.frames.len() - 1;
        &mut self.frames[last]
    }

    /// Leaves the blocks that the indentation of a new line ends, where closing braces are missing.
    fn leave(&mut self, piece: &Piece) {
        if !self.short || !self.fresh {
            return;
        }
        let indent = self.indent_of(piece.start);
        let line = self.line;
        while self.frames.len() > 1 && self.outside(piece, indent, line) {
            self.pop();
        }
    }

    fn pop(&mut self) {
        let text = self.text;
        self.top().finish(text);
        let watched = self.frames.len() == self.watched;
        let frame = self.frames.pop();
        if watched && self.ended.is_none() {
            self.ended = frame;
        }
    }

    fn outside(&self, piece: &Piece, indent: usize, line: usize) -> bool {
        let Some(top) = self.frames.last() else {
            return false;
        };
        match piece.mark {
            Mark::Close => top.indent > indent,
            Mark::Newline | Mark::Comment => false,
            _ => top.line < line && top.indent >= indent,
        }
    }

    fn indent_of(&self, start: usize) -> usize {
        let line = self.text[..start].rfind('\n').map_or(0, |at| at + 1);
        start - line
    }

    fn read(&mut self, piece: &Piece, next: Option<Mark>) {
        self.leave(piece);
        let text = self.text;
        if self.fresh {
            let from = self.top().open.len();
            self.top().line_from = from;
            self.indent = self.indent_of(piece.start);
        }
        self.fresh = piece.mark == Mark::Newline;
        let line = self.line;
        let indent = self.indent;
        let outermost = self.frames.len() == 1;
        let top = self.top();
        match piece.mark {
            Mark::Newline => {
                if top.depth == 0 {
                    top.finish(text);
                }
                self.line += 1;
            }
            Mark::Comment => {}
            Mark::Comma if top.depth == 0 => top.finish(text),
            Mark::Comma => top.open.push(*piece),
            Mark::Equals => {
                // `key =` on a line of its own, inside a list that nothing has closed.
                if top.depth > 0 && top.open.len() == top.line_from + 1 {
                    top.abandon(text);
                }
                top.open.push(*piece);
            }
            Mark::Open => {
                if top.depth > 0 {
                    top.abandon(text);
                }
                let head = top.head_of(text);
                if !top.has_cursor {
                    top.blocks.push(head.clone());
                }
                top.open.clear();
                top.has_cursor = false;
                self.frames.push(Frame {
                    head,
                    indent,
                    line,
                    one_line: !matches!(next, None | Some(Mark::Newline | Mark::Comment)),
                    ..Frame::default()
                });
            }
            Mark::Close if outermost => top.finish(text),
            Mark::Close => self.pop(),
            Mark::ListOpen => {
                top.depth += 1;
                top.open.push(*piece);
            }
            Mark::ListClose => {
                top.depth = top.depth.saturating_sub(1);
                top.open.push(*piece);
            }
            Mark::Word | Mark::Text | Mark::LongText => top.open.push(*piece),
        }
    }

    /// The line with the cursor can be the first one outside a block that nothing closes.
    fn arrive(&mut self, own: Option<&Piece>) {
        if let Some(piece) = own {
            self.leave(piece);
        }
    }

    /// Where the cursor stands, and at which depth.
    fn stand(&mut self, own: Option<&Piece>, offset: usize) -> (Standing, usize) {
        let text = self.text;
        let around = self.frames[1..]
            .iter()
            .map(|frame| frame.head.clone())
            .collect();
        let depth = self.frames.len();
        let fresh = self.fresh;
        let top = self.top();
        top.has_cursor = own.is_some() || !top.open.is_empty();
        let word = match own {
            Some(piece) => (piece.start, piece.end),
            None => (offset, offset),
        };
        let spot = match own.map(|piece| piece.mark) {
            Some(Mark::Comment) => Spot::Nowhere,
            _ => top.spot(text, fresh, word),
        };
        let found = Standing {
            around,
            settings: BTreeMap::new(),
            blocks: Vec::new(),
            one_line: top.one_line,
            spot,
            word,
            next: None,
        };
        (found, depth)
    }
}

#[cfg(test)]
mod tests;
