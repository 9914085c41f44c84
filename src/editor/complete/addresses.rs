//! Addresses and networks that nothing uses yet.

use std::net::IpAddr;

use ipnet::IpNet;

use super::{Asking, CompletionKind, Offer};
use crate::editor::standing::Head;
use crate::model::{Model, Subnet};
use crate::schema::SettingSchema;
use crate::value::{self, AddressRange, Type, Val};

/// How many free addresses are offered.
const MOST: usize = 8;

impl Asking<'_> {
    /// Free addresses for a machine; the router and the name servers for what refers to them.
    pub(super) fn free_addresses(&self, parent: &str, setting: &SettingSchema) -> Vec<Offer> {
        let Some(model) = self.view.project.analysis.model.as_deref() else {
            return Vec::new();
        };
        let network = &model.cluster.network;
        match (parent, setting.name.as_str()) {
            ("node", "address") => self
                .subnets_of_node(model)
                .filter_map(|subnet| Some(subnet.lan.as_ref()?.value))
                .flat_map(|lan| self.for_machines(model, lan))
                .collect(),
            ("node", "address-ipv6") => self
                .subnets_of_node(model)
                .filter_map(|subnet| Some(subnet.lan_ipv6.as_ref()?.value))
                .flat_map(|lan| self.for_machines(model, lan))
                .collect(),
            ("network" | "subnet", "gateway") => self
                .subnet(model)
                .and_then(|subnet| subnet.lan.as_ref()?.value.hosts().next())
                .map(|first| offer(first, "the first address of `lan`"))
                .into_iter()
                .collect(),
            ("network" | "subnet", "dns") => self
                .subnet(model)
                .and_then(|subnet| subnet.gateway.as_ref())
                .map(|gateway| offer(gateway.value, "the gateway"))
                .into_iter()
                .collect(),
            ("interface", "gateway") => network
                .gateways()
                .map(|gateway| offer(gateway.value, "the gateway of the cluster's network"))
                .collect(),
            _ => Vec::new(),
        }
    }

    /// The subnet whose block is being written, else the first one.
    fn subnet<'m>(&self, model: &'m Model) -> Option<&'m Subnet> {
        let own = self.standing.around.last();
        let own = own.filter(|head| head.kind == "subnet");
        let mut all = model.cluster.network.subnets.iter();
        match own {
            Some(own) => all.find(|one| one.name.as_ref().is_some_and(|it| it.value == own.label)),
            None => all.next(),
        }
    }

    /// The subnet that the node's block names, else all of them.
    fn subnets_of_node<'m>(&'m self, model: &'m Model) -> impl Iterator<Item = &'m Subnet> {
        let named = self.standing.settings.get("subnet");
        let named = named.and_then(|values| values.first());
        let all = model.cluster.network.subnets.iter();
        all.filter(move |subnet| {
            let own = subnet.name.as_ref().map(|name| &name.value);
            named.is_none() || own == named
        })
    }

    /// One address for one machine; for several, a range with as many as there are machines.
    fn for_machines(&self, model: &Model, lan: IpNet) -> Vec<Offer> {
        // A block that is still to be written is one machine.
        let head = self.standing.around.last();
        let count = head.filter(|head| head.kind == "node").map_or(1, machines);
        let gaps = gaps(lan, model);
        let after = last_used(lan, model);
        // Behind the last machine first, then from the beginning.
        let later = gaps.iter().filter_map(|gap| {
            let first = after.map_or(gap.first, |last| gap.first.max(next(last)));
            (first <= gap.last).then_some(AddressRange {
                first,
                last: gap.last,
            })
        });
        let all: Vec<AddressRange> = later.chain(gaps.iter().copied()).collect();
        if count > 1 {
            let wide = all.iter().filter(|gap| gap.count() >= count);
            let ranges = wide.filter_map(|gap| {
                let last = gap.nth(count - 1)?;
                let first = gap.first;
                Some(offer(
                    AddressRange { first, last },
                    &format!("the next {count} free addresses"),
                ))
            });
            return ranges.take(2).collect();
        }
        let singles = all
            .iter()
            .flat_map(|gap| (0..gap.count().min(MOST as u128)).filter_map(|index| gap.nth(index)));
        singles
            .take(MOST)
            .enumerate()
            .map(|(place, address)| {
                let detail = match place {
                    0 => "the next free address",
                    _ => "free",
                };
                offer(address, detail)
            })
            .collect()
    }

    /// Networks for the cluster's own ranges that overlap nothing.
    pub(super) fn free_networks(&self, parent: &str, setting: &SettingSchema) -> Vec<Offer> {
        let name = setting.name.as_str();
        let model = self.view.project.analysis.model.as_deref();
        let (Some(model), "network", "pods" | "services") = (model, parent, name) else {
            return Vec::new();
        };
        let default = setting
            .default
            .as_ref()
            .and_then(|given| given.origin.span());
        let default = default.map(|span| self.shelf.text(span));
        let Some(Ok(Val::Cidr(like))) = default.map(|text| value::parse(Type::Cidr, text)) else {
            return Vec::new();
        };
        let mut found: Vec<IpNet> = Vec::new();
        while found.len() < 4
            && let Some(free) = crate::check::free_range(model, like, &found, Some(name))
        {
            found.push(free);
        }
        found
            .into_iter()
            .map(|net| offer(net, "overlaps nothing here"))
            .collect()
    }

    /// A range of the network for a load balancer: the last free addresses of the LAN.
    pub(super) fn free_ranges(&self, setting: &SettingSchema) -> Vec<Offer> {
        let Some(model) = self.view.project.analysis.model.as_deref() else {
            return Vec::new();
        };
        if setting.name != "load-balancer" {
            return Vec::new();
        }
        let lans = model.cluster.network.lans();
        let wide = lans.flat_map(|lan| gaps(lan.value, model).into_iter().rev());
        let wide = wide.map(|gap| {
            let from = gap.count().saturating_sub(POOL);
            let first = gap.nth(from).unwrap_or(gap.first);
            AddressRange {
                first,
                last: gap.last,
            }
        });
        wide.filter(|gap| gap.count() > 1)
            .take(2)
            .map(|range| offer(range, "free"))
            .collect()
    }
}

