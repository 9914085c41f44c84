//! The address that moves, announced to routers by BGP: all that BGP needs is there, and each router can be spoken to.

use std::collections::BTreeMap;
use std::net::IpAddr;

use crate::check::support::findings::Findings;
use crate::check::support::offers::{instead, left_out};
use crate::declare;
use crate::diagnostic::{Descriptor, Diagnostic};
use crate::model::{Model, Node, Peer, Role, Router, Vip};
use crate::origin::{Origin, Sourced};

declare! {
    /// BGP is spoken between two systems with numbers of their own, and with routers that the speaker knows by address: kube-vip ends without
    /// a number or without a router ("you need to provide AS", "you need to provide at least one peer"), and no one learns
    /// where the address is.
    ///
    /// ```pik fails
    /// vip { address = 192.168.100.5, mode = bgp }
    /// ```
    ///
    /// ```pik
    /// vip {
    ///   address   = 192.168.100.5
    ///   mode      = bgp
    ///   as-number = 64512
    ///   router home { address = 192.168.11.1, as-number = 64513 }
    /// }
    /// ```
    pub static INCOMPLETE = {
        code: "vip/bgp-incomplete",
        since: "0.1.0",
        severity: Error,
        title: "an address announced by BGP, to no one or from no system",
        help: "write `as-number` and a `router` block in `vip`",
        no_edit: "the addresses and numbers of the routers are not in the spec",
        sources: ["kube-vip/kube-vip pkg/bgp/server.go (v1.2.3)", "kube-vip.io/docs/modes/bgp"],
    }

    /// Of what moves an address only kube-vip speaks BGP, and only with `mode = bgp`. keepalived announces the address by ARP.
    ///
    /// ```pik fails
    /// vip { address = 192.168.11.5, as-number = 64512 }
    /// ```
    ///
    /// ```pik
    /// vip { address = 192.168.11.5 }
    /// ```
    pub static UNSPOKEN = {
        code: "vip/bgp-not-spoken",
        since: "0.1.0",
        severity: Error,
        title: "settings for BGP where nothing speaks BGP",
        help: "write `mode = bgp` and no `by = keepalived`, or drop the settings for BGP",
        sources: ["kube-vip.io/docs/modes/bgp", "keepalived.conf(5)"],
    }

    /// Each control plane opens a connection to port 179 of the routers in its own network; one that has none there speaks to all of them
    /// through its gateway. A router is another machine: it has no address of a node, of pods or of services, it is named once, and
    /// it is spoken to by IPv4.
    ///
    /// ```pik fails
    /// vip {
    ///   address   = 192.168.100.5
    ///   mode      = bgp
    ///   as-number = 64512
    ///   router home { address = 192.168.11.222, as-number = 64513 }
    /// }
    /// ```
    ///
    /// ```pik
    /// vip {
    ///   address   = 192.168.100.5
    ///   mode      = bgp
    ///   as-number = 64512
    ///   router home { address = 192.168.11.1, as-number = 64513 }
    /// }
    /// ```
    pub static ROUTER = {
        code: "vip/router-address",
        since: "0.1.0",
        severity: Error,
        title: "a router at an address that cannot be a router's",
        help: "write the address of the router on the control planes' network",
        no_edit: "only the router has the right address, not the spec",
        sources: ["kube-vip/kube-vip pkg/bgp/peers.go (v1.2.3)", "kube-vip.io/docs/modes/bgp"],
    }

    /// A router has one BGP session with each neighbor, and knows the neighbor by its address. Here the CNI speaks to the same router from the
    /// address of the same machine: of two connections from one address the router closes one (RFC 4271, 6.8), or refuses the one with
    /// the other number ("Bad peer AS"), so that either pods or the API server cannot be reached, and it may change at any time.
    ///
    /// Two routers, one for each, work: kube-vip opens connections and does not listen, so port 179 of the machine is the CNI's alone.
    /// So does a CNI that does not speak to routers itself.
    ///
    /// ```pik fails
    /// cni calico { backend = bgp }
    /// bgp { peer home { address = 192.168.11.1, as-number = 64513 } }
    /// vip {
    ///   address   = 192.168.100.5
    ///   mode      = bgp
    ///   as-number = 64514
    ///   router home { address = 192.168.11.1, as-number = 64513 }
    /// }
    /// ```
    ///
    /// ```pik
    /// cni calico { backend = bgp }
    /// vip {
    ///   address   = 192.168.100.5
    ///   mode      = bgp
    ///   as-number = 64514
    ///   router home { address = 192.168.11.1, as-number = 64513 }
    /// }
    /// ```
    pub static SHARED = {
        code: "vip/router-shared",
        since: "0.1.0",
        severity: Error,
        title: "a router with which a machine would have two BGP sessions",
        help: "give the CNI and the moving address a router each, or take `vip` without `mode = bgp`",
        no_edit: "which other router there is, is not in the spec",
        sources: ["RFC 4271, section 6.8", "kube-vip/kube-vip#398", "metallb/metallb#114"],
    }

    /// These numbers stand for something else than a system: 23456 is put in place of numbers that an old router cannot hold, and the last one
    /// of each length is reserved. A router that follows the standards closes the session.
    ///
    /// ```pik fails
    /// vip {
    ///   address   = 192.168.100.5
    ///   mode      = bgp
    ///   as-number = 23456
    ///   router home { address = 192.168.11.1, as-number = 64513 }
    /// }
    /// ```
    ///
    /// ```pik
    /// vip {
    ///   address   = 192.168.100.5
    ///   mode      = bgp
    ///   as-number = 64512
    ///   router home { address = 192.168.11.1, as-number = 64513 }
    /// }
    /// ```
    pub static NUMBER = {
        code: "vip/as-number",
        since: "0.1.0",
        severity: Error,
        title: "a number that no autonomous system has",
        help: "write a private number, 64512 to 65534, or the one that the system really has",
        sources: ["RFC 6793", "RFC 7300"],
    }

    /// The machines of a network ask each other for its addresses by ARP; they ask no router for the way. The machine that has the address
    /// does answer, but nothing tells them when it moves to another one: for up to some minutes they send to the old machine. Machines in
    /// other networks are not affected.
    ///
    /// ```pik fails
    /// vip {
    ///   address   = 192.168.11.5
    ///   mode      = bgp
    ///   as-number = 64512
    ///   router home { address = 192.168.11.1, as-number = 64513 }
    /// }
    /// ```
    ///
    /// ```pik
    /// vip {
    ///   address   = 192.168.100.5
    ///   mode      = bgp
    ///   as-number = 64512
    ///   router home { address = 192.168.11.1, as-number = 64513 }
    /// }
    /// ```
    pub static ON_LINK = {
        code: "vip/route-inside-lan",
        since: "0.1.0",
        severity: Warning,
        title: "an address announced by BGP inside a network of the machines",
        help: "write an address outside all networks of the machines, or `mode = arp` if all control planes are in one",
        no_edit: "which address outside of them is free, only those who run the routers know",
        sources: ["kube-vip.io/docs/modes/bgp", "RFC 826"],
    }
}

