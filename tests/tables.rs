//! The tables of the library hold together: what settings become, what arguments stand for, and what gates need exists in them.

use std::collections::BTreeMap;

use pikc::diagnostic::Diagnostics;
use pikc::model::{Target, field_names, targets};
use pikc::source::Sources;
use pikc::stdlib::{Flags, Gates, KubeadmDocument, Library, Release};
use pikc::value::Version;

struct Tables {
    library: Library,
    documents: Vec<KubeadmDocument>,
    flags: BTreeMap<String, Flags>,
    releases: Vec<Release>,
}

impl Tables {
    fn read() -> Self {
        let (mut sources, mut out) = (Sources::default(), Diagnostics::default());
        let mut library = Library::open(Default::default(), &mut sources, &mut out);
        let names = |library: &Library, kind: &str| library.names(kind);
        let documents = names(&library, "document")
            .iter()
            .map(|name| library.kubeadm_document(name, &mut sources, &mut out))
            .collect::<Option<_>>()
            .expect("every document can be read");
        let flags = names(&library, "flags")
            .iter()
            .map(|name| Some((name.clone(), library.flags(name, &mut sources, &mut out)?)))
            .collect::<Option<_>>()
            .expect("every table of arguments can be read");
        let releases = names(&library, "release")
            .iter()
            .map(|name| library.release(name, &mut sources, &mut out))
            .collect::<Option<_>>()
            .expect("every release can be read");
        assert!(out.is_empty(), "{out:?}");
        Self {
            library,
            documents,
            flags,
            releases,
        }
    }

    /// The documents of a kind that a release reads.
    fn of(&self, kind: &str, release: Version) -> impl Iterator<Item = &KubeadmDocument> {
        let is_read = move |document: &&KubeadmDocument| {
            document.from.is_none_or(|from| from <= release)
                && document.gone.is_none_or(|gone| gone > release)
        };
        let own = self
            .documents
            .iter()
            .filter(move |document| is_read(document));
        let kind = kind.to_owned();
        own.filter(move |document| document.kind == kind)
    }

    fn newest(&self) -> Version {
        let versions = self.releases.iter().map(|release| release.version);
        versions.max().expect("a release")
    }
}

#[test]
fn what_a_setting_becomes_exists_in_the_newest_release() {
    let tables = Tables::read();
    let newest = tables.newest();
    let spec = tables.library.spec_schema();
    let all = targets(&spec);
    assert!(all.len() > 50, "{} targets", all.len());
    let mut missing = Vec::new();
    for (block, setting, target) in all {
        let there = match &target {
            Target::Argument { program, name } => tables.flags[program]
                .find(name)
                .is_some_and(|flag| flag.is_in(newest)),
            Target::Field { kind, path } => tables.of(kind, newest).any(|document| {
                let known = document.fields.at(&field_names(path), Some(newest));
                known.is_some_and(|known| known.is_in(newest))
            }),
        };
        if !there {
            missing.push(format!("{}.{}: {target:?}", block.name, setting.name));
        }
    }
    assert!(missing.is_empty(), "{missing:#?}");
}

#[test]
fn every_setting_that_becomes_something_says_so_in_a_form_that_is_read() {
    let tables = Tables::read();
    let mut unread = Vec::new();
    for block in tables.library.spec_schema().blocks.values() {
        for setting in block.settings.values() {
            let wrong = setting
                .becomes
                .iter()
                .filter(|to| Target::read(to).is_none());
            unread.extend(wrong.map(|to| format!("{}.{}: {to}", block.name, setting.name)));
        }
    }
    assert!(unread.is_empty(), "{unread:#?}");
}

#[test]
fn every_release_has_its_documents_and_arguments() {
    let tables = Tables::read();
    let programs = [
        ("kube-apiserver", "advertise-address"),
        ("kube-controller-manager", "cluster-cidr"),
        ("kube-scheduler", "leader-elect"),
        ("kube-proxy", "config"),
        ("kubelet", "node-ip"),
    ];
    assert!(tables.releases.len() >= 14, "1.24 to 1.37");
    for release in &tables.releases {
        let version = release.version;
        for (program, argument) in programs {
            let flag = tables.flags[program].find(argument);
            assert!(
                flag.is_some_and(|flag| flag.is_in(version)),
                "{program} {version}"
            );
        }
        for kind in [
            "ClusterConfiguration",
            "InitConfiguration",
            "JoinConfiguration",
            "KubeletConfiguration",
            "KubeProxyConfiguration",
        ] {
            assert!(
                tables.of(kind, version).next().is_some(),
                "{kind} {version}"
            );
        }
        for read in &release.kubeadm_reads {
            let api = format!("kubeadm.k8s.io/{read}");
            let mut own = tables.of("ClusterConfiguration", version);
            assert!(own.any(|document| document.api == api), "{api} {version}");
        }
    }
}

#[test]
fn what_is_said_of_an_argument_is_said_of_one_that_exists() {
    let tables = Tables::read();
    let newest = tables.newest();
    let mut wrong = Vec::new();
    for (program, flags) in &tables.flags {
        for (name, _) in &flags.written {
            if flags.find(name).is_none() {
                wrong.push(format!("{program}: `written` names {name}"));
            }
        }
        for flag in &flags.flags {
            let Some(field) = flag.field() else { continue };
            let path = field_names(field);
            let mut documents = tables.of("KubeletConfiguration", newest);
            if documents.all(|document| document.fields.at(&path, Some(newest)).is_none()) {
                wrong.push(format!("{program}: {} is not the field {field}", flag.name));
            }
        }
    }
    for document in &tables.documents {
        for (path, _) in &document.written {
            if document
                .fields
                .at(&field_names(path), Some(newest))
                .is_none()
            {
                wrong.push(format!("{}: `written` names {path}", document.kind));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert!(
        tables.flags["kubelet"]
            .flags
            .iter()
            .any(|flag| flag.field().is_some())
    );
}

#[test]
fn what_a_gate_needs_is_a_gate_and_defaults_agree() {
    let tables = Tables::read();
    let (mut sources, mut out) = (Sources::default(), Diagnostics::default());
    let mut library = Library::open(Default::default(), &mut sources, &mut out);
    let gates: Gates = library
        .gates("kubelet", &mut sources, &mut out)
        .expect("the kubelet's gates");
    let on = |name: &str, release| {
        use pikc::stdlib::Stage::{LockedOn, On};
        let stage = gates.find(name)?.at(release)?.1;
        Some(matches!(stage, On | LockedOn))
    };
    let mut pairs = 0;
    for release in tables.releases.iter().map(|release| release.version) {
        for gate in gates
            .gates
            .iter()
            .filter(|gate| on(&gate.name, release) == Some(true))
        {
            for needed in gate.needs(release) {
                pairs += 1;
                // A program without any gate given would not start either.
                assert_ne!(
                    on(needed, release),
                    Some(false),
                    "{} {needed} {release}",
                    gate.name
                );
            }
        }
    }
    let known = gates.gates.iter().flat_map(|gate| &gate.needs);
    let unknown: Vec<&String> = known
        .flat_map(|(_, needs)| needs)
        .filter(|needed| gates.find(needed).is_none())
        .collect();
    assert!(unknown.is_empty(), "{unknown:?}");
    assert!(pairs > 20, "{pairs} pairs");
}
