//! What ends soon: the support of a system, and the validity of a package signing key.

use crate::check::support::findings::Findings;
use crate::check::support::findings::{names, verb};
use crate::declare;
use crate::diagnostic::{Descriptor, Diagnostic, Severity};
use crate::model::Model;
use crate::stdlib::Repository;

declare! {
    /// Its support ends within four months. An installed system is upgraded one release at a time, and on a node that
    /// means a drain, an upgrade and another check of the runtime: it is quicker to start with the newer release than
    /// to change it under a cluster that is in use.
    ///
    /// Days are counted from the standard library's own date, unless `--as-of` sets another.
    ///
    /// ```pik library fails
    /// os almost-over { ends = 2027-01-31 }
    /// ```
    ///
    /// ```pik
    /// node extra {
    ///   role    = worker
    ///   os      = raspios-trixie
    ///   board   = pi-4b-4g
    ///   address = 192.168.11.209
    /// }
    /// ```
    pub static SOON = {
        code: "os/release-ends-soon",
        since: "0.1.0",
        severity: Note,
        title: "an operating system whose support ends soon",
        help: "begin with a newer release: `pikc stdlib list os` shows them",
        no_edit: "which newer system to install is a decision about the machine",
        sources: ["endoflife.date/debian", "endoflife.date/ubuntu", "endoflife.date/raspberry-pi-os"],
    }

    /// apt trusts packages because of a signature, and the signing key expires. From then on `apt update` fails on
    /// every machine that has the old key, until the key is downloaded again: upstream extends the same key, with the
    /// same fingerprint. The step 55-repositories checks the date and downloads the key again, so `run.sh` on each
    /// machine fixes it; a machine on which it is never run gets no more updates.
    ///
    /// Days are counted from the standard library's own date, unless `--as-of` sets another. Mirrors with a key of
    /// their own are not checked.
    ///
    /// ```pik library fails
    /// repository kubernetes { key-ends = 2026-12-01 }
    /// ```
    ///
    /// ```pik
    /// kubernetes = 1.36
    /// ```
    pub static KEY = {
        code: "repository/key-ends",
        since: "0.1.0",
        severity: Warning,
        title: "packages whose signing key has expired, or soon will",
        help: "run `run.sh` on each machine after that day: it downloads the extended key",
        no_edit: "the key is replaced on the machines, by `run.sh`",
        sources: ["kubernetes/release#3818", "kubernetes/website#49049"],
    }
}

pub(in crate::check) static CODES: &[&Descriptor] = &[&SOON, &KEY];

/// A system is reported if its support ends within this many days.
const SYSTEM: i64 = 120;
/// A key is reported if it expires within this many days.
const KEY_DAYS: i64 = 30;

pub(in crate::check) fn check(model: &Model, out: &mut Findings<'_>) {
    systems(model, out);
    let kubernetes = model
        .cluster
        .kubernetes
        .as_ref()
        .map(|version| &version.origin);
    let runtime = model
        .cluster
        .runtime
        .as_ref()
        .map(|choice| &choice.name.origin);
    let repositories = [
        (model.facts.kubernetes_repository.as_deref(), kubernetes),
        (model.runtime_repository(), runtime),
    ];
    for (repository, place) in repositories {
        if let (Some(repository), Some(place)) = (repository, place)
            && let Some(finding) = key(model, repository)
        {
            out.push(finding.label(place.span(), "installed from there"));
        }
    }
}

fn systems(model: &Model, out: &mut Findings<'_>) {
    let today = model.as_of.value;
    out.blocks(|settings, nodes| {
        let os = settings.os.as_ref()?;
        let system = &os.value;
        // A system that has ended already is reported by os/release-ended.
        let last = match &system.lts_ends {
            Some(long) if today > system.ends.value => long.value,
            _ => system.ends.value,
        };
        let left = today.days_until(last);
        if !(0..=SYSTEM).contains(&left) {
            return None;
        }
        let kind = match &system.lts_ends {
            Some(long) if long.value == last => "long-term support",
            _ => "regular security support",
        };
        let mut finding = Diagnostic::new(
            &SOON,
            format!(
                "{} {} {}: {kind} ends on {last}, {left} days after {today}",
                names(nodes),
                verb(nodes, "runs", "run"),
                system.title,
            ),
        )
        .label(os, "gets fixes until then");
        if let Some(long) = system.lts_ends.as_ref().filter(|long| long.value > last) {
            finding = finding.note(format!("long-term support continues until {}", long.value));
        }
        Some(finding)
    });
}

fn key(model: &Model, repository: &Repository) -> Option<Diagnostic> {
    let ends = repository.key_ends.as_ref()?.value;
    let own = model.cluster.mirror.packages.get(repository.name.as_str());
    if own.is_some_and(|mirror| mirror.key.is_some() || mirror.fingerprint.is_some()) {
        return None;
    }
    let today = model.as_of.value;
    let left = today.days_until(ends);
    let what = &repository.name;
    if left > KEY_DAYS {
        return None;
    }
    Some(if left < 0 {
        Diagnostic::new(
            &KEY,
            format!("the key of the repository `{what}` expired on {ends}, as far as pikc knows"),
        )
        .note("upstream has extended it before, with the same fingerprint: the step 55-repositories downloads it again")
    } else {
        Diagnostic::new(
            &KEY,
            format!(
                "the key of the repository `{what}` expires on {ends}, {left} days after {today}"
            ),
        )
        .severity(Severity::Note)
    })
}
