//! Node addresses: unique, in the LAN, outside the pool, and not in use by anything else.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use crate::check::support::findings::Findings;
use crate::check::support::findings::names;
use crate::check::support::offers::{address, instead, left_out};
use crate::declare;
use crate::diagnostic::{Descriptor, Diagnostic};
use crate::model::{Model, Network, Node, Role};
use crate::source::Span;

declare! {
    /// Two machines with one address answer in turn: the cluster loses and finds nodes at random.
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
        since: "0.1.0",
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
        since: "0.1.0",
        severity: Error,
        title: "a node's address outside the LAN",
        help: "choose an address of the LAN; for machines in several networks write `subnet` blocks in `network`",
        sources: ["kubernetes/kubeadm#3299"],
    }

    /// The router leases this address to the next device that asks: a phone, a television. From then on two machines
    /// have it, and the cluster breaks at a time no one chooses.
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
        since: "0.1.0",
        severity: Error,
        title: "a node's address inside the DHCP pool",
        help: "choose an address outside the pool, or make the pool smaller in the router",
        sources: ["kubernetes/kubeadm#338", "kubernetes/kubernetes#108453"],
    }

    /// The router, a name server or the API server's endpoint already has this address.
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
        code: "node/address-taken",
        since: "0.1.0",
        severity: Error,
        title: "a node's address that is in use",
        help: "choose an address that nothing else has",
        sources: ["docs/language.md"],
    }

    /// The first address of a network names the network, the last one is its broadcast address. Neither can be a
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
        since: "0.1.0",
        severity: Error,
        title: "a network or broadcast address",
        help: "choose an address between the first and the last of the LAN",
        sources: ["RFC 919", "RFC 950"],
    }
}

pub(in crate::check) static CODES: &[&Descriptor] =
    &[&DUPLICATE, &OUTSIDE, &IN_POOL, &TAKEN, &RESERVED];

/// What is wrong with an address, and with `Taken`, what has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Wrong {
    Duplicate,
    Outside,
    Nowhere,
    Network,
    Broadcast,
    Taken(&'static str),
    InPool,
}

/// The nodes whose addresses are written in one place and wrong in one way.
struct Case<'a> {
    nodes: Vec<&'a Node>,
    /// The other node with the first one's address.
    other: Option<&'a Node>,
    /// The place of what the address conflicts with.
    against: Option<Span>,
}

pub(in crate::check) fn check(model: &Model, out: &mut Findings<'_>) {
    let mut first_with: BTreeMap<IpAddr, &Node> = BTreeMap::new();
    let taken = taken(&model.cluster.network);
    let mut cases: BTreeMap<(Option<Span>, Wrong, Option<Span>), Case<'_>> = BTreeMap::new();
    for node in &model.nodes {
        let Some(address) = &node.address else {
            continue;
        };
        let other = first_with.get(&address.value).copied();
        let (wrong, against) = match other {
            Some(other) => {
                let place = other
                    .address
                    .as_ref()
                    .and_then(|address| address.origin.span());
                (Wrong::Duplicate, place)
            }
            None => {
                first_with.insert(address.value, node);
                match wrong(address.value, node, model, &taken) {
                    Some(found) => found,
                    None => continue,
                }
            }
        };
        cases
            .entry((address.origin.span(), wrong, against))
            .or_insert(Case {
                nodes: Vec::new(),
                other,
                against,
            })
            .nodes
            .push(node);
    }
    for ((place, wrong, _), case) in &cases {
        if let Some(finding) = told(*wrong, case, *place, model) {
            let finding = match wrong {
                Wrong::Outside | Wrong::Nowhere => other_subnet(finding, case, model),
                _ => finding,
            };
            let finding = match case.nodes.as_slice() {
                [only] => address(finding, model, only),
                _ => finding,
            };
            out.push_for(case.nodes[0], finding);
        }
    }
    other_interfaces(model, &first_with, out);
}

