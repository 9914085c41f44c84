//! The address that moves between the control planes, by a pod.

use serde_json::json;

use super::super::moving_pod::{self, POD, asked};
use super::{ClassView, Step};
use crate::model::Role;
use crate::origin::Origin;
use crate::stdlib::Runs;

pub(super) fn plan(class: &ClassView<'_>) -> Option<Step> {
    let model = class.model;
    if class.role != Role::ControlPlane {
        return None;
    }
    let vip = model.cluster.vip.as_ref()?;
    let address = vip.address.as_ref()?;
    let mover = model.facts.mover.as_ref()?;
    let Runs::Pod { .. } = &mover.runs else {
        return None;
    };
    let step = Step::new("72-vip").asked(asked(vip)?, [Origin::Written(vip.head)]);
    let origin = address.origin.clone();
    if vip.by_bgp().is_some() {
        // The pod is each machine's own.
        let values = json!({"title": mover.title, "pod": POD});
        return Some(step.set("vip", values, [origin]));
    }
    let interface = &class.settings.cluster_interface()?.name;
    let pod = moving_pod::by_arp(model, class.settings, class.spec)?;
    // Two classes are one only if these are equal, too.
    let values = json!({
        "address": address.value.to_string(),
        "interface": interface.value,
        "image": pod.image,
        "port": pod.port,
        "title": mover.title,
        "pod": POD,
    });
    Some(step.set("vip", values, [origin]).file(pod.placing))
}
