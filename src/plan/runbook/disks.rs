//! The data disks: which machine has which, what is made on it, and what a person does when one is dead.

use serde_json::{Value as Json, json};

use super::MOST_ROWS;
use super::words::names;
use crate::model::{Disk, Model, Node};
use crate::origin::{Origin, Sourced};
use crate::plan::disk::{origins, related};
use crate::plan::types::Context;

/// A disk, and the machines that have one like it.
struct Row<'a> {
    disk: &'a Disk,
    mount: &'a Sourced<String>,
    nodes: Vec<&'a str>,
}

/// Adds the table and what belongs to it; nothing if there are no disks.
pub(super) fn add(model: &Model, context: &mut Context) {
    let mut rows: Vec<Row<'_>> = Vec::new();
    for node in &model.nodes {
        for (disk, mount) in node.settings.mounts() {
            let alike = rows.iter_mut().find(|row| {
                let own =
                    |text: &Option<Sourced<String>>| text.as_ref().map(|text| text.value.clone());
                row.mount.value == mount.value
                    && own(&row.disk.device) == own(&disk.device)
                    && own(&row.disk.filesystem) == own(&disk.filesystem)
                    && row.disk.may_format() == disk.may_format()
            });
            match alike {
                Some(row) => row.nodes.push(&node.name.value),
                None => rows.push(Row {
                    disk,
                    mount,
                    nodes: vec![&node.name.value],
                }),
            }
        }
    }
    let why: Vec<Origin> = rows.iter().flat_map(|row| origins(row.disk)).collect();
    let left = rows.len().saturating_sub(MOST_ROWS);
    let shown: Vec<Json> = rows
        .iter()
        .take(MOST_ROWS)
        .map(|row| shown(model, row))
        .collect();
    context.set("disks", shown, why);
    context.set("disks_left", left, []);
    let formats = rows.iter().any(|row| row.disk.may_format());
    context.set("disks_made", formats, []);
    let etcd = model.etcd_folder();
    let on_disk = |node: &&Node| {
        let etcd = etcd.as_ref()?;
        node.settings.disk_of(&etcd.value).map(|_| ())
    };
    let has_etcd = model
        .with_role(crate::model::Role::ControlPlane)
        .any(|node| on_disk(&node).is_some());
    context.set("disks_etcd", has_etcd, []);
}

fn shown(model: &Model, row: &Row<'_>) -> Json {
    let text = |text: &Option<Sourced<String>>| text.as_ref().map(|text| text.value.clone());
    let filesystem = text(&row.disk.filesystem).unwrap_or_default();
    let made = match row.disk.may_format() {
        true => format!("{filesystem}, if there is nothing on it"),
        false => format!("nothing: it must have {filesystem}"),
    };
    json!({
        "nodes": names(&row.nodes),
        "name": row.disk.name.value,
        "device": text(&row.disk.device),
        "mount": row.mount.value,
        "holds": holds(model, &row.mount.value),
        "made": made,
    })
}

/// What is on a disk, for people.
fn holds(model: &Model, mount: &str) -> &'static str {
    let etcd = model.etcd_folder();
    let runtime = model.facts.runtime.as_ref();
    if etcd.is_some_and(|etcd| related(&etcd.value, mount)) {
        return "etcd";
    }
    match runtime.is_some_and(|runtime| related(&runtime.data_folder.value, mount)) {
        true => "images and containers",
        false => "data",
    }
}
