//! netplan's file.

use std::collections::BTreeMap;
use std::net::IpAddr;

use super::holds_key;
use super::link::{Key, Link, LinkKind};
use crate::file_format::made_by;
use crate::model::{self, Node};
use crate::origin::{Origin, Sourced};
use crate::plan::document::netplan::{
    AccessPoint, Bond, BondParameters, Interface as NetplanInterface, Match, Nameservers, Netplan,
    Network, Renderer, Route, Vlan, Wifi as NetplanWifi,
};
use crate::plan::file::Placing;
use crate::plan::types::TypedDocument;

/// Without a renderer it is for cloud-init alone, which writes the files of its system's network from it.
pub(super) fn netplan(
    node: &Node,
    links: &[Link<'_>],
    renderer: Option<Renderer>,
    spec: &str,
) -> Placing {
    let os = node.settings.os.iter().map(|os| os.origin.clone());
    let why = Origin::derived("the network stack of this operating system", os);
    let mut network = Network::new(renderer.map(|renderer| Sourced::new(renderer, why)));
    for link in links {
        add(&mut network, node, link, renderer);
    }
    let document = TypedDocument::Netplan(Netplan { network });
    let header = vec![
        format!(
            "The address of {}; in force after the next boot.",
            node.name.value
        ),
        made_by(spec),
    ];
    let placing = Placing::yaml(
        "files/etc/netplan/90-pikc.yaml",
        header,
        vec![document.into()],
    );
    let wifi = links
        .iter()
        .filter_map(|link| link.wifi.as_ref()?.0.ssid.as_ref())
        .map(|ssid| ssid.origin.clone());
    let placing = placing
        .because(node.address.iter().map(|address| address.origin.clone()))
        .because(wifi);
    // netplan warns about files that others can read, whether or not there is a key in them.
    holds_key(placing, links)
}

fn add(network: &mut Network, node: &Node, link: &Link<'_>, renderer: Option<Renderer>) {
    let name = link.interface.name.value.clone();
    let origin = link.interface.name.origin.clone();
    let common = common(link, renderer);
    match link.kind() {
        LinkKind::Wired => {
            let ethernets = &mut network.ethernets;
            ethernets.insert(name, Sourced::new(common, origin));
        }
        LinkKind::Wifi(wifi, key) => {
            let radio = radio(node, wifi, key, common);
            network.wifis.insert(name, Sourced::new(radio, origin));
        }
        LinkKind::Bond(bond) => {
            let whole = Bond {
                interface: common,
                interfaces: bond.members.clone(),
                parameters: BondParameters {
                    mode: bond.mode.clone(),
                    primary: bond.primary.clone(),
                    mii_monitor_interval: bond.monitor.clone(),
                },
            };
            network.bonds.insert(name, Sourced::new(whole, origin));
        }
        LinkKind::Vlan(vlan) => {
            let lan = Vlan {
                interface: common,
                id: vlan.id.clone(),
                link: vlan.on.clone(),
            };
            network.vlans.insert(name, Sourced::new(lan, origin));
        }
    }
}

fn radio(
    node: &Node,
    wifi: &model::Wifi,
    key: Option<&Key>,
    interface: NetplanInterface,
) -> NetplanWifi {
    let mut points = BTreeMap::new();
    if let Some(ssid) = &wifi.ssid {
        let password = match key {
            Some(Key::Known(key)) => Some(key.clone()),
            Some(Key::Lacking(_)) | None => None,
        };
        let point = AccessPoint {
            password,
            hidden: wifi.hidden.clone().filter(|hidden| hidden.value),
        };
        points.insert(ssid.value.clone(), Sourced::new(point, ssid.origin.clone()));
    }
    let country = node.settings.locale.country.as_ref();
    NetplanWifi {
        interface,
        regulatory_domain: country.map(|country| country.clone().map(|country| country.0)),
        access_points: points,
    }
}

/// What identifies the device, and the name that it then gets. systemd-networkd matches Wi-Fi by
/// name only: there a systemd link file gives the device its name (see `device`).
fn found_by(link: &Link<'_>, renderer: Option<Renderer>) -> Option<Match> {
    let interface = link.interface;
    if link.wifi.is_some() && renderer == Some(Renderer::Networkd) {
        return None;
    }
    let found = Match {
        macaddress: interface
            .mac
            .as_ref()
            .map(|mac| Sourced::new(mac.value.to_string(), mac.origin.clone())),
        driver: interface.driver.clone(),
    };
    (found.macaddress.is_some() || found.driver.is_some()).then_some(found)
}

/// Whether it accepts router advertisements, in a cluster of both families. A machine that forwards packets is a router itself, and
/// accepts none by default; NetworkManager follows `dhcp6`, and checks the advertisements first.
fn announcements(link: &Link<'_>) -> Option<Sourced<bool>> {
    let never = link.no_ipv6_route.as_ref();
    let never = never.map(|why| Sourced::new(false, why.clone()));
    let address = link.address_ipv6.as_ref();
    never.or_else(|| Some(Sourced::new(true, address?.origin.clone())))
}

/// netplan has a word for the default route. cloud-init passes what it is told on to formats that do not.
fn everywhere(via: IpAddr, renderer: Option<Renderer>) -> String {
    match (renderer, via) {
        (Some(_), _) => "default",
        (None, IpAddr::V4(_)) => "0.0.0.0/0",
        (None, IpAddr::V6(_)) => "::/0",
    }
    .to_owned()
}

fn common(link: &Link<'_>, renderer: Option<Renderer>) -> NetplanInterface {
    let matches = found_by(link, renderer);
    let set_name = matches.is_some().then(|| {
        let found_by = link.found_by();
        let why = Origin::derived(
            "a device that is matched gets the name of its block",
            found_by,
        );
        Sourced::new(link.interface.name.value.clone(), why)
    });
    let fixed = link.address.as_ref();
    let dhcp = match (&link.dhcp, fixed) {
        (Some(origin), _) => Some(Sourced::new(true, origin.clone())),
        (None, Some((_, origin))) => Some(Sourced::new(false, origin.clone())),
        (None, None) => {
            let said = link.interface.dhcp.as_ref().map(|dhcp| dhcp.origin.clone());
            let why = said.or_else(|| Some(link.member_of.as_ref()?.origin.clone()));
            let why = why.unwrap_or_else(|| link.interface.name.origin.clone());
            Some(Sourced::new(false, why))
        }
    };
    NetplanInterface {
        matches,
        set_name,
        dhcp4: dhcp,
        addresses: fixed
            .map(|(address, _)| address.clone())
            .into_iter()
            .chain(link.address_ipv6.clone())
            .collect(),
        accept_ra: announcements(link),
        dhcp6: announcements(link)
            .filter(|listens| listens.value && renderer == Some(Renderer::NetworkManager)),
        routes: link
            .route
            .iter()
            .map(|via| Route {
                to: Sourced::new(everywhere(via.value, renderer), via.origin.clone()),
                via: via.clone(),
                metric: None,
            })
            .chain(link.beyond.iter().map(|beyond| Route {
                to: beyond.net.clone().map(|net| net.to_string()),
                via: beyond.via.clone(),
                metric: None,
            }))
            .collect(),
        nameservers: (!link.dns.is_empty()).then(|| Nameservers {
            addresses: link.dns.clone(),
        }),
        mtu: link
            .mtu
            .clone()
            .map(|mtu| mtu.map(|mtu| u32::try_from(mtu).unwrap_or(1500))),
        optional: link.optional.clone(),
    }
}
