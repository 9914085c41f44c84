//! How single values and keys are written: plain if that is safe in YAML 1.1 and 1.2, else in double
//! quotes.

use std::fmt::Write as _;

use crate::render::text::{first_forbidden, forbidden};
use crate::render::tree::Value;

/// Writes a value on one line.
pub(super) fn write(out: &mut String, value: &Value) {
    match value {
        Value::Null => out.push_str("null"),
        Value::Bool(value) => out.push_str(if *value { "true" } else { "false" }),
        Value::Integer(value) => {
            let _ = write!(out, "{value}");
        }
        Value::Text(text) if plain(text) => out.push_str(text),
        Value::Text(text) => quoted(out, text),
        Value::List(_) => out.push_str("[]"),
        Value::Map(_) => out.push_str("{}"),
    }
}

/// Writes a key.
pub(super) fn key(out: &mut String, key: &str) {
    if plain(key) {
        out.push_str(key);
    } else {
        quoted(out, key);
    }
}

/// Whether text can stand without quotes: it begins with a letter or a slash (or with a digit, if
/// something in it shows that it is not a number, time or date), has no character that means
/// something in YAML, and is none of the words that some reader takes for a boolean or a null.
fn plain(text: &str) -> bool {
    let Some(first) = text.chars().next() else {
        return false;
    };
    let harmless = |c: char| c.is_ascii_alphanumeric() || "._/-:@+=,%".contains(c);
    if !text.chars().all(harmless) || text.ends_with(':') {
        return false;
    }
    match first {
        'A'..='Z' | 'a'..='z' | '/' => !reserved(text),
        '0'..='9' => !like_a_number(text),
        _ => false,
    }
}

fn reserved(text: &str) -> bool {
    const WORDS: &[&str] = &[
        "y", "yes", "n", "no", "on", "off", "true", "false", "null", "nan", "inf", "infinity",
    ];
    WORDS.iter().any(|word| word.eq_ignore_ascii_case(text))
}

/// Anything that consists only of what numbers, times and dates consist of in some reader: octal and
/// hexadecimal ones, exponents, `1_000`, `190:20:30`, `2026-11-22T10:00:00Z`, and, as YAML 1.1 has it,
/// digits with several points.
fn like_a_number(text: &str) -> bool {
    text.chars()
        .all(|c| c.is_ascii_hexdigit() || "xXoOtTzZ_.:+-,".contains(c))
}

/// Double quotes, with everything escaped that a reader or a pair of eyes could stumble over.
fn quoted(out: &mut String, text: &str) {
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            '\r' => out.push_str("\\r"),
            c if forbidden(c) || matches!(c, '\u{a0}' | '\u{fffe}' | '\u{ffff}') => {
                let _ = write!(out, "\\u{:04x}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out.push('"');
}

/// Whether text is several lines that a literal block returns exactly: it begins with a letter-like
/// character (else its indentation would be guessed), holds nothing that must be escaped, and does
/// not end in empty lines.
pub(in crate::render) fn fits_block(text: &str) -> bool {
    let body = text.strip_suffix('\n').unwrap_or(text);
    let Some(first) = body.chars().next() else {
        return false;
    };
    text.contains('\n')
        && !first.is_whitespace()
        && !body.ends_with('\n')
        && first_forbidden(text, &[]).is_none()
        && !text.contains('\u{a0}')
}
