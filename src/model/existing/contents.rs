//! What the ConfigMaps of CNIs hold: flannel's network as JSON, the pool from which Cilium hands out addresses.

use std::collections::BTreeSet;
use std::sync::Arc;

use ipnet::IpNet;
use serde_json::Value as Json;

use super::yaml::Yaml;
use super::{Applied, Existing, secret, values};
use crate::declare;
use crate::diagnostic::{Descriptor, Diagnostic, Diagnostics};
use crate::model::manifest;
use crate::source::{FileId, Sources, Span, Spanned};
use crate::stdlib::Cni;

declare! {
    /// flannel reads its network from JSON in a ConfigMap, and its pods end at anything else: a missing comma, a `Network` that is not a range. The
    /// nodes then stay `NotReady`.
    ///
    /// ```yaml fails
    /// apiVersion: v1
    /// kind: ConfigMap
    /// metadata: { name: kube-flannel-cfg, namespace: kube-flannel }
    /// data:
    ///   net-conf.json: |
    ///     { "Network": "10.244.0.0/16" "Backend": { "Type": "vxlan" } }
    /// ```
    ///
    /// ```yaml
    /// apiVersion: v1
    /// kind: ConfigMap
    /// metadata: { name: kube-flannel-cfg, namespace: kube-flannel }
    /// data:
    ///   net-conf.json: |
    ///     { "Network": "10.244.0.0/16", "Backend": { "Type": "vxlan" } }
    /// ```
    pub static UNREADABLE = {
        code: "cni/network-unreadable",
        since: "0.1.0",
        severity: Error,
        title: "a network that the CNI cannot read",
        help: "write `{ \"Network\": \"10.244.0.0/16\", \"Backend\": { \"Type\": \"vxlan\" } }`",
        no_edit: "what the network should have been is not in the file",
        sources: ["flannel-io/flannel: Documentation/configuration.md", "flannel-io/flannel pkg/subnet/config.go"],
    }

    /// Without `Backend.Type` flannel uses `udp`: a program that copies every packet, meant for finding mistakes. It is many times slower than
    /// `vxlan`, and it exists for amd64 only.
    ///
    /// ```yaml fails
    /// apiVersion: v1
    /// kind: ConfigMap
    /// metadata: { name: kube-flannel-cfg, namespace: kube-flannel }
    /// data:
    ///   net-conf.json: |
    ///     { "Network": "10.244.0.0/16" }
    /// ```
    ///
    /// ```yaml
    /// apiVersion: v1
    /// kind: ConfigMap
    /// metadata: { name: kube-flannel-cfg, namespace: kube-flannel }
    /// data:
    ///   net-conf.json: |
    ///     { "Network": "10.244.0.0/16", "Backend": { "Type": "vxlan" } }
    /// ```
    pub static NO_BACKEND = {
        code: "cni/no-backend",
        since: "0.1.0",
        severity: Warning,
        title: "a network without a backend",
        help: "write `\"Backend\": { \"Type\": \"vxlan\" }`",
        no_edit: "which backend was meant is not in the file",
        sources: ["flannel-io/flannel: Documentation/backends.md", "flannel-io/flannel pkg/subnet/config.go"],
    }
}

pub(super) static CODES: &[&Descriptor] = &[&UNREADABLE, &NO_BACKEND];

/// The ConfigMap and its keys with which Cilium hands out addresses of its own.
const CILIUM: (&str, &str, &str) = ("cilium-config", "ipam", "cluster-pool-ipv4-cidr");

