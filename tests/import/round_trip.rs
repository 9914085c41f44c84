//! Each file of `files/` becomes a spec that compiles to documents which say the same; what they say differently was reported.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use pikc::diagnostic::Diagnostics;
use pikc::import::Report;
use pikc::source::Sources;
use pikc::stdlib::{Defaults, Library};
use pikc::value::{Type, Val, Version, parse};

use super::leaves::{Document, documents};
use super::{analyzed, compiled, errors, files, imported};

/// Files whose specs are refused, and the code of the refusal: they describe something that pikc does not build.
const REFUSED: &[(&str, &str)] = &[];

/// What pikc writes although no file says it: the machine's name and address, the runtime's socket, how workers find the cluster.
const WRITTEN: &[&str] = &[
    "nodeRegistration.name",
    "nodeRegistration.criSocket",
    "nodeRegistration.kubeletExtraArgs.node-ip",
    "localAPIEndpoint.advertiseAddress",
    "localAPIEndpoint.bindPort",
    "discovery.file.kubeConfigPath",
    "cgroupDriver",
    "patches.directory",
];

/// Fields that kubeadm derives from others, so that a file which has them says nothing new.
const DERIVED: &[(&str, &str)] = &[
    ("clusterDNS[0]", "10.96.0.10"),
    ("clusterDomain", "cluster.local"),
    ("clusterCIDR", "10.244.0.0/16"),
    ("nodeRegistration.kubeletExtraArgs.cgroup-driver", "systemd"),
    (
        "nodeRegistration.taints[0].key",
        "node-role.kubernetes.io/control-plane",
    ),
    ("nodeRegistration.taints[0].effect", "NoSchedule"),
];

fn version(text: &str) -> Option<Version> {
    match parse(Type::Version, text.trim_start_matches('v')) {
        Ok(Val::Version(version)) => Some(version),
        _ => None,
    }
}

struct Table {
    defaults: Vec<Defaults>,
}

impl Table {
    fn new() -> Self {
        let (mut sources, mut out) = (Sources::default(), Diagnostics::default());
        let mut library = Library::open(BTreeMap::new(), &mut sources, &mut out);
        let defaults = library.defaults(&mut sources, &mut out);
        assert!(defaults.len() > 10, "the table of defaults is empty");
        Self { defaults }
    }

    /// Whether a leaf says what holds without it.
    fn is_default(
        &self,
        document: &Document,
        path: &str,
        text: &str,
        release: Option<Version>,
    ) -> bool {
        let program = match path.split_once(".extraArgs.") {
            Some(("apiServer", _)) => "kube-apiserver",
            Some(("controllerManager", _)) => "kube-controller-manager",
            Some(("scheduler", _)) => "kube-scheduler",
            _ => "",
        };
        let (kind, path) = match path.split_once(".extraArgs.") {
            Some((_, name)) => (program, name),
            None => (document.kind.as_str(), path),
        };
        let keyed = path
            .split_once('.')
            .map(|(map, key)| format!("{map}{{{key}}}"));
        // The oldest table stands for the formats before it.
        let api = match document.api.as_str() {
            "kubeadm.k8s.io/v1alpha3" | "kubeadm.k8s.io/v1beta1" => "kubeadm.k8s.io/v1beta2",
            api => api,
        };
        let own = |by_kubeadm: bool| {
            self.defaults
                .iter()
                .filter(|one| one.kind == kind && one.by_kubeadm == by_kubeadm)
                .filter(|one| one.api.as_ref().is_none_or(|own| own == api))
                .find_map(|one| {
                    let plain = one.at(path, release);
                    plain.or_else(|| one.at(keyed.as_deref()?, release))
                })
        };
        if text == "false" && path.ends_with("].readOnly") {
            return true;
        }
        let zero = matches!(text, "" | "0" | "0s" | "false" | "[]");
        match own(true).or_else(|| own(false)) {
            Some(default) => same(default.value, text) || (default.zero && zero) || text.is_empty(),
            None => zero && !path.contains('[') && !kind.starts_with("kube-"),
        }
    }
}

