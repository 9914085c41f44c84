//! The runtime's package: there is one for each machine, and the kubelet can work with it.

use crate::check::support::findings::Findings;
use crate::check::support::findings::{names, verb};
use crate::check::support::offers::{instead, left_out};
use crate::declare;
use crate::diagnostic::{Descriptor, Diagnostic};
use crate::model::{Model, Node, NodeSettings, RuntimeChoice};
use crate::origin::Origin;
use crate::stdlib::{CriVersion, PackageManager, Repository, RuntimeConfig, System};
use crate::value::Version;

declare! {
    /// The standard library knows which containerd each release of a system has in its archive. It knows nothing about
    /// a system from a folder of your own; and a package for another architecture does not help.
    ///
    /// ```pik library fails
    /// os debian-14 {
    ///   title  = "Debian 14 (forky)"
    ///   family = debian
    /// }
    /// ```
    ///
    /// ```pik
    /// runtime containerd { source = upstream }
    /// ```
    pub static NONE = {
        code: "runtime/no-package",
        since: "0.1.0",
        severity: Error,
        title: "a system without a package of the runtime",
        help: "install it from upstream's repository, or choose another runtime or system",
        sources: ["containerd/containerd RELEASES.md", "docs/stdlib.md"],
    }

    /// The kubelet and the runtime talk to each other over CRI. From 1.26 on the kubelet knows version 1 of it only,
    /// and containerd speaks that from 1.6 on: an older one answers "unknown service runtime.v1.RuntimeService", and
    /// the node never becomes Ready.
    ///
    /// ```pik fails
    /// runtime containerd { }
    /// os    = debian-11
    /// board = generic-amd64
    /// memory = 4GiB
    /// cpus   = 4
    /// ```
    ///
    /// ```pik
    /// runtime containerd { source = upstream }
    /// os    = debian-12
    /// board = generic-amd64
    /// memory = 4GiB
    /// cpus   = 4
    /// ```
    pub static TOO_OLD = {
        code: "runtime/too-old",
        since: "0.1.0",
        severity: Error,
        title: "a runtime that the kubelet cannot talk to",
        help: "write `source = upstream`, or choose a newer system",
        sources: ["containerd/containerd#8139", "containerd/containerd#4581", "containerd/containerd RELEASES.md"],
    }

    /// It works, but its project tests this release of Kubernetes with newer ones. What is missing shows late:
    /// containerd before 2.0 does not tell the kubelet its cgroup driver, kubeadm warns about it, and the kubelet of
    /// 1.38 is to refuse it.
    ///
    /// Installing it from the system's archive has an advantage: the system's maintainers fix it for as long as the
    /// system is supported. If that counts for more, allow the warning.
    ///
    /// ```pik fails
    /// runtime containerd { }
    /// ```
    ///
    /// ```pik
    /// runtime containerd { source = upstream }
    /// ```
    pub static NOT_RECOMMENDED = {
        code: "runtime/older-than-recommended",
        since: "0.1.0",
        severity: Warning,
        title: "a runtime that is older than its project recommends",
        help: "write `source = upstream`",
        sources: ["containerd/containerd RELEASES.md", "kubernetes/kubeadm#3229", "kubernetes/kubernetes#139267"],
    }

    /// A system's archive has one release of the runtime. Which one that is depends on the system, and a line that
    /// names another changes nothing.
    ///
    /// ```pik fails
    /// runtime containerd { version = 2.2 }
    /// ```
    ///
    /// ```pik
    /// runtime containerd {
    ///   source  = upstream
    ///   version = 2.2
    /// }
    /// ```
    pub static NO_CHOICE = {
        code: "runtime/version-not-chosen",
        since: "0.1.0",
        severity: Warning,
        title: "a release of the runtime where there is no choice",
        help: "write `source = upstream`, or leave `version` out",
        sources: ["docs/language.md"],
    }

    /// This release has never been seen in the repository. If it is there by now, all is well; if not, apt finds no
    /// package on the machine.
    ///
    /// ```pik fails
    /// runtime containerd {
    ///   source  = upstream
    ///   version = 9.9
    /// }
    /// ```
    ///
    /// ```pik
    /// runtime containerd { source = upstream }
    /// ```
    pub static UNSEEN = {
        code: "runtime/release-unseen",
        since: "0.1.0",
        severity: Warning,
        title: "a release of the runtime that the library has not seen",
        help: "leave `version` out: the newest release that was seen is used",
        sources: ["docker/docs engine/install/debian.md"],
    }
}

