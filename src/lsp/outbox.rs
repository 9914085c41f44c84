//! Messages on their way to the editor: they wait here, so that the main loop never waits for an editor that does not read.

use std::io::Write;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, Sender};

use serde_json::{Value, json};

use super::answer::Failure;
use super::wire::{self, Id};

/// Writes messages as they come, until no more can come or no one reads.
pub(super) fn write_all(mut output: impl Write, messages: &Receiver<Value>, state: &Outgoing) {
    for message in messages {
        let size = wire::weight(&message);
        if wire::write(&mut output, &message).is_err() {
            state.closed.store(true, Ordering::Relaxed);
            return;
        }
        state.waiting.fetch_sub(size, Ordering::Relaxed);
    }
}

/// What the main loop knows about the writer.
#[derive(Debug, Default)]
pub(super) struct Outgoing {
    /// How many bytes wait to be written, about.
    waiting: AtomicUsize,
    /// Whether no one reads any more.
    closed: AtomicBool,
}

/// Where messages go.
pub(super) struct Out {
    messages: Sender<Value>,
    state: Arc<Outgoing>,
    /// How many requests the server itself has made.
    asked: u64,
}

impl Out {
    pub(super) fn new(messages: Sender<Value>, state: Arc<Outgoing>) -> Self {
        Self {
            messages,
            state,
            asked: 0,
        }
    }

    /// How many bytes wait to be written, about.
    pub(super) fn waiting(&self) -> usize {
        self.state.waiting.load(Ordering::Relaxed)
    }

    /// Whether no one reads any more.
    pub(super) fn is_closed(&self) -> bool {
        self.state.closed.load(Ordering::Relaxed)
    }

    pub(super) fn send(&self, message: Value) {
        let size = wire::weight(&message);
        self.state.waiting.fetch_add(size, Ordering::Relaxed);
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
