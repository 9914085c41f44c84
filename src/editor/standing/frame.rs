//! A block that is being read, and the setting or head in it that is being read.

use std::collections::BTreeMap;

use super::{Head, Spot};
use crate::editor::scan::{Mark, Piece};

/// A block that is open.
#[derive(Clone, Debug, Default)]
pub(super) struct Frame {
    pub(super) head: Head,
    pub(super) indent: usize,
    pub(super) line: usize,
    pub(super) one_line: bool,
    pub(super) settings: BTreeMap<String, Vec<String>>,
    pub(super) blocks: Vec<Head>,
    /// The pieces of the setting or head that is being read.
    pub(super) open: Vec<Piece>,
    /// How many lists are open in it.
    pub(super) depth: usize,
    /// Where the pieces of the current line begin.
    pub(super) line_from: usize,
    /// Whether the cursor is in the setting or head that is being read.
    pub(super) has_cursor: bool,
}

impl Frame {
    /// Ends the setting that is being read.
    pub(super) fn finish(&mut self, text: &str) {
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
    pub(super) fn abandon(&mut self, text: &str) {
        let line = self.open.split_off(self.line_from.min(self.open.len()));
        let cursor = self.has_cursor;
        self.finish(text);
        self.has_cursor = cursor && !line.is_empty();
        self.open = line;
    }

    pub(super) fn head_of(&self, text: &str) -> Head {
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
    pub(super) fn spot(&self, text: &str, fresh: bool, word: (usize, usize)) -> Spot {
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
pub(super) fn shown(text: &str, piece: &Piece) -> String {
    let written = text.get(piece.range()).unwrap_or("");
    match piece.mark {
        Mark::Text => written.trim_matches('"').to_owned(),
        _ => written.to_owned(),
    }
}
