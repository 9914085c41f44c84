//! CRI-O's configuration: drop-ins.

use super::super::super::file::Placing;
use super::super::ClassView;
use super::because;
use super::registry::{Login, authority, reached};
use crate::file_format::Writer;
use crate::file_format::docker_auth::DockerAuth;
use crate::file_format::toml::Toml;
use crate::model::{Packaged, Registry};
use crate::origin::{Origin, Sourced};

pub(super) fn files(
    class: &ClassView<'_>,
    own: &Packaged<'_>,
    sandbox: &Sourced<String>,
) -> Vec<Placing> {
    let mut files = vec![settings(class, own, sandbox)];
    files.extend(mirrors(class));
    files.extend(authorities(class));
    files
}

fn settings(class: &ClassView<'_>, own: &Packaged<'_>, sandbox: &Sourced<String>) -> Placing {
    let facts = own.runtime;
    let because = because(class, own);
    let mut file = Writer::<Toml>::headed("CRI-O as kubeadm and the CNI expect it.", class.spec);
    file.fixed("[crio.runtime]");
    file.fixed("# systemd manages the cgroups of the pods, as the kubelet's file says too.");
    file.text("cgroup_manager", "systemd", because.clone());
    file.blank();
    file.fixed("[crio.image]");
    file.fixed("# The same sandbox image as kubeadm's, so that it is fetched once.");
    file.text("pause_image", &sandbox.value, [sandbox.origin.clone()]);
    let logins = class.model.registry_logins();
    if !logins.is_empty() {
        file.fixed("# Accounts at registries, also for what no pod asks for.");
        let why = logins.iter().map(|(_, login)| login.origin.clone());
        file.text("global_auth_file", LOGINS, why);
    }
    file.blank();
    file.fixed("[crio.network]");
    file.fixed(
        "# Where the package kubernetes-cni and the CNI's own installer install their programs.",
    );
    let why = because.into_iter().chain([facts.cni_bin.origin.clone()]);
    file.texts("plugin_dirs", &[&facts.cni_bin.value], why);
    let folder = &facts.config_folder.value;
    Placing::whole(&format!("{folder}/90-pikc.conf"), file)
}

/// The mirrors are asked first, for every image of these registries, and the registries after them (containers-registries.conf(5)).
fn mirrors(class: &ClassView<'_>) -> Option<Placing> {
    let mut file = Writer::<Toml>::headed(
        "The registries that have a mirror, which is asked before them.",
        class.spec,
    );
    let mut any = false;
    for reached in reached(class) {
        let insecure = reached.itself.and_then(Registry::is_insecure);
        if reached.asked.is_empty() && insecure.is_none() {
            continue;
        }
        if any {
            file.blank();
        }
        any = true;
        let first = reached.asked.first().map(|asked| asked.origins.clone());
        let from = first.unwrap_or_else(|| vec![reached.name.origin.clone()]);
        file.item(&["registry"], from.clone());
        file.text("location", &reached.name.value, from);
        if let Some(on) = insecure {
            file.constant("insecure = true", [on.origin.clone()]);
        }
        for asked in &reached.asked {
            let from = asked.origins.clone();
            let location = match asked.path {
                Some(path) => format!("{}/{path}", asked.host),
                None => asked.host.to_owned(),
            };
            file.item(&["registry", "mirror"], from.clone());
            file.text("location", &location, from);
            if let Some(origin) = asked.insecure() {
                file.constant("insecure = true", [origin]);
            }
        }
    }
    any.then(|| Placing::whole("/etc/containers/registries.conf.d/90-pikc.conf", file))
}

/// The authorities of hosts, each in the host's own folder (containers-certs.d(5)).
fn authorities(class: &ClassView<'_>) -> Vec<Placing> {
    let mut files: Vec<Placing> = Vec::new();
    for registry in &class.model.cluster.registries {
        for host in registry.asked() {
            let path = format!("{CERTIFICATES}{}/ca.crt", host.value);
            let known = |file: &Placing| file.path.as_str() == format!("files{path}");
            if !files.iter().any(known) {
                files.extend(authority(registry, &path));
            }
        }
    }
    files
}

/// Where containers' libraries look for certificates.
const CERTIFICATES: &str = "/etc/containers/certs.d/";

/// Where CRI-O is told to look for accounts.
pub(super) const LOGINS: &str = "/etc/crio/pikc-logins.json";

/// The accounts at registries: a file of each machine, because it is a secret.
pub(super) fn logins(logins: &[Login<'_>]) -> Placing {
    let rows: Vec<(&str, &str, Vec<Origin>)> = logins
        .iter()
        .map(|login| {
            let host = login.host.value.as_str();
            (host, login.secret, vec![login.origin.clone()])
        })
        .collect();
    Placing::whole(LOGINS, Writer::<DockerAuth>::logins(&rows))
}
