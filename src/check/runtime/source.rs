//! The container runtime: there is one, it fits Kubernetes, and it can be installed.

use crate::check::support::findings::Findings;
use crate::check::support::offers::{self, left_out};
use crate::declare;
use crate::diagnostic::{Descriptor, Diagnostic, Severity};
use crate::model::{Model, RuntimeChoice};
use crate::origin::Sourced;
use crate::value::Version;

declare! {
    /// The kubelet starts no containers itself: without a runtime there is nothing to install and nothing to talk to.
    ///
    /// ```pik fails
    /// cluster home {
    ///   kubernetes = 1.36
    ///   network {
    ///     lan     = 192.168.11.0/24
    ///     gateway = 192.168.11.1
    ///     dns     = [192.168.11.1]
    ///   }
    ///   cni flannel { }
    /// }
    /// ```
    ///
    /// ```pik
    /// runtime crio { }
    /// ```
    pub static MISSING = {
        code: "runtime/missing",
        since: "0.1.0",
        severity: Error,
        title: "a cluster without a container runtime",
        help: "write `runtime crio { }` in the cluster",
        sources: ["kubernetes.io/docs/setup/production-environment/container-runtimes"],
    }

    /// CRI-O is released together with Kubernetes and tested against the release with the same number. Its authors
    /// support that pair and no other.
    ///
    /// ```pik fails
    /// runtime crio { version = 1.35 }
    /// ```
    ///
    /// ```pik
    /// runtime crio { }
    /// ```
    pub static DIFFERS = {
        code: "crio/minor-differs",
        since: "0.1.0",
        severity: Warning,
        title: "a runtime release that differs from that of Kubernetes",
        help: "leave `version` out: CRI-O then has the release of Kubernetes",
        sources: ["cri-o/cri-o README (compatibility matrix)"],
    }

    /// CRI-O's own repository begins with 1.28. Older releases were in the Kubic repositories, which are gone: their
    /// addresses answer 404, and nothing replaced them.
    ///
    /// The way out is a newer Kubernetes, because CRI-O follows it.
    ///
    /// ```pik fails
    /// kubernetes = 1.26
    /// ```
    ///
    /// ```pik
    /// kubernetes = 1.36
    /// ```
    pub static NO_REPOSITORY = {
        code: "crio/no-repository",
        since: "0.1.0",
        severity: Error,
        title: "a release of CRI-O that is in no repository",
        help: "write a newer `kubernetes`, and leave `version` out",
        sources: ["cri-o/cri-o#7912", "cri-o/cri-o#7915", "cri-o/packaging README"],
    }
}

pub(in crate::check) static CODES: &[&Descriptor] = &[&MISSING, &DIFFERS, &NO_REPOSITORY];

/// At more than this many minor releases apart, the pair cannot work.
const TOO_OLD: i32 = 2;
const TOO_NEW: i32 = 1;

pub(in crate::check) fn check(model: &Model, out: &mut Findings<'_>) {
    let Some(choice) = &model.cluster.runtime else {
        if !model.damaged
            && model
                .entities
                .first()
                .is_some_and(|(cluster, _)| !cluster.damaged && cluster.child("runtime").is_none())
        {
            let head = model.cluster.head;
            let finding = Diagnostic::new(&MISSING, "the cluster has no container runtime")
                .label(head, "no `runtime` block here");
            let add = |finding: Diagnostic, line: &str| {
                finding.choice(|it| it.add_inside(format!("add `{line}`"), head, line))
            };
            out.push(add(
                add(finding, "runtime crio { }"),
                "runtime containerd { }",
            ));
        }
        return;
    };
    // A runtime with version numbers of its own has its own rules (packages.rs).
    if !model
        .facts
        .runtime
        .as_ref()
        .is_some_and(|runtime| runtime.same_minor)
    {
        return;
    }
    // An unknown release has been reported already.
    let (Some(kubernetes), Some(_)) = (&model.cluster.kubernetes, &model.facts.release) else {
        return;
    };
    let follows: Version = kubernetes.value.without_patch();
    let version = choice
        .version
        .as_ref()
        .map_or(follows, |version| version.value.without_patch());
    no_repository(model, choice, kubernetes, version, out);
    differs(choice, kubernetes, version, out);
}

/// A release that is in no repository any more.
fn no_repository(
    model: &Model,
    choice: &RuntimeChoice,
    kubernetes: &Sourced<Version>,
    version: Version,
    out: &mut Findings<'_>,
) {
    if let Some(repository) = &model.facts.runtime_repository
        && version < repository.first.value
        && model
            .cluster
            .mirror
            .url(&repository.name)
            .is_none_or(|mirror| gone(model, &mirror.value))
    {
        let place = choice
            .version
            .as_ref()
            .map_or(&choice.name.origin, |version| &version.origin);
        let mut finding = Diagnostic::new(
            &NO_REPOSITORY,
            format!(
                "CRI-O {version} cannot be installed any more: its repository begins with {}",
                repository.first.value
            ),
        )
        .label(
            place.span(),
            if choice.version.is_some() {
                "this release is in no repository"
            } else {
                "follows Kubernetes"
            },
        )
        .label(kubernetes, "the release of Kubernetes that it belongs to");
        let newest = model.facts.known_releases.iter().rev().nth(1);
        if let Some(newest) = newest {
            let drop = if choice.version.is_some() {
                ", and drop `version`: CRI-O follows Kubernetes"
            } else {
                ""
            };
            finding = finding.help(format!("write `kubernetes = {newest}`{drop}"));
            finding = match &choice.version {
                Some(version) => left_out(finding, "version", &version.origin),
                None => offers::release(finding, model, Some(*newest)),
            };
        }
        out.push(finding);
    }
}

/// A release that differs from that of Kubernetes.
fn differs(
    choice: &RuntimeChoice,
    kubernetes: &Sourced<Version>,
    version: Version,
    out: &mut Findings<'_>,
) {
    let follows = kubernetes.value.without_patch();
    if let Some(written) = &choice.version {
        let apart = i32::from(version.minor) - i32::from(follows.minor);
        if apart != 0 {
            let severity = if !(-TOO_OLD..=TOO_NEW).contains(&apart) {
                Severity::Error
            } else {
                Severity::Warning
            };
            out.push(
                Diagnostic::new(
                    &DIFFERS,
                    format!("CRI-O {version} is not made for Kubernetes {follows}"),
                )
                .severity(severity)
                .label(written, format!("made for Kubernetes {version}"))
                .label(kubernetes, format!("needs CRI-O {follows}"))
                .remove("leave `version` out", &written.origin),
            );
        }
    }
}

/// Whether an address no longer answers, which the rule `mirror/gone` reports: then a mirror there does not help.
pub(in crate::check) fn gone(model: &Model, url: &str) -> bool {
    crate::check::runtime::mirrors::vanished(model, url).is_some()
}
