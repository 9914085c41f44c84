//! containerd's configuration: one file, in the format that the oldest release a machine may have reads.
//! Newer releases turn it into theirs when they start.

use super::super::super::file::{Placing, header};
use super::super::super::types::Line;
use super::super::Class;
use super::{because, registries};
use crate::model::Packaged;
use crate::origin::{Origin, Sourced};

pub(super) fn files(
    class: &Class<'_>,
    own: &Packaged<'_>,
    sandbox: &Sourced<String>,
) -> Vec<Placing> {
    let mut files = vec![settings(class, own, sandbox)];
    files.extend(mirrors(class, own));
    files
}

/// The names that tables and keys have in a format.
struct Names {
    images: &'static str,
    sandbox: (&'static str, &'static str),
    runtime: &'static str,
}

/// Up to format 2 all stands in one plugin; from 3 on the interface for Kubernetes is two.
fn names(format: i64) -> Names {
    match format {
        ..=2 => Names {
            images: "io.containerd.grpc.v1.cri",
            sandbox: ("", "sandbox_image"),
            runtime: "io.containerd.grpc.v1.cri",
        },
        _ => Names {
            images: "io.containerd.cri.v1.images",
            sandbox: (".pinned_images", "sandbox"),
            runtime: "io.containerd.cri.v1.runtime",
        },
    }
}

fn settings(class: &Class<'_>, own: &Packaged<'_>, sandbox: &Sourced<String>) -> Placing {
    let facts = own.runtime;
    let chosen = because(class, own);
    let why = |more: Vec<Origin>| -> Vec<Origin> { chosen.iter().cloned().chain(more).collect() };
    let format = facts.format(own.version.value);
    let number = format.map_or(2, |format| format.number);
    let read_by = format.map(|format| format.first.origin.clone());
    let names = names(number);
    let (images, runtime) = (names.images, names.runtime);
    let (table, key) = names.sandbox;
    let folders = facts
        .plugin_folders
        .as_ref()
        .filter(|first| first.value.without_patch() <= own.version.value.without_patch());
    let bin = &facts.cni_bin.value;
    let plugins = match folders {
        Some(_) => format!("bin_dirs = [\"{bin}\"]"),
        None => format!("bin_dir = \"{bin}\""),
    };
    let from_folders = folders.map(|first| first.origin.clone());
    let certs = format!("{}/certs.d", facts.config_folder.value);
    let mut lines = header("containerd as kubeadm and the CNI expect it.", class.spec);
    lines.extend([
        Line::constant("# This format is the newest that every release reads which the machine may have."),
        Line::from(
            format!("version = {number}"),
            why([own.version.origin.clone()].into_iter().chain(read_by).collect()),
        ),
        Line::constant(""),
        Line::constant("# The same sandbox image as kubeadm's, so that it is fetched once."),
        Line::from(format!("[plugins.\"{images}\"{table}]"), chosen.clone()),
        Line::from(format!("{key} = \"{}\"", sandbox.value), [sandbox.origin.clone()]),
        Line::constant(""),
        Line::constant("# systemd keeps the books of what belongs to which pod, as the kubelet's file says too."),
        Line::from(
            format!("[plugins.\"{runtime}\".containerd.runtimes.runc]"),
            chosen.clone(),
        ),
        Line::from("runtime_type = \"io.containerd.runc.v2\"", chosen.clone()),
        Line::from(
            format!("[plugins.\"{runtime}\".containerd.runtimes.runc.options]"),
            chosen.clone(),
        ),
        Line::from("SystemdCgroup = true", chosen.clone()),
        Line::constant(""),
        Line::constant("# Where the package kubernetes-cni and the CNI's own installer put their programs."),
        Line::from(format!("[plugins.\"{runtime}\".cni]"), chosen.clone()),
        Line::from(
            plugins,
            why([facts.cni_bin.origin.clone()].into_iter().chain(from_folders).collect()),
        ),
        Line::from("conf_dir = \"/etc/cni/net.d\"", chosen.clone()),
        Line::constant(""),
        Line::constant("# Registries with a mirror have a folder there."),
        Line::from(format!("[plugins.\"{images}\".registry]"), chosen.clone()),
        Line::from(format!("config_path = \"{certs}\""), chosen),
    ]);
    let folder = &facts.config_folder.value;
    Placing::whole(&format!("{folder}/config.toml"), lines)
}

/// The mirror is asked first, for every image of these registries; they themselves are asked after it.
fn mirrors(class: &Class<'_>, own: &Packaged<'_>) -> Vec<Placing> {
    let Some(images) = &class.model.cluster.mirror.images else {
        return Vec::new();
    };
    let folder = &own.runtime.config_folder.value;
    let (host, path) = match images.value.split_once('/') {
        Some((host, path)) => (host, Some(path.trim_end_matches('/'))),
        None => (images.value.as_str(), None),
    };
    let file = |registry: Sourced<String>| {
        let from = [images.origin.clone(), registry.origin];
        let why = format!("The mirror of {}, which is asked before it.", registry.value);
        let mut lines = header(&why, class.spec);
        // With a path, the address is that of the registry's interface and not of the registry.
        let address = match path {
            Some(path) => format!("https://{host}/v2/{path}"),
            None => format!("https://{host}"),
        };
        lines.extend([
            Line::from(format!("[host.\"{address}\"]"), from.clone()),
            Line::from("capabilities = [\"pull\", \"resolve\"]", from.clone()),
        ]);
        if path.is_some() {
            lines.push(Line::from("override_path = true", from));
        }
        Placing::whole(&format!("{folder}/certs.d/{}/hosts.toml", registry.value), lines)
    };
    registries(class).into_iter().map(file).collect()
}
