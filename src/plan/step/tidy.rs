//! What is no longer wanted goes.

use super::{ClassView, Step};

pub(super) fn plan(_class: &ClassView<'_>) -> Option<Step> {
    Some(Step::new("90-tidy").asked("every run: whatever the spec no longer says", []))
}
