//! A LAN is no wider than a network without routers can be.

use crate::check::support::findings::Findings;
use crate::declare;
use crate::diagnostic::{Descriptor, Diagnostic};
use crate::model::{Model, Subnet};

declare! {
    /// Machines of one LAN ask for each other by broadcast and send to each other directly, without a router. So a LAN that is written
    /// wider than it is makes each machine look for those of other networks on its own cable, where they do not answer. Beyond /16,
    /// which is 65536 addresses, there is no such network in practice: broadcasts reach every machine, and a machine's table of
    /// neighbors holds 1024 unless it is told otherwise.
    ///
    /// ```pik fails
    /// network {
    ///   lan     = 192.168.0.0/14
    ///   gateway = 192.168.11.1
    ///   dns     = [192.168.11.1]
    /// }
    /// ```
    ///
    /// ```pik
    /// network {
    ///   lan     = 192.168.11.0/24
    ///   gateway = 192.168.11.1
    ///   dns     = [192.168.11.1]
    /// }
    /// ```
    pub static WIDE = {
        code: "network/wide-lan",
        since: "0.1.0",
        severity: Warning,
        title: "a LAN that is wider than any in practice",
        help: "write the network that the machines and their router have; for several networks, a `subnet` block for each",
        no_edit: "how wide a network is, is set in its router, and only there can it be looked up",
        sources: ["arp(7)", "docs/language.md"],
    }
}

pub(in crate::check) static CODES: &[&Descriptor] = &[&WIDE];

pub(in crate::check) fn check(model: &Model, out: &mut Findings<'_>) {
    for subnet in &model.cluster.network.subnets {
        one(subnet, out);
    }
}

/// The shortest prefix of a network that can exist as one: 65536 addresses.
const WIDEST: u8 = 16;

fn one(subnet: &Subnet, out: &mut Findings<'_>) {
    let Some(lan) = &subnet.lan else {
        return;
    };
    let prefix = lan.value.prefix_len();
    if !lan.value.addr().is_ipv4() || prefix >= WIDEST {
        return;
    }
    let message = format!(
        "the LAN {}{} has {} addresses, so machines in different parts of it look for each other without a router",
        lan.value,
        subnet.whose(),
        1_u64 << (32 - prefix)
    );
    out.push(Diagnostic::new(&WIDE, message).label(lan, "one network, without a router inside"));
}
