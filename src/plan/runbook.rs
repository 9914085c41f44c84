//! The runbook: what a person does on which machine, in which order, and what to expect.

mod boot;
mod control_plane;
mod disks;
mod dnf;
mod evening;
mod ports;
mod proxy;
mod routers;
mod several;
mod words;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use camino::Utf8PathBuf;
use ipnet::IpNet;
use serde_json::{Value as Json, json};

use super::class::Classes;
use super::types::{Artifact, Body, Context, Plan};
use super::{Options, cni};
use crate::file_format::shell_word::word;
use crate::model::{Model, Node, Role};
use crate::origin::{Origin, Sourced};
use crate::picture;
use crate::stdlib::{Hardware, Platform, Provisioning, TimeDaemon};
use evening::hosts;
use words::{address, names};

/// The most rows of a table for people.
const MOST_ROWS: usize = 200;

/// Adds `README.md`.
pub(super) fn add(model: &Model, classes: &Classes, options: &Options, plan: &mut Plan) {
    let Some(first) = model.first_control_plane() else {
        return;
    };
    let cluster = &model.cluster;
    let workers: Vec<&str> = model
        .with_role(Role::Worker)
        .map(|node| node.name.value.as_str())
        .collect();
    let mut context = Context::default();
    // It becomes part of commands that people type in the folder of the tree: they know where the spec is, and the tree does not.
    let spec = match options.spec.as_str() {
        "<stdin>" => "SPEC".to_owned(),
        name => format!("FOLDER/{}", word(name)),
    };
    context.set("spec", spec, []);
    context.set(
        "cluster",
        cluster.name.value.clone(),
        [cluster.name.origin.clone()],
    );
    context.set("summary", summary(model, plan, workers.len()), []);
    context.set("missing", missing(plan), []);
    alone(model, options, &mut context);
    context.set(
        "picture",
        picture::text(&picture::picture(model)),
        [cluster.name.origin.clone()],
    );
    context.set(
        "first",
        json!({
            "name": first.name.value,
            "login": format!("{}@{}", first.settings.login(), address(first)),
        }),
        [first.name.origin.clone()],
    );
    context.set("asks", asks(model), []);
    preparations(model, &workers, &mut context);
    machines(model, classes, &mut context);
    evening::add(model, first, &mut context);
    several::add(model, &mut context);
    routers::add(model, &mut context);
    boot::add(model, &mut context);
    disks::add(model, &mut context);
    dnf::add(model, &mut context);
    let outside: Vec<Json> = plan
        .outside
        .iter()
        .map(|row| json!({"url": row.url, "gives": row.gives, "needed_by": row.needed_by}))
        .collect();
    context.set("outside", outside, []);
    ports::add(model, &mut context);
    proxy::add(model, &mut context);
    proxy::logins(model, &mut context);
    passwords(model, &mut context);
    context.set("by_hand", by_hand(model), []);
    context.set("clocks", clocks(model), []);
    context.set("told_apart", by_machine_id(model), []);
    context.set("dns", control_plane::dns(model), []);
    context.set("policies", policies(model), []);
    control_plane::add(model, &mut context);
    super::upkeep::told(model, &mut context);
    context.set("harmless", harmless(model), []);
    context.set("allowed", allowed(model), []);
    let why: Vec<Origin> = vec![cluster.name.origin.clone()];
    plan.artifacts.push(hosts(model));
    plan.artifacts.push(Artifact {
        path: Utf8PathBuf::from("README.md"),
        mode: 0o644,
        body: Body::Template {
            name: "output/README.md.j2".to_owned(),
            context: Arc::new(context),
        },
        origins: Arc::from(why),
    });
}

/// Whether the machines join by themselves, and for how long they can.
fn alone(model: &Model, options: &Options, context: &mut Context) {
    let window = model.cluster.join.window.as_ref();
    let window = window.filter(|_| options.own.is_some());
    context.set(
        "window",
        window.map(|window| window.value.short()),
        window.map(|window| window.origin.clone()),
    );
}

/// Whether any account has a password.
fn passwords(model: &Model, context: &mut Context) {
    let users = model.nodes.iter().flat_map(|node| &node.settings.users);
    let mut given = users.filter_map(|user| user.password.as_ref());
    let first = given.next().map(|password| password.origin.clone());
    context.set("passwords", first.is_some(), first);
}

