//! The networks that the machines are in, and which machine is in which.

use std::net::IpAddr;

use ipnet::IpNet;

use super::machine::Node;
use super::types::Network;
use crate::declare;
use crate::diagnostic::suggest::Patience;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::origin::Sourced;
use crate::schema::{Entity, Schema, View};
use crate::source::Span;
use crate::value::{AddressRange, Val};

declare! {
    /// A `network` block either describes the one network that all machines are in, with `lan`, `gateway`, `dns` and `dhcp`, or has
    /// a `subnet` block for each of several. With both it would be unclear what a machine outside all subnets gets.
    ///
    /// ```pik fails
    /// network {
    ///   gateway = 192.168.11.1
    ///   subnet home { lan = 192.168.11.0/24, gateway = 192.168.11.1, dns = [192.168.11.1] }
    /// }
    /// ```
    ///
    /// ```pik
    /// network {
    ///   subnet home { lan = 192.168.11.0/24, gateway = 192.168.11.1, dns = [192.168.11.1] }
    /// }
    /// ```
    pub static BOTH = {
        code: "network/lan-and-subnets",
        since: "0.1.0",
        severity: Error,
        title: "a network with subnets and a LAN of its own",
        help: "move the setting into a `subnet` block, or delete it",
        sources: ["docs/language.md"],
    }

    /// A machine names its subnet by the label of a `subnet` block of `network`. It can leave that out: the subnet is then the one
    /// that its address lies in.
    ///
    /// ```pik fails
    /// network {
    ///   subnet home { lan = 192.168.11.0/24, gateway = 192.168.11.1, dns = [192.168.11.1] }
    /// }
    /// profile pi { subnet = house }
    /// ```
    ///
    /// ```pik
    /// network {
    ///   subnet home { lan = 192.168.11.0/24, gateway = 192.168.11.1, dns = [192.168.11.1] }
    /// }
    /// profile pi { subnet = home }
    /// ```
    pub static UNKNOWN = {
        code: "node/unknown-subnet",
        since: "0.1.0",
        severity: Error,
        title: "a subnet that does not exist",
        help: "write a `subnet` block of that name in `network`",
        sources: ["docs/language.md"],
    }
}

/// The MTU of Ethernet and Wi-Fi that no one has changed.
pub const USUAL_MTU: i64 = 1500;

/// A network that machines are in.
#[derive(Clone, Debug, Default)]
pub struct Subnet {
    /// Its name; none for the one that `network` itself describes.
    pub name: Option<Sourced<String>>,
    /// Its addresses.
    pub lan: Option<Sourced<IpNet>>,
    /// Its IPv6 addresses, in a cluster with both families.
    pub lan_ipv6: Option<Sourced<IpNet>>,
    /// Its router.
    pub gateway: Option<Sourced<IpAddr>>,
    /// The name servers of its machines.
    pub dns: Vec<Sourced<IpAddr>>,
    /// The router's DHCP pool.
    pub dhcp: Option<Sourced<AddressRange>>,
    /// The largest packet that it carries.
    pub mtu: Option<Sourced<i64>>,
    /// The region of its machines.
    pub region: Option<Sourced<String>>,
    /// The failure zone of its machines.
    pub zone: Option<Sourced<String>>,
}

impl Subnet {
    /// " of `rack1`"; nothing for the one network of a cluster without subnets.
    pub fn whose(&self) -> String {
        let name = self.name.as_ref();
        name.map_or_else(String::new, |name| format!(" of `{}`", name.value))
    }

    /// Whether an address lies in it.
    pub fn contains(&self, address: IpAddr) -> bool {
        let lans = self.lan.iter().chain(&self.lan_ipv6);
        lans.into_iter().any(|lan| lan.value.contains(&address))
    }
}

impl Network {
    /// Whether it has `subnet` blocks.
    pub fn has_subnets(&self) -> bool {
        self.subnets.iter().any(|subnet| subnet.name.is_some())
    }

    /// Whether there is a router between some machines.
    pub fn is_routed(&self) -> bool {
        self.subnets.len() > 1
    }

    /// The network that a machine is in.
    pub fn of(&self, node: &Node) -> Option<&Subnet> {
        self.subnets.get(node.subnet?)
    }

    /// The network that an address lies in.
    pub fn holding(&self, address: IpAddr) -> Option<&Subnet> {
        self.subnets.iter().find(|subnet| subnet.contains(address))
    }

    /// The largest packet on a machine's way to the cluster, if the spec says so: what its interface sets, else what its subnet does.
    pub fn mtu<'a>(&'a self, node: &'a Node) -> Option<&'a Sourced<i64>> {
        let own = node.settings.cluster_interface()?.mtu.as_ref();
        own.or_else(|| self.of(node)?.mtu.as_ref())
    }

    /// The networks' addresses.
    pub fn lans(&self) -> impl Iterator<Item = &Sourced<IpNet>> + Clone {
        self.subnets.iter().filter_map(|subnet| subnet.lan.as_ref())
    }

    /// The networks' IPv6 addresses.
    pub fn lans_ipv6(&self) -> impl Iterator<Item = &Sourced<IpNet>> + Clone {
        self.subnets.iter().filter_map(|one| one.lan_ipv6.as_ref())
    }

    /// All routers.
    pub fn gateways(&self) -> impl Iterator<Item = &Sourced<IpAddr>> + Clone {
        self.subnets.iter().filter_map(|one| one.gateway.as_ref())
    }

