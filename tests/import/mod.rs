//! `pikc import`: files to specs and back.
//!
//! `files/*.yaml` are inputs of different shapes. Each is imported, the spec is compiled, and the documents for kubeadm that come out
//! are compared with the file, field by field, as the programs would default them: every difference must be in the report of the
//! import, and nothing else may be there that was carried over. The other way round, what a spec compiles to is imported, and the new
//! spec must compile to the same bytes.

mod command;
mod hostile;
mod inventories;
mod kube_vip;
mod leaves;
mod mirror;
mod round_trip;

use std::collections::BTreeMap;

use camino::Utf8Path;
use pikc::diagnostic::{Diagnostics, Severity};
use pikc::import::{File, Imported, import};
use pikc::model::Reader;
use pikc::render::Entry;
use pikc::source::Sources;
use pikc::stdlib::Library;
use pikc::value::SecretName;
use pikc::{Analysis, AnalyzeInput, Compiled, analyze, plan};

/// Imports files; the findings if there is no spec.
pub(crate) fn imported(files: &[(&str, &str)]) -> Result<Imported, Vec<String>> {
    let (mut sources, mut out) = (Sources::default(), Diagnostics::default());
    let mut library = Library::open(BTreeMap::new(), &mut sources, &mut out);
    let files: Vec<File<'_>> = files
        .iter()
        .map(|(name, text)| File { name, text })
        .collect();
    let made = import(&files, &mut library, &mut sources, &mut out);
    match made.text {
        Some(_) => Ok(made),
        None => Err(out.iter().map(|found| found.message.clone()).collect()),
    }
}

/// Stands for the files that a report asks the user to bring along.
struct Brought;

impl Reader for Brought {
    fn read(&self, path: &Utf8Path) -> Result<String, String> {
        Ok(match path.file_name().unwrap_or_default() {
            "audit-policy.yaml" => "apiVersion: audit.k8s.io/v1\nkind: Policy\nrules:\n  - level: Metadata\n",
            "admission.yaml" => "apiVersion: apiserver.config.k8s.io/v1\nkind: AdmissionConfiguration\nplugins: []\n",
            "scheduler.yaml" => "apiVersion: kubescheduler.config.k8s.io/v1\nkind: KubeSchedulerConfiguration\nclientConnection:\n  kubeconfig: /etc/kubernetes/scheduler.conf\n",
            _ => include_str!("../specs/components/ca.pem"),
        }
        .to_owned())
    }
}

fn analyzed(text: &str) -> Analysis {
    analyze(AnalyzeInput {
        path: Utf8Path::new("cluster.pik"),
        text,
        reader: &Brought,
        overlay: BTreeMap::new(),
        as_of: None,
        kept: None,
    })
}

/// The errors in a spec.
fn errors(analysis: &Analysis) -> Vec<String> {
    analysis
        .diagnostics
        .iter()
        .filter(|found| found.severity == Severity::Error)
        .map(|found| format!("{}: {}", found.descriptor.code, found.message))
        .collect()
}

fn compiled(analysis: &Analysis) -> Compiled {
    let secret = |name: &str| {
        (
            SecretName(name.to_owned()),
            "c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0c2U=".into(),
        )
    };
    let options = plan::Options {
        secrets: BTreeMap::from(["wifi", "weave", "etcd-key", "etcd-client-key"].map(secret)),
        own: None,
        seed_images: false,
        vendored: BTreeMap::new(),
        spec: "cluster.pik".to_owned(),
    };
    pikc::compile(analysis, &options, false)
        .unwrap_or_else(|error| panic!("{error:?}: {:#?}", errors(analysis)))
}

/// The files of a tree whose names end so, by path.
fn files(compiled: &Compiled, ending: &str) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    for (path, entry) in compiled.rendered.entries() {
        if let (true, Entry::File(file)) = (path.ends_with(ending), entry) {
            let text = file.content.text().expect("text");
            found.insert(path.clone(), text.into_owned());
        }
    }
    found
}
