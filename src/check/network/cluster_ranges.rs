//! The ranges of a cluster do not overlap: pods, services, the LAN.

use ipnet::IpNet;

use crate::check::support::findings::Findings;
use crate::check::support::free_range;
use crate::check::support::offers::left_out;
use crate::declare;
use crate::diagnostic::{Descriptor, Diagnostic};
use crate::model::Model;
use crate::origin::Sourced;

declare! {
    /// Every pod gets an address from the pod range and every service one from the service range. If the two share
    /// addresses, a packet to a service may reach a pod instead, and kube-proxy's rules become ambiguous. kubeadm does
    /// not check this: two identical ranges pass.
    ///
    /// The usual service range 10.96.0.0/12 is wider than it looks: it ends at 10.111.255.255.
    ///
    /// ```pik fails
    /// network {
    ///   lan      = 192.168.11.0/24
    ///   gateway  = 192.168.11.1
    ///   dns      = [192.168.11.1]
    ///   pods     = 10.100.0.0/16
    ///   services = 10.96.0.0/12
    /// }
    /// ```
    ///
    /// ```pik
    /// network {
    ///   lan      = 192.168.11.0/24
    ///   gateway  = 192.168.11.1
    ///   dns      = [192.168.11.1]
    ///   pods     = 10.244.0.0/16
    ///   services = 10.96.0.0/12
    /// }
    /// ```
    pub static PODS_SERVICES = {
        code: "network/pods-overlap-services",
        since: "0.1.0",
        severity: Error,
        title: "pods and services share addresses",
        help: "choose ranges that share no address, e.g. 10.244.0.0/16 and 10.96.0.0/12",
        sources: ["kubernetes/kubeadm#3312", "kubernetes/kubeadm#1591"],
    }

    /// A machine sends packets for the pod range into the cluster's network and no longer to the
    /// LAN. If the LAN (with the router in it) lies in the pod range, the machine loses its router,
    /// its name server and its neighbours as soon as the CNI starts.
    ///
    /// ```pik fails
    /// network {
    ///   lan     = 192.168.11.0/24
    ///   gateway = 192.168.11.1
    ///   dns     = [192.168.11.1]
    ///   pods    = 192.168.0.0/16
    /// }
    /// ```
    ///
    /// ```pik
    /// network {
    ///   lan     = 192.168.11.0/24
    ///   gateway = 192.168.11.1
    ///   dns     = [192.168.11.1]
    ///   pods    = 10.244.0.0/16
    /// }
    /// ```
    pub static PODS_LAN = {
        code: "network/pods-overlap-lan",
        since: "0.1.0",
        severity: Error,
        title: "the pod range covers the machines' own network",
        help: "choose a pod range outside the LAN, e.g. 10.244.0.0/16",
        sources: ["projectcalico/calico#2720", "kubernetes/website#11225", "k3s-io/k3s#588"],
    }

    /// kube-proxy catches every packet to the service range on each machine. If the LAN lies in it,
    /// packets to neighbours and to the router are caught as well.
    ///
    /// ```pik fails
    /// network {
    ///   lan      = 192.168.11.0/24
    ///   gateway  = 192.168.11.1
    ///   dns      = [192.168.11.1]
    ///   services = 192.168.0.0/16
    /// }
    /// ```
    ///
    /// ```pik
    /// network {
    ///   lan      = 192.168.11.0/24
    ///   gateway  = 192.168.11.1
    ///   dns      = [192.168.11.1]
    ///   services = 172.20.0.0/16
    /// }
    /// ```
    pub static SERVICES_LAN = {
        code: "network/services-overlap-lan",
        since: "0.1.0",
        severity: Error,
        title: "the service range covers the machines' own network",
        help: "choose a service range outside the LAN, e.g. 172.20.0.0/16",
        sources: ["kubernetes/website#11225"],
    }

    /// A name server outside the LAN that lies in the pod or service range can never be reached from
    /// the machines: packets to it go into the cluster.
    ///
    /// ```pik fails
    /// network {
    ///   lan     = 192.168.11.0/24
    ///   gateway = 192.168.11.1
    ///   dns     = [10.96.0.53]
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
    pub static DNS_INSIDE = {
        code: "network/dns-in-cluster-range",
        since: "0.1.0",
        severity: Error,
        title: "a name server inside the cluster's ranges",
        help: "name a server outside the pod and service ranges",
        sources: ["kubernetes/website#11225"],
    }

    /// IPv4 ranges go here: every cluster has IPv4. IPv6 ranges go next to them, into the block `ipv6`: then nodes, pods
    /// and services have addresses of both families (dual stack). This release does not write clusters that have IPv6
    /// only.
    ///
    /// ```pik fails
    /// network {
    ///   lan     = 192.168.11.0/24
    ///   gateway = 192.168.11.1
    ///   dns     = [192.168.11.1]
    ///   pods    = fd00:10::/56
    /// }
    /// ```
    ///
    /// ```pik
    /// network {
    ///   lan     = 192.168.11.0/24
    ///   gateway = 192.168.11.1
    ///   dns     = [192.168.11.1]
    ///   pods    = 10.244.0.0/16
    /// }
    /// ```
    pub static FAMILY = {
        code: "network/family",
        since: "0.1.0",
        severity: Error,
        title: "an IPv6 range where IPv4 is needed",
        help: "write an IPv4 range here, and the IPv6 one in a block `ipv6` of `network`",
        sources: ["docs/language.md"],
    }
}

