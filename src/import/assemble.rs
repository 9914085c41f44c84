//! The whole spec: what the files say, and what they do not say, guessed where there is something to guess from.

use std::collections::BTreeSet;
use std::net::IpAddr;
use std::sync::Arc;

use super::Import;
use super::machines::Machine;
use super::report::Place;
use super::spec::{Section, Value, comment};
use crate::model::Role;
use crate::value::{SshKey, Type, parse};

/// What the head of the spec says.
pub(super) fn header(files: &[Arc<str>]) -> String {
    let names: Vec<String> = files.iter().map(|name| comment(name)).collect();
    format!(
        "# Made by `pikc import` from {}. Guesses are marked: check them.\n",
        names.join(", ")
    )
}

/// The order of blocks in a cluster.
const ORDER: &[&str] = &[
    "network",
    "dns",
    "time",
    "api-server",
    "controller-manager",
    "scheduler",
    "etcd",
    "certificates",
    "kubeadm",
    "kubelet",
    "proxy",
    "mirror",
    "runtime",
    "cni",
];

impl Import {
    /// The top level of the spec.
    pub(super) fn assemble(&mut self) -> Section {
        self.added_by_blocks();
        self.without_kube_proxy();
        self.control_planes();
        self.names();
        self.release();
        self.network();
        self.runtime_and_cni();
        let mut top = Section::default();
        let mut cluster = std::mem::take(&mut self.cluster);
        cluster.label = cluster.label.or_else(|| Some("kubernetes".to_owned()));
        let place = |block: &Section| {
            let known = ORDER.iter().position(|kind| *kind == block.kind);
            known.unwrap_or(ORDER.len())
        };
        cluster.blocks.sort_by_key(place);
        let first = |key: &str| match key {
            "kubernetes" => 0,
            "endpoint" => 1,
            "lan" => 2,
            "gateway" => 3,
            "dns" => 4,
            _ => 5,
        };
        cluster.settings.sort_by_key(|one| first(&one.key));
        if let Some(network) = cluster
            .blocks
            .first_mut()
            .filter(|one| one.kind == "network")
        {
            network.settings.sort_by_key(|one| first(&one.key));
        }
        top.blocks.push(cluster);
        self.all_machines(&mut top);
        self.fit(&mut top);
        top
    }

    /// Settings of a kube-proxy that the cluster does not have are in no file that pikc writes.
    fn without_kube_proxy(&mut self) {
        let mut blocks = self.cluster.blocks.iter_mut();
        let Some(proxy) = blocks.find(|block| block.kind == "proxy") else {
            return;
        };
        if !matches!(proxy.get("disabled"), Some(Value::One(word)) if word == "on") {
            return;
        }
        let (kept, others): (Vec<_>, Vec<_>) = std::mem::take(&mut proxy.settings)
            .into_iter()
            .partition(|setting| setting.key == "disabled");
        proxy.settings = kept;
        let inner = std::mem::take(&mut proxy.blocks);
        let of_settings = others.into_iter().flat_map(|setting| setting.from);
        let of_blocks = inner.iter().flat_map(Section::places);
        for place in of_settings.chain(of_blocks) {
            let why = "the cluster has no kube-proxy, which would read it";
            self.report.lost(place, why);
        }
    }

    /// Several control planes need an endpoint that leads to all of them. Without one, the first of the files is in the spec.
    fn control_planes(&mut self) {
        let shared = self.cluster.get("endpoint").is_some();
        let mut seen: Option<String> = None;
        let mut kept = Vec::new();
        for machine in std::mem::take(&mut self.machines) {
            match (&seen, machine.role) {
                (Some(first), Role::ControlPlane) if !shared => {
                    let why = format!(
                        "no file has an endpoint that leads to several control planes, so the one in the spec is {first}: this machine is not in it"
                    );
                    for place in machine.places() {
                        self.report.lost(place, why.clone());
                    }
                }
                (None, Role::ControlPlane) => {
                    let name = machine.name.as_ref().map(|(name, _)| name.clone());
                    seen = Some(match name.filter(|name| parse(Type::Label, name).is_ok()) {
                        Some(name) => format!("`{name}`"),
                        None => "the first one".to_owned(),
                    });
                    kept.push(machine);
                }
                _ => kept.push(machine),
            }
        }
        if seen.is_none() {
            kept.insert(0, Machine::new(Role::ControlPlane));
            self.report.fill(
                "the control plane",
                "no file describes it: its node in the spec is a guess",
            );
        }
        self.machines = kept;
    }

