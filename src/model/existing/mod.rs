//! A cluster that was built without a spec: its kubeadm file and the manifests that were applied to it, read as far as the
//! rules need.
//!
//! In: files for `kubeadm --config` and Kubernetes manifests, distinguished by the kinds of their documents. Out: a [`Model`]
//! of their contents, with places in those files, and an [`Existing`] with what only such files can get wrong. A document
//! of another kind is ignored.

mod applied;
mod contents;
mod demands;
mod documents;
mod fields;
mod forms;
mod held;
mod kubeadm;
mod labels;
mod machine;
pub(super) mod outline;
mod placeholder;
mod registration;
pub(crate) mod secret;
mod shape;
mod spelling;
mod texts;
mod values;
mod versions;
pub(crate) mod yaml;

use std::collections::BTreeSet;
use std::net::IpAddr;
use std::sync::Arc;

use ipnet::IpNet;

use super::cluster::Builder;
use super::cluster_dns::ClusterDns;
use super::control_plane::ControlPlane;
use super::facts::{Facts, Tables};
use super::types::{Cluster, Join, Kubelet, Mirror, Model, Network, Time};
use crate::declare;
use crate::diagnostic::{Descriptor, Diagnostic, Diagnostics};
use crate::origin::{Origin, Sourced};
use crate::source::{FileId, Sources, Span, Spanned};
use crate::stdlib::{Cni, Library, RangeAt};
use crate::value::Date;

pub use secret::quoted;
use texts::Texts;
use yaml::Yaml;

declare! {
    /// Neither kubeadm nor kubectl reads a file that is not YAML, or one that grows larger than memory through its anchors.
    ///
    /// ```yaml fails
    /// apiVersion: kubeadm.k8s.io/v1beta4
    /// kind: ClusterConfiguration
    /// networking: [
    /// ```
    ///
    /// ```yaml
    /// apiVersion: kubeadm.k8s.io/v1beta4
    /// kind: ClusterConfiguration
    /// kubernetesVersion: v1.36.4
    /// ```
    pub static NO_YAML = {
        code: "kubeadm/no-yaml",
        since: "0.1.0",
        severity: Error,
        title: "a file that is not YAML",
        help: "fix the line that the report points at",
        no_edit: "what was meant is not known",
        sources: ["yaml.org: spec/1.2.2"],
    }

    /// Nothing in the file is a document for kubeadm, the kubelet or kube-proxy, or a CNI that pikc knows, so there was nothing
    /// to check. This is a finding so that a wrong path in a script does not look like a cluster without mistakes.
    ///
    /// ```yaml fails
    /// apiVersion: v1
    /// kind: Namespace
    /// metadata: { name: web }
    /// ```
    ///
    /// ```yaml
    /// apiVersion: kubeadm.k8s.io/v1beta4
    /// kind: ClusterConfiguration
    /// kubernetesVersion: v1.36.4
    /// ```
    pub static NOTHING_KNOWN = {
        code: "kubeadm/nothing-known",
        since: "0.1.0",
        severity: Warning,
        title: "a file without anything that pikc checks",
        help: "pass the file that was passed to `kubeadm init --config`, and the CNI's manifest",
        no_edit: "nothing in the file is known to be wrong",
        sources: ["docs/existing.md"],
    }
}

pub(super) static CODES: &[&[&Descriptor]] = &[
    &[&NO_YAML, &NOTHING_KNOWN],
    shape::CODES,
    values::CODES,
    kubeadm::CODES,
    versions::CODES,
    applied::CODES,
    contents::CODES,
    demands::CODES,
    documents::CODES,
    labels::CODES,
    machine::CODES,
    placeholder::CODES,
    registration::CODES,
];

/// A file: the name to show for it, and its text.
#[derive(Clone, Copy, Debug)]
pub struct GivenFile<'a> {
    /// The name.
    pub name: &'a str,
    /// The text.
    pub text: &'a str,
}

