//! Arguments of the command lines: of the kubelets, of the components of the control plane, and of etcd.

pub(in crate::check) mod existence;
mod kubelet;
pub(in crate::check) mod value;
pub(in crate::check) mod written;

use crate::check::support::findings::{Findings, names, verb};
use crate::diagnostic::Diagnostic;
use crate::model::{Kubelet, Model, Pairs, Target};
use crate::origin::{Origin, Sourced};
use crate::stdlib::Flags;
use crate::value::{Type, Val, Version, parse};

/// The kubelet, whose arguments are given for the whole cluster and for machines.
pub(super) const KUBELET: &str = "kubelet";

/// A program that is given arguments.
pub(super) struct Program<'a> {
    /// `kube-apiserver`
    pub name: &'static str,
    /// What the library knows of its arguments.
    pub flags: &'a Flags,
    /// Its own release: that of Kubernetes, or etcd's.
    pub release: Version,
    /// The release in words: "Kubernetes 1.36", "etcd 3.6".
    pub title: String,
    /// "the kubelet of node02"
    pub whose: String,
    /// The settings of the same kubelets.
    pub kubelets: Vec<&'a Kubelet>,
}

/// An argument: its name and its value.
pub(super) type Argument = (Sourced<String>, Sourced<String>);

/// What a rule says of one argument.
pub(super) type Judge = fn(&Model, &Program<'_>, &Argument) -> Option<Diagnostic>;

/// Asks a rule about every argument of every program.
pub(super) fn each(model: &Model, out: &mut Findings<'_>, judge: Judge) {
    for (name, whose, arguments) in components(model) {
        if let Some(program) = program(model, name, whose.to_owned(), Vec::new()) {
            let found = arguments
                .iter()
                .filter_map(|one| judge(model, &program, one));
            found.for_each(|finding| out.push(finding));
        }
    }
    let common = &model.cluster.kubelet;
    if let Some(program) = program(model, KUBELET, "every kubelet".to_owned(), vec![common]) {
        let found = common.extra_args.iter();
        for finding in found.filter_map(|one| judge(model, &program, one)) {
            out.push(finding);
        }
    }
    // A block of nodes gets one finding at a time.
    let most = model
        .nodes
        .iter()
        .map(|node| node.settings.kubelet.extra_args.len());
    for index in 0..most.max().unwrap_or(0) {
        out.blocks(|settings, nodes| {
            let argument = settings.kubelet.extra_args.get(index)?;
            let whose = format!(
                "the {} of {}",
                verb(nodes, "kubelet", "kubelets"),
                names(nodes)
            );
            let kubelets = vec![&settings.kubelet, common];
            judge(model, &program(model, KUBELET, whose, kubelets)?, argument)
        });
    }
}

/// The components of the control plane, each with a name for people and its arguments.
pub(in crate::check) fn components(model: &Model) -> [(&'static str, &'static str, &Pairs); 4] {
    let all = &model.cluster.control_plane;
    [
        (
            "kube-apiserver",
            "the API server",
            &all.api_server.component.extra_args,
        ),
        (
            "kube-controller-manager",
            "the controller manager",
            &all.controller_manager.extra_args,
        ),
        ("kube-scheduler", "the scheduler", &all.scheduler.extra_args),
        ("etcd", "etcd", &all.etcd.extra_args),
    ]
}

fn program<'a>(
    model: &'a Model,
    name: &'static str,
    whose: String,
    kubelets: Vec<&'a Kubelet>,
) -> Option<Program<'a>> {
    let release = model.facts.release.as_ref()?;
    let (release, title) = match name {
        "etcd" => {
            let own = etcd(model)?;
            (own, format!("etcd {own}"))
        }
        KUBELET => (release.version, format!("Kubernetes {}", release.name)),
        _ => (release.version, format!("{name} {}", release.name)),
    };
    Some(Program {
        name,
        flags: model.facts.flags.get(name)?,
        release,
        title,
        whose,
        kubelets,
    })
}

/// The release of etcd: that of the image which a file names, or which kubeadm of this release takes. None without a local etcd.
fn etcd(model: &Model) -> Option<Version> {
    let is_tag = |target: &Target| matches!(target, Target::Field { path, .. } if path == "etcd.local.imageTag");
    let own = model.cluster.carried.iter().find(|one| is_tag(&one.target));
    let tag = match own {
        Some(own) => own.value.value.argument(),
        None => model.facts.release.as_ref()?.etcd.value.clone(),
    };
    let numbers: Vec<&str> = tag.trim_start_matches('v').split('.').take(2).collect();
    match parse(Type::Version, &numbers.join(".")) {
        Ok(Val::Version(version)) => Some(version.without_patch()),
        _ => None,
    }
}

/// The name as the program reads it: those of Kubernetes take an underscore for a hyphen.
pub(super) fn as_read(program: &Program<'_>, name: &str) -> String {
    match program.name {
        "etcd" => name.to_owned(),
        _ => name.replace('_', "-"),
    }
}

/// What the library says to do without an argument, as the beginning of a help.
pub(in crate::check) fn advice(instead: &str) -> String {
    let mut letters = instead.chars();
    let first = letters.next().map(|first| first.to_ascii_lowercase());
    first.into_iter().chain(letters).collect()
}

/// The place of a part of a value, where the value is written as it is or in quotes.
pub(in crate::check) fn place(value: &Sourced<String>, from: usize, len: usize) -> Origin {
    match value.origin {
        Origin::Written(span) if span.len() == value.value.len() => {
            Origin::Written(span.part(from, from + len))
        }
        // After a quote.
        Origin::Written(span) if span.len() > value.value.len() + 1 => {
            Origin::Written(span.part(from + 1, from + 1 + len))
        }
        ref other => other.clone(),
    }
}