    /// A name for each machine; one that a machine cannot have is replaced.
    fn names(&mut self) {
        let taken: BTreeSet<String> = self
            .machines
            .iter()
            .filter_map(|machine| machine.name.as_ref().map(|(name, _)| name.clone()))
            .collect();
        let mut number = 0;
        for machine in &mut self.machines {
            let fine = |name: &str| parse(Type::Label, name).is_ok();
            if machine.name.as_ref().is_some_and(|(name, _)| fine(name)) {
                continue;
            }
            let free = loop {
                number += 1;
                let name = format!("node{number:02}");
                if !taken.contains(&name) {
                    break name;
                }
            };
            if let Some((_, place)) = machine.name.take() {
                let why = format!("no machine of a spec can have this name; it is `{free}` there");
                self.report.lost(place, why);
            } else {
                let what = format!("the name of node `{free}`");
                self.report.fill(what, "no file names the machine");
            }
            machine.name = Some((free, Place::new(&Arc::from(""), 0, "")));
        }
    }

    fn release(&mut self) {
        if self.cluster.get("kubernetes").is_some() {
            return;
        }
        let known = &self.facts.releases;
        // The one before the newest: networks and runtimes have caught up with it.
        if let Some(release) = known.iter().rev().nth(1).or(known.last()) {
            let word = release.to_string();
            self.cluster
                .guess("kubernetes", word, Some("guessed: no file names a release"));
            self.report.fill(
                "`kubernetes` of the cluster",
                "no file names a release: `kubectl version` prints that of a running cluster",
            );
        }
    }

    fn runtime_and_cni(&mut self) {
        let mut runtime = Section::new("runtime", None);
        match self.runtime.take() {
            Some((name, place)) => {
                runtime.label = Some(name);
                runtime.from.push(place);
            }
            None => {
                runtime.label = Some("containerd".to_owned());
                runtime.note = Some("guessed: no file names one".to_owned());
                self.report.fill(
                    "`runtime`",
                    "no file names the runtime: `kubectl get nodes -o wide` shows it",
                );
            }
        }
        self.cluster.blocks.push(runtime);
        let cni = self.cluster.at(&["cni"]);
        match self.cni.take() {
            Some(name) => cni.label = Some(name),
            None => {
                cni.label = Some("none".to_owned());
                cni.note = Some("guessed: no file shows one, so you apply it yourself".to_owned());
                self.report.fill(
                    "`cni`",
                    "no file shows which CNI the cluster has: give its manifest or its ConfigMap, too, or `cni auto` chooses one",
                );
            }
        }
    }

    /// The accounts, interfaces and machines of the spec.
    pub(super) fn user(&self) -> String {
        let fine = |name: &&String| parse(Type::Account, name).is_ok() && name.as_str() != "root";
        let users = self.users.iter().map(|(name, _)| name);
        users
            .into_iter()
            .find(fine)
            .cloned()
            .unwrap_or_else(|| "admin".to_owned())
    }

    pub(super) fn key() -> Value {
        Value::Many(vec![(SshKey::PLACEHOLDER.to_owned(), None)])
    }
}

impl Machine {
    /// Every place that something about it comes from.
    fn places(&self) -> Vec<Place> {
        let one = |found: &Option<(IpAddr, Place)>| found.as_ref().map(|(_, place)| place.clone());
        let mut all: Vec<Place> = self.name.iter().map(|(_, place)| place.clone()).collect();
        all.extend(one(&self.address));
        all.extend(one(&self.address_ipv6));
        let taints = self.taints.iter().flatten();
        let pairs = self.labels.iter().chain(taints);
        all.extend(pairs.map(|(_, _, place)| place.clone()));
        all.extend(self.kubelet.places());
        if all.is_empty() {
            all.extend(self.from.clone());
        }
        all
    }
}
