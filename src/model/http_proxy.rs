//! The HTTP proxy, and what is reached without it.

use std::net::IpAddr;

use ipnet::IpNet;

use super::carried::Target;
use super::types::Model;
use crate::origin::{Origin, Sourced};
use crate::schema::View;
use crate::source::Span;

/// The `http-proxy` block.
#[derive(Clone, Debug)]
pub struct HttpProxy {
    /// Where its block begins.
    pub head: Span,
    /// The proxy for `http://` addresses.
    pub http: Option<Sourced<String>>,
    /// The proxy for `https://` addresses; as written, else the other one.
    pub https: Option<Sourced<String>>,
    /// What the spec lists in addition to what is derived.
    pub no_proxy: Vec<Sourced<String>>,
}

impl HttpProxy {
    pub(super) fn read(head: Span, view: &View<'_>) -> Self {
        let http = view.url("http");
        let same = |http: &Sourced<String>| {
            let origin = Origin::derived("the same proxy as for http", [http.origin.clone()]);
            Sourced::new(http.value.clone(), origin)
        };
        Self {
            head,
            https: view.url("https").or_else(|| http.as_ref().map(same)),
            http,
            no_proxy: view.texts("no-proxy"),
        }
    }

    /// The hosts of the proxies, each once.
    pub fn hosts(&self) -> Vec<(&str, &Sourced<String>)> {
        let mut found: Vec<(&str, &Sourced<String>)> = Vec::new();
        for url in [&self.http, &self.https].into_iter().flatten() {
            let host = url_host(&url.value);
            if !found.iter().any(|(known, _)| *known == host) {
                found.push((host, url));
            }
        }
        found
    }
}

/// The host in a URL, without a port and brackets; empty for a file's.
pub fn url_host(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let host = rest.split('/').next().unwrap_or_default();
    match host.strip_prefix('[') {
        Some(inside) => inside.split(']').next().unwrap_or_default(),
        None => host.split(':').next().unwrap_or_default(),
    }
}

/// Whose an exemption is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Whose {
    /// Every program's that reads such lists.
    Everyone,
    /// A machine's name: a new machine adds one. The container runtime asks registries and not machines, so it is not told, and does
    /// not restart for it.
    Machine,
    /// The spec lists it.
    Listed,
}

/// Something that is reached without the proxy.
#[derive(Clone, Debug)]
pub struct Exemption {
    /// The entry, as `no_proxy` has it.
    pub text: String,
    /// What it is, for people.
    pub what: String,
    /// Where it comes from.
    pub origin: Origin,
    /// Whose it is.
    pub whose: Whose,
}

impl Exemption {
    /// Whether it covers a host or an address, as Go reads it.
    pub fn covers(&self, host: &str) -> bool {
        covers(&self.text, host)
    }
}

fn covers(entry: &str, host: &str) -> bool {
    let address: Option<IpAddr> = host.parse().ok();
    if let (Some(address), Ok(net)) = (address, entry.parse::<IpNet>()) {
        return net.contains(&address);
    }
    if let (Some(address), Ok(own)) = (address, entry.parse::<IpAddr>()) {
        return address == own;
    }
    if address.is_some() {
        return false;
    }
    match entry.strip_prefix('.') {
        Some(_) => host.ends_with(entry),
        None => {
            let below = host.strip_suffix(entry);
            below.is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
        }
    }
}

/// Whether everything that one entry covers is covered by another one.
fn includes(outer: &str, inner: &str) -> bool {
    if outer == inner {
        return true;
    }
    if let (Ok(outer), Ok(inner)) = (outer.parse::<IpNet>(), inner.parse::<IpNet>()) {
        return outer.contains(&inner);
    }
    match inner.strip_prefix('.') {
        // `.a.b` lies below `b`, and below `.b`.
        Some(domain) => covers(outer, &format!("x.{domain}")),
        None => covers(outer, inner),
    }
}

/// Collects exemptions, each text once.
#[derive(Default)]
struct List(Vec<Exemption>);

impl List {
    fn add(&mut self, text: String, what: impl Into<String>, origin: Origin, whose: Whose) {
        if !self.0.iter().any(|known| known.text == text) {
            self.0.push(Exemption {
                text,
                what: what.into(),
                origin,
                whose,
            });
        }
    }

    fn everyone<T: ToString>(&mut self, what: &str, value: &Sourced<T>) {
        let origin = value.origin.clone();
        self.add(value.value.to_string(), what, origin, Whose::Everyone);
    }

    /// An address, unless a network in the list has it.
    fn address(&mut self, what: &str, value: &Sourced<IpAddr>) {
        let text = value.value.to_string();
        if !self.0.iter().any(|known| known.covers(&text)) {
            self.everyone(what, value);
        }
    }
}

