//! Formatting: of a document, of some of its lines, and of a line that was just ended. Only the open text is needed.

use serde::Deserialize;
use serde_json::{Value, json};

use super::ask::{Answer, Ask};
use crate::format::{self, Change};
use crate::lsp::place::Lines;
use crate::lsp::protocol::{Document, OfDocument, Position, Range, TextEdit};

/// After these characters an editor asks for the layout of the line.
pub(in crate::lsp) const FIRST_TRIGGER: &str = "\n";
pub(in crate::lsp) const TRIGGERS: &[&str] = &["}", "]"];

/// An open text and its lines.
struct Text<'a> {
    ask: &'a Ask<'a>,
    text: &'a str,
    lines: Lines,
}

impl<'a> Text<'a> {
    /// None for a document that is not open.
    fn new(ask: &'a Ask<'a>, address: &str) -> Option<Self> {
        let document = ask.workspace.now.documents.get(address)?;
        Some(Self {
            ask,
            text: &document.text,
            lines: Lines::new(&document.text),
        })
    }

    fn edits(&self, changes: &[Change]) -> Value {
        let encoding = self.ask.workspace.encoding;
        let edit = |change: &Change| {
            let bytes = (change.range.start, change.range.end);
            TextEdit {
                range: self.lines.range(self.text, bytes, encoding),
                new_text: change.text.clone(),
            }
        };
        json!(changes.iter().map(edit).collect::<Vec<_>>())
    }
}

/// `textDocument/formatting`
pub(super) fn whole(ask: &mut Ask<'_>) -> Answer {
    let OfDocument { text_document } = ask.params()?;
    let text = Text::new(ask, &text_document.uri);
    Ok(text.map_or(Value::Null, |text| text.edits(&format::changes(text.text))))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Piece {
    text_document: Document,
    range: Range,
}

/// `textDocument/rangeFormatting`
pub(super) fn range(ask: &mut Ask<'_>) -> Answer {
    let Piece {
        text_document,
        range,
    } = ask.params()?;
    let text = Text::new(ask, &text_document.uri);
    Ok(text.map_or(Value::Null, |text| {
        let lines = range.start.line as usize..=range.end.line as usize;
        text.edits(&format::changes_in(text.text, lines))
    }))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Typed {
    text_document: Document,
    position: Position,
}

/// `textDocument/onTypeFormatting`
pub(super) fn on_type(ask: &mut Ask<'_>) -> Answer {
    let Typed {
        text_document,
        position,
    } = ask.params()?;
    let text = Text::new(ask, &text_document.uri);
    Ok(text.map_or(Value::Null, |text| {
        let encoding = text.ask.workspace.encoding;
        let at = text.lines.offset(text.text, position, encoding);
        text.edits(&format::on_type(text.text, at))
    }))
}
