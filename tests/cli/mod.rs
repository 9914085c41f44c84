//! The command line from outside.

mod canary;
mod card;
mod check;
mod codes;
mod commands;
mod compile;
mod existing;
mod existing_forms;
mod fix;
mod fmt;
mod gitlab;
mod names;
mod reading;
mod seed;
mod tokens;
mod vendor;
mod written;

/// A small valid spec.
const GOOD: &str = include_str!("../../src/cli/init/minimal.pik");
