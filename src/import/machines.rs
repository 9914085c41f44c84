//! Machines: what the documents about each of them say, together.

use std::net::IpAddr;

use super::components::arguments;
use super::document::Doc;
use super::report::{Place, Report};
use super::spec::{Section, Value};
use super::{Import, address};
use crate::model::Role;

/// A machine.
#[derive(Clone, Debug)]
pub(super) struct Machine {
    /// Its name, if one is known.
    pub name: Option<(String, Place)>,
    /// Its address.
    pub address: Option<(IpAddr, Place)>,
    /// Its IPv6 address, next to the other.
    pub address_ipv6: Option<(IpAddr, Place)>,
    /// What it is.
    pub role: Role,
    /// Taints as a spec writes them; none if it has those that kubeadm gives it.
    pub taints: Option<Vec<(String, String, Place)>>,
    /// Labels.
    pub labels: Vec<(String, String, Place)>,
    /// Arguments of its kubelet, and other settings of it.
    pub kubelet: Section,
    /// What it does with swap, where something shows it.
    pub swap: Option<(&'static str, Place)>,
    /// Its operating system, in its own words.
    pub image: Option<(String, Place)>,
    /// `amd64`, `arm64`
    pub architecture: Option<String>,
    /// Its kernel.
    pub kernel: Option<String>,
    /// Its memory.
    pub memory: Option<u64>,
    /// Its cores.
    pub cpus: Option<String>,
    /// The account that an inventory logs in with.
    pub user: Option<String>,
    /// What describes it first.
    pub from: Option<Place>,
}

impl Machine {
    pub(super) fn new(role: Role) -> Self {
        Self {
            name: None,
            address: None,
            address_ipv6: None,
            role,
            taints: None,
            labels: Vec::new(),
            kubelet: Section::new("kubelet", None),
            swap: None,
            image: None,
            architecture: None,
            kernel: None,
            memory: None,
            cpus: None,
            user: None,
            from: None,
        }
    }

    /// Its address, or one of each family with a comma between them.
    pub(super) fn set_address(&mut self, text: &str, place: Place, report: &mut Report) {
        for part in text.split(',').map(str::trim) {
            let Some(found) = address(part) else {
                report.lost(place.clone(), "this is not an address");
                continue;
            };
            if found.is_unspecified() {
                continue;
            }
            if found.is_loopback() {
                let why = "no other machine reaches it at this address";
                report.lost(place.clone(), why);
                continue;
            }
            let own = match found {
                IpAddr::V4(_) => &mut self.address,
                IpAddr::V6(_) => &mut self.address_ipv6,
            };
            match own {
                Some((other, first)) if *other != found => {
                    let why = format!(
                        "the machine has another address at {}:{}, and a spec has one of each family",
                        first.file, first.line
                    );
                    report.lost(place.clone(), why);
                }
                Some(_) => {}
                None => *own = Some((found, place.clone())),
            }
        }
    }
}

/// `key=value:Effect` as a spec writes it.
pub(super) fn taint(value: &str, effect: &str) -> String {
    match value {
        "" => effect.to_owned(),
        value => format!("{value}:{effect}"),
    }
}

const CONTROL_PLANE: &str = "node-role.kubernetes.io/control-plane";

/// Whether these are the taints that kubeadm gives a machine of this role.
pub(super) fn usual_taints(taints: &[(String, String, Place)], role: Role) -> bool {
    match (role, taints) {
        (Role::ControlPlane, [(key, effect, _)]) => key == CONTROL_PLANE && effect == "NoSchedule",
        (Role::Worker, []) => true,
        _ => false,
    }
}

impl Import {
    /// A machine as `nodeRegistration` describes it.
    pub(super) fn registration(&mut self, doc: &Doc, role: Role) -> Machine {
        let mut machine = Machine::new(role);
        machine.from = Some(doc.head());
        machine.name = doc.take(&["nodeRegistration", "name"]);
        self.socket(doc, &["nodeRegistration", "criSocket"]);
        let given: Vec<_> = doc.left(&["nodeRegistration", "taints"]).collect();
        let mut taints = Vec::new();
        for item in doc.each(&["nodeRegistration", "taints"]) {
            let (Some(key), Some(effect)) = (item.text(&["key"]), item.text(&["effect"])) else {
                continue;
            };
            let value = item.text(&["value"]).unwrap_or_default();
            let place = item
                .leaf(&["key"])
                .map_or_else(|| doc.head(), |leaf| doc.place(leaf));
            taints.push((key.to_owned(), taint(value, effect), place));
            item.take();
        }
        let said = given.iter().any(|leaf| leaf.held != super::Held::Nothing);
        if said && !usual_taints(&taints, role) {
            machine.taints = Some(taints);
        }
        given
            .iter()
            .filter(|leaf| leaf.steps.len() == 2)
            .for_each(|leaf| leaf.take());
        for one in arguments(doc, &["nodeRegistration", "kubeletExtraArgs"]) {
            self.kubelet_argument(&mut machine, one);
        }
        machine
    }

