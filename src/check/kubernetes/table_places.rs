//! Places of the library's table of relations: which values one means, and how a sentence names it.

use crate::stdlib::Place;
use crate::value::{go_duration, kubernetes_quantity};

/// Whether a text is a value of the table: a word, a number from some number on, or anything.
pub(super) fn is(text: &str, wanted: &str) -> bool {
    if wanted == "*" {
        return !text.is_empty();
    }
    match wanted.strip_suffix("..") {
        Some(from) => matches!(
            (text.parse::<i64>(), from.parse::<i64>()),
            (Ok(number), Ok(from)) if number >= from
        ),
        None => text == wanted,
    }
}

/// Whether a value is the same as none: empty, 0, no time, nothing of something.
pub(super) fn is_unset(text: &str) -> bool {
    text.is_empty()
        || text == "false"
        || go_duration(text) == Some(0)
        || kubernetes_quantity(text) == Some(0)
}

/// A place of the table, in a sentence.
pub(super) fn shown(place: &Place) -> String {
    let field = match place.path.split_once('{') {
        Some((map, key)) => format!("`{}` in `{map}`", key.trim_end_matches('}')),
        None => format!("`{}`", place.path),
    };
    match &place.value {
        Some(value) if value != "*" => format!("{field} with `{value}`"),
        _ => field,
    }
}
