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

use std::cmp::Ordering;

use camino::Utf8PathBuf;
use indexmap::IndexMap;

use crate::origin::Origin;

pub use assemble::{AssembleError, assemble};
pub use carrier::PACKED_FILES;
pub use content::{Beginning, Content};
pub use text::{Text, TextBuilder, first_forbidden, forbidden};
pub use tree::{TreeError, Value, ValueNode};

/// What is at each path below the output folder. Folders are implied. The keys are plain paths, as text: as paths they
/// would be split each time one is looked up.
pub type Entries = IndexMap<String, Entry>;

/// The whole output tree, in memory.
#[derive(Clone, Debug, Default)]
pub struct Rendered {
    entries: Entries,
}

impl Rendered {
    /// A tree of these entries.
    pub fn new(mut entries: Entries) -> Self {
        let key = |byte| if byte == b'/' { 0 } else { byte };
        entries.sort_by_cached_key(|path, _| path.bytes().map(key).collect::<Vec<u8>>());
        Self { entries }
    }

    /// What is at each path, in the order of paths: what is below a folder follows it at once.
    pub fn entries(&self) -> &Entries {
        &self.entries
    }
}

impl FromIterator<(Utf8PathBuf, Entry)> for Rendered {
    fn from_iter<T: IntoIterator<Item = (Utf8PathBuf, Entry)>>(entries: T) -> Self {
        let entries = entries.into_iter();
        Self::new(
            entries
                .map(|(path, entry)| (path.into_string(), entry))
                .collect(),
        )
    }
}

/// The order of plain paths, as [`Utf8Path`](camino::Utf8Path) has it: by component; in a tenth of the time.
pub fn by_components(one: &str, other: &str) -> Ordering {
    let (one, other) = (one.as_bytes(), other.as_bytes());
    let same = one.iter().zip(other).take_while(|(a, b)| a == b).count();
    let key = |byte: Option<&u8>| byte.map(|byte| if *byte == b'/' { 0 } else { *byte });
    key(one.get(same)).cmp(&key(other.get(same)))
}

/// What is at one path.
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
    /// Why each line after a shared beginning is there; filled only when asked for (`why`, tests),
    /// else empty.
    pub lines: Vec<LineOrigin>,
}

impl File {
    /// Why each line is there, from the first on; nothing if origins were not kept.
    pub fn origins(&self) -> impl Iterator<Item = &LineOrigin> {
        self.content.shared_lines().iter().chain(&self.lines)
    }
}

/// Why a line is there: the values in it and the decision that put it there. An empty set means
/// that the line is constant text of the artifact.
pub type LineOrigin = Vec<Origin>;

#[cfg(test)]
mod tests {
    use camino::Utf8Path;

    use super::*;

    #[test]
    fn the_order_is_that_of_paths() {
        let paths = [
            "a", "a/b", "a/b/c", "a-b", "a.b/c", "a0", "b", "aa/a", "é/a", "a\u{1}/b",
        ];
        for one in paths {
            for other in paths {
                let wanted = Utf8Path::new(one).cmp(Utf8Path::new(other));
                assert_eq!(by_components(one, other), wanted, "{one} {other}");
            }
        }
        let link = |path: &str| (path.into(), Entry::Link("x".into()));
        let tree: Rendered = paths.map(link).into_iter().collect();
        let mut sorted = paths.map(Utf8Path::new);
        sorted.sort();
        assert!(
            tree.entries()
                .keys()
                .eq(sorted.iter().map(|path| path.as_str()))
        );
    }
}