pub(in crate::check) static CODES: &[&Descriptor] =
    &[&NONE, &TOO_OLD, &NOT_RECOMMENDED, &NO_CHOICE, &UNSEEN];

pub(in crate::check) fn check(model: &Model, out: &mut Findings<'_>) {
    let (Some(choice), Some(runtime)) = (&model.cluster.runtime, &model.facts.runtime) else {
        return;
    };
    if let (Some(written), true) = (&choice.version, model.runtime_from_archive()) {
        let message = format!(
            "`version` changes nothing: {} comes from the archive of each machine's system",
            runtime.title
        );
        let finding = Diagnostic::new(&NO_CHOICE, message).label(written, "nothing reads this");
        let finding = from_upstream(finding, model, choice);
        out.push(left_out(finding, "version", &written.origin));
    }
    if let (Some(written), Some(repository)) = (&choice.version, model.runtime_repository())
        && !runtime.same_minor
        && model.cluster.mirror.url(&repository.name).is_none()
    {
        unseen(
            &runtime.title,
            written.value.without_patch(),
            repository,
            &written.origin,
            out,
        );
    }
    out.blocks(|settings, nodes| none(model, settings, nodes));
    out.blocks(|settings, nodes| too_old(model, settings, nodes));
    out.blocks(|settings, nodes| not_recommended(model, settings, nodes));
}

fn unseen(
    title: &str,
    version: Version,
    repository: &Repository,
    place: &Origin,
    out: &mut Findings<'_>,
) {
    let first = repository.first.value;
    let last = repository.last.as_ref().map_or(first, |last| last.value);
    if version < first || version > last {
        let message = format!(
            "{title} {version} was not seen in its repository, which had {first} to {last}"
        );
        let finding = Diagnostic::new(&UNSEEN, message).label(place.span(), "may not exist there");
        out.push(left_out(finding, "version", place));
    }
}

fn none(model: &Model, settings: &NodeSettings, nodes: &[&Node]) -> Option<Diagnostic> {
    let (os, board) = (settings.os.as_ref()?, settings.board.as_ref()?);
    let choice = model.cluster.runtime.as_ref()?;
    let runtime = model.facts.runtime.as_ref()?;
    let architecture = &board.value.architecture.value;
    let repository = model.runtime_repository();
    let offered = repository.map_or(&runtime.architectures, |own| &own.architectures);
    // A system that does not run on its board is another mistake, reported elsewhere.
    if !os.value.architectures.contains(architecture) {
        return None;
    }
    let from_archive = model.runtime_from_archive();
    let without = |own: &Repository| {
        os.value.package_manager.value == PackageManager::Dnf && own.rpm.is_none()
    };
    let (why, place, said) = if let Some(own) = repository.filter(|own| without(own)) {
        let why = format!(
            "the library has no packages of {} for dnf ({}), which {} has",
            runtime.title, own.name, os.value.title
        );
        (why, &os.origin, "its packages are for dnf")
    } else if from_archive && runtime.distribution(&os.value.name).is_none() {
        let why = format!(
            "which {} {} has is not known",
            runtime.title, os.value.title
        );
        (why, &os.origin, "no package is known for this system")
    } else if !offered.contains(architecture) || !runtime.architectures.contains(architecture) {
        let why = format!("{} does not exist for {architecture}", runtime.title);
        (why, &board.origin, "no package for this architecture")
    } else {
        return None;
    };
    let finding = Diagnostic::new(&NONE, format!("{}: {why}", names(nodes)))
        .label(place.span(), said)
        .label(&choice.name, "the runtime");
    let upstream = model.facts.runtime_repository.as_ref();
    let upstream = upstream.filter(|own| !without(own));
    Some(match from_archive {
        true if upstream.is_some_and(|own| own.architectures.contains(architecture)) => {
            from_upstream(finding, model, choice).help(
                "write `source = upstream` in the runtime, or name its release in a library folder",
            )
        }
        true => finding.help(
            "name its release in a library folder, or choose another runtime or another board",
        ),
        false => finding,
    })
}

