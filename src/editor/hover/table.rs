//! What the tables of the releases have about a key of an open map: a feature gate, an argument, a field.

use crate::editor::shelf::Shelf;
use crate::editor::standing::Head;
use crate::editor::topic::{release, ticked};
use crate::stdlib::{Field, Stage};
use crate::value::Version;

/// The programs whose settings a block holds, by the block around the open map: the names of the library's tables.
pub(in crate::editor) fn program(around: &[Head]) -> Option<&str> {
    let above = around.len().checked_sub(2)?;
    match around.get(above)?.kind.as_str() {
        "kubelet" => Some("kubelet"),
        "kubeadm" => Some("kubeadm"),
        "api-server" => Some("kube-apiserver"),
        "controller-manager" => Some("kube-controller-manager"),
        "scheduler" => Some("kube-scheduler"),
        "etcd" => Some("etcd"),
        "proxy" => Some("kube-proxy"),
        _ => None,
    }
}

/// The kind of document that the `fields` of a block are of.
pub(in crate::editor) fn document(around: &[Head]) -> Option<&'static str> {
    match program(around)? {
        "kubelet" => Some("KubeletConfiguration"),
        "kube-proxy" => Some("KubeProxyConfiguration"),
        _ => None,
    }
}

/// About a key of the open map that is the innermost block.
pub(in crate::editor) fn entry(
    shelf: &mut Shelf<'_>,
    around: &[Head],
    key: &str,
) -> Option<String> {
    let of = release(shelf.project);
    match around.last()?.kind.as_str() {
        "feature-gates" => gate(shelf, program(around)?, key, of),
        "extra-args" => argument(shelf, program(around)?, key),
        "fields" => field(shelf, document(around)?, key, of),
        _ => None,
    }
}

/// The field that a key of the open map names, which is the innermost block.
pub(in crate::editor) fn named_field(
    shelf: &mut Shelf<'_>,
    around: &[Head],
    key: &str,
) -> Option<Field> {
    let of = release(shelf.project);
    let kind =
        document(around).filter(|_| around.last().is_some_and(|own| own.kind == "fields"))?;
    let names: Vec<&str> = key.split('.').collect();
    let documents = shelf.documents(kind);
    let known = documents.iter().find_map(|one| one.fields.at(&names, of))?;
    Some(known.field.clone())
}

/// A stage, for people.
pub(in crate::editor) fn stage(stage: Stage) -> &'static str {
    match stage {
        Stage::Off => "off by default",
        Stage::On => "on by default",
        Stage::LockedOff => "off, and cannot be turned on",
        Stage::LockedOn => "on, and cannot be turned off",
        Stage::Gone => "removed",
    }
}

fn gate(shelf: &mut Shelf<'_>, program: &str, name: &str, of: Option<Version>) -> Option<String> {
    let gates = shelf.gates(program)?;
    let gate = gates.find(name)?;
    let mut text = format!("feature gate `{name}` of {program}\n");
    for (since, found) in &gate.history {
        text.push_str(&format!("\n- from {since}: {}", stage(*found)));
    }
    let needs = of.map_or(&[][..], |release| gate.needs(release));
    for other in needs {
        text.push_str(&format!("\n- needs `{other}`"));
    }
    if !gate.verified {
        text.push_str("\n- unverified");
    }
    text.push_str(&origin(shelf, gate.origin.span()));
    Some(text)
}

fn argument(shelf: &mut Shelf<'_>, program: &str, name: &str) -> Option<String> {
    let flags = shelf.flags(program)?;
    let flag = flags.find(name)?;
    let mut text = format!("argument `--{name}` of {program}\n");
    text.push_str(&history(flag.from, flag.deprecated, flag.gone));
    if let Some(instead) = &flag.instead {
        text.push_str(&format!("\n- instead: {instead}"));
    }
    if let Some(field) = flag.field() {
        text.push_str(&format!("\n- the same as the field `{field}`"));
    }
    if let Some(by) = flags.writer(name) {
        text.push_str(&format!("\n- written already: {by}"));
    }
    if !flag.verified {
        text.push_str("\n- unverified");
    }
    text.push_str(&origin(shelf, flag.origin.span()));
    Some(text)
}

fn field(shelf: &mut Shelf<'_>, kind: &str, path: &str, of: Option<Version>) -> Option<String> {
    let names: Vec<&str> = path.split('.').collect();
    let documents = shelf.documents(kind);
    let known = documents
        .iter()
        .find_map(|document| document.fields.at(&names, of))?;
    let (_, what) = held(&known.field);
    let mut text = format!("field `{path}` of {kind}: {what}\n");
    if let Field::Choice(words) = &known.field {
        let words = words.iter().map(String::as_str);
        let words = ticked(words.filter(|word| !word.is_empty()));
        text.push_str(&format!("\n- {words}"));
    }
    text.push_str(&history(known.from, known.deprecated, known.gone));
    let written = documents.iter().flat_map(|document| &document.written);
    if let Some((_, by)) = written.into_iter().find(|(own, _)| own == path) {
        text.push_str(&format!("\n- written already: {by}"));
    }
    Some(text)
}

/// A value to begin with and a description of what a field holds.
pub(in crate::editor) fn held(field: &Field) -> (&str, &'static str) {
    match field {
        Field::Text => ("value", "a text"),
        Field::Duration => ("1m", "a length of time"),
        Field::Quantity => ("1", "a quantity"),
        Field::Choice(words) => {
            let first = words.iter().find(|word| !word.is_empty());
            let first = first.map_or("value", String::as_str);
            (first, "one of a list of words")
        }
        Field::Boolean => ("true", "true or false"),
        Field::Number { .. } => ("1", "a number"),
        Field::List(_) => ("[]", "a list"),
        Field::Map(_) => ("", "keys and values"),
        Field::Struct(_) => ("", "several fields"),
        Field::Any => ("", "anything"),
    }
}

fn history(from: Option<Version>, deprecated: Option<Version>, gone: Option<Version>) -> String {
    let points = [
        ("since", from),
        ("deprecated in", deprecated),
        ("gone in", gone),
    ];
    let points = points
        .iter()
        .filter_map(|(word, version)| Some(format!("\n- {word} Kubernetes {}", (*version)?)));
    points.collect()
}

fn origin(shelf: &Shelf<'_>, span: Option<crate::source::Span>) -> String {
    span.map_or_else(String::new, |span| {
        format!("\n\nFrom: {}", shelf.place(span))
    })
}
