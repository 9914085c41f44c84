//! What machines must be able to send each other: by port, and in a cluster of several subnets also by the routers on the way.

use std::collections::BTreeMap;
use std::net::IpAddr;

use serde_json::{Value as Json, json};

use super::words::{address, names};
use super::{MOST_ROWS, control_plane, several};
use crate::model::{Model, Node, Role, Subnet};
use crate::plan::cni;
use crate::plan::types::Context;

/// Who sends or receives.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Whom {
    ControlPlane,
    EveryMachine,
    /// Who is outside the cluster, and machines too.
    EveryMachineAndYou,
    /// Who uses services: pods and others.
    Clients,
    /// Those of `vip`.
    Routers,
}

/// A kind of traffic.
struct Row {
    port: String,
    from: Whom,
    to: Whom,
    what: String,
}

impl Row {
    fn new(port: String, from: Whom, to: Whom, what: impl Into<String>) -> Self {
        let what = what.into();
        Self {
            port,
            from,
            to,
            what,
        }
    }

    fn shown(&self, several: bool) -> Json {
        let word = |whom| match whom {
            // Between themselves each is meant.
            Whom::ControlPlane if several => "every control plane",
            Whom::ControlPlane => "the control plane",
            Whom::EveryMachine => "every machine",
            Whom::EveryMachineAndYou => "every machine, and you",
            Whom::Clients => "clients of services",
            Whom::Routers => "the routers",
        };
        json!({"port": self.port, "from": word(self.from), "to": word(self.to), "what": self.what})
    }
}

/// Adds both tables.
pub(super) fn add(model: &Model, context: &mut Context) {
    let rows = ports(model);
    let among = |row: &Row| (row.from, row.to) == (Whom::ControlPlane, Whom::ControlPlane);
    let shown: Vec<Json> = rows.iter().map(|row| row.shown(among(row))).collect();
    context.set("ports", shown, []);
    let network = &model.cluster.network;
    let mut between = match network.is_routed() {
        true => between(model, &rows),
        false => Vec::new(),
    };
    let left = between.len().saturating_sub(MOST_ROWS);
    between.truncate(MOST_ROWS);
    context.set("between", between, []);
    context.set("between_left", left, []);
}

/// The traffic that must be allowed between the machines.
fn ports(model: &Model) -> Vec<Row> {
    use Whom::{Clients, ControlPlane, EveryMachine, EveryMachineAndYou};
    let port = model
        .cluster
        .api_port
        .as_ref()
        .map_or(6443, |port| port.value);
    let mut rows = vec![
        Row::new(
            format!("TCP {port}"),
            EveryMachineAndYou,
            ControlPlane,
            "the API server",
        ),
        Row::new(
            "TCP 10250".to_owned(),
            ControlPlane,
            EveryMachine,
            "the kubelet (logs, exec)",
        ),
        Row::new(
            control_plane::node_ports(model),
            Clients,
            EveryMachine,
            "services of type NodePort",
        ),
    ];
    if let Some(port) = model.balanced_port() {
        let port = format!("TCP {port}");
        let what = "HAProxy, at the address that moves";
        rows.push(Row::new(port, EveryMachineAndYou, ControlPlane, what));
        // VRRP is neither TCP nor UDP, so rules that open ports leave it out.
        let vrrp = "IP protocol 112".to_owned();
        let what = "keepalived (VRRP): who has the address";
        rows.push(Row::new(vrrp, ControlPlane, ControlPlane, what));
    }
    if model.announced_by_bgp().is_some() {
        let what = "BGP: the way to the address that moves";
        let port = "TCP 179".to_owned();
        rows.push(Row::new(port, ControlPlane, Whom::Routers, what));
    }
    if several::with_etcd(model) {
        let port = "TCP 2379 to 2380".to_owned();
        rows.push(Row::new(port, ControlPlane, ControlPlane, "etcd"));
    }
    of_pods(model, &mut rows);
    rows
}

/// The traffic of the pod network.
fn of_pods(model: &Model, rows: &mut Vec<Row>) {
    let Some((facts, choice)) = model.facts.cni.as_ref().zip(model.cluster.cni.as_ref()) else {
        return;
    };
    let backend = choice.backend();
    let chosen = backend
        .as_ref()
        .and_then(|name| facts.backends.iter().find(|known| known.name == name.value));
    let own = ["port", "listen-port"]
        .iter()
        .filter(|option| chosen.is_some_and(|chosen| choice.applies(option, &chosen.name)))
        .find_map(|option| choice.option(option));
    let secret = cni::secret(model).is_some();
    let open = chosen.into_iter().flat_map(|chosen| {
        let besides = chosen.ports_with_secret.iter().filter(move |_| secret);
        chosen.ports.iter().chain(besides)
    });
    for port in open {
        let shown = match (port.value.split_once('/'), own) {
            (Some((_, protocol)), Some(own)) if protocol != "proto" => {
                format!("{} {}", protocol.to_uppercase(), own.value)
            }
            (Some(("proto", number)), _) => format!("IP protocol {number}"),
            (Some((number, protocol)), _) => format!("{} {number}", protocol.to_uppercase()),
            (None, _) => port.value.clone(),
        };
        if rows
            .iter()
            .any(|row| row.port == shown && row.to == Whom::EveryMachine)
        {
            continue;
        }
        let what = format!("{}: packets between pods", facts.title);
        rows.push(Row::new(
            shown,
            Whom::EveryMachine,
            Whom::EveryMachine,
            what,
        ));
    }
    for port in &facts.ports {
        let (number, protocol) = port.value.split_once('/').unwrap_or((&port.value, "tcp"));
        let shown = format!("{} {number}", protocol.to_uppercase());
        let what = format!("{}: traffic among its own pods", facts.title);
        rows.push(Row::new(
            shown,
            Whom::EveryMachine,
            Whom::EveryMachine,
            what,
        ));
    }
}

