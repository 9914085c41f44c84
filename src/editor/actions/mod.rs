//! What an editor can do at a place: fix a finding, allow it, and rewrite the spec without changing what it means.

mod allow;
mod constants;
mod edit;
mod fixes;
mod layout;
mod nodes;
mod profiles;
mod quotes;

use std::ops::Range;

use super::fix_all::Texts;
use super::project::View;
use crate::Analysis;
use crate::source::Span;

/// Something that an editor offers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Action {
    /// What it does, as a command: "write `pi-4b-4g`".
    pub title: String,
    /// What sort of thing it is.
    pub kind: ActionKind,
    /// Whether it can be applied without asking.
    pub certain: bool,
    /// The codes of the findings that it settles, each with its place.
    pub settles: Vec<(&'static str, Span)>,
    /// The replacements, in any file of the spec; no two meet.
    pub edits: Vec<(Span, String)>,
}

/// The sort of an action.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ActionKind {
    /// The edit that a finding carries.
    Fix,
    /// An `allow` for a finding.
    Allow,
    /// Settings get a place of their own: a profile, a constant.
    Extract,
    /// The reverse.
    Inline,
    /// The same, written in another way.
    Rewrite,
}

/// Reads the spec again with other texts of its files: to see what an edit would do.
pub type Ask<'a> = &'a dyn Fn(&Texts) -> Option<Analysis>;

/// What can be done in a range of bytes of a file.
pub fn actions(view: &View<'_>, range: Range<usize>, ask: Ask<'_>) -> Vec<Action> {
    let at = edit::Place::new(view, range);
    let mut found = fixes::offered(&at);
    found.extend(allow::offered(&at, ask));
    // What could not be read could be lost.
    if at.is_sound() {
        found.extend(profiles::offered(&at));
        found.extend(constants::offered(&at));
        found.extend(nodes::offered(&at));
        found.extend(layout::offered(&at));
        found.extend(quotes::offered(&at));
    }
    found
}
