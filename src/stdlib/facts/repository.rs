//! Where packages come from, and where they no longer do.

use std::sync::Arc;

use super::words::{PackageManager, Word as _};
use super::{Fact, values, whole};
use crate::origin::Sourced;
use crate::schema::{Entity, Schema, View};
use crate::source::Span;
use crate::value::{Date, Fingerprint, Version};

/// An archive that a system's own packages come from.
#[derive(Clone, Debug)]
pub struct Archive {
    /// The setting of `mirror` that replaces it: `debian`, `ubuntu-ports`.
    pub name: String,
    /// The architectures that it has; empty for all.
    pub architectures: Vec<String>,
    /// Its address.
    pub url: Sourced<String>,
    /// Its suites.
    pub suites: Vec<Sourced<String>>,
    /// Its components.
    pub components: Vec<Sourced<String>>,
    /// The keyring with which the system verifies it; none if any key that the system trusts counts.
    pub keyring: Option<Sourced<String>>,
    /// Where it is in the library.
    pub span: Span,
}

impl Archive {
    pub(super) fn read(entity: &Entity, view: &View<'_>) -> Option<Self> {
        Some(Self {
            name: entity.name().to_owned(),
            architectures: values(view.texts("architectures")),
            url: view.text("url")?,
            suites: view.texts("suites"),
            components: view.texts("components"),
            keyring: view
                .path("keyring")
                .map(|path| path.map(|path| path.to_string())),
            span: entity.head,
        })
    }
}

/// Where a repository has its packages for systems with dnf.
#[derive(Clone, Debug)]
pub struct Rpm {
    /// Its address; `{minor}` stands for the release, `{version}` for the system's, `{arch}` for rpm's name of the architecture.
    pub url: Sourced<String>,
    /// The address of its key; `{minor}` likewise.
    pub key: Sourced<String>,
    /// The key's fingerprint, if it is not that of the repository.
    pub fingerprint: Option<Sourced<Fingerprint>>,
}

/// A package repository.
#[derive(Clone, Debug)]
pub struct Repository {
    /// `kubernetes`, `crio`
    pub name: String,
    /// Its address; `{minor}` stands for the release.
    pub url: Sourced<String>,
    /// The address of its key; `{minor}` likewise.
    pub key: Sourced<String>,
    /// The same for systems with dnf, if it has packages for them.
    pub rpm: Option<Rpm>,
    /// The key's fingerprint, if it is known.
    pub fingerprint: Option<Sourced<Fingerprint>>,
    /// The day on which that key, as last published, expires.
    pub key_ends: Option<Sourced<Date>>,
    /// The first minor release it serves.
    pub first: Sourced<Version>,
    /// The latest minor release that it is known to serve.
    pub last: Option<Sourced<Version>>,
    /// The suite, if it is not flat; `{codename}` stands for that of the system.
    pub suite: Option<Sourced<String>>,
    /// The components, if it is not flat.
    pub components: Vec<Sourced<String>>,
    /// The package in it, if its name is different there.
    pub package: Option<Sourced<String>>,
    /// The architectures that it serves.
    pub architectures: Vec<String>,
    /// The hosts that a machine must reach to use it.
    pub hosts: Vec<String>,
    /// Where it is in the library.
    pub span: Span,
}

impl Fact for Repository {
    const KIND: &'static str = "repository";
    fn read(name: String, entity: Arc<Entity>, schema: &Schema) -> Option<Self> {
        let view = whole(&entity, schema)?;
        let rpm = entity.children("rpm").find_map(|rpm| {
            let view = whole(rpm, schema)?;
            Some(Rpm {
                url: view.text("url")?,
                key: view.text("key")?,
                fingerprint: view.fingerprint("fingerprint"),
            })
        });
        Some(Self {
            name,
            url: view.text("url")?,
            key: view.text("key")?,
            rpm,
            fingerprint: view.fingerprint("fingerprint"),
            key_ends: view.date("key-ends"),
            first: view.version("first")?,
            last: view.version("last"),
            suite: view.text("suite"),
            components: view.texts("components"),
            package: view.text("package"),
            architectures: values(view.texts("architectures")),
            hosts: values(view.texts("hosts")),
            span: entity.head,
        })
    }
}

/// An address that no longer answers.
#[derive(Clone, Debug)]
pub struct Gone {
    /// Its name in the library.
    pub name: String,
    /// How such addresses begin, without the scheme.
    pub prefixes: Vec<String>,
    /// Since when.
    pub since: Sourced<Date>,
    /// What it was.
    pub what: String,
    /// What replaced it.
    pub instead: String,
    /// The package manager that it was for; none for all.
    package_manager: Option<PackageManager>,
    /// Where it is in the library.
    pub span: Span,
}

impl Gone {
    /// Whether lists for a package manager can name it.
    pub fn was_for(&self, manager: PackageManager) -> bool {
        self.package_manager.is_none_or(|own| own == manager)
    }
}

impl Fact for Gone {
    const KIND: &'static str = "gone";
    fn read(name: String, entity: Arc<Entity>, schema: &Schema) -> Option<Self> {
        let view = whole(&entity, schema)?;
        Some(Self {
            name,
            prefixes: values(view.texts("prefix")),
            since: view.date("since")?,
            what: view.text("what")?.value,
            instead: view.text("instead")?.value,
            package_manager: PackageManager::of(&view, "package-manager")
                .map(|manager| manager.value),
            span: entity.head,
        })
    }
}
