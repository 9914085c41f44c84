//! IPv6 in addition to IPv4: every node has an address of each family, and the pod network carries both.

use std::collections::{BTreeMap, BTreeSet};
use std::net::{IpAddr, Ipv6Addr};

use ipnet::IpNet;

use crate::check::network::ipv6_ranges::FAMILY;
use crate::check::support::findings::{Findings, names, verb};
use crate::check::support::offers::{instead, is_own, left_out};
use crate::declare;
use crate::diagnostic::{Descriptor, Diagnostic, Edit, Reach};
use crate::model::{CniChoice, Ipv6, Model, Node};
use crate::origin::Sourced;
use crate::source::Span;

declare! {
    /// In a dual-stack cluster the kubelet is told both addresses of its node. A node with only one address has only
    /// one family: pods in the host network have no IPv6, and the CNI looks for an address that it does not find.
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
        since: "0.1.0",
        severity: Error,
        title: "a node without an IPv6 address in a dual-stack cluster",
        help: "write `address-ipv6` for every node",
        sources: ["kubernetes.io: docs/setup/production-environment/tools/kubeadm/dual-stack-support", "flannel-io/flannel pkg/ipmatch/match.go"],
    }

    /// A node's IPv6 address lies in the `lan` of the block `ipv6`, and no other node has it. Without that block the
    /// cluster has IPv4 only, and nothing would use the address.
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
        since: "0.1.0",
        severity: Error,
        title: "an IPv6 address that does not fit",
        help: "write an address of the IPv6 `lan` that nothing else has",
        sources: ["kubernetes.io: docs/concepts/services-networking/dual-stack"],
    }

    /// Not every pod network carries both families. flannel does with vxlan, host-gw and wireguard, Calico without
    /// IPIP, Cilium always; the others leave pods without IPv6, or their own pods exit at once.
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
        since: "0.1.0",
        severity: Error,
        title: "a CNI that carries IPv4 only",
        help: "choose a CNI or a backend that carries both, or leave the block `ipv6` out",
        sources: ["flannel-io/flannel pkg/subnet/kube/kube.go", "tigera/docs v3.32 networking/ipam/ipv6"],
    }
}

pub(in crate::check) static CODES: &[&Descriptor] = &[&NO_ADDRESS, &ADDRESS, &CNI];

pub(in crate::check) fn check(model: &Model, out: &mut Findings<'_>) {
    let Some(ipv6) = &model.cluster.network.ipv6 else {
        alone(model, out);
        return;
    };
    addresses(model, ipv6, out);
    carried(model, ipv6, out);
}

fn addresses(model: &Model, ipv6: &Ipv6, out: &mut Findings<'_>) {
    let mut first_with: BTreeMap<IpAddr, &Node> = BTreeMap::new();
    let mut lacking: Vec<&Node> = Vec::new();
    // A range for many nodes is written once, and reported once.
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
        if address.value.is_ipv4() {
            if told.insert(place) {
                let message = format!(
                    "`address-ipv6` {} of {name} is an IPv4 address",
                    address.value
                );
                out.push_for(
                    node,
                    Diagnostic::new(&FAMILY, message).label(place, "IPv6 is needed here"),
                );
            }
            continue;
        }
        let before = first_with.insert(address.value, node);
        let Some((message, against, role)) = wrong(model, node, address, before) else {
            continue;
        };
        if told.insert(place) {
            let finding = Diagnostic::new(&ADDRESS, message)
                .label(place, format!("{name}'s address"))
                .label(against, role);
            out.push_for(node, finding);
        }
    }
    out_of_addresses(model, ipv6, &lacking, out);
}

/// What is wrong with a node's IPv6 address, the place that it conflicts with, and what that place is.
fn wrong(
    model: &Model,
    node: &Node,
    address: &Sourced<IpAddr>,
    other: Option<&Node>,
) -> Option<(String, Option<Span>, String)> {
    let (name, own) = (&node.name.value, address.value);
    if let Some(other) = other {
        let before = other
            .address_ipv6
            .as_ref()
            .and_then(|own| own.origin.span());
        // A range for many nodes is one place.
        let before = before.filter(|before| Some(*before) != address.origin.span());
        let message = format!("{} and {name} both have {own}", other.name.value);
        return Some((message, before, format!("given to {}", other.name.value)));
    }
    if let Some(lan) = lan_of(model, node) {
        let range = lan.value;
        let message = if !range.contains(&own) {
            Some(format!(
                "{name}'s address {own} lies outside the IPv6 network {range}"
            ))
        } else if range.addr() == own && range.prefix_len() < 127 {
            Some(format!(
                "{name}'s address {own} is the subnet-router anycast address of {range}"
            ))
        } else {
            None
        };
        if let Some(message) = message {
            let role = "the machines' own IPv6 network".to_owned();
            return Some((message, lan.origin.span(), role));
        }
    }
    let taken = taken(own, model)?;
    let message = format!("{name}'s address {own} is a name server's");
    Some((
        message,
        taken.origin.span(),
        "a name server has it".to_owned(),
    ))
}

