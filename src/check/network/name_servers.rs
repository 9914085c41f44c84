//! Addresses other than the nodes' own: the router's and the name servers', and those of interfaces that the cluster
//! does not use.

use std::collections::BTreeSet;

use crate::check::support::findings::Findings;
use crate::check::support::free_range;
use crate::declare;
use crate::diagnostic::{Descriptor, Diagnostic};
use crate::model::Model;
use crate::source::Span;

declare! {
    /// An address that every machine asks must not change. One from the router's DHCP pool can be leased to a phone
    /// while its owner is off, or its owner can get another one after the next start: then no machine resolves a name.
    ///
    /// A router keeps its own address out of its pool, and a machine that gets its address by DHCP is rarely a name
    /// server for long.
    ///
    /// ```pik fails
    /// network {
    ///   lan     = 192.168.11.0/24
    ///   gateway = 192.168.11.1
    ///   dns     = [192.168.11.53]
    ///   dhcp    = 192.168.11.2..192.168.11.200
    /// }
    /// ```
    ///
    /// ```pik
    /// network {
    ///   lan     = 192.168.11.0/24
    ///   gateway = 192.168.11.1
    ///   dns     = [192.168.11.253]
    ///   dhcp    = 192.168.11.2..192.168.11.200
    /// }
    /// ```
    pub static LEASED = {
        code: "network/leased-server",
        since: "0.1.0",
        severity: Warning,
        title: "a router or name server with an address from the DHCP pool",
        help: "give it a fixed address outside the pool, or make the pool smaller",
        no_edit: "the address is changed in the router and in the server, not in the spec alone",
        sources: ["RFC 2131"],
    }

    /// Inside the cluster, these addresses are those of pods and services: packets to them never reach a machine's
    /// other network with the same addresses, and replies from that network are lost.
    ///
    /// ```pik fails
    /// interface eth0 { cluster = on }
    /// interface eth1 { address = 10.244.3.7 }
    /// ```
    ///
    /// ```pik
    /// interface eth0 { cluster = on }
    /// interface eth1 { address = 10.20.3.7 }
    /// ```
    pub static INSIDE = {
        code: "interface/in-cluster-range",
        since: "0.1.0",
        severity: Error,
        title: "an interface with an address in the cluster's own ranges",
        help: "choose other ranges for the cluster, or another network for the interface",
        sources: ["kubernetes/website#11225", "projectcalico/calico#2720"],
    }
}

pub(in crate::check) static CODES: &[&Descriptor] = &[&LEASED, &INSIDE];

pub(in crate::check) fn check(model: &Model, out: &mut Findings<'_>) {
    servers(model, out);
    interfaces(model, out);
}

fn servers(model: &Model, out: &mut Findings<'_>) {
    let network = &model.cluster.network;
    let router = network.gateways().map(|address| ("the router", address));
    let names = network
        .name_servers()
        .map(|address| ("the name server", address));
    let forward = model.cluster.dns.forward.iter();
    let forward = forward.map(|address| ("the name server of `forward`", address));
    let mut told = BTreeSet::new();
    for (who, address) in router.chain(names).chain(forward) {
        let mut pools = network.pools();
        let Some(pool) = pools.find(|pool| pool.value.contains(address.value)) else {
            continue;
        };
        if !told.insert(address.value) {
            continue;
        }
        let message = format!(
            "{who} {} lies in the pool {} that the router leases",
            address.value, pool.value
        );
        out.push(
            Diagnostic::new(&LEASED, message)
                .label(address, "every machine asks here")
                .label(pool, "leased to any device"),
        );
    }
}

fn interfaces(model: &Model, out: &mut Findings<'_>) {
    let network = &model.cluster.network;
    // A block for many machines sets it once.
    let mut told: BTreeSet<Option<Span>> = BTreeSet::new();
    for node in &model.nodes {
        let own = node.settings.cluster_interface().map(|one| &one.name.value);
        let others = node
            .settings
            .interfaces
            .iter()
            .filter(|one| Some(&one.name.value) != own);
        for interface in others {
            let addresses = interface.address.iter().chain(&interface.gateway);
            for address in addresses {
                let Some((role, range)) = network.own_range(address.value) else {
                    continue;
                };
                if !told.insert(address.origin.span()) {
                    continue;
                }
                let message = format!(
                    "{} of {}'s {} lies in {role} {}",
                    address.value, node.name.value, interface.name.value, range.value
                );
                let finding = Diagnostic::new(&INSIDE, message)
                    .label(address, "on another network of the machine")
                    .label(range, role);
                let name = if role.contains("pod") {
                    "pods"
                } else {
                    "services"
                };
                let finding = free_range::offered(finding, name, range, model, out);
                out.push_for(node, finding);
            }
        }
    }
}
