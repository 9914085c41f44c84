//! The address that moves between the control planes, by a pod.

use std::sync::Arc;

use serde_json::json;

use super::super::cni::image_name;
use super::super::file::Placing;
use super::{ClassView, Step};
use crate::model::Role;
use crate::origin::Origin;
use crate::plan::types::Context;
use crate::stdlib::Runs;

/// Where the kubelet finds the pod.
pub(super) const POD: &str = "/etc/kubernetes/manifests/kube-vip.yaml";

pub(super) fn plan(class: &ClassView<'_>) -> Option<Step> {
    let model = class.model;
    if class.role != Role::ControlPlane {
        return None;
    }
    let vip = model.cluster.vip.as_ref()?;
    let address = vip.address.as_ref()?;
    let mover = model.facts.mover.as_ref()?;
    let Runs::Pod { image: pulled, .. } = &mover.runs else {
        return None;
    };
    let interface = &class.settings.cluster_interface()?.name;
    let port = model.cluster.api_port.as_ref()?;
    let asked = format!("vip {{ address = {} }}", address.value);
    let step = Step::new("72-vip").asked(asked.clone(), [Origin::Written(vip.head)]);
    let mirror = model.cluster.mirror.images.as_ref();
    let image = image_name(model, &pulled.value);
    let why = mirror.map(|mirror| mirror.origin.clone());
    let why = why.into_iter().chain([pulled.origin.clone()]);
    let mut context = Context::default();
    context.set("spec", class.spec, []);
    context.set("asked", vec![asked], [address.origin.clone()]);
    context.set("image", image.clone(), why);
    // Values of environment variables are text.
    let port_text = port.value.to_string();
    context.set("port", port_text.clone(), [port.origin.clone()]);
    let origin = interface.origin.clone();
    context.set("interface", interface.value.clone(), [origin]);
    let shown = address.value.to_string();
    context.set("address", shown.clone(), [address.origin.clone()]);
    let template = format!("vip/{0}/{0}.yaml.j2", mover.name);
    let pod = Placing::template(POD, &template, Arc::new(context)).mode(0o600);
    // Two classes are one only if these are equal, too.
    let values = json!({
        "address": shown,
        "interface": interface.value,
        "image": image,
        "port": port_text,
        "title": mover.title,
        "pod": POD,
    });
    Some(
        step.set("vip", values, [address.origin.clone()])
            .file(pod.because([address.origin.clone(), interface.origin.clone()])),
    )
}