    /// All name servers; one that several subnets use is that of the first of them.
    pub fn name_servers(&self) -> impl Iterator<Item = &Sourced<IpAddr>> + Clone {
        self.subnets.iter().enumerate().flat_map(|(index, subnet)| {
            let earlier = self.subnets.get(..index).unwrap_or_default();
            let known = |server: &IpAddr| {
                let mut all = earlier.iter().flat_map(|subnet| &subnet.dns);
                all.any(|other| other.value == *server)
            };
            subnet.dns.iter().filter(move |one| !known(&one.value))
        })
    }

    /// What the routers lease.
    pub fn pools(&self) -> impl Iterator<Item = &Sourced<AddressRange>> + Clone {
        self.subnets.iter().filter_map(|one| one.dhcp.as_ref())
    }
}

/// The networks of a `network` block. `lan_ipv6` is that of its `ipv6` block.
pub(super) fn subnets(
    network: Option<&Entity>,
    lan_ipv6: Option<Sourced<IpNet>>,
    spec: &Schema,
    out: &mut Diagnostics,
) -> Vec<Subnet> {
    let (Some(own), Some(inner)) = (spec.blocks.get("network"), spec.blocks.get("subnet")) else {
        return Vec::new();
    };
    let blocks: Vec<&Entity> = network
        .iter()
        .flat_map(|network| network.children("subnet"))
        .collect();
    let (Some(network), Some(first)) = (network, blocks.first()) else {
        let subnet = subnet(View::new(network, own), None);
        return vec![Subnet { lan_ipv6, ..subnet }];
    };
    let ipv6 = network.child("ipv6").into_iter();
    let both = std::iter::once(network).chain(ipv6);
    let both = both.flat_map(|block| block.settings.iter().map(move |one| (block, one)));
    for (block, (name, given)) in both {
        let schema = spec.blocks.get(&block.kind);
        let setting = schema.and_then(|schema| schema.settings.get(name));
        if setting.is_none_or(|setting| setting.replaced_by.as_deref() != Some("subnet")) {
            continue;
        }
        let message = format!(
            "`{}` has subnets and sets `{name}` for all of them",
            block.kind
        );
        let instead = match block.kind.as_str() {
            "ipv6" => "write it as `lan-ipv6` of each `subnet` block",
            _ => BOTH.help,
        };
        out.push(
            Diagnostic::new(&BOTH, message)
                .label(given.key, "nothing uses this")
                .label(first.head, "each subnet has its own")
                .help(instead)
                .choice(|it| it.remove(format!("leave `{name}` out"), &given.origin)),
        );
    }
    let named = |block: &&Entity| subnet(View::new(Some(block), inner), block.named());
    let mut all: Vec<Subnet> = Vec::new();
    for subnet in blocks.iter().map(named) {
        // A second one of a name is reported as such.
        let name = |one: &Subnet| one.name.as_ref().map(|name| name.value.clone());
        if all.iter().all(|known| name(known) != name(&subnet)) {
            all.push(subnet);
        }
    }
    all
}

fn subnet(view: View<'_>, name: Option<Sourced<String>>) -> Subnet {
    let address = |found: Sourced<&Val>| match found.value {
        Val::Address(address) => Some(Sourced::new(*address, found.origin)),
        _ => None,
    };
    Subnet {
        name,
        lan: view.cidr("lan"),
        lan_ipv6: view.cidr("lan-ipv6"),
        gateway: view.address("gateway"),
        dns: view.many("dns").into_iter().filter_map(address).collect(),
        dhcp: view.range("dhcp"),
        mtu: view.integer("mtu"),
        region: view.text("region"),
        zone: view.text("zone"),
    }
}

/// Finds the network of each machine: the one that it names, else the one that its address lies in.
pub(super) fn settle(network: &Network, nodes: &mut [Node], out: &mut Diagnostics) {
    let mut told: Vec<Option<Span>> = Vec::new();
    let mut patience = Patience::default();
    for node in nodes {
        let Some(asked) = &node.settings.subnet else {
            node.subnet = by_address(network, node);
            continue;
        };
        let is = |subnet: &Subnet| {
            subnet
                .name
                .as_ref()
                .is_some_and(|it| it.value == asked.value)
        };
        node.subnet = network.subnets.iter().position(is);
        let place = asked.origin.span();
        if node.subnet.is_some() || told.contains(&place) {
            continue;
        }
        told.push(place);
        let names = || network.subnets.iter().filter_map(|one| one.name.as_ref());
        let message = format!("there is no subnet `{}`", asked.value);
        let finding = Diagnostic::new(&UNKNOWN, message).label(asked, "of no `subnet` block");
        let known = names().map(|name| name.value.as_str());
        out.push(match patience.nearest(&asked.value, known) {
            Some(meant) => finding
                .help(format!("did you mean `{meant}`?"))
                .choice(|it| it.write(&asked.origin, meant)),
            None => finding.choice(|it| it.remove("leave `subnet` out", &asked.origin)),
        });
    }
}

/// The only network, else the only one that the machine's address lies in.
fn by_address(network: &Network, node: &Node) -> Option<usize> {
    if !network.has_subnets() {
        return (!network.subnets.is_empty()).then_some(0);
    }
    let address = node.address.as_ref()?.value;
    let mut all = (0..network.subnets.len()).filter(|index| {
        let subnet = network.subnets.get(*index);
        subnet.is_some_and(|subnet| subnet.contains(address))
    });
    all.next().filter(|_| all.next().is_none())
}
