//! An interface with everything worked out: its address, its default route, its DNS servers, its key.

use std::net::IpAddr;

use ipnet::IpNet;

use super::secrets::Secrets;
use crate::model::{Bond, Interface, Model, Network, Node, Subnet, Vlan, Wifi};
use crate::origin::{Origin, Sourced};
use crate::value::SecretName;

/// An interface with everything worked out.
pub(super) struct Link<'a> {
    pub interface: &'a Interface,
    pub wifi: Option<(&'a Wifi, Option<Key>)>,
    pub address: Option<(Sourced<IpNet>, Origin)>,
    /// The address of the other family, in a cluster that has both.
    pub address_ipv6: Option<Sourced<IpNet>>,
    /// Why no router advertisement may give the machine another default route over IPv6.
    pub no_ipv6_route: Option<Origin>,
    pub dhcp: Option<Origin>,
    pub route: Option<Sourced<IpAddr>>,
    /// Why the default route is the one that comes with the address from DHCP.
    pub leased_route: Option<Origin>,
    /// The other subnets of the cluster, each with the router on the way there, where the default route leads elsewhere.
    pub beyond: Vec<Beyond>,
    pub dns: Vec<Sourced<IpAddr>>,
    pub mtu: Option<Sourced<i64>>,
    pub optional: Option<Sourced<bool>>,
    /// The bond that it is a member of, and where the spec says so.
    pub member_of: Option<Sourced<String>>,
}

impl Link<'_> {
    /// What kind of interface it is.
    pub fn kind(&self) -> LinkKind<'_> {
        let interface = self.interface;
        match (&interface.vlan, &interface.bond, &self.wifi) {
            (Some(vlan), _, _) => LinkKind::Vlan(vlan),
            (_, Some(bond), _) => LinkKind::Bond(bond),
            (_, _, Some((wifi, key))) => LinkKind::Wifi(wifi, key.as_ref()),
            (None, None, None) => LinkKind::Wired,
        }
    }

    /// Where the spec sets how the device is identified.
    pub fn found_by(&self) -> Vec<Origin> {
        let mac = self.interface.mac.iter().map(|mac| mac.origin.clone());
        let driver = self.interface.driver.iter();
        mac.chain(driver.map(|driver| driver.origin.clone()))
            .collect()
    }
}

/// A network, and the router on the way there.
pub(super) struct Beyond {
    pub net: Sourced<IpNet>,
    pub via: Sourced<IpAddr>,
}

/// What kind of interface it is.
pub(super) enum LinkKind<'a> {
    Wired,
    Wifi(&'a Wifi, Option<&'a Key>),
    Vlan(&'a Vlan),
    Bond(&'a Bond),
}

/// The key of a Wi-Fi network, or what is missing for it.
pub(super) enum Key {
    Known(Sourced<String>),
    Lacking(SecretName),
}

pub(super) fn lacking(link: &Link<'_>) -> Option<SecretName> {
    match &link.wifi {
        Some((_, Some(Key::Lacking(secret)))) => Some(secret.clone()),
        _ => None,
    }
}

pub(super) fn link<'a>(
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
    let subnet = network.of(node)?;
    let lan = subnet.lan.as_ref()?;
    let own = if is_cluster {
        node.address.as_ref()
    } else {
        interface.address.as_ref()
    };
    let near = near(network, subnet, own.filter(|_| !is_cluster));
    let address = own.map(|address| with_prefix(address, near.lan.as_ref().unwrap_or(lan)));
    let second = network.ipv6.as_ref();
    let both = second.filter(|_| is_cluster);
    let address_ipv6 = both.and_then(|_| address_ipv6(node, subnet));
    let elsewhere = node
        .settings
        .interfaces
        .iter()
        .any(|other| other.default_route.as_ref().is_some_and(|on| on.value));
    let leaves_here = match &interface.default_route {
        Some(route) => route.value,
        None => is_cluster && !elsewhere,
    };
    let no_ipv6_route = second
        .filter(|_| !leaves_here)
        .map(|ipv6| Origin::Written(ipv6.head));
    let router = own.and_then(|own| match is_cluster {
        true => Some(subnet),
        false => network.holding(own.value),
    });
    let route = leaves_here
        .then(|| route(node, router, interface))
        .flatten();
    let beyond = match (is_cluster, &route) {
        (true, None) => beyond(network, node, subnet),
        _ => Vec::new(),
    };
    let member_of = member_of(node, interface);
    let dhcp = dhcp(node, interface, address.is_some() || member_of.is_some());
    let leased_route = dhcp.as_ref().filter(|_| leaves_here && route.is_none());
    let leased_route = leased_route.map(|dhcp| leased(interface, dhcp));
    let wifi = interface
        .wifi
        .as_ref()
        .map(|wifi| (wifi, key(wifi, secrets)));
    Some(Link {
        dns: if is_cluster {
            subnet.dns.clone()
        } else {
            Vec::new()
        },
        mtu: match is_cluster {
            true => network.mtu(node).cloned(),
            false => interface.mtu.clone(),
        },
        optional: optional(interface, is_cluster),
        interface,
        wifi,
        address,
        address_ipv6,
        no_ipv6_route,
        dhcp,
        route,
        leased_route,
        beyond,
        member_of,
    })
}

