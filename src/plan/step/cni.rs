//! Applies the pod network to the cluster.

use serde_json::json;

use super::super::cni;
use super::{ClassView, Step};
use crate::model::Role;
use crate::stdlib::UpstreamKind;

pub(super) fn plan(class: &ClassView<'_>) -> Option<Step> {
    if class.role != Role::ControlPlane {
        return None;
    }
    let choice = class.model.cluster.cni.as_ref()?;
    let step = Step::new("76-cni").asked(
        format!("cni {}", choice.name.value),
        [choice.name.origin.clone()],
    );
    if cni::by_hand(class.model) {
        return Some(step.with_template("76-cni-by-hand"));
    }
    let secret = cni::secret(class.model);
    let bgp = class.model.speaks_bgp();
    let reflectors: Vec<&str> = class
        .model
        .route_reflectors()
        .iter()
        .map(|node| node.name.value.as_str())
        .collect();
    let because: Vec<_> = class
        .model
        .route_reflectors()
        .iter()
        .filter_map(|node| Some(node.settings.route_reflector.as_ref()?.origin.clone()))
        .collect();
    let alone = class.model.cluster.without_proxy();
    let files = cni::upstream(class.model);
    let overlaid = files.iter().any(|file| file.kind == UpstreamKind::Manifest);
    let chart = files.iter().find_map(|file| match &file.kind {
        UpstreamKind::Chart(name, _) => Some(json!({
            "name": name,
            "file": file.file,
            "namespace": class.model.facts.cni.as_ref()?.namespace,
        })),
        _ => None,
    });
    let merged = class.model.facts.cni.as_ref()?.server_side.clone();
    let merged = merged.filter(|_| overlaid);
    let established = merged.as_ref().map(|merged| merged.value.clone());
    Some(
        step.set("upstream", overlaid, [])
            .set(
                "established",
                established,
                merged.map(|merged| merged.origin),
            )
            .set("chart", chart, [])
            .set("secret", secret.is_some(), secret.map(|name| name.origin))
            .set("bgp", bgp, [])
            .set("reflectors", reflectors, because)
            .set(
                "without_proxy",
                alone.is_some(),
                alone.map(|disabled| disabled.origin.clone()),
            ),
    )
}