impl Model {
    /// What is reached without the proxy, in the order in which it is written everywhere: this machine, the ranges, the names of the
    /// cluster, the machines, what the spec lists. Empty without a proxy.
    pub fn exemptions(&self) -> Vec<Exemption> {
        let Some(proxy) = &self.cluster.http_proxy else {
            return Vec::new();
        };
        let mut list = self.derived(proxy);
        for listed in &proxy.no_proxy {
            let (text, origin) = (listed.value.clone(), listed.origin.clone());
            list.add(text, "listed in the spec", origin, Whose::Listed);
        }
        list.0
    }

    /// Of what the spec lists, what is derived anyway, with what covers it.
    pub fn exempt_already(&self) -> Vec<(&Sourced<String>, Exemption)> {
        let Some(proxy) = &self.cluster.http_proxy else {
            return Vec::new();
        };
        let derived = self.derived(proxy).0;
        let covered = |listed: &Sourced<String>| {
            let mut all = derived.iter();
            // A machine that leaves the spec would take its entry with it.
            all.find(|known| known.whose == Whose::Everyone && includes(&known.text, &listed.value))
                .cloned()
        };
        let listed = proxy.no_proxy.iter();
        listed
            .filter_map(|listed| Some((listed, covered(listed)?)))
            .collect()
    }

    fn derived(&self, proxy: &HttpProxy) -> List {
        let mut list = List::default();
        for text in ["localhost", "127.0.0.1", "::1"] {
            let origin = Origin::derived(
                "no machine asks itself through a proxy",
                [Origin::Written(proxy.head)],
            );
            list.add(
                text.to_owned(),
                "the machine itself",
                origin,
                Whose::Everyone,
            );
        }
        let network = &self.cluster.network;
        for range in network.all_pods() {
            list.everyone("the pods", range);
        }
        for range in network.all_services() {
            list.everyone("the services", range);
        }
        for lan in network.lans().chain(network.lans_ipv6()) {
            list.everyone("the machines", lan);
        }
        self.names(&mut list, proxy);
        self.machines(&mut list);
        list
    }

    /// The names under which pods find services, and machines the API server and etcd.
    fn names(&self, list: &mut List, proxy: &HttpProxy) {
        let head = Origin::Written(proxy.head);
        let svc = Origin::derived("services are found as NAME.NAMESPACE.svc", [head]);
        list.add(".svc".to_owned(), "services by name", svc, Whose::Everyone);
        if let Some(domain) = &self.cluster.dns_domain {
            let text = format!(".{}", domain.value);
            let origin = domain.origin.clone();
            list.add(text, "the cluster's DNS domain", origin, Whose::Everyone);
        }
        if let Some(endpoint) = &self.cluster.endpoint {
            let host = endpoint.clone().map(|endpoint| endpoint.host);
            list.everyone("the API server", &host);
        }
        if let Some(address) = self.moving_address() {
            list.address("the address that moves between the control planes", address);
        }
        let etcd = self.cluster.carried.iter().filter(|one| {
            matches!(&one.target, Target::Field { kind, path }
                if kind == "ClusterConfiguration" && path == "etcd.external.endpoints")
        });
        for one in etcd {
            for url in one.value.value.argument().split(',') {
                let host = Sourced::new(url_host(url).to_owned(), one.value.origin.clone());
                if !list.0.iter().any(|known| known.covers(&host.value)) {
                    list.everyone("etcd", &host);
                }
            }
        }
    }

    /// Addresses that no range above has, and names.
    fn machines(&self, list: &mut List) {
        for node in &self.nodes {
            for address in node.address.iter().chain(&node.address_ipv6) {
                list.address("a machine", address);
            }
        }
        for node in self.known_by_name() {
            let (text, origin) = (node.name.value.clone(), node.name.origin.clone());
            list.add(text, "a machine by name", origin, Whose::Machine);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_covers_what_go_says_it_covers() {
        for (entry, host, is) in [
            ("10.0.0.0/8", "10.1.2.3", true),
            ("10.0.0.0/8", "11.1.2.3", false),
            ("10.0.0.1", "10.0.0.1", true),
            ("10.0.0.1", "10.0.0.10", false),
            ("0.0.1", "10.0.0.1", false),
            (".example", "a.example", true),
            (".example", "example", false),
            ("example", "example", true),
            ("example", "a.example", true),
            ("example", "anexample", false),
            ("fd00::/8", "fd00::1", true),
        ] {
            assert_eq!(covers(entry, host), is, "{entry} {host}");
        }
        for (outer, inner, is) in [
            ("10.0.0.0/8", "10.1.0.0/16", true),
            ("10.1.0.0/16", "10.0.0.0/8", false),
            (".example", ".a.example", true),
            ("example", ".example", true),
            (".example", "example", false),
            (".a.example", ".example", false),
        ] {
            assert_eq!(includes(outer, inner), is, "{outer} {inner}");
        }
    }

    #[test]
    fn a_url_has_one_host() {
        for (url, host) in [
            ("http://a.b:3128", "a.b"),
            ("https://[fd00::1]:80/x", "fd00::1"),
            ("file:///srv", ""),
            ("http://a/b:c", "a"),
        ] {
            assert_eq!(url_host(url), host);
        }
    }
}
