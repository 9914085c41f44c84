//! The address that moves between the control planes: nothing else has it, and it is what the endpoint leads to.

use std::net::IpAddr;

use ipnet::IpNet;

use crate::check::support::findings::Findings;
use crate::check::support::offers::{free_in, instead, left_out};
use crate::declare;
use crate::diagnostic::{Descriptor, Diagnostic};
use crate::model::{Model, Role, Subnet};
use crate::origin::{Origin, Sourced};

declare! {
    /// The address is announced by ARP on the LAN of the control planes, by whichever of them has it (kube-vip, or keepalived). Outside the LAN no
    /// machine asks for it by ARP; an address that a machine, the router or a name server has would belong to two
    /// machines at a time; and the router leases what is in its pool to the next device that asks.
    ///
    /// With `mode = bgp` routers learn where it is, and it lies outside the LAN; they pass no packets on to addresses that are special
    /// (127.0.0.0/8, 169.254.0.0/16, multicast), and none into the ranges of pods and services.
    ///
    /// ```pik fails
    /// vip { address = 192.168.11.201 }
    /// ```
    ///
    /// ```pik
    /// vip { address = 192.168.11.5 }
    /// ```
    pub static UNUSABLE = {
        code: "vip/unusable-address",
        since: "0.1.0",
        severity: Error,
        title: "a moving address that is in use, or outside the LAN",
        help: "write an address of the LAN that nothing else has, outside what the router leases",
        sources: ["kube-vip.io/docs/installation/static", "kube-vip.io/docs/modes/arp", "kube-vip.io/docs/modes/bgp"],
    }

    /// IPv4 is the first family of every cluster that pikc sets up, also with an `ipv6` block in `network`: API servers announce themselves
    /// under their IPv4 address, etcd's members speak IPv4, and join files name it. The second family comes later: a machine
    /// has its IPv6 default route only once the router has announced itself. So the address that everything waits for is an IPv4 address; pods and
    /// services have both families all the same.
    ///
    /// ```pik fails
    /// vip { address = fd5c:1a2b:3c4d:11::5 }
    /// ```
    ///
    /// ```pik
    /// vip { address = 192.168.11.5 }
    /// ```
    pub static FAMILY = {
        code: "vip/ipv6",
        since: "0.1.0",
        severity: Error,
        title: "a moving address that is an IPv6 address",
        help: "write an IPv4 address",
        sources: ["kubernetes.io: docs/setup/production-environment/tools/kubeadm/dual-stack-support"],
    }

    /// `endpoint` is what all machines use to reach the API server, and `vip` is the address that answers. As an address
    /// `endpoint` must be that one, or no control plane answers to it: leave it out, or give it a name. A name is
    /// written to `/etc/hosts` of every machine, with the moving address.
    ///
    /// kube-vip moves an address, and does not translate ports: the endpoint's port is that of the API servers. With `by = keepalived`
    /// it is that of HAProxy, which is another one.
    ///
    /// ```pik fails
    /// endpoint = 192.168.11.6
    /// vip { address = 192.168.11.5 }
    /// ```
    ///
    /// ```pik
    /// endpoint = api.home.arpa
    /// vip { address = 192.168.11.5 }
    /// ```
    pub static ELSEWHERE = {
        code: "vip/another-endpoint",
        since: "0.1.0",
        severity: Error,
        title: "an endpoint that is not the moving address",
        help: "leave `endpoint` out, or write a name without a port",
        sources: ["kube-vip/kube-vip pkg/manager/manager.go"],
    }
}

pub(in crate::check) static CODES: &[&Descriptor] = &[&UNUSABLE, &FAMILY, &ELSEWHERE];

pub(in crate::check) fn check(model: &Model, out: &mut Findings<'_>) {
    let Some(address) = model.moving_address() else {
        return;
    };
    let lan = home(model).and_then(|subnet| subnet.lan.as_ref());
    let free = || {
        // In a network of the machines it is announced by ARP only.
        let by_arp = model.announced_by_bgp().is_none();
        let lan = lan.filter(|_| by_arp);
        let free = lan.and_then(|lan| free_in(model, lan.value, 1, Some(address.value)));
        free.map(|free| free.first)
    };
    if address.value.is_ipv6() {
        let message = format!(
            "the moving address {} is an IPv6 address, and machines reach the API servers by IPv4",
            address.value
        );
        let finding = Diagnostic::new(&FAMILY, message).label(address, "an IPv6 address");
        let finding = finding.label(lan, "where the machines are");
        out.push(instead(finding, &address.origin, free()));
    } else if let Some((message, place, role)) = conflict(model, address.value) {
        let finding = Diagnostic::new(&UNUSABLE, message)
            .label(address, "moves between the control planes")
            .label(place.and_then(|place| place.span()), role);
        out.push(instead(finding, &address.origin, free()));
    }
    elsewhere(model, address, out);
}

