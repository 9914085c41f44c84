//! What a CNI is built from, and what changes when an option has a value.

use std::ops::Deref;

use ipnet::IpNet;

use super::record::{At, Record as _, record};
use super::{Cni, values, whole};
use crate::origin::Sourced;
use crate::schema::{Entity, Schema};

record! {
    /// Where upstream's manifest sets the pod range.
    pub struct RangeAt {
        /// The key of a ConfigMap with JSON that has a `Network`.
        pub config_key: Option<String>,
        /// The environment variable of a container.
        pub env: Option<String>,
        /// The group and kind (`GROUP/KIND`) of the object with the ranges, and where in it their list is.
        pub resource: Option<(String, String)> = |at: &At<'_>| Some(at.pair("resource", "at")),
        /// The range if the manifest sets none.
        pub default: Option<Sourced<IpNet>>,
        /// Whether kubeadm's range has precedence over that.
        pub follows_kubeadm: bool,
    }

    /// What changes when an option has a value: another way to install the CNI, or to run it.
    pub struct Way {
        /// Its name: the folder of its templates, below the CNI's.
        pub name: String = At::name,
        /// The option and its value.
        pub when: (String, String) = |at: &At<'_>| at.pair("option", "value"),
        /// The additional images that it pulls.
        pub images: Vec<Sourced<String>>,
        /// What must be open between nodes in addition.
        pub ports: Vec<Sourced<String>>,
        /// The namespace that its objects then live in.
        pub namespace: Option<String>,
        /// Limits that then do not apply, by name.
        pub lifts: Vec<String>,
        /// Whether the API server merges the files that it is built from; if so, what must exist before the rest is applied.
        pub server_side: Option<Sourced<Vec<String>>> = server_side,
        /// The upstream files then; if there are none, those of the CNI.
        pub upstream: Vec<Upstream> = upstream,
        /// Where upstream's manifest then sets the pod range.
        pub range: Option<RangeAt> = range,
    }
}

/// The kind of an upstream file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum UpstreamKind {
    /// Objects, which an overlay changes.
    Manifest,
    /// A Helm chart with this name and version.
    Chart(String, String),
    /// The archive with Helm for an architecture.
    Helm,
}

/// A pinned upstream file.
#[derive(Clone, Debug)]
pub struct Upstream {
    /// What it is.
    pub kind: UpstreamKind,
    /// Its name in a folder: `calico.yaml`.
    pub file: String,
    /// Where it is fetched from.
    pub url: Sourced<String>,
    /// Its SHA-256.
    pub sha256: Sourced<String>,
    /// The objects (`Kind/name`) that the overlay changes.
    pub objects: Vec<Sourced<String>>,
    /// The option and the value for which it is used; none for always.
    pub when: Option<(String, String)>,
}

/// A CNI with the options of a cluster.
#[derive(Clone, Debug)]
pub struct ConfiguredCni {
    /// What the library knows of it, with the changes of the ways applied.
    cni: Cni,
    /// The names of the ways that the cluster uses.
    pub used: Vec<String>,
    /// Whether the API server merges the files that it is built from; if so, what must exist before the rest is applied.
    pub server_side: Option<Sourced<Vec<String>>>,
}

impl Deref for ConfiguredCni {
    type Target = Cni;

    fn deref(&self) -> &Cni {
        &self.cni
    }
}

impl Cni {
    /// The CNI with these options, as text: with the changes of its ways applied.
    #[must_use]
    pub fn for_options(mut self, option: impl Fn(&str) -> Option<String>) -> ConfiguredCni {
        let (mut used, mut server_side) = (Vec::new(), None);
        for way in self.ways.clone() {
            if option(&way.when.0).as_ref() != Some(&way.when.1) {
                continue;
            }
            self.images.extend(way.images);
            for port in way.ports {
                if self.ports.iter().all(|known| known.value != port.value) {
                    self.ports.push(port);
                }
            }
            self.namespace = way.namespace.or(self.namespace);
            self.limits.retain(|limit| !way.lifts.contains(&limit.name));
            server_side = way.server_side.or(server_side);
            if !way.upstream.is_empty() {
                self.upstream = way.upstream;
            }
            used.push(way.name);
        }
        ConfiguredCni {
            cni: self,
            used,
            server_side,
        }
    }
}

/// Where upstream's manifest sets the pod range, if it does.
pub(super) fn range(at: &At<'_>) -> Option<Option<RangeAt>> {
    let block = at.entity.child("range");
    Some(block.and_then(|block| RangeAt::read(&At::new(block, at.schema)?)))
}

/// The upstream files that it is built from.
pub(super) fn upstream(at: &At<'_>) -> Option<Vec<Upstream>> {
    let kinds = ["upstream", "chart", "helm"].into_iter();
    let files = kinds.flat_map(|kind| at.entity.children(kind));
    Some(files.filter_map(|file| pinned(file, at.schema)).collect())
}

/// Whether the API server merges the files, and what must exist before the rest is applied.
fn server_side(at: &At<'_>) -> Option<Option<Sourced<Vec<String>>>> {
    let merged = at.view.boolean("server-side").filter(|merged| merged.value);
    Some(merged.map(|merged| Sourced::new(values(at.view.texts("established")), merged.origin)))
}

/// A file that is fetched and verified.
fn pinned(file: &Entity, schema: &Schema) -> Option<Upstream> {
    let view = whole(file, schema)?;
    let name = file.name();
    let (kind, file) = match file.kind.as_str() {
        "chart" => {
            let version = view.text("version")?.value;
            let archive = format!("{name}-{version}.tgz");
            (UpstreamKind::Chart(name.to_owned(), version), archive)
        }
        "helm" => (UpstreamKind::Helm, format!("helm-{name}.tar.gz")),
        _ => (UpstreamKind::Manifest, format!("{name}.yaml")),
    };
    Some(Upstream {
        kind,
        file,
        url: view.url("url")?,
        sha256: view.text("sha256")?,
        objects: view.texts("objects"),
        when: view
            .text("option")
            .zip(view.text("value"))
            .map(|(option, value)| (option.value, value.value)),
    })
}
