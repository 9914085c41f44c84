//! What is wrong inside the strings and labels of one file, up to a limit.

use crate::diagnostic::{Descriptor, Diagnostic, Diagnostics};

/// At most this many findings are reported per file; the ones beyond it still invalidate their values.
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
