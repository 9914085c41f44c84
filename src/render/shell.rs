//! Commands of the scripts that are built line by line, and the here-documents below them.

use super::text::TextBuilder;
use crate::file_format::shell_word::word;
use crate::origin::Origin;

/// A command that reads the here-document below it, up to the line `end`. Quotes around that word keep the shell from expanding it.
pub(super) fn reading(out: &mut TextBuilder, command: &[&str], end: &str, origins: &[Origin]) {
    let words: Vec<String> = command.iter().map(|one| word(one)).collect();
    let line = format!("{} <<'{end}'", words.join(" "));
    out.line(&line, origins);
}

/// What ends a here-document of this text: `usual`, unless the text has such a line.
pub(super) fn end_of(text: &str, usual: &'static str) -> String {
    let mut end = usual.to_owned();
    while text.lines().any(|line| line == end) {
        end.push('_');
    }
    end
}
