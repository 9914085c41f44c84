//! Values in YAML: JSON, where a whole value can stand.

use serde_json::Value as Json;

use super::marks::{REGION, REGION_END, REGION_TEXT};
use super::place::PlaceTracker;

/// Follows YAML, line by line.
#[derive(Debug, Default)]
pub(super) struct Yaml {
    /// The line up to here; a value is one letter in it.
    line: String,
}

impl PlaceTracker for Yaml {
    fn text(&mut self, run: &str) {
        match run.rsplit_once('\n') {
            Some((_, line)) => line.clone_into(&mut self.line),
            None => self.line.push_str(run),
        }
    }

    fn value(&mut self, value: &Json, rest: &str) -> Result<String, String> {
        if in_comment(&self.line) {
            self.line.push('v');
            return Ok(as_text(value));
        }
        if !can_begin(&self.line) || !can_end(rest) {
            return Err(
                "a value that is only a part of a YAML value: build the whole value in the template ({{ 'a' ~ b }})"
                    .to_owned(),
            );
        }
        self.line.push('v');
        Ok(value.to_string())
    }

    fn end(&self) -> Result<(), String> {
        Ok(())
    }
}

fn in_comment(line: &str) -> bool {
    let mut quoted = false;
    let mut before = ' ';
    for c in line.chars() {
        match c {
            '"' => quoted = !quoted,
            '#' if !quoted && before == ' ' => return true,
            _ => {}
        }
        before = c;
    }
    false
}

/// Whether a whole value can begin after this.
fn can_begin(line: &str) -> bool {
    let quotes = line.matches('"').count();
    let trimmed = line.trim_end_matches(' ');
    let spaced = trimmed.len() < line.len();
    quotes.is_multiple_of(2)
        && match trimmed.chars().last() {
            None | Some('[' | '{' | ',') => true,
            Some(':' | '-') => spaced,
            Some(_) => false,
        }
}

/// Whether a whole value can end before this: at the end of the line, at the end of an item of a list
/// in brackets, or as a key.
fn can_end(rest: &str) -> bool {
    let mut number = false;
    for c in rest.chars() {
        match c {
            REGION => number = true,
            REGION_TEXT => number = false,
            ' ' | REGION_END => {}
            _ if number => {}
            '\n' | ',' | ']' | '}' | ':' | '#' => return true,
            _ => return false,
        }
    }
    true
}

/// A value in a comment, or wherever people read it.
pub(super) fn as_text(value: &Json) -> String {
    match value {
        Json::String(text) => text.replace(['\n', '\t'], " "),
        Json::Bool(value) => if *value { "on" } else { "off" }.to_owned(),
        Json::Array(items) => items.iter().map(as_text).collect::<Vec<_>>().join(", "),
        other => other.to_string(),
    }
}
