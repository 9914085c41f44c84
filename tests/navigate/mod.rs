//! What an editor asks about a spec, without a server: names and what stands for the same, the layout of a file, remarks, rewriting.

mod actions;
mod layout;
mod names;
mod properties;
mod world;