/// Addresses of the interfaces that the cluster does not use: no other machine may have them either.
fn other_interfaces(model: &Model, first_with: &BTreeMap<IpAddr, &Node>, out: &mut Findings<'_>) {
    let mut given: BTreeMap<IpAddr, (&Node, Option<Span>)> = BTreeMap::new();
    let mut told: BTreeSet<Option<Span>> = BTreeSet::new();
    for node in &model.nodes {
        let own = node.settings.cluster_interface().map(|one| &one.name.value);
        let others = node
            .settings
            .interfaces
            .iter()
            .filter(|one| Some(&one.name.value) != own)
            .filter_map(|one| one.address.as_ref());
        for address in others {
            let place = address.origin.span();
            let main = || {
                let other = *first_with.get(&address.value)?;
                Some((
                    other,
                    other.address.as_ref().and_then(|it| it.origin.span()),
                ))
            };
            let Some((other, before)) = given.get(&address.value).copied().or_else(main) else {
                given.insert(address.value, (node, place));
                continue;
            };
            // A block for many machines may set it in one place.
            if told.insert(place) {
                let (first, second) = (&other.name.value, &node.name.value);
                let message = format!("{first} and {second} both have {}", address.value);
                let finding =
                    Diagnostic::new(&DUPLICATE, message).label(place, format!("given to {second}"));
                let finding = match before.filter(|_| before != place) {
                    Some(before) => finding.label(before, format!("given to {first}")),
                    None => finding
                        .help("write a range with one address for each node, in the node's block"),
                };
                out.push_for(node, finding);
            }
        }
    }
}

