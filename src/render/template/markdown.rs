//! Values in Markdown: text without any markup; in code, the text as it is.

use serde_json::Value as Json;

use super::marks::REGION_END;
use super::place::PlaceTracker;
use super::yaml::as_text;

/// Follows Markdown, line by line.
#[derive(Debug, Default)]
pub(super) struct Markdown {
    line: String,
    fenced: bool,
}

const FENCE: &str = "```";

impl PlaceTracker for Markdown {
    fn text(&mut self, run: &str) {
        for piece in run.split_inclusive('\n') {
            self.line.push_str(piece);
            if piece.ends_with('\n') {
                self.fenced ^= self.line.trim_start().starts_with(FENCE);
                self.line.clear();
            }
        }
    }

    fn value(&mut self, value: &Json, rest: &str) -> Result<String, String> {
        if self.fenced {
            self.line.push('v');
            return match value {
                Json::String(text) if text.contains(FENCE) => {
                    Err("a value that ends the code block that it is in".to_owned())
                }
                Json::String(text) => Ok(text.clone()),
                other => Ok(as_text(other)),
            };
        }
        let text = as_text(value);
        let in_code = self.line.matches('`').count() % 2 == 1;
        let in_table = self.line.trim_start().starts_with('|');
        let opens = self.line.ends_with('`');
        let at_start = begins_block(&self.line);
        self.line.push('v');
        if !in_code {
            return Ok(escaped(&text, at_start));
        }
        let text = match in_table {
            true => text.replace('|', "\\|"),
            false => text,
        };
        Ok(in_backticks(text, opens, next(rest) == Some('`')))
    }

    fn end(&self) -> Result<(), String> {
        if self.fenced {
            return Err("the text ends inside a code block".to_owned());
        }
        Ok(())
    }
}

/// Whether text after this begins a block: at the beginning of a line, of an item or of a quotation.
fn begins_block(line: &str) -> bool {
    line.chars()
        .all(|c| c.is_whitespace() || c.is_ascii_digit() || "-+*>.)".contains(c))
}

/// The first character of the template after a value.
fn next(rest: &str) -> Option<char> {
    rest.chars().find(|c| *c != REGION_END)
}

/// A value in a piece of code between single backticks, which the template wrote. If it contains backticks, it needs longer marks
/// than those: the piece ends before it and resumes after it, unless it would be empty there.
fn in_backticks(text: String, opens: bool, closes: bool) -> String {
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    if longest == 0 {
        return text;
    }
    let marks = "`".repeat(longest + 1);
    let begin = match opens {
        true => marks[1..].to_owned(),
        false => format!("` {marks}"),
    };
    let end = match closes {
        true => marks[1..].to_owned(),
        false => format!("{marks} `"),
    };
    format!("{begin} {text} {end}")
}

/// Text with a backslash before each character that Markdown would read as markup (CommonMark 0.31, and the tables
/// and strikethroughs of GitHub's).
fn escaped(text: &str, at_start: bool) -> String {
    // Spaces at the beginning of a line would make it code, and are not shown anyway.
    let text = match at_start {
        true => text.trim_start(),
        false => text,
    };
    // Most values contain only characters that have a meaning at the beginning of a line at most.
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b" ,/.:-+=#>()".contains(&byte);
    if !at_start && text.bytes().all(plain) {
        return text.to_owned();
    }
    let mut out = String::with_capacity(text.len());
    let chars: Vec<char> = text.chars().collect();
    let digits = chars.iter().take_while(|c| c.is_ascii_digit()).count();
    for (index, c) in chars.iter().enumerate() {
        let before = index.checked_sub(1).map(|at| chars[at]);
        let after = chars.get(index + 1);
        let inside_word =
            before.is_some_and(char::is_alphanumeric) && after.is_some_and(|c| c.is_alphanumeric());
        let markup = match c {
            '\\' | '`' | '*' | '[' | ']' | '<' | '|' | '~' => true,
            '_' => !inside_word,
            '&' => after.is_some_and(|c| c.is_alphanumeric() || *c == '#'),
            '#' | '-' | '+' | '>' | '=' | ':' => at_start && index == 0,
            // `1.` and `1)` begin an item.
            '.' | ')' => at_start && digits > 0 && index == digits,
            _ => false,
        };
        if markup {
            out.push('\\');
        }
        out.push(*c);
    }
    out
}
