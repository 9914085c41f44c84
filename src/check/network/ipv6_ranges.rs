//! IPv6 in addition to IPv4: the ranges of machines, pods and services.

use std::net::Ipv6Addr;

use ipnet::{IpNet, Ipv6Net};

use crate::check::network::cluster_ranges::intersection;
use crate::check::support::findings::Findings;
use crate::check::support::free_range;
use crate::declare;
use crate::diagnostic::{Descriptor, Diagnostic};
use crate::model::{Ipv6, Model, Network};
use crate::origin::Sourced;

declare! {
    /// The block `ipv6` contains IPv6 ranges only, and `address-ipv6` is an IPv6 address. IPv4 goes outside that block.
    ///
    /// ```pik fails
    /// network {
    ///   lan     = 192.168.11.0/24
    ///   gateway = 192.168.11.1
    ///   dns     = [192.168.11.1]
    ///   ipv6 { lan = fd5c:1a2b:3c4d:11::/64, pods = 10.245.0.0/16, services = fd5c:1a2b:3c4d:200::/112 }
    /// }
    /// ```
    ///
    /// ```pik
    /// network {
    ///   lan     = 192.168.11.0/24
    ///   gateway = 192.168.11.1
    ///   dns     = [192.168.11.1]
    ///   pods    = 10.245.0.0/16
    /// }
    /// ```
    pub static FAMILY = {
        code: "ipv6/family",
        since: "0.1.0",
        severity: Error,
        title: "IPv4 where IPv6 is needed",
        help: "write an IPv6 range or address here, and IPv4 in the block `network`",
        no_edit: "which IPv6 range is meant is not in the IPv4 one",
        sources: ["kubernetes.io: docs/concepts/services-networking/dual-stack"],
    }

    /// Machines, pods and services have separate ranges in each family: an address that two of them share reaches only
    /// one of the two.
    ///
    /// ```pik fails
    /// network {
    ///   lan     = 192.168.11.0/24
    ///   gateway = 192.168.11.1
    ///   dns     = [192.168.11.1]
    ///   ipv6 { lan = fd5c:1a2b:3c4d:11::/64, pods = fd5c:1a2b:3c4d::/56, services = fd5c:1a2b:3c4d:200::/112 }
    /// }
    /// ```
    ///
    /// ```pik
    /// network {
    ///   lan     = 192.168.11.0/24
    ///   gateway = 192.168.11.1
    ///   dns     = [192.168.11.1]
    ///   ipv6 { lan = fd5c:1a2b:3c4d:11::/64, pods = fd5c:1a2b:3c4d:100::/56, services = fd5c:1a2b:3c4d:200::/112 }
    /// }
    /// node node01 {
    ///   profile      = pi
    ///   role         = control-plane
    ///   board        = pi-4b-2g
    ///   address      = 192.168.11.201
    ///   address-ipv6 = fd5c:1a2b:3c4d:11::201
    ///   interface eth0 { cluster = on }
    /// }
    /// address-ipv6 = fd5c:1a2b:3c4d:11::222
    /// ```
    pub static OVERLAP = {
        code: "ipv6/ranges-overlap",
        since: "0.1.0",
        severity: Error,
        title: "two IPv6 ranges that share addresses",
        help: "choose separate ranges, e.g. in one /48: `...:11::/64` for machines, `...:100::/56` for pods, `...:200::/112` for services",
        sources: ["kubernetes.io: docs/setup/production-environment/tools/kubeadm/dual-stack-support", "RFC 4193"],
    }

    /// Private ranges begin with `fd` (fc00::/7), public ones lie in 2000::/3. Nothing else is routed from one machine
    /// to the next, least of all link-local addresses (fe80::/10).
    ///
    /// ```pik fails
    /// network {
    ///   lan     = 192.168.11.0/24
    ///   gateway = 192.168.11.1
    ///   dns     = [192.168.11.1]
    ///   ipv6 { lan = fe80::/64, pods = fd5c:1a2b:3c4d:100::/56, services = fd5c:1a2b:3c4d:200::/112 }
    /// }
    /// ```
    ///
    /// ```pik
    /// network {
    ///   lan     = 192.168.11.0/24
    ///   gateway = 192.168.11.1
    ///   dns     = [192.168.11.1]
    ///   ipv6 { lan = fd5c:1a2b:3c4d:11::/64, pods = fd5c:1a2b:3c4d:100::/56, services = fd5c:1a2b:3c4d:200::/112 }
    /// }
    /// node node01 {
    ///   profile      = pi
    ///   role         = control-plane
    ///   board        = pi-4b-2g
    ///   address      = 192.168.11.201
    ///   address-ipv6 = fd5c:1a2b:3c4d:11::201
    ///   interface eth0 { cluster = on }
    /// }
    /// address-ipv6 = fd5c:1a2b:3c4d:11::222
    /// ```
    pub static NOT_ROUTED = {
        code: "ipv6/not-routed",
        since: "0.1.0",
        severity: Error,
        title: "an IPv6 range that is not routed",
        help: "choose a private range: `fd` and ten random hexadecimal digits",
        no_edit: "a private range has ten random digits, which each network draws for itself",
        sources: ["RFC 4193", "RFC 4291"],
    }

    /// kubeadm accepts service ranges from /108 to /124 and pod ranges from /48 to /64; each node gets a /64 of the
    /// latter, so a /56 is enough for 256 nodes.
    ///
    /// ```pik fails
    /// network {
    ///   lan     = 192.168.11.0/24
    ///   gateway = 192.168.11.1
    ///   dns     = [192.168.11.1]
    ///   ipv6 { lan = fd5c:1a2b:3c4d:11::/64, pods = fd5c:1a2b:3c4d:100::/64, services = fd5c:1a2b:3c4d:200::/64 }
    /// }
    /// ```
    ///
    /// ```pik
    /// network {
    ///   lan     = 192.168.11.0/24
    ///   gateway = 192.168.11.1
    ///   dns     = [192.168.11.1]
    ///   ipv6 { lan = fd5c:1a2b:3c4d:11::/64, pods = fd5c:1a2b:3c4d:100::/56, services = fd5c:1a2b:3c4d:200::/112 }
    /// }
    /// node node01 {
    ///   profile      = pi
    ///   role         = control-plane
    ///   board        = pi-4b-2g
    ///   address      = 192.168.11.201
    ///   address-ipv6 = fd5c:1a2b:3c4d:11::201
    ///   interface eth0 { cluster = on }
    /// }
    /// address-ipv6 = fd5c:1a2b:3c4d:11::222
    /// ```
    pub static SIZE = {
        code: "ipv6/size",
        since: "0.1.0",
        severity: Error,
        title: "an IPv6 range of an unsuitable size",
        help: "write a /56 for pods and a /112 for services",
        sources: ["kubernetes/kubernetes cmd/kubeadm/app/apis/kubeadm/validation/validation.go", "kubernetes/kubernetes#95723"],
    }

}

