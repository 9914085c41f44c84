//! From the files of a cluster that exists to a spec: the way of [`crate::plan`], backwards.
//!
//! In: files of kubeadm's, ConfigMaps, manifests, nodes as `kubectl` prints them, inventories of k0sctl and kubespray. Out: the text of
//! a spec, and a [`Report`] of every field that is not in it. Each document is a list of values ([`document::Doc`]); what reads a
//! value marks it, and what is left at the end was lost, so that nothing is dropped without a line.
//!
//! Which field or argument is which setting comes from the schema (`becomes`), read backwards; the rest of a document goes into
//! `fields`, and the rest of a command line into `extra-args`. No value is in the report, and none that looks like a secret in the spec.

mod assemble;
mod boards;
mod cluster;
mod components;
mod configuration;
mod document;
mod fit;
mod inventory;
mod k0sctl;
mod kubespray;
mod machines;
mod network;
mod nodes;
mod patch;
mod pod;
mod quantity;
mod ranges;
mod read;
mod report;
mod said;
mod spec;
mod vip;
mod vip_bgp;

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use std::sync::Arc;

use ipnet::IpNet;

use crate::diagnostic::Diagnostics;
use crate::format::format;
use crate::schema::{Schema, SettingSchema};
use crate::source::Sources;
use crate::stdlib::{
    Addon, Board, Cni, Defaults, Field, KubeadmDocument, Library, Release, Runs, Runtime, System,
};
use crate::value::{Type, Val, Version, parse};
use document::{Doc, Held, Leaf};
use machines::Machine;
use report::Place;
use spec::{Section, Value};

pub use report::{Line, Place as LinePlace, Report, ToFill};

/// A file: the name to show for it, and its text.
#[derive(Clone, Copy, Debug)]
pub struct File<'a> {
    /// The name.
    pub name: &'a str,
    /// The text.
    pub text: &'a str,
}

/// What came of it.
#[derive(Clone, Debug, Default)]
pub struct Imported {
    /// The spec; none if a file cannot be read, which is among the findings then.
    pub text: Option<String>,
    /// What is not in it.
    pub report: Report,
}

