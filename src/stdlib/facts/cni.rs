//! What the library knows of a CNI.

use std::sync::Arc;

use super::way::{RangeAt, Upstream, Way, range, upstream, ways};
use super::words::{Maintenance, Word};
use super::{Fact, printed, values, whole};

use crate::origin::Sourced;
use crate::schema::{Entity, Schema};
use crate::source::Span;
use crate::value::{Size, Version};

/// A way in which a CNI carries packets between nodes.
#[derive(Clone, Debug)]
pub struct Backend {
    /// `vxlan`, `host-gw`, ...
    pub name: String,
    /// Whether all nodes must stand in one layer-2 network.
    pub same_l2: bool,
    /// Whether the nodes speak BGP with it.
    pub bgp: bool,
    /// Architectures it runs on; empty for all.
    pub architectures: Vec<String>,
    /// Kernel modules it needs.
    pub modules: Vec<Sourced<String>>,
    /// Names of the links it makes.
    pub devices: Vec<Sourced<String>>,
    /// Those of them that only their maker or a reboot removes.
    pub switches: Vec<String>,
    /// What must pass between the nodes: `8472/udp`.
    pub ports: Vec<Sourced<String>>,
    /// What must pass besides where packets are encrypted with the CNI's secret.
    pub ports_with_secret: Vec<Sourced<String>>,
    /// Whether it carries IPv6 beside IPv4.
    pub dual_stack: bool,
    /// Bytes it adds to each packet.
    pub overhead: i64,
    /// Where it stands in the library.
    pub span: Span,
}

/// A CNI.
#[derive(Clone, Debug)]
pub struct Cni {
    /// `flannel`
    pub name: String,
    /// "flannel"
    pub title: String,
    /// Whether pikc applies nothing, because somebody brings the network.
    pub by_hand: bool,
    /// Whether it tells nodes apart by /etc/machine-id.
    pub machine_id: Option<Sourced<bool>>,
    /// The namespace that its objects live in.
    pub namespace: Option<String>,
    /// The DaemonSet that it runs as.
    pub daemonset: Option<String>,
    /// Where upstream's manifest says the pod range.
    pub range: Option<RangeAt>,
    /// The option that names a secret.
    pub secret_option: Option<String>,
    /// Whether it hands each node the piece of the pod range that Kubernetes gives it.
    pub needs_node_ranges: bool,
    /// Whether it enforces network policies.
    pub policy: Sourced<bool>,
    /// Its backends, by name.
    pub backends: Vec<Backend>,
    /// Kernel modules it needs.
    pub modules: Vec<Sourced<String>>,
    /// Names of the links it makes, whatever its backend.
    pub devices: Vec<Sourced<String>>,
    /// The file that it leaves on each node for the runtime.
    pub conflist: Vec<Sourced<String>>,
    /// Where it remembers things on each node.
    pub remembers: Vec<Sourced<String>>,
    /// Its version; none where pikc applies nothing.
    pub version: Option<Sourced<Version>>,
    /// The images it runs.
    pub images: Vec<Sourced<String>>,
    /// Upstream's own files that it is made from, where pikc writes no whole manifest.
    pub upstream: Vec<Upstream>,
    /// What is different when an option has a value.
    pub ways: Vec<Way>,
    /// The ways that a cluster took, by name: none before its options are known.
    pub taken: Vec<String>,
    /// What must be open between nodes besides what the backend asks for; its ways add to it.
    pub ports: Vec<Sourced<String>>,
    /// Whether the API server merges what it is made from; what it must know then before the rest is applied.
    pub server_side: Option<Sourced<Vec<String>>>,
    /// The options that ask for objects beside the manifest.
    pub objects_for: Vec<Sourced<String>>,
    /// The architectures of its images.
    pub architectures: Vec<Sourced<String>>,
    /// The oldest Kubernetes that the project names.
    pub kubernetes_min: Option<Sourced<Version>>,
    /// The newest Kubernetes that the project names.
    pub kubernetes_max: Option<Sourced<Version>>,
    /// Whether it is maintained; none where pikc applies nothing.
    pub status: Option<Sourced<Maintenance>>,
    /// Who works on it, and since when nobody does.
    pub maintenance: Option<String>,
    /// The memory that it asks for on each node.
    pub memory: Option<Sourced<Size>>,
    /// The processor time that it asks for on each node, as Kubernetes writes it.
    pub cpu: Option<String>,
    /// The memory that a node should have for it.
    pub node_memory: Option<Sourced<Size>>,
    /// The option with the length of the blocks that nodes take from the pod range.
    pub block_option: Option<String>,
    /// The option that sends packets unwrapped where nodes stand in one network.
    pub direct_option: Option<String>,
    /// Whether kube-proxy must use nftables when the option `nftables` is on.
    pub nftables_with_proxy: bool,
    /// How many nodes it serves, and how.
    pub limits: Vec<Limit>,
    /// What it can do for a cluster that asks.
    pub offers: Vec<Offer>,
    /// What options ask of the machines.
    pub demands: Vec<Demand>,
    /// Options that cannot stand together.
    pub conflicts: Vec<Conflict>,
    /// Where it stands among several that fit.
    pub rank: i64,
    /// When to take it.
    pub advice: Option<String>,
    /// Where it stands in the library.
    pub span: Span,
    /// Everything the library says.
    pub entity: Arc<Entity>,
}