/// The machines on which sudo asks the account that a person logs in to for its password; empty if it asks on none.
fn asks(model: &Model) -> String {
    let asks = |node: &&Node| {
        let sudo = node.settings.account().and_then(|user| user.sudo.as_ref());
        sudo.is_some_and(|sudo| sudo.value == "password")
    };
    let found: Vec<&str> = model
        .nodes
        .iter()
        .filter(asks)
        .map(|node| node.name.value.as_str())
        .collect();
    match found.len() == model.nodes.len() {
        true => "every machine".to_owned(),
        false => names(&found),
    }
}

/// How the machines get their files for the first boot.
fn preparations(model: &Model, workers: &[&str], context: &mut Context) {
    let by = |card: bool| -> String {
        let prepared: Vec<&str> = model
            .nodes
            .iter()
            .filter(|node| prepared(node) == Some(card) && node.settings.platform.is_none())
            .map(|node| node.name.value.as_str())
            .collect();
        names(&prepared)
    };
    context.set("cards", by(true), []);
    context.set("seeds", by(false), []);
    let radio = |node: &Node| node.settings.interfaces.iter().any(|it| it.wifi.is_some());
    context.set("radio", model.nodes.iter().any(radio), []);
    let named = |node: &Node| Some(node.settings.platform.as_ref()?.origin.clone());
    let because: BTreeSet<Origin> = model.nodes.iter().filter_map(named).collect();
    context.set("platforms", platforms(model), because);
    context.set("workers", names(workers), []);
    context.set("reboots", true, []);
}

/// The table of the machines, and how they join.
fn machines(model: &Model, classes: &Classes, context: &mut Context) {
    let cluster = &model.cluster;
    let ttl = cluster.join.ttl.as_ref();
    context.set(
        "join_ttl",
        ttl.map(|ttl| ttl.value.short()),
        ttl.map(|ttl| ttl.origin.clone()),
    );
    context.set("node_count", model.nodes.len(), []);
    let rows: Vec<Json> = model
        .nodes
        .iter()
        .take(MOST_ROWS)
        .map(|node| row(node, classes))
        .collect();
    context.set("nodes", rows, []);
    context.set(
        "nodes_left",
        model.nodes.len().saturating_sub(MOST_ROWS),
        [],
    );
}

/// "1 control plane, 3 workers, Kubernetes 1.36.4, CRI-O 1.36, flannel 0.28.9"
fn summary(model: &Model, plan: &Plan, workers: usize) -> String {
    let version = |name: &str| plan.versions.get(name).map_or("", String::as_str);
    let planes = model.with_role(Role::ControlPlane).count();
    let planes = match planes {
        1 => "1 control plane".to_owned(),
        more => format!("{more} control planes"),
    };
    let mut parts = vec![match workers {
        0 if model.nodes.len() == 1 => "one node, which is its control plane".to_owned(),
        0 => planes,
        1 => format!("{planes}, 1 worker"),
        more => format!("{planes}, {more} workers"),
    }];
    parts.push(format!("Kubernetes {}", version("kubernetes")));
    if let Some(runtime) = &model.facts.runtime {
        parts.push(format!("{} {}", runtime.title, version(&runtime.name)));
    }
    if let Some(cni) = &model.facts.cni {
        parts.push(cni.named());
    }
    parts.join(", ")
}

/// Whether a machine sets itself up from a card's boot partition (or from a seed, if not); nothing
/// if its system cannot be prepared.
fn prepared(node: &Node) -> Option<bool> {
    let system = &node.settings.os.as_ref()?.value;
    let hardware = node.settings.board.as_ref()?.value.hardware;
    let kind = system.headless(hardware)?.kind.value;
    let pi = hardware == Hardware::Pi;
    (pi || kind == Provisioning::CloudInit).then_some(pi)
}

/// The platforms, with the machines that each hands their user-data.
fn platforms(model: &Model) -> Vec<Json> {
    let mut found: BTreeMap<&str, (&Platform, Vec<&str>)> = BTreeMap::new();
    for node in &model.nodes {
        if let Some(platform) = &node.settings.platform {
            let (_, nodes) = found
                .entry(&platform.value.name)
                .or_insert((&platform.value, Vec::new()));
            nodes.push(&node.name.value);
        }
    }
    found
        .into_values()
        .map(|(platform, nodes)| {
            json!({
                "title": platform.title,
                "most": platform.user_data.value,
                "nodes": names(&nodes),
            })
        })
        .collect()
}

