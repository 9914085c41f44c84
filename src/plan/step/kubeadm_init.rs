//! The control plane.

use super::{ClassView, Step};
use crate::model::Role;

pub(super) fn plan(class: &ClassView<'_>) -> Option<Step> {
    if class.role != Role::ControlPlane {
        return None;
    }
    let role = class.settings.role.as_ref()?;
    Some(Step::new("72-kubeadm-init").asked(
        format!("role = {}", class.role.word()),
        [role.origin.clone()],
    ))
}
