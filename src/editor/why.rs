//! Why a line of a generated file is there, and which generated lines a line of the spec ends up in.

use crate::origin::Origin;
use crate::render::{Entry, File, Rendered};
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
    let mut reasons = Reasons::default();
    for origin in origins {
        reasons.add(origin, None);
    }
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

/// The generated lines that something written within a span goes into: for each file the numbers of its lines, from 0, as ranges
/// whose end is not part of them.
pub fn ends_up_in<'a>(
    rendered: &'a Rendered,
    within: Span,
) -> impl Iterator<Item = (&'a str, Vec<(usize, usize)>)> {
    let comes_from = move |origin: &Origin| {
        let mut written = Vec::new();
        collect(origin, &mut written);
        written.iter().any(|span| {
            span.file == within.file && span.start < within.end && within.start < span.end
        })
    };
    rendered.entries().iter().filter_map(move |(path, entry)| {
        let Entry::File(file) = entry else {
            return None;
        };
        let mut ranges: Vec<(usize, usize)> = Vec::new();
        for (number, origins) in file.origins().enumerate() {
            if !origins.iter().any(&comes_from) {
                continue;
            }
            match ranges.last_mut() {
                Some((_, end)) if *end == number => *end += 1,
                _ => ranges.push((number, number + 1)),
            }
        }
        (!ranges.is_empty()).then_some((path.as_str(), ranges))
    })
}

/// The places in the spec that an origin names.
fn collect(origin: &Origin, out: &mut Vec<Span>) {
    match origin {
        Origin::Written(span) => out.push(*span),
        Origin::Default(_) => {}
        Origin::Derived { from, .. } | Origin::Secret(from) => {
            from.iter().for_each(|one| collect(one, out));
        }
    }
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

/// The places and rules behind a line, each once.
#[derive(Default)]
struct Reasons {
    /// Whether a line of the spec is among the places.
    written: bool,
    places: Vec<(Span, String)>,
    rules: Vec<String>,
}

impl Reasons {
    fn sentence(&self) -> &'static str {
        if self.written {
            "this line comes from the spec"
        } else if !self.places.is_empty() {
            "the spec does not set this: the line follows from the standard library"
        } else if !self.rules.is_empty() {
            "this line follows from a rule"
        } else {
            "constant text: every file of this kind has it"
        }
    }

    fn add(&mut self, origin: &Origin, rule: Option<&str>) {
        match origin {
            Origin::Written(span) if span.file.is_library() => {
                self.place(*span, "a fact of the standard library", rule);
            }
            Origin::Written(span) => {
                self.written = true;
                self.place(*span, "written here", rule);
            }
            Origin::Default(span) => self.place(*span, "not set in the spec: the default", rule),
            Origin::Secret(from) => {
                for one in from.iter() {
                    self.add(one, rule);
                }
            }
            Origin::Derived { rule, from } => {
                if !self.rules.iter().any(|known| known == rule) {
                    self.rules.push((*rule).to_owned());
                }
                for one in from.iter() {
                    self.add(one, Some(rule));
                }
            }
        }
    }

    fn place(&mut self, span: Span, role: &str, rule: Option<&str>) {
        if self.places.iter().any(|(known, _)| *known == span) {
            return;
        }
        let role = match rule {
            Some(rule) => format!("{role}: {rule}"),
            None => role.to_owned(),
        };
        self.places.push((span, role));
    }
}
