//! Columns of texts and counts, as the answers of `pikc why` have them.

use crate::cli::shared::console::{Look, Paint, hanging, paint, visible};
use crate::cli::shared::report::count;
use crate::cli::shared::words::numbers;
use crate::model::runs;

/// How many rows of a list are shown; the JSON has all of them.
pub(super) const MOST: usize = 12;

/// What is done with a row that is wider than the terminal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fit {
    /// It ends with a mark: a line of a file is recognized by its beginning.
    Cut,
    /// It goes on in the next line.
    Wrap,
}

/// A heading and its rows: a count of lines, then a text. Nothing without rows.
pub(super) fn counted(
    look: Look,
    head: &str,
    fit: Fit,
    rows: &[(String, usize)],
    out: &mut String,
) {
    if rows.is_empty() {
        return;
    }
    out.push_str(&format!("\n{}\n", paint(look, Paint::Heading, head)));
    let numbers = rows.iter().map(|(_, lines)| lines.to_string().len());
    let wide = numbers.max().unwrap_or(1);
    for (text, lines) in rows.iter().take(MOST) {
        let lead = format!("  {lines:>wide$}  ");
        let text = visible(text);
        out.push_str(&match fit {
            Fit::Cut => format!("{}\n", cut(&format!("{lead}{text}"), look.width)),
            Fit::Wrap => hanging(look, &lead, None, &text),
        });
    }
    if let Some(more) = rows.len().checked_sub(MOST).filter(|more| *more > 0) {
        out.push_str(&format!(
            "  {:wide$}  and {more} more (--format json has all)\n",
            ""
        ));
    }
}

/// At most so many columns of a line, with a mark if it is longer.
pub(super) fn cut(text: &str, most: usize) -> String {
    match text.chars().count() > most {
        true => text
            .chars()
            .take(most.saturating_sub(3))
            .chain("...".chars())
            .collect(),
        false => text.to_owned(),
    }
}

/// At most so many groups of names are shown.
const GROUPS: usize = 6;

/// "3 machines: node02 to node04"
pub(super) fn on(machines: &[&str]) -> String {
    format!("{}: {}", count(machines.len(), "machine"), names(machines))
}

/// The names as people count, runs of them shortened.
pub(super) fn names(machines: &[&str]) -> String {
    let mut sorted = machines.to_vec();
    sorted.sort_by_cached_key(|name| numbers(name));
    let all = runs(sorted);
    let groups: Vec<&str> = all.split(", ").collect();
    match groups.len().saturating_sub(GROUPS) {
        0 => all,
        more => format!("{} and {more} more groups", groups[..GROUPS].join(", ")),
    }
}
