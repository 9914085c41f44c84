//! Pod networks that need all machines in one layer 2 network, in a cluster with several.

use crate::check::support::apart::first_of_each;
use crate::check::support::findings::Findings;
use crate::check::support::offers::instead;
use crate::declare;
use crate::diagnostic::{Descriptor, Diagnostic};
use crate::model::{Model, Subnet};

declare! {
    /// Plain routes make each node the gateway to its own pods. That works as long as the other nodes reach it without a router in
    /// between: a router does not know where pods are, and drops the packets. So with machines in several subnets a backend that
    /// encapsulates is needed, or one that announces the routes to the routers by BGP.
    ///
    /// With `direct-routing` (flannel) or `cross-subnet` (Calico) packets are encapsulated only if they go to another subnet.
    ///
    /// ```pik fails
    /// network {
    ///   subnet home { lan = 192.168.11.0/24, gateway = 192.168.11.1, dns = [192.168.11.1] }
    ///   subnet shed { lan = 192.168.12.0/24, gateway = 192.168.12.1, dns = [192.168.11.1] }
    /// }
    /// node spare {
    ///   role    = worker
    ///   os      = raspios-trixie
    ///   board   = pi-4b-4g
    ///   address = 192.168.12.209
    /// }
    /// cni flannel { backend = host-gw }
    /// ```
    ///
    /// ```pik
    /// network {
    ///   subnet home { lan = 192.168.11.0/24, gateway = 192.168.11.1, dns = [192.168.11.1] }
    ///   subnet shed { lan = 192.168.12.0/24, gateway = 192.168.12.1, dns = [192.168.11.1] }
    /// }
    /// node spare {
    ///   role    = worker
    ///   os      = raspios-trixie
    ///   board   = pi-4b-4g
    ///   address = 192.168.12.209
    /// }
    /// cni flannel { backend = vxlan, direct-routing = on }
    /// ```
    pub static ROUTED = {
        code: "cni/backend-across-subnets",
        since: "0.1.0",
        severity: Error,
        title: "plain routes between machines with a router between them",
        help: "choose a backend that encapsulates, or announce the routes to the routers with `bgp`",
        sources: [
            "flannel-io/flannel v0.28.9 Documentation/backends.md: host-gw",
            "tigera/docs v3.32 networking/determine-best-networking",
        ],
    }
}

pub(in crate::check) static CODES: &[&Descriptor] = &[&ROUTED];

pub(in crate::check) fn check(model: &Model, out: &mut Findings<'_>) {
    if !model.cluster.network.is_routed() {
        return;
    }
    backend(model, out);
}

fn backend(model: &Model, out: &mut Findings<'_>) {
    let (Some(choice), Some(facts)) = (&model.cluster.cni, &model.facts.cni) else {
        return;
    };
    let Some(backend) = choice.backend().filter(|_| choice.manifest.is_none()) else {
        return;
    };
    let chosen = facts.backends.iter().find(|one| one.name == backend.value);
    let Some(chosen) = chosen.filter(|chosen| chosen.same_l2) else {
        return;
    };
    // Routers that are told by BGP know where pods are.
    let told = model.cluster.bgp.iter().any(|bgp| !bgp.peers.is_empty());
    let apart = first_of_each(model, model.nodes.iter());
    let [(here, home), (there, away), ..] = apart.as_slice() else {
        return;
    };
    if chosen.bgp && told {
        return;
    }
    let message = format!(
        "`{}` sends packets for pods straight from node to node, and there is a router between {} and {}",
        chosen.name, here.name.value, there.name.value
    );
    let finding = Diagnostic::new(&ROUTED, message).label(backend.origin.span(), "plain routes");
    let finding = match chosen.bgp {
        true => finding,
        false => finding.help("choose a backend that encapsulates"),
    };
    let finding = label(finding, home);
    let over = facts.backends.iter().find(|other| !other.same_l2);
    out.push(instead(
        label(finding, away),
        &backend.origin,
        over.map(|other| &other.name),
    ));
}

fn label(finding: Diagnostic, subnet: &Subnet) -> Diagnostic {
    match &subnet.name {
        Some(name) => finding.label(name, "one layer 2 network"),
        None => finding,
    }
}