pub(in crate::check) static CODES: &[&Descriptor] = &[&FAMILY, &OVERLAP, &NOT_ROUTED, &SIZE];

pub(in crate::check) fn check(model: &Model, out: &mut Findings<'_>) {
    let Some(ipv6) = &model.cluster.network.ipv6 else {
        return;
    };
    let named = ranges(ipv6, &model.cluster.network);
    for (name, _, range) in &named {
        if range.value.addr().is_ipv4() {
            let message = format!("`{name}` {} is an IPv4 range", range.value);
            let finding = Diagnostic::new(&FAMILY, message);
            out.push(finding.label(range, "IPv6 is needed here"));
        } else if !is_routed(range.value) {
            let message = format!(
                "`{name}` {} is neither private (fc00::/7) nor public (2000::/3)",
                range.value
            );
            let finding = Diagnostic::new(&NOT_ROUTED, message);
            out.push(finding.label(range, "not routed"));
        }
    }
    // Ranges that are not routed are not compared.
    let named: Vec<Named<'_>> = named
        .into_iter()
        .filter(|(_, _, range)| is_routed(range.value))
        .collect();
    overlaps(model, &named, out);
    sizes(model, ipv6, out);
}

/// Whether a range lies in one of the two blocks that are routed from machine to machine.
fn is_routed(range: IpNet) -> bool {
    let IpNet::V6(range) = range else {
        return false;
    };
    let first = range.addr().octets()[0];
    let (private, public) = (first & 0xfe == 0xfc, first & 0xe0 == 0x20);
    (private && range.prefix_len() >= 7) || (public && range.prefix_len() >= 3)
}

