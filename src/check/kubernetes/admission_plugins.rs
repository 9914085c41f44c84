//! Admission plugins of the API server: the release has them, and each is turned on or off once.

use crate::check::argument::{advice, place};
use crate::check::support::findings::Findings;
use crate::declare;
use crate::diagnostic::{Descriptor, Diagnostic, Severity, suggest};
use crate::model::{Model, Pairs};
use crate::origin::Sourced;
use crate::stdlib::{AdmissionPlugins, Release, Stage};

declare! {
    /// The API server exits if it is told to turn a plugin on or off that it does not have: "unknown admission plugin". The cluster
    /// then has no API server. `PodSecurityPolicy`, from many older instructions, went with 1.25.
    ///
    /// A name that is near to a known one is a slip and an error, as is a plugin of another release. Any other name is a warning:
    /// it could be newer than the library. `pikc stdlib show admission-plugins/kube-apiserver` lists the plugins.
    ///
    /// ```pik fails
    /// api-server { admission { enable = [PodSecurityPolicy] } }
    /// ```
    ///
    /// ```pik
    /// api-server { admission { enable = [AlwaysPullImages] } }
    /// ```
    ///
    /// ```yaml fails
    /// apiVersion: kubeadm.k8s.io/v1beta4
    /// kind: ClusterConfiguration
    /// kubernetesVersion: v1.36.4
    /// apiServer:
    ///   extraArgs:
    ///     - { name: enable-admission-plugins, value: "NodeRestriction,PodSecurityPolicy" }
    /// ```
    ///
    /// ```yaml
    /// apiVersion: kubeadm.k8s.io/v1beta4
    /// kind: ClusterConfiguration
    /// kubernetesVersion: v1.36.4
    /// apiServer:
    ///   extraArgs:
    ///     - { name: enable-admission-plugins, value: "NodeRestriction,AlwaysPullImages" }
    /// ```
    pub static UNKNOWN = {
        code: "admission/unknown-plugin",
        since: "0.1.0",
        severity: Error,
        title: "an admission plugin that the API server of this release does not have",
        help: "drop the plugin",
        sources: ["kubernetes/kubernetes: pkg/kubeapiserver/options/plugins.go", "kubernetes/apiserver: pkg/server/options/admission.go"],
    }

    /// The API server exits if one plugin is both turned on and turned off.
    ///
    /// ```pik fails
    /// api-server { admission { enable = [AlwaysPullImages], disable = [AlwaysPullImages] } }
    /// ```
    ///
    /// ```pik
    /// api-server { admission { enable = [AlwaysPullImages], disable = [DefaultStorageClass] } }
    /// ```
    ///
    /// ```yaml fails
    /// apiVersion: kubeadm.k8s.io/v1beta4
    /// kind: ClusterConfiguration
    /// kubernetesVersion: v1.36.4
    /// apiServer:
    ///   extraArgs:
    ///     - { name: enable-admission-plugins, value: "NodeRestriction,AlwaysPullImages" }
    ///     - { name: disable-admission-plugins, value: AlwaysPullImages }
    /// ```
    ///
    /// ```yaml
    /// apiVersion: kubeadm.k8s.io/v1beta4
    /// kind: ClusterConfiguration
    /// kubernetesVersion: v1.36.4
    /// apiServer:
    ///   extraArgs:
    ///     - { name: enable-admission-plugins, value: "NodeRestriction,AlwaysPullImages" }
    ///     - { name: disable-admission-plugins, value: DefaultStorageClass }
    /// ```
    pub static ON_AND_OFF = {
        code: "admission/on-and-off",
        since: "0.1.0",
        severity: Error,
        title: "an admission plugin that is turned on and off",
        help: "keep it in one of the two lists",
        sources: ["kubernetes/apiserver: pkg/server/options/admission.go (Validate)"],
    }

    /// Most plugins that a cluster needs are on by themselves, and kubeadm turns `NodeRestriction` on. Naming them again changes
    /// nothing.
    ///
    /// ```pik fails
    /// api-server { admission { enable = [LimitRanger] } }
    /// ```
    ///
    /// ```pik
    /// api-server { admission { enable = [AlwaysPullImages] } }
    /// ```
    ///
    /// ```yaml fails
    /// apiVersion: kubeadm.k8s.io/v1beta4
    /// kind: ClusterConfiguration
    /// kubernetesVersion: v1.36.4
    /// apiServer:
    ///   extraArgs:
    ///     - { name: enable-admission-plugins, value: "NodeRestriction,LimitRanger" }
    /// ```
    ///
    /// ```yaml
    /// apiVersion: kubeadm.k8s.io/v1beta4
    /// kind: ClusterConfiguration
    /// kubernetesVersion: v1.36.4
    /// apiServer:
    ///   extraArgs:
    ///     - { name: enable-admission-plugins, value: NodeRestriction }
    /// ```
    pub static ALREADY_ON = {
        code: "admission/already-on",
        since: "0.1.0",
        severity: Note,
        title: "an admission plugin that is on by default",
        help: "drop the plugin from the list",
        sources: ["kubernetes/kubernetes: pkg/kubeapiserver/options/plugins.go (DefaultOffAdmissionPlugins)"],
    }

    /// kubeadm turns on `NodeRestriction` with this very argument, and an argument in its file takes the place of kubeadm's own. Without
    /// the plugin, the kubelet of one machine may change the objects of all others, and their labels.
    ///
    /// ```yaml fails
    /// apiVersion: kubeadm.k8s.io/v1beta4
    /// kind: ClusterConfiguration
    /// kubernetesVersion: v1.36.4
    /// apiServer:
    ///   extraArgs:
    ///     - { name: enable-admission-plugins, value: AlwaysPullImages }
    /// ```
    ///
    /// ```yaml
    /// apiVersion: kubeadm.k8s.io/v1beta4
    /// kind: ClusterConfiguration
    /// kubernetesVersion: v1.36.4
    /// apiServer:
    ///   extraArgs:
    ///     - { name: enable-admission-plugins, value: "NodeRestriction,AlwaysPullImages" }
    /// ```
    pub static LOST = {
        code: "admission/node-restriction-lost",
        since: "0.1.0",
        severity: Warning,
        title: "a list of admission plugins that drops kubeadm's own",
        help: "add `NodeRestriction` to the list",
        no_edit: "it is reported for files of kubeadm only, whose list of plugins can be in an argument with other parts",
        sources: ["kubernetes/kubernetes: cmd/kubeadm/app/phases/controlplane/manifests.go", "kubernetes.io/docs/reference/access-authn-authz/admission-controllers"],
    }
}

