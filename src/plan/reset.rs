//! What `run.sh --reset` needs to undo the steps of a class.

use serde_json::json;

use super::step::{ClassView, cni_links};
use super::types::Context;
use crate::origin::{Origin, Sourced};
use crate::stdlib::SwapMechanism;

/// The values of `reset.sh`, in addition to those of every template of the class.
pub(super) fn add(class: &ClassView<'_>, context: &mut Context) {
    let facts = &class.model.facts;
    let cluster = &class.model.cluster;
    let texts = |list: &[Sourced<String>]| -> Vec<String> {
        list.iter().map(|item| item.value.clone()).collect()
    };
    let (mut socket, mut service, mut bridges) = (String::new(), String::new(), Vec::new());
    let mut held: Vec<Sourced<String>> = Vec::new();
    if let Some(runtime) = &facts.runtime {
        socket = runtime
            .socket
            .value
            .trim_start_matches("unix://")
            .to_owned();
        service = runtime.service.value.clone();
        bridges = texts(&runtime.default_cni);
        let own = class.model.packaged(class.system);
        held.push(own.map_or_else(|| runtime.package.clone(), |own| own.package));
        let chosen = cluster
            .runtime
            .iter()
            .map(|chosen| chosen.name.origin.clone());
        context.because("runtime", chosen.chain([runtime.socket.origin.clone()]));
    }
    if let Some(release) = &facts.release {
        held.extend(release.packages.iter().cloned());
    }
    context.because("held", held.iter().map(|package| package.origin.clone()));
    let (names, switches) = links(class, context);
    let conflists: Vec<Sourced<String>> = facts
        .cni
        .iter()
        .flat_map(|cni| cni.conflist.clone())
        .collect();
    context.because(
        "conflists",
        conflists.iter().map(|file| file.origin.clone()),
    );
    let remembers: Vec<Sourced<String>> = facts
        .cni
        .iter()
        .flat_map(|cni| cni.remembers.clone())
        .collect();
    context.because(
        "remembers",
        remembers.iter().map(|path| path.origin.clone()),
    );
    let swap = &class.system.swap_mechanism;
    let swap_service =
        (swap.value == SwapMechanism::DphysSwapfile).then_some("dphys-swapfile.service");
    context.because("swap", [swap.origin.clone()]);
    let boot = class.system.boot(class.board.hardware);
    let boot_files: Vec<Sourced<String>> =
        boot.iter().flat_map(|boot| boot.files.clone()).collect();
    context.because("boot", boot_files.iter().map(|file| file.origin.clone()));
    context.set(
        "reset",
        json!({
            "socket": socket,
            "service": service,
            "bridges": bridges,
            "held": texts(&held),
            "links": names,
            "switches": switches,
            "remembers": texts(&remembers),
            "conflists": texts(&conflists),
            "swap_service": swap_service,
            "boot_files": texts(&boot_files),
        }),
        [],
    );
}

/// The interfaces that the CNI leaves and that can be removed, and those that only a reboot removes.
fn links(class: &ClassView<'_>, context: &mut Context) -> (Vec<String>, Vec<String>) {
    let (facts, cluster) = (&class.model.facts, &class.model.cluster);
    // A pattern means interfaces that go with their pods, a switch means one that only a reboot removes.
    let links = cni_links(class);
    let chosen = facts.cni.iter().flat_map(|cni| {
        let backend = cluster.cni.as_ref().and_then(|choice| choice.backend());
        let backend = backend.map(|name| name.value).unwrap_or_default();
        cni.backends
            .iter()
            .filter(move |known| known.name == backend)
    });
    let switches: Vec<String> = chosen.flat_map(|one| one.switches.clone()).collect();
    let links = links
        .iter()
        .filter(|(name, _)| !name.contains('*') && !switches.contains(name));
    let (names, from): (Vec<String>, Vec<&[Origin]>) = links
        .map(|(name, from)| (name.clone(), from.as_slice()))
        .unzip();
    context.because("links", from.into_iter().flatten().cloned());
    (names, switches)
}
