//! What is in the picture, from the model.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use serde::Serialize;

use crate::model::{Model, Node, Role, Subnet, bracketed, runs};

/// The network and the machines.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Picture {
    /// The cluster's name.
    pub cluster: String,
    /// The exact version of Kubernetes.
    pub kubernetes: String,
    /// Where the API server answers: host and port.
    pub api: String,
    /// The ranges by what they are for, in order.
    pub ranges: Vec<(&'static str, String)>,
    /// The CNI, with its backend.
    pub cni: String,
    /// The container runtime.
    pub runtime: String,
    /// Machines that are alike.
    pub machines: Vec<Machines>,
}

/// Machines with the same role, board, system and subnet.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Machines {
    /// `control-plane` or `worker`
    pub role: &'static str,
    /// The board's title.
    pub board: String,
    /// The system's title.
    pub system: String,
    /// How many there are.
    pub count: usize,
    /// The subnet that they are in, in a network that has several: its name and its addresses.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subnet: Option<String>,
    /// Their names, runs of them shortened.
    pub names: String,
    /// The same in the notation of a spec, in pieces: `r1-[01-40]`.
    #[serde(skip)]
    pub pieces: Vec<String>,
    /// The first and the last address, if they have any.
    pub addresses: String,
    /// Other interfaces of theirs that have addresses.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub also: Vec<String>,
}

impl Picture {
    /// The values of a range, separated by commas; empty if there is none.
    pub fn range(&self, what: &str) -> String {
        let found = self.ranges.iter().filter(|(name, _)| *name == what);
        let values: Vec<&str> = found.map(|(_, value)| value.as_str()).collect();
        values.join(", ")
    }

    /// The same with its name: `router 192.168.1.1`; nothing if there is none.
    pub fn named(&self, what: &str) -> Option<String> {
        let value = self.range(what);
        (!value.is_empty()).then(|| format!("{what} {value}"))
    }
}

/// The picture of a cluster.
pub fn picture(model: &Model) -> Picture {
    let cluster = &model.cluster;
    let cni = cluster.cni.as_ref().map(|choice| match choice.backend() {
        Some(backend) => format!("{}, {}", choice.name.value, backend.value),
        None => choice.name.value.clone(),
    });
    let runtime = cluster.runtime.as_ref();
    let exact = cluster.exact.as_ref().or(cluster.kubernetes.as_ref());
    Picture {
        cluster: cluster.name.value.clone(),
        kubernetes: exact.map_or_else(String::new, |version| version.value.to_string()),
        api: api(model),
        ranges: ranges(model),
        cni: cni.unwrap_or_default(),
        runtime: match (&model.facts.runtime, runtime) {
            (Some(facts), _) => facts.title.clone(),
            (None, Some(choice)) => choice.name.value.clone(),
            (None, None) => String::new(),
        },
        machines: machines(model),
    }
}

/// The endpoint of the spec, or else the first machine of the control plane.
fn api(model: &Model) -> String {
    let cluster = &model.cluster;
    let port = cluster.api_port.as_ref().map_or(6443, |port| port.value);
    let first = model.with_role(Role::ControlPlane).next();
    let address = first.and_then(|node| node.address.as_ref());
    let (host, port) = match (&cluster.endpoint, address) {
        (Some(endpoint), _) => {
            let own = endpoint.value.port.unwrap_or(port);
            (endpoint.value.host.clone(), own)
        }
        (None, Some(address)) => (address.value.to_string(), port),
        (None, None) => return String::new(),
    };
    match host.contains(':') {
        true => format!("[{host}]:{port}"),
        false => format!("{host}:{port}"),
    }
}

