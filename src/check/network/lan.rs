//! The LAN is consistent: its router and its DHCP pool lie in it. The cluster's ranges have usable sizes.

use ipnet::IpNet;

use crate::check::support::findings::Findings;
use crate::check::support::offers::instead;
use crate::declare;
use crate::diagnostic::{Descriptor, Diagnostic};
use crate::model::{Model, Network, Subnet};
use crate::origin::Sourced;

declare! {
    /// A machine reaches its router directly, so the router's address lies in the machine's own network. If it does
    /// not, no packet leaves the LAN: no packages, no images, no time.
    ///
    /// ```pik fails
    /// network {
    ///   lan         = 192.168.11.0/24
    ///   gateway     = 192.168.1.1
    ///   dns         = [192.168.11.1]
    /// }
    /// ```
    ///
    /// ```pik
    /// network {
    ///   lan         = 192.168.11.0/24
    ///   gateway     = 192.168.11.1
    ///   dns         = [192.168.11.1]
    /// }
    /// ```
    pub static GATEWAY = {
        code: "network/gateway-outside-lan",
        since: "0.1.0",
        severity: Error,
        title: "a router outside the LAN",
        help: "write the router's address in this network",
        no_edit: "the router has the right address, not the spec",
        sources: ["kubernetes/kubeadm#3299"],
    }

    /// The first address of a network names the network, the last one is its broadcast address: no router or name server has one of
    /// them.
    ///
    /// ```pik fails
    /// network {
    ///   lan         = 192.168.11.0/24
    ///   gateway     = 192.168.11.0
    ///   dns         = [192.168.11.1]
    /// }
    /// ```
    ///
    /// ```pik
    /// network {
    ///   lan         = 192.168.11.0/24
    ///   gateway     = 192.168.11.1
    ///   dns         = [192.168.11.1]
    /// }
    /// ```
    pub static RESERVED = {
        code: "network/server-address-reserved",
        since: "0.1.0",
        severity: Error,
        title: "a router or name server with the address of a network, or its broadcast address",
        help: "write the address that the router or the name server has",
        no_edit: "the router has the right address, not the spec",
        sources: ["RFC 919", "RFC 950"],
    }

    /// The router leases addresses of its own network. A pool outside it is a typo, and then the check that keeps
    /// static addresses out of the pool checks nothing.
    ///
    /// ```pik fails
    /// network {
    ///   lan         = 192.168.11.0/24
    ///   gateway     = 192.168.11.1
    ///   dns         = [192.168.11.1]
    ///   dhcp        = 192.168.12.2..192.168.12.200
    /// }
    /// ```
    ///
    /// ```pik
    /// network {
    ///   lan         = 192.168.11.0/24
    ///   gateway     = 192.168.11.1
    ///   dns         = [192.168.11.1]
    ///   dhcp        = 192.168.11.2..192.168.11.200
    /// }
    /// ```
    pub static DHCP = {
        code: "network/dhcp-outside-lan",
        since: "0.1.0",
        severity: Error,
        title: "a DHCP pool outside the LAN",
        help: "write a range of this network",
        no_edit: "the pool is set in the router, and only there can it be looked up",
        sources: ["docs/language.md"],
    }

    /// Kubernetes gives each node one piece of the pod range, and flannel routes exactly that. When the
    /// pieces run out, the next node gets none (`CIDRNotAvailable`) and its pods never start.
    ///
    /// A /16 range in pieces of /24 is good for 256 nodes, a /24 range for one.
    ///
    /// ```pik fails
    /// network {
    ///   lan         = 192.168.11.0/24
    ///   gateway     = 192.168.11.1
    ///   dns         = [192.168.11.1]
    ///   pods        = 10.244.0.0/24
    /// }
    /// ```
    ///
    /// ```pik
    /// network {
    ///   lan         = 192.168.11.0/24
    ///   gateway     = 192.168.11.1
    ///   dns         = [192.168.11.1]
    ///   pods        = 10.244.0.0/16
    /// }
    /// ```
    pub static TOO_FEW = {
        code: "network/pods-too-few",
        since: "0.1.0",
        severity: Error,
        title: "a pod range with too few pieces for the nodes",
        help: "choose a larger pod range, or smaller pieces (`node-prefix`)",
        sources: ["kubernetes/kubernetes#85866", "kubernetes/kubernetes#114560", "flannel-io/flannel#728"],
    }

    /// kubeadm refuses a pod range that is smaller than one node's piece of it, and one that is more than
    /// 16 bits larger (`PodSubnetNodeMaskMaxDiff`).
    ///
    /// ```pik fails
    /// network {
    ///   lan         = 192.168.11.0/24
    ///   gateway     = 192.168.11.1
    ///   dns         = [192.168.11.1]
    ///   node-prefix = 12
    /// }
    /// ```
    ///
    /// ```pik
    /// network {
    ///   lan         = 192.168.11.0/24
    ///   gateway     = 192.168.11.1
    ///   dns         = [192.168.11.1]
    ///   node-prefix = 24
    /// }
    /// ```
    pub static NODE_PREFIX = {
        code: "network/node-prefix",
        since: "0.1.0",
        severity: Error,
        title: "a node's piece that does not fit the pod range",
        help: "choose a `node-prefix` that is at most 16 longer than the pod range's prefix",
        sources: ["kubernetes/kubernetes#95723", "kubernetes/kubernetes#103898"],
    }

    /// kubeadm requires at least ten and at most 2^20 addresses for services: a range from /12 to /28.
    ///
    /// ```pik fails
    /// network {
    ///   lan         = 192.168.11.0/24
    ///   gateway     = 192.168.11.1
    ///   dns         = [192.168.11.1]
    ///   services    = 10.96.0.0/11
    /// }
    /// ```
    ///
    /// ```pik
    /// network {
    ///   lan         = 192.168.11.0/24
    ///   gateway     = 192.168.11.1
    ///   dns         = [192.168.11.1]
    ///   services    = 10.96.0.0/12
    /// }
    /// ```
    pub static SERVICES_SIZE = {
        code: "network/services-size",
        since: "0.1.0",
        severity: Error,
        title: "a service range of a size that kubeadm refuses",
        help: "choose a range from /12 to /28",
        sources: ["kubernetes/kubernetes#95723"],
    }
}

