//! The kubelet's and kube-proxy's documents: settings by the schema, the rest in `fields`.

use super::Import;
use super::document::{Doc, Held, Leaf};
use super::report::Place;
use super::spec::Value;
use crate::value::{Type, parse};

/// The items of a list, each with its place.
type Items = Vec<(String, Option<Place>)>;

/// The signals whose thresholds pikc writes as soon as one is set.
const SIGNALS: &[&str] = &[
    "memory.available",
    "nodefs.available",
    "nodefs.inodesFree",
    "imagefs.available",
    "imagefs.inodesFree",
];

impl Import {
    pub(super) fn kubelet(&mut self, doc: &Doc) {
        let block = &["kubelet"];
        self.derived(
            doc,
            "cgroupDriver",
            "systemd",
            "pikc sets up the runtime and the kubelet for cgroups managed by systemd",
        );
        self.socket(doc, &["containerRuntimeEndpoint"]);
        self.cluster_names(doc);
        if doc.left(&["failSwapOn"]).next().is_some()
            && let Some((text, place)) = doc.take(&["failSwapOn"])
        {
            let word = if text == "true" { "on" } else { "off" };
            self.put(block, "fail-swap-on", word, place);
            if word == "off" {
                self.report.fill(
                    "`swap` of the machines",
                    "the kubelet tolerates swap (`failSwapOn: false`); `swap = on` or `limited` in a profile leaves swap on",
                );
            }
        }
        if let Some(leaf) = doc.left(&["maxPods"]).next()
            && !self.facts.is_default(doc, leaf)
            && let Some((text, place)) = doc.take(&["maxPods"])
        {
            self.put(block, "max-pods", text, place);
        }
        self.gates(doc, block);
        self.thresholds(doc);
        for leaf in doc.left(&["reservedMemory"]) {
            leaf.take();
            let why =
                "pikc derives it from `reserve` and `evictions`, for a machine with one NUMA node";
            self.report.lost(doc.place(leaf), why);
        }
        self.settings(doc);
        self.fields(doc, block);
    }

    pub(super) fn proxy(&mut self, doc: &Doc) {
        let block = &["proxy"];
        if let Some(leaf) = doc.left(&["mode"]).next()
            && !self.facts.is_default(doc, leaf)
            && let Some((text, place)) = doc.take(&["mode"])
        {
            self.put(block, "mode", text, place);
        }
        if let Some((text, place)) = doc.take(&["clusterCIDR"]) {
            let pods: Vec<String> = self.pods.iter().map(|(net, _)| net.to_string()).collect();
            if pods.is_empty() {
                let found = self.ranges(&text, &place);
                self.pods.extend(found);
            } else if pods.join(",") != text {
                let why = "kubeadm gives kube-proxy the pod range";
                self.report.lost(place, why);
            }
        }
        self.settings(doc);
        self.fields(doc, block);
    }

    /// A field that pikc decides.
    fn derived(&mut self, doc: &Doc, field: &str, value: &str, why: &str) {
        if let Some((text, place)) = doc.take(&[field])
            && text != value
        {
            self.report.lost(place, why);
        }
    }

    /// The domain of the cluster and the address of its DNS, which kubeadm derives.
    fn cluster_names(&mut self, doc: &Doc) {
        let domain = self.dns_domain.clone();
        if let Some((text, place)) = doc.take(&["clusterDomain"]) {
            match domain {
                Some(domain) if domain != text => {
                    let why = "kubeadm gives the kubelet the domain of the cluster";
                    self.report.lost(place, why);
                }
                Some(_) => {}
                None if text == "cluster.local" => {}
                None => self.put(&[], "dns-domain", text, place),
            }
        }
        let usual = match self.services.first() {
            Some((net, _)) => tenth(net),
            None => Some("10.96.0.10".to_owned()),
        };
        let items: Vec<&Leaf> = doc.left(&["clusterDNS"]).collect();
        let [only] = items[..] else {
            return;
        };
        let asked = only.text().map(str::to_owned);
        let cache = self.facts.dns_cache.as_ref();
        let cache = cache.map(|cache| cache.address.value.to_string());
        if asked == usual {
            only.take();
        } else if asked.is_some() && asked == cache {
            only.take();
            self.put(&["dns"], "node-local-cache", "on", doc.place(only));
            let why = "it is the address of NodeLocal DNSCache, of which pikc applies a manifest of its own; with `mode = iptables` of `proxy` pods go on asking the service, and the cache answers there";
            self.report.lost(doc.place(only), why);
        }
    }

