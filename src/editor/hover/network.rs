//! What there is to say about addresses, networks and ranges: how many there are, and what uses them.

use std::net::IpAddr;

use ipnet::IpNet;

use crate::model::{Model, Network, Node};
use crate::origin::Sourced;
use crate::value::AddressRange;

/// About a network that is the value of a setting.
pub(super) fn network(net: IpNet, key: &str, parent: &str, model: Option<&Model>) -> String {
    let range = AddressRange::from(net);
    let mut text = format!(
        "`{net}`: {}, from {} to {}\n",
        count(&range),
        range.first,
        range.last
    );
    let Some(model) = model else {
        return text;
    };
    let machines = model.nodes.len();
    let network = &model.cluster.network;
    match key {
        "pods" if parent == "network" => {
            if let Some(prefix) = &network.node_prefix
                && let Some(shares) = shares(net, prefix.value)
            {
                text.push_str(&format!(
                    "\n- {shares} machines fit: each gets a /{} (`node-prefix`)\n- {machines} of these are used",
                    prefix.value
                ));
            }
        }
        "lan" => {
            let within = |address: Option<&Sourced<IpAddr>>| {
                address.is_some_and(|address| range.contains(address.value))
            };
            let own =
                |node: &&Node| within(node.address.as_ref()) || within(node.address_ipv6.as_ref());
            let own = model.nodes.iter().filter(own).count();
            text.push_str(&format!("\n- machines with an address in it: {own}"));
            for (name, pool) in pools(network) {
                if let Some(shared) = pool.value.shared(&range) {
                    text.push_str(&format!("\n- `{name}`: {}", count(&shared)));
                }
            }
        }
        _ => {}
    }
    text
}

/// About a range of addresses; for one that machines get their addresses from, who gets which.
pub(super) fn range(range: &AddressRange, model: Option<&Model>) -> String {
    let mut text = format!("`{range}`: {}\n", count(range));
    let machines = model.map_or(&[][..], |model| &model.nodes);
    let mut inside = machines.iter().filter_map(|node| {
        let mut own = [&node.address, &node.address_ipv6].into_iter().flatten();
        let address = own.find(|address| range.contains(address.value))?;
        Some((&node.name.value, address.value))
    });
    for (name, address) in inside.by_ref().take(MOST) {
        text.push_str(&format!("\n- {address}: `{name}`"));
    }
    let more = inside.count();
    if more > 0 {
        text.push_str(&format!("\n- and {more} more machines"));
    }
    text
}

/// How many machines a text lists.
const MOST: usize = 16;

/// About an address.
pub(super) fn address(address: IpAddr, model: Option<&Model>) -> String {
    let mut text = format!("`{address}`\n");
    let Some(model) = model else {
        return text;
    };
    let has = |own: &Option<Sourced<IpAddr>>| own.as_ref().is_some_and(|own| own.value == address);
    for node in &model.nodes {
        if has(&node.address) || has(&node.address_ipv6) {
            text.push_str(&format!("\n- the address of machine `{}`", node.name.value));
        }
    }
    let network = &model.cluster.network;
    let is = |own: &Sourced<IpAddr>| own.value == address;
    if network.gateways().any(is) {
        text.push_str("\n- the gateway");
    }
    if network.name_servers().any(is) {
        text.push_str("\n- a name server");
    }
    if let Some(subnet) = network.holding(address)
        && let Some(lan) = subnet
            .lan
            .as_ref()
            .filter(|lan| lan.value.contains(&address))
    {
        text.push_str(&format!("\n- in `lan` ({}){}", lan.value, subnet.whose()));
    }
    for (name, pool) in pools(network) {
        if pool.value.contains(address) {
            text.push_str(&format!("\n- in `{name}` ({})", pool.value));
        }
    }
    text
}

/// The ranges that are handed out, each with its setting.
fn pools(network: &Network) -> impl Iterator<Item = (&'static str, &Sourced<AddressRange>)> {
    let leased = network.pools().map(|pool| ("dhcp", pool));
    let services = network.load_balancer.iter();
    leased.chain(services.map(|pool| ("load-balancer", pool)))
}

/// How many pieces with a prefix of this length a network has.
fn shares(net: IpNet, prefix: i64) -> Option<u64> {
    let longer = u32::try_from(prefix - i64::from(net.prefix_len())).ok()?;
    (prefix <= i64::from(net.max_prefix_len())).then(|| 1_u64.checked_shl(longer))?
}

/// "65536 addresses"; more than anyone counts are a power of two.
fn count(range: &AddressRange) -> String {
    match range.count() {
        1 => "1 address".to_owned(),
        number if number < 1 << 32 => format!("{number} addresses"),
        number => format!("about 2^{} addresses", number.ilog2()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_of_a_network_are_counted() {
        let net = |text: &str| text.parse::<IpNet>().expect("a network");
        assert_eq!(shares(net("10.244.0.0/16"), 24), Some(256));
        assert_eq!(shares(net("10.244.0.0/16"), 16), Some(1));
        assert_eq!(shares(net("10.244.0.0/16"), 12), None);
        assert_eq!(shares(net("10.244.0.0/16"), 64), None);
        assert_eq!(shares(net("::/0"), 128), None);
    }
}
