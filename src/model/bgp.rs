//! The `bgp` block of a cluster, typed.

use std::net::IpAddr;

use crate::origin::Sourced;
use crate::schema::{Entity, Schema, View};
use crate::source::Span;

/// The routers and nodes that the nodes announce their routes to.
#[derive(Clone, Debug)]
pub struct Bgp {
    /// Its head.
    pub head: Span,
    /// Whether every node peers with every other, if the spec sets it.
    pub mesh: Option<Sourced<bool>>,
    /// External routers.
    pub peers: Vec<Peer>,
}

/// An external router.
#[derive(Clone, Debug)]
pub struct Peer {
    /// The name of its object.
    pub name: Sourced<String>,
    /// Its address.
    pub address: Option<Sourced<IpAddr>>,
    /// The number of its autonomous system.
    pub as_number: Option<Sourced<i64>>,
    /// The nodes that peer with it; empty for all.
    pub nodes: Vec<Sourced<String>>,
}

/// The `bgp` block, if there is one.
pub(super) fn bgp(cluster: &Entity, spec: &Schema) -> Option<Bgp> {
    let entity = cluster.child("bgp")?;
    let view = View::new(Some(entity), spec.blocks.get("bgp")?);
    let peer = spec.blocks.get("peer")?;
    Some(Bgp {
        head: entity.head,
        mesh: view.boolean("mesh"),
        peers: entity
            .children("peer")
            .filter_map(|entity| {
                let view = View::new(Some(entity), peer);
                Some(Peer {
                    name: entity.named()?,
                    address: view.address("address"),
                    as_number: view.integer("as-number"),
                    nodes: view.texts("nodes"),
                })
            })
            .collect(),
    })
}
