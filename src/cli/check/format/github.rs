//! `--format github`: workflow commands that GitHub shows next to the lines of a pull request.

use super::shared::{name, range};
use crate::Analysis;
use crate::cli::shared::console::visible;
use crate::diagnostic::{Diagnostic, Severity};
use crate::source::Sources;

/// One line for each finding.
pub(in crate::cli::check) fn github(analyses: &[Analysis]) -> String {
    analyses
        .iter()
        .flat_map(|analysis| {
            analysis
                .diagnostics
                .iter()
                .map(|found| line(&analysis.sources, found))
        })
        .collect()
}

fn line(sources: &Sources, found: &Diagnostic) -> String {
    let command = match found.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "notice",
    };
    let mut place = String::new();
    if let Some(span) = found.span() {
        let range = range(sources, span);
        place = format!(
            "file={},line={},endLine={},",
            property(name(sources, span)),
            range.start.line,
            range.end.line
        );
        // GitHub accepts columns only if a finding stays on one line.
        if range.start.line == range.end.line {
            place.push_str(&format!(
                "col={},endColumn={},",
                range.start.column, range.end.column
            ));
        }
    }
    let body = format!("{}\n{}", found.message, found.help_text());
    format!(
        "::{command} {place}title={}::{}\n",
        property(found.descriptor.code),
        data(&body)
    )
}

fn data(text: &str) -> String {
    visible(text)
        .replace('%', "%25")
        .replace('\r', "%0D")
        .replace('\n', "%0A")
}

fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}
