//! Names: where they are defined and used, and other names for them.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Value, json};

use super::ask::{Answer, Ask, Failure, Place};
use super::edits::{Edits, add, workspace_edit};
use crate::editor::{self, Deed, Target};
use crate::lsp::protocol::{Document, ErrorCode, Location, Position};
use crate::source::Span;

/// `textDocument/definition`
pub(super) fn definition(ask: &mut Ask<'_>) -> Answer {
    let place: Place = ask.params()?;
    let Some(focus) = ask.focus(&place.text_document.uri) else {
        return Ok(Value::Null);
    };
    let offset = focus.offset(place.position);
    let targets = editor::definition(&focus.view, offset);
    if !ask.known.links {
        let place = |target: &Target| focus.places.location(target.span);
        return Ok(json!(targets.iter().map(place).collect::<Vec<_>>()));
    }
    let link = |target: &Target| {
        json!({
            "targetUri": focus.places.address(target.span.file),
            "targetRange": focus.places.range(target.whole),
            "targetSelectionRange": focus.places.range(target.span),
        })
    };
    Ok(json!(targets.iter().map(link).collect::<Vec<_>>()))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct References {
    text_document: Document,
    position: Position,
    #[serde(default)]
    context: Context,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Context {
    #[serde(default)]
    include_declaration: bool,
}

/// `textDocument/references`: in every spec that the document is part of.
pub(super) fn references(ask: &mut Ask<'_>) -> Answer {
    let params: References = ask.params()?;
    let mut found: Vec<Location> = Vec::new();
    for focus in ask.focuses(&params.text_document.uri) {
        let offset = focus.offset(params.position);
        let own = params.context.include_declaration;
        for span in editor::references(&focus.view, offset, own) {
            let place = focus.places.location(span);
            if !found.contains(&place) {
                found.push(place);
            }
        }
    }
    Ok(json!(found))
}

/// `textDocument/documentHighlight`
pub(super) fn highlight(ask: &mut Ask<'_>) -> Answer {
    let place: Place = ask.params()?;
    let Some(focus) = ask.focus(&place.text_document.uri) else {
        return Ok(Value::Null);
    };
    let offset = focus.offset(place.position);
    let mark = |(span, deed): &(Span, Deed)| {
        let kind = match deed {
            Deed::Defines => 3,
            Deed::Uses => 2,
        };
        json!({"range": focus.places.range(*span), "kind": kind})
    };
    let found = editor::highlight(&focus.view, offset);
    Ok(json!(found.iter().map(mark).collect::<Vec<_>>()))
}

fn failed(why: String) -> Failure {
    Failure::new(ErrorCode::Failed, why)
}

/// `textDocument/prepareRename`
pub(super) fn prepare(ask: &mut Ask<'_>) -> Answer {
    let place: Place = ask.params()?;
    let Some(focus) = ask.focus(&place.text_document.uri) else {
        return Ok(Value::Null);
    };
    let offset = focus.offset(place.position);
    let (span, name) = editor::prepare_rename(&focus.view, offset).map_err(failed)?;
    Ok(json!({"range": focus.places.range(span), "placeholder": name}))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Rename {
    text_document: Document,
    position: Position,
    new_name: String,
}

/// `textDocument/rename`: in every spec that the document is part of.
pub(super) fn rename(ask: &mut Ask<'_>) -> Answer {
    let params: Rename = ask.params()?;
    let mut edits: Edits = BTreeMap::new();
    for focus in ask.focuses(&params.text_document.uri) {
        let offset = focus.offset(params.position);
        let found = editor::rename(&focus.view, offset, &params.new_name).map_err(failed)?;
        add(&focus, &found, &mut edits);
    }
    Ok(workspace_edit(ask, &edits))
}
