//! What an editor asks about a spec: pure functions from a spec and a place in it to an answer.
//!
//! In: a [`Project`] (an analysis and the trees of its files) and a byte offset in one of them. Out: plain data with [`Span`]s and
//! Markdown. One file per question; none of them knows the protocol, keeps state, or reads a file. `lsp`, above, speaks the
//! protocol: it turns positions into offsets, and these answers into messages.
//!
//! [`Span`]: crate::source::Span

mod actions;
mod cursor;
mod fix_all;
mod fold;
mod hints;
mod lenses;
mod links;
mod names;
mod navigate;
mod outline;
mod project;
mod rename;
mod select;
mod tokens;
mod trace;

pub use actions::{Action, ActionKind, Ask, actions};
pub use cursor::{Cursor, Place};
pub use fix_all::{Fixed, Texts, fix_all};
pub use fold::{Fold, FoldKind, folds};
pub use hints::{Hint, hints};
pub use lenses::{Lens, LensCommand, lenses};
pub use links::{Link, LinkTarget, links};
pub use names::{Definition, Mention, NameKind, Names};
pub use navigate::{Deed, Target, definition, highlight, references};
pub use outline::{Entry, Found, OutlineKind, outline, search};
pub use project::{Page, Project, View};
pub use rename::{prepare_rename, rename};
pub use select::selections;
pub use tokens::{Modifiers, Token, TokenKind, tokens};
pub use trace::{MadeLines, Reasons, lines_made_by, reasons};
