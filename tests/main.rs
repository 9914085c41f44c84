//! The tests from the user's view, in one program that is linked once. Each subject is a module; what they share is `support`.
//! `cargo test --test all SUBJECT::` runs those of one. README.md in this folder says what is tested where.

mod change;
mod cli;
mod cni;
mod corpus;
mod coverage;
mod docs;
mod editor;
mod existing;
mod explain;
mod extremes;
mod fixes;
mod floors;
mod format;
mod golden;
mod grammar;
mod house;
mod import;
mod lsp;
mod navigate;
mod random;
mod review;
mod robustness;
mod rules;
mod spec;
mod support;
mod systems;
mod tables;
mod types;
mod unwritable_values;
mod words;
