//! What can be done at a place: fixes, an `allow`, other ways to write the same, and all fixes at once.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Value, json};

use super::ask::{Answer, Ask, Focus};
use super::edits::{Edits, add, workspace_edit};
use crate::diagnostic::Certainty;
use crate::editor::{self, Action, ActionKind, Texts};
use crate::lsp::protocol::{Document, Range, TextEdit};

/// What applies every certain fix of a document.
const FIX_ALL: &str = "source.fixAll";

/// Every kind that is offered.
pub(in crate::lsp) const KINDS: &[&str] = &[
    "quickfix",
    "refactor.extract",
    "refactor.inline",
    "refactor.rewrite",
    FIX_ALL,
];

fn kind(kind: ActionKind) -> &'static str {
    match kind {
        ActionKind::Fix | ActionKind::Allow => "quickfix",
        ActionKind::Extract => "refactor.extract",
        ActionKind::Inline => "refactor.inline",
        ActionKind::Rewrite => "refactor.rewrite",
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Params {
    text_document: Document,
    range: Range,
    #[serde(default)]
    context: Context,
}

#[derive(Default, Deserialize)]
struct Context {
    #[serde(default)]
    only: Option<Vec<String>>,
}

impl Context {
    /// Whether a kind is wanted: `refactor` stands for all that begin with `refactor.`.
    fn wants(&self, kind: &str) -> bool {
        let within = |only: &String| {
            let rest = kind.strip_prefix(only.as_str());
            only.is_empty() || rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
        };
        self.only
            .as_ref()
            .is_none_or(|only| only.iter().any(within))
    }
}

/// `textDocument/codeAction`
pub(super) fn actions(ask: &mut Ask<'_>) -> Answer {
    let params: Params = ask.params()?;
    let address = params.text_document.uri;
    let Some((focus, spec)) = ask.focus_and_spec(&address) else {
        return Ok(Value::Null);
    };
    let mut all = Vec::new();
    if KINDS
        .iter()
        .any(|kind| *kind != FIX_ALL && params.context.wants(kind))
    {
        let (start, end) = focus.bytes(params.range);
        let look = |texts: &Texts| ask.workspace.analysed(spec, None, texts);
        let mut found = editor::actions(&focus.view, start..end, &look);
        found.extend(missing(&focus, start, &found));
        let marks = ask.workspace.marks().remove(&address).unwrap_or_default();
        for action in found
            .iter()
            .filter(|one| params.context.wants(kind(one.kind)))
        {
            let settled: Vec<&_> = marks
                .iter()
                .filter(|mark| {
                    let is = |(code, span): &(&str, _)| {
                        mark.code == *code && mark.range == focus.places.range(*span)
                    };
                    action.settles.iter().any(is)
                })
                .collect();
            let mut one = json!({
                "title": action.title,
                "kind": kind(action.kind),
                "edit": edit(ask, &focus, action),
            });
            if !settled.is_empty() {
                one["diagnostics"] = json!(settled);
            }
            if action.certain && action.kind == ActionKind::Fix {
                one["isPreferred"] = json!(true);
            }
            all.push(one);
        }
    }
    let named = params.context.only.is_some();
    if params.context.wants(FIX_ALL) && has_fixes(&focus) {
        let mut one = json!({
            "title": "apply every certain fix in this file",
            "kind": FIX_ALL,
            "data": {"uri": address},
        });
        // It takes a few analyses: only if someone means it.
        if !ask.known.resolves && named {
            one["edit"] = fixed(ask, &address);
        }
        if ask.known.resolves || named {
            all.push(one);
        }
    }
    Ok(json!(all))
}

/// The settings that are missing in the block at a byte, unless that is offered already.
fn missing(focus: &Focus<'_>, at: usize, known: &[Action]) -> Option<Action> {
    let fix = editor::missing_settings(&focus.view, at)?;
    let edits = fix
        .edits
        .into_iter()
        .map(|edit| (edit.span, edit.replacement));
    let action = Action {
        title: fix.title,
        kind: ActionKind::Fix,
        certain: fix.certainty == Certainty::Certain,
        settles: Vec::new(),
        edits: edits.collect(),
    };
    let same = |one: &Action| one.title == action.title || one.edits == action.edits;
    (!known.iter().any(same)).then_some(action)
}

/// Whether a file has a finding with an edit that needs no one's choice.
fn has_fixes(focus: &Focus<'_>) -> bool {
    let file = focus.view.page.file;
    let mut findings = focus.view.project.analysis.diagnostics.iter();
    findings.any(|one| {
        let fix = one.certain_fix();
        fix.is_some_and(|fix| fix.edits.iter().all(|edit| edit.span.file == file))
    })
}

#[derive(Deserialize)]
struct Data {
    uri: String,
}

/// `codeAction/resolve`: all fixes, now that someone chose them.
pub(super) fn resolve(ask: &mut Ask<'_>) -> Answer {
    let mut action = ask.params.clone();
    let data = action.get("data").cloned().unwrap_or_default();
    if let Ok(Data { uri }) = serde_json::from_value(data)
        && action.get("kind").and_then(Value::as_str) == Some(FIX_ALL)
    {
        let edit = fixed(ask, &uri);
        if let Some(fields) = action.as_object_mut() {
            fields.insert("edit".to_owned(), edit);
        }
    }
    Ok(action)
}

/// The edit that applies every certain fix of a document.
fn fixed(ask: &Ask<'_>, address: &str) -> Value {
    let mut edits: Edits = BTreeMap::new();
    if let Some((focus, spec)) = ask.focus_and_spec(address) {
        let file = focus.view.page.file;
        let own = &focus.places.analysis.sources.file(file).name;
        let look = |texts: &Texts| ask.workspace.analysed(spec, None, texts).ok_or(());
        let made = editor::fix_all(&look, &|name| name == own);
        if let Some(new) = made.ok().and_then(|mut made| made.texts.remove(own)) {
            let (start, end, text) = difference(focus.view.text(), &new);
            let range = focus.places.range(focus.view.span(start, end));
            let edit = TextEdit {
                range,
                new_text: text.to_owned(),
            };
            edits.insert(address.to_owned(), vec![edit]);
        }
    }
    workspace_edit(ask, &edits)
}

/// The smallest piece that differs: where it begins and ends, and what is there in the new text.
fn difference<'a>(old: &str, new: &'a str) -> (usize, usize, &'a str) {
    let same = |(a, b): &((usize, char), (usize, char))| a.1 == b.1;
    let start = old
        .char_indices()
        .zip(new.char_indices())
        .take_while(same)
        .map(|((at, c), _)| at + c.len_utf8())
        .last()
        .unwrap_or(0);
    let (left, right) = (&old[start..], &new[start..]);
    let tail: usize = left
        .chars()
        .rev()
        .zip(right.chars().rev())
        .take_while(|(a, b)| a == b)
        .map(|(c, _)| c.len_utf8())
        .sum();
    (start, old.len() - tail, &new[start..new.len() - tail])
}

