//! The language server: an editor's messages in, answers in the language server protocol out.
//!
//! In: a stream of messages. Out: the same `Analysis` as `check`, after every keystroke, and the answers of
//! [`editor`](crate::editor) as messages.
//!
//! ```text
//! stdin -wire-> main loop (documents, what is asked) -tasks-> worker (analyses, answers) -results-> main loop -wire-> stdout
//! ```
//!
//! The main loop owns the texts and never analyses; the worker owns
//! the analyses and never sees a message that it has not been handed. What the worker answers about a text that has changed in the
//! meantime is not sent.

mod answer;
mod client;
mod discover;
mod document;
mod findings;
mod outbox;
mod place;
mod places;
mod protocol;
mod reading;
mod roots;
mod server;
mod settings;
mod uri;
mod wire;
mod worker;
mod workspace;

pub use answer::{CommandLine, Order};
pub use server::{End, serve};
pub use settings::Settings;
