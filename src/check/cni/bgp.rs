//! BGP: the CNI speaks it, its peers are routers, and every route reaches every node.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use crate::check::support::findings::Findings;
use crate::check::support::findings::names;
use crate::check::support::offers::{instead, left_out};
use crate::declare;
use crate::diagnostic::{Descriptor, Diagnostic, suggest};
use crate::model::{Bgp, Model, Node, Peer};

declare! {
    /// Peers and route reflectors configure a program that speaks BGP on each node. This CNI has none, or does not run
    /// it with these settings: Calico with `backend = vxlan` encapsulates every packet and announces no routes.
    ///
    /// ```pik fails
    /// cni calico { backend = vxlan }
    /// bgp { peer router { address = 192.168.11.1, as-number = 64513 } }
    /// ```
    ///
    /// ```pik
    /// cni calico { backend = bgp }
    /// bgp { peer router { address = 192.168.11.1, as-number = 64513 } }
    /// ```
    pub static NOT_SPOKEN = {
        code: "bgp/not-spoken",
        since: "0.1.0",
        severity: Error,
        title: "BGP settings for a CNI that does not speak BGP",
        help: "write `cni calico { backend = bgp }`, or drop the BGP settings",
        sources: ["tigera/docs v3.32 networking/configuring/bgp"],
    }

    /// A peer is a router outside the cluster. A node's own address is not a peer (the nodes speak with each other
    /// anyway), no router has an address of the pods or the services, and two peers with one address are one peer.
    ///
    /// ```pik fails
    /// cni calico { backend = bgp }
    /// bgp { peer router { address = 10.244.0.1, as-number = 64513 } }
    /// ```
    ///
    /// ```pik
    /// cni calico { backend = bgp }
    /// bgp { peer router { address = 192.168.11.1, as-number = 64513 } }
    /// ```
    pub static PEER_ADDRESS = {
        code: "bgp/peer-address",
        since: "0.1.0",
        severity: Error,
        title: "a peer at an address that cannot be a router's",
        help: "write the address of the router on the nodes' network",
        no_edit: "only the router has the right address, not the spec",
        sources: ["tigera/docs v3.32 networking/configuring/bgp"],
    }

    /// A peer's `nodes` are names of nodes in this spec.
    ///
    /// ```pik fails
    /// cni calico { backend = bgp }
    /// bgp { peer router { address = 192.168.11.1, as-number = 64513, nodes = [node1] } }
    /// ```
    ///
    /// ```pik
    /// cni calico { backend = bgp }
    /// bgp { peer router { address = 192.168.11.1, as-number = 64513, nodes = [node01] } }
    /// ```
    pub static UNKNOWN_NODE = {
        code: "bgp/unknown-node",
        since: "0.1.0",
        severity: Error,
        title: "a peer of a node that does not exist",
        help: "write the name of a node",
        sources: ["docs/language.md"],
    }

    /// Without the mesh, nodes learn routes to each other's pods from route reflectors, or from routers outside the
    /// cluster that pass them on. With neither, each node has routes to its own pods only.
    ///
    /// ```pik fails
    /// cni calico { backend = bgp }
    /// bgp { mesh = off }
    /// ```
    ///
    /// ```pik
    /// cni calico { backend = bgp }
    /// bgp { mesh = off, peer router { address = 192.168.11.1, as-number = 64513 } }
    /// ```
    pub static NO_ROUTE_SOURCE = {
        code: "bgp/no-route-source",
        since: "0.1.0",
        formerly: ["bgp/nobody-tells"],
        severity: Error,
        title: "nodes that learn no routes to each other's pods",
        help: "drop `mesh = off`, or name a peer or route reflectors",
        sources: ["tigera/docs v3.32 networking/configuring/bgp"],
    }

    /// Every node learns all routes from the route reflectors. If there is only one, no new route arrives while it
    /// restarts, and after a while the old ones expire.
    ///
    /// ```pik fails
    /// cni calico { backend = bgp }
    /// route-reflector = on
    /// ```
    ///
    /// ```pik
    /// cni calico { backend = bgp }
    /// node node01 {
    ///   role            = control-plane
    ///   os              = raspios-trixie
    ///   board           = pi-4b-2g
    ///   address         = 192.168.11.201
    ///   route-reflector = on
    /// }
    /// route-reflector = on
    /// ```
    pub static ONE_REFLECTOR = {
        code: "bgp/one-reflector",
        since: "0.1.0",
        severity: Warning,
        title: "only one route reflector",
        help: "write `route-reflector = on` in a second node",
        no_edit: "which machine becomes the second route reflector depends on how the network is cabled",
        sources: ["tigera/docs v3.32 networking/configuring/bgp"],
    }

    /// In a full mesh every node speaks with every other: with a hundred nodes each holds 99 connections, and there are
    /// 4,950 in total. In larger clusters a few route reflectors speak with all nodes instead.
    ///
    /// ```pik fails
    /// network { lan = 192.168.0.0/20, gateway = 192.168.0.1, dns = [192.168.0.1], pods = 10.244.0.0/16 }
    /// cni calico { backend = bgp, typha = on }
    /// node more[001-110] {
    ///   role    = worker
    ///   os      = raspios-trixie
    ///   board   = pi-4b-4g
    ///   address = 192.168.1.1..192.168.1.110
    /// }
    /// ```
    ///
    /// ```pik
    /// network { lan = 192.168.0.0/20, gateway = 192.168.0.1, dns = [192.168.0.1], pods = 10.244.0.0/16 }
    /// cni calico { backend = bgp, typha = on }
    /// node more[001-110] {
    ///   role            = worker
    ///   os              = raspios-trixie
    ///   board           = pi-4b-4g
    ///   address         = 192.168.1.1..192.168.1.110
    ///   route-reflector = on
    /// }
    /// ```
    pub static LARGE_MESH = {
        code: "bgp/large-mesh",
        since: "0.1.0",
        severity: Warning,
        title: "a full mesh of many nodes",
        help: "write `route-reflector = on` in two or three nodes",
        no_edit: "which machines become route reflectors depends on how the network is cabled",
        sources: ["tigera/docs v3.32 networking/configuring/bgp"],
    }
}

