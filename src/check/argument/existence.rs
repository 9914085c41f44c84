//! Whether the program of this release has an argument at all.

use super::kubelet;
use super::{Argument, Program, advice, as_read, each};
use crate::check::support::findings::Findings;
use crate::check::support::offers::instead;
use crate::declare;
use crate::diagnostic::{Descriptor, Diagnostic, Severity, suggest};
use crate::model::Model;
use crate::stdlib::Flag;

declare! {
    /// A program exits at an argument that it does not know. For a component of the control plane this means: the kubelet starts it
    /// again and again, `kubeadm init` waits four minutes and stops, and the reason is only in the log of a container.
    ///
    /// Most of these come from an older instruction: the ports without TLS (`insecure-port`, `port`) went with 1.24,
    /// `pod-eviction-timeout` with 1.27. etcd has its own releases; pikc takes that of the image that kubeadm uses.
    ///
    /// `pikc stdlib show flags/kube-apiserver` lists the arguments with their releases.
    ///
    /// ```pik fails
    /// api-server { extra-args { insecure-port = "0" } }
    /// ```
    ///
    /// ```pik
    /// api-server { extra-args { profiling = "false" } }
    /// ```
    ///
    /// ```yaml fails
    /// apiVersion: kubeadm.k8s.io/v1beta4
    /// kind: ClusterConfiguration
    /// kubernetesVersion: v1.36.4
    /// controllerManager:
    ///   extraArgs:
    ///     - { name: pod-eviction-timeout, value: 30s }
    /// ```
    ///
    /// ```yaml
    /// apiVersion: kubeadm.k8s.io/v1beta4
    /// kind: ClusterConfiguration
    /// kubernetesVersion: v1.36.4
    /// apiServer:
    ///   extraArgs:
    ///     - { name: default-unreachable-toleration-seconds, value: "30" }
    /// ```
    pub static GONE = {
        code: "argument/gone",
        since: "0.1.0",
        severity: Error,
        title: "an argument that the program of this release no longer has",
        help: "drop the argument",
        sources: ["kubernetes/kubernetes#106859", "kubernetes/kubernetes#106860", "kubernetes/kubernetes: cmd/kube-apiserver/app/options"],
    }

    /// The argument came with a later release. A program exits at an argument that it does not know.
    ///
    /// ```pik fails
    /// kubernetes = 1.35
    /// api-server { extra-args { tls-curve-preferences = "X25519" } }
    /// ```
    ///
    /// ```pik
    /// kubernetes = 1.36
    /// api-server { extra-args { tls-curve-preferences = "X25519" } }
    /// ```
    ///
    /// ```yaml fails
    /// apiVersion: kubeadm.k8s.io/v1beta4
    /// kind: ClusterConfiguration
    /// kubernetesVersion: v1.35.2
    /// apiServer:
    ///   extraArgs:
    ///     - { name: tls-curve-preferences, value: X25519 }
    /// ```
    ///
    /// ```yaml
    /// apiVersion: kubeadm.k8s.io/v1beta4
    /// kind: ClusterConfiguration
    /// kubernetesVersion: v1.36.4
    /// apiServer:
    ///   extraArgs:
    ///     - { name: tls-curve-preferences, value: X25519 }
    /// ```
    pub static NOT_YET = {
        code: "argument/not-yet",
        since: "0.1.0",
        severity: Error,
        title: "an argument that came with a later release",
        help: "drop the argument, or write a newer release in `kubernetes`",
        sources: ["kubernetes.io/docs/reference/command-line-tools-reference"],
    }

    /// A program exits at an argument that it does not know. If a known name is near, or another program has an argument of this
    /// name, it is a slip and an error. Otherwise it is a warning: the argument could be newer than the library.
    ///
    /// ```pik fails
    /// kubelet { extra-args { max-pod = "40" } }
    /// ```
    ///
    /// ```pik
    /// kubelet { max-pods = 40 }
    /// ```
    ///
    /// ```yaml fails
    /// apiVersion: kubeadm.k8s.io/v1beta4
    /// kind: ClusterConfiguration
    /// kubernetesVersion: v1.36.4
    /// apiServer:
    ///   extraArgs:
    ///     - { name: audit-log-max-age, value: "30" }
    /// ```
    ///
    /// ```yaml
    /// apiVersion: kubeadm.k8s.io/v1beta4
    /// kind: ClusterConfiguration
    /// kubernetesVersion: v1.36.4
    /// apiServer:
    ///   extraArgs:
    ///     - { name: audit-log-maxage, value: "30" }
    /// ```
    pub static UNKNOWN = {
        code: "argument/unknown",
        since: "0.1.0",
        severity: Error,
        title: "an argument that the program does not have",
        help: "look it up for your release: `pikc stdlib show flags/kube-apiserver` lists what pikc knows",
        sources: ["kubernetes.io/docs/reference/command-line-tools-reference"],
    }

    /// The argument still works, and a later release will not have it, or it has no effect any more.
    ///
    /// Nothing is said of the kubelet's arguments that its configuration file holds, too: they have been called deprecated since
    /// 1.10, and every release has them.
    ///
    /// ```pik fails
    /// kubernetes = 1.34
    /// kubelet { extra-args { pod-infra-container-image = "registry.k8s.io/pause:3.10" } }
    /// ```
    ///
    /// ```pik
    /// kubernetes = 1.34
    /// kubelet { extra-args { v = "4" } }
    /// ```
    ///
    /// ```yaml fails
    /// apiVersion: kubeadm.k8s.io/v1beta4
    /// kind: ClusterConfiguration
    /// kubernetesVersion: v1.36.4
    /// apiServer:
    ///   extraArgs:
    ///     - { name: default-watch-cache-size, value: "200" }
    /// ```
    ///
    /// ```yaml
    /// apiVersion: kubeadm.k8s.io/v1beta4
    /// kind: ClusterConfiguration
    /// kubernetesVersion: v1.36.4
    /// apiServer:
    ///   extraArgs:
    ///     - { name: goaway-chance, value: "0.001" }
    /// ```
    pub static DEPRECATED = {
        code: "argument/deprecated",
        since: "0.1.0",
        severity: Warning,
        title: "an argument that is on its way out",
        help: "drop the argument",
        sources: ["kubernetes.io/docs/reference/command-line-tools-reference"],
    }
}

