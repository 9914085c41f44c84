//! Several subnets: none overlaps another, each has machines, and all have addresses of the families that the cluster has.

use std::collections::BTreeSet;

use ipnet::IpNet;

use super::cluster_ranges::intersection;
use crate::check::support::findings::{Findings, names};
use crate::check::support::offers::left_out;
use crate::declare;
use crate::diagnostic::{Descriptor, Diagnostic};
use crate::model::{Interface, Ipv6, Model, Subnet};
use crate::origin::Sourced;

declare! {
    /// A machine sends packets to addresses of its own subnet straight to the machine, and all others to its router. An address that
    /// lies in two subnets is looked for in one of them only, and the machine in the other one is never found.
    ///
    /// ```pik fails
    /// network {
    ///   subnet home { lan = 192.168.11.0/24, gateway = 192.168.11.1, dns = [192.168.11.1] }
    ///   subnet shed { lan = 192.168.11.128/25, gateway = 192.168.11.129, dns = [192.168.11.1] }
    /// }
    /// node spare {
    ///   role    = worker
    ///   os      = raspios-trixie
    ///   board   = pi-4b-4g
    ///   subnet  = shed
    ///   address = 192.168.11.209
    /// }
    /// ```
    ///
    /// ```pik
    /// network {
    ///   subnet home { lan = 192.168.11.0/24, gateway = 192.168.11.1, dns = [192.168.11.1] }
    ///   subnet shed { lan = 192.168.12.0/24, gateway = 192.168.12.1, dns = [192.168.11.1] }
    /// }
    /// node spare {
    ///   role    = worker
    ///   os      = raspios-trixie
    ///   board   = pi-4b-4g
    ///   address = 192.168.12.209
    /// }
    /// ```
    pub static OVERLAP = {
        code: "network/subnets-overlap",
        since: "0.1.0",
        severity: Error,
        title: "two subnets that share addresses",
        help: "write each network as its router has it; of two that are really one, keep one block",
        no_edit: "which addresses a subnet has is set in its router, and only there can it be looked up",
        sources: ["RFC 950"],
    }

    /// No machine is in this subnet, so nothing that it sets reaches any.
    ///
    /// ```pik fails
    /// network {
    ///   subnet home { lan = 192.168.11.0/24, gateway = 192.168.11.1, dns = [192.168.11.1] }
    ///   subnet shed { lan = 192.168.12.0/24, gateway = 192.168.12.1, dns = [192.168.11.1] }
    /// }
    /// ```
    ///
    /// ```pik
    /// network {
    ///   subnet home { lan = 192.168.11.0/24, gateway = 192.168.11.1, dns = [192.168.11.1] }
    ///   subnet shed { lan = 192.168.12.0/24, gateway = 192.168.12.1, dns = [192.168.11.1] }
    /// }
    /// node spare {
    ///   role    = worker
    ///   os      = raspios-trixie
    ///   board   = pi-4b-4g
    ///   address = 192.168.12.209
    /// }
    /// ```
    pub static UNUSED = {
        code: "network/unused-subnet",
        since: "0.1.0",
        severity: Warning,
        title: "a subnet without machines",
        help: "delete the block, or list the network in `reserved` so that the cluster's ranges keep clear of it",
        sources: ["docs/language.md"],
    }

    /// With a block `ipv6` every machine has an address of each family, and so every subnet has a network of each. Without it
    /// nothing reads `lan-ipv6`.
    ///
    /// ```pik fails
    /// network {
    ///   subnet home {
    ///     lan      = 192.168.11.0/24
    ///     lan-ipv6 = fd5c:1a2b:3c4d:11::/64
    ///     gateway  = 192.168.11.1
    ///     dns      = [192.168.11.1]
    ///   }
    /// }
    /// ```
    ///
    /// ```pik
    /// network {
    ///   subnet home {
    ///     lan      = 192.168.11.0/24
    ///     gateway  = 192.168.11.1
    ///     dns      = [192.168.11.1]
    ///   }
    /// }
    /// ```
    pub static FAMILIES = {
        code: "network/subnet-families",
        since: "0.1.0",
        severity: Error,
        title: "a subnet with another number of address families than the cluster",
        help: "write `lan-ipv6` in every subnet and a block `ipv6` in `network`, or neither",
        sources: ["docs/language.md"],
    }

    /// If the default route of a machine leads out by another interface, its cluster's interface gets routes to the other subnets, by
    /// the `gateway` of its own. Over IPv6 there is no such route: the router announces itself, and a machine that takes its default
    /// route from somewhere else must not listen to that. Pods on that machine would not reach those in other subnets over IPv6.
    ///
    /// ```pik fails
    /// network {
    ///   subnet home { lan = 192.168.11.0/24, lan-ipv6 = fd5c:1a2b:3c4d:11::/64, gateway = 192.168.11.1, dns = [192.168.11.1] }
    ///   subnet shed { lan = 192.168.12.0/24, lan-ipv6 = fd5c:1a2b:3c4d:12::/64, gateway = 192.168.12.1, dns = [192.168.11.1] }
    ///   ipv6 { pods = fd5c:1a2b:3c4d:100::/56, services = fd5c:1a2b:3c4d:200::/112 }
    /// }
    /// node node01 {
    ///   role         = control-plane
    ///   os           = raspios-trixie
    ///   board        = pi-4b-4g
    ///   address      = 192.168.11.201
    ///   address-ipv6 = fd5c:1a2b:3c4d:11::201
    /// }
    /// node node02 {
    ///   role         = worker
    ///   os           = raspios-trixie
    ///   board        = pi-4b-4g
    ///   address      = 192.168.12.209
    ///   address-ipv6 = fd5c:1a2b:3c4d:12::209
    ///   interface eth0 { cluster = on }
    ///   interface eth1 { address = 192.168.50.9, gateway = 192.168.50.1, default-route = on }
    /// }
    /// ```
    ///
    /// ```pik
    /// network {
    ///   subnet home { lan = 192.168.11.0/24, lan-ipv6 = fd5c:1a2b:3c4d:11::/64, gateway = 192.168.11.1, dns = [192.168.11.1] }
    ///   subnet shed { lan = 192.168.12.0/24, lan-ipv6 = fd5c:1a2b:3c4d:12::/64, gateway = 192.168.12.1, dns = [192.168.11.1] }
    ///   ipv6 { pods = fd5c:1a2b:3c4d:100::/56, services = fd5c:1a2b:3c4d:200::/112 }
    /// }
    /// node node01 {
    ///   role         = control-plane
    ///   os           = raspios-trixie
    ///   board        = pi-4b-4g
    ///   address      = 192.168.11.201
    ///   address-ipv6 = fd5c:1a2b:3c4d:11::201
    /// }
    /// node node02 {
    ///   role         = worker
    ///   os           = raspios-trixie
    ///   board        = pi-4b-4g
    ///   address      = 192.168.12.209
    ///   address-ipv6 = fd5c:1a2b:3c4d:12::209
    ///   interface eth0 { cluster = on }
    ///   interface eth1 { address = 192.168.50.9 }
    /// }
    /// ```
    pub static NO_WAY = {
        code: "network/no-ipv6-way",
        since: "0.1.0",
        severity: Error,
        title: "no way to the other subnets over IPv6",
        help: "leave `default-route` out, so that the default route goes through the cluster's interface, or use IPv4 only",
        sources: ["docs/language.md"],
    }
}

