//! What a change of a file, or of one of the files in a folder, would mean for a cluster that runs.

use serde_json::{Value, json};

use crate::change::Foreseen;
use crate::cli::shared::console::{Look, Paint, hanging, paint, visible};
use crate::cli::shared::report::count;
use crate::stdlib::Word;

/// At most so many files are named; the JSON has all.
const FILES: usize = 3;

/// The consequences, the worst first, as `pikc diff` would say them. Of a folder, the files instead of the reasons.
pub(super) fn human(found: &[Foreseen], is_folder: bool, look: Look, out: &mut String) {
    if found.is_empty() {
        return;
    }
    let head = match is_folder {
        true => "If a file of it changes",
        false => "If it changes",
    };
    out.push_str(&format!("\n{}\n", paint(look, Paint::Heading, head)));
    for one in found {
        let consequence = &one.consequence;
        let lead = format!("  {}: ", consequence.weight.word());
        out.push_str(&hanging(look, &lead, None, &visible(&consequence.title)));
        let mut line = |what: &str, text: &str| {
            out.push_str(&hanging(
                look,
                &format!("    {what}: "),
                None,
                &visible(text),
            ));
        };
        if !one.fields.is_empty() {
            line("fields", &one.fields.join(", "));
        }
        if is_folder {
            line(&count(one.files.len(), "file"), &named(&one.names));
            continue;
        }
        if one.fields.is_empty() && found.len() > 1 {
            line("fields", "all others");
        }
        line("why", &consequence.why);
        if let Some(by_hand) = &consequence.by_hand {
            line("by hand", by_hand);
        }
    }
}

/// The first names.
fn named(files: &[String]) -> String {
    let shown = files.iter().take(FILES).map(String::as_str);
    let shown = shown.collect::<Vec<_>>().join(", ");
    match files.len().saturating_sub(FILES) {
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}

/// The same for programs.
pub(super) fn data(found: &[Foreseen]) -> Vec<Value> {
    let one = |one: &Foreseen| {
        let consequence = &one.consequence;
        json!({
            "consequence": consequence.name,
            "is": consequence.weight.word(),
            "title": consequence.title,
            "why": consequence.why,
            "by-hand": consequence.by_hand,
            "files": one.files,
            "fields": one.fields,
        })
    };
    found.iter().map(one).collect()
}