/// Offers upstream's repository in place of the archives of the machines' systems.
fn from_upstream(finding: Diagnostic, model: &Model, choice: &RuntimeChoice) -> Diagnostic {
    if !model.runtime_from_archive() {
        return finding;
    }
    let written = choice
        .source
        .as_ref()
        .filter(|source| source.origin.is_written());
    match (written, &choice.name.origin) {
        (Some(source), _) => instead(finding, &source.origin, ["upstream"]),
        (None, Origin::Written(span)) => {
            let line = "source = upstream";
            finding.choice(|it| it.add_inside(format!("add `{line}`"), *span, line))
        }
        (None, _) => finding,
    }
}

/// The runtime that a machine gets and its newest version, in words.
fn title(model: &Model, system: &System) -> Option<String> {
    let own = model.packaged(system)?;
    let title = &own.runtime.title;
    let newest = own.at_most();
    Some(match own.repository {
        Some(_) => format!("{title} {newest}"),
        None => format!("{}'s {title} {newest}", system.title),
    })
}

fn too_old(model: &Model, settings: &NodeSettings, nodes: &[&Node]) -> Option<Diagnostic> {
    let os = settings.os.as_ref()?;
    let choice = model.cluster.runtime.as_ref()?;
    let runtime = model.facts.runtime.as_ref()?;
    let release = model.facts.release.as_ref()?;
    let newest = model.packaged(&os.value)?.at_most();
    let before = |first: &Version| newest.without_patch() < first.without_patch();
    let cri = runtime.cri_v1.as_ref().map(|first| first.value);
    let driver = runtime
        .tells_cgroup_driver
        .as_ref()
        .map(|first| first.value);
    let (why, first) = match (cri, driver) {
        (Some(first), _) if release.cri.value == CriVersion::V1 && before(&first) => {
            ("speaks version 1 of CRI only", first)
        }
        (_, Some(first))
            if release.runtime_config.value == RuntimeConfig::Error && before(&first) =>
        {
            ("asks the runtime for the cgroup driver", first)
        }
        _ => return None,
    };
    let kubernetes = model.cluster.kubernetes.as_ref()?;
    let what = title(model, &os.value)?;
    Some(
        Diagnostic::new(
            &TOO_OLD,
            format!(
                "{} would get {what}, and the kubelet of {} {why}: {} {first} or newer",
                names(nodes),
                release.name,
                runtime.title
            ),
        )
        .label(os, "brings this runtime")
        .label(&choice.name, "installed from there")
        .label(kubernetes, "cannot talk to it"),
    )
    .map(|finding| from_upstream(finding, model, choice))
}

fn not_recommended(model: &Model, settings: &NodeSettings, nodes: &[&Node]) -> Option<Diagnostic> {
    let os = settings.os.as_ref()?;
    let choice = model.cluster.runtime.as_ref()?;
    let runtime = model.facts.runtime.as_ref()?;
    let release = model.facts.release.as_ref()?;
    if too_old(model, settings, nodes).is_some() {
        return None;
    }
    let newest = model.packaged(&os.value)?.at_most();
    let suits = runtime
        .suits
        .iter()
        .find(|suits| suits.kubernetes == release.version)?;
    let line = newest.without_patch();
    let own = suits
        .least
        .iter()
        .find(|least| least.value.without_patch() == line);
    let good = match own {
        // A line without a patch release counts as its newest one.
        Some(least) => newest.patch.is_none() || newest >= least.value,
        None => suits.least.iter().any(|least| least.value < line),
    };
    if good {
        return None;
    }
    let least: Vec<String> = suits
        .least
        .iter()
        .map(|least| least.value.to_string())
        .collect();
    let what = title(model, &os.value)?;
    Some(
        Diagnostic::new(
            &NOT_RECOMMENDED,
            format!(
                "{} {} {what}; for Kubernetes {} its project recommends {} or newer",
                names(nodes),
                verb(nodes, "gets", "get"),
                release.name,
                least.join(", ")
            ),
        )
        .label(&choice.name, "this runtime")
        .label(os, "this system's archive has it"),
    )
    .map(|finding| from_upstream(finding, model, choice))
}
