//! The language that specs, schemas and facts are written in, without its vocabulary: texts and places in them, findings,
//! trees, typed values, and how a schema reads a text. The lower floors of `docs/architecture.md`.
//!
//! A separate crate, so that the build of `pikc` can read the standard library with it (`build.rs`) and the program need not
//! read the library again at every start.

// What pest generates names this crate: pest is used without its `std`, which would measure the stack at every step. The depth of a
// text is limited before it is parsed (`syntax::MAX_DEPTH`).
extern crate alloc;

pub mod ast;
pub mod diagnostic;
pub mod library;
pub mod origin;
pub mod schema;
pub mod source;
pub mod syntax;
pub mod value;
