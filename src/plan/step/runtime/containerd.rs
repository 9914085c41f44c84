//! containerd's configuration: one file, in the format that the oldest release a machine may have reads.
//! Newer releases turn it into theirs when they start.

use super::super::super::file::Placing;
use super::super::ClassView;
use super::{because, registries};
use crate::file_format::Writer;
use crate::file_format::toml::Toml;
use crate::model::Packaged;
use crate::origin::{Origin, Sourced};

pub(super) fn files(
    class: &ClassView<'_>,
    own: &Packaged<'_>,
    sandbox: &Sourced<String>,
) -> Vec<Placing> {
    let mut files = vec![settings(class, own, sandbox)];
    files.extend(mirrors(class, own));
    files
}

/// The names of tables and keys in a format.
struct Names {
    images: &'static str,
    sandbox: (Option<&'static str>, &'static str),
    runtime: &'static str,
}

/// Up to format 2 everything is in one plugin; from 3 on the CRI has two.
fn names(format: i64) -> Names {
    match format {
        ..=2 => Names {
            images: "io.containerd.grpc.v1.cri",
            sandbox: (None, "sandbox_image"),
            runtime: "io.containerd.grpc.v1.cri",
        },
        _ => Names {
            images: "io.containerd.cri.v1.images",
            sandbox: (Some("pinned_images"), "sandbox"),
            runtime: "io.containerd.cri.v1.runtime",
        },
    }
}

fn settings(class: &ClassView<'_>, own: &Packaged<'_>, sandbox: &Sourced<String>) -> Placing {
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
    let from_folders = folders.map(|first| first.origin.clone());
    let certs = format!("{}/certs.d", facts.config_folder.value);
    let mut file =
        Writer::<Toml>::headed("containerd as kubeadm and the CNI expect it.", class.spec);
    file.fixed("# This is the newest format that every release reads which the machine can have.");
    file.number(
        "version",
        number,
        why([own.version.origin.clone()]
            .into_iter()
            .chain(read_by)
            .collect()),
    );
    file.blank();
    file.fixed("# The same sandbox image as kubeadm's, so that it is fetched once.");
    let pinned: Vec<&str> = ["plugins", images].into_iter().chain(table).collect();
    file.table(&pinned, chosen.clone());
    file.text(key, &sandbox.value, [sandbox.origin.clone()]);
    file.blank();
    file.fixed("# systemd manages the cgroups of the pods, as the kubelet's file says too.");
    let runc = ["plugins", runtime, "containerd", "runtimes", "runc"];
    file.table(&runc, chosen.clone());
    file.text("runtime_type", "io.containerd.runc.v2", chosen.clone());
    let options: Vec<&str> = runc.into_iter().chain(["options"]).collect();
    file.table(&options, chosen.clone());
    file.constant("SystemdCgroup = true", chosen.clone());
    file.blank();
    file.fixed(
        "# Where the package kubernetes-cni and the CNI's own installer install their programs.",
    );
    file.table(&["plugins", runtime, "cni"], chosen.clone());
    let from = why([facts.cni_bin.origin.clone()]
        .into_iter()
        .chain(from_folders)
        .collect());
    match folders {
        Some(_) => file.texts("bin_dirs", &[bin], from),
        None => file.text("bin_dir", bin, from),
    }
    file.text("conf_dir", "/etc/cni/net.d", chosen.clone());
    file.blank();
    file.fixed("# Registries with a mirror have a folder here.");
    file.table(&["plugins", images, "registry"], chosen.clone());
    file.text("config_path", &certs, chosen);
    let folder = &facts.config_folder.value;
    Placing::whole(&format!("{folder}/config.toml"), file)
}

/// The mirror is asked first, for every image of these registries, and the registries after it.
fn mirrors(class: &ClassView<'_>, own: &Packaged<'_>) -> Vec<Placing> {
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
        let why = format!(
            "The mirror of {}, which is asked before the registry itself.",
            registry.value
        );
        let mut file = Writer::<Toml>::headed(&why, class.spec);
        // With a path, the address is that of the registry's API and not of the registry.
        let address = match path {
            Some(path) => format!("https://{host}/v2/{path}"),
            None => format!("https://{host}"),
        };
        file.table(&["host", &address], from.clone());
        file.texts("capabilities", &["pull", "resolve"], from.clone());
        if path.is_some() {
            file.constant("override_path = true", from);
        }
        Placing::whole(
            &format!("{folder}/certs.d/{}/hosts.toml", registry.value),
            file,
        )
    };
    registries(class).into_iter().map(file).collect()
}
