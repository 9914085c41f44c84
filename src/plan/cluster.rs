//! What the whole cluster shares: versions, where packages come from, the CNI's manifest.

use std::collections::BTreeMap;
use std::sync::Arc;

use camino::Utf8PathBuf;
use serde_json::json;

use super::Options;
use super::types::{Artifact, Body, Context, Outside, Plan};
use crate::model::Model;
use crate::origin::{Origin, Sourced};
use crate::stdlib::Repository;
use crate::value::{Val, Version};

/// The exact versions chosen, by what they are versions of.
pub(super) fn versions(model: &Model) -> BTreeMap<String, String> {
    let mut versions = BTreeMap::new();
    if let Some(exact) = &model.cluster.exact {
        versions.insert("kubernetes".to_owned(), exact.value.to_string());
    }
    if let (Some(version), Some(choice)) = (runtime_version(model), &model.cluster.runtime) {
        versions.insert(choice.name.value.clone(), version.value.to_string());
    }
    if let Some(cni) = &model.facts.cni {
        versions.insert(cni.name.clone(), cni.version.value.to_string());
    }
    versions
}

/// The minor release of the runtime: as written, else that of Kubernetes.
pub(super) fn runtime_version(model: &Model) -> Option<Sourced<Version>> {
    let choice = model.cluster.runtime.as_ref()?;
    if let Some(written) = &choice.version {
        return Some(Sourced::new(
            written.value.without_patch(),
            written.origin.clone(),
        ));
    }
    let kubernetes = model.cluster.kubernetes.as_ref()?;
    Some(Sourced::new(
        kubernetes.value.without_patch(),
        Origin::derived(
            "the runtime has the minor release of Kubernetes",
            [kubernetes.origin.clone()],
        ),
    ))
}

/// A package repository as the machines use it.
pub(super) struct PackageSource {
    /// `kubernetes`, `crio`
    pub name: String,
    /// For people.
    pub title: String,
    /// Its address.
    pub url: String,
    /// Where its key is.
    pub key: String,
    /// The key's fingerprint; none where nobody knows it.
    pub fingerprint: Option<String>,
    /// Whether the spec points somewhere else than upstream.
    pub mirrored: bool,
    /// Why it is this one.
    pub origins: Vec<Origin>,
}

/// The repositories that the machines use.
pub(super) fn package_sources(model: &Model) -> Vec<PackageSource> {
    let mirror = &model.cluster.mirror;
    let kubernetes = model
        .cluster
        .kubernetes
        .as_ref()
        .map(|version| Sourced::new(version.value.without_patch(), version.origin.clone()));
    let list = [
        (
            "Kubernetes",
            model.facts.kubernetes_repository.as_deref(),
            kubernetes,
            &mirror.kubernetes,
            &mirror.kubernetes_key,
        ),
        (
            "CRI-O",
            model.facts.runtime_repository.as_deref(),
            runtime_version(model),
            &mirror.crio,
            &mirror.crio_key,
        ),
    ];
    list.into_iter()
        .filter_map(|(title, facts, version, mirror, key)| {
            Some(source(title, facts?, &version?, mirror, key))
        })
        .collect()
}

fn source(
    title: &str,
    facts: &Repository,
    version: &Sourced<Version>,
    mirror: &Option<Sourced<String>>,
    key: &Option<Sourced<String>>,
) -> PackageSource {
    let minor = version.value.to_string();
    let mut origins = vec![version.origin.clone(), facts.url.origin.clone()];
    let url = match mirror {
        Some(mirror) => {
            origins.push(mirror.origin.clone());
            with_slash(&mirror.value)
        }
        None => facts.url.value.replace("{minor}", &minor),
    };
    let key_url = match (key, mirror) {
        (Some(key), _) => {
            origins.push(key.origin.clone());
            key.value.clone()
        }
        (None, Some(_)) => format!("{url}Release.key"),
        (None, None) => facts.key.value.replace("{minor}", &minor),
    };
    // A mirror carries what upstream signed: the key is the same, whatever the address.
    let fingerprint = facts.fingerprint.as_ref().map(|found| {
        origins.push(found.origin.clone());
        found.value.0.clone()
    });
    PackageSource {
        name: facts.name.clone(),
        title: format!("The packages of {title} {minor}."),
        url,
        key: key_url,
        fingerprint,
        mirrored: mirror.is_some(),
        origins,
    }
}

fn with_slash(url: &str) -> String {
    if url.ends_with('/') {
        url.to_owned()
    } else {
        format!("{url}/")
    }
}