pub(in crate::check) static CODES: &[&Descriptor] =
    &[&INCOMPLETE, &UNSPOKEN, &ROUTER, &SHARED, &NUMBER, &ON_LINK];

pub(in crate::check) fn check(model: &Model, out: &mut Findings<'_>) {
    let Some(vip) = &model.cluster.vip else {
        return;
    };
    if model.facts.mover.is_none() {
        return;
    }
    if model.announced_by_bgp().is_none() {
        unspoken(model, vip, out);
        return;
    }
    incomplete(vip, out);
    let routers = vip.routers.iter().map(|router| &router.as_number);
    for number in routers.chain([&vip.as_number]).flatten() {
        reserved(number, out);
    }
    routers_at(model, vip, out);
    on_link(model, out);
}

fn unspoken(model: &Model, vip: &Vip, out: &mut Findings<'_>) {
    let title = model.facts.mover.as_ref().map_or("", |mover| &mover.title);
    if let Some(mode) = vip.by_bgp() {
        let message = format!("{title} announces the address by ARP, and does not speak BGP");
        let finding = Diagnostic::new(&UNSPOKEN, message)
            .label(mode, "asks for BGP")
            .label(vip.by.as_ref(), "speaks none");
        let nothing_else = vip.as_number.is_none() && vip.routers.is_empty();
        let complete = vip.as_number.is_some() && !vip.routers.is_empty();
        out.push(match &vip.by {
            Some(by) if complete => left_out(finding, "by", &by.origin),
            _ if nothing_else => left_out(finding, "mode", &mode.origin),
            _ => finding,
        });
        return;
    }
    if let Some(number) = &vip.as_number {
        let message =
            format!("{title} announces the address by ARP, and does not read this number");
        let finding = Diagnostic::new(&UNSPOKEN, message).label(number, "for BGP");
        out.push(left_out(finding, "as-number", &number.origin));
    }
    for router in &vip.routers {
        let message = format!(
            "{title} announces the address by ARP, and speaks to no router {}",
            router.name.value
        );
        let finding = Diagnostic::new(&UNSPOKEN, message).label(router.head, "for BGP");
        let what = format!("drop the router {}", router.name.value);
        out.push(finding.choice(|it| it.remove_block(what, router.head)));
    }
}

