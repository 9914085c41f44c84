//! What the library knows of the things that a cluster names.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::Arc;

use super::carried::{Data, Target, names, targets};
use super::cluster::Builder;
use super::cluster_dns::CACHE;
use super::types::Cluster;
use crate::declare;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::origin::Sourced;
use crate::schema::{Entity, Schema, SettingSchema};
use crate::source::{Sources, Span};
use crate::stdlib::{
    Addon, AdmissionPlugins, Clash, ConfiguredCni, Field, Flags, Gates, Gone, Known,
    KubeadmDocument, Library, Limits, Mover, Probe, Release, Repository, Runtime, Share, System,
    Taken, Word,
};
use crate::value::{Val, Version};

declare! {
    /// The standard library knows each minor release of Kubernetes by its facts: how it treats
    /// swap, which kubeadm files it reads, when its support ends. Of this one it knows nothing.
    ///
    /// A patch release newer than the library is no problem; pikc notes it and goes on.
    ///
    /// ```pik fails
    /// kubernetes = 1.12
    /// ```
    ///
    /// ```pik
    /// kubernetes = 1.36
    /// ```
    pub static UNKNOWN_RELEASE = {
        code: "kubernetes/unknown-release",
        since: "0.1.0",
        severity: Error,
        title: "a Kubernetes release that the library does not know",
        help: "`pikc stdlib list release` shows the known ones",
        sources: ["kubernetes.io/releases"],
    }
}

/// What the standard library knows of the things that the spec names.
#[derive(Clone, Debug, Default)]
pub struct Facts {
    /// The Kubernetes release; none if the library does not know it.
    pub release: Option<Arc<Release>>,
    /// The kubelet's feature gates.
    pub kubelet_gates: Option<Arc<Gates>>,
    /// kubeadm's.
    pub kubeadm_gates: Option<Arc<Gates>>,
    /// The documents of `kubeadm --config`, where the spec or a file says something that is compared with them.
    pub documents: Vec<KubeadmDocument>,
    /// The arguments of the programs that are given some, by program.
    pub flags: BTreeMap<&'static str, Arc<Flags>>,
    /// The admission plugins, where some are turned on or off.
    pub admission_plugins: Option<Arc<AdmissionPlugins>>,
    /// Where the settings go that another program's file holds as they are, and what a spec calls each.
    pub settings: Vec<(Target, String)>,
    /// What the kubelet and kube-proxy demand of their configuration, where some of it is given.
    pub limits: Vec<Arc<Limits>>,
    /// Every release that the library knows.
    pub known_releases: Vec<Version>,
    /// The container runtime.
    pub runtime: Option<Arc<Runtime>>,
    /// Every runtime of the library, where a spec has data disks: one of them may be for a runtime that the machine does not have.
    pub runtimes: Vec<Arc<Runtime>>,
    /// Every system of the library, where one does not start on a board.
    pub systems: Vec<Arc<System>>,
    /// The CNI.
    pub cni: Option<Arc<ConfiguredCni>>,
    /// The Kubernetes package repository.
    pub kubernetes_repository: Option<Arc<Repository>>,
    /// The runtime's package repository.
    pub runtime_repository: Option<Arc<Repository>>,
    /// Addresses that no longer answer.
    pub gone: Vec<Gone>,
    /// Ranges that are something else's on every machine, or may be on one.
    pub taken: Vec<Taken>,
    /// Packages that work against a cluster.
    pub clashes: Vec<Clash>,
    /// The cache of the cluster's DNS.
    pub dns_cache: Option<Arc<Addon>>,
    /// What keeps the address that moves on one of the control planes.
    pub mover: Option<Arc<Mover>>,
    /// What tests the network between pods.
    pub probe: Option<Arc<Probe>>,
    /// What is taken of each machine before the first pod runs.
    pub shares: Vec<Share>,
}

/// Which of the long tables a model needs.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Tables {
    /// Feature gates.
    pub gates: bool,
    /// Fields of the documents of `kubeadm --config`.
    pub documents: bool,
    /// Arguments of programs, and admission plugins.
    pub flags: bool,
    /// All runtimes.
    pub runtimes: bool,
}

