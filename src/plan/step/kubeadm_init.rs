//! The control plane: the first one in the order of the spec starts the cluster.

use serde_json::{Value as Json, json};

use super::super::moving_pod::POD;
use super::{ClassView, Step};
use crate::model::Role;
use crate::stdlib::Runs;

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
    let pod = mover.and_then(|mover| match &mover.runs {
        Runs::Pod { super_admin, .. } => Some((&mover.title, super_admin)),
        Runs::Services { .. } => None,
    });
    let Some(((title, super_admin), address)) = pod.zip(class.model.moving_address()) else {
        return Some(step.set("vip", Json::Null, []));
    };
    // Until init is through, admin.conf has no rights from this release on.
    let release = class.model.cluster.kubernetes.as_ref()?;
    let early = release.value.without_patch() >= super_admin.value;
    let why = [
        address.origin.clone(),
        super_admin.origin.clone(),
        release.origin.clone(),
    ];
    let values = json!({"title": title, "pod": POD, "super_admin": early});
    Some(step.set("vip", values, why))
}
