//! Nodes as `kubectl get nodes -o yaml` prints them.

use super::document::{Doc, Leaf};
use super::machines::{Machine, taint, usual_taints};
use super::report::Place;
use super::{Import, quantity};
use crate::model::Role;

/// What a node reports about itself, and no one configures.
const STATE: &[&[&str]] = &[
    &["metadata", "annotations"],
    &["metadata", "creationTimestamp"],
    &["metadata", "resourceVersion"],
    &["metadata", "uid"],
    &["metadata", "selfLink"],
    &["metadata", "generation"],
    &["metadata", "managedFields"],
    &["metadata", "finalizers"],
    &["metadata", "ownerReferences"],
    &["spec", "podCIDR"],
    &["spec", "podCIDRs"],
    &["spec", "providerID"],
    &["status"],
];

/// Labels that the kubelet and kubeadm set by themselves.
const OWN_LABELS: &[&str] = &[
    "beta.kubernetes.io/arch",
    "beta.kubernetes.io/os",
    "kubernetes.io/arch",
    "kubernetes.io/hostname",
    "kubernetes.io/os",
    "node-role.kubernetes.io/control-plane",
    "node-role.kubernetes.io/master",
    "node.kubernetes.io/exclude-from-external-load-balancers",
];

/// Taints that the cluster sets while something is wrong.
const OWN_TAINTS: &str = "node.kubernetes.io/";

impl Import {
    pub(super) fn node(&mut self, doc: &Doc) {
        let label = |key: &str| doc.leaf(&["metadata", "labels", key]).is_some();
        let role = match label("node-role.kubernetes.io/control-plane")
            || label("node-role.kubernetes.io/master")
        {
            true => Role::ControlPlane,
            false => Role::Worker,
        };
        let mut machine = Machine::new(role);
        machine.name = doc.take(&["metadata", "name"]);
        for item in doc.each(&["status", "addresses"]) {
            let (Some(kind), Some(leaf)) = (item.text(&["type"]), item.leaf(&["address"])) else {
                continue;
            };
            if let (true, Some(text)) = (kind == "InternalIP", leaf.text()) {
                machine.set_address(text, doc.place(leaf), &mut self.report);
            }
        }
        self.node_labels(doc, &mut machine);
        self.node_taints(doc, &mut machine);
        self.node_state(doc, &mut machine);
        for leaf in doc.left(&["spec", "unschedulable"]) {
            leaf.take();
            self.report
                .state(doc.place(leaf), "the node is cordoned at the moment");
        }
        for steps in STATE {
            let mut leaves = doc.left(steps).peekable();
            if let Some(first) = leaves.peek() {
                let place = Place::new(&doc.file, first.line, &steps.join("."));
                self.report
                    .state(place, "what a running node reports about itself");
            }
            leaves.for_each(Leaf::take);
        }
        self.merge(machine);
    }

    fn node_labels(&mut self, doc: &Doc, machine: &mut Machine) {
        for leaf in doc.left(&["metadata", "labels"]) {
            leaf.take();
            let Some(key) = leaf.steps.get(2) else {
                continue;
            };
            if OWN_LABELS.contains(&key.as_str()) {
                continue;
            }
            if key.starts_with("node-role.kubernetes.io/") {
                let why = "the kubelet must not set a label of this prefix: set it with kubectl once the node has joined";
                self.report.lost(doc.place(leaf), why);
                continue;
            }
            let value = leaf.text().unwrap_or_default().to_owned();
            machine.labels.push((key.clone(), value, doc.place(leaf)));
        }
    }

    fn node_taints(&mut self, doc: &Doc, machine: &mut Machine) {
        let mut taints = Vec::new();
        for item in doc.each(&["spec", "taints"]) {
            let (Some(key), Some(effect)) = (item.text(&["key"]), item.text(&["effect"])) else {
                continue;
            };
            let place = item
                .leaf(&["key"])
                .map_or_else(|| doc.head(), |leaf| doc.place(leaf));
            item.take();
            if key.starts_with(OWN_TAINTS) {
                self.report.state(
                    place,
                    "the cluster sets this taint by itself while something is wrong",
                );
                continue;
            }
            let value = item.text(&["value"]).unwrap_or_default();
            taints.push((key.to_owned(), taint(value, effect), place));
        }
        if !usual_taints(&taints, machine.role) {
            machine.taints = Some(taints);
        }
    }

    /// What a node reports that a spec needs, too.
    fn node_state(&mut self, doc: &Doc, machine: &mut Machine) {
        let info = |key: &str| doc.peek(&["status", "nodeInfo", key]).map(str::to_owned);
        machine.architecture = info("architecture");
        machine.kernel = info("kernelVersion");
        if let Some(leaf) = doc.leaf(&["status", "nodeInfo", "osImage"]) {
            machine.image = leaf.text().map(|text| (text.to_owned(), doc.place(leaf)));
        }
        machine.cpus = doc.peek(&["status", "capacity", "cpu"]).map(str::to_owned);
        let memory = doc.peek(&["status", "capacity", "memory"]);
        machine.memory = memory.and_then(quantity::bytes);
        if let Some(leaf) = doc.leaf(&["status", "nodeInfo", "kubeletVersion"])
            && let Some(text) = leaf.text()
        {
            let own = super::version(text).map(|version| version.to_string());
            match (self.cluster.get("kubernetes"), own) {
                (None, Some(_)) => self.version(text, doc.place(leaf)),
                (Some(super::Value::One(known)), Some(own)) if *known != own => {
                    let why = "its kubelet has another version than the cluster; a spec has one";
                    self.report.lost(doc.place(leaf), why);
                }
                _ => {}
            }
        }
        if let Some(leaf) = doc.leaf(&["status", "nodeInfo", "containerRuntimeVersion"])
            && let Some(text) = leaf.text()
        {
            let name = match text.split("://").next() {
                Some("cri-o") => "crio",
                Some(name) => name,
                None => "",
            };
            let place = doc.place(leaf);
            if self
                .facts
                .runtimes
                .iter()
                .any(|runtime| runtime.name == name)
            {
                self.runs(name, place);
            } else {
                self.report
                    .lost(place, "the library does not know this runtime");
            }
        }
    }
}
