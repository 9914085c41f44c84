//! The network of the pods is applied to the cluster.

use super::super::cni;
use super::{Class, Step};
use crate::model::Role;

pub(super) fn plan(class: &Class<'_>) -> Option<Step> {
    if class.role != Role::ControlPlane {
        return None;
    }
    let choice = class.model.cluster.cni.as_ref()?;
    Some(
        Step::new("76-cni")
            .asked(
                format!("cni {}", choice.name.value),
                [choice.name.origin.clone()],
            )
            .set("upstream", !cni::upstream(class.model).is_empty(), []),
    )
}