/// Every address outside that a machine asks.
pub(super) fn outside(model: &Model) -> Vec<Outside> {
    let mut list = Vec::new();
    let mut add = |url: String, gives: &str, needed_by: &str| {
        list.push(Outside {
            url,
            gives: gives.to_owned(),
            needed_by: needed_by.to_owned(),
        });
    };
    for source in package_sources(model) {
        add(source.url.clone(), &source.title, "every machine, step 55");
        add(
            source.key.clone(),
            "the key of that repository",
            "every machine, step 55",
        );
    }
    let registry = |upstream: &str| match &model.cluster.mirror.images {
        Some(mirror) => mirror.value.clone(),
        None => upstream.to_owned(),
    };
    add(
        registry("registry.k8s.io"),
        "images of the control plane, of kube-proxy and CoreDNS, and the sandbox",
        "every machine",
    );
    if let Some(cni) = &model.facts.cni
        && brought(model).is_none()
    {
        for image in &cni.images {
            add(
                image_name(model, &image.value),
                &format!("an image of {}", cni.title),
                "every machine",
            );
        }
    }
    let time = &model.cluster.time;
    for server in time.servers.iter().chain(&time.fallback) {
        add(
            format!("ntp://{}", server.value),
            "the time",
            "every machine",
        );
    }
    add(
        "the Debian mirror that the image is set up with".to_owned(),
        "the packages of the operating system",
        "every machine, step 35",
    );
    list
}

/// The image under the mirror's registry, if there is one.
pub(super) fn image_name(model: &Model, image: &str) -> String {
    match (&model.cluster.mirror.images, image.split_once('/')) {
        (Some(mirror), Some((_, path))) => format!("{}/{path}", mirror.value),
        _ => image.to_owned(),
    }
}

fn brought(model: &Model) -> Option<&Sourced<Utf8PathBuf>> {
    model.cluster.cni.as_ref()?.manifest.as_ref()
}

/// The CNI's manifest: a template of the library filled in, or the file that the user brings.
pub(super) fn add_cni(model: &Model, options: &Options, plan: &mut Plan) {
    let (Some(choice), Some(facts)) = (&model.cluster.cni, &model.facts.cni) else {
        return;
    };
    let path = Utf8PathBuf::from(format!("cluster/cni/10-{}.yaml", facts.name));
    if let (Some(manifest), Some(text)) = (&choice.manifest, &choice.brought) {
        plan.artifacts.push(Artifact {
            path,
            mode: 0o644,
            body: Body::Verbatim(Arc::from(text.as_str())),
            origins: Arc::from([manifest.origin.clone()]),
        });
        return;
    }
    let mut context = Context::default();
    context.set("spec", options.spec.clone(), []);
    if let Some(pods) = &model.cluster.network.pods {
        context.set("pods", pods.value.to_string(), [pods.origin.clone()]);
    }
    context.set(
        "version",
        facts.version.value.to_string(),
        [facts.version.origin.clone()],
    );
    let images: Vec<String> = facts
        .images
        .iter()
        .map(|image| image_name(model, &image.value))
        .collect();
    let image_origins = facts.images.iter().map(|image| image.origin.clone()).chain(
        model
            .cluster
            .mirror
            .images
            .iter()
            .map(|mirror| mirror.origin.clone()),
    );
    context.set("images", images, image_origins);
    context.set(
        "asked",
        vec![format!("cni {}", choice.name.value)],
        [choice.name.origin.clone()],
    );
    let mut given = serde_json::Map::new();
    for (name, value) in &choice.options {
        if let Some(value) = value {
            given.insert(name.clone(), to_json(&value.value));
            context.because(&format!("options.{name}"), [value.origin.clone()]);
        } else {
            given.insert(name.clone(), serde_json::Value::Null);
            context.because(&format!("options.{name}"), []);
        }
    }
    // What the cluster's interfaces carry, where nothing else is said.
    if let Some(mtu) = link_mtu(model)
        && choice.option("mtu").is_none()
    {
        given.insert("mtu".to_owned(), json!(mtu.value));
        context.because("options.mtu", [mtu.origin]);
    }
    context.set("options", given, []);
    context.origins.remove("options");
    let reach = iface(model);
    context.set(
        "can_reach",
        reach.as_ref().map(|found| found.value.clone()),
        reach.map(|found| found.origin),
    );
    plan.artifacts.push(Artifact {
        path,
        mode: 0o644,
        body: Body::Template {
            name: format!("cni/{0}/{0}.yaml.j2", facts.name),
            context: Arc::new(context),
        },
        origins: Arc::from([choice.name.origin.clone()]),
    });
}

/// flannel looks for the interface from which it reaches this address: with several interfaces on a
/// node, that is the one in the cluster's network, whatever its name.
fn iface(model: &Model) -> Option<Sourced<String>> {
    let gateway = model.cluster.network.gateway.as_ref()?;
    let several = model
        .nodes
        .iter()
        .find(|node| node.settings.interfaces.len() > 1)?;
    let interface = several.settings.cluster_interface()?;
    Some(Sourced::new(
        gateway.value.to_string(),
        Origin::derived(
            "with several interfaces the CNI is told to use the one that reaches the network's router",
            [gateway.origin.clone(), interface.name.origin.clone()],
        ),
    ))
}

/// The smallest MTU that a cluster interface states, if any does.
fn link_mtu(model: &Model) -> Option<Sourced<i64>> {
    model
        .nodes
        .iter()
        .filter_map(|node| node.settings.cluster_interface()?.mtu.as_ref())
        .min_by_key(|mtu| mtu.value)
        .cloned()
}

/// A value for a template: what has a natural JSON form keeps it, the rest is text.
fn to_json(value: &Val) -> serde_json::Value {
    match value {
        Val::Boolean(on) => json!(on),
        Val::Integer(number) => json!(number),
        Val::Port(port) => json!(port),
        other => json!(other.to_string()),
    }
}