/// The machines of a subnet, all and those of the control plane.
#[derive(Default)]
struct Members<'a> {
    all: Vec<&'a Node>,
    planes: Vec<&'a Node>,
}

/// What the routers must let through from each subnet to each other one: a line for each pair of senders and receivers, with all its ports.
fn between(model: &Model, rows: &[Row]) -> Vec<Json> {
    let network = &model.cluster.network;
    let mut members: BTreeMap<usize, Members<'_>> = BTreeMap::new();
    for node in &model.nodes {
        let Some(index) = node.subnet else {
            continue;
        };
        let own = members.entry(index).or_default();
        own.all.push(node);
        let role = node.settings.role.as_ref();
        if role.is_some_and(|role| role.value == Role::ControlPlane) {
            own.planes.push(node);
        }
    }
    let mut lines = Vec::new();
    for (here, senders) in &members {
        let Some(home) = network.subnets.get(*here) else {
            continue;
        };
        for (there, receivers) in members.iter().filter(|(there, _)| *there != here) {
            let Some(away) = network.subnets.get(*there) else {
                continue;
            };
            let pair = Pair {
                home,
                away,
                senders,
                receivers,
                moving: model.moving_address().map(|moving| moving.value),
            };
            pair.add(rows, &mut lines);
        }
        for server in home.dns.iter().map(|server| server.value) {
            let holds = |subnet: &&Subnet| subnet.contains(server) && !home.contains(server);
            let Some(away) = network.subnets.iter().find(holds) else {
                continue;
            };
            let ports = "UDP 53, TCP 53";
            lines.push(line(
                &whole(home),
                &server.to_string(),
                ports,
                (home, away),
                "names",
            ));
        }
    }
    lines.extend(plain(model));
    lines
}

/// Packets between pods, if nothing encapsulates them: the routers know by BGP where pods are.
fn plain(model: &Model) -> Option<Json> {
    let backend = model.cluster.cni.as_ref()?.backend()?;
    let known = &model.facts.cni.as_ref()?.backends;
    let chosen = known.iter().find(|known| known.name == backend.value)?;
    let pods = model.cluster.network.all_pods();
    let pods: Vec<String> = pods.iter().map(|pods| pods.value.to_string()).collect();
    let pods = format!("pods, {}", pods.join(", "));
    chosen.same_l2.then(|| {
        json!({"from": pods, "to": pods, "through": "the routers that `bgp` names", "ports": "all", "what": "packets between pods, which nothing encapsulates"})
    })
}

/// Two subnets, and who of them sends and receives.
struct Pair<'a> {
    home: &'a Subnet,
    away: &'a Subnet,
    senders: &'a Members<'a>,
    receivers: &'a Members<'a>,
    moving: Option<IpAddr>,
}

impl Pair<'_> {
    fn add(&self, rows: &[Row], lines: &mut Vec<Json>) {
        let mut merged: BTreeMap<(bool, bool), Vec<&Row>> = BTreeMap::new();
        for row in rows.iter().filter(|row| row.to != Whom::Routers) {
            // A pod can be a client of any service.
            let (from, to) = (row.from == Whom::ControlPlane, row.to == Whom::ControlPlane);
            let nothing =
                from && self.senders.planes.is_empty() || to && self.receivers.planes.is_empty();
            if !nothing {
                merged.entry((from, to)).or_default().push(row);
            }
        }
        for ((from, to), rows) in merged {
            let sender = match from {
                true => some(&self.senders.planes, None),
                false => whole(self.home),
            };
            let receiver = match to {
                true => some(
                    &self.receivers.planes,
                    self.moving.filter(|it| self.away.contains(*it)),
                ),
                false => whole(self.away),
            };
            let ports: Vec<&str> = rows.iter().map(|row| row.port.as_str()).collect();
            let what: Vec<&str> = rows.iter().map(|row| row.what.as_str()).collect();
            let pair = (self.home, self.away);
            lines.push(line(
                &sender,
                &receiver,
                &ports.join(", "),
                pair,
                &what.join("; "),
            ));
        }
    }
}

/// "rack1, 10.1.0.0/24"
fn whole(subnet: &Subnet) -> String {
    let name = subnet.name.iter().map(|name| name.value.clone());
    let lans = subnet.lan.iter().chain(&subnet.lan_ipv6);
    let parts: Vec<String> = name.chain(lans.map(|lan| lan.value.to_string())).collect();
    parts.join(", ")
}

/// "cp1 to cp3, 10.1.0.11, 10.1.0.12, 10.1.0.13 and 10.1.0.5"
fn some(nodes: &[&Node], moving: Option<IpAddr>) -> String {
    let all: Vec<&str> = nodes.iter().map(|node| node.name.value.as_str()).collect();
    let addresses: Vec<String> = nodes.iter().map(|node| address(node)).collect();
    let moving = moving.map_or_else(String::new, |moving| format!(", and {moving}"));
    format!("{}: {}{moving}", names(&all), addresses.join(", "))
}

fn line(from: &str, to: &str, ports: &str, (home, away): (&Subnet, &Subnet), what: &str) -> Json {
    let routers = [home, away]
        .into_iter()
        .filter_map(|one| one.gateway.as_ref());
    let mut through: Vec<String> = routers.map(|router| router.value.to_string()).collect();
    through.dedup();
    json!({"from": from, "to": to, "through": through.join(", "), "ports": ports, "what": what})
}
