//! What the machines boot from: how the image gets there, and what must be done on a board once.

use serde_json::{Value as Json, json};

use super::words::names;
use crate::model::{Model, Node, Role};
use crate::origin::{Origin, Sourced};
use crate::plan::card::disk;
use crate::plan::firmware::boot_order;
use crate::plan::types::Context;
use crate::stdlib::{Board, Hardware, Medium, Word as _};

/// Machines that boot from the same kind of medium, on boards that are prepared in the same way.
struct Row<'a> {
    medium: Medium,
    pi: bool,
    nodes: Vec<&'a str>,
}

/// Adds the table and what belongs to it; nothing if the spec does not say what a machine boots from.
pub(super) fn add(model: &Model, context: &mut Context) {
    let booted = model.nodes.iter().filter_map(|node| {
        let (boot, board) = (node.settings.boot.as_ref()?, node.settings.board.as_ref()?);
        Some((node, boot, &*board.value))
    });
    let booted: Vec<(&Node, &Sourced<Medium>, &Board)> = booted.collect();
    let mut rows: Vec<Row<'_>> = Vec::new();
    for (node, boot, board) in &booted {
        let (medium, pi) = (boot.value, board.hardware == Hardware::Pi);
        let name = node.name.value.as_str();
        match rows
            .iter_mut()
            .find(|row| (row.medium, row.pi) == (medium, pi))
        {
            Some(row) => row.nodes.push(name),
            None => rows.push(Row {
                medium,
                pi,
                nodes: vec![name],
            }),
        }
    }
    let why: Vec<Origin> = booted
        .iter()
        .map(|(_, boot, _)| boot.origin.clone())
        .collect();
    let shown: Vec<Json> = rows
        .iter()
        .map(|row| {
            json!({
                "nodes": names(&row.nodes),
                "medium": row.medium.word(),
                "disk": disk(row.medium),
                "pi": row.pi,
            })
        })
        .collect();
    context.set("media", shown, why);
    context.set("boards_once", once(&booted), []);
    orders(model, context);
    context.set("etcd_on_cards", names(&etcd_on_cards(model)), []);
}

/// Control planes whose etcd is on an SD card, unless someone has put them on something else without a word in the spec: what their board
/// boots from as sold is a card.
fn etcd_on_cards(model: &Model) -> Vec<&str> {
    let Some(folder) = model.etcd_folder() else {
        return Vec::new();
    };
    let on_card = |node: &&Node| {
        let settings = &node.settings;
        let board = settings.board.as_ref();
        let sold = board.and_then(|board| board.value.boots_from.first());
        let boots = settings.boot.as_ref().or(sold);
        let plane = settings.role.as_ref();
        plane.is_some_and(|role| role.value == Role::ControlPlane)
            && boots.is_some_and(|medium| medium.value == Medium::Sd)
            && settings.disk_of(&folder.value).is_none()
    };
    let planes = model.nodes.iter().filter(on_card);
    planes.map(|node| node.name.value.as_str()).collect()
}

/// What must be done on a board once, before it boots from what the spec says.
fn once(booted: &[(&Node, &Sourced<Medium>, &Board)]) -> Vec<Json> {
    let mut found: Vec<(&str, Vec<&str>)> = Vec::new();
    for (node, boot, board) in booted {
        let needs = board.usb_boot_needs.as_ref();
        let Some(needs) = needs.filter(|_| boot.value == Medium::Usb) else {
            continue;
        };
        let name = node.name.value.as_str();
        match found.iter_mut().find(|(known, _)| *known == needs.value) {
            Some((_, nodes)) => nodes.push(name),
            None => found.push((&needs.value, vec![name])),
        }
    }
    let shown = found.into_iter();
    shown
        .map(|(needs, nodes)| json!({"nodes": names(&nodes), "needs": needs}))
        .collect()
}

/// The machines whose EEPROM gets another order, and those that boot from a medium that is not the first in the one they are sold with.
fn orders(model: &Model, context: &mut Context) {
    let mut set: Vec<(String, Vec<&str>)> = Vec::new();
    let mut why = Vec::new();
    let mut second: Vec<&str> = Vec::new();
    for node in &model.nodes {
        let name = node.name.value.as_str();
        let firmware = node.settings.firmware.as_ref();
        if let Some((order, origins)) = firmware.and_then(boot_order) {
            why.extend(origins);
            match set.iter_mut().find(|(known, _)| *known == order) {
                Some((_, nodes)) => nodes.push(name),
                None => set.push((order, vec![name])),
            }
        }
        let (Some(boot), Some(board)) = (&node.settings.boot, &node.settings.board) else {
            continue;
        };
        let card_first =
            board.value.boot_order.is_some() && !matches!(boot.value, Medium::Sd | Medium::Emmc);
        if card_first {
            second.push(name);
        }
    }
    let set: Vec<Json> = set
        .into_iter()
        .map(|(order, nodes)| json!({"order": order, "nodes": names(&nodes)}))
        .collect();
    context.set("orders", set, why);
    context.set("card_first", names(&second), []);
}
