//! SELinux: it records what its policy does not allow, and refuses nothing.

use super::{ClassView, Step};
use crate::stdlib::Word as _;

pub(super) fn plan(class: &ClassView<'_>) -> Option<Step> {
    let os = class.settings.os.as_ref()?;
    let mode = class.system.selinux.as_ref()?;
    Some(
        Step::new("11-selinux")
            .asked(format!("os = {}", class.system.name), [os.origin.clone()])
            .set("mode", mode.value.word(), [mode.origin.clone()]),
    )
}
