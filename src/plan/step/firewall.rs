//! firewalld: a policy with the ports that the other machines and the clients of the cluster need, a zone for the pods, and a policy with what
//! the machines send to pods.

use super::super::file::Placing;
use super::super::ports::{Port, Row, Whom, ports};
use super::{ClassView, Step};
use crate::file_format::Writer;
use crate::file_format::firewalld::{Firewalld, Protocol, Traffic};

use crate::model::{CniChoice, Role};
use crate::origin::{Origin, Sourced};
use crate::stdlib::Firewall;
use crate::value::Val;

use ipnet::IpNet;

/// What may reach the machine.
const POLICY: &str = "/etc/firewalld/policies/pikc.xml";
/// Who is trusted.
const ZONE: &str = "/etc/firewalld/zones/pikc-pods.xml";
/// What may be passed on to pods.
const TO_PODS: &str = "/etc/firewalld/policies/pikc-to-pods.xml";

pub(super) fn plan(class: &ClassView<'_>) -> Option<Step> {
    let os = class.settings.os.as_ref()?;
    let firewall = class.system.firewall.as_ref()?;
    // The files are firewalld's: another firewall needs others.
    let Firewall::Firewalld = firewall.value;
    let cni = class.model.cluster.cni.as_ref()?;
    let step = Step::new("52-firewall")
        .asked(format!("os = {}", class.system.name), [os.origin.clone()])
        .asked(format!("cni {}", cni.name.value), [cni.name.origin.clone()])
        .file(policy(class).because([firewall.origin.clone()]))
        .file(zone(class).because([firewall.origin.clone()]));
    Some(match plain(class, cni) {
        Some(why) => step.file(
            to_pods(class)
                .because([firewall.origin.clone()])
                .because(why),
        ),
        None => step,
    })
}

/// Why packets between machines may have the address of a pod: the backend or an option that sends them without encapsulation. Also the CNI
/// itself, if the library does not know how it sends them.
fn plain(class: &ClassView<'_>, cni: &CniChoice) -> Option<Vec<Origin>> {
    let unknown = || Some(vec![cni.name.origin.clone()]);
    let Some((facts, backend)) = class.model.facts.cni.as_ref().zip(cni.backend()) else {
        return unknown();
    };
    let mut known = facts.backends.iter();
    let Some(chosen) = known.find(|known| known.name == backend.value) else {
        return unknown();
    };
    if chosen.same_l2 {
        return Some(vec![backend.origin]);
    }
    let option = facts.direct_option.as_ref()?;
    let direct = cni.option(option)?;
    let on = cni.applies(option, &chosen.name) && matches!(direct.value, Val::Boolean(true));
    on.then(|| vec![direct.origin.clone()])
}

/// Lets in what the table of the runbook lists, from whom it lists.
fn policy(class: &ClassView<'_>) -> Placing {
    let mut file = Writer::<Firewalld>::document(
        "What other machines and clients may ask of this one. The table in README.md has the same.",
        class.spec,
    );
    file.fixed(r#"<policy priority="-10" target="CONTINUE">"#);
    file.fixed("  <short>pikc</short>");
    file.fixed(r#"  <ingress-zone name="ANY"/>"#);
    file.fixed(r#"  <egress-zone name="HOST"/>"#);
    let machines = machines(class);
    for row in ports(class.model) {
        // What a machine sends to routers is not asked of it.
        let asked = match row.to {
            Whom::ControlPlane => class.role == Role::ControlPlane,
            Whom::Routers => false,
            _ => true,
        };
        if !asked {
            continue;
        }
        let traffic = traffic(&row.port);
        if traffic.is_empty() {
            continue;
        }
        file.remark(&row.what, row.origins.clone());
        for traffic in traffic {
            open(&mut file, &row, traffic, &machines);
        }
    }
    file.fixed("</policy>");
    Placing::whole(POLICY, file)
}

/// From the networks of the machines, or from anywhere if clients outside of the cluster send it.
fn open(file: &mut Writer<Firewalld>, row: &Row, traffic: Traffic, machines: &[Sourced<IpNet>]) {
    match row.from {
        Whom::EveryMachineAndYou | Whom::Clients => file.open(traffic, row.origins.clone()),
        Whom::ControlPlane | Whom::EveryMachine | Whom::Routers => {
            for net in machines {
                let why = row.origins.iter().chain([&net.origin]);
                file.open_to(net.value, traffic, why.cloned());
            }
        }
    }
}

fn traffic(port: &Port) -> Vec<Traffic> {
    match *port {
        Port::Tcp(from, to) => vec![Traffic::Ports(from, to, Protocol::Tcp)],
        Port::Udp(from, to) => vec![Traffic::Ports(from, to, Protocol::Udp)],
        Port::Both(from, to) => [Protocol::Tcp, Protocol::Udp]
            .map(|protocol| Traffic::Ports(from, to, protocol))
            .to_vec(),
        Port::Ip(number) => vec![Traffic::Ip(number)],
        Port::Named(_) => Vec::new(),
    }
}

/// The networks in which the machines have their addresses.
fn machines(class: &ClassView<'_>) -> Vec<Sourced<IpNet>> {
    let mut nets: Vec<Sourced<IpNet>> = Vec::new();
    for subnet in &class.model.cluster.network.subnets {
        for lan in subnet.lan.iter().chain(&subnet.lan_ipv6) {
            let net = lan.value;
            if !nets.iter().any(|known| known.value == net) {
                nets.push(Sourced::new(net, lan.origin.clone()));
            }
        }
    }
    nets
}

/// Packets of pods come in by interfaces that no zone has, so their addresses decide: what pods send is let through, to the machine and on.
fn zone(class: &ClassView<'_>) -> Placing {
    let mut file = Writer::<Firewalld>::document(
        "What pods send is let through. Which pods may talk to each other is a matter of network policies.",
        class.spec,
    );
    file.fixed(r#"<zone target="ACCEPT">"#);
    file.fixed("  <short>pikc-pods</short>");
    for pods in class.model.cluster.network.all_pods() {
        let why: [Origin; 1] = [pods.origin.clone()];
        file.source(pods.value, why);
    }
    file.fixed("</zone>");
    Placing::whole(ZONE, file)
}

/// What machines send to pods by themselves (the API server to a webhook, a service's traffic that came in at another machine) has their own
/// addresses, which no zone of pikc's has. Without encapsulation it comes in where the machine's own zone decides, and that passes nothing on.
fn to_pods(class: &ClassView<'_>) -> Placing {
    let mut file = Writer::<Firewalld>::document(
        "What the machines send to pods is passed on. Nothing encapsulates it, so the zone of the interface would refuse it.",
        class.spec,
    );
    file.fixed(r#"<policy priority="-10" target="CONTINUE">"#);
    file.fixed("  <short>pikc-to-pods</short>");
    file.fixed(r#"  <ingress-zone name="ANY"/>"#);
    file.fixed(r#"  <egress-zone name="pikc-pods"/>"#);
    for net in machines(class) {
        file.pass_on(net.value, [net.origin]);
    }
    file.fixed("</policy>");
    Placing::whole(TO_PODS, file)
}
