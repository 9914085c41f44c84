//! The control plane: the first one in the order of the spec starts the cluster.

use serde_json::{Value as Json, json};

use super::vip::POD;
use super::{ClassView, Step};
use crate::model::Role;

pub(super) fn plan(class: &ClassView<'_>) -> Option<Step> {
    if class.role != Role::ControlPlane {
        return None;
    }
    let role = class.settings.role.as_ref()?;
    let step = Step::new("72-kubeadm-init").asked(
        format!("role = {}", class.role.word()),
        [role.origin.clone()],
    );
    let mover = class.model.facts.mover.as_ref();
    let Some((mover, address)) = mover.zip(class.model.moving_address()) else {
        return Some(step.set("vip", Json::Null, []));
    };
    // Until init is through, admin.conf has no rights from this release on.
    let release = class.model.cluster.kubernetes.as_ref()?;
    let early = release.value.without_patch() >= mover.super_admin.value;
    let why = [
        address.origin.clone(),
        mover.super_admin.origin.clone(),
        release.origin.clone(),
    ];
    let values = json!({"title": mover.title, "pod": POD, "super_admin": early});
    Some(step.set("vip", values, why))
}
