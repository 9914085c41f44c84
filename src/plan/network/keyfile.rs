//! NetworkManager's own files, a connection each.

use sha2::{Digest, Sha256};

use super::holds_key;
use super::link::{Key, Link};
use super::secrets::hex;
use crate::model::{Model, Node, Wifi};
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
    let named = [name.origin.clone()];
    lines.extend([
        Line::constant("[connection]"),
        Line::from(format!("id={id}"), named.clone()),
        Line::from(
            format!(
                "uuid={}",
                uuid(&[&model.cluster.name.value, &node.name.value, &name.value])
            ),
            named.clone(),
        ),
        Line::from(
            format!(
                "type={}",
                if link.wifi.is_some() {
                    "wifi"
                } else {
                    "ethernet"
                }
            ),
            named.clone(),
        ),
    ]);
    if link.interface.mac.is_none() {
        lines.push(Line::from(format!("interface-name={}", name.value), named));
    }
    lines.extend([
        Line::constant("autoconnect=true"),
        Line::constant("# Above whatever connection the image was prepared with."),
        Line::constant("autoconnect-priority=100"),
        Line::constant(""),
    ]);
    let device = if link.wifi.is_some() {
        "[wifi]"
    } else {
        "[ethernet]"
    };
    let mut section = vec![];
    if let Some(mac) = &link.interface.mac {
        section.push(Line::from(
            format!("mac-address={}", mac.value),
            [mac.origin.clone()],
        ));
    }
    if let Some(mtu) = &link.interface.mtu {
        section.push(Line::from(
            format!("mtu={}", mtu.value),
            [mtu.origin.clone()],
        ));
    }
    if let Some((wifi, key)) = &link.wifi {
        section.extend(keyfile_wifi(wifi, key.as_ref()));
    }
    if !section.is_empty() {
        lines.push(Line::constant(device));
        lines.extend(section);
        lines.push(Line::constant(""));
    }
    lines.extend(keyfile_ipv4(link));
    let path = format!("/etc/NetworkManager/system-connections/{id}.nmconnection");
    holds_key(Placing::whole(&path, lines), std::slice::from_ref(link))
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
        None => lines.push(Line::from("method=auto", link.dhcp.clone())),
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
