//! Addresses of machines that the cluster's own files name do not lie in the ranges of pods and services.

use std::net::IpAddr;

use ipnet::IpNet;

use crate::check::support::findings::Findings;
use crate::check::support::free_range;
use crate::declare;
use crate::diagnostic::{Descriptor, Diagnostic};
use crate::model::{Data, Model, Target};
use crate::origin::Sourced;
use crate::source::Span;

declare! {
    /// A machine has this address, and the cluster gives it to a pod or a service as well. Every node then sends what is for the machine to its
    /// pod network: the API server, etcd or the other node cannot be reached from there, and which connections fail differs from node to node.
    ///
    /// Addresses of machines are those where the API server, etcd and the kubelet are found. A certificate may name addresses of services, because
    /// pods reach the API server at one.
    ///
    /// ```pik fails
    /// api-server { sans = [10.244.0.9] }
    /// ```
    ///
    /// ```pik
    /// api-server { sans = [192.168.11.9] }
    /// ```
    pub static MACHINE_IN_RANGE = {
        code: "network/machine-in-range",
        since: "0.1.0",
        severity: Error,
        title: "a machine whose address the cluster gives to pods or services",
        help: "choose a range that no machine is in",
        sources: ["kubernetes/website#11225", "kubernetes.io: docs/concepts/cluster-administration/networking"],
    }
}

pub(in crate::check) static CODES: &[&Descriptor] = &[&MACHINE_IN_RANGE];

/// Fields of kubeadm's documents that name machines, and whether a service can have the address, too.
const FIELDS: &[(&str, bool)] = &[
    ("controlPlaneEndpoint", false),
    ("localAPIEndpoint.advertiseAddress", false),
    ("controlPlane.localAPIEndpoint.advertiseAddress", false),
    ("discovery.bootstrapToken.apiServerEndpoint", false),
    ("etcd.external.endpoints", false),
    ("apiServer.certSANs", true),
    ("etcd.local.serverCertSANs", false),
    ("etcd.local.peerCertSANs", false),
];

/// An address of a machine, what names it, and whether a service can have it, too.
struct Machine {
    address: IpAddr,
    place: Option<Span>,
    name: String,
    services: bool,
}

pub(in crate::check) fn check(model: &Model, out: &mut Findings<'_>) {
    let network = &model.cluster.network;
    let second = network.ipv6.as_ref();
    let ranges = [
        (&network.pods, "pods", false),
        (&network.services, "services", true),
    ]
    .into_iter()
    .map(|(range, what, services)| (range.as_ref(), what, services))
    .chain([
        (second.and_then(|own| own.pods.as_ref()), "pods", false),
        (
            second.and_then(|own| own.services.as_ref()),
            "services",
            true,
        ),
    ]);
    let ranges: Vec<(&Sourced<IpNet>, &str, bool)> = ranges
        .filter_map(|(range, what, services)| Some((range?, what, services)))
        .collect();
    // One address is written in several places: one finding for each address and range.
    let mut told: Vec<(IpAddr, IpNet)> = Vec::new();
    for machine in machines(model) {
        for (range, what, services) in &ranges {
            let inside = range.value.contains(&machine.address);
            let told_already = told.contains(&(machine.address, range.value));
            if !inside || told_already || (*services && machine.services) {
                continue;
            }
            told.push((machine.address, range.value));
            let message = format!(
                "{} {} lies in the {what}' range {}",
                machine.name, machine.address, range.value
            );
            let finding = Diagnostic::new(&MACHINE_IN_RANGE, message)
                .label(machine.place, "a machine has this address")
                .label(*range, format!("the {what}' range"));
            let free = free_range::free(what, range.value, model, out);
            let free = free.filter(|free| is_free_of_machines(model, *free));
            let finding = match free {
                Some(_) => free_range::offered(finding, what, range, model, out),
                None => finding,
            };
            out.push(finding);
        }
    }
}

/// Whether a range could be proposed: no machine that the files name lies in it.
pub(in crate::check) fn is_free_of_machines(model: &Model, range: IpNet) -> bool {
    machines(model)
        .iter()
        .all(|machine| machine.services || !range.contains(&machine.address))
}

fn machines(model: &Model) -> Vec<Machine> {
    let mut all = Vec::new();
    for carried in &model.cluster.carried {
        let Target::Field { path, .. } = &carried.target else {
            continue;
        };
        let Some((_, services)) = FIELDS.iter().find(|(known, _)| known == path) else {
            continue;
        };
        let items = match &carried.value.value {
            Data::List(items) => items.iter().collect(),
            _ => vec![&carried.value],
        };
        all.extend(items.into_iter().filter_map(|item| {
            let Data::Text(text) = &item.value else {
                return None;
            };
            Some(Machine {
                address: host(text)?,
                place: item.origin.span(),
                name: carried.setting.clone(),
                services: *services,
            })
        }));
    }
    for node in &model.nodes {
        let given = node.settings.kubelet.extra_args.iter();
        for (_, value) in given.filter(|(name, _)| name.value == "node-ip") {
            let addresses = value.value.split(',').filter_map(|part| part.parse().ok());
            all.extend(addresses.map(|address| Machine {
                address,
                place: value.origin.span(),
                name: "`node-ip`".to_owned(),
                services: false,
            }));
        }
    }
    all
}

/// The address in an endpoint, if it is not a name. Addresses that mean the machine itself or any of its own are none of a machine.
fn host(text: &str) -> Option<IpAddr> {
    let rest = text.split_once("://").map_or(text, |(_, rest)| rest);
    let rest = rest.split('/').next().unwrap_or_default();
    let address: IpAddr = match rest.strip_prefix('[') {
        Some(rest) => rest.split(']').next()?.parse().ok()?,
        None => rest
            .parse()
            .or_else(|_| rest.rsplit_once(':').map_or(rest, |(host, _)| host).parse())
            .ok()?,
    };
    (!address.is_loopback() && !address.is_unspecified()).then_some(address)
}

#[cfg(test)]
mod tests {
    use super::host;

    #[test]
    fn the_address_of_an_endpoint_is_found() {
        for (text, address) in [
            ("10.0.0.1", "10.0.0.1"),
            ("10.0.0.1:6443", "10.0.0.1"),
            ("https://10.0.0.1:2379/", "10.0.0.1"),
            ("[fd00::1]:6443", "fd00::1"),
            ("fd00::1", "fd00::1"),
        ] {
            assert_eq!(
                host(text).map(|found| found.to_string()).as_deref(),
                Some(address),
                "{text}"
            );
        }
        for text in ["api.example.org:6443", "127.0.0.1", "0.0.0.0:2379", ""] {
            assert_eq!(host(text), None, "{text}");
        }
    }
}
