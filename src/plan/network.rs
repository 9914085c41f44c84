//! A node's addresses, in the format of its system's network stack.

use std::collections::BTreeMap;
use std::net::IpAddr;

use camino::Utf8PathBuf;
use ipnet::IpNet;
use sha2::{Digest, Sha256};

use super::document::netplan::{
    AccessPoint, Interface as NetplanInterface, Match, Nameservers, Netplan, Network, Renderer,
    Route, Wifi as NetplanWifi,
};
use super::file::{Placing, header};
use super::types::{Body, Document, Line};
use crate::model::{Interface, Model, Node, Wifi};
use crate::origin::{Origin, Sourced};
use crate::value::SecretName;

/// The secrets that were given, the keys made from them, and what is left out for want of one.
pub(super) struct Secrets<'a> {
    given: &'a BTreeMap<SecretName, String>,
    /// By secret and network name: 4,096 rounds for each node would be minutes for a large cluster.
    keys: BTreeMap<(SecretName, String), String>,
    missing: BTreeMap<SecretName, Vec<Utf8PathBuf>>,
}

impl<'a> Secrets<'a> {
    pub(super) fn new(given: &'a BTreeMap<SecretName, String>) -> Self {
        Self {
            given,
            keys: BTreeMap::new(),
            missing: BTreeMap::new(),
        }
    }

    /// The key of a Wi-Fi network as WPA2 derives it from passphrase and name (PBKDF2 of HMAC-SHA1,
    /// 4,096 rounds, 32 bytes; IEEE 802.11-2020 J.4), so that the passphrase itself is in no file.
    /// What has 64 hexadecimal digits is such a key already.
    fn wifi_key(&mut self, name: &SecretName, ssid: &str) -> Option<String> {
        let passphrase = self.given.get(name)?;
        let is_key = passphrase.len() == 64 && passphrase.bytes().all(|b| b.is_ascii_hexdigit());
        if is_key {
            return Some(passphrase.to_ascii_lowercase());
        }
        let key = self
            .keys
            .entry((name.clone(), ssid.to_owned()))
            .or_insert_with(|| {
                let mut key = [0_u8; 32];
                pbkdf2::pbkdf2_hmac::<sha1::Sha1>(
                    passphrase.as_bytes(),
                    ssid.as_bytes(),
                    4096,
                    &mut key,
                );
                hex(&key)
            });
        Some(key.clone())
    }

    pub(super) fn missing(self) -> BTreeMap<SecretName, Vec<Utf8PathBuf>> {
        self.missing
    }
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::new(), |mut out, byte| {
        let _ = write!(out, "{byte:02x}");
        out
    })
}

/// The files that say a node's addresses, and the secrets without which one of them was left out.
pub(super) struct Files {
    pub placings: Vec<Placing>,
    pub missing: Vec<(SecretName, String)>,
}

/// An interface with everything worked out.
struct Link<'a> {
    interface: &'a Interface,
    wifi: Option<(&'a Wifi, Option<Key>)>,
    address: Option<(Sourced<IpNet>, Origin)>,
    dhcp: Option<Origin>,
    route: Option<Sourced<IpAddr>>,
    dns: Vec<Sourced<IpAddr>>,
    optional: Option<Sourced<bool>>,
}

/// The key of a Wi-Fi network, or what is lacking for it.
enum Key {
    Known(Sourced<String>),
    Lacking(SecretName),
}

/// The network files of one node.
pub(super) fn files(
    model: &Model,
    node: &Node,
    spec: &str,
    secrets: &mut Secrets<'_>,
) -> Option<Files> {
    let system = &node.settings.os.as_ref()?.value;
    let links: Vec<Link<'_>> = node
        .settings
        .interfaces
        .iter()
        .filter_map(|interface| link(model, node, interface, secrets))
        .collect();
    let placings = match system.network_stack.value.as_str() {
        "dhcpcd" => dhcpcd(node, &links, spec),
        "networkmanager" => links
            .iter()
            .map(|link| (keyfile(model, node, link, spec), lacking(link)))
            .collect(),
        stack => vec![(
            netplan(node, &links, stack, spec),
            links.iter().find_map(lacking),
        )],
    };
    let mut files = Files {
        placings: Vec::new(),
        missing: Vec::new(),
    };
    for (placing, lacking) in placings {
        match lacking {
            None => files.placings.push(placing),
            Some(secret) => {
                let path =
                    Utf8PathBuf::from(format!("nodes/{}", node.name.value)).join(&placing.path);
                secrets
                    .missing
                    .entry(secret.clone())
                    .or_default()
                    .push(path);
                files.missing.push((secret, placing.path.to_string()));
            }
        }
    }
    Some(files)
}