/// What the files can set and a spec cannot.
#[derive(Debug, Default)]
pub struct Existing {
    /// The pod ranges, one for each address family.
    pub pods: Vec<Spanned<IpNet>>,
    /// The service ranges.
    pub services: Vec<Spanned<IpNet>>,
    /// Whether the service range is kubeadm's own default, because none is written.
    pub services_default: bool,
    /// The key of the endpoint of the cluster.
    pub endpoint: Option<Span>,
    /// The argument that turns off the nodes' pieces of the pod range.
    pub no_node_ranges: Option<Span>,
    /// What the documents say of machines.
    pub machine: Registered,
    /// The head of the document that would hold the pod range.
    pub cluster: Option<Span>,
    /// The name servers that the kubelet sets for pods.
    pub cluster_dns: Vec<Spanned<IpAddr>>,
    /// The kubelet's setting for swap.
    pub swap_behaviour: Option<Spanned<String>>,
    /// The files with objects in an API version that is no longer served.
    pub old: Vec<FileId>,
    /// The CNIs among the objects.
    pub networks: Vec<Applied>,
}

/// What the documents for `init` and `join` say of a machine.
#[derive(Debug, Default)]
pub struct Registered {
    /// Where kube-proxy is left out.
    pub skips_proxy: Option<Span>,
    /// Where kubeadm's check of swap is ignored.
    pub ignores_swap: Option<Span>,
    /// Where a further control plane joins.
    pub joins: Option<Span>,
}

/// A CNI that was applied.
#[derive(Debug)]
pub struct Applied {
    /// Which.
    pub cni: Arc<Cni>,
    /// The name of the object that shows it.
    pub place: Span,
    /// Where its manifest sets the range.
    pub at: Option<RangeAt>,
    /// The range in its manifest.
    pub range: Option<Spanned<IpNet>>,
    /// The range of the second address family in it.
    pub second: Option<Spanned<IpNet>>,
    /// The range from which it hands out addresses by itself, whatever kubeadm's is.
    pub pool: Option<Spanned<IpNet>>,
}