/// How many addresses a pool for services has at most, where one is offered.
const POOL: u128 = 16;

fn offer(value: impl std::fmt::Display, detail: &str) -> Offer {
    Offer::new(value.to_string(), CompletionKind::Value).detail(detail)
}

/// How many machines the label of a node block stands for.
fn machines(head: &Head) -> u128 {
    let Some((_, ranges)) = head.label.split_once('[') else {
        return 1;
    };
    let count = |piece: &str| {
        let number = |text: &str| text.trim().parse::<u128>().ok();
        match piece.split_once('-') {
            Some((first, last)) => number(last)?.checked_sub(number(first)?)?.checked_add(1),
            None => number(piece).map(|_| 1),
        }
    };
    let pieces = ranges.trim_end_matches(']').split(',').filter_map(count);
    pieces.fold(0, u128::saturating_add).max(1)
}

fn next(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(v4) => IpAddr::V4(u32::from(v4).saturating_add(1).into()),
        IpAddr::V6(v6) => IpAddr::V6(u128::from(v6).saturating_add(1).into()),
    }
}

/// The highest address of a machine in a network.
fn last_used(lan: IpNet, model: &Model) -> Option<IpAddr> {
    let nodes = model.nodes.iter();
    let own = nodes.flat_map(|node| [&node.address, &node.address_ipv6].into_iter().flatten());
    own.map(|address| address.value)
        .filter(|address| lan.contains(address))
        .max()
}

/// The addresses of a network that nothing in the spec uses, as ranges in order.
fn gaps(lan: IpNet, model: &Model) -> Vec<AddressRange> {
    let network = &model.cluster.network;
    let whole = AddressRange::from(lan);
    let nodes = model.nodes.iter();
    let machines = nodes.flat_map(|node| [&node.address, &node.address_ipv6].into_iter().flatten());
    let others = network.gateways().chain(network.name_servers());
    let endpoint = model.cluster.endpoint.iter();
    let endpoint = endpoint.filter_map(|endpoint| endpoint.value.address());
    let pools = network.pools().chain(&network.load_balancer);
    let mut taken: Vec<AddressRange> = machines
        .chain(others)
        .map(|address| AddressRange::from(address.value))
        .chain(endpoint.map(AddressRange::from))
        .chain(model.moving_address().map(|it| it.value.into()))
        .chain(pools.map(|pool| pool.value))
        // The first is the network itself, the last is for broadcasts.
        .chain([lan.network(), lan.broadcast()].map(AddressRange::from))
        .filter_map(|range| range.shared(&whole))
        .collect();
    taken.sort_by_key(|range| (range.first, range.last));
    let mut free = Vec::new();
    let mut from = whole.first;
    for range in taken {
        if range.first > from {
            let last = before(range.first);
            free.push(AddressRange { first: from, last });
        }
        from = from.max(next(range.last));
    }
    free
}

fn before(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(v4) => IpAddr::V4(u32::from(v4).saturating_sub(1).into()),
        IpAddr::V6(v6) => IpAddr::V6(u128::from(v6).saturating_sub(1).into()),
    }
}