/// The edit of an action. In an `allow` the reason is a place to type in, if the editor has such places.
fn edit(ask: &Ask<'_>, focus: &Focus<'_>, action: &Action) -> Value {
    let mut edits: Edits = BTreeMap::new();
    add(focus, &action.edits, &mut edits);
    let mut made = workspace_edit(ask, &edits);
    if action.kind == ActionKind::Allow
        && ask.known.snippet_edits
        && let Some(edit) = made.pointer_mut("/documentChanges/0/edits/0")
        && let Some(snippet) = edit["newText"].as_str().and_then(with_reason)
    {
        *edit = json!({
            "range": edit["range"],
            "snippet": {"kind": "snippet", "value": snippet},
        });
    }
    made
}

/// A new `allow` as a snippet.
fn with_reason(text: &str) -> Option<String> {
    const BEFORE: &str = "reason = \"";
    let escape = |text: &str| {
        text.replace('\\', "\\\\")
            .replace('$', "\\$")
            .replace('}', "\\}")
    };
    let at = text.find(BEFORE)? + BEFORE.len();
    let end = at + text[at..].find('"')?;
    let (before, reason, after) = (&text[..at], &text[at..end], &text[end..]);
    Some(format!(
        "{}${{1:{}}}{}",
        escape(before),
        escape(reason),
        escape(after)
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kind_stands_for_those_below_it() {
        let only = |kinds: &[&str]| Context {
            only: Some(kinds.iter().map(|kind| (*kind).to_owned()).collect()),
        };
        assert!(Context::default().wants("quickfix"));
        assert!(only(&["refactor"]).wants("refactor.extract"));
        assert!(only(&["source.fixAll"]).wants(FIX_ALL) && only(&["source"]).wants(FIX_ALL));
        assert!(!only(&["refactor.ex", "quick"]).wants("refactor.extract"));
    }

    #[test]
    fn a_difference_is_as_small_as_it_can_be() {
        assert_eq!(difference("aéb", "aéxb"), (3, 3, "x"));
        assert_eq!(difference("aa", "a"), (1, 2, ""));
        assert_eq!(difference("", "x"), (0, 0, "x"));
        assert_eq!(difference("same", "same"), (4, 4, ""));
        assert_eq!(difference("a\u{301}", "e\u{301}"), (0, 1, "e"));
    }

    #[test]
    fn a_reason_is_a_place_to_type_in() {
        let made = with_reason("\nallow a/b { reason = \"why\" }\n");
        assert_eq!(
            made.as_deref(),
            Some("\nallow a/b { reason = \"${1:why}\" \\}\n")
        );
        assert_eq!(with_reason("x"), None);
    }
}
