//! What is wrong, where, why it matters and what to type: the data of a report.
//!
//! In: findings of every floor above. Out: plain structs that the terminal, JSON and the editor
//! print. No colour, no width, no I/O here, and no list of codes: each code is declared once, in
//! the file of the check that reports it, by [`declare!`](crate::declare).

mod descriptor;
mod sink;
pub mod suggest;

pub use descriptor::{Descriptor, Severity};
pub use sink::Diagnostics;

use std::fmt::Display;

use crate::origin::{Locate, Origin};
use crate::source::Span;

/// One finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// The declaration: code, title, explanation, sources.
    pub descriptor: &'static Descriptor,
    /// How bad it is here: the severity of the descriptor, unless the release lowers or raises it.
    pub severity: Severity,
    /// One plain sentence with the actual values, no full stop.
    pub message: String,
    /// The places that take part; the first one is the main one. Empty for findings that concern no
    /// text (an unreadable file).
    pub labels: Vec<Label>,
    /// What to type; if absent, the descriptor's general help.
    pub help: Option<String>,
    /// Further facts worth a line each.
    pub notes: Vec<String>,
    /// Edits that fix it: one that is certain, or some from which a person chooses.
    pub fixes: Vec<Fix>,
}

/// A place that takes part in a finding and the role it plays.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Label {
    /// Where.
    pub span: Span,
    /// Its role, in a few words, lower case, no full stop.
    pub text: String,
}

/// An edit that fixes a finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fix {
    /// What the edit does, as a command: "rename to `node`".
    pub title: String,
    /// Whether it can be applied without asking.
    pub certainty: Certainty,
    /// The replacements, in any order, never overlapping.
    pub edits: Vec<Edit>,
}

/// Whether an edit needs a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Certainty {
    /// There is one way to fix it, and no one would want anything else: `check --fix` applies it.
    Certain,
    /// It fixes the finding, but there are other ways, or it changes what the cluster does: an editor offers it.
    Choice,
}

/// One replacement of text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edit {
    /// What is replaced; empty to insert.
    pub span: Span,
    /// What replaces it.
    pub replacement: String,
    /// How much of the text around the span takes part.
    pub reach: Reach,
}

/// What an edit is about, for a rule that knows the place of a value but not how its line is written. An
/// edit that is printed or applied reaches no further than its span: `syntax::settle` resolves it to one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// The span itself.
    Span,
    /// The smallest setting or block that covers the span; it is removed.
    Setting,
    /// The element of a list that covers the span, or the setting if its value is not a list; it is removed.
    Element,
    /// New settings or blocks, a line each, after the smallest one that covers the span.
    Beside,
    /// New settings or blocks, a line each, at the end of the smallest block that covers the span.
    Inside,
}

impl Diagnostic {
    /// A finding of this code with its main sentence; its severity is the declared one.
    pub fn new(descriptor: &'static Descriptor, message: impl Into<String>) -> Self {
        Self {
            descriptor,
            severity: descriptor.severity,
            message: message.into(),
            labels: Vec::new(),
            help: None,
            notes: Vec::new(),
            fixes: Vec::new(),
        }
    }

    /// Adds a place and its role, if there is a place (a value can be derived from nothing). The first label added is the main one.
    #[must_use]
    pub fn label(mut self, place: impl Locate, text: impl Into<String>) -> Self {
        if let Some(span) = place.place() {
            self.labels.push(Label {
                span,
                text: text.into(),
            });
        }
        self
    }

    /// Sets what to type here, in place of the descriptor's general help.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// Adds a line of further facts.
    #[must_use]
    pub fn note(mut self, note: impl Into<String>) -> Self {
        self.notes.push(note.into());
        self
    }

    /// Lowers or raises its severity.
    #[must_use]
    pub fn severity(mut self, severity: Severity) -> Self {
        self.severity = severity;
        self
    }

    /// Offers one replacement that is certain to fix it.
    #[must_use]
    pub fn fix(self, title: impl Into<String>, span: Span, replacement: impl Into<String>) -> Self {
        self.reach(title, span, replacement, Reach::Span)
    }

