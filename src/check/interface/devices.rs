//! Devices: how a machine finds the right one, and which names the kernel allows.

use std::collections::{BTreeMap, BTreeSet};

use crate::check::support::findings::Findings;
use crate::check::support::findings::names;
use crate::declare;
use crate::diagnostic::{Descriptor, Diagnostic};
use crate::model::{Model, Node, NodeSettings};
use crate::source::Span;
use crate::value::Mac;

declare! {
    /// The kernel keeps an interface's name in 16 bytes, including the zero that ends it.
    ///
    /// ```pik fails
    /// interface eth-to-the-basement { }
    /// ```
    ///
    /// ```pik
    /// interface eth-basement { }
    /// ```
    pub static LONG = {
        code: "interface/name-too-long",
        since: "0.1.0",
        severity: Error,
        title: "an interface name of more than 15 characters",
        help: "shorten it to 15 characters",
        no_edit: "other blocks and scripts refer to the name, and the shorter one is a matter of taste",
        sources: ["torvalds/linux include/uapi/linux/if.h (IFNAMSIZ)"],
    }

    /// An Ethernet address belongs to one device. A block for several machines, or a profile, cannot set it: use
    /// `driver` there, or give each machine a block.
    ///
    /// ```pik fails
    /// node pair[1-2] {
    ///   role    = worker
    ///   os      = raspios-trixie
    ///   board   = pi-4b-4g
    ///   address = 192.168.11.231..192.168.11.232
    ///   user pi { ssh-keys = ["ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIExampleExampleExampleExampleExampleExampleE you@laptop"] }
    ///   interface eth0 { mac = dc:a6:32:01:02:03 }
    /// }
    /// ```
    ///
    /// ```pik
    /// node pair[1-2] {
    ///   role    = worker
    ///   os      = raspios-trixie
    ///   board   = pi-4b-4g
    ///   address = 192.168.11.231..192.168.11.232
    ///   user pi { ssh-keys = ["ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIExampleExampleExampleExampleExampleExampleE you@laptop"] }
    ///   interface eth0 { driver = bcmgenet }
    /// }
    /// ```
    pub static SAME_MAC = {
        code: "interface/duplicate-mac",
        since: "0.1.0",
        severity: Error,
        title: "two devices with one Ethernet address",
        help: "give each its own `mac`, or find it by `driver`",
        no_edit: "the right address is written on the device",
        sources: ["docs/language.md"],
    }

    /// If two interfaces of a machine are found by the same driver alone, nothing distinguishes them: they can swap at
    /// any boot.
    ///
    /// ```pik fails
    /// interface eth0 { cluster = on, driver = r8169 }
    /// interface eth1 { driver = r8169 }
    /// ```
    ///
    /// ```pik
    /// interface eth0 { cluster = on, mac = dc:a6:32:01:02:03 }
    /// interface eth1 { mac = dc:a6:32:01:02:04 }
    /// ```
    pub static SAME_DRIVER = {
        code: "interface/same-driver",
        since: "0.1.0",
        severity: Error,
        title: "two interfaces of a machine that are found in the same way",
        help: "find them by `mac`",
        no_edit: "the addresses that distinguish the two are written on the devices",
        sources: ["systemd/systemd man/systemd.link.xml"],
    }
}

pub(in crate::check) static CODES: &[&Descriptor] = &[&LONG, &SAME_MAC, &SAME_DRIVER];

pub(in crate::check) fn check(model: &Model, out: &mut Findings<'_>) {
    out.blocks(|settings, _| {
        let long = settings
            .interfaces
            .iter()
            .find(|one| one.name.value.len() > 15)?;
        let message = format!(
            "`{}` has {} characters, and an interface's name has at most 15",
            long.name.value,
            long.name.value.len()
        );
        Some(Diagnostic::new(&LONG, message).label(&long.name, "too long"))
    });
    out.blocks(|settings, nodes| same_driver(settings, &names(nodes)));
    same_mac(model, out);
}

fn same_driver(settings: &NodeSettings, names: &str) -> Option<Diagnostic> {
    let mut seen: BTreeMap<&str, Option<Span>> = BTreeMap::new();
    settings.interfaces.iter().find_map(|one| {
        let driver = one.driver.as_ref().filter(|_| one.mac.is_none())?;
        let first = seen.insert(&driver.value, driver.origin.span())?;
        let message = format!(
            "{names}: two interfaces are found by `{}` alone",
            driver.value
        );
        Some(
            Diagnostic::new(&SAME_DRIVER, message)
                .label(driver, "and this one")
                .label(first, "this one"),
        )
    })
}

fn same_mac(model: &Model, out: &mut Findings<'_>) {
    let mut seen: BTreeMap<&Mac, (&Node, Option<Span>)> = BTreeMap::new();
    let mut told: BTreeSet<Option<Span>> = BTreeSet::new();
    for node in &model.nodes {
        for mac in node
            .settings
            .interfaces
            .iter()
            .filter_map(|one| one.mac.as_ref())
        {
            let place = mac.origin.span();
            let Some((first, before)) = seen.get(&mac.value).copied() else {
                seen.insert(&mac.value, (node, place));
                continue;
            };
            if !told.insert(place) {
                continue;
            }
            let (one, two) = (&first.name.value, &node.name.value);
            let message = if first.name.value == node.name.value {
                format!("two interfaces of {one} are found by {}", mac.value)
            } else {
                format!(
                    "{one} and {two} both have a device with the address {}",
                    mac.value
                )
            };
            let d = Diagnostic::new(&SAME_MAC, message);
            let d = if before == place {
                d.label(place, "set once for several machines")
            } else {
                d.label(place, "again here").label(before, "first here")
            };
            out.push_for(node, d);
        }
    }
}
