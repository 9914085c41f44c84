//! What the editor tells: documents, files, folders, settings.

use camino::Utf8PathBuf;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::Server;
use crate::lsp::document::Document;
use crate::lsp::protocol::{
    self, DidChange, DidOpen, ErrorCode, FoldersChanged, OfDocument, WatchedFiles,
};
use crate::lsp::uri;
use crate::lsp::wire::Id;

impl Server {
    pub(super) fn notified(&mut self, method: &str, params: Value) {
        match method {
            "initialized" => self.initialized(),
            "$/cancelRequest" => {
                let id = match params.get("id") {
                    Some(Value::String(text)) => Some(Id::Text(text.clone())),
                    Some(number) => number.as_i64().map(Id::Number),
                    None => None,
                };
                self.drop_pending(
                    |(known, _)| Some(known) == id.as_ref(),
                    ErrorCode::Cancelled,
                );
            }
            "textDocument/didOpen" => {
                let Some(DidOpen { text_document: new }) = parsed(method, params) else {
                    return;
                };
                self.edition += 1;
                let document = Document::new(new.version, self.edition, new.text);
                self.now.documents.insert(new.uri.clone(), document);
                self.changed(&new.uri);
                self.reread();
            }
            "textDocument/didChange" => self.did_change(method, params),
            "textDocument/didClose" => {
                if let Some(OfDocument { text_document }) = parsed(method, params) {
                    self.now.documents.remove(&text_document.uri);
                    self.changed(&text_document.uri);
                    self.reread();
                }
            }
            "textDocument/didSave" => self.reread(),
            "workspace/didChangeWatchedFiles" => {
                let watched: Option<WatchedFiles> = parsed(method, params);
                if watched.is_some_and(|all| !all.changes.is_empty()) {
                    self.reread();
                }
            }
            "workspace/didChangeWorkspaceFolders" => {
                if let Some(FoldersChanged { event }) = parsed(method, params) {
                    let path = |one: &protocol::Document| uri::path(&one.uri);
                    let gone: Vec<Utf8PathBuf> = event.removed.iter().filter_map(path).collect();
                    self.now.folders.retain(|folder| !gone.contains(folder));
                    for added in event.added.iter().filter_map(path) {
                        if !self.now.folders.contains(&added) {
                            self.now.folders.push(added);
                        }
                    }
                    self.reread();
                }
            }
            "workspace/didChangeConfiguration" => {
                let settings = params.get("settings").unwrap_or(&Value::Null);
                if settings.is_object() {
                    self.set(&settings.clone());
                } else {
                    self.ask_settings();
                }
            }
            _ => {}
        }
    }

    fn initialized(&mut self) {
        if self.client.watch {
            let watchers = json!([{"globPattern": "**/*.{pik,yaml,yml,json,j2}"}]);
            self.out.ask(
                "client/registerCapability",
                json!({"registrations": [{
                    "id": "files",
                    "method": "workspace/didChangeWatchedFiles",
                    "registerOptions": {"watchers": watchers},
                }]}),
            );
        }
        self.ask_settings();
    }

    fn ask_settings(&mut self) {
        if self.client.configuration {
            let items = json!({"items": [{"section": "pikc"}]});
            self.configuration = Some(self.out.ask("workspace/configuration", items));
        }
    }

    fn did_change(&mut self, method: &str, params: Value) {
        let Some(DidChange {
            text_document,
            content_changes,
        }) = parsed(method, params)
        else {
            return;
        };
        self.edition += 1;
        let Some(document) = self.now.documents.get_mut(&text_document.uri) else {
            log::warn!("a change of a document that is not open");
            return;
        };
        let encoding = self.client.encoding;
        document.change(&content_changes, self.edition, encoding);
        if let Some(version) = text_document.version {
            document.version = version;
        }
        self.changed(&text_document.uri);
        self.look();
    }

    /// A document has another text: what was asked about the one before is no longer of use.
    fn changed(&mut self, address: &str) {
        self.typed.insert(address.to_owned());
        self.drop_pending(
            |(_, pending)| pending.address.as_deref() == Some(address),
            ErrorCode::ContentModified,
        );
    }

    /// Takes settings over; the editor is told what cannot be read.
    pub(super) fn set(&mut self, value: &Value) {
        let (settings, wrong) = self.base.changed(value);
        for problem in wrong {
            self.say(&problem);
        }
        self.now.settings = settings.within(self.now.folders.first().map(|path| path.as_path()));
        self.look();
    }

    pub(super) fn say(&self, problem: &str) {
        let message = format!("pikc: {problem}");
        self.out
            .notify("window/showMessage", json!({"type": 2, "message": message}));
    }

    /// Files on the disk may have changed.
    fn reread(&mut self) {
        self.now.disk += 1;
        self.look();
    }
}

/// The parameters of a notification; one that cannot be read is skipped.
fn parsed<T: DeserializeOwned>(method: &str, params: Value) -> Option<T> {
    match serde_json::from_value(params) {
        Ok(params) => Some(params),
        Err(error) => {
            log::warn!("{method}: {error}");
            None
        }
    }
}
