//! What a CNI is built from, and what changes when an option has a value.

use ipnet::IpNet;

use super::{Cni, values, whole};
use crate::origin::Sourced;
use crate::schema::{Entity, Schema};

/// Where upstream's manifest sets the pod range.
#[derive(Clone, Debug)]
pub struct RangeAt {
    /// The key of a ConfigMap with JSON that has a `Network`.
    pub config_key: Option<String>,
    /// The environment variable of a container.
    pub env: Option<String>,
    /// The group and kind (`GROUP/KIND`) of the object with the ranges, and where in it their list is.
    pub resource: Option<(String, String)>,
    /// The range if the manifest sets none.
    pub default: Option<Sourced<IpNet>>,
    /// Whether kubeadm's range has precedence over that.
    pub follows_kubeadm: bool,
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

/// What changes when an option has a value: another way to install the CNI, or to run it.
#[derive(Clone, Debug)]
pub struct Way {
    /// Its name: the folder of its templates, below the CNI's.
    pub name: String,
    /// The option and its value.
    pub when: (String, String),
    /// The additional images that it pulls.
    pub images: Vec<Sourced<String>>,
    /// What must be open between nodes in addition.
    pub ports: Vec<Sourced<String>>,
    /// The namespace that its objects then live in.
    pub namespace: Option<String>,
    /// Limits that then do not apply, by name.
    pub lifts: Vec<String>,
    /// Whether the API server merges the files that it is built from; if so, what must exist before the rest is applied.
    pub server_side: Option<Sourced<Vec<String>>>,
    /// The upstream files then; if there are none, those of the CNI.
    pub upstream: Vec<Upstream>,
    /// Where upstream's manifest then sets the pod range.
    pub range: Option<RangeAt>,
}

impl Cni {
    /// The CNI with these options, as text: with the changes of its ways applied.
    #[must_use]
    pub fn for_options(mut self, option: impl Fn(&str) -> Option<String>) -> Self {
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
            self.server_side = way.server_side.or(self.server_side);
            if !way.upstream.is_empty() {
                self.upstream = way.upstream;
            }
            self.taken.push(way.name);
        }
        self
    }
}

/// Where upstream's manifest sets the pod range.
pub(super) fn range(entity: &Entity, schema: &Schema) -> Option<RangeAt> {
    let view = whole(entity.child("range")?, schema)?;
    let text = |setting: &str| view.text(setting).map(|text| text.value);
    Some(RangeAt {
        config_key: text("config-key"),
        env: text("env"),
        resource: text("resource").zip(text("at")),
        default: view.cidr("default"),
        follows_kubeadm: view
            .boolean("follows-kubeadm")
            .is_some_and(|follows| follows.value),
    })
}

/// The upstream files that it is built from.
pub(super) fn upstream(entity: &Entity, schema: &Schema) -> Vec<Upstream> {
    ["upstream", "chart", "helm"]
        .into_iter()
        .flat_map(|kind| entity.children(kind))
        .filter_map(|file| pinned(file, schema))
        .collect()
}

/// What changes when an option has a value.
pub(super) fn ways(entity: &Entity, schema: &Schema) -> Vec<Way> {
    entity
        .children("way")
        .filter_map(|way| {
            let view = whole(way, schema)?;
            let merged = view.boolean("server-side").filter(|merged| merged.value);
            Some(Way {
                name: way.name().to_owned(),
                when: (view.text("option")?.value, view.text("value")?.value),
                images: view.texts("images"),
                ports: view.texts("ports"),
                namespace: view.text("namespace").map(|name| name.value),
                lifts: values(view.texts("lifts")),
                server_side: merged
                    .map(|merged| Sourced::new(values(view.texts("established")), merged.origin)),
                upstream: upstream(way, schema),
                range: range(way, schema),
            })
        })
        .collect()
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
