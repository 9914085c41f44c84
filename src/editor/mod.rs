//! What an editor asks about a spec: pure functions from a spec and a place in it to an answer.
//!
//! In: a [`Project`] (an analysis and the trees of its files) and a byte offset in one of them. Out: plain data with [`Span`]s and
//! Markdown. One file per question; none of them knows the protocol, keeps state, or reads a file. `lsp`, above, speaks the
//! protocol: it turns positions into offsets, and these answers into messages.
//!
//! [`Span`]: crate::source::Span

mod complete;
mod cursor;
mod hover;
mod inherited;
mod known;
mod missing;
mod project;
mod scan;
mod shelf;
mod standing;
mod topic;

pub use complete::{Completion, CompletionKind, Completions, Part, Snippet, complete};
pub use cursor::{Cursor, Place};
pub use hover::{Hover, hover};
pub use missing::missing_settings;
pub use project::{Page, Project, View};
pub use topic::{Topic, documentation};
