//! Why a line of a generated file is there, as it is shown.

use super::reasons::reasons;
use crate::origin::Origin;
use crate::render::File;
use crate::source::{FileId, Sources, Span};

/// Why a line is there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Why {
    /// The file and the line.
    pub title: String,
    /// The answer in a sentence.
    pub message: String,
    /// The line's place, in a file that was added to the sources, and its label.
    pub line: (Span, String),
    /// What produced it, and the role of each place.
    pub places: Vec<(Span, String)>,
    /// By which rules.
    pub rules: Vec<String>,
}

/// Why line `line` (from 1) of a generated file is there. The file is added to the sources under this name, with the lines that
/// hold a secret hidden.
pub fn why(sources: &mut Sources, name: &str, line: usize, file: &File) -> Option<Why> {
    let text = file.content.text()?;
    let origins = file.origins().nth(line.checked_sub(1)?);
    let origins = origins.map(Vec::as_slice).unwrap_or_default();
    let before: usize = text
        .split_inclusive('\n')
        .take(line - 1)
        .map(str::len)
        .sum();
    let content = text[before..].lines().next()?;
    let source = sources.add(name, &*text);
    // A report shows neighbours, too.
    for span in secrets(source, &text, file) {
        sources.hide(span);
    }
    let indent = content.len() - content.trim_start().len();
    let whole = Span::new(
        source,
        before + indent,
        before + content.trim_end().len().max(indent),
    );
    let reasons = reasons(origins);
    let label = match origins.iter().any(Origin::is_secret) {
        true => "this line, which holds a secret",
        false => "this line",
    };
    Some(Why {
        title: format!("{name}:{line}"),
        message: reasons.sentence().to_owned(),
        line: (whole, label.to_owned()),
        places: reasons.places,
        rules: reasons.rules,
    })
}

/// The lines that hold a secret. A line's origins show whether a secret's value went into it, in whatever form.
fn secrets(source: FileId, text: &str, file: &File) -> Vec<Span> {
    let mut at = 0;
    let lines = text.split_inclusive('\n').map(|line| {
        at += line.len();
        Span::new(source, at - line.len(), at)
    });
    lines
        .zip(file.origins())
        .filter(|(_, origins)| origins.iter().any(Origin::is_secret))
        .map(|(span, _)| span)
        .collect()
}
