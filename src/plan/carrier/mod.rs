//! Carriers: files that bring a node's bundle to its machine without a person copying it, and start
//! its `run.sh`. They are plans here; the texts that they are built from are rendered first.

mod cloud_init;
mod firstrun;

use std::sync::Arc;

use camino::Utf8PathBuf;

use super::class::Class;
use super::file::Placing;
use super::network::Secrets;
use super::types::{Artifact, Body, Early, Head, Listed, Payload, Plan, Seed};
use super::{Options, machine};
use crate::file_format::made_by;
use crate::model::{Model, Node, Role};
use crate::stdlib::{Hardware, Library, Provisioning};
use crate::value::SecretName;

/// How cloud-init distinguishes a machine from others: who it is, not what it is told to be. With another
/// id, everything that is done once would be done again.
pub(super) fn instance(cluster: &str, node: &str) -> String {
    format!("pikc-{cluster}-{node}")
}

/// Adds what the machines of a class have in common, if their system can be prepared at all. The
/// class's checksum list is the plan's last one.
pub(super) fn add_payload(
    model: &Model,
    library: &Library,
    class: &mut Class,
    options: &Options,
    plan: &mut Plan,
) {
    if let Some(payload) = payload(model, library, class, options, plan) {
        class.payload = Some(plan.payloads.len());
        plan.payloads.push(payload);
    }
}

fn payload(
    model: &Model,
    library: &Library,
    class: &Class,
    options: &Options,
    plan: &Plan,
) -> Option<Payload> {
    let spec = &options.spec;
    let system = &class.settings.os.as_ref()?.value;
    let board = &class.settings.board.as_ref()?.value;
    let head = match system.headless(board.hardware)?.kind.value {
        Provisioning::CloudInit => Head::CloudInit {
            header: vec![
                format!(
                    "How a machine of the class {} sets itself up: cloud-init creates its account and starts its bundle.",
                    class.name
                ),
                made_by(spec),
                "What differs between machines is at the end.".to_owned(),
            ],
            config: Box::new(cloud_init::config(class)?),
        },
        Provisioning::Firstrun => Head::Script {
            name: "script/firstrun.sh.j2",
            context: Arc::new(firstrun::context(class, spec)?),
        },
    };
    let list = plan.lists.len().checked_sub(1)?;
    let entries = &plan.lists.get(list)?.entries;
    let manifests = match class.role {
        Role::ControlPlane => machine::manifests(model, library, options),
        Role::Worker => Vec::new(),
    };
    Some(Payload {
        head,
        list,
        manifests,
        // So that someone can log in and become root, whatever happens to the bundle.
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
    /// The file with its addresses.
    pub netplan: Option<&'a Placing>,
    /// Whether the bundle holds a secret.
    pub secret: bool,
    /// What the node lacks.
    pub missing: &'a [(SecretName, String)],
    pub options: &'a Options,
}

/// Adds the carriers of a node. Without the secrets that its network needs there are none: the
/// machine would come up alone.
pub(super) fn add(input: &Input<'_>, secrets: &mut Secrets<'_>, plan: &mut Plan) {
    let folder = Utf8PathBuf::from(format!("nodes/{}", input.node.name.value));
    let cloud_init = matches!(plan.payloads[input.payload].head, Head::CloudInit { .. });
    let (carrier, boot) = (folder.join("cloud-init"), folder.join("boot"));
    if !input.missing.is_empty() {
        let left_out = match cloud_init {
            true => carrier.join("user-data"),
            false => boot.join("firstrun.sh"),
        };
        for (secret, _) in input.missing {
            secrets.lacks(secret, left_out.clone());
        }
        return;
    }
    if !cloud_init {
        firstrun::add(input, boot, plan);
        return;
    }
    cloud_init::add(input, &carrier, plan);
    let board = input.node.settings.board.as_ref();
    let pi = board.is_some_and(|board| board.value.hardware == Hardware::Pi);
    if !pi && input.options.seed_images {
        plan.seeds.push(Seed { folder: carrier });
    }
    // What goes on the boot partition of a Pi: cloud-init reads it there.
    if pi {
        plan.artifacts.push(Artifact {
            path: boot,
            mode: 0o777,
            body: Body::Link(Utf8PathBuf::from("cloud-init")),
            origins: Arc::from([input.node.name.origin.clone()]),
        });
    }
}
