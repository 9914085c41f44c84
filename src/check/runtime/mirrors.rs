//! Mirrors: their addresses still answer, and some machine uses them.

use crate::check::support::findings::Findings;
use crate::declare;
use crate::diagnostic::{Descriptor, Diagnostic};
use crate::model::Model;
use crate::stdlib::Gone;

declare! {
    /// Instructions on the web live longer than the addresses in them. These are gone for good, and apt stops at the first
    /// source that does not answer:
    ///
    /// - apt.kubernetes.io and packages.cloud.google.com/apt: removed on 4 March 2024
    /// - the Kubic trees of CRI-O on download.opensuse.org
    /// - pkgs.k8s.io/addons:/cri-o, abandoned in February 2025
    ///
    /// ```pik fails
    /// mirror { kubernetes = "https://apt.kubernetes.io/" }
    /// ```
    ///
    /// ```pik
    /// mirror { kubernetes = "https://mirror.example/kubernetes/v1.36/deb/" }
    /// ```
    pub static GONE = {
        code: "mirror/gone",
        since: "0.1.0",
        severity: Error,
        title: "an address that no longer answers",
        help: "leave the setting out: pikc knows where the packages are today",
        sources: ["kubernetes/release#3485", "cri-o/cri-o#7912", "cri-o/cri-o#7915"],
    }
}

declare! {
    /// A mirror replaces one upstream address, and no machine of this cluster uses that one: another runtime was
    /// chosen, the runtime comes from the system's archive, or no machine has that system. The line would only look as
    /// if it worked.
    ///
    /// ```pik fails
    /// mirror { containerd = "https://mirror.example/docker/linux/debian/" }
    /// ```
    ///
    /// ```pik
    /// runtime containerd { source = upstream }
    /// mirror { containerd = "https://mirror.example/docker/linux/debian/" }
    /// ```
    pub static NO_EFFECT = {
        code: "mirror/no-effect",
        since: "0.1.0",
        severity: Warning,
        title: "a mirror of something that no machine uses",
        help: "leave the line out",
        sources: ["docs/language.md"],
    }
}

pub(in crate::check) static CODES: &[&Descriptor] = &[&GONE, &NO_EFFECT];

pub(in crate::check) fn check(model: &Model, out: &mut Findings<'_>) {
    let mirror = &model.cluster.mirror;
    let packages = mirror.packages.values();
    let all = packages
        .flat_map(|own| [&own.url, &own.key])
        .flatten()
        .chain(mirror.archives.values())
        .chain(&mirror.images);
    for url in all {
        if let Some(gone) = vanished(model, &url.value) {
            out.push(
                Diagnostic::new(
                    &GONE,
                    format!("{} has not answered since {}", url.value, gone.since.value),
                )
                .label(url, "every `apt update` would fail here")
                .help(format!(
                    "leave the line out; what replaced it: {}",
                    gone.instead
                ))
                .note(format!("it was {}", gone.what))
                .remove("leave it out", &url.origin),
            );
        }
    }
    unasked(model, out);
    unasked_archives(model, out);
}

/// Mirrors of repositories that no machine uses.
fn unasked(model: &Model, out: &mut Findings<'_>) {
    let mirror = &model.cluster.mirror;
    let runtime = model.runtime_repository().map(|own| own.name.as_str());
    for (name, own) in &mirror.packages {
        if *name == "kubernetes" || runtime == Some(*name) || model.facts.runtime.is_none() {
            continue;
        }
        let places = [
            own.url.as_ref().map(|url| &url.origin),
            own.key.as_ref().map(|key| &key.origin),
            own.fingerprint
                .as_ref()
                .map(|fingerprint| &fingerprint.origin),
        ];
        let places: Vec<_> = places.into_iter().flatten().collect();
        let Some(place) = places.first() else {
            continue;
        };
        let why = match &model.facts.runtime {
            Some(facts) if facts.name == *name => {
                format!(
                    "{} comes from the archives of the machines' systems",
                    facts.title
                )
            }
            Some(facts) => format!("the runtime is {}", facts.title),
            None => continue,
        };
        let message = format!("no machine uses the repository `{name}`: {why}");
        let finding =
            Diagnostic::new(&NO_EFFECT, message).label(place.span(), "used by no machine");
        out.push(match places.as_slice() {
            [one] => finding.remove("leave it out", one),
            _ => finding,
        });
    }
}

/// Archives of systems that no machine has.
fn unasked_archives(model: &Model, out: &mut Findings<'_>) {
    let mirror = &model.cluster.mirror;
    // A machine without a known system has been reported.
    if model.nodes.iter().any(|node| node.settings.os.is_none()) {
        return;
    }
    for (name, url) in &mirror.archives {
        let asked = model.nodes.iter().any(|node| {
            let (Some(os), Some(board)) = (&node.settings.os, &node.settings.board) else {
                return true;
            };
            os.value.archives.iter().any(|archive| {
                let on = &archive.architectures;
                archive.name == *name
                    && (on.is_empty() || on.contains(&board.value.architecture.value))
            })
        });
        if !asked {
            out.push(
                Diagnostic::new(
                    &NO_EFFECT,
                    format!("no machine of this cluster uses the archive `{name}`"),
                )
                .label(url, "used by no machine")
                .remove("leave it out", &url.origin),
            );
        }
    }
}

/// What is known about an address that no longer answers.
pub(in crate::check) fn vanished<'a>(model: &'a Model, url: &str) -> Option<&'a Gone> {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    model.facts.gone.iter().find(|gone| {
        gone.prefixes
            .iter()
            .any(|prefix| rest.starts_with(prefix.as_str()))
    })
}
