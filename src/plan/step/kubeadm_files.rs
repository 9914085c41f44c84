//! kubeadm's configuration and the node's patches, where an upgrade finds them again.

use super::{ClassView, Step};

pub(super) fn plan(class: &ClassView<'_>) -> Option<Step> {
    let kubernetes = class.model.cluster.kubernetes.as_ref()?;
    Some(Step::new("37-kubeadm-files").asked(
        format!("kubernetes = {}", kubernetes.value),
        [kubernetes.origin.clone()],
    ))
}
