//! The root file system fills its card.

use super::{ClassView, Step};

pub(super) fn plan(class: &ClassView<'_>) -> Option<Step> {
    let os = class.settings.os.as_ref()?;
    Some(Step::new("22-root-fs").asked(format!("os = {}", class.system.name), [os.origin.clone()]))
}
