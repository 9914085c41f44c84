//! The cluster's DNS: the cache that runs on every machine, if the spec asks for it.
//!
//! Upstream's manifest has three placeholders that its readers fill in by hand for a mode of kube-proxy; here the model knows the
//! mode. The configuration is a document of its own, so that it is read as several lines.

use std::fmt::Write as _;
use std::net::IpAddr;
use std::sync::Arc;

use camino::Utf8PathBuf;
use sha2::{Digest as _, Sha256};

use super::Options;
use super::cni::image_name;
use super::document::fields::Fields;
use super::types::{Artifact, Body, Context, Document, Plan, TypedDocument};
use crate::file_format::made_by;
use crate::model::Model;
use crate::origin::{Origin, Sourced};

/// The files of the cache, as a machine's bundle sees them: its configuration, and what runs with it.
const CONFIG: &str = "dns/10-node-local-dns-config.yaml";
const OBJECTS: &str = "dns/20-node-local-dns.yaml";
const TEMPLATE: &str = "addon/node-local-dns/node-local-dns.yaml.j2";

/// What the cache itself replaces by the address of the service `kube-dns-upstream`.
const UPSTREAM: &str = "__PILLAR__CLUSTER__DNS__";
/// The list of name servers of the machine, as its pod sees it.
const OF_THE_MACHINE: &str = "/etc/resolv.conf";

/// The files that a machine of the control plane gets, by their paths in its bundle.
pub(super) fn bundle(model: &Model) -> Vec<String> {
    match model.dns_cache() {
        Some(_) => vec![CONFIG.to_owned(), OBJECTS.to_owned()],
        None => Vec::new(),
    }
}

/// Adds what is applied.
pub(super) fn add(model: &Model, options: &Options, plan: &mut Plan) {
    let Some((cache, on)) = model.dns_cache() else {
        return;
    };
    let why: Arc<[Origin]> = Arc::from([on.origin.clone()]);
    let text = corefile(model);
    let mut config = Fields::default();
    for (path, value) in [
        (["metadata", "name"], "node-local-dns"),
        (["metadata", "namespace"], "kube-system"),
    ] {
        config.text(&path, Sourced::new(value.to_owned(), on.origin.clone()));
    }
    let label = ["metadata", "labels", "app.kubernetes.io/managed-by"];
    config.text(&label, Sourced::new("pikc".to_owned(), on.origin.clone()));
    config.text(&["data", "Corefile"], text.clone());
    let mut push = |file: &str, body: Body| {
        plan.artifacts.push(Artifact {
            path: Utf8PathBuf::from("cluster").join(file),
            mode: 0o644,
            body,
            origins: Arc::clone(&why),
        });
    };
    push(
        CONFIG,
        Body::Yaml {
            header: vec![
                format!(
                    "What {} does with a query: names of the cluster go to CoreDNS, by TCP; all others to name servers outside.",
                    cache.title
                ),
                made_by(&options.spec),
            ],
            documents: vec![Document {
                typed: TypedDocument::object("v1", "ConfigMap"),
                fields: config,
            }],
        },
    );
    let mut context = Context::default();
    context.set("spec", options.spec.clone(), []);
    context.set("title", cache.title.clone(), []);
    context.set("asked", vec!["node-local-cache = on"], [on.origin.clone()]);
    let mirror = model.cluster.mirror.images.as_ref();
    let image = [&cache.image.origin, &on.origin].into_iter();
    let image = image.chain(mirror.map(|mirror| &mirror.origin));
    context.set(
        "image",
        image_name(model, &cache.image.value),
        image.cloned(),
    );
    let addresses = model.dns_cache_addresses();
    let from = addresses.iter().map(|one| one.origin.clone());
    context.set("listens", listed(&addresses, ","), from);
    context.set("address", cache.address.value.to_string(), []);
    context.set("alone", model.dns_cache_alone().is_some(), []);
    let sum = Sha256::digest(text.value.as_bytes());
    let sum = sum.iter().take(8).fold(String::new(), |mut sum, byte| {
        let _ = write!(sum, "{byte:02x}");
        sum
    });
    context.set("checksum", sum, [text.origin]);
    push(
        OBJECTS,
        Body::Template {
            name: TEMPLATE.to_owned(),
            context: Arc::new(context),
        },
    );
}

fn listed(addresses: &[Sourced<IpAddr>], between: &str) -> String {
    let texts: Vec<String> = addresses.iter().map(|one| one.value.to_string()).collect();
    texts.join(between)
}

/// The cache's configuration: what it listens on, and whom it asks. Times and limits are upstream's.
fn corefile(model: &Model) -> Sourced<String> {
    let dns = &model.cluster.dns;
    let addresses = model.dns_cache_addresses();
    let bind = listed(&addresses, " ");
    let own = addresses.first().map(|own| own.value.to_string());
    let health = own.unwrap_or_default();
    // Where it also listens on the service's address, it would ask itself there.
    let service = model.dns_service();
    let cluster = match model.dns_cache_alone().and(service.as_ref()) {
        Some(service) => service.value.to_string(),
        None => UPSTREAM.to_owned(),
    };
    let outside = match dns.forward.as_slice() {
        [] => OF_THE_MACHINE.to_owned(),
        all => listed(all, " "),
    };
    let domain = model.cluster.dns_domain.as_ref();
    let zone = domain.map_or("cluster.local", |domain| domain.value.as_str());
    let mut text = String::new();
    let zones = [zone, "in-addr.arpa", "ip6.arpa", "."];
    for (index, zone) in zones.into_iter().enumerate() {
        let (first, of_cluster) = (index == 0, zone != ".");
        let _ = write!(text, "{zone}:53 {{\n    errors\n");
        text.push_str(match first {
            true => "    cache {\n        success 9984 30\n        denial 9984 5\n    }\n",
            false => "    cache 30\n",
        });
        let _ = write!(text, "    reload\n    loop\n    bind {bind}\n");
        let _ = match of_cluster {
            true => write!(
                text,
                "    forward . {cluster} {{\n        force_tcp\n    }}\n"
            ),
            false => writeln!(text, "    forward . {outside}"),
        };
        text.push_str("    prometheus :9253\n");
        if first {
            let _ = writeln!(text, "    health {health}:8080");
        }
        text.push_str("}\n");
    }
    let from = addresses.iter().chain(&service).chain(&dns.forward);
    let from = from.map(|one| one.origin.clone());
    let from = from.chain(domain.map(|domain| domain.origin.clone()));
    Sourced::new(
        text,
        Origin::derived("where the cache listens, and whom it asks", from),
    )
}
