//! The default route: there is a router on the interface that has it.

use std::net::IpAddr;

use ipnet::IpNet;

use crate::check::support::findings::Findings;
use crate::check::support::findings::names;
use crate::check::support::offers::left_out;
use crate::declare;
use crate::diagnostic::{Descriptor, Diagnostic};
use crate::model::{Interface, Model, Network, NodeSettings};
use crate::origin::Sourced;

declare! {
    /// The default route goes to a router, and a machine reaches its router directly: on the same interface. Of the cluster's
    /// interface that is the router of the machine's network, of an interface with DHCP the one that the address comes with. For any
    /// other network the spec has to say it.
    ///
    /// ```pik fails
    /// interface eth0 { cluster = on }
    /// interface eth1 { address = 192.168.50.9, default-route = on }
    /// ```
    ///
    /// ```pik
    /// interface eth0 { cluster = on }
    /// interface eth1 { address = 192.168.50.9, gateway = 192.168.50.1, default-route = on }
    /// ```
    pub static NO_ROUTER = {
        code: "interface/no-router",
        since: "0.1.0",
        severity: Error,
        title: "a default route without a router",
        help: "set `gateway` in the interface, or write a `subnet` block for its network",
        sources: ["docs/language.md", "ip-route(8)"],
    }
}

pub(in crate::check) static CODES: &[&Descriptor] = &[&NO_ROUTER];

pub(in crate::check) fn check(model: &Model, out: &mut Findings<'_>) {
    let network = &model.cluster.network;
    out.blocks(|settings, nodes| {
        let own = settings.cluster_interface()?;
        let asks = |one: &&Interface| one.default_route.as_ref().is_some_and(|on| on.value);
        let mut asking = settings.interfaces.iter().filter(asks);
        // Two of them, and members of a bond, are reported by other rules.
        let (interface, None) = (asking.next()?, asking.next()) else {
            return None;
        };
        if interface.name.value == own.name.value
            || interface.gateway.is_some()
            || settings.bond_of(&interface.name.value).is_some()
        {
            return None;
        }
        let asked = interface.default_route.as_ref()?;
        let finding = match &interface.address {
            Some(address) => outside(interface, address, asked, &names(nodes), network)?,
            None if has_none(interface, settings) => {
                let message = format!(
                    "the default route of {} goes through `{}`, which has no address",
                    names(nodes),
                    interface.name.value
                );
                Diagnostic::new(&NO_ROUTER, message)
                    .label(asked, "takes the default route")
                    .label(&interface.name, "has neither an address nor `dhcp = on`")
                    .help("set `dhcp = on`, or `address` and `gateway`")
            }
            None => return None,
        };
        Some(left_out(finding, "default-route", &asked.origin))
    });
}

/// An address in a network whose router the spec does not name.
fn outside(
    interface: &Interface,
    address: &Sourced<IpAddr>,
    asked: &Sourced<bool>,
    who: &str,
    network: &Network,
) -> Option<Diagnostic> {
    // Of a network that lacks its `gateway` another rule tells.
    if network.holding(address.value).is_some() || network.lans().next().is_none() {
        return None;
    }
    let message = format!(
        "the default route of {who} goes through `{}`, and no router is known there",
        interface.name.value
    );
    let finding = Diagnostic::new(&NO_ROUTER, message)
        .label(asked, "takes the default route")
        .label(address, "in no network that the spec describes");
    Some(match example(address.value) {
        Some(router) => finding
            .help(format!(
                "add the router of this network, such as `gateway = {router}`, to `interface {}`",
                interface.name.value
            ))
            .choice(|it| it.add_beside(&asked.origin, &format!("gateway = {router}"))),
        None => finding,
    })
}

/// Whether it gets no address at all: it asks for none, or only carries others.
fn has_none(interface: &Interface, settings: &NodeSettings) -> bool {
    let carries = || settings.carries_vlan(&interface.name.value);
    interface.dhcp.as_ref().map_or_else(carries, |on| !on.value)
}

/// The first address of the network around an address, or the last one: where routers usually are.
fn example(address: IpAddr) -> Option<IpAddr> {
    let IpAddr::V4(_) = address else {
        return None;
    };
    let hosts = IpNet::new(address, 24).ok()?.hosts();
    let mut usual = [hosts.clone().next(), hosts.last()].into_iter().flatten();
    usual.find(|router| *router != address)
}
