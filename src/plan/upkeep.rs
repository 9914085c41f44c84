//! What control planes do by themselves after they have been set up: snapshots of etcd, and new certificates before the old ones end.

use std::sync::Arc;

use serde_json::{Value as Json, json};

use super::step::ClassView;
use super::types::Context;
use crate::model::{Model, Rhythm, Role, Snapshots};
use crate::origin::{Origin, Sourced};
use crate::stdlib::Runs;

const DAY: u64 = 86_400;

/// The snapshots that the machines of a class make: none if etcd runs elsewhere.
pub(super) fn snapshots(model: &Model, role: Role) -> Option<&Snapshots> {
    let control_plane = &model.cluster.control_plane;
    let own = role == Role::ControlPlane && control_plane.external_etcd.is_none();
    control_plane.snapshots.as_ref().filter(|_| own)
}

/// How often the machines of a class look at their certificates.
pub(super) fn renewal(model: &Model, role: Role) -> Option<Sourced<&'static Rhythm>> {
    let rhythm = model.cluster.control_plane.rhythm();
    rhythm.filter(|_| role == Role::ControlPlane)
}

/// What several scripts ask for: where etcd's data is, whether there are snapshots, and whether certificates are renewed.
pub(super) fn add(class: &ClassView<'_>, context: &mut Context) {
    if class.role == Role::ControlPlane {
        etcd(class.model, context);
    }
    let made = snapshots(class.model, class.role);
    let given = made.and_then(|made| {
        let (every, keep, to) = (made.every.as_ref()?, made.keep.as_ref()?, made.to.as_ref()?);
        context.because("snapshots_every", [every.origin.clone()]);
        context.because("snapshots_keep", [keep.origin.clone()]);
        context.because("snapshots_to", [to.origin.clone()]);
        Some(json!({"every": every.value.0, "keep": keep.value, "to": to.value}))
    });
    context.set("snapshots", given, made.map(head));
    let renewal = renewal(class.model, class.role);
    let origin = renewal.as_ref().map(|renewal| renewal.origin.clone());
    let within = renewal.map(|renewal| renewal.value.within * DAY);
    context.set("renewal", within, origin);
}

fn etcd(model: &Model, context: &mut Context) {
    let folder = model.etcd_folder();
    let elsewhere = model.cluster.control_plane.external_etcd.as_ref();
    let why = folder.iter().map(|folder| folder.origin.clone());
    let why = why.chain(elsewhere.map(|etcd| Origin::Written(etcd.head)));
    let why: Vec<Origin> = why.filter(Origin::is_written).collect();
    context.set("etcd", folder.map(|folder| folder.value), why);
}

fn head(snapshots: &Snapshots) -> Origin {
    Origin::Written(snapshots.head)
}

/// The scripts of a class that its bundle has in addition to those of every machine: file name, and what it is filled in with.
pub(super) fn scripts(
    class: &ClassView<'_>,
    common: &Context,
) -> Vec<(&'static str, Arc<Context>)> {
    let mut context = common.clone();
    let runtime = class.model.facts.runtime.as_ref();
    let socket = runtime.map_or("", |runtime| {
        runtime.socket.value.trim_start_matches("unix://")
    });
    context.set("socket", socket, []);
    let chosen = class.model.cluster.runtime.iter();
    context.because("runtime", chosen.map(|chosen| chosen.name.origin.clone()));
    let kubeconfigs = class.settings.users.iter().any(|user| {
        let sudo = user.sudo.as_ref();
        sudo.is_some_and(|sudo| sudo.value != "none")
    });
    context.set("kubeconfigs", kubeconfigs, []);
    let mover = class.model.facts.mover.as_ref();
    let by_pod = mover.is_some_and(|mover| matches!(mover.runs, Runs::Pod { .. }));
    let moving = class.model.moving_address().filter(|_| by_pod);
    context.set(
        "moving",
        moving.is_some(),
        moving.map(|address| address.origin.clone()),
    );
    if let Some(release) = &class.model.facts.release {
        context.set(
            "etcd_tool",
            restores(release),
            [
                release.etcd_restore.origin.clone(),
                release.etcd_bump.origin.clone(),
            ],
        );
    }
    let context = Arc::new(context);
    let mut all = Vec::new();
    if snapshots(class.model, class.role).is_some() && class.model.etcd_folder().is_some() {
        all.push(("snapshot.sh", Arc::clone(&context)));
        all.push(("restore.sh", Arc::clone(&context)));
    }
    if renewal(class.model, class.role).is_some() {
        all.push(("renew.sh", context));
    }
    all
}

/// The same for people: how often, where, and how long before its end a certificate is renewed.
pub(super) fn told(model: &Model, context: &mut Context) {
    let made = snapshots(model, Role::ControlPlane);
    let given = made.and_then(|made| {
        let (every, keep, to) = (made.every.as_ref()?, made.keep.as_ref()?, made.to.as_ref()?);
        Some(json!({"every": every.value.short(), "keep": keep.value, "to": to.value}))
    });
    context.set("snapshots", given, made.map(head));
    let renewal = renewal(model, Role::ControlPlane);
    let origin = renewal.as_ref().map(|renewal| renewal.origin.clone());
    let shown = renewal.map(|it| json!({"when": it.value.said, "days": it.value.within}));
    context.set("renewal", shown, origin);
}

/// The program that reads and restores a snapshot, and whether it raises the revision.
fn restores(release: &crate::stdlib::Release) -> Json {
    json!({"name": release.etcd_restore.value, "bump": release.etcd_bump.value})
}