pub(in crate::check) static CODES: &[&Descriptor] = &[
    &NOT_SPOKEN,
    &PEER_ADDRESS,
    &UNKNOWN_NODE,
    &NO_ROUTE_SOURCE,
    &ONE_REFLECTOR,
    &LARGE_MESH,
];

/// A full mesh of more nodes than this is not recommended.
const LARGE: usize = 100;

pub(in crate::check) fn check(model: &Model, out: &mut Findings<'_>) {
    let reflectors = model.route_reflectors();
    let bgp = model.cluster.bgp.as_ref();
    if !model.speaks_bgp() {
        unspoken(model, bgp, &reflectors, out);
        return;
    }
    if let Some(bgp) = bgp {
        unknown(model, bgp, out);
    }
    if let Some(bgp) = bgp {
        addresses(model, bgp, out);
    }
    let off = bgp
        .and_then(|bgp| bgp.mesh.as_ref())
        .filter(|mesh| !mesh.value);
    if let Some(off) = off
        && reflectors.is_empty()
        && bgp.is_some_and(|bgp| bgp.peers.is_empty())
        && model.nodes.len() > 1
    {
        let message = "no node learns routes to another node's pods: there is no mesh, no route reflector and no peer";
        let finding = Diagnostic::new(&NO_ROUTE_SOURCE, message).label(off, "no mesh");
        out.push(left_out(finding, "mesh", &off.origin));
    }
    if let [only] = reflectors.as_slice()
        && !model.bgp_mesh()
    {
        let setting = only.settings.route_reflector.as_ref();
        out.push(
            Diagnostic::new(
                &ONE_REFLECTOR,
                format!("all nodes get their routes from {} alone", only.name.value),
            )
            .label(setting.and_then(|on| on.origin.span()), "the only one"),
        );
    }
    if model.bgp_mesh() && model.nodes.len() > LARGE {
        let mesh = bgp.and_then(|bgp| bgp.mesh.as_ref());
        let cni = model.cluster.cni.as_ref();
        out.push(
            Diagnostic::new(
                &LARGE_MESH,
                format!(
                    "each of {} nodes speaks BGP with all others",
                    model.nodes.len()
                ),
            )
            .label(mesh.and_then(|mesh| mesh.origin.span()), "asked for here")
            .label(cni.map(|cni| &cni.name), "this CNI"),
        );
    }
}

