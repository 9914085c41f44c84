//! The plan as plain data: every file that will exist, what is in it, and why.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use camino::Utf8PathBuf;
use serde::Serialize;
use serde_json::Value as Json;

use super::document::Versioned;
use super::document::cloud_config::{CloudConfig, MetaData};
use super::document::fields::Fields;
use super::document::kubeadm_v1beta3 as v1beta3;
use super::document::kubeadm_v1beta4 as v1beta4;
use super::document::kubelet_v1beta1::KubeletConfiguration;
use super::document::kubeproxy_v1alpha1::KubeProxyConfiguration;
use super::document::netplan::Netplan;
use super::document::policy_objects::{Namespace, NetworkPolicy};
use crate::file_format::{Refused, Unfit, Written, word};
use crate::origin::{Origin, Sourced};
use crate::value::SecretName;

/// Everything that will be written.
#[derive(Clone, Debug, Default)]
pub struct Plan {
    /// The cluster's name.
    pub cluster: String,
    /// Files, by path below the output folder.
    pub artifacts: Vec<Artifact>,
    /// What each class runs, in order.
    pub steps: Vec<PlannedStep>,
    /// Checksum lists, built when everything else is rendered.
    pub lists: Vec<List>,
    /// What the carriers of a class's machines have in common.
    pub payloads: Vec<Payload>,
    /// Files that bring bundles, built last of all.
    pub carriers: Vec<Carrier>,
    /// Images for machines that get cloud-init's files as a disk.
    pub seeds: Vec<Seed>,
    /// Exact versions chosen: `kubernetes` to `1.36.4`.
    pub versions: BTreeMap<String, String>,
    /// What a running cluster cannot change, by setting.
    pub fixed: BTreeMap<String, Sourced<String>>,
    /// Every address outside the cluster that a machine connects to.
    pub outside: Vec<Outside>,
    /// Secrets that files need and that have no value: name, and what is left out without it.
    pub missing_secrets: BTreeMap<SecretName, Vec<Utf8PathBuf>>,
}

impl Plan {
    /// What the spec sets and a file's format cannot hold, in the order of the files, each once.
    pub fn refused(&self) -> Vec<Refused> {
        let mut all: Vec<Refused> = Vec::new();
        let mut add = |found: Vec<Refused>| {
            for one in found {
                if !all.contains(&one) {
                    all.push(one);
                }
            }
        };
        // The files of a class share a context.
        let mut seen = BTreeSet::new();
        for artifact in &self.artifacts {
            match &artifact.body {
                Body::Lines(written) => add(written.refused().to_vec()),
                Body::Template { context, .. } if seen.insert(Arc::as_ptr(context)) => {
                    add(context.refused(&artifact.origins));
                }
                Body::Template { .. } | Body::Yaml { .. } | Body::Link(_) | Body::Verbatim(_) => {}
            }
        }
        for payload in &self.payloads {
            if let Head::Script { context, .. } = &payload.head {
                add(context.refused(&payload.origins));
            }
        }
        all
    }
}

/// A step of a class, for those who ask what it touches.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlannedStep {
    /// The class's name.
    pub class: String,
    /// `40-swap`
    pub name: &'static str,
    /// Its script, below the output folder.
    pub script: Utf8PathBuf,
    /// The settings that asked for it, as a person would write them.
    pub asked: Vec<String>,
    /// The files of the class that it places.
    pub files: Vec<Listed>,
    /// The packages that it installs.
    pub packages: Vec<String>,
    /// The services that it configures.
    pub services: Vec<String>,
    /// The package repositories that it adds.
    pub repositories: Vec<AddedRepository>,
}

/// A package repository that a step adds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AddedRepository {
    /// Its address, as in [`Outside::url`].
    pub url: String,
    /// Whose signature is checked, in words.
    pub verified: String,
    /// Where its key is.
    pub key: String,
    /// The key's fingerprint, which the step compares; none if it is not known.
    pub fingerprint: Option<String>,
}

