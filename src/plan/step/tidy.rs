//! Removes what is no longer wanted.

use super::{ClassView, Step};

pub(super) fn plan(_class: &ClassView<'_>) -> Option<Step> {
    Some(Step::new("90-tidy").asked("every run: what the spec no longer asks for", []))
}
