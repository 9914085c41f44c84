//! `--format gitlab`: GitLab's code quality report, which it shows next to the lines of a merge request.
//!
//! The format: <https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format>

use std::collections::HashMap;

use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::shared::{name, pretty, range};
use crate::Analysis;
use crate::diagnostic::{Diagnostic, Severity};

/// All findings as one list. `names` has the file of each analysis, for findings without a place: GitLab ignores those that name none.
pub(in crate::cli::check) fn gitlab(analyses: &[Analysis], names: &[&str]) -> String {
    let mut seen = HashMap::new();
    let mut list = Vec::new();
    for (analysis, whole) in analyses.iter().zip(names) {
        for found in analysis.diagnostics.iter() {
            let (path, line) = found.span().map_or((*whole, 1), |span| {
                let place = range(&analysis.sources, span);
                (name(&analysis.sources, span), place.start.line)
            });
            let path = path.strip_prefix("./").unwrap_or(path);
            let key = format!("{}\0{path}\0{}", found.descriptor.code, found.message);
            let count = seen.entry(key.clone()).or_insert(0_usize);
            *count += 1;
            list.push(entry(found, path, line, &fingerprint(&key, *count)));
        }
    }
    pretty(&list)
}

fn entry(found: &Diagnostic, path: &str, line: usize, fingerprint: &str) -> Value {
    json!({
        "description": format!("{}; {}", found.message, found.help_text()),
        "check_name": found.descriptor.code,
        "fingerprint": fingerprint,
        "severity": severity(found.severity),
        "location": { "path": path, "lines": { "begin": line } },
    })
}

/// By it GitLab recognizes a finding of the target branch. So it has no line number, which an edit above would change, and counts
/// findings that are otherwise the same.
fn fingerprint(key: &str, count: usize) -> String {
    Sha256::digest(format!("{key}\0{count}").as_bytes())
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

/// GitLab has five words: info, minor, major, critical and blocker.
fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "blocker",
        Severity::Warning => "major",
        Severity::Note => "info",
    }
}