pub(in crate::check) static CODES: &[&Descriptor] =
    &[&kubelet::GONE, &GONE, &NOT_YET, &UNKNOWN, &DEPRECATED];

pub(in crate::check) fn check(model: &Model, out: &mut Findings<'_>) {
    each(model, out, judge);
}

fn judge(model: &Model, program: &Program<'_>, argument: &Argument) -> Option<Diagnostic> {
    let (name, _) = argument;
    let Some(flag) = program.flags.find(&as_read(program, &name.value)) else {
        return Some(unknown(model, program, argument));
    };
    if flag.is_gone(program.release) {
        return Some(gone(model, program, flag, argument));
    }
    if !flag.is_in(program.release) {
        return Some(not_yet(model, program, flag, argument));
    }
    deprecated(program, flag, argument)
}

/// Refuses what a source confirms, and warns of the rest.
fn judged(finding: Diagnostic, flag: &Flag) -> Diagnostic {
    match flag.verified {
        true => finding,
        false => finding
            .severity(Severity::Warning)
            .note("no source confirms the history of this argument"),
    }
}

fn gone(model: &Model, program: &Program<'_>, flag: &Flag, (name, _): &Argument) -> Diagnostic {
    let code = match program.name {
        super::KUBELET => &kubelet::GONE,
        _ => &GONE,
    };
    let since = flag.gone.map(|gone| format!(" since {gone}"));
    let message = format!(
        "{} has no argument `{}`, and {} would not start",
        program.title, flag.name, program.whose
    );
    let finding = Diagnostic::new(code, message)
        .label(
            name,
            format!("no longer an argument{}", since.unwrap_or_default()),
        )
        .label(&model.cluster.kubernetes, "the release");
    let finding = match &flag.instead {
        Some(instead) => finding.help(advice(instead)),
        None => finding,
    };
    let replaced = flag
        .instead
        .as_ref()
        .is_some_and(|instead| instead.starts_with("Use "));
    judged(
        match replaced {
            true => finding,
            false => finding.remove("drop the argument", &name.origin),
        },
        flag,
    )
}