/// One file or link.
#[derive(Clone, Debug)]
pub struct Artifact {
    /// Below the output folder.
    pub path: Utf8PathBuf,
    /// The mode in the output folder.
    pub mode: u32,
    /// What is in it.
    pub body: Body,
    /// Why it exists: the origin of each line that has no better one.
    pub origins: Arc<[Origin]>,
}

/// What is in a file.
#[derive(Clone, Debug)]
pub enum Body {
    /// A template of the standard library, filled in. The context is shared by the files of a class.
    Template {
        /// Its path below `stdlib/`.
        name: String,
        /// Its values.
        context: Arc<Context>,
    },
    /// YAML documents below a header of comment lines.
    Yaml {
        /// Comment lines, without the `# `.
        header: Vec<String>,
        /// The documents, in order.
        documents: Vec<Document>,
    },
    /// Lines of a simple format, each with its origins.
    Lines(Written),
    /// A relative link.
    Link(Utf8PathBuf),
    /// A file that the user brought, as it is.
    Verbatim(Arc<[u8]>),
}

/// A document, with the fields that the spec gives as they are.
#[derive(Clone, Debug)]
pub struct Document {
    /// What pikc decides.
    pub typed: TypedDocument,
    /// What only this document holds. Its names are none of those that `typed` has values for.
    pub fields: Fields,
}

impl From<TypedDocument> for Document {
    fn from(typed: TypedDocument) -> Self {
        Self {
            typed,
            fields: Fields::default(),
        }
    }
}

/// A document with a schema.
#[derive(Clone, Debug, Serialize)]
#[serde(untagged)]
#[allow(
    missing_docs,
    reason = "each variant is the document of that name and version"
)]
pub enum TypedDocument {
    Init3(Versioned<v1beta3::InitConfiguration>),
    Cluster3(Versioned<v1beta3::ClusterConfiguration>),
    Join3(Versioned<v1beta3::JoinConfiguration>),
    Init4(Versioned<v1beta4::InitConfiguration>),
    Cluster4(Versioned<v1beta4::ClusterConfiguration>),
    Join4(Versioned<v1beta4::JoinConfiguration>),
    Kubelet(Versioned<KubeletConfiguration>),
    Proxy(Versioned<KubeProxyConfiguration>),
    Netplan(Netplan),
    MetaData(MetaData),
    Namespace(Versioned<Namespace>),
    NetworkPolicy(Versioned<NetworkPolicy>),
    Object(Versioned<Nothing>),
}

/// A document of which everything is in its fields.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Nothing {}

impl TypedDocument {
    /// A document of this version and kind, for [`Document::fields`] to fill.
    pub fn object(api_version: &'static str, kind: &'static str) -> Self {
        Self::Object(Versioned::new(api_version, kind, Nothing {}))
    }
}

/// What a template is filled in with.
#[derive(Clone, Debug, Default)]
pub struct Context {
    /// Values by name.
    pub values: BTreeMap<String, Json>,
    /// Origins by name: `origin.NAME` in the template.
    pub origins: BTreeMap<String, Vec<Origin>>,
}

impl Context {
    /// Sets a value and where it comes from.
    pub fn set(
        &mut self,
        name: &str,
        value: impl Into<Json>,
        origins: impl IntoIterator<Item = Origin>,
    ) {
        self.values.insert(name.to_owned(), value.into());
        self.because(name, origins);
    }

    /// Adds origins under a name without a value of that name.
    pub fn because(&mut self, name: &str, origins: impl IntoIterator<Item = Origin>) {
        let known = self.origins.entry(name.to_owned()).or_default();
        for origin in origins {
            if !known.contains(&origin) {
                known.push(origin);
            }
        }
    }
}

