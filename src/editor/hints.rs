//! What a line means but does not say: the address that each node of a range gets, and what pikc works out from a value.
//!
//! Only where the text leaves something open; a default that is written down anywhere is not repeated.

use std::net::IpAddr;

use ipnet::IpNet;

use super::project::View;
use crate::ast::{Block, Item, Setting, Value};
use crate::model::{Model, Node};
use crate::origin::Sourced;
use crate::source::Span;

/// A remark in the text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hint {
    /// Where it goes: an empty span.
    pub place: Span,
    /// The remark.
    pub text: String,
    /// More of it, a line each; can be empty.
    pub details: Vec<String>,
}

/// So many nodes are listed one by one.
const FEW: usize = 4;

/// So many lines of details are shown.
const MOST: usize = 256;

/// The remarks of a file, in order.
pub fn hints(view: &View<'_>) -> Vec<Hint> {
    let Some(model) = view.project.analysis.model.as_deref() else {
        return Vec::new();
    };
    let mut found = resolved(view, model);
    for item in &view.page.document.items {
        if let Item::Block(block) = item {
            found.extend(dealt(model, block));
        }
    }
    found.retain(|hint| hint.place.file == view.page.file);
    found.sort_by_key(|hint| hint.place.start);
    found
}

fn after(span: Span) -> Span {
    Span {
        start: span.end,
        ..span
    }
}

/// The addresses that a range assigns to the nodes of a block.
fn dealt(model: &Model, block: &Block) -> Vec<Hint> {
    let Some(label) = block.label.as_ref().filter(|label| label.ranges.is_some()) else {
        return Vec::new();
    };
    let nodes: Vec<&Node> = model
        .nodes
        .iter()
        .filter(|node| {
            node.settings.head.file == label.span.file && node.settings.head == block.head()
        })
        .collect();
    let of = |setting: &Setting, get: &dyn Fn(&Node) -> Option<IpAddr>| {
        let Value::Word(word) = &setting.value else {
            return None;
        };
        let given: Vec<(&str, IpAddr)> = nodes
            .iter()
            .filter_map(|node| Some((node.name.value.as_str(), get(node)?)))
            .collect();
        (given.len() > 1 && given.len() == nodes.len()).then(|| Hint {
            place: after(word.span),
            text: listed(&given),
            details: given
                .iter()
                .take(MOST)
                .map(|(name, address)| format!("{name} {address}"))
                .collect(),
        })
    };
    let value = |address: &Option<Sourced<IpAddr>>| address.as_ref().map(|one| one.value);
    let settings = block.items.iter().filter_map(|item| match item {
        Item::Setting(setting) => Some(setting),
        Item::Block(_) => None,
    });
    let hints = settings.filter_map(|setting| match setting.key.value.as_str() {
        "address" => of(setting, &|node| value(&node.address)),
        "address-ipv6" => of(setting, &|node| value(&node.address_ipv6)),
        _ => None,
    });
    hints.collect()
}

/// `node02 .202, node03 .203`; of many, the first and the last.
fn listed(given: &[(&str, IpAddr)]) -> String {
    let one = |(name, address): &(&str, IpAddr)| match address {
        IpAddr::V4(v4) if same_network(given) => format!("{name} .{}", v4.octets()[3]),
        _ => format!("{name} {address}"),
    };
    match given {
        [first, .., last] if given.len() > FEW => format!("{} … {}", one(first), one(last)),
        _ => given.iter().map(one).collect::<Vec<_>>().join(", "),
    }
}

/// Whether only the last number differs.
fn same_network(given: &[(&str, IpAddr)]) -> bool {
    let start = |address: &IpAddr| match address {
        IpAddr::V4(v4) => Some(u32::from(*v4) >> 8),
        IpAddr::V6(_) => None,
    };
    let first = given.first().and_then(|(_, address)| start(address));
    first.is_some() && given.iter().all(|(_, address)| start(address) == first)
}

/// What values of the cluster come to.
fn resolved(view: &View<'_>, model: &Model) -> Vec<Hint> {
    let cluster = &model.cluster;
    let mut found = Vec::new();
    let mut add = |span: Option<Span>, text: String| {
        if let Some(span) = span.filter(|span| !span.file.is_library()) {
            found.push(Hint {
                place: after(span),
                text,
                details: Vec::new(),
            });
        }
    };
    if let (Some(written), Some(exact)) = (&cluster.kubernetes, &cluster.exact)
        && written.value != exact.value
        && written.origin.is_written()
    {
        add(written.origin.span(), format!("= {}", exact.value));
    }
    if let (Some(choice), Some(facts)) = (&cluster.cni, &model.facts.cni)
        && let Some(span) = choice.name.origin.span()
        && view.project.text(span) == "auto"
        && !choice.is_open()
    {
        add(Some(span), format!("= {}", facts.name));
    }
    let network = &cluster.network;
    if let (Some(pods), Some(prefix)) = (&network.pods, &network.node_prefix)
        && pods.origin.is_written()
        && !prefix.origin.is_written()
        && let Some(nodes) = pieces(&pods.value, prefix.value)
    {
        let text = format!("a /{} for each of up to {nodes} nodes", prefix.value);
        add(pods.origin.span(), text);
    }
    if let Some(services) = &network.services
        && services.origin.is_written()
        && let Some(dns) = services.value.hosts().nth(DNS)
    {
        add(services.origin.span(), format!("DNS at {dns}"));
    }
    found
}

/// kubeadm gives the cluster's name server the tenth address of the service range.
const DNS: usize = 9;

/// How many networks of a length a range holds.
fn pieces(range: &IpNet, length: i64) -> Option<u128> {
    let bits = u32::try_from(length - i64::from(range.prefix_len())).ok()?;
    1_u128.checked_shl(bits)
}
