//! What the library knows of a CNI.

use std::sync::Arc;

use super::Fact;
use super::record::{At, Record, record};
use super::way::{RangeAt, Upstream, Way, range, upstream};
use super::words::Maintenance;

use crate::origin::Sourced;
use crate::schema::{Entity, Schema};
use crate::source::Span;
use crate::value::{Size, Version};

record! {
    /// A way in which a CNI carries packets between nodes.
    pub struct Backend {
        /// `vxlan`, `host-gw`, ...
        pub name: String = At::name,
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
        /// Names of the links that it creates in addition if pods have IPv6 addresses.
        pub devices_ipv6: Vec<Sourced<String>>,
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
        pub span: Span = At::head,
    }

    /// A CNI.
    pub struct Cni {
        /// `flannel`
        pub name: String = At::name,
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
        pub range: Option<RangeAt> = range,
        /// The option that names a secret.
        pub secret_option: Option<String>,
        /// Whether each node uses the part of the pod range that Kubernetes assigns to it.
        pub needs_node_ranges: bool,
        /// Whether it enforces network policies.
        pub policy: Sourced<bool>,
        /// Its backends, by name.
        pub backends: Vec<Backend> = |at: &At<'_>| at.all("backend"),
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
        pub upstream: Vec<Upstream> = upstream,
        /// What changes when an option has a value.
        pub ways: Vec<Way> = |at: &At<'_>| at.all("way"),
        /// What must be open between nodes in addition to what the backend needs; its ways add to it.
        pub ports: Vec<Sourced<String>>,
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
        pub limits: Vec<Limit> = |at: &At<'_>| at.all("limit"),
        /// The needs of a cluster that it can meet.
        pub offers: Vec<Offer> = |at: &At<'_>| at.all("offer"),
        /// What options require of the machines.
        pub demands: Vec<Demand> = |at: &At<'_>| at.all("demand"),
        /// Values of kernel settings that break it.
        pub breaks_with: Vec<BreaksWith> = |at: &At<'_>| at.all("breaks-with"),
        /// Options that exclude each other.
        pub conflicts: Vec<Conflict> = |at: &At<'_>| at.all("conflict"),
        /// Its rank among several that fit.
        pub rank: i64 = |at: &At<'_>| Some(at.view.integer("rank").map_or(100, |rank| rank.value)),
        /// When to choose it.
        pub advice: Option<String>,
        /// Where it is in the library.
        pub span: Span = At::head,
        /// Everything the library has about it.
        pub entity: Arc<Entity> = At::whole,
    }

    /// A need that it can meet.
    pub struct Offer {
        /// As `needs` names it: `encryption`.
        pub name: String = At::name,
        /// The option that turns it on, with the value for that (any, if none is set); none if it is always on.
        pub option: Option<(String, Option<String>)> = option,
        /// Whether it works if the cluster's interface is a VLAN.
        pub vlan: bool = |at: &At<'_>| Some(at.view.boolean("vlan").is_none_or(|works| works.value)),
        /// Where it is in the library.
        pub span: Span = At::head,
    }

    /// What an option with a value requires of every machine.
    pub struct Demand {
        /// The option and its value.
        pub option: (String, String) = |at: &At<'_>| at.pair("option", "value"),
        /// How many bits the address space of a program must have.
        pub address_bits: i64,
        /// What would happen.
        pub why: String,
    }

    /// A value of kernel settings that breaks it.
    pub struct BreaksWith {
        /// `net.ipv4.conf.all.rp_filter`
        pub keys: Vec<Sourced<String>>,
        /// The value that breaks it.
        pub value: String,
        /// The value that it needs.
        pub wants: String,
        /// What happens.
        pub why: String,
    }

    /// Two options that exclude each other.
    pub struct Conflict {
        /// An option and its value.
        pub option: (String, String) = |at: &At<'_>| at.pair("option", "value"),
        /// Another one and its value.
        pub other: (String, String) = |at: &At<'_>| at.pair("other", "other-value"),
        /// What would happen.
        pub why: String,
    }

    /// How many nodes it can serve with the value of an option.
    pub struct Limit {
        /// Its name in the library.
        pub name: String = At::name,
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
        pub span: Span = At::head,
    }
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
    fn read(_: String, entity: Arc<Entity>, schema: &Schema) -> Option<Self> {
        let cni = <Self as Record>::read(&At::new(&entity, schema)?)?;
        // What pikc applies has all of these.
        let known = cni.version.is_some() && cni.kubernetes_min.is_some() && cni.status.is_some();
        let lists = [&cni.images, &cni.architectures, &cni.conflist];
        let whole = known && lists.iter().all(|list| !list.is_empty());
        (cni.by_hand || whole).then_some(cni)
    }
}

/// The option that turns something on, with the value for that.
fn option(at: &At<'_>) -> Option<Option<(String, Option<String>)>> {
    let option = at.text("option");
    Some(option.map(|option| (option, at.text("value"))))
}
