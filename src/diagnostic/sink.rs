//! Where findings are collected: nothing stops at the first mistake.

use super::{Descriptor, Diagnostic, Severity};

/// The findings of one run.
#[derive(Clone, Debug, Default)]
pub struct Diagnostics {
    list: Vec<Diagnostic>,
}

impl Diagnostics {
    /// Adds a finding. The same finding twice (same code, places and sentence) is kept once.
    pub fn push(&mut self, diagnostic: Diagnostic) {
        if !self.list.contains(&diagnostic) {
            self.list.push(diagnostic);
        }
    }

    /// Starts a finding and adds it when the closure has filled it in.
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

    /// Whether anything makes it impossible to go on.
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

    /// Keeps only the findings for which `keep` says yes.
    pub fn retain(&mut self, keep: impl FnMut(&Diagnostic) -> bool) {
        self.list.retain(keep);
    }

    /// Takes all findings of another sink.
    pub fn append(&mut self, other: Diagnostics) {
        for diagnostic in other.list {
            self.push(diagnostic);
        }
    }

    /// Puts them in the order of reading: by file and place, then code; those without a place first.
    pub fn sort(&mut self) {
        self.list.sort_by(|a, b| {
            (a.span(), a.descriptor.code, &a.message).cmp(&(
                b.span(),
                b.descriptor.code,
                &b.message,
            ))
        });
    }
}
