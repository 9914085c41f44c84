//! Carriers: files that bring a node's bundle to its machine without a person copying it, and start
//! its `run.sh`. They are plans here; the texts they are made of are rendered first.

mod cloud_init;

use std::sync::Arc;

use camino::{Utf8Path, Utf8PathBuf};

use super::class::Class;
use super::file::Placing;
use super::network::Secrets;
use super::types::{Artifact, Body, Early, Listed, Payload, Plan};
use super::{Options, machine};
use crate::model::{Model, Node, Role};
use crate::stdlib::Library;
use crate::value::SecretName;

/// Adds what the machines of a class have in common, if their system can be prepared at all. The
/// class's checksum list is the plan's last one.
pub(super) fn add_payload(
    model: &Model,
    library: &Library,
    class: &mut Class,
    options: &Options,
    plan: &mut Plan,
) {
    if let Some(payload) = payload(model, library, class, &options.spec, plan) {
        class.payload = Some(plan.payloads.len());
        plan.payloads.push(payload);
    }
}

fn payload(
    model: &Model,
    library: &Library,
    class: &Class,
    spec: &str,
    plan: &Plan,
) -> Option<Payload> {
    let system = &class.settings.os.as_ref()?.value;
    let head = match system.headless.as_ref()?.kind.value.as_str() {
        "cloud-init" => cloud_init::config(class)?,
        _ => return None,
    };
    let list = plan.lists.len().checked_sub(1)?;
    let entries = &plan.lists.get(list)?.entries;
    let manifests = match class.role {
        Role::ControlPlane => machine::manifests(model, library),
        Role::Worker => Vec::new(),
    };
    Some(Payload {
        head,
        header: vec![
            format!(
                "How a machine of the class {} comes up by itself: cloud-init makes its account and starts its bundle.",
                class.name
            ),
            format!("Made by pikc from {spec}. Do not edit: change the spec and compile again."),
            "What differs from machine to machine stands at the end.".to_owned(),
        ],
        list,
        manifests,
        // So that somebody can come in and become root, whatever happens to the bundle.
        early: early(entries, "common/etc/sudoers.d/", "common"),
        origins: Arc::from(class.origins.clone()),
    })
}

/// The files of a bundle that are placed before its run.sh begins: as the steps would place them, so
/// that the steps find them right.
fn early(entries: &[Listed], below: &str, overlay: &str) -> Vec<Early> {
    entries
        .iter()
        .filter(|entry| entry.bundle.starts_with(below))
        .map(|entry| Early {
            path: entry.bundle[overlay.len()..].to_owned(),
            output: entry.output.clone(),
            mode: entry.placed.mode,
        })
        .collect()
}

/// What `add` needs to know of a node.
pub(super) struct Input<'a> {
    pub model: &'a Model,
    pub node: &'a Node,
    /// The class's payload, among those of the plan.
    pub payload: usize,
    /// The node's checksum list, among those of the plan.
    pub list: usize,
    /// The file that says its addresses.
    pub netplan: Option<&'a Placing>,
    /// What the node lacks.
    pub missing: &'a [(SecretName, String)],
    pub spec: &'a str,
}

/// Adds the carriers of a node. Without the secrets that its network needs there are none: the
/// machine would come up alone.
pub(super) fn add(input: &Input<'_>, secrets: &mut Secrets<'_>, plan: &mut Plan) {
    let folder = Utf8PathBuf::from(format!("nodes/{}", input.node.name.value));
    let cloud_init = folder.join("cloud-init");
    if !input.missing.is_empty() {
        for (secret, _) in input.missing {
            secrets.lacks(secret, cloud_init.join("user-data"));
        }
        return;
    }
    cloud_init::add(input, &cloud_init, plan);
    boot(input, &folder, plan);
}

/// `boot/`: what goes on the boot partition of a Pi. Where cloud-init reads it there, that is all.
fn boot(input: &Input<'_>, folder: &Utf8Path, plan: &mut Plan) {
    let settings = &input.node.settings;
    let pi = settings
        .board
        .as_ref()
        .is_some_and(|board| board.value.hardware == "pi");
    if !pi {
        return;
    }
    plan.artifacts.push(Artifact {
        path: folder.join("boot"),
        mode: 0o777,
        body: Body::Link(Utf8PathBuf::from("cloud-init")),
        origins: Arc::from([input.node.name.origin.clone()]),
    });
}