impl Tables {
    pub(super) const ALL: Self = Self {
        gates: true,
        documents: true,
        flags: true,
        runtimes: true,
    };

    /// Those that the blocks of a spec need: something in them is compared with the table.
    pub(super) fn of(blocks: &[Entity], spec: &Schema) -> Self {
        let mut found = Self::default();
        for block in blocks {
            match block.kind.as_str() {
                "feature-gates" => found.gates = true,
                "extra-args" => {
                    found.flags = true;
                    found.gates |= block.settings.contains_key("feature-gates");
                }
                "admission" => found.flags = true,
                "disk" => found.runtimes = true,
                "fields" => {
                    found.documents = true;
                    let mut names = block.settings.keys();
                    found.gates |= names.any(|name| name.starts_with("featureGates"));
                }
                // An argument is read as the field that it sets.
                "kubelet" if block.child("extra-args").is_some() => found.documents = true,
                _ => {}
            }
            if let Some(schema) = spec.blocks.get(&block.kind) {
                let written = |setting: &&SettingSchema| block.settings.contains_key(&setting.name);
                let becomes = schema
                    .settings
                    .values()
                    .filter(written)
                    .flat_map(|one| &one.becomes);
                for target in becomes {
                    found.flags |= target.contains(" --");
                    found.documents |= !target.contains(" --");
                }
            }
            // Whether a field may be set can depend on a gate.
            found.gates |= found.documents;
            let inner = Self::of(&block.blocks, spec);
            found.gates |= inner.gates;
            found.documents |= inner.documents;
            found.flags |= inner.flags;
            found.runtimes |= inner.runtimes;
        }
        found
    }
}

/// The programs whose arguments a spec or a file of kubeadm's may give.
const PROGRAMS: &[&str] = &[
    "etcd",
    "kube-apiserver",
    "kube-controller-manager",
    "kube-proxy",
    "kube-scheduler",
    "kubelet",
];

/// The programs whose configuration has a table of what it must be.
const LIMITED: &[&str] = &["kubelet", "kube-proxy"];

impl Facts {
    /// The range that no network of one's own can have, and that an address is in, if it is: loopback, link-local, multicast.
    pub fn special(&self, address: IpAddr) -> Option<&Taken> {
        let mut special = self.taken.iter().filter(|taken| taken.refuse);
        special.find(|taken| taken.range.value.contains(&address))
    }

    /// What the table says of a field of a document: `KubeletConfiguration`, `logging.format`.
    pub fn field(&self, kind: &str, path: &str) -> Option<&Known> {
        let documents = self
            .documents
            .iter()
            .filter(|document| document.kind == kind);
        let api = self
            .release
            .as_ref()
            .map(|release| release.kubeadm_api.value.word());
        // Of kubeadm's own documents, that of the API version which the release gets.
        let own = |document: &&KubeadmDocument| match document.api.strip_prefix("kubeadm.k8s.io/") {
            Some(version) => Some(version) == api,
            None => true,
        };
        let release = self.release.as_ref().map(|release| release.version);
        documents
            .filter(own)
            .find_map(|document| document.fields.at(&names(path), release))
    }

    /// The setting that becomes an argument of a program.
    pub fn setting_of_argument(&self, program: &str, argument: &str) -> Option<&str> {
        self.settings.iter().find_map(|(target, setting)| {
            let is = matches!(target, Target::Argument { program: own, name } if own == program && name == argument);
            is.then_some(setting.as_str())
        })
    }

    /// Of an open map of a document, or of one of its keys, the setting that becomes it or a part of it.
    pub fn setting_of_field(&self, kind: &str, field: &str) -> Option<&str> {
        self.settings.iter().find_map(|(target, setting)| {
            let is = matches!(target, Target::Field { kind: own, path } if own == kind && overlap(path, field));
            is.then_some(setting.as_str())
        })
    }

