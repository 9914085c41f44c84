//! Applies the network policies to the cluster.

use super::{ClassView, Step};
use crate::model::Role;

pub(super) fn plan(class: &ClassView<'_>) -> Option<Step> {
    let policies = &class.model.cluster.policies;
    if class.role != Role::ControlPlane || policies.is_empty() {
        return None;
    }
    let step = policies
        .iter()
        .fold(Step::new("77-policy"), |step, policy| {
            step.asked(
                format!("policy {}", policy.name.value),
                [policy.name.origin.clone()],
            )
        });
    Some(step)
}
