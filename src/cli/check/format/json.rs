//! `--format json`, as docs/diagnostics.schema.json describes it.

use serde::Serialize;

use super::shared::{Range, name, pretty, range};
use crate::Analysis;
use crate::diagnostic::{Certainty, Diagnostic};
use crate::source::Sources;

#[derive(Serialize)]
struct Document<'a> {
    diagnostics: Vec<Finding<'a>>,
}

#[derive(Serialize)]
struct Finding<'a> {
    code: &'a str,
    since: &'a str,
    formerly: &'a [&'a str],
    deprecated: Option<&'a str>,
    severity: &'a str,
    message: &'a str,
    file: Option<&'a str>,
    range: Option<Range>,
    labels: Vec<Label<'a>>,
    help: &'a str,
    notes: &'a [String],
    fixes: Vec<Fix<'a>>,
    url: Option<String>,
}

#[derive(Serialize)]
struct Label<'a> {
    file: &'a str,
    range: Range,
    message: &'a str,
}

#[derive(Serialize)]
struct Fix<'a> {
    title: &'a str,
    certain: bool,
    edits: Vec<Edit<'a>>,
}

#[derive(Serialize)]
struct Edit<'a> {
    file: &'a str,
    range: Range,
    replacement: &'a str,
}

/// All findings of all specs as one document.
pub(in crate::cli::check) fn json(analyses: &[Analysis]) -> String {
    let diagnostics = analyses
        .iter()
        .flat_map(|analysis| {
            analysis
                .diagnostics
                .iter()
                .map(|found| finding(&analysis.sources, found))
        })
        .collect();
    pretty(&Document { diagnostics })
}

fn finding<'a>(sources: &'a Sources, found: &'a Diagnostic) -> Finding<'a> {
    let place = found.span();
    Finding {
        code: found.descriptor.code,
        since: found.descriptor.since,
        formerly: found.descriptor.formerly,
        deprecated: found.descriptor.deprecated,
        severity: found.severity.word(),
        message: &found.message,
        file: place.map(|span| name(sources, span)),
        range: place.map(|span| range(sources, span)),
        labels: found
            .labels
            .iter()
            .map(|label| Label {
                file: name(sources, label.span),
                range: range(sources, label.span),
                message: &label.text,
            })
            .collect(),
        help: found.help_text(),
        notes: &found.notes,
        fixes: found
            .fixes
            .iter()
            .map(|fix| Fix {
                title: &fix.title,
                certain: fix.certainty == Certainty::Certain,
                edits: fix
                    .edits
                    .iter()
                    .map(|edit| Edit {
                        file: name(sources, edit.span),
                        range: range(sources, edit.span),
                        replacement: &edit.replacement,
                    })
                    .collect(),
            })
            .collect(),
        url: found.descriptor.url(),
    }
}