/// Something that it can do.
#[derive(Clone, Debug)]
pub struct Offer {
    /// In the words of `needs`: `encryption`.
    pub name: String,
    /// The option that turns it on, with the value for that (any, if none is said); none if it always can.
    pub option: Option<(String, Option<String>)>,
    /// Whether it works where the cluster's interface is a virtual LAN.
    pub vlan: bool,
    /// Where it stands in the library.
    pub span: Span,
}

/// What an option with a value asks of every machine.
#[derive(Clone, Debug)]
pub struct Demand {
    /// The option and its value.
    pub option: (String, String),
    /// How long the addresses of a program must be, in bits.
    pub address_bits: i64,
    /// What would happen.
    pub why: String,
}

/// Two options that cannot stand together.
#[derive(Clone, Debug)]
pub struct Conflict {
    /// An option and its value.
    pub option: (String, String),
    /// Another one and its value.
    pub other: (String, String),
    /// What would happen.
    pub why: String,
}

/// How many nodes it serves with an option as it is.
#[derive(Clone, Debug)]
pub struct Limit {
    /// Its name in the library.
    pub name: String,
    /// The option.
    pub option: String,
    /// The value for which this holds; none for any.
    pub value: Option<String>,
    /// Whether the option's own number is that of the other nodes that it serves.
    pub counts_other: bool,
    /// From more nodes than this on it is not advised.
    pub warn: Option<Sourced<i64>>,
    /// From more nodes than this on it does not work.
    pub refuse: Option<Sourced<i64>>,
    /// What happens then.
    pub why: String,
    /// Where it stands in the library.
    pub span: Span,
}

impl Cni {
    /// What it offers under a name of `needs`.
    pub fn offer(&self, name: &str) -> Option<&Offer> {
        self.offers.iter().find(|offer| offer.name == name)
    }

    /// Its name and its version: "flannel 0.28.9".
    pub fn named(&self) -> String {
        match &self.version {
            Some(version) => format!("{} {}", self.title, version.value),
            None => self.title.clone(),
        }
    }
}

impl Offer {
    /// What a spec says to have it: `encryption = on`; nothing where it always has it.
    pub fn setting(&self) -> Option<String> {
        let (option, value) = self.option.as_ref()?;
        Some(format!("{option} = {}", value.as_deref().unwrap_or("...")))
    }
}

impl Limit {
    /// Whether so many nodes are more than advised.
    pub fn is_passed(&self, nodes: usize) -> bool {
        let most = [&self.warn, &self.refuse]
            .into_iter()
            .flatten()
            .map(|most| most.value)
            .min();
        most.is_some_and(|most| i64::try_from(nodes).is_ok_and(|nodes| nodes > most))
    }
}

