//! What the formats have in common: places, addresses, JSON that is safe to show.

use serde::Serialize;

use crate::cli::shared::paths::odd;
use crate::diagnostic::Descriptor;
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

/// The first of a code's sources that can be opened in a browser: a web address, or an issue
/// written as `owner/repository#number`.
pub(super) fn url(descriptor: &Descriptor) -> Option<String> {
    descriptor.sources.iter().find_map(|source| {
        let source = source.split_whitespace().next()?;
        if source.starts_with("https://") {
            return Some(source.to_owned());
        }
        let (repository, number) = source.split_once('#')?;
        let (owner, name) = repository.split_once('/')?;
        let plain = |text: &str| {
            !text.is_empty()
                && text
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte))
        };
        let known = plain(owner) && plain(name) && number.bytes().all(|byte| byte.is_ascii_digit());
        known.then(|| format!("https://github.com/{owner}/{name}/issues/{number}"))
    })
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
