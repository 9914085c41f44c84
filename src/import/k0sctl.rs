//! k0sctl's file: hosts, and k0s' own configuration of the cluster.

use super::document::{Doc, Item};
use super::machines::Machine;
use super::report::Place;
use super::spec::Value;
use super::{Import, address};
use crate::model::Role;
use crate::value::{Type, parse};

impl Import {
    pub(super) fn k0sctl(&mut self, doc: &Doc) {
        if let Some((name, place)) = doc.take(&["metadata", "name"]) {
            self.cluster.label = Some(name);
            self.cluster.from.push(place);
        }
        if let Some((text, place)) = doc.take(&["spec", "k0s", "version"]) {
            self.version(&text, place);
        }
        for item in doc.each(&["spec", "hosts"]) {
            self.k0s_host(doc, &item);
        }
        self.k0s_address(doc);
        for head in ["apiVersion", "kind"] {
            doc.take(&["spec", "k0s", "config", head]);
        }
        let config = |steps: &[&'static str]| {
            let mut path = vec!["spec", "k0s", "config", "spec"];
            path.extend(steps);
            path
        };
        if let Some((text, place)) = doc.take(&config(&["network", "podCIDR"])) {
            let found = self.ranges(&text, &place);
            self.pods.extend(found);
        }
        if let Some((text, place)) = doc.take(&config(&["network", "serviceCIDR"])) {
            let found = self.ranges(&text, &place);
            self.services.extend(found);
        }
        for (steps, path, key, usual) in [
            (
                &["network", "clusterDomain"][..],
                &[][..],
                "dns-domain",
                "cluster.local",
            ),
            (&["api", "externalAddress"], &[], "endpoint", ""),
            (&["api", "port"], &[], "api-port", "6443"),
            (
                &["network", "kubeProxy", "mode"],
                &["proxy"],
                "mode",
                "iptables",
            ),
        ] {
            if let Some((text, place)) = doc.take(&config(steps))
                && text != usual
            {
                self.put(path, key, text, place);
            }
        }
        if let Some((text, place)) = doc.take(&config(&["network", "kubeProxy", "disabled"]))
            && text == "true"
        {
            self.put(&["proxy"], "disabled", "on", place);
        }
        self.k0s_provider(doc, &config(&["network", "provider"]));
        let mut sans = Vec::new();
        for leaf in doc.left(&config(&["api", "sans"])) {
            leaf.take();
            sans.extend(
                leaf.text()
                    .map(|san| (san.to_owned(), Some(doc.place(leaf)))),
            );
        }
        if let Some(place) = sans.first().and_then(|(_, place)| place.clone()) {
            self.put(&["api-server"], "sans", Value::Many(sans), place);
        }
        for (steps, block) in [
            (&["api", "extraArgs"][..], "api-server"),
            (&["controllerManager", "extraArgs"], "controller-manager"),
            (&["scheduler", "extraArgs"], "scheduler"),
            (&["storage", "etcd", "extraArgs"], "etcd"),
        ] {
            for one in super::components::arguments(doc, &config(steps)) {
                self.component_argument(doc, block, one);
            }
        }
    }

    /// Where the API server listens: the address of the only controller, if its own entry has none.
    fn k0s_address(&mut self, doc: &Doc) {
        let mut controllers = self
            .machines
            .iter_mut()
            .filter(|one| one.role == Role::ControlPlane);
        let (Some(only), None) = (controllers.next(), controllers.next()) else {
            return;
        };
        if only.address.is_none()
            && let Some((text, place)) =
                doc.take(&["spec", "k0s", "config", "spec", "api", "address"])
        {
            only.set_address(&text, place, &mut self.report);
        }
    }

    fn k0s_provider(&mut self, doc: &Doc, steps: &[&str]) {
        let Some((text, place)) = doc.take(steps) else {
            return;
        };
        match text.as_str() {
            "calico" => self.cni = Some(text),
            "custom" => {}
            _ => {
                let why = "the library does not have this CNI; `pikc stdlib list cni` shows those that it has";
                self.report.lost(place, why);
            }
        }
    }

    /// The name under which k0sctl reaches a host without one of its own, up to the first dot.
    fn k0s_name(&mut self, machine: &mut Machine, text: String, at: Place) {
        let name = text.split('.').next().unwrap_or(&text).to_owned();
        if name != text {
            let why =
                "the name of a machine has no dots: the spec has what is before the first one";
            self.report.lost(at.clone(), why);
        }
        let what = format!("the name of node `{name}`");
        let why = "k0sctl reaches the machine under it, and it may call itself something else";
        if parse(Type::Label, &name).is_ok() {
            self.report.fill(what, why);
        }
        machine.name = Some((name, at));
    }

    fn k0s_host(&mut self, doc: &Doc, item: &Item<'_>) {
        let place = |steps: &[&str]| item.leaf(steps).map(|leaf| doc.place(leaf));
        let take = |steps: &[&str]| {
            let leaf = item.leaf(steps)?;
            leaf.take();
            let text = leaf.text().filter(|text| !text.is_empty())?;
            Some((text.to_owned(), doc.place(leaf)))
        };
        let words = take(&["role"]);
        let role = match words.as_ref().map(|(role, _)| role.as_str()) {
            Some("worker") => Role::Worker,
            _ => Role::ControlPlane,
        };
        let mut machine = Machine::new(role);
        if let Some((kind, _)) = &words
            && matches!(kind.as_str(), "controller+worker" | "single")
        {
            // Pods run there, too.
            machine.taints = Some(Vec::new());
        }
        if item.text(&["noTaints"]) == Some("true") {
            take(&["noTaints"]);
            machine.taints = Some(Vec::new());
        }
        machine.from = item.leaves.first().map(|leaf| doc.place(leaf));
        machine.name = take(&["hostname"]);
        let ssh = ["openSSH", "ssh"]
            .into_iter()
            .find(|kind| item.leaf(&[kind, "address"]).is_some())
            .unwrap_or("ssh");
        // The private address is that of the cluster; the other may be one that only the operator uses.
        let outer = take(&[ssh, "address"]);
        match (take(&["privateAddress"]), outer) {
            (Some((text, at)), outer) => {
                machine.set_address(&text, at, &mut self.report);
                if let Some((outer, at)) = outer
                    && outer != text
                {
                    self.report
                        .lost(at, "a spec has the address in the cluster, not that of SSH");
                }
            }
            (None, Some((text, at))) if address(&text).is_none() && machine.name.is_none() => {
                self.k0s_name(&mut machine, text, at);
            }
            (None, Some((text, at))) => machine.set_address(&text, at, &mut self.report),
            (None, None) => {}
        }
        if let Some((name, at)) = take(&["privateInterface"]) {
            match &self.interface {
                _ if parse(Type::Interface, &name).is_err() => {
                    let why = "an interface of a spec cannot have this name";
                    self.report.lost(at, why);
                }
                Some(first) if *first != name => {
                    let why = "the machines of the spec share a profile, whose interface is that of a host before this one";
                    self.report.lost(at, why);
                }
                _ => self.interface = Some(name),
            }
        }
        if let Some((user, at)) = take(&[ssh, "user"]) {
            machine.user = Some(user.clone());
            self.users.push((user, at));
        }
        for key in ["keyPath", "port"] {
            if let Some(at) = place(&[ssh, key]) {
                take(&[ssh, key]);
                self.report.lost(
                    at,
                    "pikc does not log in to machines, so a spec does not say how to reach them",
                );
            }
        }
        self.merge(machine);
    }
}