    /// Offers to delete several pieces of text at once.
    #[must_use]
    pub fn fix_each(
        mut self,
        title: impl Into<String>,
        gone: impl IntoIterator<Item = Span>,
    ) -> Self {
        let edits = gone.into_iter().map(|span| Edit {
            span,
            replacement: String::new(),
            reach: Reach::Span,
        });
        self.fixes.push(Fix {
            title: title.into(),
            certainty: Certainty::Certain,
            edits: edits.collect(),
        });
        self
    }

    /// Offers what the closure adds as a choice: each fixes the finding, and which one is right is a person's decision.
    #[must_use]
    pub fn choice(self, add: impl FnOnce(Self) -> Self) -> Self {
        let before = self.fixes.len();
        let mut with = add(self);
        for fix in with.fixes.iter_mut().skip(before) {
            fix.certainty = Certainty::Choice;
        }
        with
    }

    /// Offers one fix made of several edits.
    #[must_use]
    pub fn edits(mut self, title: impl Into<String>, edits: Vec<Edit>) -> Self {
        self.fixes.push(Fix {
            title: title.into(),
            certainty: Certainty::Certain,
            edits,
        });
        self
    }

    /// Offers to replace a value with another, where it is written.
    #[must_use]
    pub fn write(self, place: &Origin, value: impl Display) -> Self {
        match place {
            Origin::Written(span) => self.fix(format!("write `{value}`"), *span, value.to_string()),
            _ => self,
        }
    }

    /// Offers to remove the setting that has this value, if the user wrote it.
    #[must_use]
    pub fn remove(self, title: impl Into<String>, value: &Origin) -> Self {
        match value {
            Origin::Written(span) => self.reach(title, *span, "", Reach::Setting),
            _ => self,
        }
    }

    /// Offers to remove the block whose head, or the setting whose key, is there.
    #[must_use]
    pub fn remove_block(self, title: impl Into<String>, head: Span) -> Self {
        self.reach(title, head, "", Reach::Setting)
    }

    /// Offers to remove this element of a list.
    #[must_use]
    pub fn remove_element(self, title: impl Into<String>, element: &Origin) -> Self {
        match element {
            Origin::Written(span) => self.reach(title, *span, "", Reach::Element),
            _ => self,
        }
    }

    /// Offers to write `what` (`key = value`, or a block) next to the setting that has this value.
    #[must_use]
    pub fn add_beside(self, value: &Origin, what: &str) -> Self {
        match value {
            Origin::Written(span) => {
                self.reach(format!("add `{what}`"), *span, what, Reach::Beside)
            }
            _ => self,
        }
    }

    /// Offers to write settings or blocks, a line each, at the end of the block with this head.
    #[must_use]
    pub fn add_inside(self, title: impl Into<String>, head: Span, lines: &str) -> Self {
        self.reach(title, head, lines, Reach::Inside)
    }

    fn reach(
        mut self,
        title: impl Into<String>,
        span: Span,
        replacement: impl Into<String>,
        reach: Reach,
    ) -> Self {
        self.fixes.push(Fix {
            title: title.into(),
            certainty: Certainty::Certain,
            edits: vec![Edit {
                span,
                replacement: replacement.into(),
                reach,
            }],
        });
        self
    }

    /// What to type: the specific help, or the general one of the code.
    pub fn help_text(&self) -> &str {
        self.help.as_deref().unwrap_or(self.descriptor.help)
    }

    /// The edit that can be applied without asking, if there is exactly one.
    pub fn certain_fix(&self) -> Option<&Fix> {
        let certain = |fix: &&Fix| fix.certainty == Certainty::Certain;
        let mut certain = self.fixes.iter().filter(certain);
        certain.next().filter(|_| certain.next().is_none())
    }

    /// The main place, if it has any.
    pub fn span(&self) -> Option<Span> {
        self.labels.first().map(|label| label.span)
    }
}
