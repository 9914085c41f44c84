//! kube-vip's pod: the address that it moves between the control planes. What pikc writes into that pod itself is not lost; how the pod
//! differs from that is.

use super::Import;
use super::address;
use super::document::{Doc, Leaf};
use super::pod::{Variable, variables};
use super::ranges::host_of;
use super::report::Place;
use super::spec::Value;
use crate::value::{Type, parse};

/// What pikc's pod has in its environment, too. Older generators have further names for some of it.
const SAME: &[(&str, &str)] = &[
    ("vip_arp", "true"),
    ("vip_subnet", "32"),
    ("vip_cidr", "32"),
    ("dns_mode", "first"),
    ("vip_ddns", "false"),
    ("cp_enable", "true"),
    ("cp_namespace", "kube-system"),
    ("vip_leaderelection", "true"),
    ("vip_leasename", "plndr-cp-lock"),
    ("vip_leaseduration", "15"),
    ("vip_renewdeadline", "10"),
    ("vip_retryperiod", "2"),
    ("prometheus_server", ":2112"),
    ("svc_enable", "false"),
    ("lb_enable", "false"),
    ("bgp_enable", "false"),
];

impl Import {
    /// Reads the address from the pod, and reports how the pod differs from the one that pikc writes.
    pub(super) fn kube_vip(&mut self, doc: &Doc) {
        let all = variables(doc);
        let is_on = |name: &str| {
            all.iter()
                .any(|one| one.name == name && one.value == "true")
        };
        let other_way = ["vip_wireguard", "vip_routingtable"]
            .iter()
            .any(|name| is_on(name));
        let by_bgp = is_on("bgp_enable");
        if other_way || by_bgp == is_on("vip_arp") {
            let why = "this kube-vip announces the address neither by ARP nor by BGP alone, as that of a spec does: the spec has no `vip`, and what answers at the endpoint is yours";
            self.whole(doc, why);
            return;
        }
        if !is_on("cp_enable")
            && !all
                .iter()
                .any(|one| one.name == "address" || one.name == "vip_address")
        {
            let why = "this kube-vip has no address of the control planes: it hands out addresses to services, and a spec has none";
            self.whole(doc, why);
            return;
        }
        if by_bgp {
            self.by_bgp(&all, doc.head());
        }
        for variable in &all {
            if !(by_bgp && self.bgp_variable(variable)) {
                self.kube_vip_variable(variable);
            }
            variable.leaves.iter().for_each(|leaf| leaf.take());
        }
        self.pod(doc);
    }

    /// All of it is lost, for one reason.
    fn whole(&mut self, doc: &Doc, why: &str) {
        let name = doc.peek(&["metadata", "name"]).unwrap_or("kube-vip");
        let place = Place::new(&doc.file, doc.line, &format!("{}/{name}", doc.kind));
        doc.left(&[]).for_each(Leaf::take);
        self.report.lost(place, why);
    }

    fn kube_vip_variable(&mut self, variable: &Variable<'_>) {
        let (name, value) = (variable.name.as_str(), variable.value.as_str());
        let place = &variable.place;
        let place = Place::new(&place.file, place.line, &format!("env {name}"));
        match name {
            _ if SAME.contains(&(name, value)) => {}
            "address" | "vip_address" => self.moving(value, place),
            "port" => {
                let own = self.cluster.get("api-port").cloned();
                let own = own.unwrap_or_else(|| Value::from("6443"));
                if own != Value::from(value) {
                    let why = "kube-vip of a spec has the port of the API servers, `api-port`";
                    self.report.lost(place, why);
                }
            }
            "vip_interface" if value.is_empty() => {}
            "vip_interface" => match &self.interface {
                Some(own) if own != value => {
                    let why = "kube-vip of a spec announces the address at the interface of each machine that is the cluster's";
                    self.report.lost(place, why);
                }
                _ if parse(Type::Interface, value).is_err() => {
                    let why = "an interface of a spec cannot have this name";
                    self.report.lost(place, why);
                }
                _ => self.interface = Some(value.to_owned()),
            },
            // The name of its node, which Kubernetes fills in.
            "vip_nodename" => {}
            "svc_enable" => {
                let why = "this kube-vip hands out addresses to services, too; that of a spec only has the address of the control planes";
                self.report.lost(place, why);
            }
            "lb_enable" => {
                let why = "this kube-vip distributes connections over the API servers, too; in a spec `by = keepalived` does that, with HAProxy";
                self.report.lost(place, why);
            }
            _ if SAME.iter().any(|(known, _)| *known == name) => {
                let why = "pikc writes what kube-vip's own generator writes today, and a spec has no setting for it";
                self.report.lost(place, why);
            }
            _ => {
                let why = "a spec sets kube-vip up for the address of the control planes, and has no setting for this";
                self.report.lost(place, why);
            }
        }
    }

    /// The address; it is in the certificate of the API server without being named again.
    fn moving(&mut self, text: &str, place: Place) {
        let plain = text.split('/').next().unwrap_or_default();
        let Some(found) = address(plain) else {
            let why = "this is not an address: a spec has one address that moves";
            self.report.lost(place, why);
            return;
        };
        self.put(&["vip"], "address", found.to_string(), place);
        let endpoint = match self.cluster.get("endpoint") {
            Some(Value::One(text)) => host_of(text),
            _ => None,
        };
        if endpoint != Some(found) && self.cluster.block("api-server").is_some() {
            let block = self.cluster.at(&["api-server"]);
            block.without("sans", &found.to_string());
        }
    }

    /// The rest of the pod: what pikc's has, too, is not lost.
    fn pod(&mut self, doc: &Doc) {
        for leaf in doc.left(&[]) {
            let last = leaf.steps.last().map(String::as_str);
            let text = leaf.text().unwrap_or_default();
            let same = match last {
                _ if leaf.steps.iter().any(|step| step == "status") => true,
                Some("image") => self.facts.mover_image.as_deref() == Some(text),
                _ => POD.contains(&text) || leaf.text().is_none(),
            };
            if !same {
                let why = match last {
                    Some("image") => {
                        "pikc writes the version that its library has been checked with"
                    }
                    _ => "pikc writes this pod itself, and a spec has no setting for this",
                };
                self.report.lost(doc.place(leaf), why);
            }
            leaf.take();
        }
    }
}

/// The words of the pod that pikc writes.
const POD: &[&str] = &[
    "kube-vip",
    "kube-system",
    "IfNotPresent",
    "manager",
    "NET_ADMIN",
    "NET_RAW",
    "ALL",
    "kubeconfig",
    "/etc/kubernetes/admin.conf",
    "/etc/kubernetes/super-admin.conf",
    "127.0.0.1",
    "kubernetes",
    "true",
];
