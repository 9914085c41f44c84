//! The objects of a CNI: which it is, the range in it, and the options that the library has for it.

use super::Import;
use super::document::{Doc, Leaf};
use super::report::Place;
use super::spec::Value;

/// The objects whose contents are options of a CNI.
const FLANNEL: &str = "net-conf.json";

impl Import {
    /// An object that is neither a file of kubeadm's nor a node.
    pub(super) fn object(&mut self, doc: &Doc) {
        let name = doc
            .peek(&["metadata", "name"])
            .unwrap_or_default()
            .to_owned();
        let of = match (doc.group(), doc.kind.as_str()) {
            ("v1", "ConfigMap") if doc.peek(&["data", FLANNEL]).is_some() => {
                self.flannel(doc, &name)
            }
            ("v1", "ConfigMap") if name == "cilium-config" => self.cilium(doc),
            ("v1", "ConfigMap") if name == "calico-config" => self.calico_config(doc),
            ("operator.tigera.io", "Installation") => self.installation(doc),
            ("apps", "DaemonSet") => self.daemon_set(doc, &name),
            _ => None,
        };
        let label = match name.is_empty() {
            true => doc.kind.clone(),
            false => format!("{}/{name}", doc.kind),
        };
        let place = Place::new(&doc.file, doc.line, &label);
        let why = match of {
            Some(cni) => format!(
                "pikc writes the objects of {cni} itself: what is set in this one beyond the options of `cni {cni}` is not in the spec"
            ),
            None if doc.group() == "kubeadm.k8s.io" => {
                "it is for commands of kubeadm's that set up no machine".to_owned()
            }
            None => "an object of the cluster; a spec has none".to_owned(),
        };
        doc.left(&[]).for_each(Leaf::take);
        self.report.lost(place, why);
    }

    /// The CNI; whether it is the first one that was found.
    fn uses(&mut self, name: &str, place: Place) -> bool {
        // Canal is flannel's program with Calico's policies, and its objects are found in any order.
        let upgrade = name == "canal" && matches!(self.cni.as_deref(), Some("flannel" | "calico"));
        let part = self.cni.as_deref() == Some("canal") && matches!(name, "flannel" | "calico");
        match &self.cni {
            Some(own) if own != name && !upgrade && !part => {
                let why = format!("{own} was found before it, and a cluster has one CNI");
                self.report.lost(place, why);
                return false;
            }
            Some(_) if part => {}
            _ => self.cni = Some(name.to_owned()),
        }
        true
    }

    fn option(&mut self, option: &str, value: impl Into<Value>, place: &Place) {
        self.put(&["cni"], option, value, place.clone());
    }

    /// The range of a CNI's own.
    fn pool(&mut self, text: &str, place: &Place) {
        let found = self.ranges(text, place);
        for (net, place) in found {
            let same =
                |own: &&(ipnet::IpNet, Place)| own.0.addr().is_ipv4() == net.addr().is_ipv4();
            match self.pods.iter().find(same) {
                Some((own, _)) if *own != net => {
                    let why = "kubeadm has another pod range, and pikc gives the CNI that one";
                    self.report.lost(place, why);
                }
                Some(_) => {}
                None => self.pods.push((net, place)),
            }
        }
    }