pub(in crate::check) static CODES: &[&Descriptor] = &[&OVERLAP, &UNUSED, &FAMILIES, &NO_WAY];

pub(in crate::check) fn check(model: &Model, out: &mut Findings<'_>) {
    let network = &model.cluster.network;
    if !network.has_subnets() {
        return;
    }
    overlaps(&network.subnets, out);
    unused(model, out);
    for subnet in &network.subnets {
        families(subnet, network.ipv6.as_ref(), out);
    }
    if let Some(ipv6) = &network.ipv6
        && network.is_routed()
    {
        no_way(ipv6, out);
    }
}

/// Machines whose default route leads out by another interface than the cluster's.
fn no_way(ipv6: &Ipv6, out: &mut Findings<'_>) {
    out.blocks(|settings, nodes| {
        let own = settings.cluster_interface()?;
        let leads = |one: &&Interface| one.default_route.as_ref().is_some_and(|on| on.value);
        let elsewhere = settings.interfaces.iter().find(leads)?;
        let on = elsewhere.default_route.as_ref()?;
        if elsewhere.name.value == own.name.value {
            return None;
        }
        let message = format!(
            "the default route of {} leads out by {}, so over IPv6 it has no way to the other subnets",
            names(nodes),
            elsewhere.name.value
        );
        let finding = Diagnostic::new(&NO_WAY, message)
            .label(on, "takes the default route")
            .label(&own.name, "the way to the other subnets")
            .label(ipv6.head, "dual stack is set up here");
        Some(left_out(finding, "default-route", &on.origin))
    });
}

