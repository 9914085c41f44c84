//! Which package of the container runtime a machine gets, and from where.

use super::types::Model;
use crate::origin::{Origin, Sourced};
use crate::stdlib::{Repository, Runtime, System};
use crate::value::Version;

/// The runtime as the machines with an operating system get it.
#[derive(Clone, Debug)]
pub struct Packaged<'a> {
    /// The runtime.
    pub runtime: &'a Runtime,
    /// The package.
    pub package: Sourced<String>,
    /// Its release: the oldest one, if an archive can have several.
    pub version: Sourced<Version>,
    /// The newest release that the archive can have, if that is a different one.
    pub newest: Option<Sourced<Version>>,
    /// The runtime's own repository that it comes from; none for the system's archive.
    pub repository: Option<&'a Repository>,
}

impl Packaged<'_> {
    /// The newest release that a machine can have.
    pub fn at_most(&self) -> Version {
        self.newest
            .as_ref()
            .map_or(self.version.value, |newest| newest.value)
    }
}

impl Model {
    /// Whether the runtime comes from the archives of the machines' systems.
    pub fn runtime_from_archive(&self) -> bool {
        let choice = self.cluster.runtime.as_ref();
        choice
            .and_then(|choice| choice.source.as_ref())
            .is_some_and(|source| source.value == "distribution")
    }

    /// The runtime's own repository, if it comes from there.
    pub fn runtime_repository(&self) -> Option<&Repository> {
        if self.runtime_from_archive() {
            return None;
        }
        self.facts.runtime_repository.as_deref()
    }

    /// The minor release of the runtime in its own repository: as written; else that of Kubernetes, for
    /// runtimes that follow it; else the newest known in the repository.
    pub fn runtime_version(&self) -> Option<Sourced<Version>> {
        let choice = self.cluster.runtime.as_ref()?;
        if let Some(written) = &choice.version {
            return Some(Sourced::new(
                written.value.without_patch(),
                written.origin.clone(),
            ));
        }
        if self.facts.runtime.as_ref()?.same_minor {
            let kubernetes = self.cluster.kubernetes.as_ref()?;
            return Some(Sourced::new(
                kubernetes.value.without_patch(),
                Origin::derived(
                    "the runtime follows the minor release of Kubernetes",
                    [kubernetes.origin.clone()],
                ),
            ));
        }
        let last = self.runtime_repository()?.last.as_ref()?;
        Some(Sourced::new(
            last.value.without_patch(),
            Origin::derived(
                "the newest release in the repository that the standard library knows",
                [choice.name.origin.clone(), last.origin.clone()],
            ),
        ))
    }

    /// The runtime's package for the machines with an operating system; none if there is none.
    pub fn packaged(&self, system: &System) -> Option<Packaged<'_>> {
        let runtime = self.facts.runtime.as_deref()?;
        if self.runtime_from_archive() {
            let own = runtime.distribution(&system.name)?;
            return Some(Packaged {
                runtime,
                package: own.package.as_ref().unwrap_or(&runtime.package).clone(),
                version: own.version.clone(),
                newest: own.newest.clone(),
                repository: None,
            });
        }
        let repository = self.runtime_repository();
        let renamed = repository.and_then(|repository| repository.package.as_ref());
        Some(Packaged {
            runtime,
            package: renamed.unwrap_or(&runtime.package).clone(),
            version: self.runtime_version()?,
            newest: None,
            repository,
        })
    }
}