    /// From what pikc or kubeadm writes a field of a document.
    pub fn writer_of_field(&self, kind: &str, field: &str) -> Option<&str> {
        let own = self
            .documents
            .iter()
            .filter(|document| document.kind == kind);
        let mut written = own.flat_map(|document| &document.written);
        let (_, by) = written.find(|(path, _)| overlap(path, field))?;
        Some(by)
    }

    /// A value as a field holds it. A setting has the field's type already; what stands in `fields` is text, and becomes what the
    /// table says, or, where the table does not know the field, what it looks like.
    pub fn as_held(&self, kind: &str, path: &str, value: Data) -> Data {
        match self.field(kind, path).map(|known| &known.field) {
            Some(field) => held(field, value),
            None => guessed(value),
        }
    }
}

/// Whether two paths lead to the same field, or one into what the other leads to.
pub fn overlap(one: &str, other: &str) -> bool {
    let plain = |path: &str| path.trim_end_matches('}').replace('{', ".") + ".";
    let (one, other) = (plain(one), plain(other));
    one.starts_with(&other) || other.starts_with(&one)
}

fn held(field: &Field, value: Data) -> Data {
    match (field, value) {
        (Field::List(inner), Data::List(items)) => Data::List(
            items
                .into_iter()
                .map(|item| item.map(|value| held(inner, value)))
                .collect(),
        ),
        (Field::Map(inner), value) => held(inner, value),
        (Field::Boolean, Data::Text(text)) => match text.as_str() {
            "on" | "true" => Data::Boolean(true),
            "off" | "false" => Data::Boolean(false),
            _ => Data::Text(text),
        },
        (Field::Number { .. }, Data::Text(text)) => number(text),
        // An open map of quantities and the like holds texts.
        (
            Field::Text | Field::Duration | Field::Quantity | Field::Choice(_),
            value @ (Data::Integer(_) | Data::Boolean(_)),
        ) => Data::Text(value.argument()),
        (_, value) => value,
    }
}

fn number(text: String) -> Data {
    match (text.parse::<i64>(), text.parse::<f64>()) {
        (Ok(whole), _) => Data::Integer(whole),
        (Err(_), Ok(fraction)) if fraction.is_finite() => Data::Fraction(text),
        _ => Data::Text(text),
    }
}

fn guessed(value: Data) -> Data {
    match value {
        Data::Text(text) if text == "true" || text == "on" => Data::Boolean(true),
        Data::Text(text) if text == "false" || text == "off" => Data::Boolean(false),
        Data::Text(text) => number(text),
        Data::List(items) => Data::List(items.into_iter().map(|item| item.map(guessed)).collect()),
        value => value,
    }
}

impl Builder<'_> {
    /// What the library knows of it. Some tables are long, and read only where something is compared with them.
    pub(super) fn facts(&mut self, cluster: &mut Cluster, tables: Tables) -> Facts {
        let known = known_releases(self.library);
        let (library, sources, out) = (&mut *self.library, &mut *self.sources, &mut *self.out);
        let release = cluster.kubernetes.as_ref().and_then(|written| {
            let name = written.value.without_patch().to_string();
            let found = library.release(&name, sources, out);
            if found.is_none() {
                unknown_release(written, &known, out);
            }
            found.map(Arc::new)
        });
        let runtime = cluster
            .runtime
            .as_ref()
            .and_then(|choice| library.runtime(&choice.name.value, sources, out));
        let runtime_repository = runtime
            .as_ref()
            .and_then(|runtime| library.repository(&runtime.name, sources, out));
        let mut gates_of = |program: &str| {
            let read = tables.gates;
            read.then(|| library.gates(program, sources, out)).flatten()
        };
        let (kubelet_gates, kubeadm_gates) = (gates_of("kubelet"), gates_of("kubeadm"));
        let mut flags = BTreeMap::new();
        for program in PROGRAMS.iter().filter(|_| tables.flags) {
            let found = library.flags(program, sources, out);
            flags.extend(found.map(|found| (*program, Arc::new(found))));
        }
        let admission_plugins = tables
            .flags
            .then(|| library.admission_plugins(sources, out))
            .flatten();
        let limits = match tables.documents || tables.flags {
            true => LIMITED
                .iter()
                .filter_map(|program| library.limits(program, sources, out))
                .map(Arc::new)
                .collect(),
            false => Vec::new(),
        };
        Facts {
            documents: documents(tables, library, sources, out),
            limits,
            flags,
            admission_plugins: admission_plugins.map(Arc::new),
            settings: settings(self.spec),
            release,
            kubelet_gates: kubelet_gates.map(Arc::new),
            kubeadm_gates: kubeadm_gates.map(Arc::new),
            known_releases: known,
            runtime: runtime.map(Arc::new),
            runtimes: runtimes(tables, library, sources, out),
            systems: Vec::new(),
            cni: cluster
                .cni
                .as_ref()
                .and_then(|choice| {
                    let facts = library.cni(&choice.name.value, sources, out)?;
                    Some(facts.for_options(|option| choice.option_text(option)))
                })
                .map(Arc::new),
            kubernetes_repository: library.repository("kubernetes", sources, out).map(Arc::new),
            runtime_repository: runtime_repository.map(Arc::new),
            gone: library.gone(sources, out),
            taken: library.taken(sources, out),
            clashes: library.clashes(sources, out),
            dns_cache: library.addon(CACHE, sources, out).map(Arc::new),
            mover: cluster
                .vip
                .as_ref()
                .and_then(|vip| library.mover(&vip.by.as_ref()?.value, sources, out))
                .map(Arc::new),
            probe: library.probe("network", sources, out).map(Arc::new),
            shares: library.shares(sources, out),
        }
    }
}

