//! What an editor asks about a spec: pure functions from a spec and a place in it to an answer.
//!
//! In: a [`Project`] (an analysis and the trees of its files) and a byte offset in one of them. Out: plain data with [`Span`]s and
//! Markdown. One file per question; none of them knows the protocol, keeps state, or reads a file. `lsp`, above, speaks the
//! protocol: it turns positions into offsets, and these answers into messages.
//!
//! [`Span`]: crate::source::Span

mod actions;
mod complete;
mod cursor;
mod fix_all;
mod fold;
mod hints;
mod hover;
mod inherited;
mod known;
mod lenses;
mod links;
mod missing;
mod names;
mod navigate;
mod outline;
mod project;
mod rename;
mod scan;
mod select;
mod shelf;
mod standing;
mod tokens;
mod topic;

pub use actions::{Action, ActionKind, Ask, actions};
pub use complete::{Completion, CompletionKind, Completions, Part, Snippet, complete};
pub use cursor::{Cursor, Place};
pub use fix_all::{Fixed, Texts, fix_all};
pub use fold::{Fold, FoldKind, folds};
pub use hints::{Hint, hints};
pub use hover::{Hover, hover};
pub use known::explained;
pub use lenses::{Lens, LensCommand, lenses};
pub use links::{Link, LinkTarget, links};
pub use missing::missing_settings;
pub use names::{Definition, Mention, NameKind, Names};
pub use navigate::{Deed, Target, definition, highlight, references};
pub use outline::{Entry, Found, OutlineKind, outline, search};
pub use project::{Page, Project, View};
pub use rename::{prepare_rename, rename};
pub use select::selections;
pub use tokens::{Modifiers, Token, TokenKind, tokens};
pub use topic::{Topic, documentation};