pub(in crate::check) static CODES: &[&Descriptor] = &[&UNKNOWN, &ON_AND_OFF, &ALREADY_ON, &LOST];

/// What kubeadm turns on.
const OWN: &str = "NodeRestriction";

pub(in crate::check) fn check(model: &Model, out: &mut Findings<'_>) {
    let facts = &model.facts;
    let Some((release, known)) = facts
        .release
        .as_deref()
        .zip(facts.admission_plugins.as_deref())
    else {
        return;
    };
    let api_server = &model.cluster.control_plane.api_server;
    let arguments = &api_server.component.extra_args;
    let of_file = |name| match model.is_spec() {
        // A spec has settings for both, and is told so.
        true => Vec::new(),
        false => listed(arguments, name),
    };
    let on = [
        api_server.enable.clone(),
        of_file("enable-admission-plugins"),
    ]
    .concat();
    let off = [
        api_server.disable.clone(),
        of_file("disable-admission-plugins"),
    ]
    .concat();
    for name in on.iter().chain(&off) {
        if let Some(finding) = unknown(release, known, name) {
            out.push(finding.label(&model.cluster.kubernetes, "the release"));
        }
    }
    for name in &on {
        if let Some(other) = off.iter().find(|other| other.value == name.value) {
            let message = format!(
                "`{}` is turned on and off, and the API server would not start",
                name.value
            );
            let finding = Diagnostic::new(&ON_AND_OFF, message);
            let finding = finding.label(name, "on").label(other, "off");
            out.push(finding.choice(|it| {
                it.remove_element("leave it on", &other.origin)
                    .remove_element("leave it off", &name.origin)
            }));
        }
    }
    already_on(model, release, known, &on, out);
    if let Some(first) = on.first()
        && !model.is_spec()
        && on.iter().chain(&off).all(|name| name.value != OWN)
    {
        let message = format!("kubeadm's own `{OWN}` is not in the list that takes its place");
        out.push(Diagnostic::new(&LOST, message).label(first, "the list begins here"));
    }
}

