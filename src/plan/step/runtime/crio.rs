//! CRI-O's configuration: drop-ins.

use super::super::super::file::Placing;
use super::super::ClassView;
use super::{because, registries};
use crate::file_format::Writer;
use crate::file_format::toml::Toml;
use crate::model::Packaged;
use crate::origin::Sourced;

pub(super) fn files(
    class: &ClassView<'_>,
    own: &Packaged<'_>,
    sandbox: &Sourced<String>,
) -> Vec<Placing> {
    let mut files = vec![settings(class, own, sandbox)];
    files.extend(mirror(class));
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

/// The mirror is asked first, for every image of these registries, and the registries after it.
fn mirror(class: &ClassView<'_>) -> Option<Placing> {
    let images = class.model.cluster.mirror.images.as_ref()?;
    let mut file = Writer::<Toml>::headed(
        "The registries that have a mirror, which is asked before them.",
        class.spec,
    );
    for (index, registry) in registries(class).into_iter().enumerate() {
        if index > 0 {
            file.blank();
        }
        let from = [images.origin.clone(), registry.origin];
        file.item(&["registry"], from.clone());
        file.text("location", &registry.value, from.clone());
        file.item(&["registry", "mirror"], from.clone());
        file.text("location", &images.value, from);
    }
    Some(Placing::whole(
        "/etc/containers/registries.conf.d/90-pikc.conf",
        file,
    ))
}
