//! Where packages come from: repositories of their own, and the archives of systems behind a mirror.

use crate::model::{Model, PackageMirror};
use crate::origin::{Origin, Sourced};
use crate::stdlib::{Archive, PackageManager, Repository, System};
use crate::value::{Fingerprint, Version};

/// A package repository as the machines use it.
pub(super) struct PackageSource {
    /// `kubernetes`, `crio`
    pub name: String,
    /// For people.
    pub title: String,
    /// Its address.
    pub url: String,
    /// Its suite; `/` for a flat one.
    pub suite: String,
    /// Its components; none for a flat one.
    pub components: Vec<String>,
    /// The packages that the steps install from it, and that nothing else may upgrade.
    pub held: Vec<Sourced<String>>,
    /// Where its key is.
    pub key: String,
    /// The key's fingerprint; none if it is not known.
    pub fingerprint: Option<String>,
    /// Whether the spec points somewhere else than upstream.
    pub mirrored: bool,
    /// Why it is this one.
    pub origins: Vec<Origin>,
}

/// The repositories that the machines of a system and an architecture use.
pub(super) fn package_sources(
    model: &Model,
    system: &System,
    architecture: &str,
) -> Vec<PackageSource> {
    let kubernetes = model
        .cluster
        .kubernetes
        .as_ref()
        .map(|version| Sourced::new(version.value.without_patch(), version.origin.clone()));
    let title = model.facts.runtime.as_ref();
    let list = [
        (
            "Kubernetes",
            model.facts.kubernetes_repository.as_deref(),
            kubernetes,
        ),
        (
            title.map_or("", |runtime| runtime.title.as_str()),
            model.runtime_repository(),
            model.runtime_version(),
        ),
    ];
    list.into_iter()
        .filter_map(|(title, facts, version)| {
            source(model, (system, architecture), title, facts?, &version?)
        })
        .collect()
}

/// Where a repository and its key are for a system.
struct Place<'a> {
    url: &'a Sourced<String>,
    key: &'a Sourced<String>,
    fingerprint: Option<&'a Sourced<Fingerprint>>,
}

impl<'a> Place<'a> {
    fn of(system: &System, facts: &'a Repository) -> Option<Self> {
        let own = facts.fingerprint.as_ref();
        Some(match system.package_manager.value {
            PackageManager::Apt => Self {
                url: &facts.url,
                key: &facts.key,
                fingerprint: own,
            },
            PackageManager::Dnf => {
                let rpm = facts.rpm.as_ref()?;
                Self {
                    url: &rpm.url,
                    key: &rpm.key,
                    fingerprint: rpm.fingerprint.as_ref().or(own),
                }
            }
        })
    }
}

/// rpm's name of an architecture.
fn rpm_architecture(architecture: &str) -> &str {
    match architecture {
        "amd64" => "x86_64",
        "arm64" => "aarch64",
        other => other,
    }
}

/// The packages that come from a repository.
fn held(model: &Model, system: &System, facts: &Repository) -> Vec<Sourced<String>> {
    if let Some(own) = model.packaged(system)
        && own
            .repository
            .is_some_and(|repository| repository.name == facts.name)
    {
        return vec![own.package];
    }
    let release = model.facts.release.iter();
    let mut all: Vec<Sourced<String>> = Vec::new();
    for package in
        release.flat_map(|release| release.exact_packages.iter().chain(&release.packages))
    {
        if !all.iter().any(|known| known.value == package.value) {
            all.push(package.clone());
        }
    }
    all
}

fn source(
    model: &Model,
    (system, architecture): (&System, &str),
    title: &str,
    facts: &Repository,
    version: &Sourced<Version>,
) -> Option<PackageSource> {
    let place = Place::of(system, facts)?;
    let none = PackageMirror::default();
    let mirror = model.cluster.mirror.packages.get(facts.name.as_str());
    let mirror = mirror.unwrap_or(&none);
    let minor = version.value.to_string();
    let fill = |text: &str| {
        text.replace("{minor}", &minor)
            .replace("{os}", &system.id.value)
            .replace("{arch}", rpm_architecture(architecture))
            .replace("{version}", &system.version_id.value)
            .replace(
                "{codename}",
                system.codename.as_ref().map_or("", |name| &name.value),
            )
    };
    let mut origins = vec![version.origin.clone(), place.url.origin.clone()];
    let url = match &mirror.url {
        Some(mirror) => {
            origins.push(mirror.origin.clone());
            with_slash(&mirror.value)
        }
        None => fill(&place.url.value),
    };
    let key_url = match (&mirror.key, &mirror.url) {
        (Some(key), _) => {
            origins.push(key.origin.clone());
            key.value.clone()
        }
        // A mirror keeps it under its upstream name.
        (None, Some(_)) => {
            let below = place.key.value.strip_prefix(place.url.value.as_str());
            let last = place.key.value.rsplit_once('/').map(|(_, name)| name);
            let name = below.or(last).unwrap_or("Release.key");
            format!("{url}{name}")
        }
        (None, None) => fill(&place.key.value),
    };
    // A mirror serves what upstream signed, unless the spec says that it signs by itself.
    let fingerprint = mirror.fingerprint.as_ref().or(place.fingerprint);
    let fingerprint = fingerprint.map(|found| {
        origins.push(found.origin.clone());
        found.value.0.clone()
    });
    let suite = facts.suite.as_ref().map(|suite| {
        origins.extend(system.codename.iter().map(|name| name.origin.clone()));
        fill(&suite.value)
    });
    Some(PackageSource {
        name: facts.name.clone(),
        held: held(model, system, facts),
        title: format!("The packages of {title} {minor}."),
        url,
        suite: suite.unwrap_or_else(|| "/".to_owned()),
        components: facts
            .components
            .iter()
            .map(|component| component.value.clone())
            .collect(),
        key: key_url,
        fingerprint,
        mirrored: mirror.url.is_some(),
        origins,
    })
}

/// An archive of a system, replaced by a mirror.
pub(super) struct MirroredArchive<'a> {
    /// What it replaces.
    pub archive: &'a Archive,
    /// Its address, with why.
    pub url: Sourced<String>,
}

/// The archives of a system, as far as the spec replaces them, for machines of an architecture.
pub(super) fn mirrored_archives<'a>(
    model: &Model,
    system: &'a System,
    architecture: &str,
) -> Vec<MirroredArchive<'a>> {
    let mirrors = &model.cluster.mirror.archives;
    let holds = |archive: &&Archive| {
        let all = archive.architectures.is_empty();
        all || archive.architectures.iter().any(|own| own == architecture)
    };
    let address = |archive: &Archive| {
        if let Some(written) = mirrors.get(archive.name.as_str()) {
            return Some(written.clone().map(|url| with_slash(&url)));
        }
        // Mirrors keep Debian's archive of security fixes next to the other one, under this name.
        let beside = mirrors.get(archive.name.strip_suffix("-security")?)?;
        Some(Sourced::new(
            format!("{}-security/", beside.value.trim_end_matches('/')),
            Origin::derived(
                "next to the mirror of the archive itself",
                [beside.origin.clone()],
            ),
        ))
    };
    system
        .archives
        .iter()
        .filter(holds)
        .filter_map(|archive| {
            Some(MirroredArchive {
                url: address(archive)?,
                archive,
            })
        })
        .collect()
}

fn with_slash(url: &str) -> String {
    if url.ends_with('/') {
        url.to_owned()
    } else {
        format!("{url}/")
    }
}
