//! From what a CNI is made, and what is different when an option has a value.

use ipnet::IpNet;

use super::{Cni, values, whole};
use crate::origin::Sourced;
use crate::schema::{Entity, Schema};

/// Where upstream's manifest says the pod range.
#[derive(Clone, Debug)]
pub struct RangeAt {
    /// The key of a ConfigMap that holds JSON with a `Network`.
    pub config_key: Option<String>,
    /// The variable of a container.
    pub env: Option<String>,
    /// The group and kind (`GROUP/KIND`) of the object that says the ranges, and where in it their list stands.
    pub resource: Option<(String, String)>,
    /// The range where the manifest says none.
    pub default: Option<Sourced<IpNet>>,
    /// Whether kubeadm's range comes before that.
    pub follows_kubeadm: bool,
}

/// What a file of upstream's is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum UpstreamKind {
    /// Objects, for an overlay to lie over.
    Manifest,
    /// A Helm chart of this name and version.
    Chart(String, String),
    /// The archive with Helm for an architecture.
    Helm,
}

/// A file of upstream's, pinned.
#[derive(Clone, Debug)]
pub struct Upstream {
    /// What it is.
    pub kind: UpstreamKind,
    /// Its name in a folder: `calico.yaml`.
    pub file: String,
    /// Where it is fetched.
    pub url: Sourced<String>,
    /// Its SHA-256.
    pub sha256: Sourced<String>,
    /// The objects (`Kind/name`) that the overlay changes.
    pub objects: Vec<Sourced<String>>,
    /// The option and the value for which it is the one; none for always.
    pub when: Option<(String, String)>,
}

/// What is different when an option has a value: another way in which the CNI comes to the cluster, or runs there.
#[derive(Clone, Debug)]
pub struct Way {
    /// Its name: the folder of its templates, below the CNI's.
    pub name: String,
    /// The option and its value.
    pub when: (String, String),
    /// The images that it pulls besides.
    pub images: Vec<Sourced<String>>,
    /// What must be open between nodes besides.
    pub ports: Vec<Sourced<String>>,
    /// The namespace that its objects live in then.
    pub namespace: Option<String>,
    /// Limits that do not hold then, by name.
    pub lifts: Vec<String>,
    /// Whether the API server merges what it is made from; what it must know then before the rest is applied.
    pub server_side: Option<Sourced<Vec<String>>>,
    /// Upstream's files then; the CNI's own where there are none.
    pub upstream: Vec<Upstream>,
    /// Where upstream's manifest says the pod range then.
    pub range: Option<RangeAt>,
}

impl Cni {
    /// As it is for these options, given as text: what its ways change is changed.
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

/// Where upstream's manifest says the pod range.
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

/// The files of upstream's that it is made from.
pub(super) fn upstream(entity: &Entity, schema: &Schema) -> Vec<Upstream> {
    ["upstream", "chart", "helm"]
        .into_iter()
        .flat_map(|kind| entity.children(kind))
        .filter_map(|file| pinned(file, schema))
        .collect()
}

/// What is different when an option has a value.
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

/// A file that is fetched and compared.
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
