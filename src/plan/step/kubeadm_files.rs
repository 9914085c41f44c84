//! kubeadm's configuration, the node's patches and what the components of the control plane read, where an upgrade finds them
//! again.

use std::collections::BTreeSet;

use serde_json::{Value as Json, json};

use super::{ClassView, Step};
use crate::model::Role;
use crate::plan::control_plane::{self, Content};

pub(super) fn plan(class: &ClassView<'_>) -> Option<Step> {
    let model = class.model;
    let kubernetes = model.cluster.kubernetes.as_ref()?;
    let mut step = Step::new("37-kubeadm-files").asked(
        format!("kubernetes = {}", kubernetes.value),
        [kubernetes.origin.clone()],
    );
    let places = match class.role {
        Role::ControlPlane => control_plane::places(model),
        Role::Worker => Vec::new(),
    };
    let (mut files, mut components): (Vec<Json>, BTreeSet<&str>) = Default::default();
    for (index, place) in places.iter().enumerate() {
        if matches!(place.content, Content::Folder) {
            continue;
        }
        let handle = format!("component_file_{index}");
        step.context.because(&handle, [place.origin()]);
        components.insert(place.reader());
        files.push(json!({
            "path": place.path,
            "component": place.reader(),
            "origin": {"$origin": handle},
        }));
    }
    let components: Vec<&str> = components.into_iter().collect();
    let runtime = model.facts.runtime.as_ref();
    let socket = runtime.map_or("", |runtime| {
        runtime.socket.value.trim_start_matches("unix://")
    });
    step = step
        .set("component_files", files, [])
        .set("components", components, [])
        .set(
            "socket",
            socket,
            runtime.map(|runtime| runtime.socket.origin.clone()),
        );
    let chosen = model.cluster.runtime.iter();
    step.context
        .because("runtime", chosen.map(|chosen| chosen.name.origin.clone()));
    Some(step)
}
