//! dhcpcd's lines, and wpa_supplicant's file beside them.

use super::holds_key;
use super::link::{Key, Link, lacking};
use super::secrets::hex;
use crate::model::Node;
use crate::plan::file::{Placing, header};
use crate::plan::types::Line;
use crate::value::SecretName;

pub(super) fn dhcpcd(
    node: &Node,
    links: &[Link<'_>],
    spec: &str,
) -> Vec<(Placing, Option<SecretName>)> {
    let mut lines = Vec::new();
    for link in links {
        let name = &link.interface.name;
        lines.push(Line::from(
            format!("interface {}", name.value),
            [name.origin.clone()],
        ));
        if let Some((address, origin)) = &link.address {
            lines.push(Line::from(
                format!("static ip_address={}", address.value),
                [origin.clone()],
            ));
        }
        if let Some(address) = &link.address_ipv6 {
            lines.push(Line::from(
                format!("static ip6_address={}", address.value),
                [address.origin.clone()],
            ));
        }
        if let Some(why) = &link.no_ipv6_route {
            lines.push(Line::from("noipv6rs", [why.clone()]));
        }
        match &link.route {
            Some(gateway) => lines.push(Line::from(
                format!("static routers={}", gateway.value),
                [gateway.origin.clone()],
            )),
            None => lines.push(Line::from("nogateway", [name.origin.clone()])),
        }
        if !link.dns.is_empty() {
            let servers: Vec<String> = link.dns.iter().map(|dns| dns.value.to_string()).collect();
            lines.push(Line::from(
                format!("static domain_name_servers={}", servers.join(" ")),
                link.dns.iter().map(|dns| dns.origin.clone()),
            ));
        }
        if let Some(mtu) = &link.interface.mtu {
            lines.push(Line::from(
                format!("static interface_mtu={}", mtu.value),
                [mtu.origin.clone()],
            ));
        }
    }
    let mut files = vec![(Placing::fragment("dhcpcd", lines), None)];
    if links.iter().any(|link| link.wifi.is_some()) {
        let lacking = links.iter().find_map(lacking);
        files.push((supplicant(node, links, spec), lacking));
    }
    files
}

fn supplicant(node: &Node, links: &[Link<'_>], spec: &str) -> Placing {
    let mut lines = header("The Wi-Fi networks that this machine joins.", spec);
    if let Some(country) = &node.settings.locale.country {
        lines.push(Line::from(
            format!("country={}", country.value.0),
            [country.origin.clone()],
        ));
    }
    lines.push(Line::constant(
        "ctrl_interface=DIR=/var/run/wpa_supplicant GROUP=netdev",
    ));
    for (wifi, key) in links.iter().filter_map(|link| link.wifi.as_ref()) {
        let Some(ssid) = &wifi.ssid else {
            continue;
        };
        lines.extend([
            Line::constant("network={"),
            // Without quotes a name is read as hexadecimal digits, which any name can be.
            Line::from(
                format!("    ssid={}", hex(ssid.value.as_bytes())),
                [ssid.origin.clone()],
            ),
        ]);
        if let Some(hidden) = wifi.hidden.as_ref().filter(|hidden| hidden.value) {
            lines.push(Line::from("    scan_ssid=1", [hidden.origin.clone()]));
        }
        match key {
            Some(Key::Known(key)) => {
                lines.push(Line::from(
                    format!("    psk={}", key.value),
                    [key.origin.clone()],
                ));
            }
            Some(Key::Lacking(_)) | None => lines.push(Line::constant("    key_mgmt=NONE")),
        }
        lines.push(Line::constant("}"));
    }
    holds_key(
        Placing::whole("/etc/wpa_supplicant/wpa_supplicant.conf", lines),
        links,
    )
}
