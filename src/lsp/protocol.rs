//! The messages of the language server protocol that this server reads and writes, as far as it uses them.
//!
//! What is read is read leniently: an editor's odd field must not cost an answer. What is written is checked by the tests against
//! types that are generated from the protocol's own model.

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// What went wrong with a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ErrorCode {
    ParseError,
    InvalidRequest,
    MethodNotFound,
    InvalidParams,
    InternalError,
    NotInitialized,
    ContentModified,
    Cancelled,
    Failed,
}

impl ErrorCode {
    pub(super) fn number(self) -> i32 {
        match self {
            Self::ParseError => -32700,
            Self::InvalidRequest => -32600,
            Self::MethodNotFound => -32601,
            Self::InvalidParams => -32602,
            Self::InternalError => -32603,
            Self::NotInitialized => -32002,
            Self::Failed => -32803,
            Self::ContentModified => -32801,
            Self::Cancelled => -32800,
        }
    }
}

/// A place in a document: a line, from 0, and units of the agreed encoding in it.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize,
)]
pub(super) struct Position {
    pub line: u32,
    pub character: u32,
}

#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize,
)]
pub(super) struct Range {
    pub start: Position,
    pub end: Position,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(super) struct Location {
    pub uri: String,
    pub range: Range,
}

/// The document that a request is about.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Document {
    pub uri: String,
}

/// `textDocument/didOpen`
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct DidOpen {
    pub text_document: Opened,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Opened {
    pub uri: String,
    #[serde(default)]
    pub version: i64,
    pub text: String,
}

/// `textDocument/didChange`
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct DidChange {
    pub text_document: Versioned,
    pub content_changes: Vec<Change>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Versioned {
    pub uri: String,
    #[serde(default)]
    pub version: Option<i64>,
}

/// A change of a piece of a document, or of all of it.
#[derive(Debug, Deserialize)]
pub(super) struct Change {
    #[serde(default)]
    pub range: Option<Range>,
    pub text: String,
}

/// `textDocument/didClose`, `textDocument/didSave`, and every request about a document as a whole.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct OfDocument {
    pub text_document: Document,
}

/// `workspace/didChangeWatchedFiles`
#[derive(Debug, Deserialize)]
pub(super) struct WatchedFiles {
    pub changes: Vec<Document>,
}

/// `workspace/didChangeWorkspaceFolders`
#[derive(Debug, Deserialize)]
pub(super) struct FoldersChanged {
    pub event: FoldersEvent,
}

#[derive(Debug, Deserialize)]
pub(super) struct FoldersEvent {
    #[serde(default)]
    pub added: Vec<Document>,
    #[serde(default)]
    pub removed: Vec<Document>,
}

/// A mark in a document.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Diagnostic {
    pub range: Range,
    pub severity: u8,
    pub code: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code_description: Option<Link>,
    pub source: &'static str,
    pub message: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<u8>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub related_information: Vec<Related>,
    #[serde(skip_serializing_if = "Value::is_null")]
    pub data: Value,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(super) struct Link {
    pub href: String,
}

/// A place that takes part in a finding, and its role.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(super) struct Related {
    pub location: Location,
    pub message: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct TextEdit {
    pub range: Range,
    pub new_text: String,
}
