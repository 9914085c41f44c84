//! Findings for programs: JSON, SARIF, GitHub annotations.
//!
//! All three say lines and columns from 1, columns in characters.

mod github;
mod json;
mod sarif;

pub(super) use github::github;
pub(super) use json::json;
pub(super) use sarif::sarif;

use serde::Serialize;

use super::paths::odd;
use crate::diagnostic::Descriptor;
use crate::source::{Position, Sources, Span};

/// A place in a file.
#[derive(Clone, Copy, Debug, Serialize)]
struct Range {
    start: Point,
    end: Point,
}

#[derive(Clone, Copy, Debug, Serialize)]
struct Point {
    line: usize,
    column: usize,
}

impl From<Position> for Point {
    fn from(position: Position) -> Self {
        Self {
            line: position.line,
            column: position.column,
        }
    }
}

fn range(sources: &Sources, span: Span) -> Range {
    Range {
        start: sources.start(span).into(),
        end: sources.end(span).into(),
    }
}

fn name(sources: &Sources, span: Span) -> &str {
    &sources.file(span.file).name
}

/// The first of a code's sources that can be opened in a browser: a web address, or an issue
/// written as `owner/repository#number`.
fn url(descriptor: &Descriptor) -> Option<String> {
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

fn pretty(value: &impl Serialize) -> String {
    let mut text = serde_json::to_string_pretty(value).expect("plain structs become JSON");
    text.push('\n');
    escaped(&text)
}

/// JSON with every character escaped that could command the terminal it is shown on: JSON itself asks that only of the first 32.
pub(super) fn escaped(json: &str) -> String {
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