pub(in crate::check) static CODES: &[&Descriptor] = &[
    &GATEWAY,
    &RESERVED,
    &DHCP,
    &TOO_FEW,
    &NODE_PREFIX,
    &SERVICES_SIZE,
];

pub(in crate::check) fn check(model: &Model, out: &mut Findings<'_>) {
    let network = &model.cluster.network;
    for subnet in &network.subnets {
        one_lan(subnet, out);
    }
    reserved(network, out);
    pieces(model, out);
    service_size(network, out);
}

/// Neither the router nor a name server has an address that stands for a network or all its machines. (The two addresses of a /31 are
/// usable, RFC 3021.)
fn reserved(network: &Network, out: &mut Findings<'_>) {
    let routers = network.gateways().map(|address| ("the router", address));
    let servers = network
        .name_servers()
        .map(|address| ("the name server", address));
    for (who, address) in routers
        .chain(servers)
        .filter(|(_, one)| one.value.is_ipv4())
    {
        let mut lans = network.subnets.iter().filter_map(|one| one.lan.as_ref());
        let edge = |lan: &IpNet| [lan.network(), lan.broadcast()].contains(&address.value);
        let Some(lan) = lans.find(|lan| lan.value.prefix_len() < 31 && edge(&lan.value)) else {
            continue;
        };
        let kind = match lan.value.network() == address.value {
            true => "network",
            false => "broadcast",
        };
        let message = format!(
            "{who}'s address {} is the {kind} address of {}",
            address.value, lan.value
        );
        out.push(
            Diagnostic::new(&RESERVED, message)
                .label(address, "no machine has it")
                .label(lan, "of this network"),
        );
    }
}

/// The router and the pool of one network lie in it.
fn one_lan(subnet: &Subnet, out: &mut Findings<'_>) {
    if let (Some(lan), Some(gateway)) = (&subnet.lan, &subnet.gateway)
        && !lan.value.contains(&gateway.value)
    {
        out.push(
            Diagnostic::new(
                &GATEWAY,
                format!(
                    "the router {} lies outside the LAN {}{}",
                    gateway.value,
                    lan.value,
                    subnet.whose()
                ),
            )
            .label(gateway, "the router")
            .label(lan, "the LAN"),
        );
    }
    if let (Some(lan), Some(dhcp)) = (&subnet.lan, &subnet.dhcp)
        && !(lan.value.contains(&dhcp.value.first) && lan.value.contains(&dhcp.value.last))
    {
        out.push(
            Diagnostic::new(
                &DHCP,
                format!(
                    "the pool {} does not lie in the LAN {}{}",
                    dhcp.value,
                    lan.value,
                    subnet.whose()
                ),
            )
            .label(dhcp, "leased by the router")
            .label(lan, "the router's network"),
        );
    }
}