/// A range with its setting and what it is for.
type Named<'a> = (&'static str, &'static str, &'a Sourced<IpNet>);

fn ranges<'a>(ipv6: &'a Ipv6, network: &'a Network) -> Vec<Named<'a>> {
    let all = [
        ("pods", "the pods' IPv6 range", &ipv6.pods),
        ("services", "the services' IPv6 range", &ipv6.services),
    ];
    let own = all
        .into_iter()
        .filter_map(|(name, role, range)| Some((name, role, range.as_ref()?)));
    let role = "the machines' own IPv6 network";
    let name = match network.has_subnets() {
        true => "lan-ipv6",
        false => LAN,
    };
    own.chain(network.lans_ipv6().map(|lan| (name, role, lan)))
        .collect()
}

/// The setting of the machines' own network; that of a subnet begins with it.
const LAN: &str = "lan";

fn overlaps(model: &Model, named: &[Named<'_>], out: &mut Findings<'_>) {
    for (index, (name, role, range)) in named.iter().enumerate() {
        for (other_name, other_role, other) in &named[index + 1..] {
            // Two subnets of machines: the rule about subnets reports them.
            if name.starts_with(LAN) && other_name.starts_with(LAN) {
                continue;
            }
            let Some(common) = intersection(range.value, other.value) else {
                continue;
            };
            let message = format!(
                "`{name}` {} and `{other_name}` {} share {common}, for example {}",
                range.value,
                other.value,
                common.addr()
            );
            let finding = Diagnostic::new(&OVERLAP, message)
                .label(range, *role)
                .label(other, *other_role);
            out.push(proposed(finding, name, range, model, named));
        }
        // Name servers that lie in the range.
        let mut dns = model.cluster.network.name_servers();
        if !name.starts_with(LAN)
            && let Some(server) = dns.find(|server| range.value.contains(&server.value))
        {
            let message = format!(
                "the name server {} lies in `{name}` {}",
                server.value, range.value
            );
            let finding = Diagnostic::new(&OVERLAP, message)
                .label(server, "machines ask this server")
                .label(range, *role);
            out.push(proposed(finding, name, range, model, named));
        }
        for (whose, net) in &model.cluster.network.reserved {
            let Some(common) = intersection(range.value, net.value) else {
                continue;
            };
            let message = format!(
                "`{name}` {} covers addresses of `{whose}` {}, for example {}",
                range.value,
                net.value,
                common.addr()
            );
            let finding = Diagnostic::new(&OVERLAP, message)
                .label(range, *role)
                .label(net, "is to be left alone");
            out.push(proposed(finding, name, range, model, named));
        }
    }
}

/// Proposes the first range of that size in the same /48 that overlaps nothing else, unless it is for the LAN, which
/// cannot be chosen.
fn proposed(
    finding: Diagnostic,
    name: &str,
    range: &Sourced<IpNet>,
    model: &Model,
    named: &[Named<'_>],
) -> Diagnostic {
    let network = &model.cluster.network;
    let taken: Vec<IpNet> = named
        .iter()
        .filter(|(other, ..)| *other != name)
        .map(|(_, _, range)| range.value)
        .chain(network.reserved.iter().map(|(_, net)| net.value))
        .chain(
            network
                .name_servers()
                .map(|server| IpNet::from(server.value)),
        )
        .collect();
    let IpNet::V6(like) = range.value else {
        return finding;
    };
    match free(like, &taken).filter(|_| !name.starts_with(LAN)) {
        Some(free) => free_range::advised(finding, name, free).write(&range.origin, free),
        None => finding,
    }
}

/// The first range of this size after the beginning of its /48, in steps of a /56, that shares nothing with these.
fn free(like: Ipv6Net, taken: &[IpNet]) -> Option<Ipv6Net> {
    if like.prefix_len() < 56 {
        return None;
    }
    let base = u128::from(like.addr()) & !(u128::MAX >> 48);
    (1..256_u128).find_map(|step| {
        let start = Ipv6Addr::from(base | step << 72);
        let candidate = Ipv6Net::new(start, like.prefix_len()).ok()?;
        taken
            .iter()
            .all(|other| intersection(candidate.into(), *other).is_none())
            .then_some(candidate)
    })
}

fn second(range: &Option<Sourced<IpNet>>) -> Option<&Sourced<IpNet>> {
    range.as_ref().filter(|range| !range.value.addr().is_ipv4())
}

fn sizes(model: &Model, ipv6: &Ipv6, out: &mut Findings<'_>) {
    if let Some(services) = second(&ipv6.services)
        && !(108..=124).contains(&services.value.prefix_len())
    {
        let message = format!(
            "kubeadm refuses an IPv6 service range of /{}",
            services.value.prefix_len()
        );
        let finding =
            Diagnostic::new(&SIZE, message).label(services, "from /108 to /124 is possible");
        let fit = IpNet::new(services.value.network(), 112).map(|fit| fit.trunc());
        out.push(match fit {
            Ok(fit) => finding
                .help(format!("write `services = {fit}`"))
                .write(&services.origin, fit),
            Err(_) => finding,
        });
    }
    let Some(pods) = second(&ipv6.pods) else {
        return;
    };
    let prefix = pods.value.prefix_len();
    if !(48..=64).contains(&prefix) {
        let message = format!(
            "each node gets a /64 of the pods' IPv6 range, and kubeadm refuses a /{prefix} for that"
        );
        out.push(
            Diagnostic::new(&SIZE, message)
                .label(pods, "from /48 to /64 is possible")
                .help("write a /56, which has 256 pieces of /64"),
        );
        return;
    }
    let room = 1_usize << (64 - prefix);
    let pieces = model
        .facts
        .cni
        .as_ref()
        .is_none_or(|cni| cni.needs_node_ranges);
    if pieces && model.nodes.len() > room {
        let nodes = model.nodes.len();
        let noun = if room == 1 {
            "one piece"
        } else {
            "too few pieces"
        };
        let message = format!(
            "{nodes} nodes need {nodes} pieces of /64, and {} holds {room}",
            pods.value
        );
        let mut finding = Diagnostic::new(&SIZE, message).label(pods, noun);
        if let Some(last) = model.nodes.get(room) {
            finding = finding.label(&last.name, format!("{} gets none", last.name.value));
        }
        let needed = 64 - nodes.next_power_of_two().trailing_zeros();
        out.push(finding.help(format!("a range of /{needed} holds them all")));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        /// A proposal has the requested size, lies in the same /48, and overlaps nothing.
        #[test]
        fn a_proposal_overlaps_nothing(prefix in 56_u8..=124, taken in prop::collection::vec((0_u128..256, 50_u8..=112), 0..12)) {
            let base = u128::from("fd5c:1a2b:3c4d::".parse::<Ipv6Addr>().expect("an address"));
            let net = |step: u128, prefix: u8| Ipv6Net::new(Ipv6Addr::from(base | step << 72), prefix).expect("a net").trunc();
            let taken: Vec<IpNet> = taken.into_iter().map(|(step, prefix)| net(step, prefix).into()).collect();
            let like = net(7, prefix);
            match free(like, &taken) {
                Some(found) => {
                    prop_assert_eq!(found.prefix_len(), prefix);
                    prop_assert_eq!(u128::from(found.addr()) >> 80, base >> 80);
                    for other in &taken {
                        prop_assert!(intersection(found.into(), *other).is_none());
                    }
                }
                None => {
                    for step in 1..256 {
                        let candidate = IpNet::from(net(step, prefix));
                        prop_assert!(taken.iter().any(|other| intersection(candidate, *other).is_some()));
                    }
                }
            }
        }
    }
}
