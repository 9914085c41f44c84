//! Findings as marks in documents: the list that `pikc check --format json` prints.

use std::collections::BTreeMap;

use camino::Utf8Path;
use serde_json::{Value, json};

use super::places::Places;
use super::protocol::{Diagnostic, Link, Range, Related};
use super::uri;
use super::workspace::Workspace;
use crate::Analysis;
use crate::diagnostic::{self, Certainty, Descriptor, Fix, Severity};

/// Codes about something that could be removed without any effect; editors fade it.
const UNNECESSARY: &[&str] = &[
    "allow/unused",
    "cni/option-without-effect",
    "cni/upstream-without-effect",
    "mirror/no-effect",
    "policy/repeated",
    "policy/without-effect",
    "profile/unused",
    "proxy/mode-without-effect",
    "proxy/strict-arp-without-effect",
    "spec/unused-constant",
];

/// Codes about something that upstream gives up; editors strike it through.
const DEPRECATED: &[&str] = &[
    "argument/deprecated",
    "argument/gone",
    "cni/unmaintained",
    "field/deprecated",
    "kubelet/argument-gone",
    "kubernetes/release-ended",
    "manifest/removed-api",
    "mirror/gone",
    "os/release-ended",
];

/// The marks of an analysis, by the addresses of their documents. A finding without a place is at the beginning of the spec.
pub(super) fn marks(
    workspace: &Workspace,
    spec: &Utf8Path,
    analysis: &Analysis,
) -> BTreeMap<String, Vec<Diagnostic>> {
    let places = workspace.places(analysis);
    let mut out: BTreeMap<String, Vec<Diagnostic>> = BTreeMap::new();
    for finding in analysis.diagnostics.iter() {
        let (address, range) = match finding.span() {
            Some(span) => (places.address(span.file), places.range(span)),
            None => {
                let own = analysis.sources.files().next();
                let address = own.map_or_else(|| uri::file(spec), |(file, _)| places.address(file));
                (address, Range::default())
            }
        };
        out.entry(address)
            .or_default()
            .push(mark(&places, range, finding));
    }
    out
}

fn mark(places: &Places<'_>, range: Range, finding: &diagnostic::Diagnostic) -> Diagnostic {
    let descriptor = finding.descriptor;
    Diagnostic {
        range,
        severity: match finding.severity {
            Severity::Error => 1,
            Severity::Warning => 2,
            Severity::Note => 3,
        },
        code: descriptor.code,
        code_description: match places.workspace.explains {
            true => Some(uri::explanation(descriptor.code)),
            false => descriptor.url(),
        }
        .map(|href| Link { href }),
        source: "pikc",
        message: message(finding),
        tags: tags(descriptor),
        related_information: finding
            .labels
            .iter()
            .map(|label| Related {
                location: places.location(label.span),
                message: label.text.clone(),
            })
            .collect(),
        data: data(places, finding),
    }
}

/// An editor shows one text: the sentence, then what to type and further facts, a line each.
fn message(finding: &diagnostic::Diagnostic) -> String {
    let mut text = finding.message.clone();
    text.push_str("\nhelp: ");
    text.push_str(finding.help_text());
    for note in &finding.notes {
        text.push_str("\nnote: ");
        text.push_str(note);
    }
    text
}

fn tags(descriptor: &Descriptor) -> Vec<u8> {
    let mut tags = Vec::new();
    if UNNECESSARY.contains(&descriptor.code) {
        tags.push(1);
    }
    if DEPRECATED.contains(&descriptor.code) {
        tags.push(2);
    }
    tags
}

/// What an editor sends back with a request for quick fixes; other programs can read the parts of the finding here.
fn data(places: &Places<'_>, finding: &diagnostic::Diagnostic) -> Value {
    json!({
        "message": finding.message,
        "help": finding.help_text(),
        "notes": finding.notes,
        "fixes": finding.fixes.iter().map(|fix| json!({
            "title": fix.title,
            "certain": fix.certainty == Certainty::Certain,
            "edits": edits(places, fix),
        })).collect::<Vec<_>>(),
    })
}

fn edits(places: &Places<'_>, fix: &Fix) -> Vec<Value> {
    let edit = |edit: &diagnostic::Edit| {
        json!({
            "uri": places.address(edit.span.file),
            "range": places.range(edit.span),
            "newText": edit.replacement,
        })
    };
    fix.edits.iter().map(edit).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_with_a_tag_exists() {
        let all = crate::check::all_codes();
        for code in UNNECESSARY.iter().chain(DEPRECATED) {
            let known = |one: &&Descriptor| one.code == *code;
            assert!(all.iter().any(known), "{code}");
        }
    }
}
