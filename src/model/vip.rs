//! An address that moves between the control planes.

use std::net::IpAddr;

use super::subnet::Subnet;
use crate::origin::{Origin, Sourced};
use crate::schema::{Entity, Schema, View};
use crate::source::Span;

/// An address that moves between the control planes.
#[derive(Clone, Debug)]
pub struct Vip {
    /// Its head in the spec.
    pub head: Span,
    /// The address.
    pub address: Option<Sourced<IpAddr>>,
    /// What moves it: `kube-vip`, `keepalived`.
    pub by: Option<Sourced<String>>,
    /// How kube-vip announces it: `arp`, `bgp`.
    pub mode: Option<Sourced<String>>,
    /// The autonomous system that it is announced from.
    pub as_number: Option<Sourced<i64>>,
    /// To whom it is announced by BGP.
    pub routers: Vec<Router>,
    /// What VRRP knows the machines by, if the spec sets it.
    pub router_id: Option<Sourced<i64>>,
}

/// A router that the address is announced to by BGP.
#[derive(Clone, Debug)]
pub struct Router {
    /// For people.
    pub name: Sourced<String>,
    /// Its head in the spec.
    pub head: Span,
    /// Its address.
    pub address: Option<Sourced<IpAddr>>,
    /// The number of its autonomous system.
    pub as_number: Option<Sourced<i64>>,
}

/// A router, as a control plane reaches it.
#[derive(Clone, Copy, Debug)]
pub struct Reached<'a> {
    /// The router.
    pub router: &'a Router,
    /// Whether it is in another network than the control plane.
    pub through_gateway: bool,
}

/// The `vip` block, if there is one.
pub(super) fn vip(cluster: &Entity, spec: &Schema) -> Option<Vip> {
    let entity = cluster.child("vip")?;
    let view = View::new(Some(entity), spec.blocks.get("vip")?);
    let router = spec.blocks.get("router")?;
    Some(Vip {
        head: entity.head,
        address: view.address("address"),
        by: view.text("by"),
        mode: view.text("mode"),
        as_number: view.integer("as-number"),
        routers: entity
            .children("router")
            .filter_map(|entity| {
                let view = View::new(Some(entity), router);
                Some(Router {
                    name: entity.named()?,
                    head: entity.head,
                    address: view.address("address"),
                    as_number: view.integer("as-number"),
                })
            })
            .collect(),
        router_id: view.integer("router-id"),
    })
}

impl Vip {
    /// Why it is announced to routers, if it is.
    pub fn by_bgp(&self) -> Option<&Sourced<String>> {
        self.mode.as_ref().filter(|mode| mode.value == "bgp")
    }

    /// The routers that a control plane in this network speaks to: those in it; if there are none, all of them, through its gateway.
    pub fn routers_for(&self, home: &Subnet) -> Vec<Reached<'_>> {
        let inside = |router: &&Router| {
            let address = router.address.as_ref();
            address.is_some_and(|address| home.contains(address.value))
        };
        let near: Vec<&Router> = self.routers.iter().filter(inside).collect();
        let (all, through_gateway) = match near.is_empty() {
            true => (self.routers.iter().collect(), true),
            false => (near, false),
        };
        let reached = |router| Reached {
            router,
            through_gateway,
        };
        all.into_iter().map(reached).collect()
    }

    /// What VRRP knows the machines by: as written, or the last part of the address, which is not the same for two clusters in one /24.
    pub fn vrrp_id(&self) -> Option<Sourced<u8>> {
        if let Some(written) = &self.router_id {
            let id = u8::try_from(written.value).ok()?;
            return Some(Sourced::new(id, written.origin.clone()));
        }
        let address = self.address.as_ref()?;
        let last = match address.value {
            IpAddr::V4(address) => address.octets()[3],
            IpAddr::V6(address) => address.octets()[15],
        };
        // 0 is no identifier.
        let id = if last == 0 { u8::MAX } else { last };
        let why = "the last part of the address that moves";
        Some(Sourced::new(
            id,
            Origin::derived(why, [address.origin.clone()]),
        ))
    }
}
