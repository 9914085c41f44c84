//! Specs in the manual are checked: none may have an error or a warning.
//!
//! ```` ```pik ```` is a whole spec, ```` ```pik NAME.pik ```` one that the page's commands find as a file, ```` ```pik fragment ```` a
//! part of one, to which a valid spec is added (`tests/support/base.rs`).

use camino::Utf8Path;
use pikc::diagnostic::Severity;
use pikc::model::Reader;
use pikc::{AnalyzeInput, analyze, cli};

use super::{fences, pages};
use crate::support::base;

/// A used file can be any valid one.
struct AnyFile;

impl Reader for AnyFile {
    fn read(&self, path: &Utf8Path) -> Result<String, String> {
        // Files of the control plane's components; anything else could be used as a part of a spec.
        let there = Utf8Path::new("tests/specs/components").join(path.file_name().unwrap_or("x"));
        Ok(std::fs::read_to_string(there).unwrap_or_else(|_| "# Nothing.\n".to_owned()))
    }
}

#[test]
fn every_spec_in_the_manual_is_valid() {
    let mut seen = 0;
    for (name, text) in pages() {
        for fence in fences(&text) {
            let spec = match fence.tag.as_str() {
                "pik fragment" => base::completed(&fence.text),
                tag if tag == "pik" || super::file_of(tag).is_some() => fence.text.clone(),
                tag => {
                    assert!(!tag.starts_with("pik"), "{name}:{}: {tag}?", fence.line);
                    continue;
                }
            };
            seen += 1;
            let place = format!("{name}:{}", fence.line);
            let analysis = analyze(AnalyzeInput {
                path: Utf8Path::new(&place),
                text: &spec,
                reader: &AnyFile,
                overlay: Default::default(),
                as_of: None,
                kept: None,
            });
            let found = analysis.diagnostics.count(Severity::Error)
                + analysis.diagnostics.count(Severity::Warning);
            let report = cli::render_report(&analysis, &place, cli::Look::PLAIN);
            assert_eq!(found, 0, "{report}\n{spec}");
        }
    }
    assert!(seen > 0, "the manual shows no spec");
}
