//! The language that specs, schemas and facts are written in, without any of its words: texts and places in them, findings, trees,
//! typed values, and what a schema makes of a text. The lower floors of the plan in `docs/architecture.md`.
//!
//! A crate of its own so that the build of `pikc` can read the standard library with it (`build.rs`), and a program need not
//! read it again each time it starts.

pub mod ast;
pub mod diagnostic;
pub mod library;
pub mod origin;
pub mod schema;
pub mod source;
pub mod syntax;
pub mod value;
