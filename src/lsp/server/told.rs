//! What comes back from the worker, and what of it the editor is sent.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde_json::{Value, json};

use super::{Server, State};
use crate::lsp::worker::Told;
use crate::lsp::workspace::Marks;

impl Server {
    pub(super) fn told(&mut self, told: Told) {
        match told {
            Told::Idle => {
                if std::mem::take(&mut self.stale) {
                    for address in self.contents.clone() {
                        let params = json!({"uri": address});
                        self.out
                            .ask("workspace/textDocumentContent/refresh", params);
                    }
                }
                if let Some((_, true)) = self.busy.take() {
                    let value = json!({"kind": "end"});
                    self.out
                        .notify("$/progress", json!({"token": self.token(), "value": value}));
                }
            }
            Told::Answer(id, answer) => {
                if self.pending.remove(&id).is_some() {
                    self.out.answer(&id, answer);
                }
            }
            Told::Message(message) => {
                self.out
                    .notify("window/showMessage", json!({"type": 3, "message": message}));
            }
            Told::Marks {
                marks,
                editions,
                problem,
            } => {
                if self.problem != problem {
                    if let Some(problem) = &problem {
                        self.say(problem);
                    }
                    self.problem = problem;
                }
                self.show(marks, &editions);
            }
        }
    }

    fn token(&self) -> String {
        format!("pikc-work-{}", self.progress)
    }

    pub(super) fn show_progress(&mut self) {
        if let Some((_, shown)) = &mut self.busy {
            *shown = true;
        }
        self.progress += 1;
        let token = self.token();
        self.out
            .ask("window/workDoneProgress/create", json!({"token": token}));
        let value = json!({"kind": "begin", "title": "pikc: checking specs"});
        self.out
            .notify("$/progress", json!({"token": token, "value": value}));
    }

    /// Sends the marks that differ from those that the editor shows.
    fn show(&mut self, marks: Marks, editions: &BTreeMap<String, u64>) {
        if self.state != State::Running {
            return;
        }
        let none = Arc::new(Vec::new());
        let known: BTreeSet<String> = self.shown.keys().chain(marks.keys()).cloned().collect();
        let mut others = false;
        for address in known {
            let open = self.now.documents.get(&address);
            // Typed in since: its marks follow.
            if open.map(|document| document.edition) != editions.get(&address).copied() {
                continue;
            }
            let new = marks.get(&address);
            let old = self.shown.get(&address);
            let is_news = match (old, new) {
                (Some(old), Some(new)) => old != new,
                (None, Some(new)) => open.is_some() || !new.is_empty(),
                (Some(old), None) => !old.is_empty(),
                (None, None) => false,
            };
            match new {
                Some(new) => self.shown.insert(address.clone(), Arc::clone(new)),
                None => self.shown.remove(&address),
            };
            if !is_news {
                continue;
            }
            if self.client.pull {
                others |= !self.typed.contains(&address);
                continue;
            }
            let mut params = json!({"uri": address, "diagnostics": **new.unwrap_or(&none)});
            if let Some(document) = open {
                params["version"] = json!(document.version);
            }
            self.out.notify("textDocument/publishDiagnostics", params);
        }
        self.typed.clear();
        if others {
            self.out.ask("workspace/diagnostic/refresh", Value::Null);
        }
    }
}
