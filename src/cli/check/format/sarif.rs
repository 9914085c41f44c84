//! `--format sarif`: SARIF 2.1.0, the format of code scanning services.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::shared::{name, pretty, range};
use crate::Analysis;
use crate::diagnostic::{Certainty, Descriptor, Diagnostic, Severity};
use crate::source::{Sources, Span};

/// All findings of all specs as one run.
pub(in crate::cli::check) fn sarif(analyses: &[Analysis]) -> String {
    let codes: BTreeMap<&str, &'static Descriptor> = analyses
        .iter()
        .flat_map(|analysis| analysis.diagnostics.iter())
        .map(|found| (found.descriptor.code, found.descriptor))
        .collect();
    let rules: Vec<Value> = codes.values().map(|code| rule(code)).collect();
    let index: BTreeMap<&str, usize> = codes.keys().copied().zip(0..).collect();
    let results: Vec<Value> = analyses
        .iter()
        .flat_map(|analysis| {
            analysis
                .diagnostics
                .iter()
                .map(|found| result(&analysis.sources, found, index[found.descriptor.code]))
        })
        .collect();
    pretty(&json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "pikc",
                "semanticVersion": env!("CARGO_PKG_VERSION"),
                "rules": rules,
            }},
            "columnKind": "unicodeCodePoints",
            "results": results,
        }],
    }))
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "note",
    }
}

fn rule(code: &Descriptor) -> Value {
    let mut rule = json!({
        "id": code.code,
        "shortDescription": { "text": code.title },
        "fullDescription": { "text": code.title },
        "help": {
            "text": code.help,
            "markdown": code.explanation.lines().map(|line| line.strip_prefix(' ').unwrap_or(line)).collect::<Vec<_>>().join("\n"),
        },
        "defaultConfiguration": { "level": level(code.severity) },
    });
    rule["properties"] = json!({ "since": code.since });
    if let Some(why) = code.deprecated {
        rule["properties"]["deprecated"] = json!(why);
    }
    // By these a service recognizes findings that it saw under another name.
    if !code.formerly.is_empty() {
        rule["deprecatedIds"] = json!(code.formerly);
    }
    if let Some(url) = code.url() {
        rule["helpUri"] = Value::String(url);
    }
    rule
}

fn result(sources: &Sources, found: &Diagnostic, index: usize) -> Value {
    let mut result = json!({
        "ruleId": found.descriptor.code,
        "ruleIndex": index,
        "level": level(found.severity),
        "message": { "text": format!("{}. {}", found.message, found.help_text()) },
        "locations": [],
    });
    if let Some(label) = found.labels.first() {
        let mut place = location(sources, label.span);
        place["message"] = json!({ "text": label.text });
        result["locations"] = json!([place]);
    }
    let related: Vec<Value> = found
        .labels
        .iter()
        .skip(1)
        .zip(1..)
        .map(|(label, id)| {
            let mut place = location(sources, label.span);
            place["id"] = json!(id);
            place["message"] = json!({ "text": label.text });
            place
        })
        .collect();
    if !related.is_empty() {
        result["relatedLocations"] = Value::Array(related);
    }
    let fixes: Vec<Value> = found
        .fixes
        .iter()
        .map(|fix| self::fix(sources, fix))
        .collect();
    if !fixes.is_empty() {
        result["fixes"] = Value::Array(fixes);
    }
    result
}

fn location(sources: &Sources, span: Span) -> Value {
    json!({ "physicalLocation": {
        "artifactLocation": { "uri": uri(name(sources, span)) },
        "region": region(sources, span),
    }})
}

fn region(sources: &Sources, span: Span) -> Value {
    let range = range(sources, span);
    json!({
        "startLine": range.start.line,
        "startColumn": range.start.column,
        "endLine": range.end.line,
        "endColumn": range.end.column,
    })
}

fn fix(sources: &Sources, fix: &crate::diagnostic::Fix) -> Value {
    let mut files: BTreeMap<&str, Vec<Value>> = BTreeMap::new();
    for edit in &fix.edits {
        files
            .entry(name(sources, edit.span))
            .or_default()
            .push(json!({
                "deletedRegion": region(sources, edit.span),
                "insertedContent": { "text": edit.replacement },
            }));
    }
    let changes: Vec<Value> = files
        .into_iter()
        .map(|(file, replacements)| {
            json!({ "artifactLocation": { "uri": uri(file) }, "replacements": replacements })
        })
        .collect();
    let certain = fix.certainty == Certainty::Certain;
    json!({
        "description": { "text": fix.title },
        "artifactChanges": changes,
        "properties": { "certain": certain },
    })
}

/// A path as a relative URI reference: what could be read as anything else is percent-encoded.
fn uri(path: &str) -> String {
    let mut out = String::new();
    for byte in path.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_stays_a_path() {
        assert_eq!(
            uri("examples/home-pi/cluster.pik"),
            "examples/home-pi/cluster.pik"
        );
        assert_eq!(uri("a b:c.pik"), "a%20b%3Ac.pik");
        assert_eq!(uri("<stdin>"), "%3Cstdin%3E");
    }
}
