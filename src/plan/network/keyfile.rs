//! NetworkManager's own files, a connection each.

use sha2::{Digest, Sha256};

use super::holds_key;
use super::link::{Key, Kind, Link};
use super::secrets::hex;
use crate::model::{Bond, Model, Node, Vlan, Wifi};
use crate::origin::Sourced;
use crate::plan::file::{Placing, header};
use crate::plan::types::Line;

pub(super) fn keyfile(model: &Model, node: &Node, link: &Link<'_>, spec: &str) -> Placing {
    let name = &link.interface.name;
    let id = format!("pikc-{}", name.value);
    let mut lines = header(
        &format!(
            "The address of {}; in force after the next boot.",
            node.name.value
        ),
        spec,
    );
    let named = || [name.origin.clone()];
    let uuid = uuid(&[&model.cluster.name.value, &node.name.value, &name.value]);
    lines.extend([
        Line::constant("[connection]"),
        Line::from(format!("id={id}"), named()),
        Line::from(format!("uuid={uuid}"), named()),
        Line::from(format!("type={}", type_word(link)), named()),
    ]);
    // A device that is found by something else may still have another name.
    if link.found_by().is_empty() {
        lines.push(Line::from(
            format!("interface-name={}", name.value),
            named(),
        ));
    }
    lines.extend([
        Line::constant("autoconnect=true"),
        Line::constant("# Above whatever connection the image was prepared with."),
        Line::constant("autoconnect-priority=100"),
    ]);
    if let Some(bond) = &link.member_of {
        lines.extend([
            Line::from(format!("master={}", bond.value), [bond.origin.clone()]),
            Line::from("slave-type=bond", [bond.origin.clone()]),
        ]);
    }
    lines.push(Line::constant(""));
    if let Some(driver) = &link.interface.driver {
        lines.extend([
            Line::constant("[match]"),
            Line::from(format!("driver={}", driver.value), [driver.origin.clone()]),
            Line::constant(""),
        ]);
    }
    let device = device(link);
    if !device.is_empty() {
        let section = match link.kind() {
            Kind::Wifi(..) => "[wifi]",
            // The device below a made interface is an Ethernet device.
            Kind::Wired | Kind::Bond(_) | Kind::Vlan(_) => "[ethernet]",
        };
        lines.push(Line::constant(section));
        lines.extend(device);
        lines.push(Line::constant(""));
    }
    match link.kind() {
        Kind::Wifi(..) | Kind::Wired => {}
        Kind::Bond(bond) => lines.extend(keyfile_bond(bond)),
        Kind::Vlan(vlan) => lines.extend(keyfile_vlan(vlan)),
    }
    if link.member_of.is_none() {
        lines.extend(keyfile_ipv4(link));
    }
    if lines.last().is_some_and(|line| line.text.is_empty()) {
        lines.pop();
    }
    let path = format!("/etc/NetworkManager/system-connections/{id}.nmconnection");
    holds_key(Placing::whole(&path, lines), std::slice::from_ref(link))
}