fn not_yet(model: &Model, program: &Program<'_>, flag: &Flag, (name, _): &Argument) -> Diagnostic {
    let from = flag.from.map(|from| from.to_string()).unwrap_or_default();
    let message = format!(
        "{} has no argument `{}` yet, and {} would not start: it came with {from}",
        program.title, flag.name, program.whose
    );
    let finding = Diagnostic::new(&NOT_YET, message)
        .label(name, format!("an argument from {from} on"))
        .label(&model.cluster.kubernetes, "the release")
        .remove("drop the argument", &name.origin);
    judged(finding, flag)
}

/// An argument that lasts is not worth a word: it has a field in the program's file, and no release is known without it.
fn deprecated(program: &Program<'_>, flag: &Flag, (name, _): &Argument) -> Option<Diagnostic> {
    let since = flag.deprecated.filter(|since| *since <= program.release)?;
    if flag.field().is_some() && flag.gone.is_none() {
        return None;
    }
    let end = flag
        .gone
        .map(|gone| format!(", and gone from {gone} on"))
        .unwrap_or_default();
    let message = format!(
        "`{}` of {} has been deprecated since {since}{end}",
        flag.name, program.name
    );
    let finding = Diagnostic::new(&DEPRECATED, message)
        .label(name, "deprecated")
        .choice(|it| it.remove("drop the argument", &name.origin));
    Some(match &flag.instead {
        Some(instead) => finding.help(advice(instead)),
        None => finding,
    })
}

fn unknown(model: &Model, program: &Program<'_>, (name, _): &Argument) -> Diagnostic {
    let message = format!(
        "{} has no argument `{}` that pikc knows, and {} would not start with an unknown one",
        program.title,
        name.value.escape_debug(),
        program.whose
    );
    let finding = Diagnostic::new(&UNKNOWN, message)
        .label(name, "not an argument of this program")
        .label(&model.cluster.kubernetes, "the release");
    let bare = name.value.trim_start_matches('-');
    if bare != name.value && program.flags.find(&as_read(program, bare)).is_some() {
        return finding
            .help(format!("write `{bare}`, without dashes before it"))
            .write(&name.origin, bare);
    }
    let of_others = model
        .facts
        .flags
        .values()
        .find(|other| other.find(bare).is_some());
    let own = program.flags.flags.iter();
    let own = own.filter(|flag| flag.is_in(program.release));
    let near = suggest::nearest(bare, own.map(|flag| flag.name.as_str()));
    let finding = match (of_others, near) {
        (Some(other), _) => {
            return finding.help(format!("`{bare}` is an argument of {}", other.program));
        }
        (None, Some(near)) => {
            // What pikc writes itself would be the next mistake.
            let own = program.flags.writer(near).is_some()
                || model
                    .facts
                    .setting_of_argument(program.name, near)
                    .is_some();
            instead(finding, &name.origin, (!own).then_some(near))
                .help(format!("did you mean `{near}`?"))
        }
        (None, None) => finding.severity(Severity::Warning).help(format!(
            "look it up for your release: `pikc stdlib show flags/{}` lists what pikc knows",
            program.name
        )),
    };
    // A patch release that is younger than the library may have brought one.
    match is_newer(model) {
        true => finding.severity(Severity::Warning),
        false => finding,
    }
}

fn is_newer(model: &Model) -> bool {
    let exact = model.cluster.exact.as_ref();
    exact
        .zip(model.facts.release.as_ref())
        .is_some_and(|(exact, release)| exact.value > release.latest.value)
}
