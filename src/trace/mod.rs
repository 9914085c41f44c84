//! Why the output is as it is, in both directions: from a line to its reasons, and from a place in the spec to what it makes.
//!
//! In: a tree that was compiled with the origins of its lines, and a place in it or in the spec. Out: plain data with
//! [`Span`](crate::source::Span)s. The editor, the review and `pikc why` all answer from this; none of them walks through origins itself.

mod hidden;
mod lines;
mod machines;
mod made;
mod place;
mod reasons;
mod summary;
mod why;

pub use hidden::{Hidden, Veil};
pub use lines::{MadeLines, lines_made_by};
pub use machines::Machines;
pub use made::{Made, MadeGroup, MadeLine, Other, Part, made};
pub use place::{column, line, spec_file};
pub use reasons::{Reasons, reasons};
pub use summary::{Counted, Kinds, StepUse, Summary, summary};
pub use why::{Why, why};
