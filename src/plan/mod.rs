//! All decisions: which steps a machine runs, which files it gets, what is in them, and why.
//!
//! In: a checked model. Out: a [`Plan`], pure data: templates with their values, typed documents,
//! lines, links. Nothing is rendered here, and no floor above this one decides anything.

pub mod document;

mod card;
mod carried;
mod carrier;
mod class;
mod cluster;
mod cni;
mod control_plane;
mod disk;
mod dns;
mod file;
mod firmware;
mod fixed;
mod hosts;
mod ignored;
mod kubeadm;
mod kubelet;
mod machine;
mod moving_pod;
mod network;
mod once;
mod policy;
mod ports;
mod reset;
mod runbook;
mod sources;
mod step;
mod turns;
mod types;
mod upkeep;
mod vendor;
mod verify;
mod vip;

pub use card::{Card, NoCard, card};
pub use turns::{Order, Turn, order};
pub use types::{
    AddedRepository, Artifact, Body, CARRIED, Carrier, Context, Document, Early, Head, List,
    Listed, Outside, Payload, Placed, Plan, PlannedStep, Seed, TypedDocument,
};
pub use vendor::{Wanted, vendor, wanted};

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::check::Checked;
use crate::model::Model;
use crate::secret::{Ring, Secret};
use crate::stdlib::Library;
use crate::value::SecretName;

/// What the command line adds to the spec.
#[derive(Clone, Default)]
pub struct Options {
    /// The values of secrets, by name. They reach 0600 files and nothing else.
    pub secrets: BTreeMap<SecretName, Secret>,
    /// The cluster's own secrets, if it has a secrets file: with them the machines join by themselves.
    pub own: Option<Ring>,
    /// Whether machines that are not Pis get an image of cloud-init's files.
    pub seed_images: bool,
    /// Upstream files that are available, by name: the control plane gets them in its bundle and fetches none of them.
    pub vendored: BTreeMap<String, Arc<[u8]>>,
    /// The spec's file name, for headers.
    pub spec: String,
}

/// The class of each machine, by the machine's name: machines of one class share their scripts.
pub fn class_names(model: &Checked<Model>, options: &Options) -> BTreeMap<String, String> {
    let model = model.get();
    let classes = class::classes(model, options, &hosts::Hosts::new(model));
    let named = model.nodes.iter().filter_map(|node| {
        let class = classes.of(&node.settings)?;
        Some((node.name.value.clone(), class.name.clone()))
    });
    named.collect()
}

/// Plans everything that will be written.
pub fn plan(model: &Checked<Model>, library: &Library, options: &Options) -> Plan {
    let model = model.get();
    let mut secrets = network::Secrets::new(&options.secrets);
    let hosts = hosts::Hosts::new(model);
    let mut classes = class::classes(model, options, &hosts);
    let mut plan = Plan {
        cluster: model.cluster.name.value.clone(),
        artifacts: Vec::new(),
        steps: Vec::new(),
        lists: Vec::new(),
        payloads: Vec::new(),
        carriers: Vec::new(),
        seeds: Vec::new(),
        versions: cluster::versions(model),
        fixed: fixed::fixed(model, options),
        outside: cluster::outside(model, options),
        missing_secrets: BTreeMap::new(),
    };
    for class in &mut classes.list {
        class.add_to(&mut plan);
        carrier::add_payload(model, library, class, options, &mut plan);
    }
    cni::add(model, library, options, &mut secrets, &mut plan);
    machine::add_all(
        model,
        library,
        &classes,
        &hosts,
        &mut secrets,
        options,
        &mut plan,
    );
    dns::add(model, options, &mut plan);
    policy::add(model, options, &mut plan);
    plan.missing_secrets = secrets.missing();
    runbook::add(model, &classes, options, &mut plan);
    ignored::add(&mut plan);
    plan
}
