//! The block of `/etc/hosts`: which nodes a node knows by name.

use super::types::Line;
use crate::model::{HostsPolicy, Model, Node, Role};
use crate::origin::{Origin, Sourced};

/// Up to so many machines everyone knows everyone; beyond that the lines would grow with the square
/// of the cluster.
const EVERYONE: usize = 64;

/// The lines that all nodes share.
pub(super) struct Hosts {
    shared: Vec<Line>,
    all: bool,
}

impl Hosts {
    pub(super) fn new(model: &Model) -> Self {
        let policy = model.cluster.hosts.as_ref();
        let all = match policy.map(|policy| policy.value) {
            Some(HostsPolicy::All) => true,
            Some(HostsPolicy::ControlPlane) => false,
            Some(HostsPolicy::Auto) | None => model.nodes.len() <= EVERYONE,
        };
        let mut shared: Vec<Line> = model
            .nodes
            .iter()
            .filter(|node| all || is_control_plane(node))
            .filter_map(|node| line(node, policy))
            .collect();
        shared.extend(endpoint(model));
        Self { shared, all }
    }

    /// The lines, where they are the same for all nodes.
    pub(super) fn for_all(&self) -> Option<Vec<Line>> {
        self.all.then(|| self.shared.clone())
    }

    /// The lines of one node, where it has lines of its own: the control plane and itself.
    pub(super) fn of(&self, node: &Node, model: &Model) -> Option<Vec<Line>> {
        if self.all {
            return None;
        }
        let mut lines = self.shared.clone();
        if !is_control_plane(node) {
            lines.extend(line(node, model.cluster.hosts.as_ref()));
        }
        Some(lines)
    }
}

fn is_control_plane(node: &Node) -> bool {
    node.settings
        .role
        .as_ref()
        .is_some_and(|role| role.value == Role::ControlPlane)
}

fn line(node: &Node, policy: Option<&Sourced<HostsPolicy>>) -> Option<Line> {
    let address = node.address.as_ref()?;
    let why = [node.name.origin.clone(), address.origin.clone()]
        .into_iter()
        .chain(policy.map(|policy| policy.origin.clone()));
    Some(Line::from(
        format!("{} {}", address.value, node.name.value),
        why,
    ))
}

/// A name for the API server means the control plane's address, until a name server says the same.
fn endpoint(model: &Model) -> Option<Line> {
    let endpoint = model.cluster.endpoint.as_ref()?;
    if endpoint.value.address().is_some() {
        return None;
    }
    let node = model.first_control_plane()?;
    if node.name.value == endpoint.value.host {
        return None;
    }
    let address = node.address.as_ref()?;
    let why: [Origin; 2] = [endpoint.origin.clone(), address.origin.clone()];
    Some(Line::from(
        format!("{} {}", address.value, endpoint.value.host),
        why,
    ))
}