    fn flannel(&mut self, doc: &Doc, name: &str) -> Option<String> {
        let leaf = doc.leaf(&["data", FLANNEL])?;
        let place = Place::new(&doc.file, leaf.line, FLANNEL);
        let own = if name == "canal-config" {
            "canal"
        } else {
            "flannel"
        };
        if !self.uses(own, place.clone()) {
            return None;
        }
        let Ok(config) = serde_json::from_str::<serde_json::Value>(leaf.text()?) else {
            self.report.lost(place, "it is not JSON");
            return Some(own.to_owned());
        };
        let text = |value: &serde_json::Value| match value {
            serde_json::Value::String(text) => text.clone(),
            serde_json::Value::Bool(on) => if *on { "on" } else { "off" }.to_owned(),
            other => other.to_string(),
        };
        let at = |key: &str| Place::new(&doc.file, leaf.line, &format!("{FLANNEL}.{key}"));
        for (key, value) in config.as_object().into_iter().flatten() {
            match key.as_str() {
                "Network" | "IPv6Network" => self.pool(&text(value), &at(key)),
                "EnableNFTables" => {
                    if value.as_bool() == Some(true) {
                        self.option("nftables", "on", &at(key));
                    }
                }
                "EnableIPv4" | "EnableIPv6" | "Backend" => {}
                _ => self
                    .report
                    .lost(at(key), format!("`cni {own}` has no option for it")),
            }
        }
        for (key, value) in config["Backend"].as_object().into_iter().flatten() {
            let place = at(&format!("Backend.{key}"));
            let option = match key.as_str() {
                "Type" => "backend",
                "VNI" => "vni",
                "Port" => "port",
                "DirectRouting" => "direct-routing",
                "MTU" => "mtu",
                "ListenPort" => "listen-port",
                "PersistentKeepaliveInterval" => "keepalive",
                _ => {
                    let why = format!("`cni {own}` has no option for it");
                    self.report.lost(place, why);
                    continue;
                }
            };
            self.option(option, text(value), &place);
        }
        if config["Backend"]["Type"].is_null() {
            self.report.lost(
                at("Backend.Type"),
                "flannel then uses `udp`; the spec has its own default",
            );
        }
        Some(own.to_owned())
    }

    fn cilium(&mut self, doc: &Doc) -> Option<String> {
        if !self.uses("cilium", doc.head()) {
            return None;
        }
        let value = |key: &str| {
            let leaf = doc.leaf(&["data", key])?;
            Some((leaf.text()?.to_owned(), doc.place(leaf)))
        };
        let tunnel = value("tunnel-protocol").or_else(|| value("tunnel"));
        match (value("routing-mode"), tunnel) {
            (Some((mode, place)), _) if mode == "native" => {
                self.option("backend", "native", &place)
            }
            (_, Some((tunnel, place))) if tunnel == "disabled" => {
                self.option("backend", "native", &place)
            }
            (_, Some((tunnel, place))) => self.option("backend", tunnel, &place),
            _ => {}
        }
        if let Some((mode, place)) = value("kube-proxy-replacement")
            && matches!(mode.as_str(), "true" | "strict")
        {
            self.option("kube-proxy-replacement", "on", &place);
        }
        for (key, option) in [
            ("enable-l7-proxy", "l7-proxy"),
            ("enable-wireguard", "encryption"),
            ("enable-hubble", "hubble"),
        ] {
            if let Some((text, place)) = value(key).filter(|(text, _)| text == "true") {
                let _ = text;
                self.option(option, "on", &place);
            }
        }
        if let Some((mtu, place)) = value("mtu").filter(|(mtu, _)| mtu != "0") {
            self.option("mtu", mtu, &place);
        }
        for key in ["cluster-pool-ipv4-cidr", "cluster-pool-ipv6-cidr"] {
            if let Some((pool, place)) = value(key) {
                self.pool(&pool, &place);
            }
        }
        Some("cilium".to_owned())
    }

    fn calico_config(&mut self, doc: &Doc) -> Option<String> {
        if !self.uses("calico", doc.head()) {
            return None;
        }
        if let Some((mtu, place)) = doc.take(&["data", "veth_mtu"])
            && mtu != "0"
        {
            self.option("mtu", mtu, &place);
        }
        Some("calico".to_owned())
    }

