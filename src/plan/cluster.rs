//! What the whole cluster shares: versions, and where packages and images come from.

use std::collections::BTreeMap;

use super::cni;
use super::types::Outside;
use crate::model::Model;
use crate::origin::{Origin, Sourced};
use crate::stdlib::Repository;
use crate::value::Version;

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
    if let Some(facts) = &model.facts.cni
        && cni::brought(model).is_none()
    {
        for file in cni::upstream(model) {
            add(
                file.url.value.clone(),
                &format!(
                    "the manifest of {}, compared with its checksum",
                    facts.title
                ),
                "the control plane, step 76",
            );
        }
        for image in &facts.images {
            add(
                cni::image_name(model, &image.value),
                &format!("an image of {}", facts.title),
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
