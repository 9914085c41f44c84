//! What must stay out of the cluster's ranges: networks elsewhere, the load balancer's pool, the endpoint.

use ipnet::IpNet;

use crate::check::network::cluster_ranges;
use crate::check::support::findings::Findings;
use crate::check::support::findings::{names, verb};
use crate::check::support::free_range;
use crate::check::support::offers::{free_addresses, instead};
use crate::declare;
use crate::diagnostic::{Descriptor, Diagnostic};
use crate::model::{Model, Network, Node};
use crate::origin::Sourced;
use crate::source::Span;
use crate::value::{AddressRange, Endpoint};

declare! {
    /// A network elsewhere that machines or pods talk to (a VPN, an office, Docker's bridge) cannot be reached if a
    /// range of the cluster covers it: packets for it stay in the cluster. Nothing reports it; connections to those
    /// addresses just fail. Only you know which networks those are: list them under `reserved`, and no range that pikc
    /// proposes overlaps them either.
    ///
    /// ```pik fails
    /// network {
    ///   lan      = 192.168.11.0/24
    ///   gateway  = 192.168.11.1
    ///   dns      = [192.168.11.1]
    ///   pods     = 10.8.0.0/16
    ///   reserved { vpn = 10.8.0.0/24 }
    /// }
    /// ```
    ///
    /// ```pik
    /// network {
    ///   lan      = 192.168.11.0/24
    ///   gateway  = 192.168.11.1
    ///   dns      = [192.168.11.1]
    ///   pods     = 10.244.0.0/16
    ///   reserved { vpn = 10.8.0.0/24 }
    /// }
    /// ```
    pub static RESERVED = {
        code: "network/reserved-overlap",
        since: "0.1.0",
        severity: Error,
        title: "a range of the cluster covers a network elsewhere",
        help: "choose a range that leaves the other network alone, e.g. `pods = 10.244.0.0/16`",
        sources: ["kubernetes/website#11225", "k3s-io/k3s#588"],
    }

    /// A load balancer answers for the addresses of its pool. If a machine, the router or a name server has one of
    /// them, two answer in turn; if the router leases one, that happens later, at a time no one chooses; and one in the
    /// pod or service range is never reached from outside.
    ///
    /// ```pik fails
    /// network {
    ///   lan           = 192.168.11.0/24
    ///   gateway       = 192.168.11.1
    ///   dns           = [192.168.11.1]
    ///   load-balancer = 192.168.11.200..192.168.11.220
    /// }
    /// ```
    ///
    /// ```pik
    /// network {
    ///   lan           = 192.168.11.0/24
    ///   gateway       = 192.168.11.1
    ///   dns           = [192.168.11.1]
    ///   load-balancer = 192.168.11.240..192.168.11.250
    /// }
    /// ```
    pub static POOL = {
        code: "network/load-balancer-overlap",
        since: "0.1.0",
        severity: Error,
        title: "a load balancer's pool with addresses that are in use",
        help: "give `load-balancer` addresses that nothing else has, e.g. at the end of the LAN, outside what the router leases",
        sources: ["nmstate/kubernetes-nmstate#1393", "kubernetes/website#11225"],
    }

    /// The address of the API server must be the control plane's alone. In the pod or service range, packets to it
    /// never leave the machine that asks; in the router's pool it is leased to another device one day.
    ///
    /// ```pik fails
    /// endpoint = 10.96.0.10
    /// ```
    ///
    /// ```pik
    /// endpoint = 192.168.11.201
    /// ```
    pub static ENDPOINT = {
        code: "cluster/endpoint-overlap",
        since: "0.1.0",
        severity: Error,
        title: "an endpoint inside a range that is not for machines",
        help: "write an address of the LAN that nothing else has, outside what the router leases",
        sources: ["kubernetes/website#11225", "kubernetes/kubeadm#338"],
    }
}

pub(in crate::check) static CODES: &[&Descriptor] = &[&RESERVED, &POOL, &ENDPOINT];

/// A range with its setting and what it is for.
type Claim = (&'static str, &'static str, AddressRange, Option<Span>);

