//! What machines must be able to send each other, by port: for the runbook, and for a firewall on the machine.

use std::fmt;

use super::cni;
use crate::model::{Carried, Model, Target};
use crate::origin::Origin;

/// Who sends or receives.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Whom {
    ControlPlane,
    EveryMachine,
    /// Who is outside the cluster, and machines too.
    EveryMachineAndYou,
    /// Who uses services: pods and others.
    Clients,
    /// Those of `vip`.
    Routers,
}

/// What is sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Port {
    Tcp(u16, u16),
    Udp(u16, u16),
    Both(u16, u16),
    /// Neither, but a protocol of IP by its number.
    Ip(u8),
    /// As a folder of someone's own names it.
    Named(String),
}

impl Port {
    fn tcp(port: u16) -> Self {
        Self::Tcp(port, port)
    }

    /// A port of the library: `8472/udp`, `proto/4`. `own` replaces the number, if an option sets it.
    fn read(text: &str, own: Option<&str>) -> Self {
        let named = || Self::Named(text.to_owned());
        let (number, protocol) = text.split_once('/').unwrap_or((text, "tcp"));
        if number == "proto" {
            return protocol.parse().map_or_else(|_| named(), Self::Ip);
        }
        let Ok(port) = own.unwrap_or(number).parse() else {
            return named();
        };
        match protocol {
            "tcp" => Self::tcp(port),
            "udp" => Self::Udp(port, port),
            _ => named(),
        }
    }
}

impl fmt::Display for Port {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (word, from, to) = match self {
            Self::Tcp(from, to) => ("TCP", from, to),
            Self::Udp(from, to) => ("UDP", from, to),
            Self::Both(from, to) => ("TCP and UDP", from, to),
            Self::Ip(number) => return write!(f, "IP protocol {number}"),
            Self::Named(text) => return f.write_str(text),
        };
        match from == to {
            true => write!(f, "{word} {from}"),
            false => write!(f, "{word} {from} to {to}"),
        }
    }
}

/// A kind of traffic.
pub(super) struct Row {
    pub port: Port,
    pub from: Whom,
    pub to: Whom,
    pub what: String,
    /// Why it is this port.
    pub origins: Vec<Origin>,
}

impl Row {
    fn new(port: Port, from: Whom, to: Whom, what: impl Into<String>) -> Self {
        let what = what.into();
        Self {
            port,
            from,
            to,
            what,
            origins: Vec::new(),
        }
    }

    fn because(mut self, origins: impl IntoIterator<Item = Origin>) -> Self {
        self.origins.extend(origins);
        self
    }
}

/// An argument of the API server that a setting has become.
pub(super) fn argument<'a>(model: &'a Model, name: &str) -> Option<&'a Carried> {
    let mut all = model.cluster.carried.iter();
    all.find(|one| {
        matches!(&one.target, Target::Argument { program, name: own }
            if program == "kube-apiserver" && own == name)
    })
}

/// The ports of services of type NodePort.
fn node_ports(model: &Model) -> Port {
    let given = argument(model, "service-node-port-range");
    let range = given.map_or_else(
        || "30000-32767".to_owned(),
        |one| one.value.value.argument(),
    );
    let ends = range.split_once('-').and_then(|(from, to)| {
        let (from, to) = (from.trim().parse().ok()?, to.trim().parse().ok()?);
        Some(Port::Both(from, to))
    });
    ends.unwrap_or_else(|| Port::Named(format!("TCP and UDP {range}")))
}

/// Whether the members of etcd on several control planes talk to each other.
fn with_etcd(model: &Model) -> bool {
    let elsewhere = model.cluster.control_plane.external_etcd.is_some();
    model.several_control_planes().is_some() && !elsewhere
}

/// The traffic that must be allowed between the machines.
pub(super) fn ports(model: &Model) -> Vec<Row> {
    use Whom::{Clients, ControlPlane, EveryMachine, EveryMachineAndYou};
    let own = model.cluster.api_port.as_ref();
    let port = own.map_or(6443, |port| port.value);
    let mut rows = vec![
        Row::new(
            Port::tcp(port),
            EveryMachineAndYou,
            ControlPlane,
            "the API server",
        )
        .because(own.map(|port| port.origin.clone())),
        Row::new(
            Port::tcp(10250),
            ControlPlane,
            EveryMachine,
            "the kubelet (logs, exec)",
        ),
        Row::new(
            node_ports(model),
            Clients,
            EveryMachine,
            "services of type NodePort",
        )
        .because(argument(model, "service-node-port-range").map(|one| one.value.origin.clone())),
    ];
    if let Some(port) = model.balanced_port() {
        let port = Port::tcp(port);
        let what = "HAProxy, at the address that moves";
        rows.push(Row::new(port, EveryMachineAndYou, ControlPlane, what));
        // VRRP is neither TCP nor UDP, so rules that open ports leave it out.
        let vrrp = Port::Ip(112);
        let what = "keepalived (VRRP): who has the address";
        rows.push(Row::new(vrrp, ControlPlane, ControlPlane, what));
    }
    if model.announced_by_bgp().is_some() {
        let what = "BGP: the way to the address that moves";
        rows.push(Row::new(Port::tcp(179), ControlPlane, Whom::Routers, what));
    }
    if with_etcd(model) {
        let port = Port::Tcp(2379, 2380);
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
    let own = own.map(|own| (own.value.to_string(), own.origin.clone()));
    for port in open {
        let shown = Port::read(&port.value, own.as_ref().map(|(number, _)| number.as_str()));
        let among = |row: &Row| row.port == shown && row.to == Whom::EveryMachine;
        if rows.iter().any(among) {
            continue;
        }
        let what = format!("{}: packets between pods", facts.title);
        let why = own.iter().map(|(_, origin)| origin.clone());
        let row = Row::new(shown, Whom::EveryMachine, Whom::EveryMachine, what);
        rows.push(row.because(why.chain([port.origin.clone()])));
    }
    for port in &facts.ports {
        let what = format!("{}: traffic among its own pods", facts.title);
        let shown = Port::read(&port.value, None);
        let row = Row::new(shown, Whom::EveryMachine, Whom::EveryMachine, what);
        rows.push(row.because([port.origin.clone()]));
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::Port;
    use crate::diagnostic::Diagnostics;
    use crate::source::Sources;
    use crate::stdlib::Library;

    #[test]
    fn a_firewall_can_be_told_of_every_port_in_the_library() {
        let (mut sources, mut problems) = (Sources::default(), Diagnostics::default());
        let mut library = Library::open(BTreeMap::new(), &mut sources, &mut problems);
        let mut seen = 0;
        for name in library.names("cni") {
            let cni = library
                .cni(&name, &mut sources, &mut problems)
                .expect("facts");
            let of_backends = cni.backends.iter();
            let of_backends =
                of_backends.flat_map(|one| one.ports.iter().chain(&one.ports_with_secret));
            for port in of_backends.chain(&cni.ports) {
                seen += 1;
                let read = Port::read(&port.value, None);
                assert!(!matches!(read, Port::Named(_)), "{name}: {}", port.value);
            }
        }
        assert!(seen > 10, "{seen}");
    }
}
