//! What an editor asks about a spec, without a server: names and what stands for the same, the outline, tokens, edits.

mod names;
mod properties;
mod world;
