//! Which machines have a router between them.

use std::collections::BTreeSet;

use crate::model::{Model, Node, Subnet};

/// The first machine of each subnet that has one of these.
pub(in crate::check) fn first_of_each<'a>(
    model: &'a Model,
    nodes: impl Iterator<Item = &'a Node>,
) -> Vec<(&'a Node, &'a Subnet)> {
    let mut met = BTreeSet::new();
    nodes
        .filter(|node| node.subnet.is_some_and(|subnet| met.insert(subnet)))
        .filter_map(|node| Some((node, model.cluster.network.of(node)?)))
        .collect()
}
