//! Pod networks and moving addresses that need all machines in one layer 2 network, in a cluster with several.

use std::collections::BTreeSet;

use crate::check::support::findings::Findings;
use crate::check::support::offers::instead;
use crate::declare;
use crate::diagnostic::{Descriptor, Diagnostic};
use crate::model::{Model, Node, Role, Subnet};
use crate::origin::Sourced;

declare! {
    /// Plain routes make each node the gateway to its own pods. That works as long as the other nodes reach it without a router in
    /// between: a router does not know where pods are, and drops the packets. So with machines in several subnets a backend that
    /// encapsulates is needed, or one that announces the routes to the routers by BGP.
    ///
    /// With `direct-routing` (flannel) or `cross-subnet` (Calico) packets are encapsulated only if they go to another subnet.
    ///
    /// ```pik fails
    /// network {
    ///   subnet home { lan = 192.168.11.0/24, gateway = 192.168.11.1, dns = [192.168.11.1] }
    ///   subnet shed { lan = 192.168.12.0/24, gateway = 192.168.12.1, dns = [192.168.11.1] }
    /// }
    /// node spare {
    ///   role    = worker
    ///   os      = raspios-trixie
    ///   board   = pi-4b-4g
    ///   address = 192.168.12.209
    /// }
    /// cni flannel { backend = host-gw }
    /// ```
    ///
    /// ```pik
    /// network {
    ///   subnet home { lan = 192.168.11.0/24, gateway = 192.168.11.1, dns = [192.168.11.1] }
    ///   subnet shed { lan = 192.168.12.0/24, gateway = 192.168.12.1, dns = [192.168.11.1] }
    /// }
    /// node spare {
    ///   role    = worker
    ///   os      = raspios-trixie
    ///   board   = pi-4b-4g
    ///   address = 192.168.12.209
    /// }
    /// cni flannel { backend = vxlan, direct-routing = on }
    /// ```
    pub static ROUTED = {
        code: "cni/backend-across-subnets",
        since: "0.1.0",
        severity: Error,
        title: "plain routes between machines with a router between them",
        help: "choose a backend that encapsulates, or announce the routes to the routers with `bgp`",
        sources: [
            "flannel-io/flannel v0.28.9 Documentation/backends.md: host-gw",
            "tigera/docs v3.32 networking/determine-best-networking",
        ],
    }

    /// kube-vip announces the moving address by ARP, which no router passes on. A control plane in another subnet could get the
    /// address, and no machine would find it there.
    ///
    /// ```pik fails
    /// network {
    ///   subnet home { lan = 192.168.11.0/24, gateway = 192.168.11.1, dns = [192.168.11.1] }
    ///   subnet shed { lan = 192.168.12.0/24, gateway = 192.168.12.1, dns = [192.168.11.1] }
    /// }
    /// node spare[1-2] {
    ///   role    = control-plane
    ///   os      = raspios-trixie
    ///   board   = pi-4b-4g
    ///   address = 192.168.12.209..192.168.12.210
    /// }
    /// vip { address = 192.168.11.5 }
    /// ```
    ///
    /// ```pik
    /// network {
    ///   subnet home { lan = 192.168.11.0/24, gateway = 192.168.11.1, dns = [192.168.11.1] }
    ///   subnet shed { lan = 192.168.12.0/24, gateway = 192.168.12.1, dns = [192.168.11.1] }
    /// }
    /// node spare[1-2] {
    ///   role    = control-plane
    ///   os      = raspios-trixie
    ///   board   = pi-4b-4g
    ///   address = 192.168.12.209..192.168.12.210
    /// }
    /// endpoint = api.home.arpa
    /// ```
    pub static SPREAD = {
        code: "vip/several-subnets",
        since: "0.1.0",
        severity: Error,
        title: "an address that moves between control planes of several subnets",
        help: "move the control planes into one subnet, or use a load balancer or a DNS name as `endpoint` and no `vip`",
        sources: ["kube-vip.io/docs/modes/arp"],
    }
}

pub(in crate::check) static CODES: &[&Descriptor] = &[&ROUTED, &SPREAD];

pub(in crate::check) fn check(model: &Model, out: &mut Findings<'_>) {
    if !model.cluster.network.is_routed() {
        return;
    }
    backend(model, out);
    spread(model, out);
}

/// The first machine of each subnet that has one of these.
fn first_of_each<'a>(
    model: &'a Model,
    nodes: impl Iterator<Item = &'a Node>,
) -> Vec<(&'a Node, &'a Subnet)> {
    let mut met = BTreeSet::new();
    nodes
        .filter(|node| node.subnet.is_some_and(|subnet| met.insert(subnet)))
        .filter_map(|node| Some((node, model.cluster.network.of(node)?)))
        .collect()
}

fn backend(model: &Model, out: &mut Findings<'_>) {
    let (Some(choice), Some(facts)) = (&model.cluster.cni, &model.facts.cni) else {
        return;
    };
    let Some(backend) = choice.backend().filter(|_| choice.manifest.is_none()) else {
        return;
    };
    let chosen = facts.backends.iter().find(|one| one.name == backend.value);
    let Some(chosen) = chosen.filter(|chosen| chosen.same_l2) else {
        return;
    };
    // Routers that are told by BGP know where pods are.
    let told = model.cluster.bgp.iter().any(|bgp| !bgp.peers.is_empty());
    let apart = first_of_each(model, model.nodes.iter());
    let [(here, home), (there, away), ..] = apart.as_slice() else {
        return;
    };
    if chosen.bgp && told {
        return;
    }
    let message = format!(
        "`{}` sends packets for pods straight from node to node, and there is a router between {} and {}",
        chosen.name, here.name.value, there.name.value
    );
    let finding = Diagnostic::new(&ROUTED, message).label(backend.origin.span(), "plain routes");
    let finding = label(finding, home);
    let over = facts.backends.iter().find(|other| !other.same_l2);
    out.push(instead(
        label(finding, away),
        &backend.origin,
        over.map(|other| &other.name),
    ));
}

fn label(finding: Diagnostic, subnet: &Subnet) -> Diagnostic {
    match &subnet.name {
        Some(name) => finding.label(name, "one layer 2 network"),
        None => finding,
    }
}

fn spread(model: &Model, out: &mut Findings<'_>) {
    let Some(address) = model.moving_address() else {
        return;
    };
    let apart = first_of_each(model, model.with_role(Role::ControlPlane));
    if apart.len() < 2 {
        return;
    }
    let named = |(node, subnet): &(&Node, &Subnet)| {
        let name = subnet.name.as_ref();
        format!(
            "{}{}",
            node.name.value,
            name.map_or_else(String::new, in_subnet)
        )
    };
    let all: Vec<String> = apart.iter().take(MOST).map(named).collect();
    let message = format!(
        "the address {} is announced in one subnet, and the control planes are in several: {}",
        address.value,
        all.join(", ")
    );
    let mut finding =
        Diagnostic::new(&SPREAD, message).label(address, "moves between the control planes");
    for (_, subnet) in apart.iter().take(MOST) {
        finding = label(finding, subnet);
    }
    let endpoint = model.cluster.endpoint.as_ref();
    let written = endpoint.is_some_and(|endpoint| endpoint.origin.is_written());
    // Without a name of their own they would have nothing in common.
    out.push(match model.cluster.vip.as_ref().filter(|_| written) {
        Some(vip) => finding.choice(|it| it.remove_block("drop `vip`", vip.head)),
        None => finding,
    });
}

/// A message names so many subnets at most.
const MOST: usize = 4;

fn in_subnet(name: &Sourced<String>) -> String {
    format!(" in `{}`", name.value)
}
