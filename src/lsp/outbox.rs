//! Messages on their way to the editor: they wait here, so that the main loop never waits for an editor that does not read.

use std::io::Write;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, Sender};

use serde_json::{Value, json};

use super::answer::Failure;
use super::wire::{self, Id};

/// Writes messages as they come, until no more can come or no one reads.
pub(super) fn write_all(mut output: impl Write, messages: &Receiver<Value>, waiting: &AtomicUsize) {
    for message in messages {
        let size = weight(&message);
        if wire::write(&mut output, &message).is_err() {
            return;
        }
        waiting.fetch_sub(size, Ordering::Relaxed);
    }
}

/// About how many bytes a value takes.
fn weight(value: &Value) -> usize {
    match value {
        Value::Null | Value::Bool(_) | Value::Number(_) => 16,
        Value::String(text) => 16 + text.len(),
        Value::Array(items) => 16 + items.iter().map(weight).sum::<usize>(),
        Value::Object(fields) => {
            let field = |(name, value): (&String, &Value)| 32 + name.len() + weight(value);
            16 + fields.iter().map(field).sum::<usize>()
        }
    }
}

/// Where messages go.
pub(super) struct Out {
    messages: Sender<Value>,
    waiting: Arc<AtomicUsize>,
    /// How many requests the server itself has made.
    asked: u64,
}

impl Out {
    pub(super) fn new(messages: Sender<Value>, waiting: Arc<AtomicUsize>) -> Self {
        Self {
            messages,
            waiting,
            asked: 0,
        }
    }

    /// How many bytes wait to be written, about.
    pub(super) fn waiting(&self) -> usize {
        self.waiting.load(Ordering::Relaxed)
    }

    pub(super) fn send(&self, message: Value) {
        self.waiting.fetch_add(weight(&message), Ordering::Relaxed);
        let _ = self.messages.send(message);
    }

    pub(super) fn answer(&self, id: &Id, answer: Result<Value, Failure>) {
        let id = id.json();
        self.send(match answer {
            Ok(result) => json!({"jsonrpc": "2.0", "id": id, "result": result}),
            Err(failure) => json!({"jsonrpc": "2.0", "id": id, "error": failure.json()}),
        });
    }

    pub(super) fn notify(&self, method: &str, params: Value) {
        self.send(json!({"jsonrpc": "2.0", "method": method, "params": params}));
    }

    pub(super) fn ask(&mut self, method: &str, params: Value) -> Id {
        self.asked += 1;
        let id = Id::Text(format!("pikc-{}", self.asked));
        self.send(json!({"jsonrpc": "2.0", "id": id.json(), "method": method, "params": params}));
        id
    }
}
