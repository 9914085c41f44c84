//! The ranges and addresses of the cluster: what is written, and what has to be worked out from it.

use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

use ipnet::{IpNet, Ipv4Net, Ipv6Net};

use super::machines::Machine;
use super::report::Place;
use super::spec::Value;
use super::{Import, address};

/// A range, and where it is written.
type Placed = (IpNet, Place);

impl Import {
    pub(super) fn network(&mut self) {
        let (pods4, pods6) = self.families(true);
        let (services4, services6) = self.families(false);
        if let Some((net, place)) = pods4.clone() {
            self.put(&["network"], "pods", net.to_string(), place);
        } else {
            self.no_pods(pods6.as_ref().map(|(_, place)| place.clone()));
        }
        if let Some((net, place)) = services4
            && net.to_string() != "10.96.0.0/12"
        {
            self.put(&["network"], "services", net.to_string(), place);
        }
        let ipv4 = |machine: &Machine| match machine.address {
            Some((IpAddr::V4(address), _)) => Some(address),
            _ => None,
        };
        let mut addresses: Vec<Ipv4Addr> = self.machines.iter().filter_map(ipv4).collect();
        // It is in the LAN, too, and no one else may have it.
        addresses.extend(self.moving_ipv4());
        let lan = self.lan(&addresses);
        self.gateway(lan, &addresses);
        self.ipv6(pods6, services6);
        self.addresses(lan);
    }

    /// The address that moves between the control planes.
    fn moving_ipv4(&self) -> Option<Ipv4Addr> {
        match self.cluster.block("vip")?.get("address")? {
            Value::One(text) => text.parse().ok(),
            Value::Many(_) => None,
        }
    }

    /// The range of either family; a second one of a family is lost.
    fn families(&mut self, pods: bool) -> (Option<Placed>, Option<Placed>) {
        let all = match pods {
            true => std::mem::take(&mut self.pods),
            false => std::mem::take(&mut self.services),
        };
        let (mut ipv4, mut ipv6) = (None, None);
        for (net, place) in all {
            let own: &mut Option<Placed> = if net.addr().is_ipv4() {
                &mut ipv4
            } else {
                &mut ipv6
            };
            match own {
                Some((other, _)) if *other != net => {
                    self.report
                        .lost(place, "a spec has one range of each family");
                }
                Some(_) => {}
                None => *own = Some((net, place)),
            }
        }
        (ipv4, ipv6)
    }

    fn no_pods(&mut self, ipv6: Option<Place>) {
        let first = self.cluster.places().into_iter().next();
        if let Some(place) = ipv6.or(first) {
            let place = Place::new(&place.file, place.line, "networking.podSubnet");
            let why = "no file has a range of IPv4 addresses for pods; the spec has the default of pikc, 10.244.0.0/16";
            self.report.lost(place, why);
        }
        let note = "guessed: no file has a pod range";
        self.cluster
            .at(&["network"])
            .guess("pods", "10.244.0.0/16", Some(note));
        self.report.fill(
            "`pods` of `network`",
            "the pod range of a running cluster is in the CNI's own configuration, and cannot be changed",
        );
    }

    fn lan(&mut self, addresses: &[Ipv4Addr]) -> Ipv4Net {
        let network = self.cluster.at(&["network"]);
        let usual = ["192.168.1.0/24", "10.0.0.0/24", "172.16.0.0/24"];
        let ranges: Vec<Ipv4Net> = [network.get("pods"), network.get("services")]
            .into_iter()
            .flatten()
            .filter_map(|value| match value {
                Value::One(text) => text.parse().ok(),
                Value::Many(_) => None,
            })
            .collect();
        let free = |net: &Ipv4Net| {
            ranges
                .iter()
                .all(|own| !own.contains(net) && !net.contains(own))
        };
        let (lan, why) = match addresses.first() {
            Some(first) => {
                let holds = |net: &Ipv4Net| addresses.iter().all(|one| net.contains(one));
                let lan = (0..=24)
                    .rev()
                    .filter_map(|prefix| Ipv4Net::new(*first, prefix).ok())
                    .map(|net| net.trunc())
                    .find(holds)
                    .unwrap_or_default();
                (
                    lan,
                    "guessed: the smallest usual network that holds all machines",
                )
            }
            None => {
                let endpoint = match self.cluster.get("endpoint") {
                    Some(Value::One(text)) => host_of(text),
                    _ => None,
                };
                match endpoint {
                    Some(IpAddr::V4(at)) => {
                        let net = Ipv4Net::new(at, 24).map(|net| net.trunc());
                        (
                            net.unwrap_or_default(),
                            "guessed: the network of the endpoint",
                        )
                    }
                    _ => {
                        let nets = usual.iter().filter_map(|text| text.parse().ok());
                        let net = nets.into_iter().find(free).unwrap_or_default();
                        (net, "guessed: no file has an address of a machine")
                    }
                }
            }
        };
        let block = self.cluster.at(&["network"]);
        block.guess("lan", lan.to_string(), Some(why));
        self.report.fill(
            "`lan` of `network`",
            "the network of the machines, as the router has it: the files have addresses only",
        );
        lan
    }

