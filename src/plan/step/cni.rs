//! The network of the pods is applied to the cluster.

use super::{Class, Step};
use crate::model::Role;

pub(super) fn plan(class: &Class<'_>) -> Option<Step> {
    if class.role != Role::ControlPlane {
        return None;
    }
    let cni = class.model.cluster.cni.as_ref()?;
    Some(Step::new("76-cni").asked(format!("cni {}", cni.name.value), [cni.name.origin.clone()]))
}