pub(in crate::check) fn check(model: &Model, out: &mut Findings<'_>) {
    reserved(model, out);
    pool(model, out);
    endpoint(model, out);
}

fn claim(name: &'static str, role: &'static str, range: &Sourced<IpNet>) -> Claim {
    (name, role, range.value.into(), range.origin.span())
}

/// The ranges inside the cluster, except those already reported because they cover the LAN.
fn inside(network: &Network) -> Vec<Claim> {
    let pods = network
        .pods
        .iter()
        .map(|range| claim("pods", "the pod range", range));
    let services = network
        .services
        .iter()
        .map(|range| claim("services", "the service range", range));
    pods.chain(services)
        .filter(|(_, _, range, _)| !in_lan(network, range))
        .collect()
}

/// Whether a range has addresses of a network of machines.
fn in_lan(network: &Network, range: &AddressRange) -> bool {
    network
        .lans()
        .any(|lan| AddressRange::from(lan.value).shared(range).is_some())
}

fn reserved(model: &Model, out: &mut Findings<'_>) {
    let network = &model.cluster.network;
    let ranges = [
        ("pods", "the pod range", &network.pods),
        ("services", "the service range", &network.services),
    ];
    let ranges = ranges
        .into_iter()
        .filter_map(|(name, role, range)| Some((name, role, range.as_ref()?)));
    let lans = network.lans();
    let ranges = ranges.chain(lans.map(|lan| ("lan", "the machines' own network", lan)));
    for (name, role, range) in ranges {
        for (whose, net) in &network.reserved {
            let Some(common) = cluster_ranges::intersection(range.value, net.value) else {
                continue;
            };
            let message = format!(
                "`{name}` {} covers addresses of `{whose}` {}, for example {}",
                range.value,
                net.value,
                common.addr()
            );
            let finding = Diagnostic::new(&RESERVED, message)
                .label(range, role)
                .label(net, "is to be left alone");
            // The LAN is what it is: proposing another range for it would not help.
            let free = free_range::free(name, range.value, model, out);
            out.push(match free {
                Some(free) => free_range::written(finding, name, range, free, model),
                None => finding.help(format!("the machines reach one of the two only: give the LAN or `{whose}` other addresses")),
            });
        }
    }
    let Some(pool) = &network.load_balancer else {
        return;
    };
    for (whose, net) in &network.reserved {
        let other = AddressRange::from(net.value);
        // The LAN around the pool overlaps that network, which has been reported.
        if in_lan(network, &other) {
            continue;
        }
        let Some(common) = pool.value.shared(&other) else {
            continue;
        };
        let message = format!(
            "`load-balancer` {} has addresses of `{whose}` {}, for example {}",
            pool.value, net.value, common.first
        );
        out.push(
            Diagnostic::new(&RESERVED, message)
                .label(pool, "handed out to services")
                .label(net, "is to be left alone")
                .help("give `load-balancer` addresses of the LAN that nothing else has"),
        );
    }
}

fn pool(model: &Model, out: &mut Findings<'_>) {
    let network = &model.cluster.network;
    let Some(pool) = &network.load_balancer else {
        return;
    };
    let taken: Vec<&Node> = model
        .nodes
        .iter()
        .filter(|node| {
            node.address
                .as_ref()
                .is_some_and(|it| pool.value.contains(it.value))
        })
        .collect();
    for (name, role, range, place) in others(model, &taken) {
        let Some(common) = pool.value.shared(&range) else {
            continue;
        };
        let message = if range.first == range.last {
            format!(
                "`load-balancer` {} holds {}, which is in `{name}`",
                pool.value, range.first
            )
        } else {
            format!(
                "`load-balancer` {} and `{name}` share addresses, for example {}",
                pool.value, common.first
            )
        };
        let finding = Diagnostic::new(&POOL, message)
            .label(pool, "handed out to services")
            .label(place, role);
        out.push(free_pool(finding, pool, model));
    }
    let Some(address) = taken.first().and_then(|node| node.address.as_ref()) else {
        return;
    };
    let message = format!(
        "`load-balancer` {} holds {}, and {} {} an address there",
        pool.value,
        address.value,
        names(&taken),
        verb(&taken, "has", "have")
    );
    let finding = Diagnostic::new(&POOL, message)
        .label(pool, "handed out to services")
        .label(address, "a machine's");
    out.push(free_pool(finding, pool, model));
}

