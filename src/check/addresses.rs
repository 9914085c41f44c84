//! Node addresses: each its own, in the LAN, outside the pool, and nobody else's.

use std::collections::BTreeMap;
use std::net::IpAddr;

use super::Findings;
use crate::declare;
use crate::diagnostic::{Descriptor, Diagnostic};
use crate::model::{Model, Node};
use crate::origin::Sourced;

declare! {
    /// Two machines with one address answer in turns: the cluster loses and finds nodes at random.
    ///
    /// ```pik fails
    /// node extra {
    ///   role    = worker
    ///   os      = raspios-trixie
    ///   board   = pi-4b-4g
    ///   address = 192.168.11.201
    /// }
    /// ```
    ///
    /// ```pik
    /// node extra {
    ///   role    = worker
    ///   os      = raspios-trixie
    ///   board   = pi-4b-4g
    ///   address = 192.168.11.209
    /// }
    /// ```
    pub static DUPLICATE = {
        code: "node/duplicate-address",
        severity: Error,
        title: "two nodes with one address",
        help: "give each node an address of its own",
        sources: ["kubernetes/kubernetes#108453"],
    }

    /// A node's address lies in the LAN: its netmask is the LAN's, and it reaches the router directly.
    ///
    /// ```pik fails
    /// node extra {
    ///   role    = worker
    ///   os      = raspios-trixie
    ///   board   = pi-4b-4g
    ///   address = 192.168.12.209
    /// }
    /// ```
    ///
    /// ```pik
    /// node extra {
    ///   role    = worker
    ///   os      = raspios-trixie
    ///   board   = pi-4b-4g
    ///   address = 192.168.11.209
    /// }
    /// ```
    pub static OUTSIDE = {
        code: "node/address-outside-lan",
        severity: Error,
        title: "a node's address outside the LAN",
        help: "choose an address of the LAN",
        sources: ["kubernetes/kubeadm#3299"],
    }

    /// The router leases this address to whoever asks next: a phone, a television. From then on two machines
    /// have it, and the cluster breaks at a time nobody chooses.
    ///
    /// ```pik fails
    /// network {
    ///   lan     = 192.168.11.0/24
    ///   gateway = 192.168.11.1
    ///   dns     = [192.168.11.1]
    ///   dhcp    = 192.168.11.2..192.168.11.250
    /// }
    /// ```
    ///
    /// ```pik
    /// network {
    ///   lan     = 192.168.11.0/24
    ///   gateway = 192.168.11.1
    ///   dns     = [192.168.11.1]
    ///   dhcp    = 192.168.11.2..192.168.11.100
    /// }
    /// ```
    pub static IN_POOL = {
        code: "node/address-in-dhcp-pool",
        severity: Error,
        title: "a node's address inside the DHCP pool",
        help: "choose an address outside the pool, or make the pool smaller in the router",
        sources: ["kubernetes/kubeadm#338", "kubernetes/kubernetes#108453"],
    }

    /// The router, a name server or the address under which the API server is reached has this address already.
    ///
    /// ```pik fails
    /// node extra {
    ///   role    = worker
    ///   os      = raspios-trixie
    ///   board   = pi-4b-4g
    ///   address = 192.168.11.1
    /// }
    /// ```
    ///
    /// ```pik
    /// node extra {
    ///   role    = worker
    ///   os      = raspios-trixie
    ///   board   = pi-4b-4g
    ///   address = 192.168.11.209
    /// }
    /// ```
    pub static TAKEN = {
        code: "node/address-is-gateway",
        severity: Error,
        title: "a node's address that something else has",
        help: "choose an address that nothing else has",
        sources: ["docs/language.md"],
    }

    /// The first address of a network names the network, the last one reaches everyone in it. Neither can be a
    /// machine's.
    ///
    /// ```pik fails
    /// node extra {
    ///   role    = worker
    ///   os      = raspios-trixie
    ///   board   = pi-4b-4g
    ///   address = 192.168.11.255
    /// }
    /// ```
    ///
    /// ```pik
    /// node extra {
    ///   role    = worker
    ///   os      = raspios-trixie
    ///   board   = pi-4b-4g
    ///   address = 192.168.11.209
    /// }
    /// ```
    pub static RESERVED = {
        code: "node/address-reserved",
        severity: Error,
        title: "a network or broadcast address",
        help: "choose an address between the first and the last of the LAN",
        sources: ["RFC 919", "RFC 950"],
    }
}

