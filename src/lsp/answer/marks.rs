//! Marks that the editor asks for instead of being sent them.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::Deserialize;
use serde_json::{Value, json};

use super::ask::{Answer, Ask, Known};
use crate::lsp::protocol::{Diagnostic, Document};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct OneDocument {
    text_document: Document,
    #[serde(default)]
    previous_result_id: Option<String>,
}

/// `textDocument/diagnostic`
pub(super) fn of_document(ask: &mut Ask<'_>) -> Answer {
    let params: OneDocument = ask.params()?;
    let address = params.text_document.uri;
    let marks = ask.workspace.marks().remove(&address).unwrap_or_default();
    let before = params.previous_result_id.as_deref();
    Ok(report(ask.known, &address, &marks, before))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct AllDocuments {
    #[serde(default)]
    previous_result_ids: Vec<Previous>,
}

#[derive(Deserialize)]
struct Previous {
    uri: String,
    value: String,
}

/// `workspace/diagnostic`: every document with marks, and those that had some the last time.
pub(super) fn of_workspace(ask: &mut Ask<'_>) -> Answer {
    let params: AllDocuments = ask.params()?;
    let before: BTreeMap<&str, &str> = params
        .previous_result_ids
        .iter()
        .map(|one| (one.uri.as_str(), one.value.as_str()))
        .collect();
    let mut marks = ask.workspace.marks();
    for address in before.keys() {
        marks.entry((*address).to_owned()).or_default();
    }
    let mut items = Vec::new();
    for (address, marks) in &marks {
        let before = before.get(address.as_str()).copied();
        let mut item = report(ask.known, address, marks, before);
        item["uri"] = json!(address);
        let open = ask.workspace.now.documents.get(address);
        item["version"] = open.map_or(Value::Null, |document| json!(document.version));
        items.push(item);
    }
    Ok(json!({"items": items}))
}

/// The marks of a document, or that they are those of the last time.
fn report(
    known: &mut Known,
    address: &str,
    marks: &Arc<Vec<Diagnostic>>,
    before: Option<&str>,
) -> Value {
    let last = known.results.get(address);
    let number = match last {
        Some((number, last)) if last == marks => *number,
        _ => {
            known.numbers += 1;
            let number = known.numbers;
            let kept = (number, Arc::clone(marks));
            known.results.insert(address.to_owned(), kept);
            number
        }
    };
    let id = number.to_string();
    if before == Some(id.as_str()) {
        return json!({"kind": "unchanged", "resultId": id});
    }
    json!({"kind": "full", "resultId": id, "items": **marks})
}
