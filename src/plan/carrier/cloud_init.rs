//! NoCloud's three files: user-data, meta-data, network-config.

use std::sync::Arc;

use camino::Utf8Path;

use super::{Input, instance};
use crate::file_format::made_by;
use crate::model::User;
use crate::origin::{Origin, Sourced};
use crate::plan::class::Class;
use crate::plan::document::cloud_config::{Account, CloudConfig, Entry, MetaData, Null};
use crate::plan::file::Placing;
use crate::plan::types::{Artifact, Body, CARRIED, Carrier, Plan, TypedDocument};

/// Unpacks what user-data wrote and starts it. It is in bootcmd, too: if power fails between the
/// writing of the files and the end of runcmd, they would stay there, because cloud-init does each of
/// its tasks once. `--start` removes the folder.
fn start() -> Vec<String> {
    let command = format!(
        "if [ -e {CARRIED}/class.tar.gz ]; then \
         tar -xzf {CARRIED}/class.tar.gz -C {CARRIED} && bash {CARRIED}/run.sh --start; fi"
    );
    ["sh", "-c", &command].map(str::to_owned).to_vec()
}

/// The user-data that all machines of a class share.
pub(super) fn config(class: &Class) -> Option<CloudConfig> {
    let settings = &class.settings;
    let system = &settings.os.as_ref()?.value;
    let mut runcmd = Vec::new();
    if system.ssh_enabled.as_ref().is_some_and(|on| !on.value) {
        // cloud-init configures the SSH server and does not start it.
        let words = ["systemctl", "enable", "--now", system.ssh_unit.as_str()];
        runcmd.push(words.map(str::to_owned).to_vec());
    }
    runcmd.push(start());
    // If the first boot would ask for an account, cloud-init's own account gets this name; an additional
    // account would leave the question on the screen.
    let asks = system
        .default_user
        .as_ref()
        .is_some_and(|user| user.value == "none");
    let first = settings.login();
    let mut user = None;
    let mut users = Vec::new();
    for one in &settings.users {
        if asks && one.name.value == first {
            user = Some(Account {
                sudo: Some(Null),
                ..account(one)
            });
        } else {
            users.push(Entry::Account(account(one)));
        }
    }
    if user.is_some() && !users.is_empty() {
        users.insert(0, Entry::Own("default"));
    }
    Some(CloudConfig {
        user,
        users,
        ssh_pwauth: false,
        manage_etc_hosts: false,
        locale: "false",
        timezone: settings
            .locale
            .timezone
            .as_ref()
            .map(|zone| zone.clone().map(|zone| zone.0)),
        bootcmd: vec![start()],
        runcmd,
        write_files: Vec::new(),
    })
}

fn account(user: &User) -> Account {
    Account {
        name: user.name.clone(),
        groups: user.groups.clone(),
        shell: "/bin/bash",
        lock_passwd: true,
        sudo: None,
        ssh_authorized_keys: user
            .ssh_keys
            .iter()
            .map(|key| key.clone().map(|key| key.to_string()))
            .collect(),
    }
}

/// Adds the three files of a node below `folder`.
pub(super) fn add(input: &Input<'_>, folder: &Utf8Path, plan: &mut Plan) {
    let node = input.node;
    let name = &node.name;
    let origins: Arc<[Origin]> = Arc::from([name.origin.clone()]);
    plan.carriers.push(Carrier {
        path: folder.join("user-data"),
        mode: if input.secret { 0o600 } else { 0o644 },
        payload: input.payload,
        list: input.list,
        name: name.clone(),
        origins: Arc::clone(&origins),
    });
    let cluster = &input.model.cluster.name;
    let id = Sourced::new(
        instance(&cluster.value, &name.value),
        Origin::derived(
            "the instance id depends on the names of cluster and node only",
            [cluster.origin.clone(), name.origin.clone()],
        ),
    );
    plan.artifacts.push(Artifact {
        path: folder.join("meta-data"),
        mode: 0o644,
        body: Body::Yaml {
            header: vec![
                format!("Who this machine is, for cloud-init: {}.", name.value),
                made_by(&input.options.spec),
            ],
            documents: vec![
                TypedDocument::MetaData(MetaData {
                    instance_id: id,
                    local_hostname: name.clone(),
                })
                .into(),
            ],
        },
        origins: Arc::clone(&origins),
    });
    if let Some(netplan) = input.netplan {
        plan.artifacts.extend(network(input, netplan, folder));
    }
}

/// The network of the first boot: the same as the bundle has for every later one.
fn network(input: &Input<'_>, netplan: &Placing, folder: &Utf8Path) -> Option<Artifact> {
    let Body::Yaml { documents, .. } = &netplan.body else {
        return None;
    };
    Some(Artifact {
        path: folder.join("network-config"),
        mode: if netplan.secret { 0o600 } else { 0o644 },
        body: Body::Yaml {
            header: vec![
                format!(
                    "The address of {} from the first boot on, for cloud-init.",
                    input.node.name.value
                ),
                made_by(&input.options.spec),
            ],
            documents: documents.clone(),
        },
        origins: Arc::from(netplan.origins.clone()),
    })
}