fn type_word(link: &Link<'_>) -> &'static str {
    match link.kind() {
        Kind::Wired => "ethernet",
        Kind::Wifi(..) => "wifi",
        Kind::Bond(_) => "bond",
        Kind::Vlan(_) => "vlan",
    }
}

/// What is said of the device itself.
fn device(link: &Link<'_>) -> Vec<Line> {
    let mut lines = Vec::new();
    if let Some(mac) = &link.interface.mac {
        lines.push(Line::from(
            format!("mac-address={}", mac.value),
            [mac.origin.clone()],
        ));
    }
    if let Some(mtu) = &link.interface.mtu {
        lines.push(Line::from(
            format!("mtu={}", mtu.value),
            [mtu.origin.clone()],
        ));
    }
    if let Kind::Wifi(wifi, key) = link.kind() {
        lines.extend(keyfile_wifi(wifi, key));
    }
    lines
}

fn keyfile_bond(bond: &Bond) -> Vec<Line> {
    let mut lines = vec![Line::constant("[bond]")];
    let mut add = |key: &str, value: Option<Sourced<String>>| {
        if let Some(value) = value {
            lines.push(Line::from(format!("{key}={}", value.value), [value.origin]));
        }
    };
    add("mode", bond.mode.clone());
    add("primary", bond.primary.clone());
    add(
        "miimon",
        bond.monitor
            .clone()
            .map(|monitor| monitor.map(|ms| ms.to_string())),
    );
    lines.push(Line::constant(""));
    lines
}

fn keyfile_vlan(vlan: &Vlan) -> Vec<Line> {
    let mut lines = vec![Line::constant("[vlan]")];
    if let Some(id) = &vlan.id {
        lines.push(Line::from(format!("id={}", id.value), [id.origin.clone()]));
    }
    if let Some(on) = &vlan.on {
        lines.push(Line::from(
            format!("parent={}", on.value),
            [on.origin.clone()],
        ));
    }
    lines.push(Line::constant(""));
    lines
}

fn keyfile_wifi(wifi: &Wifi, key: Option<&Key>) -> Vec<Line> {
    let mut lines = vec![Line::constant("mode=infrastructure")];
    if let Some(ssid) = &wifi.ssid {
        lines.push(Line::from(
            format!("ssid={}", keyfile_ssid(&ssid.value)),
            [ssid.origin.clone()],
        ));
    }
    if let Some(hidden) = wifi.hidden.as_ref().filter(|hidden| hidden.value) {
        lines.push(Line::from("hidden=true", [hidden.origin.clone()]));
    }
    if let Some(Key::Known(key)) = key {
        lines.extend([
            Line::constant(""),
            Line::constant("[wifi-security]"),
            Line::from("key-mgmt=wpa-psk", [key.origin.clone()]),
            Line::from(format!("psk={}", key.value), [key.origin.clone()]),
        ]);
    }
    lines
}

/// A network name as it is where a keyfile reads it as it is, else byte by byte.
fn keyfile_ssid(ssid: &str) -> String {
    let plain = ssid
        .bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || b"_-.".contains(&byte));
    if plain && !ssid.is_empty() {
        return ssid.to_owned();
    }
    ssid.bytes().map(|byte| format!("{byte};")).collect()
}

fn keyfile_ipv4(link: &Link<'_>) -> Vec<Line> {
    let mut lines = vec![Line::constant("[ipv4]")];
    match &link.address {
        Some((address, origin)) => {
            lines.push(Line::from("method=manual", [origin.clone()]));
            let (text, origins) = match &link.route {
                Some(gateway) => (
                    format!("address1={},{}", address.value, gateway.value),
                    vec![origin.clone(), gateway.origin.clone()],
                ),
                None => (format!("address1={}", address.value), vec![origin.clone()]),
            };
            lines.push(Line::from(text, origins));
        }
        None if link.dhcp.is_some() => {
            lines.push(Line::from("method=auto", link.dhcp.clone()));
        }
        // It only carries others.
        None => {
            let said = link.interface.dhcp.as_ref().map(|dhcp| dhcp.origin.clone());
            let why = said.unwrap_or_else(|| link.interface.name.origin.clone());
            lines.push(Line::from("method=disabled", [why]));
        }
    }
    if !link.dns.is_empty() {
        let servers: String = link
            .dns
            .iter()
            .map(|dns| format!("{};", dns.value))
            .collect();
        lines.push(Line::from(
            format!("dns={servers}"),
            link.dns.iter().map(|dns| dns.origin.clone()),
        ));
    }
    if link.route.is_none() {
        lines.push(Line::from(
            "never-default=true",
            [link.interface.name.origin.clone()],
        ));
    }
    if let Some(optional) = &link.optional {
        lines.push(Line::from(
            format!("may-fail={}", optional.value),
            [optional.origin.clone()],
        ));
    }
    lines.extend([
        Line::constant(""),
        Line::constant("[ipv6]"),
        Line::constant("method=auto"),
    ]);
    // Beside what the router's announcements give: the way out is theirs.
    if let Some(address) = &link.address_ipv6 {
        lines.push(Line::from(
            format!("address1={}", address.value),
            [address.origin.clone()],
        ));
    }
    if let Some(why) = &link.no_ipv6_route {
        lines.push(Line::from("never-default=true", [why.clone()]));
    }
    lines
}

/// A UUID that depends on the names alone, so that the same spec gives the same bytes (RFC 9562,
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
