//! IPv6 beside IPv4: every node, pod and service has an address of either family, or the cluster has one family only.

use std::collections::{BTreeMap, BTreeSet};
use std::net::{IpAddr, Ipv6Addr};

use ipnet::{IpNet, Ipv6Net};

use super::findings::Findings;
use super::ranges::intersection;
use crate::declare;
use crate::diagnostic::{Descriptor, Diagnostic};
use crate::model::{Ipv6, Model, Node};
use crate::origin::Sourced;
use crate::source::Span;

declare! {
    /// The block `ipv6` holds ranges of IPv6 only, and `address-ipv6` is such an address: the others stand outside of it.
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
        severity: Error,
        title: "IPv4 where IPv6 is wanted",
        help: "write an IPv6 range or address here, and IPv4 in the block `network`",
        sources: ["kubernetes.io: docs/concepts/services-networking/dual-stack"],
    }

    /// Machines, pods and services have ranges of their own in either family: what two of them share reaches one of the two only.
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
        severity: Error,
        title: "two IPv6 ranges that share addresses",
        help: "choose ranges apart, as of one /48: `...:11::/64` for machines, `...:100::/56` for pods, `...:200::/112` for services",
        sources: ["kubernetes.io: docs/setup/production-environment/tools/kubeadm/dual-stack-support", "RFC 4193"],
    }

    /// kubeadm takes service ranges from /108 to /124 and pod ranges from /48 to /64; each node takes a /64 of the latter, so a /56
    /// is enough for 256 nodes.
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
        severity: Error,
        title: "an IPv6 range of a size that does not do",
        help: "write a /56 for pods and a /112 for services",
        sources: ["kubernetes/kubernetes cmd/kubeadm/app/apis/kubeadm/validation/validation.go", "kubernetes/kubernetes#95723"],
    }

    /// In a cluster of both families the kubelet is told both addresses of its node. One that it knows one address of stays a node of
    /// one family: pods in the network of the host have no IPv6, and the CNI looks for an address that it does not find.
    ///
    /// ```pik fails
    /// network {
    ///   lan     = 192.168.11.0/24
    ///   gateway = 192.168.11.1
    ///   dns     = [192.168.11.1]
    ///   ipv6 { lan = fd5c:1a2b:3c4d:11::/64, pods = fd5c:1a2b:3c4d:100::/56, services = fd5c:1a2b:3c4d:200::/112 }
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
    pub static NO_ADDRESS = {
        code: "ipv6/no-address",
        severity: Error,
        title: "a node without an IPv6 address in a cluster of both families",
        help: "write `address-ipv6` for every node",
        sources: ["kubernetes.io: docs/setup/production-environment/tools/kubeadm/dual-stack-support", "flannel-io/flannel pkg/ipmatch/match.go"],
    }

    /// A node's IPv6 address lies in the `lan` of the block `ipv6`, and no other node has it. Without that block the cluster knows
    /// IPv4 only, and nothing would come of the address.
    ///
    /// ```pik fails
    /// address-ipv6 = fd5c:1a2b:3c4d:11::222
    /// ```
    ///
    /// ```pik
    /// address = 192.168.11.222
    /// ```
    pub static ADDRESS = {
        code: "ipv6/address",
        severity: Error,
        title: "an IPv6 address that does not fit",
        help: "write an address of the IPv6 `lan` that nothing else has",
        sources: ["kubernetes.io: docs/concepts/services-networking/dual-stack"],
    }

    /// Not every network of pods carries both families. flannel does with vxlan, host-gw and wireguard, Calico without IPIP, Cilium
    /// always; the others leave pods without IPv6, or their own pods end at once.
    ///
    /// ```pik fails
    /// network {
    ///   lan     = 192.168.11.0/24
    ///   gateway = 192.168.11.1
    ///   dns     = [192.168.11.1]
    ///   ipv6 { lan = fd5c:1a2b:3c4d:11::/64, pods = fd5c:1a2b:3c4d:100::/56, services = fd5c:1a2b:3c4d:200::/112 }
    /// }
    /// cni canal { }
    /// ```
    ///
    /// ```pik
    /// network {
    ///   lan     = 192.168.11.0/24
    ///   gateway = 192.168.11.1
    ///   dns     = [192.168.11.1]
    ///   ipv6 { lan = fd5c:1a2b:3c4d:11::/64, pods = fd5c:1a2b:3c4d:100::/56, services = fd5c:1a2b:3c4d:200::/112 }
    /// }
    /// cni flannel { }
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
    pub static CNI = {
        code: "ipv6/cni",
        severity: Error,
        title: "a CNI that carries IPv4 only",
        help: "choose a CNI or a backend that carries both, or leave the block `ipv6` out",
        sources: ["flannel-io/flannel pkg/subnet/kube/kube.go", "tigera/docs v3.32 networking/ipam/ipv6"],
    }
}

