//! The texts that exist already: what the library knows of something, and what is declared with a diagnostic code.

use super::shelf::Shelf;
use crate::check::all_codes;
use crate::diagnostic::Descriptor;

/// How many facts a text shows.
const FACTS: usize = 16;

/// How long a value is at most.
const WIDEST: usize = 90;

/// What the library knows of something, with its sources.
pub(super) fn fact(shelf: &mut Shelf<'_>, kind: &str, name: &str) -> Option<String> {
    const APART: &[&str] = &["title", "advice", "source", "checked", "unverified"];
    let entity = shelf.entity(kind, name)?;
    let given = |setting: &str| entity.settings.get(setting).map(|given| shelf.value(given));
    let mut text = match given("title") {
        Some(title) => format!("{kind} `{name}`: {title}\n"),
        None => format!("{kind} `{name}`\n"),
    };
    if let Some(advice) = given("advice") {
        text.push_str(&format!("\n{advice}\n"));
    }
    let doubtful = given("unverified").unwrap_or_default();
    let doubtful: Vec<&str> = doubtful.trim_matches(['[', ']']).split(", ").collect();
    let mut rows: Vec<_> = entity
        .settings
        .iter()
        .filter(|(setting, _)| !APART.contains(&setting.as_str()))
        .collect();
    // In the order in which the library has them: what matters most comes first.
    rows.sort_by_key(|(_, given)| given.key);
    let total = rows.len();
    let rows = rows
        .into_iter()
        .map(|(setting, given)| (setting, shelf.value(given)))
        .filter(|(_, value)| value.chars().count() <= WIDEST);
    let mut shown = 0;
    for (setting, value) in rows.take(FACTS) {
        let mark = match doubtful.contains(&setting.as_str()) {
            true => " (unverified)",
            false => "",
        };
        text.push_str(&format!("\n- {setting}: `{value}`{mark}"));
        shown += 1;
    }
    if shown < total || !entity.blocks.is_empty() {
        text.push_str(&format!("\n- `pikc stdlib show {name}` prints everything"));
    }
    if let Some(sources) = given("source") {
        let sources = sources.trim_matches(['[', ']']).replace('"', "");
        text.push_str(&format!("\n\nFrom: {sources}"));
        if let Some(day) = given("checked") {
            text.push_str(&format!("; checked on {day}"));
        }
    }
    Some(text)
}

/// The code of this name.
pub(super) fn code(name: &str) -> Option<&'static Descriptor> {
    all_codes().into_iter().find(|code| code.is_called(name))
}

/// The explanation of a code, in Markdown.
pub fn explained(name: &str) -> Option<String> {
    let code = code(name)?;
    let lines: Vec<&str> = code
        .explanation
        .lines()
        .map(|line| line.strip_prefix(' ').unwrap_or(line))
        // What follows the first word is for the tests.
        .map(|line| match line.starts_with("```pik") {
            true => "```pik",
            false => line,
        })
        .collect();
    Some(format!(
        "`{}` ({}, since {}): {}\n\n{}\n\n- help: {}\n- from: {}",
        code.code,
        code.severity.word(),
        code.since,
        code.title,
        lines.join("\n").trim(),
        code.help,
        code.sources.join(", ")
    ))
}
