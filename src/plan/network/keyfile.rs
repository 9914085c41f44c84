//! NetworkManager's own files, one for each connection.

use std::net::IpAddr;

use sha2::{Digest, Sha256};

use super::holds_key;
use super::link::{Key, Link, LinkKind};
use super::secrets::hex;
use crate::file_format::Writer;
use crate::file_format::keyfile::Keyfile;
use crate::model::{Bond, Model, Node, Vlan, Wifi};
use crate::plan::file::Placing;

pub(super) fn keyfile(model: &Model, node: &Node, link: &Link<'_>, spec: &str) -> Placing {
    let name = &link.interface.name;
    let id = format!("pikc-{}", name.value);
    let mut file = Writer::<Keyfile>::headed(
        &format!(
            "The address of {}; in force after the next boot.",
            node.name.value
        ),
        spec,
    );
    let named = || [name.origin.clone()];
    let uuid = uuid(&[&model.cluster.name.value, &node.name.value, &name.value]);
    file.fixed("[connection]");
    file.text("id", &id, named());
    file.text("uuid", &uuid, named());
    file.text("type", type_word(link), named());
    // A device that is matched by something else can still have another name.
    if link.found_by().is_empty() {
        file.device("interface-name", &name.value, named());
    }
    file.fixed("autoconnect=true");
    file.fixed("# Takes precedence over any connection that came with the image, or from cloud-init (120).");
    file.fixed("autoconnect-priority=200");
    if let Some(bond) = &link.member_of {
        file.device("master", &bond.value, [bond.origin.clone()]);
        file.constant("slave-type=bond", [bond.origin.clone()]);
    }
    file.blank();
    if let Some(driver) = &link.interface.driver {
        file.fixed("[match]");
        file.driver("driver", &driver.value, [driver.origin.clone()]);
        file.blank();
    }
    device(&mut file, link);
    match link.kind() {
        LinkKind::Wifi(..) | LinkKind::Wired => {}
        LinkKind::Bond(bond) => keyfile_bond(&mut file, bond),
        LinkKind::Vlan(vlan) => keyfile_vlan(&mut file, vlan),
    }
    if link.member_of.is_none() {
        keyfile_ipv4(&mut file, link);
    }
    file.trim();
    let path = format!("/etc/NetworkManager/system-connections/{id}.nmconnection");
    holds_key(Placing::whole(&path, file), std::slice::from_ref(link))
}