fn lacking(link: &Link<'_>) -> Option<SecretName> {
    match &link.wifi {
        Some((_, Some(Key::Lacking(secret)))) => Some(secret.clone()),
        _ => None,
    }
}

fn link<'a>(
    model: &Model,
    node: &Node,
    interface: &'a Interface,
    secrets: &mut Secrets<'_>,
) -> Option<Link<'a>> {
    let network = &model.cluster.network;
    let is_cluster = node
        .settings
        .cluster_interface()
        .is_some_and(|found| found.name.value == interface.name.value);
    let lan = network.lan.as_ref()?;
    let own = if is_cluster {
        node.address.as_ref()
    } else {
        interface.address.as_ref()
    };
    let address = own.map(|address| {
        // Another interface's network is not described: its address stands for itself, with the
        // prefix of the LAN where it lies in it, else that of an ordinary network.
        let length = if lan.value.contains(&address.value) {
            lan.value.prefix_len()
        } else {
            24
        };
        let origin = Origin::derived(
            "the address, with the prefix of its network",
            [address.origin.clone(), lan.origin.clone()],
        );
        let net = IpNet::new(address.value, length).unwrap_or_else(|_| IpNet::from(address.value));
        (Sourced::new(net, origin.clone()), origin)
    });
    let elsewhere = node
        .settings
        .interfaces
        .iter()
        .any(|other| other.default_route.as_ref().is_some_and(|on| on.value));
    let leaves_here = match &interface.default_route {
        Some(route) => route.value,
        None => is_cluster && !elsewhere,
    };
    let gateway = interface.gateway.as_ref().or(network.gateway.as_ref());
    let route = gateway.filter(|_| leaves_here).map(|gateway| {
        let mut from = vec![gateway.origin.clone()];
        from.extend(
            interface
                .default_route
                .iter()
                .map(|route| route.origin.clone()),
        );
        Sourced::new(
            gateway.value,
            Origin::derived("packets for everywhere else go to the router", from),
        )
    });
    // An interface without an address of its own takes one from whoever answers.
    let dhcp = match &interface.dhcp {
        Some(dhcp) if dhcp.value => Some(dhcp.origin.clone()),
        Some(_) => None,
        None if address.is_none() => Some(interface.name.origin.clone()),
        None => None,
    };
    let wifi =
        interface.wifi.as_ref().map(|wifi| {
            let key =
                wifi.passphrase.as_ref().zip(wifi.ssid.as_ref()).map(
                    |(secret, ssid)| match secrets.wifi_key(&secret.value, &ssid.value) {
                        Some(key) => Key::Known(Sourced::new(
                            key,
                            Origin::derived(
                                "the key that WPA2 derives from passphrase and network name",
                                [secret.origin.clone(), ssid.origin.clone()],
                            ),
                        )),
                        None => Key::Lacking(secret.value.clone()),
                    },
                );
            (wifi, key)
        });
    Some(Link {
        dns: if is_cluster {
            network.dns.clone()
        } else {
            Vec::new()
        },
        optional: optional(interface, is_cluster),
        interface,
        wifi,
        address,
        dhcp,
        route,
    })
}

/// A machine waits for the cluster's interface at boot, and for no other.
fn optional(interface: &Interface, is_cluster: bool) -> Option<Sourced<bool>> {
    interface.optional.clone().or_else(|| {
        (!is_cluster).then(|| {
            Sourced::new(
                true,
                Origin::derived(
                    "a machine waits at boot for the cluster's interface only",
                    [interface.name.origin.clone()],
                ),
            )
        })
    })
}

fn netplan(node: &Node, links: &[Link<'_>], stack: &str, spec: &str) -> Placing {
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

/// 0600 always; a secret for pikc too where a key is in it.
fn holds_key(placing: Placing, links: &[Link<'_>]) -> Placing {
    let known = |link: &Link<'_>| matches!(link.wifi, Some((_, Some(Key::Known(_)))));
    if links.iter().any(known) {
        placing.secret()
    } else {
        placing.mode(0o600)
    }
}

fn keyfile(model: &Model, node: &Node, link: &Link<'_>, spec: &str) -> Placing {
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

fn dhcpcd(node: &Node, links: &[Link<'_>], spec: &str) -> Vec<(Placing, Option<SecretName>)> {
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