/// The node's address of the other family.
fn address_ipv6(node: &Node, subnet: &Subnet) -> Option<Sourced<IpNet>> {
    let (own, lan) = (node.address_ipv6.as_ref()?, subnet.lan_ipv6.as_ref()?);
    let origin = Origin::derived(
        "the address, with the prefix of its network",
        [own.origin.clone(), lan.origin.clone()],
    );
    let net = IpNet::new(own.value, lan.value.prefix_len()).ok()?;
    Some(Sourced::new(net, origin))
}

/// Why an interface asks for an address by DHCP, if it does: without one of its own it asks, unless it `needs_none`.
fn dhcp(node: &Node, interface: &Interface, needs_none: bool) -> Option<Origin> {
    let carries = || node.settings.carries_vlan(&interface.name.value);
    match &interface.dhcp {
        Some(dhcp) if dhcp.value => Some(dhcp.origin.clone()),
        Some(_) => None,
        None if needs_none || carries() => None,
        None => Some(interface.name.origin.clone()),
    }
}

/// Why the default route is the one that comes with the address from DHCP.
fn leased(interface: &Interface, dhcp: &Origin) -> Origin {
    let asked = interface.default_route.iter();
    let from = asked.map(|route| route.origin.clone());
    Origin::derived(
        "the default route comes with the address",
        from.chain([dhcp.clone()]),
    )
}

/// The default route, for the interface that has it: by the router of the subnet that an address of this interface is in.
fn route(node: &Node, subnet: Option<&Subnet>, interface: &Interface) -> Option<Sourced<IpAddr>> {
    let of_subnet = || subnet?.gateway.as_ref();
    let gateway = interface.gateway.as_ref().or_else(of_subnet);
    gateway.map(|gateway| {
        let mut from = vec![gateway.origin.clone()];
        let asked = interface.default_route.iter();
        from.extend(asked.map(|route| route.origin.clone()));
        let named = node.settings.subnet.iter();
        from.extend(named.map(|subnet| subnet.origin.clone()));
        Sourced::new(
            gateway.value,
            Origin::derived("the default route goes to the router", from),
        )
    })
}

/// The routes to the other subnets, through the router of the machine's own; to those that another interface of the machine is in,
/// the kernel has one.
fn beyond(network: &Network, node: &Node, own: &Subnet) -> Vec<Beyond> {
    let (Some(gateway), Some(home)) = (&own.gateway, &own.lan) else {
        return Vec::new();
    };
    let reached = |lan: &IpNet| {
        let mut interfaces = node.settings.interfaces.iter();
        interfaces.any(|one| {
            let address = one.address.as_ref();
            address.is_some_and(|address| lan.contains(&address.value))
        })
    };
    let others = network
        .lans()
        .filter(|lan| lan.value != home.value && !reached(&lan.value));
    let one = |lan: &Sourced<IpNet>| {
        let named = node.settings.subnet.iter();
        let named = named.map(|subnet| subnet.origin.clone());
        let from = [lan.origin.clone(), gateway.origin.clone()];
        let from = from.into_iter().chain(named);
        let why =
            "the default route leads elsewhere, and the subnet's own router leads to the others";
        let origin = Origin::derived(why, from);
        Beyond {
            net: Sourced::new(lan.value, origin.clone()),
            via: Sourced::new(gateway.value, origin),
        }
    };
    others.map(one).collect()
}

/// The bond that an interface is a member of.
fn member_of(node: &Node, interface: &Interface) -> Option<Sourced<String>> {
    let name = interface.name.value.as_str();
    node.settings.interfaces.iter().find_map(|one| {
        let mut members = one.bond.iter().flat_map(|bond| &bond.members);
        let member = members.find(|member| member.value == name)?;
        Some(Sourced::new(one.name.value.clone(), member.origin.clone()))
    })
}

/// The subnet that another interface's address lies in, else the machine's own.
fn near<'a>(network: &'a Network, own: &'a Subnet, other: Option<&Sourced<IpAddr>>) -> &'a Subnet {
    let holding = other.and_then(|address| network.holding(address.value));
    holding.unwrap_or(own)
}

/// An address with the prefix of its network, and why it is that.
fn with_prefix(address: &Sourced<IpAddr>, lan: &Sourced<IpNet>) -> (Sourced<IpNet>, Origin) {
    // Another interface's network may not be described: its address then gets the prefix of an ordinary network.
    let length = match address.value {
        it if lan.value.contains(&it) => lan.value.prefix_len(),
        IpAddr::V4(_) => 24,
        IpAddr::V6(_) => 64,
    };
    let origin = Origin::derived(
        "the address, with the prefix of its network",
        [address.origin.clone(), lan.origin.clone()],
    );
    let net = IpNet::new(address.value, length).unwrap_or_else(|_| IpNet::from(address.value));
    (Sourced::new(net, origin.clone()), origin)
}

/// The key of a Wi-Fi network, if its passphrase is known.
fn key(wifi: &Wifi, secrets: &mut Secrets<'_>) -> Option<Key> {
    wifi.passphrase
        .as_ref()
        .zip(wifi.ssid.as_ref())
        .map(
            |(secret, ssid)| match secrets.wifi_key(&secret.value, &ssid.value) {
                Some(key) => Key::Known(Sourced::new(
                    key,
                    Origin::secret([Origin::derived(
                        "the key that WPA2 derives from passphrase and network name",
                        [secret.origin.clone(), ssid.origin.clone()],
                    )]),
                )),
                None => Key::Lacking(secret.value.clone()),
            },
        )
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