/// The documents that `kubeadm --config` reads, if they are needed.
fn documents(
    tables: Tables,
    library: &mut Library,
    sources: &mut Sources,
    out: &mut Diagnostics,
) -> Vec<KubeadmDocument> {
    let names = library.names("document").into_iter();
    let names = names.filter(|_| tables.documents);
    names
        .filter_map(|name| library.kubeadm_document(&name, sources, out))
        .collect()
}

/// Every runtime of the library, if they are needed.
fn runtimes(
    tables: Tables,
    library: &mut Library,
    sources: &mut Sources,
    out: &mut Diagnostics,
) -> Vec<Arc<Runtime>> {
    let names = library.names("runtime").into_iter();
    let names = names.filter(|_| tables.runtimes);
    let all = names.filter_map(|name| library.runtime(&name, sources, out));
    all.map(Arc::new).collect()
}

/// Where settings go that another program's file holds as they are.
fn settings(spec: &Schema) -> Vec<(Target, String)> {
    let all = targets(spec).into_iter();
    all.map(|(block, setting, target)| (target, format!("`{}` of `{}`", setting.name, block.name)))
        .collect()
}

/// Every release of the library, oldest first.
fn known_releases(library: &Library) -> Vec<Version> {
    let version = |name: &String| match crate::value::parse(crate::value::Type::Version, name) {
        Ok(Val::Version(version)) => Some(version),
        _ => None,
    };
    let mut known: Vec<Version> = library
        .names("release")
        .iter()
        .filter_map(version)
        .collect();
    known.sort();
    known
}

fn unknown_release(written: &Sourced<Version>, known: &[Version], out: &mut Diagnostics) {
    let (Some(first), Some(last)) = (known.first(), known.last()) else {
        return;
    };
    let line = written.value.without_patch();
    let (why, help, better) = if line > *last {
        (
            format!("Kubernetes {line} is newer than the standard library, which ends at {last}"),
            format!("write `kubernetes = {last}`, or add the facts of {line} with --stdlib DIR"),
            last,
        )
    } else {
        // The release before the newest: CNIs and runtimes have caught up with it.
        let settled = known.iter().rev().nth(1).unwrap_or(last);
        (
            format!(
                "the standard library does not know Kubernetes {line} (it knows {first} to {last})"
            ),
            format!("write `kubernetes = {settled}`"),
            settled,
        )
    };
    let place: Option<Span> = written.origin.span();
    out.push(
        Diagnostic::new(&UNKNOWN_RELEASE, why)
            .label(place, "no facts about this release")
            .help(help)
            .choice(|it| it.write(&written.origin, better)),
    );
}
