//! What a cluster keeps for as long as it lives, however its spec changes.

use std::collections::BTreeMap;

use super::Options;
use crate::model::Model;
use crate::origin::{Origin, Sourced};
use crate::secret::Own;

/// What cannot be changed in a running cluster, by the names of its settings: its own name, which tells whose tree it is; the ranges, because every node, pod and service
/// has an address from them (kubernetes.io/docs: kubeadm, "network configuration cannot be changed"); the domain, because the
/// certificate of the API server and every pod's resolver contain it; the CNI, and those of its options that the library marks as
/// fixed; and what its machines trust each other by, if that comes from a secrets file: the SHA-256 of each public key, which is no secret.
pub(super) fn fixed(model: &Model, options: &Options) -> BTreeMap<String, Sourced<String>> {
    let cluster = &model.cluster;
    let network = &cluster.network;
    let mut found = BTreeMap::new();
    let mut add = |name: &str, value: Option<(String, Origin)>| {
        if let Some((value, origin)) = value {
            found.insert(name.to_owned(), Sourced::new(value, origin));
        }
    };
    add("cluster", Some(text(&cluster.name)));
    add("pods", network.pods.as_ref().map(text));
    add("services", network.services.as_ref().map(text));
    if let Some(ipv6) = &network.ipv6 {
        add("ipv6: pods", ipv6.pods.as_ref().map(text));
        add("ipv6: services", ipv6.services.as_ref().map(text));
    }
    add("node-prefix", network.node_prefix.as_ref().map(text));
    add("dns-domain", cluster.dns_domain.as_ref().map(text));
    if model.several_control_planes().is_some() {
        add("endpoint", cluster.endpoint.as_ref().map(text));
    }
    if let Some(choice) = &cluster.cni {
        add("cni", Some(text(&choice.name)));
        for option in &choice.fixed {
            let name = format!("cni {}: {option}", choice.name.value);
            add(&name, choice.option(option).map(text));
        }
    }
    let elsewhere = cluster.control_plane.external_etcd.is_some();
    for (own, held) in options.own.iter().flatten() {
        let placed = own.files().is_some() && !(*own == Own::EtcdCa && elsewhere);
        let origin = Origin::derived("the secrets file has the key that belongs to it", []);
        let pin = held.pin().filter(|_| placed);
        add(own.name(), pin.map(|pin| (pin, origin)));
    }
    found
}

fn text<T: ToString>(found: &Sourced<T>) -> (String, Origin) {
    (found.value.to_string(), found.origin.clone())
}
