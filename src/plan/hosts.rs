//! The block of `/etc/hosts`: which other nodes a node can resolve by name.

use std::net::IpAddr;

use crate::file_format::hosts::Hosts as Format;
use crate::file_format::{Writer, Written};
use crate::model::{HostsPolicy, Model, Node, Role};
use crate::origin::{Origin, Sourced};

/// The lines that all nodes share.
pub(super) struct Hosts {
    shared: Writer<Format>,
    all: bool,
}

impl Hosts {
    pub(super) fn new(model: &Model) -> Self {
        let policy = model.cluster.hosts.as_ref();
        let all = model.all_by_name();
        let mut shared = Writer::new();
        for node in model.known_by_name() {
            add(&mut shared, line(node, policy));
        }
        add(&mut shared, endpoint(model));
        Self { shared, all }
    }

    /// The lines, if they are the same for all nodes.
    pub(super) fn for_all(&self) -> Option<Written> {
        self.all.then(|| self.shared.clone().finish())
    }

    /// The lines of one node, if it has lines of its own: the control plane and itself.
    pub(super) fn of(&self, node: &Node, model: &Model) -> Option<Written> {
        if self.all {
            return None;
        }
        let mut lines = self.shared.clone();
        if !is_control_plane(node) {
            add(&mut lines, line(node, model.cluster.hosts.as_ref()));
        }
        Some(lines.finish())
    }
}

/// An address, the name that it gets, and why.
type Known<'a> = (IpAddr, &'a str, Vec<Origin>);

fn add(lines: &mut Writer<Format>, known: Option<Known<'_>>) {
    if let Some((address, name, why)) = known {
        lines.host(address, name, why);
    }
}

fn is_control_plane(node: &Node) -> bool {
    node.settings
        .role
        .as_ref()
        .is_some_and(|role| role.value == Role::ControlPlane)
}

fn line<'a>(node: &'a Node, policy: Option<&Sourced<HostsPolicy>>) -> Option<Known<'a>> {
    let address = node.address.as_ref()?;
    let why = [node.name.origin.clone(), address.origin.clone()]
        .into_iter()
        .chain(policy.map(|policy| policy.origin.clone()));
    Some((address.value, &node.name.value, why.collect()))
}

/// A name for the API server resolves to the control plane's address, even before a name server knows it: to the one that moves,
/// if there is one. Where it leads with several control planes otherwise, a load balancer or a name server decides.
fn endpoint(model: &Model) -> Option<Known<'_>> {
    let endpoint = model.cluster.endpoint.as_ref()?;
    if endpoint.value.address().is_some() {
        return None;
    }
    if let Some(address) = model.moving_address() {
        let why = vec![endpoint.origin.clone(), address.origin.clone()];
        return Some((address.value, &endpoint.value.host, why));
    }
    if model.several_control_planes().is_some() {
        return None;
    }
    let node = model.first_control_plane()?;
    if node.name.value == endpoint.value.host {
        return None;
    }
    let address = node.address.as_ref()?;
    let why = vec![endpoint.origin.clone(), address.origin.clone()];
    Some((address.value, &endpoint.value.host, why))
}