fn type_word(link: &Link<'_>) -> &'static str {
    match link.kind() {
        LinkKind::Wired => "ethernet",
        LinkKind::Wifi(..) => "wifi",
        LinkKind::Bond(_) => "bond",
        LinkKind::Vlan(_) => "vlan",
    }
}

/// The settings of the device itself.
fn device(file: &mut Writer<Keyfile>, link: &Link<'_>) {
    let interface = link.interface;
    let radio = match link.kind() {
        LinkKind::Wifi(wifi, key) => Some((wifi, key)),
        _ => None,
    };
    if radio.is_none() && interface.mac.is_none() && link.mtu.is_none() {
        return;
    }
    // The device below a virtual interface is an Ethernet device.
    file.fixed(match radio {
        Some(_) => "[wifi]",
        None => "[ethernet]",
    });
    if let Some(mac) = &interface.mac {
        file.mac("mac-address", &mac.value, [mac.origin.clone()]);
    }
    if let Some(mtu) = &link.mtu {
        file.plain("mtu", mtu.value, [mtu.origin.clone()]);
    }
    if let Some((wifi, key)) = radio {
        keyfile_wifi(file, wifi, key);
    }
    file.blank();
}

fn keyfile_bond(file: &mut Writer<Keyfile>, bond: &Bond) {
    file.fixed("[bond]");
    if let Some(mode) = &bond.mode {
        file.text("mode", &mode.value, [mode.origin.clone()]);
    }
    if let Some(primary) = &bond.primary {
        file.device("primary", &primary.value, [primary.origin.clone()]);
    }
    if let Some(monitor) = &bond.monitor {
        file.plain("miimon", monitor.value, [monitor.origin.clone()]);
    }
    file.blank();
}

fn keyfile_vlan(file: &mut Writer<Keyfile>, vlan: &Vlan) {
    file.fixed("[vlan]");
    if let Some(id) = &vlan.id {
        file.plain("id", id.value, [id.origin.clone()]);
    }
    if let Some(on) = &vlan.on {
        file.device("parent", &on.value, [on.origin.clone()]);
    }
    file.blank();
}

fn keyfile_wifi(file: &mut Writer<Keyfile>, wifi: &Wifi, key: Option<&Key>) {
    file.fixed("mode=infrastructure");
    if let Some(ssid) = &wifi.ssid {
        file.ssid(&ssid.value, [ssid.origin.clone()]);
    }
    if let Some(hidden) = wifi.hidden.as_ref().filter(|hidden| hidden.value) {
        file.constant("hidden=true", [hidden.origin.clone()]);
    }
    if let Some(Key::Known(key)) = key {
        file.blank();
        file.fixed("[wifi-security]");
        file.constant("key-mgmt=wpa-psk", [key.origin.clone()]);
        file.psk(&key.value, [key.origin.clone()]);
    }
}

fn keyfile_ipv4(file: &mut Writer<Keyfile>, link: &Link<'_>) {
    file.fixed("[ipv4]");
    match &link.address {
        Some((address, origin)) => {
            file.constant("method=manual", [origin.clone()]);
            let way = link.route.as_ref();
            let origins = [origin.clone()]
                .into_iter()
                .chain(way.map(|gateway| gateway.origin.clone()));
            file.address(address.value, way.map(|gateway| gateway.value), origins);
        }
        None if link.dhcp.is_some() => {
            file.constant("method=auto", link.dhcp.clone());
        }
        // It only carries others.
        None => {
            let said = link.interface.dhcp.as_ref().map(|dhcp| dhcp.origin.clone());
            let why = said.unwrap_or_else(|| link.interface.name.origin.clone());
            file.constant("method=disabled", [why]);
        }
    }
    if !link.dns.is_empty() {
        let servers: Vec<IpAddr> = link.dns.iter().map(|dns| dns.value).collect();
        file.dns(&servers, link.dns.iter().map(|dns| dns.origin.clone()));
    }
    for (index, beyond) in link.beyond.iter().enumerate() {
        let origins = [beyond.net.origin.clone()];
        file.route(index + 1, beyond.net.value, beyond.via.value, origins);
    }
    if link.route.is_none() && link.leased_route.is_none() {
        file.constant("never-default=true", [link.interface.name.origin.clone()]);
    }
    if let Some(optional) = &link.optional {
        file.plain("may-fail", optional.value, [optional.origin.clone()]);
    }
    file.blank();
    file.fixed("[ipv6]");
    file.fixed("method=auto");
    // In addition to the router advertisements, which bring the default route.
    if let Some(address) = &link.address_ipv6 {
        file.address(address.value, None, [address.origin.clone()]);
    }
    if let Some(why) = &link.no_ipv6_route {
        file.constant("never-default=true", [why.clone()]);
    }
}

/// A UUID that depends on the names alone, so that the same spec yields the same bytes (RFC 9562,
/// version 8).
fn uuid(names: &[&str]) -> String {
    let mut bytes: [u8; 16] = [0; 16];
    let digest = Sha256::digest(names.join("\n").as_bytes());
    bytes.copy_from_slice(&digest[..16]);
    bytes[6] = (bytes[6] & 0x0f) | 0x80;
    bytes[8] = (bytes[8] & 0x3f) | 0x80;
    let text = hex(&bytes);
    format!(
        "{}-{}-{}-{}-{}",
        &text[..8],
        &text[8..12],
        &text[12..16],
        &text[16..20],
        &text[20..]
    )
}
