//! What must hold of any input, however it was made: one function for each kind of input that can come from a stranger.
//!
//! In: bytes. Out: nothing; a panic is a finding. The fuzzer's programs (`fuzz_targets/`) and the random tests (`tests/`) both
//! call these, so an input that one of them finds can be tried by the other.

#![forbid(unsafe_code)]

mod existing;
mod manifest;
mod secrets;
mod spec;
mod text;

pub use existing::existing;
pub use manifest::manifest;
pub use secrets::secrets;
pub use spec::spec;
pub use text::round_trip;

use pikc::Analysis;
use pikc::cli::{Look, render_report};

/// Every place that a finding names is in its file, and the report of all of them can be drawn: on a wide terminal with
/// colours, and on a narrow one without box-drawing characters.
fn reports_are_sound(analysis: &Analysis, name: &str) {
    for finding in analysis.diagnostics.iter() {
        let edits = finding.fixes.iter().flat_map(|fix| &fix.edits);
        let labels = finding.labels.iter().map(|label| label.span);
        for span in labels.chain(edits.map(|edit| edit.span)) {
            let file = analysis.sources.file(span.file);
            let range = span.start as usize..span.end as usize;
            assert!(
                file.text.get(range).is_some(),
                "{span:?} of {} is not part of its file",
                finding.descriptor.code
            );
        }
    }
    let narrow = Look {
        color: false,
        unicode: false,
        width: 40,
    };
    for look in [Look::PLAIN, narrow] {
        let report = render_report(analysis, name, look);
        let raw = report.chars().find(|c| c.is_control() && *c != '\n');
        assert_eq!(raw, None, "a report holds a raw control character");
    }
}
