//! From a plan to text with an origin for each line.
//!
//! In: documents, templates with their values, lists of lines. Out: [`Rendered`]: the whole output
//! tree in memory. Nothing is written here, and nothing here knows what a cluster is.

mod assemble;
mod carrier;
mod content;
mod seed;
mod shell;
pub mod template;
mod text;
mod tree;
pub mod yaml;

use std::collections::BTreeMap;

use camino::Utf8PathBuf;

use crate::origin::Origin;

pub use assemble::{AssembleError, assemble};
pub use content::{Beginning, Content};
pub use text::{Text, TextBuilder, forbidden};
pub use tree::{Node, TreeError, Value};

/// The whole output tree, in memory, keyed by the path below the output folder.
#[derive(Clone, Debug, Default)]
pub struct Rendered {
    /// What stands at each path. Folders are implied.
    pub entries: BTreeMap<Utf8PathBuf, Entry>,
}

/// What stands at one path.
#[derive(Clone, Debug)]
pub enum Entry {
    /// A file.
    File(File),
    /// A relative symbolic link to this target.
    Link(Utf8PathBuf),
}

/// One file.
#[derive(Clone, Debug)]
pub struct File {
    /// What is in it.
    pub content: Content,
    /// The mode in the output folder: 0644, 0755, or 0600 for a file that holds a secret.
    pub mode: u32,
    /// Why each line behind a shared beginning is there; filled only when asked for (`why`, tests),
    /// else empty.
    pub lines: Vec<LineOrigin>,
}

impl File {
    /// Why each line is there, from the first on; nothing when nobody asked for it.
    pub fn origins(&self) -> impl Iterator<Item = &LineOrigin> {
        self.content.shared_lines().iter().chain(&self.lines)
    }
}

/// Why a line is there: the values in it and the decision that put it there. An empty set means
/// that the line is constant text of the artifact.
pub type LineOrigin = Vec<Origin>;