/// Whether two texts mean the same to the program that reads them.
fn same(one: &str, other: &str) -> bool {
    let number = |text: &str| -> Option<f64> {
        let end = text.find(|c: char| !c.is_ascii_digit() && c != '.')?;
        let factor = match &text[end..] {
            "Ki" => 1024.0,
            "Mi" => 1048576.0,
            "Gi" => 1073741824.0,
            "s" => 1.0,
            "m0s" => 60.0,
            "h0m0s" => 3600.0,
            _ => return None,
        };
        Some(text[..end].parse::<f64>().ok()? * factor)
    };
    let labels = |text: &str| -> BTreeSet<String> { text.split(',').map(str::to_owned).collect() };
    // kubeadm adds the port to an endpoint without one.
    let with_port = format!("{other}:6443");
    // A release has a `v` or not, and a socket was a path once.
    let plain = |text: &str| {
        let text = text.trim_start_matches("unix://");
        let number = text
            .strip_prefix('v')
            .filter(|rest| version(rest).is_some());
        number.unwrap_or(text).to_owned()
    };
    plain(one) == plain(other)
        || one == with_port
        || (one.contains('=') && labels(one) == labels(other))
        || number(one).is_some_and(|one| number(other) == Some(one))
}

/// The leaves of all documents of a kind that do not say what holds anyway.
fn telling(
    all: &[Document],
    table: &Table,
    release: Option<Version>,
) -> BTreeMap<(String, String), String> {
    let mut found = BTreeMap::new();
    let mut seen = BTreeSet::new();
    for document in all {
        let who = document.leaves.get("nodeRegistration.name");
        let name = match who {
            Some(name) if document.kind == "JoinConfiguration" => {
                format!("JoinConfiguration {name}")
            }
            _ => document.kind.clone(),
        };
        if !seen.insert(name.clone()) {
            continue;
        }
        for (path, text) in &document.leaves {
            if !table.is_default(document, path, text, release) {
                // One document may be of v1beta3 and the other of v1beta4.
                let text = text.replace("/var/run/", "/run/");
                found.insert((name.clone(), path.clone()), text);
            }
        }
    }
    found
}

/// Whether the report has a line about a field, or about what it is in.
fn reported(report: &Report, path: &str) -> bool {
    let plain = |field: &str| field.replace(['{', '}'], ".");
    // The argument of one family says the same as that of both.
    let path = path
        .strip_suffix("node-cidr-mask-size-ipv4")
        .map_or(path.to_owned(), |above| {
            format!("{above}node-cidr-mask-size")
        });
    let path = path.as_str();
    report.losses.iter().any(|line| {
        let field = plain(&line.place.field);
        field == path
            || path
                .strip_prefix(&field)
                .is_some_and(|rest| rest.starts_with(['.', '[']))
            || field
                .strip_prefix(path)
                .is_some_and(|rest| rest.starts_with(['.', '[']))
    })
}

/// What the documents say differently.
fn differences(
    file: &str,
    made: &BTreeMap<String, String>,
    table: &Table,
) -> Vec<(String, String)> {
    let before = documents(file);
    let release = before
        .iter()
        .find_map(|document| version(document.leaves.get("kubernetesVersion")?));
    let after: Vec<Document> = made.values().flat_map(|text| documents(text)).collect();
    let (before, after) = (
        telling(&before, table, release),
        telling(&after, table, release),
    );
    let mut found = Vec::new();
    for ((kind, path), text) in &before {
        let kept = after.get(&(kind.clone(), path.clone()));
        let derived = kept.is_none() && DERIVED.contains(&(path.as_str(), text.as_str()));
        if !kept.is_some_and(|kept| same(kept, text)) && !derived {
            found.push((kind.clone(), path.clone()));
        }
    }
    let kinds: BTreeSet<&String> = before.keys().map(|(kind, _)| kind).collect();
    for (kind, path) in after.keys() {
        let new = !before.contains_key(&(kind.clone(), path.clone()));
        if new && kinds.contains(kind) && !WRITTEN.contains(&path.as_str()) {
            found.push((kind.clone(), path.clone()));
        }
    }
    found
}

