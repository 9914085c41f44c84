//! What `run.sh --verify` needs to test the network of the cluster from its control plane.

use serde_json::json;

use super::cni;
use super::step::ClassView;
use super::types::Context;
use crate::model::Role;

/// The values of `verify.sh`, in addition to those of every template of the class. Nothing for workers: they have no rights to do it.
pub(super) fn of(class: &ClassView<'_>, common: &Context) -> Option<Context> {
    if class.role != Role::ControlPlane {
        return None;
    }
    let probe = class.model.facts.probe.as_ref()?;
    let cluster = &class.model.cluster;
    let mut context = common.clone();
    let domain = cluster.dns_domain.as_ref();
    context.set(
        "verify",
        json!({
            "image": cni::image_name(class.model, &probe.image.value),
            "domain": domain.map_or("cluster.local", |domain| domain.value.as_str()),
        }),
        [],
    );
    let mirror = cluster.mirror.images.iter();
    context.because(
        "verify",
        mirror
            .map(|mirror| mirror.origin.clone())
            .chain([probe.image.origin.clone()]),
    );
    context.because("domain", domain.map(|domain| domain.origin.clone()));
    Some(context)
}