pub(in crate::check) static CODES: &[&Descriptor] = &[
    &PODS_SERVICES,
    &PODS_LAN,
    &SERVICES_LAN,
    &DNS_INSIDE,
    &FAMILY,
];

pub(in crate::check) fn check(model: &Model, out: &mut Findings<'_>) {
    let network = &model.cluster.network;
    let (pods, services) = (&network.pods, &network.services);
    let ranges = pods.iter().map(|range| ("pods", range));
    let ranges = ranges.chain(services.iter().map(|range| ("services", range)));
    for (name, range) in ranges.chain(network.lans().map(|range| ("lan", range))) {
        if let IpNet::V6(_) = range.value {
            let finding = Diagnostic::new(&FAMILY, format!("{} is an IPv6 range", range.value));
            let finding = finding.label(range, "IPv4 is needed here");
            // What pods and services get by default is an IPv4 range.
            out.push(match name {
                "lan" => finding,
                _ => left_out(finding, name, &range.origin),
            });
        }
    }
    let of_services = ("services", "the service range");
    let of_machines = ("lan", "the machines' own network");
    let lans: Vec<_> = network.lans().map(|lan| (lan, of_machines)).collect();
    if let Some(pods) = pods {
        let of_pods = ("pods", "the pod range");
        for other in services.iter().map(|range| (range, of_services)) {
            overlap(&PODS_SERVICES, (pods, of_pods), other, model, out);
        }
        for other in &lans {
            overlap(&PODS_LAN, (pods, of_pods), *other, model, out);
        }
    }
    if let Some(services) = services {
        for other in &lans {
            overlap(&SERVICES_LAN, (services, of_services), *other, model, out);
        }
    }
    name_servers(model, out);
}

/// Name servers inside the cluster's own ranges.
fn name_servers(model: &Model, out: &mut Findings<'_>) {
    let network = &model.cluster.network;
    let (pods, services) = (&network.pods, &network.services);
    for dns in network.name_servers() {
        let inside = [(pods, "pod"), (services, "service")];
        for (range, what) in inside {
            let Some(range) = range
                .as_ref()
                .filter(|range| range.value.contains(&dns.value))
            else {
                continue;
            };
            // The LAN itself lies in the range, which has been reported.
            if network.lans().any(|lan| lan.value.contains(&dns.value)) {
                continue;
            }
            let message = format!(
                "the name server {} lies in the {what} range {}",
                dns.value, range.value
            );
            let finding = Diagnostic::new(&DNS_INSIDE, message)
                .label(dns, "machines ask this server")
                .label(range, format!("the {what} range"));
            let name = if what == "pod" { "pods" } else { "services" };
            let finding = free_range::offered(finding, name, range, model, out);
            out.push(finding);
        }
    }
}

/// A range, with the name of its setting and what it is.
type Named<'a> = (&'a Sourced<IpNet>, (&'static str, &'static str));

fn overlap(
    code: &'static Descriptor,
    (first, (first_name, first_role)): Named<'_>,
    (second, (second_name, second_role)): Named<'_>,
    model: &Model,
    out: &mut Findings<'_>,
) {
    let Some(common) = intersection(first.value, second.value) else {
        return;
    };
    let message = if first.value == second.value {
        format!("`{first_name}` and `{second_name}` are both {common}")
    } else {
        format!(
            "`{first_name}` {} and `{second_name}` {} share {common}, for example {}",
            first.value,
            second.value,
            common.addr(),
        )
    };
    let mut finding = Diagnostic::new(code, message)
        .label(first, first_role)
        .label(second, second_role);
    if let Some(free) = free_range::free(first_name, first.value, model, out) {
        finding = free_range::written(finding, first_name, first, free, model);
    }
    out.push(finding);
}

/// What two networks have in common: one of them, because networks nest or are disjoint.
pub(in crate::check) fn intersection(a: IpNet, b: IpNet) -> Option<IpNet> {
    if a.contains(&b) {
        Some(b)
    } else if b.contains(&a) {
        Some(a)
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        /// Against brute force on small numbers: two networks overlap exactly if some address lies in both.
        #[test]
        fn overlap_agrees_with_counting(a in 0u32..256, pa in 24u8..=32, b in 0u32..256, pb in 24u8..=32) {
            let net = |host: u32, prefix: u8| {
                IpNet::new(std::net::Ipv4Addr::from(0x0a00_0000 + host).into(), prefix).expect("a prefix").trunc()
            };
            let (a, b) = (net(a, pa), net(b, pb));
            let both = (0..256u32).any(|host| {
                let address = std::net::IpAddr::from(std::net::Ipv4Addr::from(0x0a00_0000 + host));
                a.contains(&address) && b.contains(&address)
            });
            prop_assert_eq!(intersection(a, b).is_some(), both);
            prop_assert_eq!(intersection(b, a).is_some(), both);
        }
    }
}
