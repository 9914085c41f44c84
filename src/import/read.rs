//! Files to documents: YAML and JSON with several documents, lists of objects, what ConfigMaps hold, and inventories.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::File;
use super::document::{Doc, Lines};
use super::inventory::Inventory;
use super::pod::is_kube_vip;
use super::report::{Place, Report};
use crate::diagnostic::{Diagnostic, Diagnostics, Severity};
use crate::model::existing::yaml::{Read, Yaml, documents};
use crate::model::existing::{NO_YAML, NOTHING_KNOWN, secret};
use crate::model::hide_secrets;
use crate::source::{FileId, Sources, Span, Spanned};

/// What the files hold.
pub(super) struct Input {
    /// Documents with a kind.
    pub docs: Vec<Doc>,
    /// Inventories of kubespray, with their variables.
    pub inventories: Vec<Inventory>,
}

/// Groups whose documents say something about a cluster; `v1` has Nodes, ConfigMaps and Lists.
const GROUPS: &[&str] = &[
    "kubeadm.k8s.io",
    "kubelet.config.k8s.io",
    "kubeproxy.config.k8s.io",
    "k0sctl.k0sproject.io",
];

/// Kinds that are read in one group only.
const KINDS: &[(&str, &str)] = &[
    ("ClusterConfiguration", "kubeadm.k8s.io"),
    ("InitConfiguration", "kubeadm.k8s.io"),
    ("JoinConfiguration", "kubeadm.k8s.io"),
    ("KubeletConfiguration", "kubelet.config.k8s.io"),
    ("KubeProxyConfiguration", "kubeproxy.config.k8s.io"),
];

/// Kinds of kubeadm's first formats, before v1alpha3. Their fields have other names.
const OLD_KINDS: &[&str] = &["MasterConfiguration", "NodeConfiguration"];

