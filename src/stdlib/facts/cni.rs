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
    /// Whether all nodes must be in one layer 2 network.
    pub same_l2: bool,
    /// Whether the nodes use BGP with it.
    pub bgp: bool,
    /// Architectures it runs on; empty for all.
    pub architectures: Vec<String>,
    /// Kernel modules it needs.
    pub modules: Vec<Sourced<String>>,
    /// Names of the links it creates.
    pub devices: Vec<Sourced<String>>,
    /// Those of them that only their creator or a reboot removes.
    pub switches: Vec<String>,
    /// What must be open between the nodes: `8472/udp`.
    pub ports: Vec<Sourced<String>>,
    /// What must be open in addition if packets are encrypted with the CNI's secret.
    pub ports_with_secret: Vec<Sourced<String>>,
    /// Whether it carries IPv6 in addition to IPv4.
    pub dual_stack: bool,
    /// Bytes it adds to each packet.
    pub overhead: i64,
    /// Where it is in the library.
    pub span: Span,
}

/// A CNI.
#[derive(Clone, Debug)]
pub struct Cni {
    /// `flannel`
    pub name: String,
    /// "flannel"
    pub title: String,
    /// Whether pikc applies nothing, because the operator installs the network.
    pub by_hand: bool,
    /// Whether it identifies nodes by /etc/machine-id.
    pub machine_id: Option<Sourced<bool>>,
    /// The namespace that its objects live in.
    pub namespace: Option<String>,
    /// The DaemonSet that it runs as.
    pub daemonset: Option<String>,
    /// Where upstream's manifest sets the pod range.
    pub range: Option<RangeAt>,
    /// The option that names a secret.
    pub secret_option: Option<String>,
    /// Whether each node uses the part of the pod range that Kubernetes assigns to it.
    pub needs_node_ranges: bool,
    /// Whether it enforces network policies.
    pub policy: Sourced<bool>,
    /// Its backends, by name.
    pub backends: Vec<Backend>,
    /// Kernel modules it needs.
    pub modules: Vec<Sourced<String>>,
    /// Names of the links it creates with any backend.
    pub devices: Vec<Sourced<String>>,
    /// The file that it leaves on each node for the runtime.
    pub conflist: Vec<Sourced<String>>,
    /// Where it keeps state on each node.
    pub remembers: Vec<Sourced<String>>,
    /// Its version; none where pikc applies nothing.
    pub version: Option<Sourced<Version>>,
    /// The images it runs.
    pub images: Vec<Sourced<String>>,
    /// The upstream files that it is built from, if pikc does not write the whole manifest.
    pub upstream: Vec<Upstream>,
    /// What changes when an option has a value.
    pub ways: Vec<Way>,
    /// The names of the ways that a cluster uses; empty before its options are known.
    pub taken: Vec<String>,
    /// What must be open between nodes in addition to what the backend needs; its ways add to it.
    pub ports: Vec<Sourced<String>>,
    /// Whether the API server merges the files that it is built from; if so, what must exist before the rest is applied.
    pub server_side: Option<Sourced<Vec<String>>>,
    /// The options that add objects to the manifest.
    pub objects_for: Vec<Sourced<String>>,
    /// The architectures of its images.
    pub architectures: Vec<Sourced<String>>,
    /// The oldest Kubernetes that the project names.
    pub kubernetes_min: Option<Sourced<Version>>,
    /// The newest Kubernetes that the project names.
    pub kubernetes_max: Option<Sourced<Version>>,
    /// Whether it is maintained; none where pikc applies nothing.
    pub status: Option<Sourced<Maintenance>>,
    /// Who maintains it, or since when it has not been maintained.
    pub maintenance: Option<String>,
    /// The memory that it requests on each node.
    pub memory: Option<Sourced<Size>>,
    /// The processor time that it requests on each node, as Kubernetes writes it.
    pub cpu: Option<String>,
    /// The memory that a node should have for it.
    pub node_memory: Option<Sourced<Size>>,
    /// The option with the prefix length of the blocks that nodes allocate from the pod range.
    pub block_option: Option<String>,
    /// The option that sends packets without encapsulation between nodes in one network.
    pub direct_option: Option<String>,
    /// Whether kube-proxy must use nftables when the option `nftables` is on.
    pub nftables_with_proxy: bool,
    /// How many nodes it serves, and how.
    pub limits: Vec<Limit>,
    /// The needs of a cluster that it can meet.
    pub offers: Vec<Offer>,
    /// What options require of the machines.
    pub demands: Vec<Demand>,
    /// Options that exclude each other.
    pub conflicts: Vec<Conflict>,
    /// Its rank among several that fit.
    pub rank: i64,
    /// When to choose it.
    pub advice: Option<String>,
    /// Where it is in the library.
    pub span: Span,
    /// Everything the library has about it.
    pub entity: Arc<Entity>,
}

/// A need that it can meet.
#[derive(Clone, Debug)]
pub struct Offer {
    /// As `needs` names it: `encryption`.
    pub name: String,
    /// The option that turns it on, with the value for that (any, if none is set); none if it is always on.
    pub option: Option<(String, Option<String>)>,
    /// Whether it works if the cluster's interface is a VLAN.
    pub vlan: bool,
    /// Where it is in the library.
    pub span: Span,
}

/// What an option with a value requires of every machine.
#[derive(Clone, Debug)]
pub struct Demand {
    /// The option and its value.
    pub option: (String, String),
    /// How many bits the address space of a program must have.
    pub address_bits: i64,
    /// What would happen.
    pub why: String,
}

/// Two options that exclude each other.
#[derive(Clone, Debug)]
pub struct Conflict {
    /// An option and its value.
    pub option: (String, String),
    /// Another one and its value.
    pub other: (String, String),
    /// What would happen.
    pub why: String,
}

/// How many nodes it can serve with the value of an option.
#[derive(Clone, Debug)]
pub struct Limit {
    /// Its name in the library.
    pub name: String,
    /// The option.
    pub option: String,
    /// The value for which this holds; none for any.
    pub value: Option<String>,
    /// Whether the value of the option is the number of other nodes that it can serve.
    pub counts_other: bool,
    /// With more nodes than this it is not recommended.
    pub warn: Option<Sourced<i64>>,
    /// With more nodes than this it does not work.
    pub refuse: Option<Sourced<i64>>,
    /// What happens then.
    pub why: String,
    /// Where it is in the library.
    pub span: Span,
}

impl Cni {
    /// What it offers for a name in `needs`.
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
    /// What to write in a spec to have it: `encryption = on`; none if it is always on.
    pub fn setting(&self) -> Option<String> {
        let (option, value) = self.option.as_ref()?;
        Some(format!("{option} = {}", value.as_deref().unwrap_or("...")))
    }
}

impl Limit {
    /// Whether a cluster has more nodes than recommended.
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

/// Its backends.
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

/// Its limits.
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

/// What an option requires of the machines.
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

/// Options that exclude each other.
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

/// The needs that it can meet.
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