    fn installation(&mut self, doc: &Doc) -> Option<String> {
        if !self.uses("calico", doc.head()) {
            return None;
        }
        self.option("install", "operator", &doc.head());
        let network = &["spec", "calicoNetwork"];
        if let Some((mtu, place)) = doc.take(&[network.as_slice(), &["mtu"]].concat()) {
            self.option("mtu", mtu, &place);
        }
        for pool in doc.each(&[network.as_slice(), &["ipPools"]].concat()) {
            let place = |key: &str| pool.leaf(&[key]).map(|leaf| doc.place(leaf));
            if let (Some(range), Some(place)) = (pool.text(&["cidr"]), place("cidr")) {
                self.pool(range, &place);
            }
            if let (Some(size), Some(place)) = (pool.text(&["blockSize"]), place("blockSize")) {
                self.option("block-size", size, &place);
            }
            let Some(place) = place("encapsulation") else {
                continue;
            };
            let (backend, cross) = match pool.text(&["encapsulation"]).unwrap_or_default() {
                "VXLANCrossSubnet" => ("vxlan", true),
                "IPIP" => ("ipip", false),
                "IPIPCrossSubnet" => ("ipip", true),
                "None" => ("bgp", false),
                _ => ("vxlan", false),
            };
            self.option("backend", backend, &place);
            if cross {
                self.option("cross-subnet", "on", &place);
            }
        }
        Some("calico".to_owned())
    }

    fn daemon_set(&mut self, doc: &Doc, name: &str) -> Option<String> {
        // Older manifests have one for each architecture: `kube-flannel-ds-arm64`.
        let is = |own: &str| {
            let rest = name.strip_prefix(own);
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('-'))
        };
        let mut known = self.facts.cnis.iter();
        let cni = known
            .find(|cni| cni.daemonset.as_deref().is_some_and(is))?
            .name
            .clone();
        if !self.uses(&cni, doc.head()) {
            return None;
        }
        let below = ["spec", "template", "spec", "containers"];
        for container in doc.each(&below) {
            for leaf in &container.leaves {
                let Some(text) = leaf.text() else { continue };
                if let Some(interface) = text.strip_prefix("--iface=") {
                    self.option("interface", interface, &doc.place(leaf));
                    self.interface = Some(interface.to_owned());
                }
            }
            if cni == "calico" {
                self.calico_environment(doc, &container.leaves);
            }
        }
        Some(cni)
    }

    /// What calico-node's variables say about its pool.
    fn calico_environment(&mut self, doc: &Doc, leaves: &[&Leaf]) {
        let variable = |name: &str| {
            let at = leaves.iter().position(|leaf| {
                leaf.text() == Some(name) && leaf.steps.last().is_some_and(|step| step == "name")
            })?;
            let above = leaves[at].steps.split_last()?.1;
            let value = leaves.iter().find(|leaf| {
                leaf.steps
                    .split_last()
                    .is_some_and(|(last, own)| last == "value" && own == above)
            })?;
            Some((
                value.text()?.to_owned(),
                Place::new(&doc.file, value.line, name),
            ))
        };
        if let Some((pool, place)) = variable("CALICO_IPV4POOL_CIDR") {
            self.pool(&pool, &place);
        }
        if let Some((size, place)) = variable("CALICO_IPV4POOL_BLOCK_SIZE") {
            self.option("block-size", size, &place);
        }
        let mode = |found: Option<(String, Place)>| {
            found.filter(|(mode, _)| matches!(mode.as_str(), "Always" | "CrossSubnet"))
        };
        let ipip = variable("CALICO_IPV4POOL_IPIP");
        let vxlan = variable("CALICO_IPV4POOL_VXLAN");
        let (backend, found) = match (mode(vxlan), mode(ipip.clone())) {
            (Some(vxlan), _) => ("vxlan", Some(vxlan)),
            (None, Some(ipip)) => ("ipip", Some(ipip)),
            (None, None) => ("bgp", ipip),
        };
        if let Some((mode, place)) = found {
            self.option("backend", backend, &place);
            if mode == "CrossSubnet" {
                self.option("cross-subnet", "on", &place);
            }
        }
    }
}