/// Checks the ConfigMaps among the objects. One that stands alone shows that its CNI was applied.
pub(super) fn read(
    objects: &[&Yaml],
    known: &[Arc<Cni>],
    existing: &mut Existing,
    seen: &mut BTreeSet<(String, FileId)>,
    sources: &Sources,
    out: &mut Diagnostics,
) {
    for object in objects {
        let Some(name) = object.at("metadata.name").and_then(Yaml::text) else {
            continue;
        };
        let Some(data) = object.get("data") else {
            continue;
        };
        let key = |cni: &Arc<Cni>| cni.range.as_ref()?.config_key.clone();
        let keyed = known
            .iter()
            .filter_map(|cni| Some((cni, data.get(&key(cni)?)?.text()?)));
        let keyed: Vec<(&Arc<Cni>, Spanned<String>)> = keyed.collect();
        if let Some((_, config)) = keyed.first() {
            let found = network(config, sources, out);
            let file = name.span.file;
            let applied = existing.networks.iter_mut().find(|applied| {
                let is = keyed.iter().any(|(cni, _)| cni.name == applied.cni.name);
                is && applied.place.file == file
            });
            // Several CNIs have the key; the ConfigMap has the name of its own.
            let own = keyed.iter().find(|(cni, _)| name.value.contains(&cni.name));
            if let Some(applied) = applied {
                applied.second = found.second;
            } else if let Some((cni, _)) = own
                && existing.networks.is_empty()
                && seen.insert((cni.name.clone(), file))
            {
                existing.networks.push(Applied {
                    cni: Arc::clone(cni),
                    place: name.span,
                    at: cni.range.clone(),
                    range: found.first,
                    second: found.second,
                    pool: None,
                });
            }
        }
        if name.value == CILIUM.0 {
            pool(data, existing, out);
        }
    }
}

/// Cilium's pool, if it hands out addresses of its own.
fn pool(data: &Yaml, existing: &mut Existing, out: &mut Diagnostics) {
    let mode = data.get(CILIUM.1).and_then(Yaml::text);
    if mode.is_some_and(|mode| !mode.value.starts_with("cluster-pool")) {
        return;
    }
    let Some(range) = values::ranges(data.get(CILIUM.2), out).into_iter().next() else {
        return;
    };
    if let Some(applied) = existing
        .networks
        .iter_mut()
        .find(|applied| applied.cni.name == "cilium")
    {
        applied.pool = Some(range);
    }
}

/// The ranges of a network.
#[derive(Default)]
struct Found {
    first: Option<Spanned<IpNet>>,
    second: Option<Spanned<IpNet>>,
}

fn network(config: &Spanned<String>, sources: &Sources, out: &mut Diagnostics) -> Found {
    let file = config.span.file;
    let text = &sources.file(file).text;
    let start = config.span.start as usize;
    let unreadable = |why: String| {
        Diagnostic::new(&UNREADABLE, why).label(config.span.part(0, 1), "the CNI's pods end here")
    };
    let json: Json = match serde_json::from_str(&config.value) {
        Ok(json) => json,
        Err(error) => {
            out.push(unreadable(format!("this network is not JSON: {error}")));
            return Found::default();
        }
    };
    // Go reads the names in JSON without regard to capitals.
    let get = |json: &Json, key: &str| {
        let map = json.as_object()?;
        let mut all = map.iter();
        Some(
            all.find(|(name, _)| name.eq_ignore_ascii_case(key))?
                .1
                .clone(),
        )
    };
    let on = |key: &str| get(&json, key).and_then(|on| on.as_bool());
    let mut found = Found::default();
    if on("EnableIPv4") != Some(false) {
        match manifest::of_json(file, text, start, &config.value) {
            Ok(range) => found.first = Some(range),
            Err(why) => out.push(unreadable(format!(
                "flannel cannot use this network: {why}"
            ))),
        }
    }
    if on("EnableIPv6") == Some(true) {
        let range = get(&json, "IPv6Network");
        let range = range.as_ref().and_then(|range| range.as_str());
        match range.map(|range| (range, range.parse::<IpNet>())) {
            Some((written, Ok(range))) if range.addr().is_ipv6() => {
                let at = text[start..].find(&format!("\"{written}\""));
                let span = at.map_or(config.span.part(0, 1), |at| {
                    let from = start + at + 1;
                    Span::new(file, from, from + written.len())
                });
                found.second = Some(Spanned::new(range.trunc(), span));
            }
            Some((written, _)) => out.push(unreadable(format!(
                "flannel cannot use this network: its `IPv6Network` is {}",
                secret::quoted(written)
            ))),
            None => out.push(unreadable(
                "flannel cannot use this network: `EnableIPv6` is on, and there is no `IPv6Network`".to_owned(),
            )),
        }
    }
    let backend = get(&json, "Backend").and_then(|backend| get(&backend, "Type"));
    if backend
        .and_then(|backend| backend.as_str().map(str::to_owned))
        .is_none_or(|name| name.is_empty())
    {
        let message = "this network names no backend, and flannel uses `udp`";
        out.push(
            Diagnostic::new(&NO_BACKEND, message)
                .label(config.span.part(0, 1), "no `Backend.Type`"),
        );
    }
    found
}
