//! What the person who sets the machines up needs before and after the steps: images, times, logins.

use std::sync::Arc;

use camino::Utf8PathBuf;
use serde_json::{Value as Json, json};

use super::words::{address, names};
use crate::model::{Model, Node, Role, Target};
use crate::origin::Origin;
use crate::plan::types::{Artifact, Body, Context};
use crate::stdlib::{Board, Hardware, Image};

/// `hosts.txt`: every machine with its login, for loops over all of them.
pub(super) fn hosts(model: &Model) -> Artifact {
    let rows: Vec<Json> = model
        .nodes
        .iter()
        .map(|node| {
            json!({
                "name": node.name.value,
                "login": logs_in(node),
                "role": node.settings.role.as_ref().map_or("", |role| role.value.word()),
            })
        })
        .collect();
    let mut context = Context::default();
    context.set("nodes", rows, []);
    let why: Vec<Origin> = model
        .nodes
        .iter()
        .map(|node| node.name.origin.clone())
        .collect();
    Artifact {
        path: Utf8PathBuf::from("hosts.txt"),
        mode: 0o644,
        body: Body::Template {
            name: "output/hosts.sh.j2".to_owned(),
            context: Arc::new(context),
        },
        origins: Arc::from(why),
    }
}

fn logs_in(node: &Node) -> String {
    format!("{}@{}", node.settings.login(), address(node))
}

/// What the runbook says about images, times, and the way to the API from elsewhere.
pub(super) fn add(model: &Model, first: &Node, context: &mut Context) {
    context.set("images", images(model), []);
    context.set("firmware", firmware(model), []);
    let (minutes, measured) = minutes(model, Role::ControlPlane);
    context.set("minutes", lasts(minutes), []);
    let (later, later_measured) = self::minutes(model, Role::Worker);
    context.set("worker_minutes", lasts(later), []);
    context.set("measured", measured && later_measured, []);
    let pi = |node: &Node| {
        let board = node.settings.board.as_ref();
        board.is_some_and(|board| board.value.hardware == Hardware::Pi)
    };
    context.set("pis", model.nodes.iter().any(pi), []);
    let network = &model.cluster.network;
    let lans: Vec<String> = network.lans().map(|lan| lan.value.to_string()).collect();
    context.set("lan", (!lans.is_empty()).then(|| lans.join(" ")), []);
    let port = model
        .cluster
        .api_port
        .as_ref()
        .map_or(6443, |port| port.value);
    // Several answer under one name or address.
    let shared = model.cluster.endpoint.as_ref();
    let shared = shared.filter(|_| model.several_control_planes().is_some());
    let port = shared.and_then(|it| it.value.port).unwrap_or(port);
    let at = shared.map_or_else(|| address(first), |it| it.value.host.clone());
    let through = match at.contains(':') {
        true => format!("[{at}]"),
        false => at.clone(),
    };
    context.set(
        "api",
        json!({"address": at, "through": through, "port": port}),
        [],
    );
    let worker = model.with_role(Role::Worker).next();
    context.set(
        "worker",
        worker.map(|node| json!({"name": node.name.value, "login": logs_in(node)})),
        [],
    );
    let validity = model.cluster.carried.iter().any(|one| {
        matches!(&one.target, Target::Field { kind, path }
            if kind == "ClusterConfiguration" && path == "certificateValidityPeriod")
    });
    context.set("own_validity", validity, []);
}

/// How long a first run takes on the slowest machine of a role, and whether that has been measured. Nothing if it is not known.
fn minutes(model: &Model, role: Role) -> (Option<i64>, bool) {
    let mut longest = None;
    let mut measured = true;
    for node in model.with_role(role) {
        if let Some(board) = &node.settings.board {
            longest = longest.max(board.value.minutes);
            measured &= board.value.minutes_measured;
        }
    }
    (longest, measured)
}

/// "12 min"
fn lasts(minutes: Option<i64>) -> String {
    minutes.map_or_else(
        || "not known".to_owned(),
        |minutes| format!("{minutes} min"),
    )
}

/// The images to write, each with the machines that it is for.
fn images(model: &Model) -> Vec<Json> {
    let mut found: Vec<(&Image, &str, Vec<&str>)> = Vec::new();
    for node in &model.nodes {
        let (Some(system), Some(board)) = (&node.settings.os, &node.settings.board) else {
            continue;
        };
        if node.settings.platform.is_some() {
            continue;
        }
        let board = &board.value;
        let Some(image) = system
            .value
            .image(board.hardware, &board.architecture.value)
        else {
            continue;
        };
        let known = found
            .iter_mut()
            .find(|(one, _, _)| one.url.value == image.url.value);
        match known {
            Some((_, _, nodes)) => nodes.push(&node.name.value),
            None => found.push((image, &system.value.title, vec![&node.name.value])),
        }
    }
    found
        .into_iter()
        .map(|(image, system, nodes)| shown(image, system, &nodes))
        .collect()
}

/// What some boards need before the image starts, each with the machines of that kind.
fn firmware(model: &Model) -> Vec<Json> {
    let mut found: Vec<(&Board, &str, Vec<&str>)> = Vec::new();
    for node in &model.nodes {
        let Some(board) = &node.settings.board else {
            continue;
        };
        let Some(firmware) = &board.value.firmware else {
            continue;
        };
        match found
            .iter_mut()
            .find(|(one, _, _)| one.name == board.value.name)
        {
            Some((_, _, nodes)) => nodes.push(&node.name.value),
            None => found.push((&board.value, &firmware.value, vec![&node.name.value])),
        }
    }
    found
        .into_iter()
        .map(|(board, firmware, nodes)| {
            json!({"nodes": names(&nodes), "board": board.title, "firmware": firmware})
        })
        .collect()
}

fn shown(image: &Image, system: &str, nodes: &[&str]) -> Json {
    let file = |url: &str| url.rsplit('/').next().unwrap_or(url).to_owned();
    let sums = file(&image.sums.value);
    json!({
        "nodes": names(nodes),
        "system": system,
        "title": image.title,
        "url": image.url.value,
        "file": file(&image.url.value),
        "sums": image.sums.value,
        "sums_file": sums,
        "tool": if sums.contains("512") { "sha512sum" } else { "sha256sum" },
        "sha256": image.sha256.as_ref().map(|sum| sum.value.clone()),
        "packed": image.url.value.ends_with(".xz"),
        "unverified": image.unverified,
    })
}