/// Offers as many addresses of the LAN in a row that are free, after those of the machines.
fn free_pool(finding: Diagnostic, pool: &Sourced<AddressRange>, model: &Model) -> Diagnostic {
    let last = model
        .nodes
        .iter()
        .filter_map(|node| Some(node.address.as_ref()?.value));
    let free = free_addresses(model, pool.value.count(), last.max());
    instead(finding, &pool.origin, free)
}

/// Something with addresses that no service may get: its setting, what it is, the range and its place.
type Other = (&'static str, &'static str, AddressRange, Option<Span>);

/// What else the pool for services must not overlap. Nodes with an address in the pool (`taken`) are reported
/// separately.
fn others(model: &Model, taken: &[&Node]) -> Vec<Other> {
    let network = &model.cluster.network;
    let leased = network.pools().map(|dhcp| {
        (
            "dhcp",
            "leased by the router",
            dhcp.value,
            dhcp.origin.span(),
        )
    });
    let router = network
        .gateways()
        .map(|it| ("gateway", "the router", it.value.into(), it.origin.span()));
    let servers = network.name_servers();
    // A router that is a name server as well is one machine, and one finding.
    let servers = servers
        .filter(|it| network.gateways().all(|gateway| gateway.value != it.value))
        .map(|it| ("dns", "a name server", it.value.into(), it.origin.span()));
    // The address that moves between the control planes has a rule of its own.
    let written = model.cluster.endpoint.iter();
    let endpoint = written
        .filter(|it| it.origin.is_written())
        .filter_map(|it| {
            let address = it.value.address()?;
            let of_node = taken.iter().any(|node| {
                node.address
                    .as_ref()
                    .is_some_and(|own| own.value == address)
            });
            (!of_node).then(|| {
                (
                    "endpoint",
                    "the API server",
                    address.into(),
                    it.origin.span(),
                )
            })
        });
    inside(network)
        .into_iter()
        .chain(leased)
        .chain(router)
        .chain(servers)
        .chain(endpoint)
        .collect()
}

fn endpoint(model: &Model, out: &mut Findings<'_>) {
    let network = &model.cluster.network;
    let Some((endpoint, address)) = model
        .cluster
        .endpoint
        .as_ref()
        .filter(|it| it.origin.is_written())
        .and_then(|it| Some((it, it.value.address()?)))
    else {
        return;
    };
    // A node's own address in the pool has been reported as such.
    let of_node = model.nodes.iter().any(|node| {
        node.address
            .as_ref()
            .is_some_and(|own| own.value == address)
    });
    let leased = network.pools().filter(|_| !of_node);
    let leased = leased.map(|dhcp| {
        (
            "dhcp",
            "leased to any device",
            dhcp.value,
            dhcp.origin.span(),
        )
    });
    for (name, role, range, place) in inside(network).into_iter().chain(leased) {
        if !range.contains(address) {
            continue;
        }
        let message = format!(
            "the endpoint {address} lies in `{name}` {}",
            shown(&range, name, network)
        );
        let finding = Diagnostic::new(&ENDPOINT, message)
            .label(endpoint, "the API server")
            .label(place, role);
        let free = free_addresses(model, 1, None).map(|free| Endpoint {
            host: free.first.to_string(),
            port: endpoint.value.port,
        });
        out.push(instead(finding, &endpoint.origin, free));
    }
}

/// The range as the spec writes it.
fn shown(range: &AddressRange, name: &str, network: &Network) -> String {
    let net = match name {
        "pods" => &network.pods,
        "services" => &network.services,
        _ => &None,
    };
    net.as_ref()
        .map_or_else(|| range.to_string(), |net| net.value.to_string())
}
