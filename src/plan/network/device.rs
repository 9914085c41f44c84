//! The devices below the cluster's interface: how a machine identifies them, and their names.

use super::link::Link;
use crate::file_format::Writer;
use crate::file_format::systemd::Systemd;
use crate::model::{Interface, NodeSettings};
use crate::origin::Origin;
use crate::plan::file::Placing;
use crate::value::Mac;

/// A device that must exist for the cluster's interface, and the places in the spec that say so.
pub(in crate::plan) struct Device<'a> {
    pub name: &'a str,
    pub mac: Option<&'a Mac>,
    pub driver: Option<&'a str>,
    pub from: Vec<Origin>,
}

/// The devices that must exist for the cluster's interface, if its own name does not show it.
pub(in crate::plan) fn devices(settings: &NodeSettings) -> Vec<Device<'_>> {
    let Some(interface) = settings.cluster_interface() else {
        return Vec::new();
    };
    let mut found = Vec::new();
    below(interface, settings, &mut found);
    let plain = |one: &&Interface| {
        one.name.value == interface.name.value && one.mac.is_none() && one.driver.is_none()
    };
    if found.iter().all(plain) {
        return Vec::new();
    }
    let from = |one: &Interface| {
        let mut from = vec![one.name.origin.clone()];
        from.extend(one.mac.iter().map(|mac| mac.origin.clone()));
        from.extend(one.driver.iter().map(|driver| driver.origin.clone()));
        from
    };
    found
        .into_iter()
        .map(|one| Device {
            name: &one.name.value,
            mac: one.mac.as_ref().map(|mac| &mac.value),
            driver: one.driver.as_ref().map(|driver| driver.value.as_str()),
            from: from(one),
        })
        .collect()
}

/// The devices that an interface consists of; itself, if it is one. Each once, so that interfaces that
/// contain each other (which the rules refuse) do not loop.
fn below<'a>(one: &'a Interface, settings: &'a NodeSettings, found: &mut Vec<&'a Interface>) {
    let mut open = vec![one];
    let mut seen: Vec<&str> = Vec::new();
    while let Some(one) = open.pop() {
        if seen.contains(&one.name.value.as_str()) {
            continue;
        }
        seen.push(&one.name.value);
        let carrier = one.vlan.iter().filter_map(|vlan| vlan.on.as_ref());
        let members = one.bond.iter().flat_map(|bond| &bond.members);
        let names: Vec<&str> = carrier
            .chain(members)
            .map(|name| name.value.as_str())
            .collect();
        if one.vlan.is_none() && one.bond.is_none() {
            found.push(one);
        }
        open.extend(
            names
                .iter()
                .rev()
                .filter_map(|name| settings.interface(name)),
        );
    }
}

/// A systemd link file that gives a device its name, if the network's own files cannot: for an
/// interface that is identified by its MAC address or its driver. udev reads such files for every device,
/// whatever brings the network up; netplan writes one of its own for a device that it can match by itself.
pub(super) fn name_file(link: &Link<'_>, spec: &str) -> Option<Placing> {
    let interface = link.interface;
    let found_by = link.found_by();
    if found_by.is_empty() {
        return None;
    }
    let name = &interface.name;
    let mut file = Writer::<Systemd>::headed(
        &format!(
            "This device is named {}, whatever its system would name it.",
            name.value
        ),
        spec,
    );
    file.fixed("[Match]");
    if let Some(mac) = &interface.mac {
        file.mac("PermanentMACAddress", &mac.value, [mac.origin.clone()]);
    }
    if let Some(driver) = &interface.driver {
        file.driver("Driver", &driver.value, [driver.origin.clone()]);
    }
    file.blank();
    file.fixed("[Link]");
    file.device("Name", &name.value, found_by);
    let path = format!("/etc/systemd/network/10-pikc-{}.link", name.value);
    Some(Placing::whole(&path, file))
}