/// Reads the files.
pub fn read(
    files: &[GivenFile<'_>],
    as_of: Option<Date>,
    library: &mut Library,
    sources: &mut Sources,
    out: &mut Diagnostics,
) -> (Model, Existing) {
    let mut texts = Texts::default();
    let mut head = Span::new(FileId(0), 0, 0);
    for (index, given) in files.iter().enumerate() {
        let file = sources.add(given.name, given.text);
        if index == 0 {
            head = Span::new(file, 0, 0);
        }
        hide_secrets(file, given.text, sources);
        texts.file(file, given, sources, out);
    }
    let Texts { roots, empty, own } = texts;
    let mut cluster = bare(files.first().map_or("", |file| file.name), head);
    cluster.kubernetes = versions::version(&roots, out);
    cluster.exact = cluster.kubernetes.clone();
    let facts = facts(&mut cluster, library, sources, out);
    let as_of = match as_of {
        Some(date) => Sourced::new(date, Origin::derived("--as-of", [])),
        None => library.date(sources, out),
    };
    for (file, text, roots) in &own {
        documents::Whole {
            file: *file,
            text,
            roots,
            documents: &facts.documents,
            out,
        }
        .check();
    }
    let words = words(&facts, library, sources, out);
    let mut reading = kubeadm::Reading {
        documents: &facts.documents,
        release: facts.release.as_deref(),
        cluster,
        nodes: Vec::new(),
        existing: Existing::default(),
        seen: BTreeSet::new(),
        words,
        services_said: false,
        out,
    };
    reading.read(&roots);
    let (cluster, nodes, mut existing) = (reading.cluster, reading.nodes, reading.existing);
    let release = cluster.kubernetes.as_ref();
    let releases = (release, facts.known_releases.first().copied());
    applied::read(&roots, releases, &mut existing, library, sources, out);
    nothing_known(&empty, &existing, out);
    (model(cluster, nodes, facts, as_of), existing)
}

/// What the library knows about the cluster; what it says about the release is put as such a file says it.
fn facts(
    cluster: &mut Cluster,
    library: &mut Library,
    sources: &mut Sources,
    out: &mut Diagnostics,
) -> Facts {
    let spec = library.spec_schema();
    let mut found = Diagnostics::default();
    let facts = Builder {
        spec: &spec,
        library,
        sources,
        out: &mut found,
    }
    .facts(cluster, Tables::ALL);
    let mut builder = Builder {
        spec: &spec,
        library,
        sources,
        out,
    };
    versions::in_own_words(&found, &facts, &mut builder);
    facts
}

/// The words of kubeadm that a file may name.
fn words(
    facts: &Facts,
    library: &mut Library,
    sources: &mut Sources,
    out: &mut Diagnostics,
) -> registration::Words {
    let mut words = |name: &str| library.words(name, sources, out).unwrap_or_default();
    registration::Words {
        init: words("init-phases"),
        join: words("join-phases"),
        checks: words("preflight-checks"),
        release: facts.release.as_ref().map(|release| release.version),
    }
}

/// Reports the files of which nothing was read.
fn nothing_known(empty: &[(FileId, &GivenFile<'_>)], existing: &Existing, out: &mut Diagnostics) {
    let read: BTreeSet<FileId> = existing
        .networks
        .iter()
        .map(|found| found.place.file)
        .chain(existing.old.iter().copied())
        .collect();
    for (file, given) in empty.iter().filter(|(file, _)| !read.contains(file)) {
        let message = format!("`{}` contains nothing that pikc checks", given.name);
        let end = given.text.lines().next().map_or(0, str::len);
        out.push(Diagnostic::new(&NOTHING_KNOWN, message).label(
            Span::new(*file, 0, end),
            "neither a kubeadm document nor a CNI that pikc knows",
        ));
    }
}

/// Hides the secrets in the text of such a file from reports.
pub fn hide_secrets(file: FileId, text: &str, sources: &mut Sources) {
    for line in secret::lines(text) {
        sources.hide(Span::new(file, line.start, line.end));
    }
}

fn model(cluster: Cluster, nodes: Vec<super::Node>, facts: Facts, as_of: Sourced<Date>) -> Model {
    Model {
        cluster,
        nodes,
        lost_nodes: false,
        allows: Vec::new(),
        all_allows: Vec::new(),
        profiles: Vec::new(),
        facts,
        as_of,
        entities: Vec::new(),
        damaged: false,
    }
}

/// A cluster about which nothing is known.
fn bare(name: &str, head: Span) -> Cluster {
    Cluster {
        name: Sourced::new(name.to_owned(), Origin::Written(head)),
        head,
        kubernetes: None,
        exact: None,
        endpoint: None,
        vip: None,
        api_port: None,
        dns_domain: None,
        hosts: None,
        network: Network::default(),
        time: Time::default(),
        runtime: None,
        cni: None,
        dns: ClusterDns::default(),
        proxy_disabled: None,
        proxy_mode: None,
        kubelet: Kubelet::default(),
        kubeadm_gates: Vec::new(),
        skip_phases: Vec::new(),
        control_plane: ControlPlane::default(),
        carried: Vec::new(),
        join: Join::default(),
        mirror: Mirror::default(),
        http_proxy: None,
        registries: Vec::new(),
        authorities: Vec::new(),
        bgp: None,
        policies: Vec::new(),
    }
}

/// The objects of a manifest, as `Kind/name`, or why it cannot be read.
pub fn objects(text: &str) -> Result<BTreeSet<String>, String> {
    let read = yaml::documents(FileId(0), text);
    let roots = read.roots;
    if let Some(problem) = read.problem {
        return Err(problem.value);
    }
    let mut all = Vec::new();
    for root in &roots {
        applied::gather(root, &mut all);
    }
    let named = |object: &&Yaml| {
        let kind = object.get("kind")?.text()?.value;
        let name = object.at("metadata.name")?.text()?.value;
        Some(format!("{kind}/{name}"))
    };
    Ok(all.iter().filter_map(named).collect())
}
