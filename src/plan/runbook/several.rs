//! Several control planes, for the operator: in which order they join, and what to do when one of them is lost.

use serde_json::{Value as Json, json};

use super::words::address;
use crate::model::Model;
use crate::plan::turns::turns;
use crate::plan::types::Context;

/// The rows of the table, and what answers to the endpoint. None if there is one control plane.
pub(super) fn add(model: &Model, context: &mut Context) {
    let planes = model.several_control_planes().unwrap_or_default();
    let rows: Vec<Json> = turns(model)
        .iter()
        .zip(&planes)
        .map(|(turn, node)| {
            json!({
                "name": turn.name.value,
                "login": format!("{}@{}", node.settings.login(), address(node)),
                "after": turn.after,
                "minutes": turn.minutes,
            })
        })
        .collect();
    let origins = planes.iter().map(|node| node.name.origin.clone());
    context.set("planes", rows, origins);
    let folder = model.etcd_folder();
    context.set("etcd_folder", folder.map(|folder| folder.value), []);
    let endpoint = model.cluster.endpoint.as_ref();
    let endpoint = endpoint.filter(|_| !planes.is_empty());
    context.set(
        "shared",
        endpoint.map(|endpoint| {
            json!({
                "host": endpoint.value.host,
                "vip": model.moving_address().map(|address| address.value.to_string()),
                "balanced": model.balanced_port(),
                "mover": model.facts.mover.as_ref().map(|mover| mover.title.clone()),
                "survived": planes.len().saturating_sub(1) / 2,
            })
        }),
        endpoint.map(|endpoint| endpoint.origin.clone()),
    );
}