    fn gateway(&mut self, lan: Ipv4Net, addresses: &[Ipv4Addr]) {
        let endpoint = match self.cluster.get("endpoint") {
            Some(Value::One(text)) => host_of(text),
            _ => None,
        };
        let free = |at: &Ipv4Addr| !addresses.contains(at) && endpoint != Some(IpAddr::V4(*at));
        let first = lan.hosts().find(free).unwrap_or(lan.network()).to_string();
        let block = self.cluster.at(&["network"]);
        block.guess(
            "gateway",
            first.clone(),
            Some("guessed: the first free address"),
        );
        let dns = Value::Many(vec![(first, None)]);
        if block.get("dns").is_none() {
            block.guess("dns", dns, Some("guessed: the router answers for names"));
            self.report
                .fill("`dns` of `network`", "the name servers of the machines");
        }
        self.report
            .fill("`gateway` of `network`", "the router of the machines");
    }

    fn ipv6(&mut self, pods: Option<(IpNet, Place)>, services: Option<(IpNet, Place)>) {
        let both = match (pods, services) {
            (Some(pods), Some(services)) => (pods, services),
            (None, None) => {
                let own = self
                    .machines
                    .iter_mut()
                    .filter_map(|one| one.address_ipv6.take());
                for (_, place) in own {
                    let why =
                        "the cluster has no IPv6 ranges, so its machines need no IPv6 address";
                    self.report.lost(place, why);
                }
                return;
            }
            (Some((_, place)), None) | (None, Some((_, place))) => {
                let why = "a spec has IPv6 ranges for pods and for services, or neither";
                self.report.lost(place, why);
                for machine in &mut self.machines {
                    machine.address_ipv6 = None;
                }
                return;
            }
        };
        let first = self
            .machines
            .iter()
            .find_map(|one| match &one.address_ipv6 {
                Some((IpAddr::V6(at), _)) => Some(*at),
                _ => None,
            });
        let lan = match first.and_then(|at| Ipv6Net::new(at, 64).ok()) {
            Some(net) => net.trunc().to_string(),
            None => "fd00:11::/64".to_owned(),
        };
        self.report
            .fill("`lan` of `ipv6`", "the IPv6 network of the machines");
        let block = self.cluster.at(&["network", "ipv6"]);
        block.guess(
            "lan",
            lan.clone(),
            Some("guessed: the usual length of a network"),
        );
        let ((pods, from), (services, at)) = both;
        self.put(&["network", "ipv6"], "pods", pods.to_string(), from);
        self.put(&["network", "ipv6"], "services", services.to_string(), at);
        let Ok(net) = lan.parse::<Ipv6Net>() else {
            return;
        };
        for (number, machine) in (0x10_u128..).zip(&mut self.machines) {
            if machine.address_ipv6.is_none() {
                let at = std::net::Ipv6Addr::from(u128::from(net.network()) + number);
                machine.address_ipv6 = Some((IpAddr::V6(at), Place::new(&Arc::from(""), 0, "")));
                let name = machine.name.as_ref().map_or("", |(name, _)| name.as_str());
                let what = format!("`address-ipv6` of node `{name}`");
                self.report.fill(what, "no file has one");
            }
        }
    }

    /// An address for each machine without one.
    pub(super) fn addresses(&mut self, lan: Ipv4Net) {
        let mut taken: BTreeSet<Ipv4Addr> = self.moving_ipv4().into_iter().collect();
        for machine in &self.machines {
            if let Some((IpAddr::V4(at), _)) = machine.address {
                taken.insert(at);
            }
        }
        // The first ones are often the router's and its leases.
        let mut free = lan.hosts().skip(9).filter(|at| !taken.contains(at));
        for machine in &mut self.machines {
            if machine.address.is_none() {
                let at = free.next().unwrap_or(lan.network());
                machine.address = Some((IpAddr::V4(at), Place::new(&Arc::from(""), 0, "")));
                let name = machine.name.as_ref().map_or("", |(name, _)| name.as_str());
                let what = format!("`address` of node `{name}`");
                self.report.fill(what, "no file has one");
            }
        }
    }
}

pub(super) fn host_of(endpoint: &str) -> Option<IpAddr> {
    let host = endpoint.rsplit_once(':').map_or(endpoint, |(host, _)| host);
    address(endpoint).or_else(|| address(host))
}