pub(super) static CODES: &[&Descriptor] = &[
    &FAMILY,
    &OVERLAP,
    &SIZE,
    &NO_ADDRESS,
    &ADDRESS,
    &CNI,
];

pub(super) fn check(model: &Model, out: &mut Findings<'_>) {
    let Some(ipv6) = &model.cluster.network.ipv6 else {
        alone(model, out);
        return;
    };
    let named = ranges(ipv6);
    for (name, _, range) in &named {
        if range.value.addr().is_ipv4() {
            let message = format!("`{name}` {} is an IPv4 range", range.value);
            let finding = Diagnostic::new(&FAMILY, message);
            out.push(finding.label_opt(range.origin.span(), "IPv6 is wanted here"));
        }
    }
    overlaps(model, &named, out);
    sizes(model, ipv6, out);
    addresses(model, ipv6, out);
    carried(model, ipv6, out);
}

/// A range with its setting and what it is for.
type Named<'a> = (&'static str, &'static str, &'a Sourced<IpNet>);

fn ranges(ipv6: &Ipv6) -> Vec<Named<'_>> {
    let all = [
        ("pods", "the pods' IPv6 range", &ipv6.pods),
        ("services", "the services' IPv6 range", &ipv6.services),
        ("lan", "the machines' own IPv6 network", &ipv6.lan),
    ];
    all.into_iter()
        .filter_map(|(name, role, range)| Some((name, role, range.as_ref()?)))
        .collect()
}

