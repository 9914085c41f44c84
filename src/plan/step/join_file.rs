//! The join file of the workers.

use serde_json::json;

use super::{ClassView, Step};
use crate::model::Role;

pub(super) fn plan(class: &ClassView<'_>) -> Option<Step> {
    if class.role != Role::ControlPlane {
        return None;
    }
    let ttl = class.model.cluster.join.ttl.as_ref()?;
    let mut step = Step::new("80-join-file")
        .asked(
            format!("join {{ ttl = {} }}", ttl.value.short()),
            [ttl.origin.clone()],
        )
        .set(
            "join",
            json!({"ttl": ttl.value.to_string(), "seconds": ttl.value.0}),
            [],
        );
    step.context.because("join_ttl", [ttl.origin.clone()]);
    if let Some(window) = &class.model.cluster.join.window
        && class.by_itself
    {
        let value = json!({"seconds": window.value.0});
        step = step.set("window", value, [window.origin.clone()]);
    }
    Some(step)
}
