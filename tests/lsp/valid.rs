//! Whether what the server writes is the protocol: types that are generated from its own model read every answer, and write the same again.

use gen_lsp_types::{self as lsp, Notification, Request};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

/// Reads a value as a type and writes it again: a field that the protocol does not have would be lost.
#[track_caller]
fn same<T: DeserializeOwned + Serialize>(what: &str, value: &Value) {
    let read: T = serde_json::from_value(value.clone())
        .unwrap_or_else(|error| panic!("{what}: {error}\n{value:#}"));
    let mut written = serde_json::to_value(&read).expect("types become JSON");
    let mut value = value.clone();
    for one in [&mut written, &mut value] {
        plain(one);
    }
    assert_eq!(written, value, "{what}");
}

/// Without what may be left out: null in an object, and the difference between 1 and 1.0.
fn plain(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            fields.retain(|_, value| !value.is_null());
            fields.values_mut().for_each(plain);
            fields.sort_keys();
        }
        Value::Array(items) => items.iter_mut().for_each(plain),
        _ => {}
    }
}

fn result<R: Request>(value: &Value) {
    same::<R::Result>(R::METHOD.as_str(), value);
}

fn params<N: Notification>(value: &Value) {
    same::<N::Params>(N::METHOD.as_str(), value);
}

/// Checks the result of a request. False if the request is none of the protocol's.
#[track_caller]
pub fn answer(method: &str, value: &Value) -> bool {
    macro_rules! of {
        ($($request:ident)*) => {
            $(if method == lsp::$request::METHOD.as_str() {
                result::<lsp::$request>(value);
                return true;
            })*
        };
    }
    of!(InitializeRequest ShutdownRequest CompletionRequest CompletionResolveRequest HoverRequest DefinitionRequest
        ReferencesRequest DocumentHighlightRequest DocumentSymbolRequest CodeActionRequest CodeActionResolveRequest
        WorkspaceSymbolRequest CodeLensRequest DocumentLinkRequest DocumentFormattingRequest DocumentRangeFormattingRequest
        DocumentOnTypeFormattingRequest RenameRequest PrepareRenameRequest ExecuteCommandRequest FoldingRangeRequest
        SelectionRangeRequest SemanticTokensRequest SemanticTokensRangeRequest InlayHintRequest DocumentDiagnosticRequest
        WorkspaceDiagnosticRequest TextDocumentContentRequest);
    assert!(method.starts_with("pikc/"), "nothing checks {method}");
    false
}

/// Checks a notification or a request of the server.
#[track_caller]
pub fn message(method: &str, value: &Value) {
    match method {
        "textDocument/publishDiagnostics" => params::<lsp::PublishDiagnosticsNotification>(value),
        "window/showMessage" => params::<lsp::ShowMessageNotification>(value),
        "$/progress" => params::<lsp::ProgressNotification>(value),
        "client/registerCapability" => {
            same::<<lsp::RegistrationRequest as Request>::Params>(method, value);
        }
        "workspace/configuration" => {
            same::<<lsp::ConfigurationRequest as Request>::Params>(method, value);
        }
        "window/workDoneProgress/create" => {
            same::<<lsp::WorkDoneProgressCreateRequest as Request>::Params>(method, value);
        }
        "workspace/textDocumentContent/refresh" => {
            same::<<lsp::TextDocumentContentRefreshRequest as Request>::Params>(method, value);
        }
        "workspace/diagnostic/refresh" => assert_eq!(value, &Value::Null),
        other => panic!("nothing checks {other}"),
    }
}
