//! Which machines each machine knows by name.

use super::machine::{Node, Role};
use super::types::{HostsPolicy, Model};

/// Up to this many machines, every machine knows every name; beyond that the lines would grow with the square of the cluster.
const EVERYONE: usize = 64;

impl Model {
    /// Whether every machine knows the names of all of them, and not just those of the control plane.
    pub fn all_by_name(&self) -> bool {
        match self.cluster.hosts.as_ref().map(|policy| policy.value) {
            Some(HostsPolicy::All) => true,
            Some(HostsPolicy::ControlPlane) => false,
            Some(HostsPolicy::Auto) | None => self.nodes.len() <= EVERYONE,
        }
    }

    /// The machines that every machine knows by name, in the order of the spec.
    pub fn known_by_name(&self) -> impl Iterator<Item = &Node> {
        let all = self.all_by_name();
        self.nodes.iter().filter(move |node| {
            let role = node.settings.role.as_ref();
            all || role.is_some_and(|role| role.value == Role::ControlPlane)
        })
    }
}
