//! The order in which the machines start and join, what each waits for, and for how long.

use super::once::server;
use crate::model::{Model, Role};
use crate::origin::{Origin, Sourced};

/// How long a control plane waits for those before it, in seconds. After that its `run.sh` tries again on its own.
pub(super) const LONGEST_WAIT: u32 = 15 * 60;

/// A control plane and what it waits for.
#[derive(Clone, Debug)]
pub struct Turn {
    /// The machine.
    pub name: Sourced<String>,
    /// The one that has to be in the cluster before; none for the one that starts it.
    pub after: Option<String>,
    /// How long it waits for that, in minutes.
    pub minutes: u32,
}

/// What a cluster's machines wait for. The first control plane waits for nothing, all others for the API server.
#[derive(Clone, Debug)]
pub struct Order {
    /// The control plane that starts the cluster.
    pub first: Sourced<String>,
    /// Where the others wait for the API server, and why there.
    pub server: (String, Origin),
    /// The other control planes, in their order.
    pub planes: Vec<Turn>,
    /// The workers, which wait for no other worker.
    pub workers: Vec<Sourced<String>>,
}

/// The order of the machines. None if there is one only.
pub fn order(model: &Model) -> Option<Order> {
    let first = model.first_control_plane()?.name.clone();
    let mut planes = turns(model);
    planes.retain(|turn| turn.after.is_some());
    let workers: Vec<_> = model
        .with_role(Role::Worker)
        .map(|node| node.name.clone())
        .collect();
    let alone = planes.is_empty() && workers.is_empty();
    let (server, why) = server(model).filter(|_| !alone)?;
    let server = (server.replacen("https://", "", 1), why);
    Some(Order {
        first,
        server,
        planes,
        workers,
    })
}

/// The control planes in the order in which they start and join. Empty if there is one: it waits for nothing.
pub(super) fn turns(model: &Model) -> Vec<Turn> {
    let planes = model.several_control_planes().unwrap_or_default();
    let mut before = None;
    let turn = |node: &&crate::model::Node| {
        let name = node.name.clone();
        let after = before.replace(name.value.clone());
        Turn {
            name,
            after,
            minutes: LONGEST_WAIT / 60,
        }
    };
    planes.iter().map(turn).collect()
}