fn ranges(model: &Model) -> Vec<(&'static str, String)> {
    let network = &model.cluster.network;
    let text = |value: &dyn std::fmt::Display| value.to_string();
    let mut out = Vec::new();
    let mut add = |what, value: Option<String>| out.extend(value.map(|value| (what, value)));
    for lan in network.lans() {
        add("LAN", Some(text(&lan.value)));
    }
    for router in network.gateways() {
        add("router", Some(text(&router.value)));
    }
    for server in network.name_servers() {
        add("name server", Some(text(&server.value)));
    }
    for pool in network.pools() {
        add("leased by DHCP", Some(text(&pool.value)));
    }
    for lan in network.lans_ipv6() {
        add("LAN, IPv6", Some(text(&lan.value)));
    }
    for pods in network.all_pods() {
        add("pods", Some(text(&pods.value)));
    }
    for services in network.all_services() {
        add("services", Some(text(&services.value)));
    }
    let balancer = network.load_balancer.as_ref();
    add("load balancer", balancer.map(|one| text(&one.value)));
    out
}

/// The role, the board, the system and the subnet of machines that are alike.
type Alike<'a> = (&'static str, &'a str, &'a str, Option<usize>);

/// The machines grouped by role, board, system and subnet, in the order of the spec.
fn machines(model: &Model) -> Vec<Machines> {
    let network = &model.cluster.network;
    let mut groups: Vec<(Alike<'_>, Vec<&Node>)> = Vec::new();
    for node in &model.nodes {
        let settings = &node.settings;
        let key = (
            settings.role.as_ref().map_or("", |role| role.value.word()),
            settings
                .board
                .as_ref()
                .map_or("", |board| board.value.title.as_str()),
            settings
                .os
                .as_ref()
                .map_or("", |os| os.value.title.as_str()),
            node.subnet,
        );
        match groups.iter_mut().find(|(known, _)| *known == key) {
            Some((_, nodes)) => nodes.push(node),
            None => groups.push((key, vec![node])),
        }
    }
    let groups = groups
        .into_iter()
        .map(|((role, board, system, subnet), nodes)| {
            let address = |node: Option<&&Node>| {
                let address = node.and_then(|node| node.address.as_ref());
                address.map(|address| address.value.to_string())
            };
            let names = || nodes.iter().map(|node| node.name.value.as_str());
            Machines {
                role,
                board: board.to_owned(),
                system: system.to_owned(),
                count: nodes.len(),
                subnet: subnet.and_then(|index| of_several(network.subnets.get(index)?)),
                names: runs(names()),
                pieces: bracketed(names()),
                addresses: match (address(nodes.first()), address(nodes.last())) {
                    (Some(first), Some(last)) if first != last => format!("{first} … {last}"),
                    (Some(one), _) => one,
                    (None, _) => String::new(),
                },
                also: also(&nodes),
            }
        });
    groups.collect()
}

/// "rack1, 10.1.0.0/24"; nothing for the one network of a cluster without subnets.
fn of_several(subnet: &Subnet) -> Option<String> {
    let name = &subnet.name.as_ref()?.value;
    Some(match &subnet.lan {
        Some(lan) => format!("{name}, {}", lan.value),
        None => name.clone(),
    })
}

/// Their other interfaces that have addresses of their own.
fn also(nodes: &[&Node]) -> Vec<String> {
    let mut found: BTreeMap<&str, BTreeSet<IpAddr>> = BTreeMap::new();
    for node in nodes {
        let cluster = node.settings.cluster_interface();
        let cluster = cluster.map(|one| one.name.value.as_str());
        for interface in &node.settings.interfaces {
            let name = interface.name.value.as_str();
            if let Some(address) = &interface.address
                && Some(name) != cluster
            {
                found.entry(name).or_default().insert(address.value);
            }
        }
    }
    let one = |(name, addresses): (&str, BTreeSet<IpAddr>)| match addresses.len() {
        1 => addresses
            .iter()
            .map(|one| format!("also {name}: {one}"))
            .collect(),
        many => format!("also {name}: {many} addresses"),
    };
    found.into_iter().map(one).collect()
}
