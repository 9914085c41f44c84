//! What can be typed, and what stands there: completion and hover.

use serde::Deserialize;
use serde_json::{Value, json};

use super::ask::{Answer, Ask, Place};
use crate::editor::{self, Completion, CompletionKind, Topic};

/// After these characters an editor asks what can follow.
pub(in crate::lsp) const TRIGGERS: &[&str] = &["=", " ", "[", ",", "$", "\"", "/", ":", "."];

/// The protocol's number for what a completion is.
fn kind(kind: CompletionKind) -> u8 {
    match kind {
        CompletionKind::Block => 9,    // module
        CompletionKind::Setting => 10, // property
        CompletionKind::Choice => 20,  // enum member
        CompletionKind::Value => 12,
        CompletionKind::Fact => 7,  // class
        CompletionKind::Name => 18, // reference
        CompletionKind::Constant => 21,
        CompletionKind::Secret => 25, // type parameter: a value that comes from elsewhere
        CompletionKind::Code => 23,   // event
        CompletionKind::File => 17,
    }
}

/// `textDocument/completion`
pub(super) fn complete(ask: &mut Ask<'_>) -> Answer {
    let place: Place = ask.params()?;
    let address = place.text_document.uri;
    let Some(focus) = ask.focus(&address) else {
        return Ok(Value::Null);
    };
    let files = ask.workspace.files_below(&address);
    let found = editor::complete(&focus.view, focus.offset(place.position), &files);
    let item = |one: &Completion| {
        let snippet = ask.known.snippets && !one.insert.is_plain();
        let text = match snippet {
            true => one.insert.syntax(),
            false => one.insert.plain(),
        };
        let mut item = json!({
            "label": one.label,
            "kind": kind(one.kind),
            "sortText": one.sort,
            "insertTextFormat": if snippet { 2 } else { 1 },
            "textEdit": {"range": focus.places.range(one.replace), "newText": text},
        });
        if !one.detail.is_empty() {
            item["detail"] = json!(one.detail);
        }
        if let Some(topic) = &one.topic {
            item["data"] = json!({"uri": address, "topic": topic});
        }
        item
    };
    let items: Vec<Value> = found.items.iter().map(item).collect();
    Ok(json!({"isIncomplete": found.incomplete, "items": items}))
}

#[derive(Deserialize)]
struct Data {
    uri: String,
    topic: Topic,
}

/// `completionItem/resolve`: the same item with its documentation.
pub(super) fn resolve(ask: &mut Ask<'_>) -> Answer {
    let mut item = ask.params.clone();
    let data = item.get("data").cloned().unwrap_or_default();
    if let Ok(Data { uri, topic }) = serde_json::from_value(data)
        && let Some(focus) = ask.focus(&uri)
        && let Some(text) = editor::documentation(&focus.view, &topic)
        && let Some(fields) = item.as_object_mut()
    {
        let text = json!({"kind": "markdown", "value": text});
        fields.insert("documentation".to_owned(), text);
    }
    Ok(item)
}

/// `textDocument/hover`
pub(super) fn hover(ask: &mut Ask<'_>) -> Answer {
    let place: Place = ask.params()?;
    let Some(focus) = ask.focus(&place.text_document.uri) else {
        return Ok(Value::Null);
    };
    let found = editor::hover(&focus.view, focus.offset(place.position));
    Ok(found.map_or(Value::Null, |hover| {
        json!({
            "contents": {"kind": "markdown", "value": hover.markdown},
            "range": focus.places.range(hover.span),
        })
    }))
}
