//! dhcpcd's lines, and wpa_supplicant's file next to them.

use std::net::IpAddr;

use super::holds_key;
use super::link::{Key, Link, lacking};
use crate::file_format::Writer;
use crate::file_format::dhcpcd::Dhcpcd;
use crate::file_format::wpa_supplicant::WpaSupplicant;
use crate::model::Node;
use crate::plan::file::Placing;
use crate::value::SecretName;

pub(super) fn dhcpcd(
    node: &Node,
    links: &[Link<'_>],
    spec: &str,
) -> Vec<(Placing, Option<SecretName>)> {
    let mut file = Writer::<Dhcpcd>::new();
    for link in links {
        let name = &link.interface.name;
        file.interface(&name.value, [name.origin.clone()]);
        if let Some((address, origin)) = &link.address {
            file.address(address.value, [origin.clone()]);
        }
        if let Some(address) = &link.address_ipv6 {
            file.address(address.value, [address.origin.clone()]);
        }
        if let Some(why) = &link.no_ipv6_route {
            file.constant("noipv6rs", [why.clone()]);
        }
        match (&link.route, &link.leased_route) {
            (Some(gateway), _) => file.router(gateway.value, [gateway.origin.clone()]),
            // dhcpcd takes the lease's router by itself.
            (None, Some(_)) => {}
            (None, None) => file.constant("nogateway", [name.origin.clone()]),
        }
        for beyond in &link.beyond {
            let origins = [beyond.net.origin.clone()];
            file.route(beyond.net.value, beyond.via.value, origins);
        }
        if !link.dns.is_empty() {
            let servers: Vec<IpAddr> = link.dns.iter().map(|dns| dns.value).collect();
            file.name_servers(&servers, link.dns.iter().map(|dns| dns.origin.clone()));
        }
        if let Some(mtu) = &link.mtu {
            file.mtu(mtu.value, [mtu.origin.clone()]);
        }
    }
    let mut files = vec![(Placing::fragment("dhcpcd", file.finish()), None)];
    if links.iter().any(|link| link.wifi.is_some()) {
        let lacking = links.iter().find_map(lacking);
        files.push((supplicant(node, links, spec), lacking));
    }
    files
}

fn supplicant(node: &Node, links: &[Link<'_>], spec: &str) -> Placing {
    let mut file =
        Writer::<WpaSupplicant>::headed("The Wi-Fi networks that this machine joins.", spec);
    if let Some(country) = &node.settings.locale.country {
        file.country(&country.value, [country.origin.clone()]);
    }
    file.fixed("ctrl_interface=DIR=/var/run/wpa_supplicant GROUP=netdev");
    for (wifi, key) in links.iter().filter_map(|link| link.wifi.as_ref()) {
        let Some(ssid) = &wifi.ssid else {
            continue;
        };
        file.fixed("network={");
        file.ssid(&ssid.value, [ssid.origin.clone()]);
        if let Some(hidden) = wifi.hidden.as_ref().filter(|hidden| hidden.value) {
            file.constant("    scan_ssid=1", [hidden.origin.clone()]);
        }
        match key {
            Some(Key::Known(key)) => file.psk(&key.value, [key.origin.clone()]),
            Some(Key::Lacking(_)) | None => file.fixed("    key_mgmt=NONE"),
        }
        file.fixed("}");
    }
    holds_key(
        Placing::whole("/etc/wpa_supplicant/wpa_supplicant.conf", file),
        links,
    )
}
