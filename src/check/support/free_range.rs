//! Proposes a free range in place of one that cannot be used.

use std::fmt::Display;
use std::net::IpAddr;

use ipnet::IpNet;

use crate::check::support::findings::Findings;
use crate::diagnostic::Diagnostic;
use crate::model::Model;
use crate::origin::Sourced;
use crate::value::{AddressRange, nearest_free};

/// Proposes the free range with an edit: it replaces the old range if that is in the spec, and otherwise goes next to
/// the LAN.
pub(in crate::check) fn written(
    finding: Diagnostic,
    name: &str,
    range: &Sourced<IpNet>,
    free: IpNet,
    model: &Model,
) -> Diagnostic {
    let finding = advised(finding, name, free);
    match range.origin.is_written() {
        true => finding.write(&range.origin, free),
        false => added(finding, model, &format!("{name} = {free}")),
    }
}

/// Adds a line to the `network` block, next to its LAN if it has one of its own.
fn added(finding: Diagnostic, model: &Model, line: &str) -> Diagnostic {
    let network = &model.cluster.network;
    let lan = network.lans().next().filter(|_| !network.has_subnets());
    match (lan, network.head) {
        (Some(lan), _) => finding.add_beside(&lan.origin, line),
        (None, Some(head)) => finding.add_inside(format!("add `{line}`"), head, line),
        (None, None) => finding,
    }
}

/// Offers the free range as a choice, if there is one: the operator may know better.
pub(in crate::check) fn offered(
    finding: Diagnostic,
    name: &str,
    range: &Sourced<IpNet>,
    model: &Model,
    out: &mut Findings<'_>,
) -> Diagnostic {
    match free(name, range.value, model, out).filter(|_| range.value.addr().is_ipv4()) {
        Some(free) => finding.choice(|it| written(it, name, range, free, model)),
        None => finding,
    }
}

/// Proposes the free range in the help only.
pub(in crate::check) fn advised(finding: Diagnostic, name: &str, free: impl Display) -> Diagnostic {
    finding.help(format!(
        "write `{name} = {free}`, which overlaps nothing here"
    ))
}

/// The blocks that RFC 1918 sets aside for private networks.
const PRIVATE: &[([u8; 4], u8)] = &[
    ([10, 0, 0, 0], 8),
    ([172, 16, 0, 0], 12),
    ([192, 168, 0, 0], 16),
];

/// Whether a network lies in one of these blocks.
pub(in crate::check) fn is_private(net: IpNet) -> bool {
    private().any(|private| private.contains(&net))
}

fn private() -> impl Iterator<Item = IpNet> {
    let net = |(base, prefix): &([u8; 4], u8)| IpNet::new(IpAddr::from(*base), *prefix).ok();
    PRIVATE.iter().filter_map(net)
}

/// Where to look for a free range first: ranges commonly used for clusters.
const USUAL: &[[u8; 4]] = &[
    [10, 244, 0, 0],
    [10, 96, 0, 0],
    [172, 20, 0, 0],
    [10, 128, 0, 0],
    [172, 16, 0, 0],
    [10, 0, 0, 0],
    [10, 64, 0, 0],
    [10, 192, 0, 0],
];

/// A private range of the same size as `like` that overlaps nothing in the spec: a commonly used one, else the nearest
/// free one, else a smaller one. All findings about one setting propose the same range, and different settings get
/// different ranges, so that following all the advice in a report leaves no overlap. None for the LAN, which cannot be
/// chosen.
pub(in crate::check) fn free(
    name: &str,
    like: IpNet,
    model: &Model,
    out: &mut Findings<'_>,
) -> Option<IpNet> {
    if name == "lan" {
        return None;
    }
    if let Some(known) = out.proposed.get(name) {
        return Some(*known);
    }
    let others: Vec<IpNet> = out.proposed.values().copied().collect();
    let free = untouched(model, like, &others, None)?;
    out.proposed.insert(name.to_owned(), free);
    Some(free)
}

/// The same without a report. `but` names a range of the cluster that may be used again, because it is to be replaced.
pub fn untouched(model: &Model, like: IpNet, others: &[IpNet], but: Option<&str>) -> Option<IpNet> {
    let network = &model.cluster.network;
    let ranges = [("pods", &network.pods), ("services", &network.services)]
        .into_iter()
        .filter(|(name, _)| but != Some(*name))
        .filter_map(|(_, range)| range.as_ref())
        .chain(network.lans());
    let reserved = network.reserved.iter().map(|(_, net)| net);
    let pools = network.pools().chain(&network.load_balancer);
    let endpoint = model
        .cluster
        .endpoint
        .iter()
        .filter_map(|endpoint| endpoint.value.address());

    let interfaces = model
        .nodes
        .iter()
        .flat_map(|node| &node.settings.interfaces);
    let interfaces = interfaces.flat_map(|one| one.address.iter().chain(&one.gateway));
    let interfaces = interfaces.map(|address| AddressRange::from(address.value));
    let taken: Vec<AddressRange> = ranges
        .chain(reserved)
        .chain(model.facts.taken.iter().map(|taken| &taken.range))
        .map(|range| AddressRange::from(range.value))
        .chain(pools.map(|pool| pool.value))
        .chain(
            network
                .name_servers()
                .map(|dns| AddressRange::from(dns.value)),
        )
        .chain(interfaces)
        .chain(endpoint.map(AddressRange::from))
        .chain(model.moving_address().map(|it| it.value.into()))
        .chain(others.iter().map(|net| AddressRange::from(*net)))
        .collect();
    let net = |address: [u8; 4], prefix: u8| {
        let net = IpNet::new(IpAddr::from(address), prefix).ok()?;
        Some(net.trunc())
    };
    let private: Vec<IpNet> = private().collect();
    let is_free = |candidate: &IpNet| {
        private.iter().any(|private| private.contains(candidate))
            && taken
                .iter()
                .all(|range| range.shared(&AddressRange::from(*candidate)).is_none())
    };
    // There may be no free range of that size; half of a huge range is still huge.
    (like.prefix_len().clamp(12, 30)..=30).find_map(|prefix| {
        let usual = USUAL
            .iter()
            .filter_map(|base| net(*base, prefix))
            .find(is_free);
        usual.or_else(|| {
            let like = IpNet::new(like.network(), prefix).ok()?;
            nearest_free(like.trunc(), &private, &taken)
        })
    })
}