/// Reads the files and writes a spec.
pub fn import(
    files: &[File<'_>],
    library: &mut Library,
    sources: &mut Sources,
    out: &mut Diagnostics,
) -> Imported {
    let names: Vec<Arc<str>> = files.iter().map(|file| Arc::from(file.name)).collect();
    let mut report = Report::default();
    let input = read::read(files, &mut report, sources, out);
    if out.has_errors() {
        return Imported::default();
    }
    let facts = Facts::load(&input.docs, library, sources, out);
    let mut import = Import {
        facts,
        cluster: Section::new("cluster", None),
        machines: Vec::new(),
        pods: Vec::new(),
        services: Vec::new(),
        dns_domain: None,
        runtime: None,
        cni: None,
        interface: None,
        users: Vec::new(),
        report,
        files: names.iter().cloned().collect(),
        seen: BTreeMap::new(),
    };
    let mut docs: Vec<&Doc> = input.docs.iter().collect();
    docs.sort_by_key(|doc| rank(doc));
    for doc in docs {
        import.document(doc);
    }
    for inventory in &input.inventories {
        import.kubespray(inventory);
    }
    let mut text = String::new();
    let top = import.assemble();
    top.text(0, &mut text);
    import.report.sort(&names);
    Imported {
        text: Some(format(&(assemble::header(&names) + &text))),
        report: import.report,
    }
}

/// Documents are read in an order of their own: what kubeadm has decided comes before what depends on it.
fn rank(doc: &Doc) -> usize {
    const ORDER: &[&str] = &[
        "ClusterConfiguration",
        "InitConfiguration",
        "JoinConfiguration",
        "KubeletConfiguration",
        "KubeProxyConfiguration",
        "Node",
        "Cluster",
    ];
    let known = ORDER.iter().position(|kind| *kind == doc.kind);
    known.unwrap_or(ORDER.len()) * 2 + usize::from(patch::machine(doc).is_some())
}

/// The options of each CNI.
type Options = BTreeMap<String, Arc<BTreeMap<String, SettingSchema>>>;

/// What the library knows.
struct Facts {
    schema: Arc<Schema>,
    defaults: Vec<Defaults>,
    documents: Vec<KubeadmDocument>,
    releases: Vec<Version>,
    release: Option<Version>,
    release_facts: Option<Release>,
    runtimes: Vec<Runtime>,
    cnis: Vec<Cni>,
    options: Options,
    systems: Vec<System>,
    boards: Vec<Board>,
    dns_cache: Option<Addon>,
    /// The image of kube-vip that a spec has.
    mover_image: Option<String>,
}

impl Facts {
    fn load(
        docs: &[Doc],
        library: &mut Library,
        sources: &mut Sources,
        out: &mut Diagnostics,
    ) -> Self {
        let named = |kind: &str, library: &Library| library.names(kind);
        let mut releases: Vec<Version> = named("release", library)
            .iter()
            .filter_map(|name| version(name))
            .collect();
        releases.sort();
        let release = docs.iter().find_map(cluster::release_of);
        let line = release.map(|release| release.without_patch().to_string());
        let release_facts = line
            .filter(|line| library.names("release").contains(line))
            .and_then(|line| library.release(&line, sources, out));
        let cnis = named("cni", library);
        let options = cnis
            .iter()
            .map(|name| (name.clone(), library.options("cni", name, sources, out)))
            .collect();
        Self {
            options,
            schema: library.spec_schema(),
            defaults: library.defaults(sources, out),
            releases,
            release,
            release_facts,
            runtimes: named("runtime", library)
                .iter()
                .filter_map(|name| library.runtime(name, sources, out))
                .collect(),
            cnis: cnis
                .iter()
                .filter_map(|name| library.cni(name, sources, out))
                .collect(),
            systems: named("os", library)
                .iter()
                .filter_map(|name| library.system(name, sources, out))
                .collect(),
            documents: named("document", library)
                .iter()
                .filter_map(|name| library.kubeadm_document(name, sources, out))
                .collect(),
            boards: named("board", library)
                .iter()
                .filter_map(|name| library.board(name, sources, out))
                .collect(),
            dns_cache: library.addon("node-local-dns", sources, out),
            mover_image: match docs.iter().any(pod::is_kube_vip) {
                true => library.mover("kube-vip", sources, out),
                false => None,
            }
            .and_then(|mover| match mover.runs {
                Runs::Pod { image, .. } => Some(image.value),
                Runs::Services { .. } => None,
            }),
        }
    }

    /// The version of a kind whose table is used for another one: the first of its group, if the library has no table of its own for it.
    fn table<'a>(&'a self, kind: &str, api: &'a str) -> &'a str {
        let group = |api: &str| api.split('/').next().map(str::to_owned);
        let own: Vec<&KubeadmDocument> = self
            .documents
            .iter()
            .filter(|one| one.kind == kind && group(&one.api) == group(api))
            .collect();
        match own.first() {
            Some(first) if own.iter().all(|one| one.api != api) => &first.api,
            _ => api,
        }
    }

    /// The default of a field or an argument: kubeadm's comes before that of the program which reads the file.
    fn default(&self, kind: &str, api: &str, steps: &[String]) -> Option<(&str, bool)> {
        let api = self.table(kind, api);
        let plain = steps.join(".");
        let (last, above) = steps.split_last()?;
        let keyed = format!("{}{{{last}}}", above.join("."));
        let mut own: Vec<&Defaults> = self
            .defaults
            .iter()
            .filter(|one| one.kind == kind && one.api.as_ref().is_none_or(|own| own == api))
            .collect();
        own.sort_by_key(|one| !one.by_kubeadm);
        let find = |path: &str| own.iter().find_map(|one| one.at(path, self.release));
        let found = find(&plain).or_else(|| find(&keyed))?;
        Some((found.value, found.zero))
    }

    /// Whether a field holds any text, as far as the table of its document says.
    fn is_text(&self, doc: &Doc, leaf: &Leaf) -> bool {
        let path: Vec<&str> = leaf.steps.iter().map(String::as_str).collect();
        let api = self.table(&doc.kind, &doc.api);
        let mut own = self
            .documents
            .iter()
            .filter(|one| one.kind == doc.kind && one.api == api);
        own.any(|one| {
            let known = one.fields.at(&path, self.release);
            known.is_some_and(|known| matches!(known.field, Field::Text))
        })
    }

    /// Whether a leaf says what holds without it.
    fn is_default(&self, doc: &Doc, leaf: &Leaf) -> bool {
        let in_list = leaf.steps.iter().any(|step| step.starts_with('['));
        let default = self.default(&doc.kind, &doc.api, &leaf.steps);
        match (&leaf.held, default) {
            (Held::Nothing, _) => true,
            (Held::Empty, default) => default.is_none(),
            (Held::Text(_), _) if in_list => false,
            // A text that is "0" says something: `reservedSystemCPUs` is a list of processors.
            (Held::Text(text), None) if self.is_text(doc, leaf) => text.is_empty(),
            (Held::Text(text), None) => quantity::is_zero(text),
            (Held::Text(text), Some((value, zero))) => {
                quantity::same(text, value) || (zero && quantity::is_zero(text))
            }
        }
    }
}

/// An import under way.
struct Import {
    facts: Facts,
    cluster: Section,
    machines: Vec<Machine>,
    pods: Vec<(IpNet, Place)>,
    services: Vec<(IpNet, Place)>,
    dns_domain: Option<String>,
    /// The runtime, and where it is said.
    runtime: Option<(String, Place)>,
    /// The CNI, by its name in the library.
    cni: Option<String>,
    /// The interface that the cluster uses, where something names it.
    interface: Option<String>,
    /// Accounts that an inventory logs in with.
    users: Vec<(String, Place)>,
    report: Report,
    /// The names of the files.
    files: BTreeSet<Arc<str>>,
    /// The documents that there is one of, and the file of the first.
    seen: BTreeMap<String, Place>,
}

impl Import {
    /// Sets something in a block of the cluster.
    fn put(&mut self, path: &[&str], key: &str, value: impl Into<Value>, from: Place) {
        if let Err(place) = self.cluster.at(path).put(key, value, from) {
            let why = format!("`{key}` has another value already, from a document before this one");
            self.report.lost(place, why);
        }
    }

    fn document(&mut self, doc: &Doc) {
        if let Some(machine) = patch::machine(doc) {
            self.patch(doc, machine);
            self.rest(doc);
            return;
        }
        let once = matches!(
            doc.kind.as_str(),
            "ClusterConfiguration" | "KubeletConfiguration" | "KubeProxyConfiguration"
        );
        if once && let Some(first) = self.seen.get(&doc.kind) {
            let why = format!(
                "another document of this kind was read before ({}:{}); a cluster has one",
                first.file, first.line
            );
            self.report.lost(doc.head(), why);
            return;
        }
        self.seen.insert(doc.kind.clone(), doc.head());
        self.api_version(doc);
        match (doc.group(), doc.kind.as_str()) {
            ("kubeadm.k8s.io", "ClusterConfiguration") => self.cluster_configuration(doc),
            ("kubeadm.k8s.io", "InitConfiguration") => self.init_configuration(doc),
            ("kubeadm.k8s.io", "JoinConfiguration") => self.join_configuration(doc),
            ("kubelet.config.k8s.io", "KubeletConfiguration") => self.kubelet(doc),
            ("kubeproxy.config.k8s.io", "KubeProxyConfiguration") => self.proxy(doc),
            ("v1", "Node") => self.node(doc),
            ("k0sctl.k0sproject.io", "Cluster") => self.k0sctl(doc),
            _ if pod::is_kube_vip(doc) => self.kube_vip(doc),
            _ => self.object(doc),
        }
        self.rest(doc);
    }

    /// A version of a kind that the library has no table of: kubeadm ignores such a document, or it is one of before the first table.
    fn api_version(&mut self, doc: &Doc) {
        let known = self.facts.table(&doc.kind, &doc.api) == doc.api;
        if let (false, Some(leaf)) = (known, doc.leaf(&["apiVersion"])) {
            let why = "the library does not know this version of the kind: its fields were read as those of the versions that it knows";
            self.report.lost(doc.place(leaf), why);
        }
    }

    /// What no one asked for: a default, or lost.
    fn rest(&mut self, doc: &Doc) {
        for leaf in doc.left(&[]) {
            if !self.facts.is_default(doc, leaf) {
                let why = match doc.group() {
                    "kubeadm.k8s.io" => cluster::why_not(&doc.kind, &leaf.steps),
                    _ => "no setting of a spec says this",
                };
                self.report.lost(doc.place(leaf), why);
            }
            leaf.take();
        }
    }

    /// The address ranges of a comma list; what is not one is lost.
    fn ranges(&mut self, text: &str, place: &Place) -> Vec<(IpNet, Place)> {
        let mut found = Vec::new();
        for part in text
            .split(',')
            .map(str::trim)
            .filter(|part| !part.is_empty())
        {
            match part.parse::<IpNet>() {
                Ok(net) => found.push((net.trunc(), place.clone())),
                Err(_) => self
                    .report
                    .lost(place.clone(), "this is not a range of addresses"),
            }
            if part.parse::<IpNet>().is_ok_and(|net| net != net.trunc()) {
                let why =
                    "the address has bits behind the prefix; the spec has the range without them";
                self.report.lost(place.clone(), why);
            }
        }
        found
    }
}

/// `v1.36.4`, `v1.30.1+k0s.0`, `1.36`
fn version(text: &str) -> Option<Version> {
    let plain = text.trim_start_matches('v');
    let end = plain.find(|c: char| !c.is_ascii_digit() && c != '.');
    match parse(Type::Version, &plain[..end.unwrap_or(plain.len())]) {
        Ok(Val::Version(version)) => Some(version),
        _ => None,
    }
}

/// An address, with or without brackets.
fn address(text: &str) -> Option<IpAddr> {
    text.trim_matches(['[', ']']).parse().ok()
}