    fn kubelet_argument(&mut self, machine: &mut Machine, one: super::components::Argument) {
        let patches = self
            .facts
            .release_facts
            .as_ref()
            .is_none_or(|release| release.kubelet_patches.value);
        let word = match one.text.as_str() {
            "true" => "on",
            "false" => "off",
            text => text,
        };
        let kept = match one.name.as_str() {
            "node-ip" => {
                machine.set_address(&one.text, one.place, &mut self.report);
                return;
            }
            "node-labels" => {
                for pair in one.text.split(',').filter(|pair| !pair.is_empty()) {
                    let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
                    let label = (key.to_owned(), value.to_owned(), one.place.clone());
                    machine.labels.push(label);
                }
                return;
            }
            "cgroup-driver" if one.text == "systemd" => return,
            "cgroup-driver" => {
                let why = "pikc sets up the runtime and the kubelet for cgroups managed by systemd";
                self.report.lost(one.place, why);
                return;
            }
            "fail-swap-on" | "max-pods" if !patches => {
                machine.kubelet.put(&one.name, word, one.place)
            }
            "feature-gates" if !patches => {
                for pair in one.text.split(',') {
                    let (name, value) = pair.split_once('=').unwrap_or((pair, "true"));
                    let word = if value == "true" { "on" } else { "off" };
                    let block = machine.kubelet.at(&["feature-gates"]);
                    // A new machine has no other value.
                    let _ = block.put(name, word, one.place.clone());
                }
                return;
            }
            _ => machine
                .kubelet
                .at(&["extra-args"])
                .put(&one.name, one.text.as_str(), one.place),
        };
        if let Err(place) = kept {
            self.report.lost(place, "the argument is there twice");
        }
    }

    /// Adds a machine, or what is new about one that is known.
    pub(super) fn merge(&mut self, new: Machine) {
        let same = |own: &&mut Machine| match (&own.name, &new.name) {
            (Some((own, _)), Some((name, _))) => own == name,
            _ => {
                own.address.is_some()
                    && own.address.as_ref().map(|a| a.0) == new.address.as_ref().map(|a| a.0)
            }
        };
        let Some(own) = self.machines.iter_mut().find(same) else {
            self.machines.push(new);
            return;
        };
        if own.role != new.role {
            own.role = Role::ControlPlane;
        }
        own.name = own.name.take().or(new.name);
        for (family, other) in [
            (&mut own.address, new.address),
            (&mut own.address_ipv6, new.address_ipv6),
        ] {
            if let (Some((first, _)), Some((second, place))) = (&*family, &other)
                && first != second
            {
                let why = "the machine has another address in a document before this one";
                self.report.lost(place.clone(), why);
            }
            *family = family.take().or(other);
        }
        own.taints = own.taints.take().or(new.taints);
        for label in new.labels {
            if own.labels.iter().all(|known| known.0 != label.0) {
                own.labels.push(label);
            }
        }
        for setting in new.kubelet.settings {
            own.kubelet.settings.push(setting);
        }
        own.kubelet.blocks.extend(new.kubelet.blocks);
        own.swap = own.swap.take().or(new.swap);
        own.image = own.image.take().or(new.image);
        own.architecture = own.architecture.take().or(new.architecture);
        own.kernel = own.kernel.take().or(new.kernel);
        own.memory = own.memory.or(new.memory);
        own.cpus = own.cpus.take().or(new.cpus);
        own.user = own.user.take().or(new.user);
    }
}

impl Machine {
    /// Its labels and taints as blocks.
    pub(super) fn blocks(&self) -> Vec<Section> {
        let mut blocks = Vec::new();
        if !self.kubelet.is_empty() {
            blocks.push(self.kubelet.clone());
        }
        if !self.labels.is_empty() {
            let mut labels = Section::new("labels", None);
            for (key, value, place) in &self.labels {
                // Labels of one machine are distinct; a second value of one is that of another document.
                let _ = labels.put(key, value.as_str(), place.clone());
            }
            blocks.push(labels);
        }
        if let Some(all) = &self.taints {
            let mut taints = Section::new("taints", None);
            for (key, value, place) in all {
                if let Some(own) = taints.settings.iter_mut().find(|own| own.key == *key) {
                    own.from.push(place.clone());
                    continue;
                }
                let _ = taints.put(key, Value::from(value.as_str()), place.clone());
            }
            blocks.push(taints);
        }
        blocks
    }
}
