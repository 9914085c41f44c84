//! netplan's file.

use std::collections::BTreeMap;

use super::holds_key;
use super::link::{Key, Link};
use crate::model::Node;
use crate::origin::{Origin, Sourced};
use crate::plan::document::netplan::{
    AccessPoint, Interface as NetplanInterface, Match, Nameservers, Netplan, Network, Renderer,
    Route, Wifi as NetplanWifi,
};
use crate::plan::file::Placing;
use crate::plan::types::{Body, Document};

pub(super) fn netplan(node: &Node, links: &[Link<'_>], stack: &str, spec: &str) -> Placing {
    let os = node.settings.os.iter().map(|os| os.origin.clone());
    let renderer = match stack {
        "netplan-networkmanager" => Renderer::NetworkManager,
        _ => Renderer::Networkd,
    };
    let mut network = Network::new(Sourced::new(
        renderer,
        Origin::derived("what this operating system brings interfaces up with", os),
    ));
    for link in links {
        let name = link.interface.name.value.clone();
        let common = netplan_interface(link);
        match &link.wifi {
            None => {
                network.ethernets.insert(
                    name,
                    Sourced::new(common, link.interface.name.origin.clone()),
                );
            }
            Some((wifi, key)) => {
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
                let radio = NetplanWifi {
                    interface: common,
                    regulatory_domain: country
                        .map(|country| country.clone().map(|country| country.0)),
                    access_points: points,
                };
                network.wifis.insert(
                    name,
                    Sourced::new(radio, link.interface.name.origin.clone()),
                );
            }
        }
    }
    let document = Document::Netplan(Netplan { network });
    let mut placing = Placing::whole("/etc/netplan/90-pikc.yaml", Vec::new());
    placing.body = Body::Yaml {
        header: vec![
            format!(
                "The address of {}; in force after the next boot.",
                node.name.value
            ),
            format!("Made by pikc from {spec}. Do not edit: change the spec and compile again."),
        ],
        documents: vec![document],
    };
    let wifi = links
        .iter()
        .filter_map(|link| link.wifi.as_ref()?.0.ssid.as_ref())
        .map(|ssid| ssid.origin.clone());
    let placing = placing
        .because(node.address.iter().map(|address| address.origin.clone()))
        .because(wifi);
    // netplan warns of files that others may read, whether or not there is a key in them.
    holds_key(placing, links)
}

fn netplan_interface(link: &Link<'_>) -> NetplanInterface {
    let fixed = link.address.as_ref();
    let dhcp = match (&link.dhcp, fixed) {
        (Some(origin), _) => Some(Sourced::new(true, origin.clone())),
        (None, Some((_, origin))) => Some(Sourced::new(false, origin.clone())),
        (None, None) => None,
    };
    NetplanInterface {
        matches: link.interface.mac.as_ref().map(Match::from),
        dhcp4: dhcp,
        addresses: fixed
            .map(|(address, _)| address.clone())
            .into_iter()
            .collect(),
        routes: link
            .route
            .iter()
            .map(|via| Route {
                to: Sourced::new("default".to_owned(), via.origin.clone()),
                via: via.clone(),
                metric: None,
            })
            .collect(),
        nameservers: (!link.dns.is_empty()).then(|| Nameservers {
            addresses: link.dns.clone(),
        }),
        mtu: link
            .interface
            .mtu
            .clone()
            .map(|mtu| mtu.map(|mtu| u32::try_from(mtu).unwrap_or(1500))),
        optional: link.optional.clone(),
        ..NetplanInterface::default()
    }
}