impl Fact for Cni {
    const KIND: &'static str = "cni";
    fn read(name: String, entity: Arc<Entity>, schema: &Schema) -> Option<Self> {
        let view = whole(&entity, schema)?;
        let by_hand = view.boolean("by-hand").is_some_and(|by_hand| by_hand.value);
        let version = view.version("version");
        let kubernetes_min = view.version("kubernetes-min");
        let status = Maintenance::of(&view, "status");
        let (images, architectures) = (view.texts("images"), view.texts("architectures"));
        let conflist = printed(view.many("conflist"));
        let known = version.is_some() && kubernetes_min.is_some() && status.is_some();
        let lists = [&images, &architectures, &conflist];
        if !by_hand && (!known || lists.iter().any(|list| list.is_empty())) {
            return None;
        }
        Some(Self {
            name,
            title: view.text("title")?.value,
            by_hand,
            machine_id: view.boolean("machine-id"),
            secret_option: view.text("secret-option").map(|option| option.value),
            needs_node_ranges: view
                .boolean("needs-node-ranges")
                .is_some_and(|needs| needs.value),
            policy: view.boolean("policy")?,
            backends: backends(&entity, schema),
            modules: view.texts("modules"),
            devices: view.texts("devices"),
            conflist,
            remembers: printed(view.many("remembers")),
            version,
            images,
            upstream: upstream(&entity, schema),
            ways: ways(&entity, schema),
            taken: Vec::new(),
            ports: view.texts("ports"),
            server_side: None,
            namespace: view.text("namespace").map(|name| name.value),
            daemonset: view.text("daemonset").map(|name| name.value),
            range: range(&entity, schema),
            objects_for: view.texts("objects-for"),
            architectures,
            kubernetes_min,
            kubernetes_max: view.version("kubernetes-max"),
            status,
            maintenance: view.text("maintenance").map(|text| text.value),
            memory: view.size("memory"),
            cpu: view.text("cpu").map(|cpu| cpu.value),
            node_memory: view.size("node-memory"),
            block_option: view.text("block-option").map(|option| option.value),
            direct_option: view.text("direct-option").map(|option| option.value),
            nftables_with_proxy: view
                .boolean("nftables-with-proxy")
                .is_some_and(|with| with.value),
            limits: limits(&entity, schema),
            demands: demands(&entity, schema),
            conflicts: conflicts(&entity, schema),
            offers: offers(&entity, schema),
            rank: view.integer("rank").map_or(100, |rank| rank.value),
            advice: view.text("advice").map(|advice| advice.value),
            span: entity.head,
            entity: Arc::clone(&entity),
        })
    }
}

/// Its ways to carry packets from node to node.
fn backends(entity: &Entity, schema: &Schema) -> Vec<Backend> {
    entity
        .children("backend")
        .filter_map(|backend| {
            let view = whole(backend, schema)?;
            Some(Backend {
                name: backend.name().to_owned(),
                bgp: view.boolean("bgp").is_some_and(|bgp| bgp.value),
                same_l2: view.boolean("same-l2").is_some_and(|same| same.value),
                architectures: values(view.texts("architectures")),
                modules: view.texts("modules"),
                devices: view.texts("devices"),
                switches: values(view.texts("switches")),
                ports: view.texts("ports"),
                ports_with_secret: view.texts("ports-with-secret"),
                dual_stack: view.boolean("dual-stack").is_some_and(|both| both.value),
                overhead: view.integer("overhead").map_or(0, |found| found.value),
                span: backend.head,
            })
        })
        .collect()
}

/// What it is not made for more of.
fn limits(entity: &Entity, schema: &Schema) -> Vec<Limit> {
    entity
        .children("limit")
        .filter_map(|limit| {
            let view = whole(limit, schema)?;
            Some(Limit {
                name: limit.name().to_owned(),
                option: view.text("option")?.value,
                value: view.text("value").map(|value| value.value),
                counts_other: view.boolean("counts-other").is_some_and(|on| on.value),
                warn: view.integer("warn"),
                refuse: view.integer("refuse"),
                why: view.text("why")?.value,
                span: limit.head,
            })
        })
        .collect()
}

/// What an option asks of the ranges of addresses.
fn demands(entity: &Entity, schema: &Schema) -> Vec<Demand> {
    entity
        .children("demand")
        .filter_map(|demand| {
            let view = whole(demand, schema)?;
            let text = |setting: &str| Some(view.text(setting)?.value);
            Some(Demand {
                option: (text("option")?, text("value")?),
                address_bits: view.integer("address-bits")?.value,
                why: text("why")?,
            })
        })
        .collect()
}

/// Options that do not go together.
fn conflicts(entity: &Entity, schema: &Schema) -> Vec<Conflict> {
    entity
        .children("conflict")
        .filter_map(|conflict| {
            let view = whole(conflict, schema)?;
            let text = |setting: &str| Some(view.text(setting)?.value);
            Some(Conflict {
                option: (text("option")?, text("value")?),
                other: (text("other")?, text("other-value")?),
                why: text("why")?,
            })
        })
        .collect()
}

/// What a cluster may need, and it has.
fn offers(entity: &Entity, schema: &Schema) -> Vec<Offer> {
    entity
        .children("offer")
        .filter_map(|offer| {
            let view = whole(offer, schema)?;
            Some(Offer {
                name: offer.name().to_owned(),
                option: view
                    .text("option")
                    .map(|option| (option.value, view.text("value").map(|value| value.value))),
                vlan: view.boolean("vlan").is_none_or(|works| works.value),
                span: offer.head,
            })
        })
        .collect()
}
