//! What the settings of the control plane's components mean for the operator: where the audit log is, what an encryption key is
//! worth, how to log in.

use serde_json::{Value as Json, json};

use crate::model::{Data, Model, Target};
use crate::plan::control_plane::AUDIT_LOG;
use crate::plan::ports::argument;
use crate::plan::step::server_certificates;
use crate::plan::types::Context;

/// What the settings of the control plane's components mean for the operator.
pub(super) fn add(model: &Model, context: &mut Context) {
    let api_server = &model.cluster.control_plane.api_server;
    let argument = |name: &str| argument(model, name);
    let audit = api_server.audit.as_ref().map(|audit| {
        let size = audit
            .size
            .as_ref()
            .map_or(100, |size| size.value.mebibytes());
        let keep = argument("audit-log-maxbackup").map(|one| &one.value.value);
        let keep = match keep {
            Some(Data::Integer(keep)) => u64::try_from(*keep).unwrap_or(0),
            _ => 0,
        };
        json!({
            "path": AUDIT_LOG,
            "most": size.saturating_mul(keep.saturating_add(1)),
            "own": audit.policy.is_none(),
        })
    });
    context.set("audit", audit, []);
    let encryption = api_server.encryption.as_ref().map(|encryption| {
        let kinds: Vec<&str> = encryption
            .resources
            .iter()
            .map(|kind| kind.value.as_str())
            .collect();
        json!({
            "kinds": kinds.join(", "),
            "list": kinds.join(","),
            "secret": encryption.key.as_ref().map(|key| key.value.0.clone()),
        })
    });
    context.set("encryption", encryption, []);
    let oidc = argument("oidc-issuer-url").map(|issuer| {
        let client = argument("oidc-client-id").map(|client| client.value.value.argument());
        json!({"issuer": issuer.value.value.argument(), "client": client})
    });
    context.set("oidc", oidc, []);
    let external = model.cluster.control_plane.external_etcd.as_ref();
    let members = model.cluster.carried.iter().find(|one| {
        matches!(&one.target, Target::Field { kind, path }
            if kind == "ClusterConfiguration" && path == "etcd.external.endpoints")
    });
    let members = external
        .and(members)
        .map(|members| members.value.value.argument().replace(',', ", "));
    context.set("external_etcd", members, []);
    let rotated = server_certificates(model);
    context.set("approver", !rotated.is_empty(), []);
}

/// How the cluster's DNS differs from what kubeadm installs. Null if it does not.
pub(super) fn dns(model: &Model) -> Json {
    let dns = &model.cluster.dns;
    let mut changed = Vec::new();
    if let Some(replicas) = &dns.replicas {
        let pods = if replicas.value == 1 { "pod" } else { "pods" };
        changed.push(format!("{} {pods}", replicas.value));
    }
    if !dns.forward.is_empty() {
        let servers: Vec<String> = dns
            .forward
            .iter()
            .map(|one| one.value.to_string())
            .collect();
        changed.push(format!(
            "names outside the cluster asked of {}",
            servers.join(", ")
        ));
    }
    let cache = model.dns_cache().map(|(cache, _)| {
        json!({
            "title": cache.title,
            "address": cache.address.value.to_string(),
            "alone": model.dns_cache_alone().is_some(),
        })
    });
    if changed.is_empty() && cache.is_none() {
        return Json::Null;
    }
    json!({"changed": changed.join(", and "), "cache": cache})
}
