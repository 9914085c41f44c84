//! The command line from outside.

mod canary;
mod card;
mod check;
mod codes;
mod commands;
mod compile;
mod examples;
mod existing;
mod existing_forms;
mod fix;
mod fmt;
mod gitlab;
mod graph;
mod names;
mod reading;
mod secrets;
mod seed;
mod tokens;
mod vendor;
mod why;
mod width;
mod written;

/// A small valid spec.
const GOOD: &str = include_str!("../../src/cli/init/minimal.pik");