#[test]
fn every_difference_between_a_file_and_what_its_spec_compiles_to_is_in_the_report() {
    let table = Table::new();
    let folder = Path::new("tests/import/files");
    let mut names: Vec<_> = std::fs::read_dir(folder)
        .expect("a folder")
        .map(|entry| entry.expect("an entry").path())
        .collect();
    names.sort();
    assert!(names.len() >= 60, "only {} files", names.len());
    let mut wrong = Vec::new();
    for path in &names {
        let name = path
            .file_stem()
            .expect("a name")
            .to_string_lossy()
            .into_owned();
        let text = std::fs::read_to_string(path).expect("a file");
        let made = match imported(&[(&name, &text)]) {
            Ok(made) => made,
            Err(why) => {
                wrong.push(format!("{name}: {why:?}"));
                continue;
            }
        };
        let spec = made.text.expect("a spec");
        let analysis = analyzed(&spec);
        let found = errors(&analysis);
        let expected = REFUSED
            .iter()
            .find(|(own, _)| *own == name)
            .map(|(_, code)| *code);
        if !found.is_empty() || expected.is_some() {
            if !expected.is_some_and(|code| found.iter().all(|one| one.starts_with(code))) {
                wrong.push(format!("{name}: {found:#?}\n{spec}"));
            }
            continue;
        }
        let tree = compiled(&analysis);
        let mut output = files(&tree, "/kubeadm.yaml");
        output.extend(files(&tree, "/kubeadm-join.yaml"));
        for (kind, path) in differences(&text, &output, &table) {
            // A document that is for other commands has one line for all of it.
            let whole = made
                .report
                .losses
                .iter()
                .any(|line| line.place.field == kind);
            if !whole && !reported(&made.report, &path) {
                wrong.push(format!(
                    "{name}: {kind} {path} differs, and the report does not say it\n{spec}"
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_difference_that_is_not_reported_is_noticed() {
    let table = Table::new();
    let file = "apiVersion: kubeadm.k8s.io/v1beta4\nkind: ClusterConfiguration\nkubernetesVersion: v1.36.4\nclusterName: a\n";
    let other = file.replace("clusterName: a", "clusterName: b\ncertificatesDir: /x");
    let made = BTreeMap::from([("kubeadm.yaml".to_owned(), other)]);
    let found = differences(file, &made, &table);
    let paths: Vec<&str> = found.iter().map(|(_, path)| path.as_str()).collect();
    assert_eq!(paths, ["clusterName", "certificatesDir"]);
    assert!(!reported(&Report::default(), "clusterName"));
}

#[test]
fn a_list_with_an_item_that_a_setting_cannot_hold_keeps_the_others() {
    let file = include_str!("files/sans-with-a-placeholder.yaml");
    let made = imported(&[("kubeadm.yaml", file)]).expect("a spec");
    let spec = made.text.expect("a spec");
    assert!(
        spec.contains("sans = [localhost, kube.example.org, 203.0.113.7]"),
        "{spec}"
    );
    let lost = made
        .report
        .losses
        .iter()
        .map(|line| line.place.field.as_str());
    assert_eq!(lost.collect::<Vec<_>>(), ["apiServer.certSANs[3]"]);
}

#[test]
fn the_port_of_a_further_control_plane_is_not_that_of_the_first() {
    let file = include_str!("files/all-of-join.yaml");
    let made = imported(&[("kubeadm.yaml", file)]).expect("a spec");
    assert!(!made.text.expect("a spec").contains("6444"));
    let field = "controlPlane.localAPIEndpoint.bindPort";
    assert!(
        made.report
            .losses
            .iter()
            .any(|line| line.place.field == field)
    );
}

#[test]
fn a_machine_about_which_nothing_is_said_is_in_the_report_when_it_is_not_in_the_spec() {
    let file = include_str!("files/nameless-control-planes.yaml");
    let made = imported(&[("kubeadm.yaml", file)]).expect("a spec");
    let all = made.report.losses.iter();
    let lines: BTreeSet<usize> = all
        .filter(|line| line.why.contains("leads to several control planes"))
        .map(|line| line.place.line)
        .collect();
    assert_eq!(lines, BTreeSet::from([11, 15]));
}
