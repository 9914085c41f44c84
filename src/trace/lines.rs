//! From a place in a spec to the lines that it takes part in, each file of its own.

use std::ops::Range;

use crate::origin::Origin;
use crate::render::{Entry, Rendered};
use crate::source::Span;

/// Lines of a file of the output that a place takes part in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MadeLines {
    /// The file, below the output folder.
    pub path: String,
    /// Runs of lines, counted from 1.
    pub lines: Vec<Range<usize>>,
}

/// The lines of a tree that something within a span takes part in, in the order of files. The tree must have its origins
/// ([`compile`](crate::compile) with `keep_lines`).
pub fn lines_made_by(rendered: &Rendered, span: Span) -> Vec<MadeLines> {
    let mut made = Vec::new();
    for (path, entry) in rendered.entries() {
        let Entry::File(file) = entry else { continue };
        let mut lines: Vec<Range<usize>> = Vec::new();
        for (index, origins) in file.origins().enumerate() {
            let number = index + 1;
            if !origins.iter().any(|origin| comes_from(origin, span)) {
                continue;
            }
            match lines.last_mut() {
                Some(last) if last.end == number => last.end += 1,
                _ => lines.push(number..number + 1),
            }
        }
        if !lines.is_empty() {
            made.push(MadeLines {
                path: path.clone(),
                lines,
            });
        }
    }
    made
}

/// Whether a place within a span takes part in an origin.
pub(super) fn comes_from(origin: &Origin, span: Span) -> bool {
    match origin {
        Origin::Written(place) | Origin::Default(place) => {
            place.file == span.file
                && place.start < span.end
                && span.start < place.end
                && (span.start <= place.start && place.end <= span.end
                    || place.start <= span.start && span.end <= place.end)
        }
        Origin::Derived { from, .. } | Origin::Secret(from) => {
            from.iter().any(|origin| comes_from(origin, span))
        }
    }
}