    /// One threshold turns off all that are not named, and pikc writes them again.
    fn thresholds(&mut self, doc: &Doc) {
        let merged = doc.peek(&["mergeDefaultEvictionSettings"]) == Some("true");
        let Some(first) = doc
            .left(&["evictionHard"])
            .find(|leaf| leaf.held != Held::Empty)
        else {
            return;
        };
        // Without a value of its own the document says what holds anyway.
        let usual = doc
            .left(&["evictionHard"])
            .all(|leaf| self.facts.is_default(doc, leaf));
        let line = first.line;
        for signal in SIGNALS.iter().filter(|_| !merged && !usual) {
            if doc.leaf(&["evictionHard", signal]).is_none() {
                let field = format!("evictionHard.{signal}");
                let why = "the file turns it off by leaving it out; the spec keeps the kubelet's own threshold";
                self.report.lost(Place::new(&doc.file, line, &field), why);
            }
        }
    }

    /// What no setting says, as fields.
    fn fields(&mut self, doc: &Doc, block: &[&str]) {
        let path = [block, &["fields"]].concat();
        let mut lists: Vec<(String, Items, Place)> = Vec::new();
        for leaf in doc.left(&[]) {
            if self.facts.is_default(doc, leaf) {
                continue;
            }
            let (steps, in_list) = match leaf.steps.split_last() {
                Some((last, above)) if last.starts_with('[') => (above, true),
                _ => (&leaf.steps[..], false),
            };
            let field = steps.join(".");
            let plain = steps.iter().all(|step| {
                step.bytes().all(|b| b.is_ascii_alphanumeric()) && parse(Type::Field, step).is_ok()
            });
            let Some(text) = leaf.text().filter(|_| plain) else {
                let why = match leaf.text() {
                    Some(_) => {
                        "`fields` holds values and lists of values, under names without signs"
                    }
                    None => "`fields` cannot say that something is empty",
                };
                leaf.take();
                self.report.lost(doc.place(leaf), why);
                continue;
            };
            leaf.take();
            let place = doc.place(leaf);
            if !in_list {
                self.put(&path, &field, text, place);
                continue;
            }
            let item = (text.to_owned(), Some(place.clone()));
            match lists.last_mut().filter(|(own, ..)| *own == field) {
                Some((_, items, _)) => items.push(item),
                None => lists.push((field, vec![item], place)),
            }
        }
        for (field, items, place) in lists {
            self.put(&path, &field, Value::Many(items), place);
        }
    }

    /// The socket of the runtime, which pikc knows by the runtime's name.
    pub(super) fn socket(&mut self, doc: &Doc, steps: &[&str]) {
        let Some((text, place)) = doc.take(steps) else {
            return;
        };
        let plain = |socket: &str| {
            let path = socket.trim_start_matches("unix://");
            path.strip_prefix("/var/run/")
                .map_or(path.to_owned(), |rest| format!("/run/{rest}"))
        };
        let known = self
            .facts
            .runtimes
            .iter()
            .find(|runtime| plain(&runtime.socket.value) == plain(&text));
        match known.map(|runtime| runtime.name.clone()) {
            Some(name) => self.runs(&name, place),
            None => self
                .report
                .lost(place, "no runtime of the library uses this socket"),
        }
    }

    /// The runtime, where several places must agree.
    pub(super) fn runs(&mut self, name: &str, place: Place) {
        match &self.runtime {
            Some((own, first)) if own != name => {
                let why = format!(
                    "a spec has one runtime for all machines; {}:{} names another",
                    first.file, first.line
                );
                self.report.lost(place, why);
            }
            Some(_) => {}
            None => self.runtime = Some((name.to_owned(), place)),
        }
    }
}

/// The tenth address of a range, which is that of the cluster's DNS.
fn tenth(net: &ipnet::IpNet) -> Option<String> {
    match net {
        ipnet::IpNet::V4(net) => {
            let first = u32::from(net.network());
            Some(std::net::Ipv4Addr::from(first.checked_add(10)?).to_string())
        }
        ipnet::IpNet::V6(net) => {
            let first = u128::from(net.network());
            Some(std::net::Ipv6Addr::from(first.checked_add(10)?).to_string())
        }
    }
}
