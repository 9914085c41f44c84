//! The cluster's DNS: CoreDNS, and a cache in front of it on every machine.

use std::net::{IpAddr, Ipv4Addr};

use ipnet::IpNet;

use super::types::Model;
use crate::origin::{Origin, Sourced};
use crate::schema::{Entity, Schema, View};
use crate::source::Span;
use crate::stdlib::Addon;
use crate::value::Val;

/// The library's name of the cache.
pub(super) const CACHE: &str = "node-local-dns";

/// The `dns` block.
#[derive(Clone, Debug, Default)]
pub struct ClusterDns {
    /// Where its block begins; none without one.
    pub head: Option<Span>,
    /// How many pods CoreDNS has; none for as many as there are.
    pub replicas: Option<Sourced<i64>>,
    /// The name servers for names outside the cluster; none for the machine's.
    pub forward: Vec<Sourced<IpAddr>>,
    /// Whether every machine runs a cache.
    pub cache: Option<Sourced<bool>>,
}

/// The `dns` block of a cluster.
pub(super) fn cluster_dns(cluster: &Entity, spec: &Schema) -> ClusterDns {
    let (Some(entity), Some(schema)) = (cluster.child("dns"), spec.blocks.get("dns")) else {
        return ClusterDns::default();
    };
    let view = View::new(Some(entity), schema);
    let address = |found: Sourced<&Val>| match found.value {
        Val::Address(address) => Some(Sourced::new(*address, found.origin)),
        _ => None,
    };
    ClusterDns {
        head: Some(entity.head),
        replicas: view.integer("replicas"),
        forward: view
            .many("forward")
            .into_iter()
            .filter_map(address)
            .collect(),
        cache: view.boolean("node-local-cache"),
    }
}

impl Model {
    /// The address of the cluster's DNS: kubeadm gives it the tenth of the services' range.
    pub fn dns_service(&self) -> Option<Sourced<IpAddr>> {
        let services = self.cluster.network.services.as_ref()?;
        let IpNet::V4(range) = services.value else {
            return None;
        };
        let tenth = Ipv4Addr::from(u32::from(range.network()).checked_add(10)?);
        let origin = Origin::derived(
            "kubeadm gives the cluster's DNS the tenth address of the services' range",
            [services.origin.clone()],
        );
        Some(Sourced::new(IpAddr::V4(tenth), origin))
    }

    /// The cache, and where the spec turns it on. None if it does not.
    pub fn dns_cache(&self) -> Option<(&Addon, &Sourced<bool>)> {
        let on = self.cluster.dns.cache.as_ref().filter(|on| on.value)?;
        Some((self.facts.dns_cache.as_deref()?, on))
    }

    /// Why the cache does not also listen on the address of the service: the choice that rules it out.
    /// None if it does, or if there is no cache.
    pub fn dns_cache_alone(&self) -> Option<Origin> {
        let (cache, on) = self.dns_cache()?;
        let named = |all: &[Sourced<String>], name: &str| all.iter().any(|one| one.value == name);
        let mode = self.cluster.proxy_mode.as_ref();
        let mode = mode.filter(|mode| !named(&cache.binds_service, &mode.value));
        let cni = self.cluster.cni.as_ref().map(|choice| &choice.name);
        let cni = cni.filter(|cni| named(&cache.services_by_cni, &cni.value));
        let choice = cni.or(mode)?;
        Some(Origin::derived(
            "here the cache cannot listen on the address of the service, so pods ask its own",
            [on.origin.clone(), choice.origin.clone()],
        ))
    }

    /// The addresses on which the cache listens, its own first; none without a cache.
    pub fn dns_cache_addresses(&self) -> Vec<Sourced<IpAddr>> {
        let Some((cache, on)) = self.dns_cache() else {
            return Vec::new();
        };
        let own = Sourced::new(cache.address.value, on.origin.clone());
        let service = match self.dns_cache_alone() {
            Some(_) => None,
            None => self.dns_service(),
        };
        [own].into_iter().chain(service).collect()
    }
}
