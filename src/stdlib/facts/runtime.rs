//! What the library knows of a container runtime.

use std::sync::Arc;

use super::words::{RuntimeKind, Word};
use super::{Fact, printed, values, versions, whole};
use crate::origin::Sourced;
use crate::schema::{Entity, Schema};
use crate::source::Span;
use crate::value::{self, Type, Val, Version};

/// A container runtime.
#[derive(Clone, Debug)]
pub struct Runtime {
    /// `crio`
    pub name: String,
    /// "CRI-O"
    pub title: String,
    /// How it is configured.
    pub configuration: Sourced<RuntimeKind>,
    /// The CRI socket as an address: `unix:///var/run/crio/crio.sock`.
    pub socket: Sourced<String>,
    /// The package.
    pub package: Sourced<String>,
    /// Packages with the same programs: only one of them can be installed.
    pub rivals: Vec<Sourced<String>>,
    /// The systemd service.
    pub service: Sourced<String>,
    /// Files of its own bridge configuration that must be moved aside.
    pub default_cni: Vec<Sourced<String>>,
    /// Where its settings go.
    pub config_folder: Sourced<String>,
    /// Where it keeps images and containers.
    pub data_folder: Sourced<String>,
    /// Where it is configured to look for CNI plugins.
    pub cni_bin: Sourced<String>,
    /// Whether its minor release must be that of Kubernetes.
    pub same_minor: bool,
    /// The first release that reports its cgroup driver to the kubelet.
    pub tells_cgroup_driver: Option<Sourced<Version>>,
    /// The first release with version 1 of the CRI.
    pub cri_v1: Option<Sourced<Version>>,
    /// The first release that accepts a list of folders with CNI plugins.
    pub plugin_folders: Option<Sourced<Version>>,
    /// The architectures it exists for.
    pub architectures: Vec<String>,
    /// The formats of its configuration file, oldest first.
    pub formats: Vec<Format>,
    /// What its project recommends for a release of Kubernetes.
    pub suits: Vec<Suits>,
    /// Its packages in the archives of systems.
    pub distributions: Vec<Distribution>,
    /// Where it is in the library.
    pub span: Span,
    /// Everything the library has about it.
    pub entity: Arc<Entity>,
}

/// A format of a configuration file.
#[derive(Clone, Debug)]
pub struct Format {
    /// Its number.
    pub number: i64,
    /// The first release that reads it.
    pub first: Sourced<Version>,
}

/// What is recommended for a release of Kubernetes.
#[derive(Clone, Debug)]
pub struct Suits {
    /// The release of Kubernetes.
    pub kubernetes: Version,
    /// The first patch release for each line of the runtime.
    pub least: Vec<Sourced<Version>>,
    /// Where it is in the library.
    pub span: Span,
}

/// Its package in the archive of a system.
#[derive(Clone, Debug)]
pub struct Distribution {
    /// The system.
    pub system: String,
    /// The oldest release that an installation can have.
    pub version: Sourced<Version>,
    /// The release in its updates, if that is a different one.
    pub newest: Option<Sourced<Version>>,
    /// The package, if its name is different there.
    pub package: Option<Sourced<String>>,
    /// Where it is in the library.
    pub span: Span,
}

impl Runtime {
    /// Its package in the archive of a system.
    pub fn distribution(&self, system: &str) -> Option<&Distribution> {
        self.distributions.iter().find(|own| own.system == system)
    }

    /// The newest format that this release reads.
    pub fn format(&self, version: Version) -> Option<&Format> {
        let reads =
            |format: &&Format| format.first.value.without_patch() <= version.without_patch();
        self.formats
            .iter()
            .filter(reads)
            .max_by_key(|format| format.number)
    }
}

impl Fact for Runtime {
    const KIND: &'static str = "runtime";
    fn read(name: String, entity: Arc<Entity>, schema: &Schema) -> Option<Self> {
        let view = whole(&entity, schema)?;
        let path = |setting: &str| Some(view.path(setting)?.map(|path| path.to_string()));
        let formats = entity.children("format").filter_map(|format| {
            Some(Format {
                number: format.name().parse().ok()?,
                first: whole(format, schema)?.version("first")?,
            })
        });
        let suits = entity.children("suits").filter_map(|suits| {
            let Ok(Val::Version(kubernetes)) = value::parse(Type::Version, suits.name()) else {
                return None;
            };
            Some(Suits {
                kubernetes,
                least: versions(whole(suits, schema)?.many("least")),
                span: suits.head,
            })
        });
        let distributions = entity.children("distribution").filter_map(|own| {
            let view = whole(own, schema)?;
            Some(Distribution {
                system: own.name().to_owned(),
                version: view.version("version")?,
                newest: view.version("newest"),
                package: view.text("package"),
                span: own.head,
            })
        });
        Some(Self {
            name,
            title: view.text("title")?.value,
            configuration: RuntimeKind::of(&view, "configuration")?,
            socket: view.text("socket")?,
            package: view.text("package")?,
            rivals: view.texts("rivals"),
            service: view.text("service")?,
            default_cni: printed(view.many("default-cni")),
            config_folder: path("config-folder")?,
            data_folder: path("data-folder")?,
            cni_bin: path("cni-bin")?,
            same_minor: view.text("version-rule")?.value == "same-minor",
            tells_cgroup_driver: view.version("tells-cgroup-driver"),
            cri_v1: view.version("cri-v1"),
            plugin_folders: view.version("plugin-folders"),
            architectures: values(view.texts("architectures")),
            formats: formats.collect(),
            suits: suits.collect(),
            distributions: distributions.collect(),
            span: entity.head,
            entity: Arc::clone(&entity),
        })
    }
}
