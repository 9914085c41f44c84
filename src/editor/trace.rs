//! From a line of the output to the places that produced it, and from a place in a spec to the lines that it takes part in.

use std::ops::Range;

use crate::origin::Origin;
use crate::render::{Entry, Rendered};
use crate::source::Span;

/// The places and rules behind a line, each once.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reasons {
    /// Whether a line of the spec is among the places.
    written: bool,
    /// The places, each with its role.
    pub places: Vec<(Span, String)>,
    /// The rules, as sentences.
    pub rules: Vec<String>,
}

/// Why a line with these origins is there.
pub fn reasons(origins: &[Origin]) -> Reasons {
    let mut reasons = Reasons::default();
    for origin in origins {
        reasons.add(origin, None);
    }
    reasons
}

impl Reasons {
    /// What kind of reasons there are, in a sentence.
    pub fn sentence(&self) -> &'static str {
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

/// Lines of a file of the output that a place takes part in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MadeLines {
    /// The file, below the output folder.
    pub path: String,
    /// Runs of lines, counted from 1.
    pub lines: Vec<Range<usize>>,
}

/// The lines of a tree that something within a span takes part in, in the order of files. The tree must have its origins
/// ([`compile`](crate::compile) with `keep_lines`).
pub fn lines_made_by(rendered: &Rendered, span: Span) -> Vec<MadeLines> {
    let mut made = Vec::new();
    for (path, entry) in rendered.entries() {
        let Entry::File(file) = entry else { continue };
        let mut lines: Vec<Range<usize>> = Vec::new();
        for (index, origins) in file.origins().enumerate() {
            let number = index + 1;
            if !origins.iter().any(|origin| comes_from(origin, span)) {
                continue;
            }
            match lines.last_mut() {
                Some(last) if last.end == number => last.end += 1,
                _ => lines.push(number..number + 1),
            }
        }
        if !lines.is_empty() {
            made.push(MadeLines {
                path: path.clone(),
                lines,
            });
        }
    }
    made
}

/// Whether a place within a span takes part in an origin.
fn comes_from(origin: &Origin, span: Span) -> bool {
    match origin {
        Origin::Written(place) | Origin::Default(place) => {
            place.file == span.file
                && place.start < span.end
                && span.start < place.end
                && (span.start <= place.start && place.end <= span.end
                    || place.start <= span.start && span.end <= place.end)
        }
        Origin::Derived { from, .. } | Origin::Secret(from) => {
            from.iter().any(|origin| comes_from(origin, span))
        }
    }
}