/// Reads all files; what is wrong with one is among the findings.
pub(super) fn read(
    files: &[File<'_>],
    report: &mut Report,
    sources: &mut Sources,
    out: &mut Diagnostics,
) -> Input {
    let mut docs = Vec::new();
    let mut inventory = Inventory::default();
    let mut known = false;
    for given in files {
        let id = sources.add(given.name, given.text);
        hide_secrets(id, given.text, sources);
        let file: Arc<str> = Arc::from(given.name);
        if given.text.starts_with("$ANSIBLE_VAULT") {
            let place = Place::new(&file, 1, "(the whole file)");
            report.lost(place, "it is encrypted by ansible-vault");
            continue;
        }
        if is_ini(given) {
            known |= inventory.ini(&file, given.text, report);
            continue;
        }
        let Read { roots, problem, .. } = documents(id, given.text);
        for place in secret::places(&roots) {
            sources.hide(place);
        }
        if let Some(problem) = problem {
            refuse(given.name, &problem.value, problem.span, out);
            continue;
        }
        let mut reading = Reading {
            file: Arc::clone(&file),
            lines: Lines::of(given.text),
            id,
            text: given.text,
            name: given.name,
            known: false,
            docs: &mut docs,
            report,
            out,
        };
        for root in &roots {
            if let Some(problem) = twice(root) {
                refuse(given.name, &problem.value, problem.span, reading.out);
                break;
            }
            if inventory.takes(given.name, root) {
                inventory.yaml(&file, root, &reading.lines);
                reading.known = true;
            } else {
                reading.root(root);
            }
        }
        known |= reading.known;
    }
    if !known && !out.has_errors() {
        let mut old = report.losses.iter();
        let old = old.any(|line| OLD_KINDS.contains(&line.place.field.as_str()));
        nothing(files, old, sources, out);
    }
    Input {
        docs,
        inventories: (!inventory.is_empty())
            .then_some(inventory)
            .into_iter()
            .collect(),
    }
}

fn refuse(name: &str, why: &str, span: Span, out: &mut Diagnostics) {
    let message = format!("`{name}` cannot be read: {why}");
    out.push(Diagnostic::new(&NO_YAML, message).label(span, "here"));
}

fn nothing(files: &[File<'_>], old: bool, sources: &Sources, out: &mut Diagnostics) {
    let names: Vec<String> = files
        .iter()
        .map(|file| format!("`{}`", file.name))
        .collect();
    let verb = if names.len() == 1 {
        "contains"
    } else {
        "contain"
    };
    let message = format!("{} {verb} nothing that an import reads", names.join(", "));
    let first = files.first();
    let own = sources
        .files()
        .find(|(_, file)| first.is_some_and(|first| first.name == file.name));
    let place = own.map(|(id, file)| {
        let end = file.text.lines().next().map_or(0, str::len);
        Span::new(id, 0, end)
    });
    let what = match old {
        true => "a format of kubeadm's from before v1alpha3, whose fields have other names",
        false => "neither a file of kubeadm's nor a ConfigMap, a node, a CNI or an inventory",
    };
    let finding = Diagnostic::new(&NOTHING_KNOWN, message)
        .severity(Severity::Error)
        .label(place, what)
        .help("`kubectl -n kube-system get configmap kubeadm-config -o yaml` prints the file of a running cluster");
    out.push(finding);
}

/// Whether a file is an inventory in the format of INI files.
fn is_ini(given: &File<'_>) -> bool {
    let mut lines = given.text.lines().map(str::trim);
    let first = lines.find(|line| !line.is_empty() && !line.starts_with(['#', ';']));
    let section = |line: &str| line.starts_with('[') && line.ends_with(']') && !line.contains(',');
    given.name.ends_with(".ini") || first.is_some_and(|line| section(line) && line.len() > 2)
}

struct Reading<'a> {
    file: Arc<str>,
    lines: Lines,
    id: FileId,
    text: &'a str,
    name: &'a str,
    known: bool,
    docs: &'a mut Vec<Doc>,
    report: &'a mut Report,
    out: &'a mut Diagnostics,
}

impl Reading<'_> {
    fn root(&mut self, root: &Yaml) {
        if root.is_null() {
            return;
        }
        let text = |key: &str| root.get(key).and_then(Yaml::text);
        let (Some(api), Some(kind)) = (text("apiVersion"), text("kind")) else {
            let line = self.lines.line(root.span.start as usize);
            let place = Place::new(&self.file, line, "(a document)");
            self.report.lost(
                place,
                "it has no `apiVersion` and `kind`, so pikc cannot tell what it is",
            );
            return;
        };
        let group = api.value.split('/').next().unwrap_or_default();
        let own = KINDS.iter().find(|(known, _)| *known == kind.value);
        if let Some((known, group)) = own.filter(|(_, own)| *own != group) {
            let message = format!(
                "{known} belongs to {group}, and this one has the API version {}",
                api.value.escape_debug()
            );
            let finding = Diagnostic::new(&NOTHING_KNOWN, message)
                .severity(Severity::Error)
                .label(api.span, "no program reads it")
                .help(format!(
                    "write the API version of {group} that the release reads"
                ));
            self.out.push(finding);
            return;
        }
        match (api.value.as_str(), kind.value.as_str()) {
            ("v1", "List") => {
                let items = root.get("items").map_or(&[][..], Yaml::items);
                items.iter().for_each(|item| self.root(item));
            }
            ("v1", "ConfigMap") => self.config_map(root),
            ("v1", "Secret") => {
                let line = self.lines.line(root.span.start as usize);
                let place = Place::new(&self.file, line, "Secret");
                self.report.lost(
                    place,
                    "Secrets are not read: give values with --secrets when you compile",
                );
            }
            _ => {
                let mut doc = Doc::new(&self.file, root, &self.lines);
                // k0sctl reads both, and its own examples have the second.
                if group == "k0sctl.k0sproject.io" && doc.kind == "cluster" {
                    doc.kind = "Cluster".to_owned();
                }
                let old = group == "kubeadm.k8s.io" && OLD_KINDS.contains(&kind.value.as_str());
                self.known |=
                    (GROUPS.contains(&group) && !old) || kind.value == "Node" || group == "apps";
                self.known |= is_kube_vip(&doc);
                if old {
                    let why = "kubeadm has no such kind any more: `kubeadm config migrate` of an old release makes a newer file of it";
                    self.report.lost(doc.head(), why);
                } else {
                    self.docs.push(doc);
                }
            }
        }
    }

    /// The documents in a ConfigMap; one without any is an object like others.
    fn config_map(&mut self, root: &Yaml) {
        let mut found = false;
        for (key, value) in root.get("data").map_or(&[][..], Yaml::pairs) {
            let Some(held) = value.text() else { continue };
            let is_document = held.value.contains("apiVersion:") && held.value.contains("kind:");
            let kubeconfig = key.value == "kubeconfig.conf";
            if !is_document || kubeconfig {
                continue;
            }
            let at = held.span.start as usize;
            let block = self.text[at..].starts_with(['|', '>']);
            let first = self.lines.line(at) + usize::from(block);
            // The parser may name the first byte of the text instead.
            let (block, first) = match self.text[..at]
                .trim_end_matches([' ', '\n'])
                .ends_with(['|', '-', '+'])
                && !block
            {
                true => (true, self.lines.line(at)),
                false => (block, first),
            };
            let inner_lines = Lines::within(&held.value, first, block);
            let Read { roots, problem, .. } = documents(self.id, &held.value);
            let problem = problem.or_else(|| roots.iter().find_map(twice));
            if let Some(problem) = problem {
                let why = format!(
                    "what `{}` holds: {}",
                    key.value.escape_debug(),
                    problem.value
                );
                let place = match block {
                    true => self.whole_line(inner_lines.line(problem.span.start as usize)),
                    false => held.span,
                };
                refuse(self.name, &why, place, self.out);
                return;
            }
            let outer = std::mem::replace(&mut self.lines, inner_lines);
            for inner in &roots {
                self.root(inner);
            }
            self.lines = outer;
            found = true;
        }
        if found {
            let place = Place::new(
                &self.file,
                self.lines.line(root.span.start as usize),
                "metadata",
            );
            self.report
                .state(place, "what the API server keeps about a ConfigMap");
            self.known = true;
        } else {
            self.known |= root.at("data.net-conf\\.json").is_some() || root.get("data").is_some();
            self.docs.push(Doc::new(&self.file, root, &self.lines));
        }
    }

    /// The text of a line.
    fn whole_line(&self, number: usize) -> Span {
        let start: usize = self
            .text
            .split_inclusive('\n')
            .take(number - 1)
            .map(str::len)
            .sum();
        let line = self.text[start..].lines().next().unwrap_or_default();
        let indent = line.len() - line.trim_start().len();
        Span::new(
            self.id,
            start + indent,
            start + line.trim_end().len().max(indent),
        )
    }
}

/// The first key that a map has twice: kubeadm and kubectl refuse that, and which of the two was meant is not known.
fn twice(node: &Yaml) -> Option<Spanned<String>> {
    let mut seen = BTreeSet::new();
    for (key, value) in node.pairs() {
        if !seen.insert(key.value.as_str()) {
            let name = match secret::reveals(&key.value) {
                true => "a key".to_owned(),
                false => format!("the key `{}`", key.value.escape_debug()),
            };
            return Some(Spanned::new(
                format!("{name} is there twice in one map"),
                key.span,
            ));
        }
        if let Some(found) = twice(value) {
            return Some(found);
        }
    }
    node.items().iter().find_map(twice)
}
