//! The registries of the spec, and the mirror of images: what each runtime is told, in words that both share.

use std::sync::Arc;

use super::super::super::file::Placing;
use super::super::super::network::Secrets;
use super::ClassView;
use crate::model::Registry;
use crate::origin::{Origin, Sourced};
use crate::value::SecretName;

/// A host that is asked for the images of a registry.
pub(super) struct Asked<'a> {
    /// `https://` or `http://`.
    pub scheme: &'static str,
    /// The host, with its port.
    pub host: &'a str,
    /// The path below which the images are.
    pub path: Option<&'a str>,
    /// Whose `ca` and `insecure` count for it.
    pub trust: Option<&'a Registry>,
    /// Why it is asked.
    pub origins: Vec<Origin>,
}

impl Asked<'_> {
    /// Where its authority is, if the spec brings one: below the folder of the registry that brings it.
    pub fn authority(&self) -> Option<(&Registry, Origin)> {
        let registry = self.trust?;
        let brought = registry.ca.as_ref()?;
        Some((registry, brought.path.origin.clone()))
    }

    /// Why its certificate is not verified, if it is not.
    pub fn insecure(&self) -> Option<Origin> {
        Some(self.trust?.is_insecure()?.origin.clone())
    }
}

/// A registry that is reached in another way than its own, and what is asked before it.
pub(super) struct Reached<'a> {
    /// The registry.
    pub name: Sourced<String>,
    /// In this order.
    pub asked: Vec<Asked<'a>>,
    /// Its block, if it has no mirrors: then `ca` and `insecure` are about the registry itself.
    pub itself: Option<&'a Registry>,
}

/// All registries that are reached in another way, those of the spec's blocks last.
pub(super) fn reached<'a>(class: &ClassView<'a>) -> Vec<Reached<'a>> {
    let model = class.model;
    let mut all: Vec<Reached<'a>> = Vec::new();
    if let Some(images) = &model.cluster.mirror.images {
        for name in model.image_registries() {
            let origins = vec![images.origin.clone(), name.origin.clone()];
            let asked = vec![asked(class, "https://", &images.value, None, origins)];
            all.push(Reached {
                name,
                asked,
                itself: None,
            });
        }
    }
    for registry in &model.cluster.registries {
        let of = |url: &'a Sourced<String>| {
            let origins = vec![registry.name.origin.clone(), url.origin.clone()];
            let (scheme, place) = match url.value.strip_prefix("http://") {
                Some(place) => ("http://", place),
                None => ("https://", url.value.trim_start_matches("https://")),
            };
            asked(class, scheme, place, Some(registry), origins)
        };
        all.push(Reached {
            name: registry.name.clone(),
            asked: registry.mirrors.iter().map(of).collect(),
            itself: Some(registry).filter(|registry| registry.mirrors.is_empty()),
        });
    }
    all
}

fn asked<'a>(
    class: &ClassView<'a>,
    scheme: &'static str,
    place: &'a str,
    of: Option<&'a Registry>,
    origins: Vec<Origin>,
) -> Asked<'a> {
    let (host, path) = match place.split_once('/') {
        Some((host, path)) => (host, Some(path)),
        None => (place, None),
    };
    // What a block says of its mirrors counts; else what the mirror's own block says of itself.
    let says = |registry: &&Registry| registry.ca.is_some() || registry.is_insecure().is_some();
    let own = || class.model.registry_itself(host);
    Asked {
        scheme,
        host,
        path,
        trust: of.filter(says).or_else(own),
        origins,
    }
}

/// The authority of a registry's block, at a path of the machine.
pub(super) fn authority(registry: &Registry, path: &str) -> Option<Placing> {
    let brought = registry.ca.as_ref()?;
    // That it cannot be read has been reported.
    let text = brought.text.as_ref().ok()?;
    let file = Placing::brought(&format!("files{path}"), Arc::from(text.as_bytes()));
    Some(file.because([brought.path.origin.clone()]))
}

/// An account at a host.
pub(super) struct Login<'a> {
    /// The host that is asked, with its port.
    pub host: Sourced<String>,
    /// `ACCOUNT:PASSWORD`
    pub secret: &'a str,
    /// Why; the place of the secret.
    pub origin: Origin,
}

/// The accounts of the spec. The first secret without a value, if one has none.
pub(super) fn logins<'a>(
    class: &ClassView<'_>,
    secrets: &Secrets<'a>,
) -> Result<Vec<Login<'a>>, SecretName> {
    let all = class.model.registry_logins().into_iter();
    let login = |(host, secret): (Sourced<String>, &Sourced<SecretName>)| {
        let value = secrets.value(&secret.value);
        Ok(Login {
            origin: Origin::secret([secret.origin.clone(), host.origin.clone()]),
            host,
            secret: value.ok_or_else(|| secret.value.clone())?.trim(),
        })
    };
    all.map(login).collect()
}
