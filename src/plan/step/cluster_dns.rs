//! Changes the cluster's DNS as kubeadm has installed it, and applies the cache in front of it.

use super::{ClassView, Step};
use crate::model::Role;

pub(super) fn plan(class: &ClassView<'_>) -> Option<Step> {
    let dns = &class.model.cluster.dns;
    let cache = class.model.dns_cache();
    let forward: Vec<String> = dns
        .forward
        .iter()
        .map(|server| server.value.to_string())
        .collect();
    if class.role != Role::ControlPlane
        || (dns.replicas.is_none() && forward.is_empty() && cache.is_none())
    {
        return None;
    }
    let mut step = Step::new("73-dns");
    if let Some(replicas) = &dns.replicas {
        step = step.asked(
            format!("replicas = {}", replicas.value),
            [replicas.origin.clone()],
        );
    }
    let why = dns.forward.iter().map(|server| server.origin.clone());
    if !forward.is_empty() {
        step = step.asked(format!("forward = {}", forward.join(", ")), why.clone());
    }
    if let Some((_, on)) = cache {
        step = step.asked("node-local-cache = on", [on.origin.clone()]);
    }
    Some(
        step.set(
            "replicas",
            dns.replicas
                .as_ref()
                .map(|replicas| replicas.value.to_string()),
            dns.replicas.iter().map(|replicas| replicas.origin.clone()),
        )
        .set("forward", forward.join(" "), why)
        .set(
            "cache",
            cache.map(|(cache, _)| cache.title.clone()),
            cache.map(|(_, on)| on.origin.clone()),
        ),
    )
}
