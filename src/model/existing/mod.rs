//! A cluster that was built without a spec: its kubeadm file and the manifests that were applied to it, read as far as the
//! rules need.
//!
//! In: files for `kubeadm --config` and Kubernetes manifests, distinguished by the kinds of their documents. Out: a [`Model`]
//! of their contents, with places in those files, and an [`Existing`] with what only such files can get wrong. A document
//! of another kind is ignored.

mod applied;
mod kubeadm;
mod secret;
mod shape;
mod values;
mod versions;
mod yaml;

use std::collections::BTreeSet;
use std::net::IpAddr;
use std::sync::Arc;

use ipnet::IpNet;

use super::cluster::Builder;
use super::types::{Cluster, Facts, Join, Kubelet, Mirror, Model, Network, Time};
use crate::declare;
use crate::diagnostic::{Descriptor, Diagnostic, Diagnostics};
use crate::origin::{Origin, Sourced};
use crate::source::{FileId, Sources, Span, Spanned};
use crate::stdlib::{Cni, KubeadmDocument, Library, RangeAt};
use crate::value::Date;

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
    /// The head of the document that would hold the pod range.
    pub cluster: Option<Span>,
    /// The name servers that the kubelet sets for pods.
    pub cluster_dns: Vec<Spanned<IpAddr>>,
    /// The kubelet's setting for swap.
    pub swap_behaviour: Option<Spanned<String>>,
    /// The kubelet's hard evictions: the place of the key, and the signals.
    pub eviction_hard: Option<(Span, Vec<String>)>,
    /// Whether the other signals keep their defaults.
    pub merges_evictions: bool,
    /// When images are garbage-collected: above this disk usage, and down to that one.
    pub image_gc: (Option<Spanned<i64>>, Option<Spanned<i64>>),
    /// The CNIs among the objects.
    pub networks: Vec<Applied>,
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
}

/// Reads the files.
pub fn read(
    files: &[GivenFile<'_>],
    as_of: Option<Date>,
    library: &mut Library,
    sources: &mut Sources,
    out: &mut Diagnostics,
) -> (Model, Existing) {
    let mut roots: Vec<Yaml> = Vec::new();
    let mut empty = Vec::new();
    let mut head = Span::new(FileId(0), 0, 0);
    for (index, given) in files.iter().enumerate() {
        let file = sources.add(given.name, given.text);
        if index == 0 {
            head = Span::new(file, 0, 0);
        }
        hide_secrets(file, given.text, sources);
        let (found, problem) = yaml::documents(file, given.text);
        secret::places(&found)
            .into_iter()
            .for_each(|place| sources.hide(place));
        if let Some(problem) = problem {
            let message = format!("`{}` cannot be read: {}", given.name, problem.value);
            out.push(Diagnostic::new(&NO_YAML, message).label(problem.span, "here"));
        } else if found.iter().all(|root| !is_known(root)) {
            empty.push((file, given));
        }
        roots.extend(found);
    }
    let documents: Vec<KubeadmDocument> = library
        .names("document")
        .iter()
        .filter_map(|name| library.kubeadm_document(name, sources, out))
        .collect();
    let mut cluster = bare(files.first().map_or("", |file| file.name), head);
    cluster.kubernetes = versions::version(&roots, out);
    cluster.exact = cluster.kubernetes.clone();
    let spec = library.spec_schema();
    let mut builder = Builder {
        spec: &spec,
        library,
        sources,
        out,
    };
    let facts = builder.facts(&mut cluster, true);
    let as_of = match as_of {
        Some(date) => Sourced::new(date, Origin::derived("--as-of", [])),
        None => builder.library.date(builder.sources, builder.out),
    };
    let mut reading = kubeadm::Reading {
        documents: &documents,
        release: facts.release.as_deref(),
        cluster,
        nodes: Vec::new(),
        existing: Existing::default(),
        seen: BTreeSet::new(),
        out,
    };
    reading.read(&roots);
    let (cluster, nodes, mut existing) = (reading.cluster, reading.nodes, reading.existing);
    let release = cluster.kubernetes.as_ref();
    applied::read(&roots, release, &mut existing, library, sources, out);
    for (file, given) in empty {
        if existing
            .networks
            .iter()
            .all(|found| found.place.file != file)
        {
            let message = format!("`{}` contains nothing that pikc checks", given.name);
            let end = given.text.lines().next().map_or(0, str::len);
            out.push(Diagnostic::new(&NOTHING_KNOWN, message).label(
                Span::new(file, 0, end),
                "neither a kubeadm document nor a CNI that pikc knows",
            ));
        }
    }
    (model(cluster, nodes, facts, as_of), existing)
}

/// Hides the secrets in the text of such a file from reports.
pub fn hide_secrets(file: FileId, text: &str, sources: &mut Sources) {
    for line in secret::lines(text) {
        sources.hide(Span::new(file, line.start, line.end));
    }
}

/// Whether a document is one of `kubeadm --config`.
fn is_known(root: &Yaml) -> bool {
    let api = root.get("apiVersion").and_then(Yaml::text);
    api.is_some_and(|api| kubeadm::is_ours(&api.value))
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
        api_port: None,
        dns_domain: None,
        hosts: None,
        network: Network::default(),
        time: Time::default(),
        runtime: None,
        cni: None,
        proxy_disabled: None,
        proxy_mode: None,
        kubelet: Kubelet::default(),
        kubeadm_gates: Vec::new(),
        join: Join::default(),
        mirror: Mirror::default(),
        bgp: None,
        policies: Vec::new(),
    }
}

/// The objects of a manifest, as `Kind/name`, or why it cannot be read.
pub fn objects(text: &str) -> Result<BTreeSet<String>, String> {
    let (roots, problem) = yaml::documents(FileId(0), text);
    if let Some(problem) = problem {
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
