//! The picture of a cluster: its network, its machines grouped by what they are, its ranges and how its API is reached.
//!
//! In: a model. Out: a [`Picture`] as plain data, and that as SVG, Mermaid, Graphviz or characters. `pikc graph`, the runbook and the
//! review page show the same one. It has as many boxes as there are kinds of machine, so a thousand machines are as easy to read as four.

mod boxes;
mod data;
mod dot;
mod mermaid;
mod svg;
mod text;

pub use data::{Machines, Picture, picture};
pub use dot::dot;
pub use mermaid::mermaid;
pub use svg::svg;
pub use text::text;
