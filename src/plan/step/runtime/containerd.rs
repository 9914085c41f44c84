//! containerd's configuration: one file, in the format that the oldest release a machine may have reads.
//! Newer releases turn it into theirs when they start.

use super::super::super::file::Placing;
use super::super::ClassView;
use super::because;
use super::registry::{Login, Reached, authority, reached};
use crate::file_format::Writer;
use crate::file_format::toml::Toml;
use crate::model::{Packaged, Registry};
use crate::origin::{Origin, Sourced};

pub(super) fn files(
    class: &ClassView<'_>,
    own: &Packaged<'_>,
    sandbox: &Sourced<String>,
) -> Vec<Placing> {
    let mut files = Vec::new();
    // With a login it holds a secret, and is a file of each machine.
    if class.model.registry_logins().is_empty() {
        files.push(settings(class, own, sandbox, &[]));
    }
    files.extend(hosts(class, own));
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

/// Its main file, with these logins.
pub(super) fn settings(
    class: &ClassView<'_>,
    own: &Packaged<'_>,
    sandbox: &Sourced<String>,
    logins: &[Login<'_>],
) -> Placing {
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
    accounts(&mut file, images, logins);
    let folder = &facts.config_folder.value;
    Placing::whole(&format!("{folder}/config.toml"), file)
}

/// The host that containerd asks for images of a registry: `docker.io` is only a name (core/remotes/docker/registry.go, `DefaultHost`).
fn asked_host(name: &str) -> &str {
    match name {
        "docker.io" => "registry-1.docker.io",
        name => name,
    }
}

/// The one place that containerd has for accounts of the machine (docs/cri/registry.md, "Configure Registry Credentials"): deprecated since
/// 1.5, without anything that takes its place. Beside `config_path`, every release from 1.5 to 2.3 refuses `mirrors` and, up to 1.7, `tls` of
/// `registry.configs`, and reads `auth` (`ValidatePluginConfig` in pkg/cri/config/config.go, `ValidateImageConfig` in
/// internal/cri/config/config.go; release branches of August 2026). From 2.1 on it makes containerd fetch images itself and not by its
/// transfer service (`CheckLocalImagePullConfigs`), with a line in its log. tests/readers/registry.py logs in with 1.6 and 1.7.
fn accounts(file: &mut Writer<Toml>, images: &str, logins: &[Login<'_>]) {
    for login in logins {
        let (account, password) = login.secret.split_once(':').unwrap_or((login.secret, ""));
        let why = [login.origin.clone()];
        file.blank();
        let host = asked_host(&login.host.value);
        let table = ["plugins", images, "registry", "configs", host, "auth"];
        file.table(&table, why.clone());
        file.text("username", account, why.clone());
        file.text("password", password, why);
    }
}

/// Hosts that are asked before a registry, or how the registry itself is reached (containerd docs/hosts.md).
fn hosts(class: &ClassView<'_>, own: &Packaged<'_>) -> Vec<Placing> {
    let certs = format!("{}/certs.d", own.runtime.config_folder.value);
    let mut files = Vec::new();
    for registry in reached(class) {
        let name = &registry.name;
        if let Some(file) = host_file(class, &certs, &registry) {
            files.push(Placing::whole(
                &format!("{certs}/{}/hosts.toml", name.value),
                file,
            ));
        }
        let block = class.model.cluster.registries.iter();
        let mut block = block.filter(|block| block.name.value == name.value);
        let path = format!("{certs}/{}/{AUTHORITY}", name.value);
        files.extend(block.next().and_then(|block| authority(block, &path)));
    }
    files
}

/// The file of a registry's authority, next to its hosts.toml.
const AUTHORITY: &str = "ca.pem";

fn host_file(class: &ClassView<'_>, certs: &str, reached: &Reached<'_>) -> Option<Writer<Toml>> {
    let name = &reached.name;
    let ca = |of: &Registry| format!("{certs}/{}/{AUTHORITY}", of.name.value);
    if let Some(registry) = reached.itself {
        let insecure = registry.is_insecure();
        if registry.ca.is_none() && insecure.is_none() {
            return None;
        }
        let why = format!("How the registry {} is reached.", name.value);
        let mut file = Writer::<Toml>::headed(&why, class.spec);
        let address = format!("https://{}", asked_host(&name.value));
        file.text("server", &address, [name.origin.clone()]);
        if let Some(brought) = &registry.ca {
            file.text("ca", &ca(registry), [brought.path.origin.clone()]);
        }
        if let Some(on) = insecure {
            file.constant("skip_verify = true", [on.origin.clone()]);
        }
        file.blank();
        // remotes/docker/config/hosts.go of release/1.5 and 1.6: "invalid `host` tree", and the registry is asked as if there were no file.
        file.fixed("# containerd before 1.7 ignores a file without this table.");
        file.constant("[host]", [name.origin.clone()]);
        return Some(file);
    }
    let why = match reached.asked.len() {
        1 => format!(
            "The mirror of {}, which is asked before the registry itself.",
            name.value
        ),
        _ => format!(
            "The mirrors of {}, which are asked before the registry itself.",
            name.value
        ),
    };
    let mut file = Writer::<Toml>::headed(&why, class.spec);
    for (index, asked) in reached.asked.iter().enumerate() {
        if index > 0 {
            file.blank();
        }
        let from = asked.origins.clone();
        // With a path, the address is that of the registry's API and not of the registry.
        let (scheme, host) = (asked.scheme, asked.host);
        let address = match asked.path {
            Some(path) => format!("{scheme}{host}/v2/{path}"),
            None => format!("{scheme}{host}"),
        };
        file.table(&["host", &address], from.clone());
        file.texts("capabilities", &["pull", "resolve"], from.clone());
        if asked.path.is_some() {
            file.constant("override_path = true", from);
        }
        if let Some((of, origin)) = asked.authority() {
            file.text("ca", &ca(of), [origin]);
        }
        if let Some(origin) = asked.insecure() {
            file.constant("skip_verify = true", [origin]);
        }
    }
    Some(file)
}