/// The names in an argument, each with its place.
fn listed(arguments: &Pairs, name: &str) -> Vec<Sourced<String>> {
    let given = arguments.iter().filter(|(own, _)| own.value == name);
    let parts = given.flat_map(|(_, value)| {
        let mut at = 0;
        let part = |part: &str| {
            let blank = part.len() - part.trim_start().len();
            let origin = place(value, at + blank, part.trim().len());
            at += part.len() + 1;
            Sourced::new(part.trim().to_owned(), origin)
        };
        value.value.split(',').map(part).collect::<Vec<_>>()
    });
    parts.filter(|name| !name.value.is_empty()).collect()
}

fn unknown(
    release: &Release,
    known: &AdmissionPlugins,
    name: &Sourced<String>,
) -> Option<Diagnostic> {
    let plugin = name.value.escape_debug();
    let would = "and the API server would not start";
    let Some(history) = known.history(&name.value) else {
        let message = format!(
            "Kubernetes {} has no admission plugin `{plugin}` that pikc knows, {would} with an unknown one",
            release.name
        );
        let finding =
            Diagnostic::new(&UNKNOWN, message).label(name, "not a plugin that pikc knows");
        let names = known.plugins.iter().map(|(name, _)| name.as_str());
        return Some(match suggest::nearest(&name.value, names) {
            Some(near) => finding
                .help(format!("did you mean `{near}`?"))
                .write(&name.origin, near),
            None => finding.severity(Severity::Warning).help(
                "look it up for your release: `pikc stdlib show admission-plugins/kube-apiserver`",
            ),
        });
    };
    let message = match known.at(&name.value, release.version) {
        None => {
            let first = history.first().map(|(first, _)| first.to_string());
            format!(
                "Kubernetes {} has no admission plugin `{plugin}` yet, {would}: it came with {}",
                release.name,
                first.unwrap_or_default()
            )
        }
        Some(Stage::Gone) => format!(
            "Kubernetes {} has no admission plugin `{plugin}` any more, {would}",
            release.name
        ),
        Some(_) => return None,
    };
    let mut finding = Diagnostic::new(&UNKNOWN, message)
        .label(name, "not a plugin of this release")
        .remove_element("drop the plugin", &name.origin);
    if known.doubtful.contains(&name.value) {
        finding = finding.severity(Severity::Warning);
    }
    let instead = known.instead.iter().find(|(own, _)| *own == name.value);
    Some(match instead {
        Some((_, instead)) => finding.help(advice(instead)),
        None => finding,
    })
}

fn already_on(
    model: &Model,
    release: &Release,
    known: &AdmissionPlugins,
    on: &[Sourced<String>],
    out: &mut Findings<'_>,
) {
    // In a file, the list takes the place of kubeadm's own.
    let is_on = |name: &&Sourced<String>| match name.value.as_str() {
        OWN => model.is_spec(),
        name => known.at(name, release.version) == Some(Stage::On),
    };
    let found: Vec<&Sourced<String>> = on.iter().filter(is_on).collect();
    let Some(first) = found.first() else { return };
    let message = match found.len() {
        1 => format!("`{}` is on by default", first.value),
        count => format!("`{}` and {} more are on by default", first.value, count - 1),
    };
    let mut finding = Diagnostic::new(&ALREADY_ON, message);
    for name in found {
        finding = finding
            .label(name, "on by default")
            .remove_element("drop the plugin", &name.origin);
    }
    out.push(finding);
}
