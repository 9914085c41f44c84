//! The `policy` blocks of a cluster, typed.

use ipnet::IpNet;

use super::types::Pairs;
use crate::origin::Sourced;
use crate::schema::{Atom, BlockSchema, Content, Entity, Schema, View};
use crate::source::Span;
use crate::value::{TransportPort, Val};

/// The direction in which connections are opened, as seen from the pods.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Direction {
    /// To the pods.
    Ingress,
    /// By the pods.
    Egress,
}

impl Direction {
    /// The word in specs.
    pub fn word(self) -> &'static str {
        match self {
            Self::Ingress => "ingress",
            Self::Egress => "egress",
        }
    }
}

/// A `policy` block.
#[derive(Clone, Debug)]
pub struct Policy {
    /// Its name, which its objects have, too.
    pub name: Sourced<String>,
    /// Its head.
    pub head: Span,
    /// Where it applies.
    pub namespaces: Vec<Sourced<String>>,
    /// What is denied.
    pub deny: Vec<Sourced<Direction>>,
    /// The labels of the pods that it applies to; none for all.
    pub pods: Pairs,
    /// Whether the pods may use the cluster's DNS.
    pub dns: Option<Sourced<bool>>,
    /// Whether the pods of a namespace may connect to each other.
    pub within: Option<Sourced<bool>>,
    /// Its `from` and `to` blocks.
    pub peers: Vec<Peers>,
    /// Its lists that are written but empty, with their places.
    pub empty: Vec<(&'static str, Span)>,
    /// Whether all of its own settings could be read.
    pub sound: bool,
}

/// A `from` or a `to` block: the peers that are allowed.
#[derive(Clone, Debug)]
pub struct Peers {
    /// Which of the two it is.
    pub direction: Direction,
    /// Its head.
    pub head: Span,
    /// Networks.
    pub cidr: Vec<Sourced<IpNet>>,
    /// The parts of them that stay denied.
    pub except: Vec<Sourced<IpNet>>,
    /// Namespaces by name.
    pub namespaces: Vec<Sourced<String>>,
    /// Namespaces by label; all of them if there is no label.
    pub namespace_labels: Option<Pairs>,
    /// Pods by label; all of them if there is no label.
    pub pods: Option<Pairs>,
    /// The ports, if not all.
    pub ports: Vec<Sourced<TransportPort>>,
    /// Whether the block names no peer: then it allows everyone.
    pub everyone: bool,
    /// Its lists that are written but empty, with their places.
    pub empty: Vec<(&'static str, Span)>,
    /// Whether all of it could be read.
    pub sound: bool,
}

impl Policy {
    /// The origin of the denial of a direction.
    pub fn denies(&self, direction: Direction) -> Option<&Sourced<Direction>> {
        self.deny.iter().find(|denied| denied.value == direction)
    }

    /// The setting `dns`, if it is on.
    pub fn allows_dns(&self) -> Option<&Sourced<bool>> {
        self.dns.as_ref().filter(|dns| dns.value)
    }

    /// The setting `within`, if it is on.
    pub fn allows_within(&self) -> Option<&Sourced<bool>> {
        self.within.as_ref().filter(|within| within.value)
    }
}

/// The policies of a cluster, in the order of the spec.
pub(super) fn policies(cluster: &Entity, spec: &Schema) -> Vec<Policy> {
    let Some(schema) = spec.blocks.get("policy") else {
        return Vec::new();
    };
    cluster
        .children("policy")
        .filter_map(|entity| policy(entity, schema, spec))
        .collect()
}

fn policy(entity: &Entity, schema: &BlockSchema, spec: &Schema) -> Option<Policy> {
    let view = View::new(Some(entity), schema);
    let deny = view.texts("deny").into_iter().map(|found| {
        found.map(|word| match word.as_str() {
            "ingress" => Direction::Ingress,
            _ => Direction::Egress,
        })
    });
    Some(Policy {
        name: entity.named()?,
        head: entity.head,
        namespaces: view.texts("namespaces"),
        deny: deny.collect(),
        pods: labels(entity, "pods", spec).unwrap_or_default(),
        dns: view.boolean("dns"),
        within: view.boolean("within"),
        peers: entity
            .blocks
            .iter()
            .filter_map(|block| peers(block, spec))
            .collect(),
        empty: empty(entity, &["namespaces", "deny"]),
        sound: sound(entity),
    })
}

fn peers(entity: &Entity, spec: &Schema) -> Option<Peers> {
    let direction = match entity.kind.as_str() {
        "from" => Direction::Ingress,
        "to" => Direction::Egress,
        _ => return None,
    };
    let view = View::new(Some(entity), spec.blocks.get(&entity.kind)?);
    let names_nobody = entity.blocks.is_empty()
        && !["cidr", "namespaces"]
            .iter()
            .any(|setting| view.is_written(setting));
    Some(Peers {
        direction,
        head: entity.head,
        cidr: networks(&view, "cidr"),
        except: networks(&view, "except"),
        namespaces: view.texts("namespaces"),
        namespace_labels: labels(entity, "namespace-labels", spec),
        pods: labels(entity, "pods", spec),
        ports: view
            .many("ports")
            .into_iter()
            .filter_map(|found| match found.value {
                Val::TransportPort(port) => Some(Sourced::new(*port, found.origin)),
                _ => None,
            })
            .collect(),
        everyone: names_nobody,
        empty: empty(entity, &["cidr", "except", "namespaces", "ports"]),
        sound: sound(entity) && entity.blocks.iter().all(sound),
    })
}

fn networks(view: &View<'_>, setting: &str) -> Vec<Sourced<IpNet>> {
    let network = |found: Sourced<&Val>| match found.value {
        Val::Cidr(network) => Some(Sourced::new(*network, found.origin)),
        _ => None,
    };
    view.many(setting).into_iter().filter_map(network).collect()
}

fn labels(entity: &Entity, kind: &str, spec: &Schema) -> Option<Pairs> {
    let (block, schema) = entity.child(kind).zip(spec.blocks.get(kind))?;
    Some(View::new(Some(block), schema).entries())
}

/// Those of the settings that are empty lists.
fn empty(entity: &Entity, settings: &[&'static str]) -> Vec<(&'static str, Span)> {
    let place = |name: &&'static str| {
        let given = entity.settings.get(*name)?;
        let nothing = matches!(&given.content, Content::Many(items) if items.is_empty());
        Some((*name, given.origin.span()?)).filter(|_| nothing)
    };
    settings.iter().filter_map(place).collect()
}

/// Whether nothing in the block was reported as wrong.
fn sound(entity: &Entity) -> bool {
    let wrong = |given: &crate::schema::Given| match &given.content {
        Content::One(atom) => matches!(atom, Atom::Poisoned),
        Content::Many(items) => items
            .iter()
            .any(|item| matches!(item.value, Atom::Poisoned)),
    };
    !entity.damaged && !entity.settings.values().any(wrong)
}
