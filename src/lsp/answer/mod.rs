//! Requests and their answers: one file for each family of requests.

mod actions;
mod ask;
mod commands;
mod edits;
mod formatting;
mod generated;
mod layout;
mod marks;
mod names;
mod typing;
mod why;

use serde_json::{Value, json};

use ask::{Answer, Ask};
pub use ask::{CommandLine, Order};
pub(super) use ask::{Failure, Known};
pub(super) use commands::COMMANDS;

use super::protocol::ErrorCode;
use super::workspace::Workspace;

/// A request with a bug.
#[cfg(test)]
pub(super) const PANIC: &str = "test/panic";

/// What answers a request.
type Answers = fn(&mut Ask<'_>) -> Answer;

/// Every request that the worker answers.
const REQUESTS: &[(&str, Answers)] = &[
    #[cfg(test)]
    (PANIC, |_| panic!("on purpose")),
    ("codeAction/resolve", actions::resolve),
    ("completionItem/resolve", typing::resolve),
    ("pikc/changes", generated::changes),
    ("pikc/outputTree", generated::tree),
    ("pikc/textDocumentContent", generated::content),
    ("pikc/why", why::why),
    ("textDocument/codeAction", actions::actions),
    ("textDocument/codeLens", layout::lenses),
    ("textDocument/completion", typing::complete),
    ("textDocument/definition", names::definition),
    ("textDocument/diagnostic", marks::of_document),
    ("textDocument/documentHighlight", names::highlight),
    ("textDocument/documentLink", layout::links),
    ("textDocument/documentSymbol", layout::symbols),
    ("textDocument/foldingRange", layout::folds),
    ("textDocument/formatting", formatting::whole),
    ("textDocument/hover", typing::hover),
    ("textDocument/inlayHint", layout::hints),
    ("textDocument/onTypeFormatting", formatting::on_type),
    ("textDocument/prepareRename", names::prepare),
    ("textDocument/rangeFormatting", formatting::range),
    ("textDocument/references", names::references),
    ("textDocument/rename", names::rename),
    ("textDocument/selectionRange", layout::selections),
    ("textDocument/semanticTokens/full", layout::tokens),
    ("textDocument/semanticTokens/range", layout::tokens),
    ("workspace/diagnostic", marks::of_workspace),
    ("workspace/executeCommand", commands::execute),
    ("workspace/symbol", layout::search),
    ("workspace/textDocumentContent", generated::content),
];

/// What the server offers of them.
pub(super) fn offered() -> Value {
    json!({
        "codeActionProvider": {"codeActionKinds": actions::KINDS, "resolveProvider": true},
        "codeLensProvider": {},
        "completionProvider": {
            "triggerCharacters": typing::TRIGGERS,
            "resolveProvider": true,
        },
        "definitionProvider": true,
        "documentFormattingProvider": true,
        "documentHighlightProvider": true,
        "documentLinkProvider": {},
        "documentOnTypeFormattingProvider": {
            "firstTriggerCharacter": formatting::FIRST_TRIGGER,
            "moreTriggerCharacter": formatting::TRIGGERS,
        },
        "documentRangeFormattingProvider": true,
        "documentSymbolProvider": true,
        "foldingRangeProvider": true,
        "hoverProvider": true,
        "inlayHintProvider": true,
        "referencesProvider": true,
        "renameProvider": {"prepareProvider": true},
        "selectionRangeProvider": true,
        "semanticTokensProvider": {
            "legend": {
                "tokenTypes": layout::TOKEN_TYPES,
                "tokenModifiers": layout::TOKEN_MODIFIERS,
            },
            "full": true,
            "range": true,
        },
        "workspaceSymbolProvider": true,
    })
}

/// Whether a request is about every spec, those included that no one has open.
pub(super) fn is_about_all(method: &str) -> bool {
    const ALL: &[&str] = &[
        "textDocument/references",
        "textDocument/rename",
        "workspace/symbol",
    ];
    ALL.contains(&method)
}

/// Whether there is such a request.
pub(super) fn is_known(method: &str) -> bool {
    REQUESTS.iter().any(|(name, _)| *name == method)
}

/// Answers a request from the analyses.
pub(super) fn answer(
    workspace: &Workspace,
    known: &mut Known,
    method: &str,
    params: &Value,
) -> Answer {
    let found = REQUESTS.iter().find(|(name, _)| *name == method);
    let Some((_, answer)) = found else {
        return Err(Failure::new(ErrorCode::MethodNotFound, "no such request"));
    };
    answer(&mut Ask {
        workspace,
        known,
        params,
    })
}
