//! kubectl works for the users of the control plane.

use super::{ClassView, Step};
use crate::model::Role;

pub(super) fn plan(class: &ClassView<'_>) -> Option<Step> {
    let may = |sudo: &crate::origin::Sourced<String>| sudo.value != "none";
    let someone = class
        .settings
        .users
        .iter()
        .any(|user| user.sudo.as_ref().is_some_and(may));
    if class.role != Role::ControlPlane || !someone {
        return None;
    }
    let mut step = Step::new("74-kubeconfig");
    for user in &class.settings.users {
        step = step.asked(
            format!("user {}", user.name.value),
            [user.name.origin.clone()],
        );
    }
    Some(step)
}
