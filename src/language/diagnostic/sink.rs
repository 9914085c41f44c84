//! Where findings are collected: nothing stops at the first mistake.

use std::collections::BTreeMap;

use super::{Descriptor, Diagnostic, Edit, Severity};
use crate::source::Span;

/// The findings of one run.
#[derive(Clone, Debug, Default)]
pub struct Diagnostics {
    list: Vec<Diagnostic>,
    /// The indexes of the findings of a code at a place: a new one is compared with those only.
    known: BTreeMap<(Option<Span>, &'static str), Vec<usize>>,
    /// Places of secrets in clear text, which no report shows.
    concealed: Vec<Span>,
}

fn key(diagnostic: &Diagnostic) -> (Option<Span>, &'static str) {
    (diagnostic.span(), diagnostic.descriptor.code)
}

impl Diagnostics {
    /// Adds a finding. The same finding twice (same code, places and sentence) is kept once.
    pub fn push(&mut self, diagnostic: Diagnostic) {
        let alike = self.known.entry(key(&diagnostic)).or_default();
        if alike.iter().all(|at| self.list[*at] != diagnostic) {
            alike.push(self.list.len());
            self.list.push(diagnostic);
        }
    }

    /// Starts a finding, has the closure fill it in, and adds it.
    pub fn report(
        &mut self,
        descriptor: &'static Descriptor,
        message: impl Into<String>,
        fill: impl FnOnce(Diagnostic) -> Diagnostic,
    ) {
        self.push(fill(Diagnostic::new(descriptor, message)));
    }

    /// Everything found so far.
    pub fn iter(&self) -> impl Iterator<Item = &Diagnostic> {
        self.list.iter()
    }

    /// Whether any finding is an error.
    pub fn has_errors(&self) -> bool {
        self.count(Severity::Error) > 0
    }

    /// How many findings of one severity there are.
    pub fn count(&self, severity: Severity) -> usize {
        self.list
            .iter()
            .filter(|diagnostic| diagnostic.severity == severity)
            .count()
    }

    /// How many findings there are.
    pub fn len(&self) -> usize {
        self.list.len()
    }

    /// Whether nothing was found.
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// Keeps only the findings for which `keep` returns true.
    pub fn retain(&mut self, keep: impl FnMut(&Diagnostic) -> bool) {
        self.list.retain(keep);
        self.find_again();
    }

    /// Appends all findings of another sink.
    pub fn append(&mut self, other: Diagnostics) {
        for diagnostic in other.list {
            self.push(diagnostic);
        }
        self.concealed.extend(other.concealed);
    }

    /// Adds a place of a secret in clear text.
    pub fn conceal(&mut self, span: Span) {
        self.concealed.push(span);
    }

    /// The places of secrets in clear text that were met on the way.
    pub fn concealed(&self) -> &[Span] {
        &self.concealed
    }

    /// Takes the words that `secret` returns for a finding out of its sentences, and drops the fixes that would write one.
    pub fn redact<'a>(&mut self, secret: impl Fn(&Diagnostic) -> Vec<&'a str>) {
        for diagnostic in &mut self.list {
            let words = secret(diagnostic);
            let redact = |text: &mut String| {
                for word in &words {
                    if text.contains(word) {
                        *text = text.replace(word, "***");
                    }
                }
            };
            if words.is_empty() {
                continue;
            }
            diagnostic.fixes.retain(|fix| {
                let edits = fix.edits.iter().map(|edit| edit.replacement.as_str());
                let texts = edits.chain([fix.title.as_str()]);
                !texts
                    .into_iter()
                    .any(|text| words.iter().any(|word| text.contains(word)))
            });
            redact(&mut diagnostic.message);
            diagnostic.help.iter_mut().for_each(redact);
            diagnostic.notes.iter_mut().for_each(redact);
            let labels = diagnostic.labels.iter_mut();
            labels.map(|label| &mut label.text).for_each(redact);
        }
        self.find_again();
    }

    /// Sorts them in reading order: by file and place, then code; those without a place come first.
    pub fn sort(&mut self) {
        self.list.sort_by(|a, b| {
            (a.span(), a.descriptor.code, &a.message).cmp(&(
                b.span(),
                b.descriptor.code,
                &b.message,
            ))
        });
        self.find_again();
    }

    /// Replaces every edit with the result of `make`; drops a fix if any of its edits has no result.
    pub fn settle(&mut self, mut make: impl FnMut(&Edit) -> Option<Edit>) {
        for diagnostic in &mut self.list {
            diagnostic.fixes.retain_mut(|fix| {
                let edits: Option<Vec<Edit>> = fix.edits.iter().map(&mut make).collect();
                edits.map(|edits| fix.edits = edits).is_some()
            });
        }
    }

    /// The order or the length of the list has changed.
    fn find_again(&mut self) {
        self.known.clear();
        for (at, diagnostic) in self.list.iter().enumerate() {
            self.known.entry(key(diagnostic)).or_default().push(at);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::FileId;

    #[test]
    fn the_same_finding_is_kept_once_whatever_was_done_to_the_list() {
        let code = crate::schema::CODES[0];
        let found = |start: usize, message: &str| {
            Diagnostic::new(code, message).label(Span::new(FileId(0), start, start + 1), "here")
        };
        let mut all = Diagnostics::default();
        for _ in 0..2 {
            for start in [5, 3, 4] {
                all.push(found(start, "one"));
                all.push(found(start, "another"));
            }
            assert_eq!(all.len(), 6);
            all.sort();
        }
        all.retain(|one| one.message == "one");
        all.push(found(4, "one"));
        assert_eq!(all.len(), 3);
        all.push(found(4, "another"));
        assert_eq!(all.len(), 4);
    }
}
