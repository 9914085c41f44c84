//! What machines must be able to send each other: by port, and in a cluster of several subnets also by the routers on the way.

use std::collections::BTreeMap;
use std::net::IpAddr;

use serde_json::{Value as Json, json};

use super::MOST_ROWS;
use super::words::{address, names};
use crate::model::{Model, Node, Role, Subnet};
use crate::plan::ports::{Row, Whom, ports};
use crate::plan::types::Context;

/// A row as the runbook shows it.
fn shown(row: &Row, several: bool) -> Json {
    let word = |whom| match whom {
        // Between themselves each is meant.
        Whom::ControlPlane if several => "every control plane",
        Whom::ControlPlane => "the control plane",
        Whom::EveryMachine => "every machine",
        Whom::EveryMachineAndYou => "every machine, and you",
        Whom::Clients => "clients of services",
        Whom::Routers => "the routers",
    };
    json!({"port": row.port.to_string(), "from": word(row.from), "to": word(row.to), "what": row.what})
}

/// Adds both tables.
pub(super) fn add(model: &Model, context: &mut Context) {
    let rows = ports(model);
    let among = |row: &Row| (row.from, row.to) == (Whom::ControlPlane, Whom::ControlPlane);
    let shown: Vec<Json> = rows.iter().map(|row| shown(row, among(row))).collect();
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
            let ports: Vec<String> = rows.iter().map(|row| row.port.to_string()).collect();
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