fn overlaps(model: &Model, named: &[Named<'_>], out: &mut Findings<'_>) {
    for (index, (name, role, range)) in named.iter().enumerate() {
        for (other_name, other_role, other) in &named[index + 1..] {
            let Some(common) = intersection(range.value, other.value) else {
                continue;
            };
            let message = format!(
                "`{name}` {} and `{other_name}` {} share {common}, {} for one",
                range.value,
                other.value,
                common.addr()
            );
            let finding = Diagnostic::new(&OVERLAP, message)
                .label_opt(range.origin.span(), *role)
                .label_opt(other.origin.span(), *other_role);
            out.push(proposed(finding, name, range.value, model, named));
        }
        // What lies in the range without being one.
        let dns = model.cluster.network.dns.iter();
        if *name != "lan"
            && let Some(server) = dns.into_iter().find(|server| range.value.contains(&server.value))
        {
            let message = format!("the name server {} lies in `{name}` {}", server.value, range.value);
            let finding = Diagnostic::new(&OVERLAP, message)
                .label_opt(server.origin.span(), "machines ask this server")
                .label_opt(range.origin.span(), *role);
            out.push(proposed(finding, name, range.value, model, named));
        }
        for (whose, net) in &model.cluster.network.reserved {
            let Some(common) = intersection(range.value, net.value) else {
                continue;
            };
            let message = format!(
                "`{name}` {} covers addresses of `{whose}` {}: {}, for one",
                range.value,
                net.value,
                common.addr()
            );
            let finding = Diagnostic::new(&OVERLAP, message)
                .label_opt(range.origin.span(), *role)
                .label_opt(net.origin.span(), "is to be left alone");
            out.push(proposed(finding, name, range.value, model, named));
        }
    }
}

/// With the first range of that size in the same /48 that touches nothing else, for what can be chosen.
fn proposed(finding: Diagnostic, name: &str, like: IpNet, model: &Model, named: &[Named<'_>]) -> Diagnostic {
    let network = &model.cluster.network;
    let taken: Vec<IpNet> = named
        .iter()
        .filter(|(other, ..)| *other != name)
        .map(|(_, _, range)| range.value)
        .chain(network.reserved.iter().map(|(_, net)| net.value))
        .chain(network.dns.iter().map(|server| IpNet::from(server.value)))
        .collect();
    let IpNet::V6(like) = like else {
        return finding;
    };
    match free(like, &taken).filter(|_| name != "lan") {
        Some(free) => finding.help(format!("write `{name} = {free}`, which touches nothing here")),
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

fn sizes(model: &Model, ipv6: &Ipv6, out: &mut Findings<'_>) {
    let second = |range: &Option<Sourced<IpNet>>| {
        let range = range.clone()?;
        (!range.value.addr().is_ipv4()).then_some(range)
    };
    if let Some(services) = second(&ipv6.services)
        && !(108..=124).contains(&services.value.prefix_len())
    {
        let message = format!("kubeadm refuses an IPv6 service range of /{}", services.value.prefix_len());
        let finding = Diagnostic::new(&SIZE, message).label_opt(services.origin.span(), "from /108 to /124 is possible");
        let fit = IpNet::new(services.value.network(), 112);
        out.push(match fit {
            Ok(fit) => finding.help(format!("write `services = {fit}`")),
            Err(_) => finding,
        });
    }
    let Some(pods) = second(&ipv6.pods) else {
        return;
    };
    let prefix = pods.value.prefix_len();
    if !(48..=64).contains(&prefix) {
        let message = format!("each node takes a /64 of the pods' IPv6 range, and kubeadm refuses a /{prefix} for that");
        out.push(
            Diagnostic::new(&SIZE, message)
                .label_opt(pods.origin.span(), "from /48 to /64 is possible")
                .help("write a /56, which has 256 pieces of /64"),
        );
        return;
    }
    let room = 1_usize << (64 - prefix);
    let pieces = model.facts.cni.as_ref().is_none_or(|cni| cni.needs_node_ranges);
    if pieces && model.nodes.len() > room {
        let nodes = model.nodes.len();
        let noun = if room == 1 { "one" } else { "only so many" };
        let message = format!("{nodes} nodes need {nodes} pieces of /64, and {} holds {room}", pods.value);
        let mut finding = Diagnostic::new(&SIZE, message).label_opt(pods.origin.span(), noun);
        if let Some(last) = model.nodes.get(room) {
            finding = finding.label_opt(last.name.origin.span(), format!("{} gets none", last.name.value));
        }
        let needed = 64 - nodes.next_power_of_two().trailing_zeros();
        out.push(finding.help(format!("a range of /{needed} holds them all")));
    }
}

fn addresses(model: &Model, ipv6: &Ipv6, out: &mut Findings<'_>) {
    let mut first_with: BTreeMap<IpAddr, &Node> = BTreeMap::new();
    let mut lacking: Vec<&Node> = Vec::new();
    // A range for many nodes is written once, and complained of once.
    let mut told: BTreeSet<Option<Span>> = BTreeSet::new();
    for node in &model.nodes {
        let Some(address) = &node.address_ipv6 else {
            if !node.settings.damaged {
                lacking.push(node);
            }
            continue;
        };
        let place = address.origin.span();
        let name = &node.name.value;
        let (message, against, role) = if address.value.is_ipv4() {
            if told.insert(place) {
                let message = format!("`address-ipv6` {} of {name} is an IPv4 address", address.value);
                out.push_for(node, Diagnostic::new(&FAMILY, message).label_opt(place, "IPv6 is wanted here"));
            }
            continue;
        } else if let Some(other) = first_with.insert(address.value, node) {
            let before = other.address_ipv6.as_ref().and_then(|own| own.origin.span());
            let message = format!("{} and {name} both have {}", other.name.value, address.value);
            (message, before.filter(|before| Some(*before) != place), format!("given to {}", other.name.value))
        } else if let Some(lan) = ipv6.lan.as_ref().filter(|lan| !lan.value.contains(&address.value)) {
            let message = format!("{name}'s address {} lies outside the IPv6 network {}", address.value, lan.value);
            (message, lan.origin.span(), "the machines' own IPv6 network".to_owned())
        } else if let Some(taken) = taken(address.value, model) {
            let message = format!("{name}'s address {} is a name server's", address.value);
            (message, taken.origin.span(), "a name server has it".to_owned())
        } else {
            continue;
        };
        if told.insert(place) {
            let finding = Diagnostic::new(&ADDRESS, message)
                .label_opt(place, format!("{name}'s address"))
                .label_opt(against, role);
            out.push_for(node, finding);
        }
    }
    if let Some(first) = lacking.first() {
        let message = match lacking.len() {
            1 => format!("{} has no IPv6 address", first.name.value),
            more => format!("{} and {} more nodes have no IPv6 address", first.name.value, more - 1),
        };
        let mut finding = Diagnostic::new(&NO_ADDRESS, message).label(ipv6.head, "both families, it says here");
        let mut places: Vec<Span> = lacking.iter().filter_map(|node| node.name.origin.span()).collect();
        places.dedup();
        for place in places.into_iter().take(4) {
            finding = finding.label(place, "no `address-ipv6`");
        }
        let example = ipv6.lan.as_ref().and_then(|lan| example(lan.value, first));
        out.push_for(
            first,
            match example {
                Some(example) => finding.help(format!("write `address-ipv6 = {example}` for it, and likewise for the others")),
                None => finding,
            },
        );
    }
}

fn taken(address: IpAddr, model: &Model) -> Option<&Sourced<IpAddr>> {
    model.cluster.network.dns.iter().find(|server| server.value == address)
}

/// The address of the IPv6 network that ends as the node's IPv4 address does: `...::201` for 192.168.11.201.
fn example(lan: IpNet, node: &Node) -> Option<Ipv6Addr> {
    let (IpNet::V6(lan), IpAddr::V4(own)) = (lan, node.address.as_ref()?.value) else {
        return None;
    };
    let last = u128::from_str_radix(&own.octets()[3].to_string(), 16).ok()?;
    let address = Ipv6Addr::from(u128::from(lan.network()) | last);
    lan.contains(&address).then_some(address)
}

/// An address without the block that would make something of it.
fn alone(model: &Model, out: &mut Findings<'_>) {
    let mut told: BTreeSet<Option<Span>> = BTreeSet::new();
    for node in &model.nodes {
        if let Some(address) = &node.address_ipv6
            && told.insert(address.origin.span())
        {
            let message = format!(
                "{} has the IPv6 address {}, and the cluster knows IPv4 only",
                node.name.value, address.value
            );
            let finding = Diagnostic::new(&ADDRESS, message)
                .label_opt(address.origin.span(), "nothing comes of it")
                .help("write a block `ipv6 { lan = ..., pods = ..., services = ... }` in `network`, or leave the address out");
            out.push_for(node, finding);
        }
    }
}

/// Whether the network of the pods carries both.
fn carried(model: &Model, ipv6: &Ipv6, out: &mut Findings<'_>) {
    let (Some(choice), Some(facts)) = (&model.cluster.cni, &model.facts.cni) else {
        return;
    };
    // What somebody brings is for him to know.
    if facts.by_hand || choice.manifest.is_some() {
        return;
    }
    let backend = choice.backend();
    let chosen = backend
        .as_ref()
        .and_then(|name| facts.backends.iter().find(|known| known.name == name.value));
    if chosen.is_none_or(|chosen| chosen.dual_stack) {
        return;
    }
    let able: Vec<&str> = facts
        .backends
        .iter()
        .filter(|known| known.dual_stack)
        .map(|known| known.name.as_str())
        .collect();
    let (with, place) = match &backend {
        Some(name) if !able.is_empty() => (format!(" with {}", name.value), name.origin.span()),
        _ => (String::new(), None),
    };
    let message = format!("{}{with} carries IPv4 only", facts.title);
    let finding = Diagnostic::new(&CNI, message)
        .label_opt(place.or(choice.name.origin.span()), "carries IPv4 only")
        .label(ipv6.head, "both families, it says here");
    out.push(match able.first() {
        Some(first) => finding.help(format!("write `backend = {first}`: {} can carry both", able.join(", "))),
        None => finding.help("`pikc cni SPEC` shows which ones carry both here; or leave the block `ipv6` out"),
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        /// What is proposed is of the wanted size, in the same /48, and touches nothing.
        #[test]
        fn a_proposal_touches_nothing(prefix in 56_u8..=124, taken in prop::collection::vec((0_u128..256, 50_u8..=112), 0..12)) {
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
