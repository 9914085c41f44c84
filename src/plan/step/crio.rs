//! CRI-O.

use serde_json::json;

use super::super::cluster::runtime_version;
use super::super::file::{Placing, header};
use super::super::types::Line;
use super::{Class, Step};
use crate::origin::Origin;

pub(super) fn plan(class: &Class<'_>) -> Option<Step> {
    let choice = class.model.cluster.runtime.as_ref()?;
    let facts = class.model.facts.runtime.as_ref()?;
    let version = runtime_version(class.model)?;
    let bridges: Vec<String> = facts
        .default_cni
        .iter()
        .map(|file| file.value.rsplit('/').next().unwrap_or_default().to_owned())
        .collect();
    let socket = facts.socket.value.trim_start_matches("unix://").to_owned();
    let origins = [
        choice.name.origin.clone(),
        version.origin.clone(),
        facts.package.origin.clone(),
        facts.socket.origin.clone(),
    ];
    Some(
        Step::new("60-crio")
            .asked(
                format!("runtime {}", choice.name.value),
                [choice.name.origin.clone(), version.origin.clone()],
            )
            .set(
                "runtime",
                json!({
                    "package": facts.package.value,
                    "version": version.value.to_string(),
                    "pin": format!("{}.*", version.value),
                    "default_cni": bridges,
                    "socket": socket,
                }),
                origins,
            )
            .file(settings(class)?),
    )
}

fn settings(class: &Class<'_>) -> Option<Placing> {
    let release = class.model.facts.release.as_ref()?;
    let kubernetes = class.model.cluster.kubernetes.as_ref()?;
    let images = class.model.cluster.mirror.images.as_ref();
    let registry = images.map_or("registry.k8s.io", |images| images.value.as_str());
    let mut from = vec![kubernetes.origin.clone(), release.pause.origin.clone()];
    from.extend(images.map(|images| images.origin.clone()));
    let choice = class.model.cluster.runtime.as_ref()?;
    let because: [Origin; 1] = [choice.name.origin.clone()];
    let mut lines = header("CRI-O as kubeadm and the CNI expect it.", class.spec);
    lines.extend([
        Line::constant("[crio.runtime]"),
        Line::constant("# systemd keeps the books of what belongs to which pod, as the kubelet's file says too."),
        Line::from("cgroup_manager = \"systemd\"", because.clone()),
        Line::constant(""),
        Line::constant("[crio.image]"),
        Line::constant("# The same sandbox image as kubeadm's, so that it is fetched once."),
        Line::from(
            format!("pause_image = \"{registry}/pause:{}\"", release.pause.value),
            from,
        ),
        Line::constant(""),
        Line::constant("[crio.network]"),
        Line::constant("# Where the package kubernetes-cni and the CNI's own installer put their programs."),
        Line::from("plugin_dirs = [\"/opt/cni/bin\"]", because),
    ]);
    Some(Placing::whole("/etc/crio/crio.conf.d/90-pikc.conf", lines))
}
