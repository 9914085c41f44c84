//! kubespray's inventories: hosts and groups, and the variables that have settings.

use std::collections::BTreeMap;

use super::Import;
use super::inventory::{Host, Inventory, Var};
use super::machines::Machine;
use super::report::Place;
use super::spec::Value;
use crate::model::Role;

const CONTROL_PLANE: &[&str] = &["kube_control_plane", "kube-master", "kube_master"];
const WORKERS: &[&str] = &["kube_node", "kube-node", "kube_nodes"];

/// Variables whose value is that of a setting: the variable, the blocks, the setting, kubespray's own default.
const SETTINGS: &[(&str, &[&str], &str, &str)] = &[
    ("cluster_name", &[], "dns-domain", "cluster.local"),
    ("dns_domain", &[], "dns-domain", "cluster.local"),
    ("kube_apiserver_port", &[], "api-port", "6443"),
    (
        "kube_network_node_prefix",
        &["network"],
        "node-prefix",
        "24",
    ),
    ("kubelet_max_pods", &["kubelet"], "max-pods", "110"),
    ("kube_proxy_mode", &["proxy"], "mode", ""),
    ("kube_proxy_strict_arp", &["proxy"], "strict-arp", "false"),
    (
        "kube_apiserver_node_port_range",
        &["api-server"],
        "node-ports",
        "30000-32767",
    ),
    ("flannel_backend_type", &["cni"], "backend", ""),
    ("flannel_interface", &["cni"], "interface", ""),
];

impl Import {
    pub(super) fn kubespray(&mut self, inventory: &Inventory) {
        for host in &inventory.hosts {
            self.host(inventory, host);
        }
        let mut lists: BTreeMap<&str, Vec<(String, Option<Place>)>> = BTreeMap::new();
        let mut balancer = (None, None);
        for var in &inventory.vars {
            let (name, in_list) = match var.name.split_once('[') {
                Some((name, _)) => (name, true),
                None => (var.name.as_str(), false),
            };
            let Some(text) = var.text.as_deref().filter(|text| !text.is_empty()) else {
                continue;
            };
            if text.contains("{{") {
                self.report.lost(
                    var.place.clone(),
                    "it is a template, which Ansible fills in",
                );
                continue;
            }
            match name {
                "supplementary_addresses_in_ssl_keys" | "upstream_dns_servers" | "ntp_servers"
                    if in_list =>
                {
                    let item = (text.to_owned(), Some(var.place.clone()));
                    lists.entry(name).or_default().push(item);
                }
                "loadbalancer_apiserver.address" => {
                    balancer.0 = Some((text.to_owned(), var.place.clone()))
                }
                "apiserver_loadbalancer_domain_name" => {
                    balancer.0 = Some((text.to_owned(), var.place.clone()));
                }
                "loadbalancer_apiserver.port" => balancer.1 = Some(text.to_owned()),
                _ => self.variable(var, name, text),
            }
        }
        for (name, items) in lists {
            let (path, key): (&[&str], _) = match name {
                "upstream_dns_servers" => (&["network"], "dns"),
                "ntp_servers" => (&["time"], "servers"),
                _ => (&["api-server"], "sans"),
            };
            if let Some(place) = items.first().and_then(|(_, place)| place.clone()) {
                self.put(path, key, Value::Many(items), place);
            }
        }
        if let (Some((host, place)), port) = balancer {
            let endpoint = match port {
                Some(port) => format!("{host}:{port}"),
                None => host,
            };
            self.put(&[], "endpoint", endpoint, place);
        }
    }

    fn host(&mut self, inventory: &Inventory, host: &Host) {
        let role = match () {
            () if inventory.is_in(&host.name, CONTROL_PLANE) => Role::ControlPlane,
            () if inventory.is_in(&host.name, WORKERS) => Role::Worker,
            () => {
                let why = "the host is in no group of control planes or nodes; a spec has machines of the cluster";
                self.report.lost(host.place.clone(), why);
                self.host_vars(host, &[]);
                return;
            }
        };
        let mut machine = Machine::new(role);
        machine.name = Some((host.name.clone(), host.place.clone()));
        if role == Role::ControlPlane && inventory.is_in(&host.name, WORKERS) {
            machine.taints = Some(Vec::new());
        }
        let find = |name: &str| {
            let own = host.vars.iter().find(|var| var.name == name)?;
            Some((own.text.clone()?, own.place.clone()))
        };
        // `ip` is the address in the cluster; `ansible_host` is that of SSH.
        let (inner, outer) = (find("ip"), find("ansible_host"));
        if let (Some((inner, _)), Some((outer, place))) = (&inner, &outer)
            && inner != outer
        {
            let why = "a spec has the address in the cluster, not that of SSH";
            self.report.lost(place.clone(), why);
        }
        if let Some((text, place)) = inner.or(outer) {
            machine.set_address(&text, place, &mut self.report);
        }
        if let Some((user, place)) = find("ansible_user") {
            machine.user = Some(user.clone());
            self.users.push((user, place));
        }
        self.host_vars(host, &["ip", "ansible_host", "ansible_user"]);
        self.merge(machine);
    }

    /// Variables of a host that nothing says.
    fn host_vars(&mut self, host: &Host, said: &[&str]) {
        let ip = host.vars.iter().find(|var| var.name == "ip");
        for var in &host.vars {
            let same = var.name == "access_ip" && ip.is_some_and(|ip| ip.text == var.text);
            if said.contains(&var.name.as_str()) || same || var.text.is_none() {
                continue;
            }
            self.report.lost(
                var.place.clone(),
                secret_or(&var.name, "no setting of a machine says this"),
            );
        }
    }

    fn variable(&mut self, var: &Var, name: &str, text: &str) {
        let place = var.place.clone();
        let word = match text.to_ascii_lowercase().as_str() {
            "true" | "yes" => "on".to_owned(),
            "false" | "no" => "off".to_owned(),
            _ => text.to_owned(),
        };
        if let Some((_, path, key, usual)) = SETTINGS.iter().find(|(own, ..)| *own == name) {
            if text != *usual {
                self.put(path, key, word, place);
            }
            return;
        }
        match name {
            "kube_version" => self.version(text, place),
            "kube_pods_subnet" | "kube_pods_subnet_ipv6" => {
                let found = self.ranges(text, &place);
                self.pods.extend(found);
            }
            "kube_service_addresses" | "kube_service_addresses_ipv6" => {
                let found = self.ranges(text, &place);
                self.services.extend(found);
            }
            "container_manager" => match text {
                "crio" | "containerd" => self.runs(text, place),
                _ => self
                    .report
                    .lost(place, "the library does not have this runtime"),
            },
            "kube_network_plugin" => {
                if self.facts.cnis.iter().any(|cni| cni.name == text) {
                    self.cni = Some(text.to_owned());
                } else if text != "cni" {
                    self.report
                        .lost(place, "the library does not have this CNI");
                }
            }
            "ansible_user" => self.users.push((text.to_owned(), place)),
            _ => self
                .report
                .lost(place, secret_or(name, "no setting of a spec says this")),
        }
    }
}

/// Why a variable is not carried over: a credential by its name, or for the other reason.
fn secret_or(name: &str, why: &'static str) -> &'static str {
    let plain = name.to_ascii_lowercase();
    let words = [
        "password",
        "passwd",
        "become_pass",
        "secret",
        "token",
        "private_key",
    ];
    match words.iter().any(|word| plain.contains(word)) {
        true => "it looks like a credential: give it with --secrets where a spec needs one",
        false => why,
    }
}
