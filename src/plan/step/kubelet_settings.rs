//! Changed kubelet settings take effect on a node that is set up already.

use super::{ClassView, Step};

pub(super) fn plan(class: &ClassView<'_>) -> Option<Step> {
    let swap = class.settings.swap.as_ref()?;
    let release = class.model.facts.release.as_ref()?;
    if !release.kubelet_patches.value {
        return None;
    }
    Some(Step::new("38-kubelet-settings").asked(
        format!("swap = {}, kubelet {{ ... }}", swap.value.word()),
        [swap.origin.clone()],
    ))
}
