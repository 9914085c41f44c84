//! Edits of a spec's files, as the editor applies them.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::ask::{Ask, Focus};
use crate::lsp::protocol::TextEdit;
use crate::source::Span;

/// Edits by the addresses of their documents.
pub(super) type Edits = BTreeMap<String, Vec<TextEdit>>;

/// Adds edits of a spec; one that another spec has made in the same file is the same.
pub(super) fn add(focus: &Focus<'_>, found: &[(Span, String)], edits: &mut Edits) {
    for (span, text) in found {
        let edit = TextEdit {
            range: focus.places.range(*span),
            new_text: text.clone(),
        };
        let known = edits.entry(focus.places.address(span.file)).or_default();
        if !known.contains(&edit) {
            known.push(edit);
        }
    }
}

/// Edits as the editor applies them; to a document that it has open, only if it still has the text that was analysed.
pub(super) fn workspace_edit(ask: &Ask<'_>, edits: &Edits) -> Value {
    if !ask.known.versions {
        return json!({"changes": edits});
    }
    let change = |(address, edits): (&String, &Vec<TextEdit>)| {
        let open = ask.workspace.now.documents.get(address);
        let version = open.map(|document| document.version);
        json!({"textDocument": {"uri": address, "version": version}, "edits": edits})
    };
    json!({"documentChanges": edits.iter().map(change).collect::<Vec<_>>()})
}
