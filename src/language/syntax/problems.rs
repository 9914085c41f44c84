//! Collects the findings of one file while it is read.

use crate::diagnostic::{Certainty, Descriptor, Diagnostic, Diagnostics, Edit, Fix, Reach};
use crate::source::{FileId, Span};

use super::scan::LIMITS;

/// At most this many findings are shown per file; a file with more is not a spec.
const MOST: usize = 200;

/// The findings of one file, in reading order.
pub(super) struct Problems {
    file: FileId,
    list: Vec<Diagnostic>,
    dropped: usize,
}

impl Problems {
    pub(super) fn new(file: FileId) -> Self {
        Self {
            file,
            list: Vec::new(),
            dropped: 0,
        }
    }

    /// A place in this file.
    pub(super) fn span(&self, start: u32, end: u32) -> Span {
        Span {
            file: self.file,
            start,
            end,
        }
    }

    pub(super) fn report(
        &mut self,
        descriptor: &'static Descriptor,
        message: impl Into<String>,
        fill: impl FnOnce(Diagnostic) -> Diagnostic,
    ) {
        if self.list.len() < MOST {
            self.list.push(fill(Diagnostic::new(descriptor, message)));
        } else {
            self.dropped += 1;
        }
    }

    /// Whether a finding with this code and these words in its message has been reported.
    pub(super) fn seen(&self, descriptor: &'static Descriptor, words: &str) -> bool {
        self.list
            .iter()
            .any(|problem| problem.descriptor == descriptor && problem.message.contains(words))
    }

    pub(super) fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    pub(super) fn finish(mut self) -> Diagnostics {
        self.list
            .sort_by_key(|problem| problem.span().map(|span| span.start));
        let last = self.list.last().and_then(Diagnostic::span);
        let mut out = Diagnostics::default();
        for problem in self.list {
            out.push(problem);
        }
        if self.dropped > 0 {
            let message = format!("{} more mistakes in this file are not shown", self.dropped);
            out.report(&LIMITS, message, |problem| {
                problem
                    .label(last, "the last one shown")
                    .help("fix the first ones and run pikc again; is this a pik file at all?")
            });
        }
        out
    }
}

/// One fix made of several edits.
pub(super) fn edits(title: impl Into<String>, edits: Vec<(Span, String)>) -> Fix {
    Fix {
        certainty: Certainty::Certain,
        title: title.into(),
        edits: edits
            .into_iter()
            .map(|(span, replacement)| Edit {
                span,
                replacement,
                reach: Reach::Span,
            })
            .collect(),
    }
}