fn missing(plan: &Plan) -> Vec<Json> {
    plan.missing_secrets
        .iter()
        .map(|(secret, files)| {
            let shown = match files.as_slice() {
                [] => String::new(),
                [one] => one.to_string(),
                [one, more @ ..] => format!("{one} and {} more", more.len()),
            };
            json!({"secret": secret.0, "files": shown})
        })
        .collect()
}

fn row(node: &Node, classes: &Classes) -> Json {
    let settings = &node.settings;
    json!({
        "name": node.name.value,
        "address": address(node),
        "role": settings.role.as_ref().map_or("", |role| role.value.word()),
        "board": settings.board.as_ref().map_or("", |board| board.value.title.as_str()),
        "os": settings.os.as_ref().map_or("", |os| os.value.title.as_str()),
        "class": classes.of(settings).map_or("", |class| class.name.as_str()),
    })
}

/// What a pod network must fit, if the operator brings it.
fn by_hand(model: &Model) -> Json {
    if !cni::by_hand(model) {
        return Json::Null;
    }
    let network = &model.cluster.network;
    let shown = |net: &Option<Sourced<IpNet>>| net.as_ref().map(|net| net.value.to_string());
    json!({"pods": shown(&network.pods), "services": shown(&network.services)})
}

/// The CNI that distinguishes nodes by their machine id, if it is one that does.
fn by_machine_id(model: &Model) -> Option<String> {
    let facts = model.facts.cni.as_ref()?;
    let told = facts.machine_id.as_ref().is_some_and(|told| told.value);
    told.then(|| facts.title.clone())
}

/// The commands that show which servers answer, for the programs that set the machines' clocks.
fn clocks(model: &Model) -> Vec<&'static str> {
    let mut found = Vec::new();
    for os in model
        .nodes
        .iter()
        .filter_map(|node| node.settings.os.as_ref())
    {
        let command = match os.value.time_daemon.value {
            TimeDaemon::Chrony => "chronyc sources",
            TimeDaemon::Timesyncd => "timedatectl timesync-status",
        };
        if !found.contains(&command) {
            found.push(command);
        }
    }
    found
}

/// The network policies, for people.
fn policies(model: &Model) -> Vec<Json> {
    let all = model.cluster.policies.iter().take(MOST_ROWS);
    all.map(|policy| {
        let namespaces: Vec<&str> = policy
            .namespaces
            .iter()
            .map(|namespace| namespace.value.as_str())
            .collect();
        let denies: Vec<&str> = policy
            .deny
            .iter()
            .map(|denied| denied.value.word())
            .collect();
        json!({
            "name": policy.name.value,
            "namespaces": namespaces.join(", "),
            "denies": denies.join(", "),
        })
    })
    .collect()
}

/// Warnings that look bad and are harmless.
fn harmless(model: &Model) -> Vec<String> {
    let mut lines = Vec::new();
    let pi = |node: &Node| {
        let board = node.settings.board.as_ref();
        board.is_some_and(|board| board.value.hardware == Hardware::Pi)
    };
    if model.nodes.iter().any(pi) {
        lines.push(
            "kubeadm warns \"missing optional cgroups: hugetlb\" on a Raspberry Pi: its kernel has no huge pages, and nothing here uses them.".to_owned(),
        );
    }
    let swaps = |node: &Node| {
        let swap = node.settings.swap.as_ref();
        swap.is_some_and(|swap| swap.value != crate::model::Swap::Off)
    };
    if model.nodes.iter().any(swaps) {
        lines.push(
            "kubeadm warns about swap on the machines that keep it: their kubelet is told to tolerate it.".to_owned(),
        );
    }
    lines.push(
        "the kubelet is restarted every few seconds until kubeadm has written its settings: that is how it waits.".to_owned(),
    );
    lines
}

/// What `allow` silenced, once each.
fn allowed(model: &Model) -> Vec<Json> {
    let mut rows = Vec::new();
    for allow in &model.all_allows {
        let reason = allow
            .reason
            .as_ref()
            .map_or("", |reason| reason.value.as_str());
        let row = json!({"code": allow.code.value, "reason": reason});
        if !rows.contains(&row) {
            rows.push(row);
        }
    }
    rows
}
