//! Text in, a lossless tree and every syntax error out. The language itself is in `grammar/`.
//!
//! Reading never fails. The strict grammar reads a valid file alone. If it refuses a file, or `damaged` sees that it would, a grammar
//! that accepts any text splits the file into pieces, and `recover` works out what was meant: it
//! reports each mistake once, at its own place, and goes on. What it cannot interpret stays in the
//! tree as damage. No pest type leaves this folder.

mod damaged;
mod grammar;
mod problems;
mod recover;
mod scan;
mod settle;
mod tree;

pub use scan::{LIMITS, MAX_BYTES, MAX_DEPTH};
pub use settle::{removed, settle, settle_known, settled_edit};
pub use tree::{SyntaxKind, SyntaxNode, Tree};

use crate::diagnostic::{Descriptor, Diagnostics};
use crate::source::FileId;

use problems::Problems;
use tree::Builder;

/// All codes that this floor reports.
pub static CODES: &[&Descriptor] = &[
    &scan::INVISIBLE_CHARACTER,
    &scan::LIMITS,
    &recover::BLOCK_HEAD,
    &recover::EXTRA_COMMA,
    &recover::MISSING_COMMA,
    &recover::MISSING_EQUALS,
    &recover::MISSING_OPEN,
    &recover::MISSING_VALUE,
    &recover::NEEDS_QUOTES,
    &recover::SEVERAL_VALUES,
    &recover::STRAY_CLOSE,
    &recover::TWO_ON_ONE_LINE,
    &recover::UNCLOSED_BLOCK,
    &recover::UNCLOSED_LIST,
    &recover::UNCLOSED_STRING,
    &recover::UNEXPECTED,
    &recover::WRONG_QUOTES,
];

/// A file that has been read.
#[derive(Clone, Debug)]
pub struct Parsed {
    /// All of it, damage included.
    pub tree: Tree,
    /// What is wrong with it, in reading order.
    pub problems: Diagnostics,
}

/// Reads a file. Never fails: what cannot be read is reported and kept as damage.
pub fn parse(file: FileId, text: &str) -> Parsed {
    let mut problems = Problems::new(file);
    let tree = if scan::scan(text, &mut problems) {
        read(text, &mut problems)
    } else {
        unread(text)
    };
    Parsed {
        tree,
        problems: problems.finish(),
    }
}

fn read(text: &str, problems: &mut Problems) -> Tree {
    if problems.is_empty()
        && !damaged::is_surely_damaged(text)
        && let Some(tree) = grammar::strict(text)
    {
        return tree;
    }
    recover::read(text, problems)
}

/// The tree of a file that is not read at all: one piece of damage.
fn unread(text: &str) -> Tree {
    let mut builder = Builder::new();
    builder.leaf(
        SyntaxKind::Damage,
        0,
        u32::try_from(text.len()).unwrap_or(u32::MAX),
    );
    builder.finish(text.len())
}

#[cfg(test)]
mod cases;
#[cfg(test)]
mod tests;
