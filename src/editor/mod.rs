//! What an editor asks about a spec: pure functions from a spec and a place in it to an answer.
//!
//! In: a [`Project`] (an analysis and the trees of its files) and a byte offset in one of them. Out: plain data with [`Span`]s and
//! Markdown. One file per question; none of them knows the protocol, keeps state, or reads a file. `lsp`, above, speaks the
//! protocol: it turns positions into offsets, and these answers into messages.
//!
//! [`Span`]: crate::source::Span

mod cursor;
mod project;
mod why;

pub use cursor::{Cursor, Place};
pub use project::{Page, Project, View};
pub use why::{Why, ends_up_in, why};
