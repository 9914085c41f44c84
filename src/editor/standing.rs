//! Where a cursor stands in a text, even if the text is damaged or half written: the blocks around it, what is in the innermost
//! one, and what is being written.
//!
//! The tree of a valid file would say the same, but while someone types a file is hardly ever valid, and the tree leaves out what
//! it cannot read: just the line with the cursor. So this reads the pieces of the text, and believes the indentation where
//! closing braces are missing, as the compiler does.

use std::collections::BTreeMap;

use super::scan::{Mark, Piece, pieces};

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

/// A block that is open.
#[derive(Clone, Debug, Default)]
struct Frame {
    head: Head,
    indent: usize,
    line: usize,
    one_line: bool,
    settings: BTreeMap<String, Vec<String>>,
    blocks: Vec<Head>,
    /// The pieces of the setting or head that is being read.
    open: Vec<Piece>,
    /// How many lists are open in it.
    depth: usize,
    /// Where the pieces of the current line begin.
    line_from: usize,
    /// Whether the cursor is in the setting or head that is being read.
    has_cursor: bool,
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
        for piece in &all[..at] {
            reader.read(piece);
        }
        let own = all.get(at).filter(|piece| piece.holds(offset));
        reader.arrive(own);
        let (mut found, depth) = reader.stand(own, offset);
        found.next = all[(at + usize::from(own.is_some())).min(all.len())..]
            .first()
            .map(|piece| piece.mark)
            .filter(|mark| *mark != Mark::Newline);
        // What stands in the block with the cursor is known when it ends.
        reader.watched = depth;
        for piece in &all[at..] {
            reader.read(piece);
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

    fn read(&mut self, piece: &Piece) {
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
                let rest = text[piece.end..].lines().next().unwrap_or("").trim_start();
                self.frames.push(Frame {
                    head,
                    indent,
                    line,
                    one_line: !(rest.is_empty() || rest.starts_with('#')),
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

impl Frame {
    /// Ends the setting that is being read.
    fn finish(&mut self, text: &str) {
        let cursor = std::mem::take(&mut self.has_cursor);
        if let [key, equals, rest @ ..] = self.open.as_slice()
            && equals.mark == Mark::Equals
            && !cursor
        {
            let values = rest.iter().filter(|piece| is_value(piece));
            let values = values.map(|piece| shown(text, piece)).collect();
            self.settings.insert(shown(text, key), values);
        }
        self.open.clear();
        self.depth = 0;
        self.line_from = 0;
    }

    /// Gives up a list that nothing closes: what stands on the current line begins a setting or a block.
    fn abandon(&mut self, text: &str) {
        let line = self.open.split_off(self.line_from.min(self.open.len()));
        let cursor = self.has_cursor;
        self.finish(text);
        self.has_cursor = cursor && !line.is_empty();
        self.open = line;
    }

    fn head_of(&self, text: &str) -> Head {
        let mut words = self.open.iter();
        let kind = words.next();
        let label = match (words.next(), self.open.last()) {
            (Some(first), Some(last)) => text.get(first.start..last.end).unwrap_or(""),
            _ => "",
        };
        Head {
            kind: kind.map_or_else(String::new, |kind| shown(text, kind)),
            label: label.trim_matches('"').to_owned(),
            start: kind.map_or(0, |kind| kind.start),
        }
    }

    /// What is being written at the cursor, after the pieces that have been read.
    fn spot(&self, text: &str, fresh: bool, word: (usize, usize)) -> Spot {
        let new_line = fresh && self.depth > 0;
        match self.open.as_slice() {
            [] => Spot::Item,
            // A word at the start of a line in a list that nothing closes looks like an element, and is taken for one.
            [key, equals, rest @ ..] if equals.mark == Mark::Equals => {
                let list = self.depth > 0;
                let expects = match rest.last().map(|piece| piece.mark) {
                    None => !fresh,
                    Some(Mark::ListOpen | Mark::Comma) => list,
                    Some(_) => list && new_line,
                };
                if !expects {
                    return Spot::Nowhere;
                }
                let others = rest.iter().filter(|piece| is_value(piece));
                let others = others.filter(|piece| piece.start != word.0);
                Spot::Value {
                    key: shown(text, key),
                    start: key.start,
                    list: list.then(|| others.map(|piece| shown(text, piece)).collect()),
                }
            }
            [kind] if kind.mark == Mark::Word => Spot::Label(shown(text, kind)),
            // Inside the brackets of a label.
            [kind, ..] if kind.mark == Mark::Word && self.depth > 0 => {
                Spot::Label(shown(text, kind))
            }
            _ => Spot::Nowhere,
        }
    }
}

fn is_value(piece: &Piece) -> bool {
    matches!(piece.mark, Mark::Word | Mark::Text)
}

/// A word, or what stands between the quotes of a string.
fn shown(text: &str, piece: &Piece) -> String {
    let written = text.get(piece.range()).unwrap_or("");
    match piece.mark {
        Mark::Text => written.trim_matches('"').to_owned(),
        _ => written.to_owned(),
    }
}
