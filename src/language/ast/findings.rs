//! What is wrong inside of the strings and labels of one file, up to a limit.

use crate::diagnostic::{Descriptor, Diagnostic, Diagnostics};

/// So many findings are reported of one file; each still spoils its value.
const MOST: usize = 200;

pub(super) struct Findings<'a> {
    out: &'a mut Diagnostics,
    left: usize,
}

impl<'a> Findings<'a> {
    pub(super) fn new(out: &'a mut Diagnostics) -> Self {
        Self { out, left: MOST }
    }

    pub(super) fn report(
        &mut self,
        descriptor: &'static Descriptor,
        message: impl Into<String>,
        fill: impl FnOnce(Diagnostic) -> Diagnostic,
    ) {
        if self.left > 0 {
            self.left -= 1;
            self.out.report(descriptor, message, fill);
        }
    }
}