/// Nodes without an IPv6 address.
fn out_of_addresses(model: &Model, ipv6: &Ipv6, lacking: &[&Node], out: &mut Findings<'_>) {
    if let Some(first) = lacking.first() {
        let message = format!(
            "{} {} no IPv6 address",
            names(lacking),
            verb(lacking, "has", "have")
        );
        let mut finding =
            Diagnostic::new(&NO_ADDRESS, message).label(ipv6.head, "dual stack is set up here");
        let mut places: Vec<Span> = lacking
            .iter()
            .filter_map(|node| node.name.origin.span())
            .collect();
        places.dedup();
        for place in places.into_iter().take(4) {
            finding = finding.label(place, "no `address-ipv6`");
        }
        let example = lan_of(model, first).and_then(|lan| example(lan.value, first));
        out.push_for(
            first,
            match example {
                Some(example) => given(finding, lacking, model).help(format!(
                    "write `address-ipv6 = {example}` for it, and likewise for the others"
                )),
                None => finding,
            },
        );
    }
}

/// Offers such an address for each of the nodes, if each has a block of its own and all addresses are free.
fn given(finding: Diagnostic, lacking: &[&Node], model: &Model) -> Diagnostic {
    let of = |node: &Node| node.name.origin.span();
    let mut used: BTreeSet<IpAddr> = model
        .nodes
        .iter()
        .filter_map(|node| Some(node.address_ipv6.as_ref()?.value))
        .collect();
    let edits = lacking.iter().map(|node| {
        let lan = lan_of(model, node)?.value;
        let address = IpAddr::V6(example(lan, node)?);
        let span = of(node).filter(|span| is_own(model, Some(*span), of))?;
        let free = address != lan.addr() && taken(address, model).is_none() && used.insert(address);
        free.then(|| Edit {
            span,
            replacement: format!("address-ipv6 = {address}"),
            reach: Reach::Inside,
        })
    });
    match edits.collect::<Option<Vec<Edit>>>() {
        Some(edits) => finding.choice(|it| it.edits("add the addresses", edits)),
        None => finding,
    }
}

fn taken(address: IpAddr, model: &Model) -> Option<&Sourced<IpAddr>> {
    let mut servers = model.cluster.network.name_servers();
    servers.find(|server| server.value == address)
}

/// The IPv6 network that a node is in.
fn lan_of<'a>(model: &'a Model, node: &Node) -> Option<&'a Sourced<IpNet>> {
    model.cluster.network.of(node)?.lan_ipv6.as_ref()
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

/// Offers another backend: in place of the one that is written, or in the CNI's block.
fn with_backend(
    finding: Diagnostic,
    choice: &CniChoice,
    backend: Option<&Sourced<String>>,
    name: &str,
) -> Diagnostic {
    let written = backend.filter(|backend| backend.origin.is_written());
    match (written, choice.name.origin.span()) {
        (Some(written), _) => instead(finding, &written.origin, [name]),
        (None, Some(span)) => {
            let line = format!("backend = {name}");
            finding.choice(|it| it.add_inside(format!("add `{line}`"), span, &line))
        }
        (None, None) => finding,
    }
}

/// An IPv6 address without the block that would use it.
fn alone(model: &Model, out: &mut Findings<'_>) {
    let mut told: BTreeSet<Option<Span>> = BTreeSet::new();
    for node in &model.nodes {
        if let Some(address) = &node.address_ipv6
            && told.insert(address.origin.span())
        {
            let message = format!(
                "{} has the IPv6 address {}, and the cluster has IPv4 only",
                node.name.value, address.value
            );
            let finding = Diagnostic::new(&ADDRESS, message)
                .label(address, "nothing uses it")
                        .help("write a block `ipv6 { lan = ..., pods = ..., services = ... }` in `network`, or leave the address out");
            let finding = left_out(finding, "address-ipv6", &address.origin);
            out.push_for(node, finding);
        }
    }
}

/// Whether the pod network carries both.
fn carried(model: &Model, ipv6: &Ipv6, out: &mut Findings<'_>) {
    let (Some(choice), Some(facts)) = (&model.cluster.cni, &model.facts.cni) else {
        return;
    };
    // pikc does not know what the user's own network carries.
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
        .label(place.or(choice.name.origin.span()), "carries IPv4 only")
        .label(ipv6.head, "dual stack is set up here");
    out.push(match able.first() {
        Some(first) => with_backend(finding, choice, backend.as_ref(), first).help(format!(
            "write `backend = {first}`: {} can carry both",
            able.join(", ")
        )),
        None => finding.help(
            "`pikc cni SPEC` shows which ones carry both here; or leave the block `ipv6` out",
        ),
    });
}
