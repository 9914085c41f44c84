//! The address that moves between the control planes is announced in one subnet, and they are in it.

use crate::check::support::apart::first_of_each;
use crate::check::support::findings::Findings;
use crate::declare;
use crate::diagnostic::{Descriptor, Diagnostic};
use crate::model::{Model, Node, Role, Subnet};
use crate::origin::Sourced;

declare! {
    /// The moving address is announced by ARP, which no router passes on. A control plane in another subnet could get the
    /// address, and no machine would find it there. By BGP it can be announced from any subnet: the routers learn the way.
    ///
    /// ```pik fails
    /// network {
    ///   subnet home { lan = 192.168.11.0/24, gateway = 192.168.11.1, dns = [192.168.11.1] }
    ///   subnet shed { lan = 192.168.12.0/24, gateway = 192.168.12.1, dns = [192.168.11.1] }
    /// }
    /// node spare[1-2] {
    ///   role    = control-plane
    ///   os      = raspios-trixie
    ///   board   = pi-4b-4g
    ///   address = 192.168.12.209..192.168.12.210
    /// }
    /// vip { address = 192.168.11.5 }
    /// ```
    ///
    /// ```pik
    /// network {
    ///   subnet home { lan = 192.168.11.0/24, gateway = 192.168.11.1, dns = [192.168.11.1] }
    ///   subnet shed { lan = 192.168.12.0/24, gateway = 192.168.12.1, dns = [192.168.11.1] }
    /// }
    /// node spare[1-2] {
    ///   role    = control-plane
    ///   os      = raspios-trixie
    ///   board   = pi-4b-4g
    ///   address = 192.168.12.209..192.168.12.210
    /// }
    /// vip {
    ///   address   = 192.168.100.5
    ///   mode      = bgp
    ///   as-number = 64512
    ///   router home { address = 192.168.11.1, as-number = 64513 }
    ///   router shed { address = 192.168.12.1, as-number = 64513 }
    /// }
    /// ```
    pub static SPREAD = {
        code: "vip/several-subnets",
        since: "0.1.0",
        severity: Error,
        title: "an address that moves between control planes of several subnets",
        help: "move the control planes into one subnet, announce the address with `mode = bgp`, or use a load balancer or a DNS name as `endpoint` and no `vip`",
        sources: ["kube-vip.io/docs/modes/arp", "kube-vip.io/docs/modes/bgp"],
    }
}

pub(in crate::check) static CODES: &[&Descriptor] = &[&SPREAD];

pub(in crate::check) fn check(model: &Model, out: &mut Findings<'_>) {
    let Some(address) = model.moving_address() else {
        return;
    };
    if model.announced_by_bgp().is_some() {
        return;
    }
    let apart = first_of_each(model, model.with_role(Role::ControlPlane));
    if apart.len() < 2 {
        return;
    }
    let named = |(node, subnet): &(&Node, &Subnet)| {
        let name = subnet.name.as_ref();
        format!(
            "{}{}",
            node.name.value,
            name.map_or_else(String::new, in_subnet)
        )
    };
    let all: Vec<String> = apart.iter().take(MOST).map(named).collect();
    let message = format!(
        "the address {} is announced in one subnet, and the control planes are in several: {}",
        address.value,
        all.join(", ")
    );
    let mut finding =
        Diagnostic::new(&SPREAD, message).label(address, "moves between the control planes");
    for (_, subnet) in apart.iter().take(MOST) {
        if let Some(name) = &subnet.name {
            finding = finding.label(name, "one layer 2 network");
        }
    }
    let endpoint = model.cluster.endpoint.as_ref();
    let written = endpoint.is_some_and(|endpoint| endpoint.origin.is_written());
    // Without a name of their own they would have nothing in common.
    out.push(match model.cluster.vip.as_ref().filter(|_| written) {
        Some(vip) => finding.choice(|it| it.remove_block("drop `vip`", vip.head)),
        None => finding,
    });
}

/// A message names so many subnets at most.
const MOST: usize = 4;

fn in_subnet(name: &Sourced<String>) -> String {
    format!(" in `{}`", name.value)
}
