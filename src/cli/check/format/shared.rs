//! What the formats have in common: places, addresses, JSON that is safe to show.

use serde::Serialize;

use crate::cli::shared::paths::odd;
use crate::source::{Position, Sources, Span};

/// A place in a file.
#[derive(Clone, Copy, Debug, Serialize)]
pub(super) struct Range {
    pub start: Point,
    pub end: Point,
}

#[derive(Clone, Copy, Debug, Serialize)]
pub(super) struct Point {
    pub line: usize,
    pub column: usize,
}

impl From<Position> for Point {
    fn from(position: Position) -> Self {
        Self {
            line: position.line,
            column: position.column,
        }
    }
}

pub(super) fn range(sources: &Sources, span: Span) -> Range {
    Range {
        start: sources.start(span).into(),
        end: sources.end(span).into(),
    }
}

pub(super) fn name(sources: &Sources, span: Span) -> &str {
    &sources.file(span.file).name
}

pub(super) fn pretty(value: &impl Serialize) -> String {
    let mut text = serde_json::to_string_pretty(value).expect("plain structs become JSON");
    text.push('\n');
    escaped(&text)
}

/// JSON in which every character is escaped that could control a terminal; JSON itself requires that only for the first 32.
fn escaped(json: &str) -> String {
    let mut out = String::with_capacity(json.len());
    for c in json.chars() {
        match c {
            '\n' => out.push(c),
            c if odd(c) => out.push_str(&format!("\\u{:04x}", u32::from(c))),
            c => out.push(c),
        }
    }
    out
}