/// The network of the control planes, in which the address is announced.
fn home(model: &Model) -> Option<&Subnet> {
    let network = &model.cluster.network;
    let mut planes = model.with_role(Role::ControlPlane);
    let of_plane = planes.find_map(|node| network.of(node));
    of_plane.or(network.subnets.first())
}

/// What rules an address out, where that is set if the spec sets it, and what it is there.
type Conflict = (String, Option<Origin>, &'static str);

/// What rules an address out, where that is set, and what it is.
fn conflict(model: &Model, address: IpAddr) -> Option<Conflict> {
    let network = &model.cluster.network;
    let subnet = home(model)?;
    let lan = subnet.lan.as_ref()?;
    let edges =
        |lan: &IpNet| lan.prefix_len() < 31 && [lan.network(), lan.broadcast()].contains(&address);
    if model.announced_by_bgp().is_some() {
        if let Some(found) = not_routed(model, address) {
            return Some(found);
        }
    } else if !lan.value.contains(&address) {
        let message = format!(
            "the moving address {address} lies outside the LAN {}{}",
            lan.value,
            subnet.whose()
        );
        return Some((message, Some(lan.origin.clone()), "the LAN"));
    }
    if let Some(lan) = network.lans().find(|lan| edges(&lan.value)) {
        let message = format!("the moving address {address} is the first or the last of the LAN");
        return Some((message, Some(lan.origin.clone()), "the LAN"));
    }
    let gateway = network.gateways().map(|it| (it, "the router"));
    let dns = network.name_servers().map(|it| (it, "a name server"));
    let peers = model.cluster.bgp.iter().flat_map(|bgp| &bgp.peers);
    let peers = peers.filter_map(|peer| Some((peer.address.as_ref()?, "a BGP peer")));
    let routers = model.cluster.vip.iter().flat_map(|vip| &vip.routers);
    let routers = routers.filter_map(|one| Some((one.address.as_ref()?, "a router")));
    let mut taken = gateway.chain(dns).chain(peers).chain(routers);
    if let Some((it, whose)) = taken.find(|(it, _)| it.value == address) {
        return Some((
            format!("the moving address {address} is that of {whose}"),
            Some(it.origin.clone()),
            whose,
        ));
    }
    let leased = network
        .pools()
        .map(|pool| (pool, "`dhcp`", "leased by the router"));
    let services = network
        .load_balancer
        .iter()
        .map(|pool| (pool, "`load-balancer`", "handed out to services"));
    for (pool, name, role) in leased.chain(services) {
        if pool.value.contains(address) {
            let message = format!("the moving address {address} lies in {name} {}", pool.value);
            return Some((message, Some(pool.origin.clone()), role));
        }
    }
    of_a_machine(model, address)
}

/// What keeps routers from passing packets to an address on: no machine outside has it, or it is inside the cluster.
fn not_routed(model: &Model, address: IpAddr) -> Option<Conflict> {
    if let Some((role, range)) = model.cluster.network.own_range(address) {
        let message = format!(
            "the moving address {address} lies in {role} {}",
            range.value
        );
        return Some((message, Some(range.origin.clone()), role));
    }
    let special = model.facts.special(address)?;
    let message = format!(
        "the moving address {address} lies in {}, {}",
        special.range.value, special.title
    );
    Some((message, None, ""))
}

fn of_a_machine(model: &Model, address: IpAddr) -> Option<Conflict> {
    let mut all = model.nodes.iter().flat_map(|node| {
        let interfaces = node.settings.interfaces.iter();
        let interfaces = interfaces.flat_map(|one| one.address.iter().chain(&one.gateway));
        let own = node.address.iter().chain(interfaces);
        own.map(move |it| (node, it))
    });
    let (node, it) = all.find(|(_, it)| it.value == address)?;
    let message = format!(
        "the moving address {address} is that of {}",
        node.name.value
    );
    Some((message, Some(it.origin.clone()), "a machine's own"))
}

fn elsewhere(model: &Model, address: &Sourced<IpAddr>, out: &mut Findings<'_>) {
    let cluster = &model.cluster;
    let written = cluster.endpoint.as_ref();
    let Some(endpoint) = written.filter(|endpoint| endpoint.origin.is_written()) else {
        return;
    };
    // HAProxy has a port of its own.
    let ports = match model.balanced_port() {
        Some(_) => None,
        None => endpoint.value.port.zip(cluster.api_port.as_ref()),
    };
    let wrong_port = ports.filter(|(port, api)| *port != api.value);
    let message = match (endpoint.value.address(), wrong_port) {
        (Some(other), _) if other != address.value => format!(
            "the endpoint is {other}, and the address that moves is {}",
            address.value
        ),
        (_, Some((port, api))) => format!(
            "the endpoint has port {port}, and the API servers listen on {}",
            api.value
        ),
        _ => return,
    };
    let finding = Diagnostic::new(&ELSEWHERE, message)
        .label(endpoint, "all machines use this")
        .label(address, "this moves between the control planes");
    out.push(left_out(finding, "endpoint", &endpoint.origin));
}
