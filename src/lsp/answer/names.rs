//! Names: where they are defined and used, and other names for them.
//!
//! A file can be part of several specs, and what one spec calls by a name in it, the others do, too. So a name is followed from each
//! place in which it is found into every spec that has this place.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use camino::Utf8Path;
use serde::Deserialize;
use serde_json::{Value, json};

use super::ask::{Answer, Ask, Failure, Focus, Place};
use super::edits::{Edits, add, workspace_edit};
use crate::editor::{self, Deed, Project, Target};
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

/// What finds the other places of a name in one spec.
type Look<'a> = dyn FnMut(&Focus<'_>, usize) -> Result<Vec<Span>, Failure> + 'a;

/// Calls `look` with each spec that has the name at a place, and the byte at which it has it. `look` returns the other places of
/// the name there.
fn everywhere(
    ask: &Ask<'_>,
    address: &str,
    position: Position,
    look: &mut Look<'_>,
) -> Result<(), Failure> {
    let mut projects: BTreeMap<&Utf8Path, Option<Arc<Project>>> = BTreeMap::new();
    let mut known: BTreeSet<(&Utf8Path, String, Position)> = BTreeSet::new();
    let mut open = vec![(address.to_owned(), position)];
    while let Some((address, position)) = open.pop() {
        let Some(path) = ask.workspace.path_of(&address) else {
            continue;
        };
        for spec in ask.workspace.specs_of(&path) {
            let project = projects
                .entry(spec)
                .or_insert_with(|| ask.workspace.project(spec));
            let Some(project) = project.as_deref() else {
                continue;
            };
            let Some(focus) = Focus::new(ask.workspace, project, path.as_str()) else {
                continue;
            };
            if !known.insert((spec, address.clone(), position)) {
                continue;
            }
            for span in look(&focus, focus.offset(position))? {
                let there = focus.places.location(span);
                if known.insert((spec, there.uri.clone(), there.range.start)) {
                    open.push((there.uri, there.range.start));
                }
            }
        }
    }
    Ok(())
}

/// `textDocument/references`
pub(super) fn references(ask: &mut Ask<'_>) -> Answer {
    let params: References = ask.params()?;
    let own = params.context.include_declaration;
    let mut found: Vec<Location> = Vec::new();
    everywhere(
        ask,
        &params.text_document.uri,
        params.position,
        &mut |focus, offset| {
            for span in editor::references(&focus.view, offset, own) {
                let place = focus.places.location(span);
                if !found.contains(&place) {
                    found.push(place);
                }
            }
            Ok(editor::references(&focus.view, offset, true))
        },
    )?;
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

/// `textDocument/rename`
pub(super) fn rename(ask: &mut Ask<'_>) -> Answer {
    let params: Rename = ask.params()?;
    let mut edits: Edits = BTreeMap::new();
    everywhere(
        ask,
        &params.text_document.uri,
        params.position,
        &mut |focus, offset| {
            let found = editor::rename(&focus.view, offset, &params.new_name).map_err(failed)?;
            add(focus, &found, &mut edits);
            Ok(found.into_iter().map(|(span, _)| span).collect())
        },
    )?;
    Ok(workspace_edit(ask, &edits))
}
