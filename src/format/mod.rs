//! The one layout of a spec: where its lines break, how they are indented and what is aligned. docs/format.md describes it.
//!
//! In: a text and its tree. Out: the text in that layout, or the changes that lead to it. The words, strings and comments of a text
//! stay, and so does their order; only what is between them changes, so its meaning does not.
//!
//! A text with syntax errors is formatted where it can be: `shape` copies a damaged piece as it is. Because the reader uses the
//! indentation to find out which brace is missing, such a result is read again, and dropped if it is not read as before.

mod change;
mod line;
mod list;
mod rows;
mod shape;
mod sound;
mod typing;
mod write;

pub use change::Change;
pub use typing::on_type;

use std::ops::RangeInclusive;

use crate::source::FileId;
use crate::syntax::{self, Parsed};

use sound::Care;
use write::Written;

/// How many columns a line can have before a list or a block on it is broken up.
pub const COLUMNS: usize = 120;

/// How many columns each block and list is indented further than what it is in.
pub const STEP: usize = 2;

/// The text in the layout. It is the same text if nothing has to change, or nothing can.
pub fn format(text: &str) -> String {
    laid_out(text).map_or_else(|| text.to_owned(), |written| written.text)
}

/// What has to change in a text so that it is in the layout: in order, no two in one place, and only white space, commas and the
/// ends of lines.
pub fn changes(text: &str) -> Vec<Change> {
    laid_out(text).map_or_else(Vec::new, |written| change::all(text, &written))
}

/// Those of the [`changes`] that concern some lines; the first line of a text is 0.
pub fn changes_in(text: &str, lines: RangeInclusive<usize>) -> Vec<Change> {
    let start = typing::start_of_line(text, *lines.start());
    let end = typing::start_of_line(text, lines.end().saturating_add(1));
    let mut all = changes(text);
    all.retain(|change| change.range.start < end && change.range.end >= start);
    all
}

/// The text in the layout, with what became of each of its pieces; none if it cannot be formatted.
fn laid_out(text: &str) -> Option<Written> {
    let parsed = syntax::parse(FileId(0), text);
    if parsed.problems.is_empty() {
        return Some(written(text, &parsed, Care::None));
    }
    [Care::Pieces, Care::Items].into_iter().find_map(|care| {
        let result = written(text, &parsed, care);
        let again = syntax::parse(FileId(0), &result.text);
        let same = sound::reads_alike((text, &parsed), (&result.text, &again));
        let stays = same && written(&result.text, &again, care).text == result.text;
        stays.then_some(result)
    })
}

fn written(text: &str, parsed: &Parsed, care: Care) -> Written {
    write::write(text, &shape::lines(text, &parsed.tree, care))
}
