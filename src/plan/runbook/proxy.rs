//! The HTTP proxy and the registries, for the operator: who uses it and what is reached without it; where logins are.

use serde_json::{Value as Json, json};

use super::MOST_ROWS;
use crate::model::{Exemption, Model};
use crate::origin::Origin;
use crate::plan::step::login_file;
use crate::plan::types::Context;

/// What the page says of the proxy. Null without one.
pub(super) fn add(model: &Model, context: &mut Context) {
    let proxy = model.cluster.http_proxy.as_ref();
    let shown = proxy.and_then(|proxy| {
        let (http, https) = (proxy.http.as_ref()?, proxy.https.as_ref()?);
        Some(json!({
            "http": http.value,
            "https": https.value,
            "same": http.value == https.value,
        }))
    });
    context.set(
        "proxy",
        shown,
        proxy.map(|proxy| Origin::Written(proxy.head)),
    );
    let all = model.exemptions();
    let rows: Vec<Json> = all.iter().take(MOST_ROWS).map(row).collect();
    context.set("exempt", rows, []);
    context.set("exempt_left", all.len().saturating_sub(MOST_ROWS), []);
}

fn row(exemption: &Exemption) -> Json {
    json!({
        "text": exemption.text,
        "what": exemption.what,
    })
}

/// The accounts at registries: where they are on a machine, and whose. Null without any.
pub(super) fn logins(model: &Model, context: &mut Context) {
    let logins = model.registry_logins();
    let hosts: Vec<&str> = logins.iter().map(|(host, _)| host.value.as_str()).collect();
    let shown = login_file(model)
        .filter(|_| !logins.is_empty())
        .map(|path| json!({"path": path, "what": format!("the login at {}", hosts.join(", "))}));
    let why = logins.iter().map(|(_, login)| login.origin.clone());
    context.set("logins", shown, why);
}
