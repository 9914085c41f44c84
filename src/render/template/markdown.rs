//! Values in Markdown: text that Markdown gives no meaning to; in code, the text as it is.

use serde_json::Value as Json;

use super::place::Place;
use super::yaml::as_text;

/// Follows Markdown, line by line.
#[derive(Debug, Default)]
pub(super) struct Markdown {
    line: String,
    fenced: bool,
}

const FENCE: &str = "```";

impl Place for Markdown {
    fn text(&mut self, c: char) {
        if c != '\n' {
            self.line.push(c);
            return;
        }
        if self.line.trim_start().starts_with(FENCE) {
            self.fenced = !self.fenced;
        }
        self.line.clear();
    }

    fn value(&mut self, value: &Json, _: &str) -> Result<String, String> {
        if self.fenced {
            self.line.push('v');
            return match value {
                Json::String(text) if text.contains(FENCE) => {
                    Err("a value that ends the code block it stands in".to_owned())
                }
                Json::String(text) => Ok(text.clone()),
                other => Ok(as_text(other)),
            };
        }
        let text = as_text(value);
        let in_code = self.line.matches('`').count() % 2 == 1;
        let in_table = self.line.trim_start().starts_with('|');
        let at_start = self.line.trim_start().is_empty();
        self.line.push('v');
        if !in_code {
            return Ok(escaped(&text, at_start));
        }
        if text.contains('`') {
            return Err("a value with a backtick inside `code`".to_owned());
        }
        Ok(if in_table {
            text.replace('|', "\\|")
        } else {
            text
        })
    }

    fn end(&self) -> Result<(), String> {
        if self.fenced {
            return Err("the text ends inside a code block".to_owned());
        }
        Ok(())
    }
}

/// Text with a backslash before each character that Markdown would take for markup.
fn escaped(text: &str, at_start: bool) -> String {
    let mut out = String::with_capacity(text.len());
    let chars: Vec<char> = text.chars().collect();
    for (index, c) in chars.iter().enumerate() {
        let before = index.checked_sub(1).map(|at| chars[at]);
        let after = chars.get(index + 1);
        let inside_word =
            before.is_some_and(char::is_alphanumeric) && after.is_some_and(|c| c.is_alphanumeric());
        let markup = match c {
            '\\' | '`' | '*' | '[' | ']' | '<' | '|' | '~' => true,
            '_' => !inside_word,
            '&' => after.is_some_and(|c| c.is_alphanumeric() || *c == '#'),
            '#' | '-' | '+' | '>' | '=' => at_start && index == 0,
            _ => false,
        };
        if markup {
            out.push('\\');
        }
        out.push(*c);
    }
    out
}
