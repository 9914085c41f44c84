//! CRI-O's configuration: drop-ins.

use super::super::super::file::{Placing, header};
use super::super::super::types::Line;
use super::super::Class;
use super::{because, registries};
use crate::model::Packaged;
use crate::origin::Sourced;

pub(super) fn files(
    class: &Class<'_>,
    own: &Packaged<'_>,
    sandbox: &Sourced<String>,
) -> Vec<Placing> {
    let mut files = vec![settings(class, own, sandbox)];
    files.extend(mirror(class));
    files
}

fn settings(class: &Class<'_>, own: &Packaged<'_>, sandbox: &Sourced<String>) -> Placing {
    let facts = own.runtime;
    let because = because(class, own);
    let mut lines = header("CRI-O as kubeadm and the CNI expect it.", class.spec);
    lines.extend([
        Line::constant("[crio.runtime]"),
        Line::constant("# systemd keeps the books of what belongs to which pod, as the kubelet's file says too."),
        Line::from("cgroup_manager = \"systemd\"", because.clone()),
        Line::constant(""),
        Line::constant("[crio.image]"),
        Line::constant("# The same sandbox image as kubeadm's, so that it is fetched once."),
        Line::from(
            format!("pause_image = \"{}\"", sandbox.value),
            [sandbox.origin.clone()],
        ),
        Line::constant(""),
        Line::constant("[crio.network]"),
        Line::constant("# Where the package kubernetes-cni and the CNI's own installer put their programs."),
        Line::from(
            format!("plugin_dirs = [\"{}\"]", facts.cni_bin.value),
            because.into_iter().chain([facts.cni_bin.origin.clone()]),
        ),
    ]);
    let folder = &facts.config_folder.value;
    Placing::whole(&format!("{folder}/90-pikc.conf"), lines)
}

/// The mirror is asked first, for every image of these registries; they themselves are asked after it.
fn mirror(class: &Class<'_>) -> Option<Placing> {
    let images = class.model.cluster.mirror.images.as_ref()?;
    let mut lines = header(
        "Which registries have a mirror, which is asked before them.",
        class.spec,
    );
    for (index, registry) in registries(class).into_iter().enumerate() {
        if index > 0 {
            lines.push(Line::constant(""));
        }
        let from = [images.origin.clone(), registry.origin];
        lines.extend([
            Line::from("[[registry]]", from.clone()),
            Line::from(format!("location = \"{}\"", registry.value), from.clone()),
            Line::from("[[registry.mirror]]", from.clone()),
            Line::from(format!("location = \"{}\"", images.value), from),
        ]);
    }
    Some(Placing::whole("/etc/containers/registries.conf.d/90-pikc.conf", lines))
}