/// What has an address, and where the spec says so.
type Taken = BTreeMap<IpAddr, (&'static str, Option<Span>)>;

/// The addresses of the routers and the name servers.
fn taken(network: &Network) -> Taken {
    let mut all = Taken::new();
    let gateways = network.gateways().map(|taken| (taken, "the router"));
    let dns = network.name_servers().map(|taken| (taken, "a name server"));
    for (taken, whose) in gateways.chain(dns) {
        let own = (whose, taken.origin.span());
        all.entry(taken.value).or_insert(own);
    }
    all
}

fn wrong(
    address: IpAddr,
    node: &Node,
    model: &Model,
    taken: &Taken,
) -> Option<(Wrong, Option<Span>)> {
    let network = &model.cluster.network;
    let subnet = network.of(node);
    // Of a subnet that does not exist, and of two that overlap, other rules tell.
    if subnet.is_none()
        && network.has_subnets()
        && node.settings.subnet.is_none()
        && network.holding(address).is_none()
        && network.subnets.iter().all(|one| one.lan.is_some())
    {
        return Some((Wrong::Nowhere, network.head));
    }
    if let Some(lan) = subnet.and_then(|subnet| subnet.lan.as_ref()) {
        let place = lan.origin.span();
        if !lan.value.contains(&address) {
            return Some((Wrong::Outside, place));
        }
        // The two addresses of a /31, and the one of a /32, are all usable (RFC 3021).
        if lan.value.prefix_len() < 31 && address.is_ipv4() {
            if address == lan.value.network() {
                return Some((Wrong::Network, place));
            }
            if address == lan.value.broadcast() {
                return Some((Wrong::Broadcast, place));
            }
        }
    }
    if let Some((whose, place)) = taken.get(&address) {
        return Some((Wrong::Taken(whose), *place));
    }
    let worker = node
        .settings
        .role
        .as_ref()
        .is_some_and(|role| role.value == Role::Worker);
    // The address that moves between the control planes has a rule of its own.
    let endpoint = model.cluster.endpoint.as_ref();
    if let Some(endpoint) = endpoint.filter(|it| worker && it.origin.is_written())
        && endpoint.value.host.parse() == Ok(address)
    {
        return Some((Wrong::Taken("the API server"), endpoint.origin.span()));
    }
    let pool = subnet?.dhcp.as_ref();
    let pool = pool.filter(|pool| pool.value.contains(address))?;
    Some((Wrong::InPool, pool.origin.span()))
}

fn told(wrong: Wrong, case: &Case<'_>, place: Option<Span>, model: &Model) -> Option<Diagnostic> {
    let network = &model.cluster.network;
    let subnet = case.nodes.first().and_then(|node| network.of(node));
    let lan = || Some(subnet?.lan.as_ref()?.value);
    let who = names(&case.nodes);
    let shown = addresses(&case.nodes);
    let (noun, lies) = match case.nodes.len() {
        1 => ("address", "lies"),
        _ => ("addresses", "lie"),
    };
    let (code, message, against) = match wrong {
        Wrong::Duplicate => {
            let other = &case.other?.name.value;
            let message = if case.nodes.len() == 1 {
                format!("{other} and {who} both have {shown}")
            } else {
                format!("{who} have addresses that other nodes have: {shown}")
            };
            (&DUPLICATE, message, format!("given to {other}"))
        }
        Wrong::Outside => {
            let (lan, whose) = (lan()?, subnet?.whose());
            let message = format!("{who}'s {noun} {shown} {lies} outside the LAN {lan}{whose}");
            (&OUTSIDE, message, "the LAN".to_owned())
        }
        Wrong::Nowhere => {
            let message = format!("{who}'s {noun} {shown} {lies} in no subnet");
            (&OUTSIDE, message, subnets(network))
        }
        Wrong::Network | Wrong::Broadcast => {
            let lan = lan()?;
            let kind = match wrong {
                Wrong::Network => "network",
                _ => "broadcast",
            };
            let message = format!("{who}'s address {shown} is the {kind} address of {lan}");
            (&RESERVED, message, "of this network".to_owned())
        }
        Wrong::Taken(whose) => {
            let message = format!("{who}'s address {shown} is {whose}'s");
            (&TAKEN, message, format!("{whose} has it"))
        }
        Wrong::InPool => {
            let pool = &subnet?.dhcp.as_ref()?.value;
            let message =
                format!("{who}'s {noun} {shown} {lies} in the pool {pool} that the router leases");
            (&IN_POOL, message, "leased to any device".to_owned())
        }
    };
    let role = role(wrong, &who, noun);
    Some(
        Diagnostic::new(code, message)
            .label(place, role)
            .label(case.against, against),
    )
}

/// In a cluster with subnets: what the machine's `subnet` has to do with it.
fn other_subnet(finding: Diagnostic, case: &Case<'_>, model: &Model) -> Diagnostic {
    let network = &model.cluster.network;
    let Some(first) = case.nodes.first().filter(|_| network.has_subnets()) else {
        return finding;
    };
    let Some(asked) = &first.settings.subnet else {
        return finding.help(
            "choose an address of one of the subnets, or write a `subnet` block for its network",
        );
    };
    let finding = finding.label(asked, "says which subnet");
    let address = first.address.as_ref();
    let holding = address.and_then(|address| network.holding(address.value));
    match holding.and_then(|subnet| subnet.name.as_ref()) {
        Some(name) => {
            let name = &name.value;
            let finding = finding.help(format!(
                "leave `subnet` out, as the address lies in `{name}`, or choose an address of `{}`",
                asked.value
            ));
            let finding = instead(finding, &asked.origin, [name]);
            left_out(finding, "subnet", &asked.origin)
        }
        None => finding.help(format!(
            "choose an address of `{}`, or write a `subnet` block for the network of this one",
            asked.value
        )),
    }
}

/// What the place of the address is.
fn role(wrong: Wrong, who: &str, noun: &str) -> String {
    match wrong {
        Wrong::Duplicate => format!("given to {who}"),
        Wrong::Outside | Wrong::Nowhere => format!("{who}'s {noun}"),
        Wrong::InPool => format!("fixed, for {who}"),
        Wrong::Network | Wrong::Broadcast | Wrong::Taken(_) => format!("{who}'s address"),
    }
}

/// "has 10.1.0.0/24 and 10.2.0.0/24"
fn subnets(network: &Network) -> String {
    let mut all: Vec<String> = network.lans().map(|lan| lan.value.to_string()).collect();
    let more = all.len().saturating_sub(MOST);
    if more > 0 {
        all.truncate(MOST);
        all.push(format!("{more} more"));
    }
    format!("has {}", all.join(", "))
}

/// A label lists so many networks at most.
const MOST: usize = 4;

/// "192.168.11.5", "192.168.11.5 and 192.168.11.6", "192.168.11.5 to 192.168.11.9".
fn addresses(nodes: &[&Node]) -> String {
    let mut all = nodes
        .iter()
        .filter_map(|node| node.address.as_ref())
        .map(|address| address.value);
    match (all.next(), all.next(), all.next_back()) {
        (Some(first), Some(_), Some(last)) => format!("{first} to {last}"),
        (Some(first), Some(second), None) => format!("{first} and {second}"),
        (Some(first), ..) => first.to_string(),
        (None, ..) => String::new(),
    }
}
