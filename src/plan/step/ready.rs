//! The cluster says that the node is ready.

use super::{Class, Step};

pub(super) fn plan(class: &Class<'_>) -> Option<Step> {
    let role = class.settings.role.as_ref()?;
    Some(Step::new("78-ready").asked(
        format!("role = {}", class.role.word()),
        [role.origin.clone()],
    ))
}