fn unspoken(model: &Model, bgp: Option<&Bgp>, reflectors: &[&Node], out: &mut Findings<'_>) {
    let Some(choice) = &model.cluster.cni else {
        return;
    };
    let Some(facts) = &model.facts.cni else {
        return;
    };
    if bgp.is_none() && reflectors.is_empty() {
        return;
    }
    let backend = choice.backend();
    let how = backend
        .as_ref()
        .filter(|_| facts.backends.iter().any(|backend| backend.bgp))
        .map_or_else(String::new, |backend| {
            format!(" with `backend = {}`", backend.value)
        });
    let mut finding = Diagnostic::new(
        &NOT_SPOKEN,
        format!("{}{how} speaks no BGP, so nothing reads this", facts.title),
    );
    if let Some(bgp) = bgp {
        finding = finding.label(bgp.head, "for BGP");
    }
    if let Some(first) = reflectors.first() {
        let on = first.settings.route_reflector.as_ref();
        finding = finding.label(on.and_then(|on| on.origin.span()), "for BGP");
    }
    let written = backend.filter(|backend| backend.origin.is_written());
    let written_backend = written.is_some();
    let place = written.map_or_else(|| choice.name.origin.clone(), |backend| backend.origin);
    let finding = finding.label(place.span(), "speaks none");
    // Of several settings, one that goes away leaves the finding.
    let finding = match (bgp, reflectors) {
        (Some(bgp), []) => finding.choice(|it| it.remove_block("drop `bgp`", bgp.head)),
        _ => finding,
    };
    let speakers = facts.backends.iter().filter(|backend| backend.bgp);
    out.push(instead(
        finding,
        &place,
        speakers
            .map(|backend| &backend.name)
            .filter(|_| written_backend),
    ));
}

/// So many unknown names get a suggestion; each one costs a comparison with every node.
const SUGGESTED: usize = 20;

fn unknown(model: &Model, bgp: &Bgp, out: &mut Findings<'_>) {
    let known: BTreeSet<&str> = model
        .nodes
        .iter()
        .map(|node| node.name.value.as_str())
        .collect();
    let named = bgp.peers.iter().flat_map(|peer| &peer.nodes);
    let strange = named.filter(|named| !known.contains(named.value.as_str()));
    for (count, named) in strange.enumerate() {
        let mut finding =
            Diagnostic::new(&UNKNOWN_NODE, format!("there is no node `{}`", named.value))
                .label(named, "not a node of this spec");
        let near =
            (count < SUGGESTED).then(|| suggest::nearest(&named.value, known.iter().copied()));
        if let Some(nearest) = near.flatten() {
            finding = finding.help(format!("did you mean `{nearest}`?"));
            if let Some(span) = named.origin.span() {
                finding = finding.fix(format!("write `{nearest}`"), span, nearest);
            }
        }
        out.push(finding);
    }
}

fn addresses(model: &Model, bgp: &Bgp, out: &mut Findings<'_>) {
    let network = &model.cluster.network;
    let mut owners: BTreeMap<IpAddr, Vec<&Node>> = BTreeMap::new();
    for node in &model.nodes {
        if let Some(address) = &node.address {
            owners.entry(address.value).or_default().push(node);
        }
    }
    let mut peers: BTreeMap<IpAddr, &Peer> = BTreeMap::new();
    for peer in &bgp.peers {
        let Some(address) = &peer.address else {
            continue;
        };
        let inside = network.own_range(address.value).map(|(what, range)| {
            let why = format!("lies in {what} {}", range.value);
            (why, range.origin.span())
        });
        let own = || {
            let found = owners.get(&address.value)?;
            let place = found.first()?.address.as_ref()?.origin.span();
            Some((format!("is {}'s own", names(found)), place))
        };
        let twice = || {
            let other = peers.get(&address.value)?;
            let place = other.address.as_ref()?.origin.span();
            Some((
                format!("is also the address of the peer {}", other.name.value),
                place,
            ))
        };
        let wrong = inside
            .or_else(own)
            .map(|(why, place)| (why, "not a router's address", place, "because of this"));
        let again = || twice().map(|(why, place)| (why, "used again", place, "the first one"));
        if let Some((why, said, place, because)) = wrong.or_else(again) {
            out.push(
                Diagnostic::new(
                    &PEER_ADDRESS,
                    format!("the peer {}: {} {why}", peer.name.value, address.value),
                )
                .label(address, said)
                .label(place, because),
            );
        }
        peers.entry(address.value).or_insert(peer);
    }
}
