//! All decisions as pure data: what is written where, with which values, and why.
//!
//! In: a checked model and the library. Out: documents, steps and files for `render` to turn into
//! text. Nothing here makes text.

pub mod document;
