//! From a line of the output to the places and rules that produced it.

use crate::origin::Origin;
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
