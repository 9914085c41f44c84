//! The Kubernetes release: still supported, and available as packages.

use crate::check::support::findings::Findings;
use crate::check::support::findings::{names, verb};
use crate::check::support::offers;
use crate::declare;
use crate::diagnostic::{Descriptor, Diagnostic};
use crate::model::Model;
use crate::origin::Sourced;
use crate::stdlib::Release;
use crate::value::Version;

declare! {
    /// Each minor release gets fixes for about fourteen months. After that, known vulnerabilities stay open, and the
    /// CNI and the runtime stop testing against it.
    ///
    /// Days are counted from the standard library's own date, unless `--as-of` sets another.
    ///
    /// ```pik fails
    /// kubernetes = 1.33
    /// ```
    ///
    /// ```pik
    /// kubernetes = 1.36
    /// ```
    pub static ENDED = {
        code: "kubernetes/release-ended",
        since: "0.1.0",
        severity: Warning,
        title: "a Kubernetes release whose support has ended",
        help: "write a newer release; a running cluster goes up one minor release at a time",
        sources: ["kubernetes.io/releases", "kubernetes/website: data/releases/eol.yaml"],
    }

    /// Its support ends within four months, and with it the fixes. Kubernetes has a new minor release about every four
    /// months, and a running cluster is upgraded one at a time: there is time for one step, to the release after this
    /// one.
    ///
    /// Days are counted from the standard library's own date, unless `--as-of` sets another.
    ///
    /// ```pik fails
    /// kubernetes = 1.35
    /// ```
    ///
    /// ```pik
    /// kubernetes = 1.36
    /// ```
    pub static ENDS_SOON = {
        code: "kubernetes/release-ends-soon",
        since: "0.1.0",
        severity: Note,
        title: "a Kubernetes release whose support ends soon",
        help: "plan the upgrade to the next minor release; start a new cluster with a newer one",
        sources: ["kubernetes.io/releases", "kubernetes/website: data/releases/eol.yaml"],
    }

    /// The exact release is newer than the newest that the library has seen. It is used as written.
    ///
    /// ```pik fails
    /// kubernetes = 1.36.99
    /// ```
    ///
    /// ```pik
    /// kubernetes = 1.36
    /// ```
    pub static NEWER = {
        code: "kubernetes/newer-than-library",
        since: "0.1.0",
        severity: Note,
        title: "a patch release that the library has not seen",
        help: "nothing to do; a newer pikc will know it",
        no_edit: "nothing is wrong: a newer pikc will have seen the release",
        sources: ["kubernetes.io/releases"],
    }

    /// The repository of the Kubernetes project begins with 1.24; for older releases it answers 403. A repository of
    /// your own, in a library folder, can begin later. Packages exist for some architectures only: none for 32-bit
    /// boards, from 1.27 on.
    ///
    /// ```pik library fails
    /// repository kubernetes { first = 1.36 }
    /// ```
    ///
    /// ```pik
    /// kubernetes = 1.36
    /// ```
    pub static NO_REPOSITORY = {
        code: "kubernetes/no-repository",
        since: "0.1.0",
        severity: Error,
        title: "a release that is in no repository",
        help: "write a newer release",
        sources: ["kubernetes/release#3497", "kubernetes/kubernetes#115742", "kubernetes/kubernetes#117996"],
    }
}

pub(in crate::check) static CODES: &[&Descriptor] = &[&ENDED, &ENDS_SOON, &NEWER, &NO_REPOSITORY];

/// About the time between two minor releases, in days.
const SOON: i64 = 120;

pub(in crate::check) fn check(model: &Model, out: &mut Findings<'_>) {
    let (Some(written), Some(release)) = (&model.cluster.kubernetes, &model.facts.release) else {
        return;
    };
    support(model, release, written, out);
    packages(model, release, written, out);
}

/// How old the release is, and whether pikc knows it.
fn support(model: &Model, release: &Release, written: &Sourced<Version>, out: &mut Findings<'_>) {
    let place = written.origin.span();
    if model.as_of.value > release.ends.value {
        let better = offers::supported(model, release.version);
        let mut finding = Diagnostic::new(
            &ENDED,
            format!(
                "support for Kubernetes {} ended on {}",
                release.name, release.ends.value
            ),
        )
        .label(place, "gets no more fixes");
        finding = finding.help(match better {
            Some(better) => format!("for a new cluster write `kubernetes = {better}`; a running one goes up one minor release at a time"),
                  None => "pikc does not know a newer release: a newer pikc may, or bring its facts with --stdlib DIR".to_owned(),
    });
        out.push(offers::release(finding, model, better));
    }
    let left = model.as_of.value.days_until(release.ends.value);
    if (0..=SOON).contains(&left) {
        let message = format!(
            "support for Kubernetes {} ends on {}, {left} days after {}",
            release.name, release.ends.value, model.as_of.value
        );
        let finding = Diagnostic::new(&ENDS_SOON, message).label(place, "gets fixes until then");
        let newer = offers::supported(model, release.version);
        out.push(offers::release(finding, model, newer));
    }
    if written.value.patch.is_some() && written.value > release.latest.value {
        out.push(
            Diagnostic::new(
                &NEWER,
                format!(
                    "Kubernetes {} is newer than {}, the newest that pikc has seen",
                    written.value, release.latest.value
                ),
            )
            .label(place, "used as written"),
        );
    }
}

/// Whether there are packages of the release, for every board.
fn packages(model: &Model, release: &Release, written: &Sourced<Version>, out: &mut Findings<'_>) {
    let place = written.origin.span();
    let Some(repository) = &model.facts.kubernetes_repository else {
        return;
    };
    // What a mirror holds is up to its owner.
    if model.cluster.mirror.url("kubernetes").is_some() {
        return;
    }
    if release.version < repository.first.value {
        let finding =
            Diagnostic::new(
                &NO_REPOSITORY,
                format!(
                    "there are no packages of Kubernetes {}: the repository begins with {}",
                    release.name, repository.first.value
                ),
            )
            .label(place, "cannot be installed")
            .help(format!(
                        "write `kubernetes = {}` or later, or name a repository that has it: `mirror {{ kubernetes = ... }}`",
        repository.first.value
      ));
        let newer = offers::supported(model, release.version);
        out.push(offers::release(finding, model, newer));
        return;
    }
    out.blocks(|settings, nodes| {
        let board = settings.board.as_ref()?;
        let architecture = &board.value.architecture.value;
        (!repository.architectures.contains(architecture)).then(|| {
            let message = format!(
                "there are no packages of Kubernetes {} for {architecture}, which {} {}",
                release.name,
                names(nodes),
                verb(nodes, "has", "have")
            );
            let known = repository.architectures.join(" or ");
            Diagnostic::new(&NO_REPOSITORY, message)
                .label(place, "cannot be installed there")
                .label(board, "this board")
                .help(format!("use a board with {known}, or name a repository that has them: `mirror {{ kubernetes = ... }}`"))
        })
    });
}