impl Context {
    /// The values that no template can write, because they are not one line of text; `default` is why the file
    /// is there, for values without an origin.
    fn refused(&self, default: &[Origin]) -> Vec<Refused> {
        let found = self.values.iter().filter_map(|(name, value)| {
            let why = unfit(value)?;
            let origins = self.origins.get(name).filter(|origins| !origins.is_empty());
            Some(Refused {
                format: "a script or page that is generated from a template",
                why,
                origins: origins.map_or(default, Vec::as_slice).to_vec(),
            })
        });
        found.collect()
    }
}

/// Why no template can hold the first text in a value that is refused, if there is one.
fn unfit(value: &Json) -> Option<Unfit> {
    match value {
        Json::String(text) => word::line(text).err(),
        Json::Array(items) => items.iter().find_map(unfit),
        Json::Object(map) => map.values().find_map(unfit),
        Json::Null | Json::Bool(_) | Json::Number(_) => None,
    }
}

/// A checksum list: files as a machine's bundle sees them.
#[derive(Clone, Debug)]
pub struct List {
    /// Where the list goes, below the output folder.
    pub path: Utf8PathBuf,
    /// What it lists.
    pub entries: Vec<Listed>,
}

/// A file of a checksum list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// Its path in the bundle.
    pub bundle: String,
    /// Where it is below the output folder.
    pub output: Utf8PathBuf,
    /// Owner and mode on the machine.
    pub placed: Placed,
}

/// Owner and mode of a file on the machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Placed {
    /// `owner:group`
    pub owner: String,
    /// The mode.
    pub mode: u32,
}

impl Placed {
    /// A file of root's.
    pub fn root(mode: u32) -> Self {
        Self {
            owner: "root:root".to_owned(),
            mode,
        }
    }
}

/// Where a carrier puts a bundle before it is installed, on the machine.
pub const CARRIED: &str = "/opt/pikc.carrier";

/// What the carriers of a class's machines have in common: packed once and stored once.
#[derive(Clone, Debug)]
pub struct Payload {
    /// How their files begin.
    pub head: Head,
    /// The class's checksum list, among those of the plan; its files are packed.
    pub list: usize,
    /// Files of the nodes' lists that are the same for all of them, packed too.
    pub manifests: Vec<Listed>,
    /// Files that are placed before the bundle starts.
    pub early: Vec<Early>,
    /// Why it exists.
    pub origins: Arc<[Origin]>,
}

/// The beginning of a class's carriers.
#[derive(Clone, Debug)]
pub enum Head {
    /// user-data for cloud-init, below a header of comment lines.
    CloudInit {
        /// Comment lines, without the `# `.
        header: Vec<String>,
        /// The configuration for cloud-init.
        config: Box<CloudConfig>,
    },
    /// A script that the first boot runs: this template of the standard library, filled in.
    Script {
        /// Its path below `stdlib/`.
        name: &'static str,
        /// Its values.
        context: Arc<Context>,
    },
}

/// A file that brings a node's whole bundle to its machine and starts it there.
#[derive(Clone, Debug)]
pub struct Carrier {
    /// Below the output folder.
    pub path: Utf8PathBuf,
    /// The mode in the output folder.
    pub mode: u32,
    /// Its class's part, among the payloads of the plan.
    pub payload: usize,
    /// The node's checksum list, among those of the plan.
    pub list: usize,
    /// The machine's name.
    pub name: Sourced<String>,
    /// Why it exists.
    pub origins: Arc<[Origin]>,
}

/// An image that holds cloud-init's files of a node.
#[derive(Clone, Debug)]
pub struct Seed {
    /// Where those files are, below the output folder, and the image with them.
    pub folder: Utf8PathBuf,
}

/// A file that is placed on the machine before the bundle starts.
#[derive(Clone, Debug)]
pub struct Early {
    /// Where, on the machine.
    pub path: String,
    /// Where it is below the output folder.
    pub output: Utf8PathBuf,
    /// The mode on the machine.
    pub mode: u32,
}

/// An address outside the machine that a step connects to.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Outside {
    /// The address.
    pub url: String,
    /// What is fetched there.
    pub gives: String,
    /// Which steps need it.
    pub needed_by: String,
}