fn incomplete(vip: &Vip, out: &mut Findings<'_>) {
    let Some(mode) = vip.by_bgp() else {
        return;
    };
    let lacks = match (&vip.as_number, vip.routers.is_empty()) {
        (None, true) => "neither an `as-number` nor a `router`",
        (None, false) => "no `as-number`",
        (Some(_), true) => "no `router`",
        (Some(_), false) => return,
    };
    let message = format!("the address is announced by BGP, and `vip` has {lacks}");
    out.push(Diagnostic::new(&INCOMPLETE, message).label(mode, "asks for BGP"));
}

/// Numbers that stand for something else, and for what.
const RESERVED: &[(i64, &str)] = &[
    (23456, "stands for numbers that do not fit into 16 bits"),
    (65535, "is reserved, as the last one of 16 bits"),
    (4_294_967_295, "is reserved, as the last one of 32 bits"),
];

fn reserved(number: &Sourced<i64>, out: &mut Findings<'_>) {
    let Some((_, why)) = RESERVED.iter().find(|(it, _)| *it == number.value) else {
        return;
    };
    let message = format!("{} is not the number of a system: it {why}", number.value);
    let finding = Diagnostic::new(&NUMBER, message).label(number, "no system has it");
    out.push(instead(finding, &number.origin, [64512]));
}

fn routers_at(model: &Model, vip: &Vip, out: &mut Findings<'_>) {
    let mut met: BTreeMap<IpAddr, &Router> = BTreeMap::new();
    for router in &vip.routers {
        let Some(address) = &router.address else {
            continue;
        };
        let earlier = met.insert(address.value, router);
        let twice = earlier.and_then(|earlier| {
            let why = format!("is also the address of the router {}", earlier.name.value);
            Some((why, earlier.address.as_ref()?.origin.clone()))
        });
        let wrong = wrong(model, address.value).or(twice.map(|(why, place)| (why, Some(place))));
        if let Some((why, place)) = wrong {
            let message = format!("the router {}: {} {why}", router.name.value, address.value);
            let finding = Diagnostic::new(&ROUTER, message)
                .label(address, "not a router's address")
                .label(place.and_then(|place| place.span()), "because of this");
            out.push(finding);
        } else {
            shared(model, router, address, out);
        }
    }
}

/// Why no router has an address, and what in the spec says so.
fn wrong(model: &Model, address: IpAddr) -> Option<(String, Option<Origin>)> {
    if address.is_ipv6() {
        return Some(("is an IPv6 address".to_owned(), None));
    }
    if let Some((what, range)) = model.cluster.network.own_range(address) {
        let why = format!("lies in {what} {}", range.value);
        return Some((why, Some(range.origin.clone())));
    }
    let own = |node: &Node| {
        let interfaces = node.settings.interfaces.iter();
        let interfaces = interfaces.filter_map(|one| one.address.as_ref());
        let mut all = node.address.iter().chain(interfaces);
        all.find(|it| it.value == address).cloned()
    };
    let mut nodes = model.nodes.iter();
    if let Some((node, it)) = nodes.find_map(|node| Some((node, own(node)?))) {
        return Some((format!("is {}'s own", node.name.value), Some(it.origin)));
    }
    let special = model.facts.special(address)?;
    Some((
        format!("lies in {}, {}", special.range.value, special.title),
        None,
    ))
}

/// The CNI speaks to the same router from a control plane.
fn shared(model: &Model, router: &Router, address: &Sourced<IpAddr>, out: &mut Findings<'_>) {
    if !model.speaks_bgp() {
        return;
    }
    let from_a_plane = |peer: &&Peer| {
        let mut planes = model.with_role(Role::ControlPlane);
        let named = |node: &Node| peer.nodes.iter().any(|it| it.value == node.name.value);
        peer.nodes.is_empty() || planes.any(named)
    };
    let mut peers = model.cluster.bgp.iter().flat_map(|bgp| &bgp.peers);
    let same = |peer: &&Peer| {
        let at = peer.address.as_ref();
        at.is_some_and(|at| at.value == address.value) && from_a_plane(peer)
    };
    let Some(peer) = peers.find(same) else {
        return;
    };
    let message = format!(
        "control planes would speak BGP to the router {} twice: for the moving address, and for the pods as the peer {}",
        router.name.value, peer.name.value
    );
    let finding = Diagnostic::new(&SHARED, message)
        .label(address, "kube-vip speaks to it")
        .label(peer.address.as_ref(), "the CNI speaks to it");
    out.push(finding);
}

fn on_link(model: &Model, out: &mut Findings<'_>) {
    let Some(address) = model.moving_address() else {
        return;
    };
    let Some(subnet) = model.cluster.network.holding(address.value) else {
        return;
    };
    let message = format!(
        "machines in the LAN{} ask for {} by ARP, and do not notice when it moves",
        subnet.whose(),
        address.value
    );
    let finding = Diagnostic::new(&ON_LINK, message)
        .label(address, "announced to routers")
        .label(subnet.lan.as_ref(), "in here no router is asked");
    out.push(finding);
}
