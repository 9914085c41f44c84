//! What the operator sets on the routers that learn by BGP where the address of the control planes is.

use serde_json::{Value as Json, json};

use crate::model::{Model, Role};
use crate::origin::Origin;
use crate::plan::types::Context;

/// A row for each router; none if the address is not announced by BGP.
pub(super) fn add(model: &Model, context: &mut Context) {
    let mut rows: Vec<Json> = Vec::new();
    let mut origins: Vec<Origin> = Vec::new();
    let vip = model.announced_by_bgp();
    for router in vip.iter().flat_map(|vip| &vip.routers) {
        let mut neighbors = Vec::new();
        let mut far = Vec::new();
        for node in model.with_role(Role::ControlPlane) {
            let (Some(vip), Some(own)) = (vip, &node.address) else {
                continue;
            };
            let Some(home) = model.cluster.network.of(node) else {
                continue;
            };
            let reached = vip.routers_for(home).into_iter();
            let mut same = reached.filter(|it| it.router.name.value == router.name.value);
            if let Some(reached) = same.next() {
                neighbors.push(own.value.to_string());
                far.extend(reached.through_gateway.then(|| own.value.to_string()));
                origins.push(own.origin.clone());
            }
        }
        origins.push(router.name.origin.clone());
        rows.push(json!({
            "name": router.name.value,
            "address": router.address.as_ref().map(|at| at.value.to_string()),
            "number": router.as_number.as_ref().map(|number| number.value),
            "neighbors": neighbors.join(", "),
            "far": far.join(", "),
        }));
    }
    context.set("routers", rows, origins);
    let number = vip.and_then(|vip| vip.as_number.as_ref());
    context.set(
        "routers_as",
        number.map(|number| number.value),
        number.map(|number| number.origin.clone()),
    );
    let address = model.moving_address().filter(|_| vip.is_some());
    context.set(
        "routers_vip",
        address.map(|address| address.value.to_string()),
        address.map(|address| address.origin.clone()),
    );
}
