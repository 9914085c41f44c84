//! Addresses other than the nodes' own: the router's and the name servers', and those of interfaces that the cluster
//! does not use.

use std::collections::BTreeSet;
use std::net::IpAddr;

use crate::check::support::findings::Findings;
use crate::check::support::free_range;
use crate::check::support::offers::instead;
use crate::declare;
use crate::diagnostic::{Descriptor, Diagnostic};
use crate::model::Model;
use crate::origin::Sourced;
use crate::source::Span;

declare! {
    /// An address that every machine asks must not change. One from the router's DHCP pool can be leased to a phone
    /// while its owner is off, or its owner can get another one after the next start: then no machine resolves a name.
    ///
    /// A router keeps its own address out of its pool, and a machine that gets its address by DHCP is rarely a name
    /// server for long.
    ///
    /// ```pik fails
    /// network {
    ///   lan     = 192.168.11.0/24
    ///   gateway = 192.168.11.1
    ///   dns     = [192.168.11.53]
    ///   dhcp    = 192.168.11.2..192.168.11.200
    /// }
    /// ```
    ///
    /// ```pik
    /// network {
    ///   lan     = 192.168.11.0/24
    ///   gateway = 192.168.11.1
    ///   dns     = [192.168.11.253]
    ///   dhcp    = 192.168.11.2..192.168.11.200
    /// }
    /// ```
    pub static LEASED = {
        code: "network/leased-server",
        since: "0.1.0",
        severity: Warning,
        title: "a router or name server with an address from the DHCP pool",
        help: "give it a fixed address outside the pool, or make the pool smaller",
        no_edit: "the address is changed in the router and in the server, not in the spec alone",
        sources: ["RFC 2131"],
    }

    /// A loopback address is each machine's own: the machine asks itself. Ubuntu's 127.0.0.53 in /etc/resolv.conf is systemd-resolved, which
    /// only passes questions on; told to ask 127.0.0.53 it would ask itself. Pods get the list as well, and in a pod 127.0.0.53 is the
    /// pod. CoreDNS notices the loop and exits ("Loop ... detected for zone"), again and again, and no name resolves in the cluster.
    ///
    /// `resolvectl dns` shows the servers that systemd-resolved asks.
    ///
    /// ```pik fails
    /// network {
    ///   lan     = 192.168.11.0/24
    ///   gateway = 192.168.11.1
    ///   dns     = [127.0.0.53]
    /// }
    /// ```
    ///
    /// ```pik
    /// network {
    ///   lan     = 192.168.11.0/24
    ///   gateway = 192.168.11.1
    ///   dns     = [192.168.11.1]
    /// }
    /// ```
    pub static LOOPBACK = {
        code: "network/loopback-name-server",
        since: "0.1.0",
        severity: Error,
        title: "a name server that is the machine itself",
        help: "write the address of a server in the network: `dns = [192.168.11.1]`, often the router; `resolvectl dns` shows what a machine asks today",
        sources: ["coredns/coredns plugin/loop/README.md", "kubernetes/kubeadm#273", "kubernetes.io: docs/tasks/administer-cluster/dns-debugging-resolution"],
    }

    /// A program that resolves names by the C library asks the first three servers of /etc/resolv.conf, and never a fourth. The kubelet passes
    /// three on to pods, and reports "Nameserver limits were exceeded" for every pod that it starts. So the others are no reserve:
    /// when the first three are down, no name resolves. With two families in one list, too, three is all.
    ///
    /// ```pik fails
    /// network {
    ///   lan     = 192.168.11.0/24
    ///   gateway = 192.168.11.1
    ///   dns     = [1.1.1.1, 1.0.0.1, 9.9.9.9, 149.112.112.112]
    /// }
    /// ```
    ///
    /// ```pik
    /// network {
    ///   lan     = 192.168.11.0/24
    ///   gateway = 192.168.11.1
    ///   dns     = [1.1.1.1, 1.0.0.1, 9.9.9.9]
    /// }
    /// ```
    pub static TOO_MANY = {
        code: "network/too-many-name-servers",
        since: "0.1.0",
        severity: Warning,
        title: "more name servers than anything asks",
        help: "write the three that are to be asked",
        sources: ["resolv.conf(5): MAXNS", "kubernetes.io: docs/concepts/services-networking/dns-pod-service", "kubernetes/kubernetes pkg/apis/core/validation: MaxDNSNameservers"],
    }

    /// Inside the cluster, these addresses are those of pods and services: packets to them never reach a machine's
    /// other network with the same addresses, and replies from that network are lost.
    ///
    /// ```pik fails
    /// interface eth0 { cluster = on }
    /// interface eth1 { address = 10.244.3.7 }
    /// ```
    ///
    /// ```pik
    /// interface eth0 { cluster = on }
    /// interface eth1 { address = 10.20.3.7 }
    /// ```
    pub static INSIDE = {
        code: "interface/in-cluster-range",
        since: "0.1.0",
        severity: Error,
        title: "an interface with an address in the cluster's own ranges",
        help: "choose other ranges for the cluster, or another network for the interface",
        sources: ["kubernetes/website#11225", "projectcalico/calico#2720"],
    }
}