/// Each pair of subnets is compared only with its neighbours in the order of addresses: networks nest or are disjoint.
fn overlaps(subnets: &[Subnet], out: &mut Findings<'_>) {
    let named = |subnet: &Subnet| {
        let name = subnet.name.as_ref();
        name.map_or_else(String::new, |name| name.value.clone())
    };
    let lans = |of: fn(&Subnet) -> Option<&Sourced<IpNet>>| -> Vec<(String, &Sourced<IpNet>)> {
        let all = subnets
            .iter()
            .filter_map(|one| Some((named(one), of(one)?)));
        all.collect()
    };
    let families = [
        lans(|subnet| subnet.lan.as_ref()),
        lans(|subnet| subnet.lan_ipv6.as_ref()),
    ];
    for mut all in families {
        // The wider one of two that begin at one address comes first.
        all.sort_by_key(|(_, lan)| (lan.value.network(), lan.value.prefix_len()));
        let mut widest: Option<&(String, &Sourced<IpNet>)> = None;
        for one in &all {
            let before = widest.filter(|(_, lan)| intersection(lan.value, one.1.value).is_some());
            let Some((name, lan)) = before else {
                widest = Some(one);
                continue;
            };
            let message = match lan.value == one.1.value {
                true => format!("`{name}` and `{}` are both {}", one.0, lan.value),
                false => format!("`{name}` {} covers `{}` {}", lan.value, one.0, one.1.value),
            };
            out.push(
                Diagnostic::new(&OVERLAP, message)
                    .label(lan, format!("`{name}`"))
                    .label(one.1, format!("`{}`", one.0)),
            );
        }
    }
}

fn unused(model: &Model, out: &mut Findings<'_>) {
    let used: BTreeSet<usize> = model.nodes.iter().filter_map(|node| node.subnet).collect();
    // A machine may be in it with another interface, or only by its address, which another rule then reports.
    let has_address = |subnet: &Subnet| {
        model.nodes.iter().any(|node| {
            let others = node.settings.interfaces.iter();
            let others = others.filter_map(|one| one.address.as_ref());
            let mut all = node.address.iter().chain(others);
            all.any(|address| subnet.contains(address.value))
        })
    };
    // A machine whose subnet is not known could be in any of them.
    if model.lost_nodes || model.nodes.iter().any(|node| node.subnet.is_none()) {
        return;
    }
    for (index, subnet) in model.cluster.network.subnets.iter().enumerate() {
        if used.contains(&index) || has_address(subnet) {
            continue;
        }
        let Some(name) = &subnet.name else {
            continue;
        };
        let message = format!("no machine is in the subnet `{}`", name.value);
        let finding = Diagnostic::new(&UNUSED, message).label(name, "has no machines");
        out.push(match name.origin.span() {
            Some(span) => finding.choice(|it| it.remove_block("delete it", span)),
            None => finding,
        });
    }
}

fn families(subnet: &Subnet, ipv6: Option<&Ipv6>, out: &mut Findings<'_>) {
    let Some(name) = &subnet.name else {
        return;
    };
    match (ipv6, &subnet.lan_ipv6) {
        (Some(ipv6), None) => {
            let message = format!(
                "the cluster has both address families, and `{}` has no IPv6 network",
                name.value
            );
            let finding = Diagnostic::new(&FAMILIES, message)
                .label(name, "has no `lan-ipv6`")
                .label(ipv6.head, "dual stack is set up here");
            out.push(finding);
        }
        (None, Some(lan)) => {
            let message = format!(
                "`{}` has the IPv6 network {}, and the cluster has IPv4 only",
                name.value, lan.value
            );
            let finding = Diagnostic::new(&FAMILIES, message).label(lan, "nothing uses it");
            out.push(left_out(finding, "lan-ipv6", &lan.origin));
        }
        _ => {}
    }
}
