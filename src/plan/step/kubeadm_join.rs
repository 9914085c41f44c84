//! A worker or a further control plane joins.

use super::{ClassView, Step};
use crate::model::Role;

pub(super) fn plan(class: &ClassView<'_>) -> Option<Step> {
    if class.role != Role::Worker && class.model.several_control_planes().is_none() {
        return None;
    }
    let role = class.settings.role.as_ref()?;
    Some(Step::new("72-kubeadm-join").asked(
        format!("role = {}", class.role.word()),
        [role.origin.clone()],
    ))
}