pub(super) static CODES: &[&Descriptor] = &[&DUPLICATE, &OUTSIDE, &IN_POOL, &TAKEN, &RESERVED];

pub(super) fn check(model: &Model, out: &mut Findings<'_>) {
    let network = &model.cluster.network;
    let mut seen: BTreeMap<IpAddr, &Node> = BTreeMap::new();
    // One finding for each kind of mistake and each place in the spec, however many nodes share it.
    let mut told: Vec<(&'static str, crate::source::Span)> = Vec::new();
    let mut tell = |out: &mut Findings<'_>, node: &Node, finding: Diagnostic| {
        let place = finding.span();
        if let Some(place) = place {
            if told.last() == Some(&(finding.descriptor.code, place)) {
                return;
            }
            told.push((finding.descriptor.code, place));
        }
        out.push_for(node, finding);
    };
    for node in &model.nodes {
        let Some(address) = &node.address else {
            continue;
        };
        let name = &node.name.value;
        if let Some(first) = seen.get(&address.value) {
            let finding = Diagnostic::new(
                &DUPLICATE,
                format!(
                    "{} and {name} both have {}",
                    first.name.value, address.value
                ),
            )
            .label_opt(address.origin.span(), format!("given to {name}"))
            .label_opt(
                first
                    .address
                    .as_ref()
                    .and_then(|address| address.origin.span()),
                format!("given to {}", first.name.value),
            );
            tell(out, node, finding);
            continue;
        }
        seen.insert(address.value, node);
        if let Some(finding) = wrong(node, address, model) {
            tell(out, node, finding);
        } else if let Some(pool) = network
            .dhcp
            .as_ref()
            .filter(|pool| pool.value.contains(address.value))
        {
            let finding = Diagnostic::new(
                &IN_POOL,
                format!(
                    "{name}'s address {} lies in the pool {} that the router leases",
                    address.value, pool.value
                ),
            )
            .label_opt(address.origin.span(), format!("fixed, for {name}"))
            .label_opt(pool.origin.span(), "leased to whoever asks");
            tell(out, node, finding);
        }
    }
}

fn wrong(node: &Node, address: &Sourced<IpAddr>, model: &Model) -> Option<Diagnostic> {
    let network = &model.cluster.network;
    let name = &node.name.value;
    let value = address.value;
    let here = |code: &'static Descriptor, message: String| {
        Diagnostic::new(code, message).label_opt(address.origin.span(), format!("{name}'s address"))
    };
    let lan = network.lan.as_ref();
    if let Some(lan) = lan.filter(|lan| !lan.value.contains(&value)) {
        return Some(
            here(
                &OUTSIDE,
                format!(
                    "{name}'s address {value} lies outside the LAN {}",
                    lan.value
                ),
            )
            .label_opt(lan.origin.span(), "the LAN"),
        );
    }
    if let Some(lan) = lan.filter(|lan| lan.value.prefix_len() < 31) {
        let role = if value == lan.value.network() {
            Some("network")
        } else if value == lan.value.broadcast() && value.is_ipv4() {
            Some("broadcast")
        } else {
            None
        };
        if let Some(role) = role {
            return Some(
                here(
                    &RESERVED,
                    format!("{value} is the {role} address of {}", lan.value),
                )
                .label_opt(lan.origin.span(), "of this network"),
            );
        }
    }
    let gateway = network.gateway.iter().map(|taken| (taken, "the router"));
    let dns = network.dns.iter().map(|taken| (taken, "a name server"));
    let (taken, whose) = gateway.chain(dns).find(|(taken, _)| taken.value == value)?;
    Some(
        here(&TAKEN, format!("{name}'s address {value} is {whose}'s"))
            .label_opt(taken.origin.span(), format!("{whose} has it")),
    )
}
