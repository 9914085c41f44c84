//! Edits from which a person chooses, and the free values that they write.

use std::fmt::Display;
use std::net::IpAddr;

use ipnet::IpNet;

use crate::diagnostic::Diagnostic;
use crate::model::{Model, Node};
use crate::origin::{Origin, Sourced};
use crate::source::Span;
use crate::value::{AddressRange, Version};

/// Offers to leave a setting out.
pub(in crate::check) fn left_out(finding: Diagnostic, name: &str, value: &Origin) -> Diagnostic {
    finding.choice(|finding| finding.remove(format!("leave `{name}` out"), value))
}

/// Offers each of these values in place of one that is written.
pub(in crate::check) fn instead<T: Display>(
    finding: Diagnostic,
    value: &Origin,
    others: impl IntoIterator<Item = T>,
) -> Diagnostic {
    let write = |finding: Diagnostic, other| finding.choice(|it| it.write(value, other));
    others.into_iter().fold(finding, write)
}

/// Offers another text in place of one that is written, in the quotes that it has.
pub(in crate::check) fn text_instead(
    finding: Diagnostic,
    value: &Origin,
    old: &str,
    new: &str,
) -> Diagnostic {
    let Origin::Written(span) = value else {
        return finding;
    };
    let place = match span.len().checked_sub(old.len()) {
        Some(0) => *span,
        Some(2) => span.part(1, span.len() - 1),
        _ => return finding,
    };
    finding.choice(|it| it.fix(format!("write `{new}`"), place, new))
}

/// Offers another release of Kubernetes.
pub(in crate::check) fn release(
    finding: Diagnostic,
    model: &Model,
    version: Option<Version>,
) -> Diagnostic {
    match (&model.cluster.kubernetes, version) {
        (Some(written), Some(version)) => instead(finding, &written.origin, [version]),
        _ => finding,
    }
}

/// Offers kube-proxy's usual mode, unless the CNI needs the other one.
pub(in crate::check) fn usual_mode(finding: Diagnostic, model: &Model) -> Diagnostic {
    let cni = model.cluster.cni.as_ref();
    let nftables = cni.and_then(|choice| choice.option("nftables"));
    match &model.cluster.proxy_mode {
        Some(mode) if nftables.is_none_or(|on| on.value.to_string() != "on") => {
            instead(finding, &mode.origin, ["iptables"])
        }
        _ => finding,
    }
}

/// A newer release that is supported for longer: the second newest if it is newer, so that its first mistakes are fixed.
pub(in crate::check) fn supported(model: &Model, than: Version) -> Option<Version> {
    let mut known = model.facts.known_releases.clone();
    known.sort_unstable();
    let mut newer = known
        .into_iter()
        .rev()
        .filter(|release| *release > than)
        .take(2);
    let newest = newer.next();
    newer.next().or(newest)
}

/// Whether only this node gets its value from there.
pub(in crate::check) fn is_own(
    model: &Model,
    place: Option<Span>,
    of: fn(&Node) -> Option<Span>,
) -> bool {
    place.is_some() && model.nodes.iter().filter(|node| of(node) == place).count() == 1
}

/// Offers the next free address of the LAN for a node, if the address is written for this node alone.
pub(in crate::check) fn address(finding: Diagnostic, model: &Model, node: &Node) -> Diagnostic {
    let Some(own) = &node.address else {
        return finding;
    };
    let of = |node: &Node| node.address.as_ref().and_then(|it| it.origin.span());
    if !is_own(model, own.origin.span(), of) {
        return finding;
    }
    let lan = model.cluster.network.of(node);
    let lan = lan.and_then(|subnet| subnet.lan.as_ref());
    let free = lan.and_then(|lan| free_in(model, lan.value, 1, Some(own.value)));
    instead(finding, &own.origin, free.map(|free| free.first))
}

/// So many addresses in a row that nothing in the spec has, the next ones after an address and in its LAN, else in the first one.
pub(in crate::check) fn free_addresses(
    model: &Model,
    count: u128,
    after: Option<IpAddr>,
) -> Option<AddressRange> {
    let network = &model.cluster.network;
    let near = after.and_then(|after| network.holding(after));
    let subnet = near.or(network.subnets.first())?;
    free_in(model, subnet.lan.as_ref()?.value, count, after)
}

/// The same in this LAN.
pub(in crate::check) fn free_in(
    model: &Model,
    lan: IpNet,
    count: u128,
    after: Option<IpAddr>,
) -> Option<AddressRange> {
    let all = AddressRange::from(lan);
    let taken = taken(model, lan);
    let after = after.filter(|after| lan.contains(after));
    let offset =
        |address: IpAddr| (0..all.count().min(1 << 16)).find(|at| all.nth(*at) == Some(address));
    let start = after.and_then(offset).map_or(1, |at| at + 1);
    let run = |first: u128| -> Option<AddressRange> {
        let range = AddressRange {
            first: all.nth(first)?,
            last: all.nth(first.checked_add(count)?.checked_sub(1)?)?,
        };
        let free = taken.iter().all(|other| other.shared(&range).is_none());
        free.then_some(range)
    };
    let end = all.count().min(1 << 16);
    (start..end).chain(1..start).find_map(run)
}

/// What the addresses of a spec are in use for.
fn taken(model: &Model, lan: IpNet) -> Vec<AddressRange> {
    let network = &model.cluster.network;
    let edges = [lan.network(), lan.broadcast()];
    let pools = network.pools().chain(&network.load_balancer);
    let endpoint = &model.cluster.endpoint;
    let peers = model.cluster.bgp.iter().flat_map(|bgp| &bgp.peers);
    let interfaces = |node: &Node| -> Vec<IpAddr> {
        let all = node.settings.interfaces.iter();
        let own = all.flat_map(|one| one.address.iter().chain(&one.gateway));
        own.map(|it| it.value).collect()
    };
    let single = edges
        .into_iter()
        .chain(network.gateways().map(|it| it.value))
        .chain(network.name_servers().map(|it| it.value))
        .chain(endpoint.iter().filter_map(|it| it.value.address()))
        .chain(model.moving_address().map(|it| it.value))
        .chain(
            model
                .nodes
                .iter()
                .filter_map(|node| Some(node.address.as_ref()?.value)),
        )
        .chain(model.nodes.iter().flat_map(interfaces))
        .chain(peers.filter_map(|peer| Some(peer.address.as_ref()?.value)));
    // A range around the LAN is another mistake.
    let ranges = [&network.pods, &network.services]
        .into_iter()
        .flatten()
        .chain(network.reserved.iter().map(|(_, net)| net))
        .filter(|net| !net.value.contains(&lan));
    single
        .map(AddressRange::from)
        .chain(pools.map(|pool| pool.value))
        .chain(ranges.map(|net: &Sourced<IpNet>| AddressRange::from(net.value)))
        .collect()
}