pub(in crate::check) static CODES: &[&Descriptor] = &[&LEASED, &LOOPBACK, &TOO_MANY, &INSIDE];

pub(in crate::check) fn check(model: &Model, out: &mut Findings<'_>) {
    servers(model, out);
    loopback(model, out);
    too_many(model, out);
    interfaces(model, out);
}

/// Servers that every machine would look for on itself.
fn loopback(model: &Model, out: &mut Findings<'_>) {
    for subnet in &model.cluster.network.subnets {
        // The C library reads the unspecified address as the machine, too.
        let own = |address: &&Sourced<IpAddr>| {
            address.value.is_loopback() || address.value.is_unspecified()
        };
        let Some(address) = subnet.dns.iter().find(own) else {
            continue;
        };
        let message = format!(
            "the name server {} is each machine itself, and in a pod the pod",
            address.value
        );
        let finding =
            Diagnostic::new(&LOOPBACK, message).label(address, "CoreDNS would ask itself");
        let others = subnet.dns.len() > 1;
        out.push(match (others, &subnet.gateway) {
            (true, _) => finding.choice(|it| it.remove_element("leave it out", &address.origin)),
            (false, Some(gateway)) => instead(finding, &address.origin, [gateway.value]),
            (false, None) => finding,
        });
    }
}

/// How many servers of a list are asked: `MAXNS` in the C library, `MaxDNSNameservers` in the kubelet.
const ASKED: usize = 3;

fn too_many(model: &Model, out: &mut Findings<'_>) {
    for subnet in &model.cluster.network.subnets {
        let count = subnet.dns.len();
        let Some(fourth) = subnet.dns.get(ASKED) else {
            continue;
        };
        let message = format!(
            "{count} name servers{}, and only the first {ASKED} are asked",
            subnet.whose()
        );
        let mut finding = Diagnostic::new(&TOO_MANY, message);
        for server in subnet.dns.iter().skip(ASKED) {
            finding = finding.label(server, "never asked");
        }
        out.push(match count - ASKED {
            1 => finding.choice(|it| it.remove_element("leave it out", &fourth.origin)),
            _ => finding,
        });
    }
}

fn servers(model: &Model, out: &mut Findings<'_>) {
    let network = &model.cluster.network;
    let router = network.gateways().map(|address| ("the router", address));
    let names = network
        .name_servers()
        .map(|address| ("the name server", address));
    let forward = model.cluster.dns.forward.iter();
    let forward = forward.map(|address| ("the name server of `forward`", address));
    let mut told = BTreeSet::new();
    for (who, address) in router.chain(names).chain(forward) {
        let mut pools = network.pools();
        let Some(pool) = pools.find(|pool| pool.value.contains(address.value)) else {
            continue;
        };
        if !told.insert(address.value) {
            continue;
        }
        let message = format!(
            "{who} {} lies in the pool {} that the router leases",
            address.value, pool.value
        );
        out.push(
            Diagnostic::new(&LEASED, message)
                .label(address, "every machine asks here")
                .label(pool, "leased to any device"),
        );
    }
}

fn interfaces(model: &Model, out: &mut Findings<'_>) {
    let network = &model.cluster.network;
    // A block for many machines sets it once.
    let mut told: BTreeSet<Option<Span>> = BTreeSet::new();
    for node in &model.nodes {
        let own = node.settings.cluster_interface().map(|one| &one.name.value);
        let others = node
            .settings
            .interfaces
            .iter()
            .filter(|one| Some(&one.name.value) != own);
        for interface in others {
            let addresses = interface.address.iter().chain(&interface.gateway);
            for address in addresses {
                let Some((role, range)) = network.own_range(address.value) else {
                    continue;
                };
                if !told.insert(address.origin.span()) {
                    continue;
                }
                let message = format!(
                    "{} of {}'s {} lies in {role} {}",
                    address.value, node.name.value, interface.name.value, range.value
                );
                let finding = Diagnostic::new(&INSIDE, message)
                    .label(address, "on another network of the machine")
                    .label(range, role);
                let name = if role.contains("pod") {
                    "pods"
                } else {
                    "services"
                };
                let finding = free_range::offered(finding, name, range, model, out);
                out.push_for(node, finding);
            }
        }
    }
}
