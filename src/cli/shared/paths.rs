//! File names on the command line.
//!
//! A path is shown in reports and, if it is a spec's, at the head of generated files. A character that would control a terminal
//! or change the writing direction there is refused here, so that code that shows a path need not check it.

use camino::Utf8PathBuf;

use crate::render::forbidden;

/// Whether no path may hold this character.
pub(in crate::cli) fn odd(c: char) -> bool {
    forbidden(c) || matches!(c, '\u{200e}' | '\u{200f}' | '\u{61c}')
}

/// A text with every odd character written as an escape.
pub(in crate::cli) fn shown(text: &str) -> String {
    text.chars()
        .map(|c| match odd(c) {
            true => c.escape_unicode().to_string(),
            false => c.to_string(),
        })
        .collect()
}

/// The beginning of a text: enough to find it in a command line again.
pub(in crate::cli) fn short(text: &str) -> String {
    const MOST: usize = 60;
    match text.char_indices().nth(MOST) {
        Some((end, _)) => format!("{}...", &text[..end]),
        None => text.to_owned(),
    }
}

/// A path that can be shown.
pub(in crate::cli) fn path(text: &str) -> Result<Utf8PathBuf, String> {
    match text.chars().find(|c| odd(*c)) {
        None => Ok(Utf8PathBuf::from(text)),
        Some(c) => Err(format!(
            "the name holds U+{:04X}, a character that cannot be seen: rename the file or folder",
            u32::from(c)
        )),
    }
}
