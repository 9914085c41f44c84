//! The lines of the result, before what is in them is aligned.

use std::ops::Range;

use crate::syntax::SyntaxNode;

/// A part of a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Piece {
    /// A piece of the text, as it is.
    Copy(Range<usize>),
    /// A mark, or the white space next to one.
    Mark(&'static str),
    /// So many blanks.
    Pad(usize),
}

impl Piece {
    /// The text of a node.
    pub(super) fn of(node: &SyntaxNode) -> Self {
        Self::Copy(place(node))
    }
}

/// Where a node is in its text.
pub(super) fn place(node: &SyntaxNode) -> Range<usize> {
    node.start as usize..node.end as usize
}

/// Where a comment is, without the blanks at its end.
pub(super) fn place_of_comment(text: &str, comment: &SyntaxNode) -> Range<usize> {
    let range = place(comment);
    let text = text[range.clone()].trim_end_matches([' ', '\t']);
    range.start..range.start + text.len()
}

/// What a line holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sort {
    /// Something that this program laid out.
    Laid,
    /// A damaged piece, copied with its indentation.
    Damaged,
    /// What is between `# fmt: off` and `# fmt: on`, copied with its indentation.
    Off,
}

/// A line of the result, or several that are copied.
#[derive(Clone, Debug)]
pub(super) struct Line {
    pub(super) sort: Sort,
    /// Whether an empty line is before it.
    pub(super) blank: bool,
    /// How many blocks and lists it is in.
    pub(super) depth: usize,
    pub(super) pieces: Vec<Piece>,
    /// The comment at its end.
    pub(super) comment: Option<Range<usize>>,
}

impl Line {
    pub(super) fn new(depth: usize, pieces: Vec<Piece>) -> Self {
        Self {
            sort: Sort::Laid,
            blank: false,
            depth,
            pieces,
            comment: None,
        }
    }

    /// What is copied with its indentation.
    pub(super) fn copied(sort: Sort, range: Range<usize>) -> Self {
        Self {
            sort,
            ..Self::new(0, vec![Piece::Copy(range)])
        }
    }
}