/// The service range has a size that kubeadm accepts.
fn service_size(network: &Network, out: &mut Findings<'_>) {
    if let Some(services) = &network.services
        && services.value.addr().is_ipv4()
        && !(12..=28).contains(&services.value.prefix_len())
    {
        let prefix = services.value.prefix_len();
        let message = format!("kubeadm refuses a service range of /{prefix}");
        let finding =
            Diagnostic::new(&SERVICES_SIZE, message).label(services, "from /12 to /28 is possible");
        let nearest = IpNet::new(services.value.network(), prefix.clamp(12, 28));
        out.push(instead(
            finding,
            &services.origin,
            nearest.map(|net| net.trunc()),
        ));
    }
}

fn pieces(model: &Model, out: &mut Findings<'_>) {
    let network = &model.cluster.network;
    let (Some(pods), Some(piece)) = (&network.pods, &network.node_prefix) else {
        return;
    };
    if !pods.value.addr().is_ipv4() {
        return;
    }
    let prefix = i64::from(pods.value.prefix_len());
    // A file of kubeadm's can have any number.
    let bits = piece.value.saturating_sub(prefix);
    if !(0..=16).contains(&bits) {
        let why = if bits < 0 {
            format!(
                "a piece of /{} is larger than the pod range {}",
                piece.value, pods.value
            )
        } else {
            format!(
                "pieces of /{} are {bits} bits smaller than the pod range {}, and kubeadm allows 16",
                piece.value, pods.value
            )
        };
        let mut finding = Diagnostic::new(&NODE_PREFIX, why).label(pods, "the pod range");
        if piece.origin.is_written() {
            let nodes = u64::try_from(model.nodes.len()).unwrap_or(u64::MAX);
            let bits = i64::from(nodes.next_power_of_two().trailing_zeros());
            let fits = if bits < 0 {
                prefix + bits.min(16)
            } else {
                prefix + 16
            };
            finding = finding.label(piece, "each node's piece of it");
            finding = instead(finding, &piece.origin, (fits <= 28).then_some(fits));
        } else {
            finding = finding.help(format!("each node gets a piece of /{}: choose a range of /{} or larger, or write `node-prefix`", piece.value, piece.value));
        }
        out.push(finding);
        return;
    }
    too_few(model, pods, piece, 1_u64 << bits, out);
}

/// Offers pieces that are small enough for all nodes, if pods still fit into them.
fn smaller(
    finding: Diagnostic,
    pods: &Sourced<IpNet>,
    piece: &Sourced<i64>,
    nodes: u64,
) -> Diagnostic {
    let bits = i64::from(nodes.next_power_of_two().trailing_zeros());
    let fits = i64::from(pods.value.prefix_len()) + bits;
    match piece.origin.is_written() {
        _ if bits > 16 || fits > 28 => finding,
        true => instead(finding, &piece.origin, [fits]),
        false => finding.choice(|it| it.add_beside(&pods.origin, &format!("node-prefix = {fits}"))),
    }
}

/// Fewer pieces (`room`) than nodes that need one.
fn too_few(
    model: &Model,
    pods: &Sourced<IpNet>,
    piece: &Sourced<i64>,
    room: u64,
    out: &mut Findings<'_>,
) {
    let nodes = model.nodes.len() as u64;
    let wants = model
        .facts
        .cni
        .as_ref()
        .is_none_or(|cni| cni.needs_node_ranges);
    if nodes > room && wants {
        let noun = if room == 1 { "piece" } else { "pieces" };
        let needed = (0..=piece.value).rev().find(|shorter| {
            1_u64
                .checked_shl((piece.value - shorter) as u32)
                .is_some_and(|have| have >= nodes)
        });
        let mut finding = Diagnostic::new(
            &TOO_FEW,
            format!(
                "{nodes} nodes need {nodes} pieces of /{}, and {} holds {room}",
                piece.value, pods.value
            ),
        )
        .label(pods, format!("{room} {noun} of /{}", piece.value));
        if piece.origin.is_written() {
            finding = finding.label(piece, "each node's piece of it");
        }
        if let Some(last) = model.nodes.get(usize::try_from(room).unwrap_or(usize::MAX)) {
            finding = finding.label(&last.name, format!("{} gets none", last.name.value));
        }
        if let Some(needed) = needed {
            finding = finding.help(format!("a pod range of /{needed} holds them all"));
        }
        finding = smaller(finding, pods, piece, nodes);
        out.push(finding);
    }
}
