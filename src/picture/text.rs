//! The picture in characters, for the runbook: it is read in an editor, with `less`, and on a page, and looks the same in all of them.

use super::boxes::{api, heading, lan, lines, names, overlay, router};
use super::data::{Machines, Picture};
use crate::file_format::diagram::fenced;

/// The widest line.
const WIDE: usize = 78;

/// The lines of the picture.
pub fn text(picture: &Picture) -> Vec<String> {
    let mut out = Vec::new();
    let above = router(picture);
    if !above.is_empty() {
        wrapped(&above.join(", "), "", &mut out);
        out.push("  |".to_owned());
    }
    out.push(lan(picture));
    let last = picture.machines.len().saturating_sub(1);
    let first = picture
        .machines
        .iter()
        .position(|one| one.role == "control-plane");
    for (index, machines) in picture.machines.iter().enumerate() {
        out.push("  |".to_owned());
        let stem = if index == last { "       " } else { "  |    " };
        branch(machines, stem, &mut out);
        if first == Some(index)
            && let Some(api) = api(picture)
        {
            wrapped(&format!("API {api}"), stem, &mut out);
        }
    }
    out.push(String::new());
    wrapped(&overlay(picture).join(", "), "", &mut out);
    out.iter().map(|line| fenced(line.trim_end())).collect()
}

fn branch(machines: &Machines, stem: &str, out: &mut Vec<String>) {
    let start = out.len();
    wrapped(
        &format!("{}: {}", heading(machines), names(machines)),
        stem,
        out,
    );
    if let Some(line) = out.get_mut(start) {
        *line = format!("  +--  {}", line.get(stem.len()..).unwrap_or_default());
    }
    // The names are in the heading.
    for line in lines(machines).into_iter().skip(1) {
        wrapped(&line, stem, out);
    }
}

fn wrapped(text: &str, indent: &str, out: &mut Vec<String>) {
    let options = textwrap::Options::new(WIDE)
        .initial_indent(indent)
        .subsequent_indent(indent)
        .word_splitter(textwrap::WordSplitter::NoHyphenation)
        .word_separator(textwrap::WordSeparator::AsciiSpace);
    out.extend(textwrap::wrap(text, options).into_iter().map(String::from));
}
