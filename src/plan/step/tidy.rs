//! What is no longer wanted goes.

use super::{Class, Step};

pub(super) fn plan(_class: &Class<'_>) -> Option<Step> {
    Some(Step::new("90-tidy").asked("every run: whatever the spec no longer says", []))
}
