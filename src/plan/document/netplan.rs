//! netplan's YAML, version 2: interfaces with their addresses, routes and Wi-Fi.
//!
//! The file may hold a Wi-Fi key: it is 0600. `gateway4` is deprecated, so the default route is in `routes`.

use std::collections::BTreeMap;
use std::net::IpAddr;

use ipnet::IpNet;
use serde::Serialize;

use crate::origin::Sourced;

/// The whole file.
#[derive(Clone, Debug, Serialize)]
pub struct Netplan {
    /// Its one key.
    pub network: Network,
}

/// The network of one machine.
#[derive(Clone, Debug, Serialize)]
pub struct Network {
    version: u8,
    /// What applies it; none if cloud-init is to choose.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub renderer: Option<Sourced<Renderer>>,
    /// Wired interfaces, by name.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub ethernets: BTreeMap<String, Sourced<Interface>>,
    /// Wi-Fi interfaces, by name.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub wifis: BTreeMap<String, Sourced<Wifi>>,
    /// Bonds, by name.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub bonds: BTreeMap<String, Sourced<Bond>>,
    /// Virtual LANs, by name.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub vlans: BTreeMap<String, Sourced<Vlan>>,
}

impl Network {
    /// A network without interfaces.
    pub fn new(renderer: Option<Sourced<Renderer>>) -> Self {
        Self {
            version: 2,
            renderer,
            ethernets: BTreeMap::new(),
            wifis: BTreeMap::new(),
            bonds: BTreeMap::new(),
            vlans: BTreeMap::new(),
        }
    }
}

/// What applies the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum Renderer {
    /// NetworkManager.
    NetworkManager,
    /// systemd-networkd.
    #[serde(rename = "networkd")]
    Networkd,
}

/// An interface.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Interface {
    /// What identifies the device, if its name can change.
    #[serde(rename = "match", skip_serializing_if = "Option::is_none")]
    pub matches: Option<Match>,
    /// The name that the matched device gets.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub set_name: Option<Sourced<String>>,
    /// Whether it requests an IPv4 address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dhcp4: Option<Sourced<bool>>,
    /// Whether it requests an IPv6 address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dhcp6: Option<Sourced<bool>>,
    /// Whether it accepts router advertisements.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub accept_ra: Option<Sourced<bool>>,
    /// Its addresses, with the prefix length of the network.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub addresses: Vec<Sourced<IpNet>>,
    /// Its routes.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub routes: Vec<Route>,
    /// The DNS servers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nameservers: Option<Nameservers>,
    /// The MTU.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mtu: Option<Sourced<u32>>,
    /// Whether the boot continues without it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub optional: Option<Sourced<bool>>,
}

/// What identifies a device.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Match {
    /// Its MAC address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub macaddress: Option<Sourced<String>>,
    /// Its driver.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub driver: Option<Sourced<String>>,
}

/// A route.
#[derive(Clone, Debug, Serialize)]
pub struct Route {
    /// `default`, or a network.
    pub to: Sourced<String>,
    /// The router.
    pub via: Sourced<IpAddr>,
    /// The lowest wins if there are several.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub metric: Option<Sourced<u32>>,
}

/// The DNS servers.
#[derive(Clone, Debug, Serialize)]
pub struct Nameservers {
    /// Their addresses; the first is asked first.
    pub addresses: Vec<Sourced<IpAddr>>,
}

/// A Wi-Fi interface.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Wifi {
    /// What every interface has.
    #[serde(flatten)]
    pub interface: Interface,
    /// The country whose rules apply to the radio.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub regulatory_domain: Option<Sourced<String>>,
    /// Networks to connect to, by name.
    pub access_points: BTreeMap<String, Sourced<AccessPoint>>,
}

/// A Wi-Fi network.
#[derive(Clone, Debug, Default, Serialize)]
pub struct AccessPoint {
    /// The key as 64 hexadecimal digits, which both renderers use as it is; none for an open network.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub password: Option<Sourced<String>>,
    /// Whether the network is hidden and must be probed for by name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hidden: Option<Sourced<bool>>,
}

/// A bond.
#[derive(Clone, Debug, Serialize)]
pub struct Bond {
    /// What every interface has.
    #[serde(flatten)]
    pub interface: Interface,
    /// Its members.
    pub interfaces: Vec<Sourced<String>>,
    /// How they work together.
    pub parameters: BondParameters,
}

/// How the members of a bond share the work.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct BondParameters {
    /// The mode, as the kernel's bonding driver names it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mode: Option<Sourced<String>>,
    /// The member that is used as long as its link is up.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub primary: Option<Sourced<String>>,
    /// How often the links are checked, in milliseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mii_monitor_interval: Option<Sourced<i64>>,
}

/// A virtual LAN.
#[derive(Clone, Debug, Serialize)]
pub struct Vlan {
    /// What every interface has.
    #[serde(flatten)]
    pub interface: Interface,
    /// Its number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<Sourced<i64>>,
    /// The interface that carries it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub link: Option<Sourced<String>>,
}
