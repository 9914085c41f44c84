//! What ends soon: the support of a system, and the key that packages are signed with.

use crate::check::support::findings::Findings;
use crate::check::support::findings::{names, verb};
use crate::declare;
use crate::diagnostic::{Descriptor, Diagnostic, Severity};
use crate::model::Model;
use crate::stdlib::Repository;

declare! {
    /// Its support ends within four months. An installed system goes up one release at a time, and on a node that means a drain,
    /// an upgrade and a new look at the runtime: it is quicker to begin with the newer release than to change it under a cluster
    /// that is in use.
    ///
    /// The day that counts is the standard library's own date, unless `--as-of` says another.
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
        sources: ["endoflife.date/debian", "endoflife.date/ubuntu", "endoflife.date/raspberry-pi-os"],
    }

    /// Packages are believed because of a signature, and the key of that signature has a last day. After it `apt update` fails on
    /// every machine that has the old key, until the key is fetched anew: upstream prolongs the same key, with the same
    /// fingerprint. The step 55-repositories looks at the day and fetches it again, so `run.sh` on each machine mends it; a
    /// machine that nobody runs it on gets no more mends.
    ///
    /// The day that counts is the standard library's own date, unless `--as-of` says another. A mirror with a key of its own is not
    /// spoken of.
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
        title: "packages whose key has run out, or soon will",
        help: "run `run.sh` on each machine after that day: it fetches the prolonged key",
        sources: ["kubernetes/release#3818", "kubernetes/website#49049"],
    }
}

pub(in crate::check) static CODES: &[&Descriptor] = &[&SOON, &KEY];

/// So many days before the end of a system there is still time to begin with another.
const SYSTEM: i64 = 120;
/// So many days before the end of a key somebody should know.
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
        // Of one that is over already os/release-ended speaks.
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
        .label(os, "gets mends until then");
        if let Some(long) = system.lts_ends.as_ref().filter(|long| long.value > last) {
            finding = finding.note(format!("long-term support goes on until {}", long.value));
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
            format!("the key of the repository `{what}` ran out on {ends}, as far as pikc knows"),
        )
        .note("upstream has prolonged it before, with the same fingerprint: the step 55-repositories fetches it anew")
    } else {
        Diagnostic::new(
            &KEY,
            format!(
                "the key of the repository `{what}` runs out on {ends}, {left} days after {today}"
            ),
        )
        .severity(Severity::Note)
    })
}
