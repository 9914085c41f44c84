//! Versions: the release that the files ask for, and whether its kubeadm reads them.

use super::kubeadm::{KUBEADM, head};
use super::values;
use super::yaml::{Value, Yaml};
use crate::declare;
use crate::diagnostic::{Descriptor, Diagnostic, Diagnostics, Severity};
use crate::model::cluster::Builder;
use crate::model::facts::{Facts, UNKNOWN_RELEASE};
use crate::origin::{Origin, Sourced};
use crate::source::Spanned;
use crate::stdlib::{KubeadmDocument, Release, Word};
use crate::value::{self, Type, Val, Version};

declare! {
    /// Each release of kubeadm reads certain versions of its own file and refuses the others: "your configuration file uses an old API
    /// spec". v1beta2 ended with 1.26, v1beta3 ends with 1.36; v1beta4 exists from 1.31 on.
    ///
    /// `kubeadm config migrate --old-config FILE` of a release that reads both writes the new one.
    ///
    /// ```yaml fails
    /// apiVersion: kubeadm.k8s.io/v1beta2
    /// kind: ClusterConfiguration
    /// kubernetesVersion: v1.36.4
    /// ```
    ///
    /// ```yaml
    /// apiVersion: kubeadm.k8s.io/v1beta4
    /// kind: ClusterConfiguration
    /// kubernetesVersion: v1.36.4
    /// ```
    pub static API_VERSION = {
        code: "kubeadm/api-version",
        since: "0.1.0",
        severity: Error,
        title: "a kubeadm file of a version that this kubeadm does not read",
        help: "`kubeadm config migrate --old-config FILE --new-config FILE` of a release that reads both",
        sources: ["kubernetes/kubernetes#136016", "kubernetes/kubernetes#125029", "kubernetes-sigs/image-builder#2151"],
    }

    /// Without `kubernetesVersion` kubeadm looks up the newest release on the network. That can be a minor release newer than the
    /// packages on the machine, which kubeadm refuses; and next week it is another one.
    ///
    /// ```yaml fails
    /// apiVersion: kubeadm.k8s.io/v1beta4
    /// kind: ClusterConfiguration
    /// networking:
    ///   podSubnet: 10.244.0.0/16
    /// ```
    ///
    /// ```yaml
    /// apiVersion: kubeadm.k8s.io/v1beta4
    /// kind: ClusterConfiguration
    /// kubernetesVersion: v1.36.4
    /// networking:
    ///   podSubnet: 10.244.0.0/16
    /// ```
    pub static VERSION_OPEN = {
        code: "kubeadm/version-open",
        since: "0.1.0",
        severity: Warning,
        title: "a cluster whose release is chosen on the day it is created",
        help: "write the version of the packages on the machine: `kubernetesVersion: v1.36.4`",
        no_edit: "which release is wanted is not in the file",
        sources: ["kubernetes/kubernetes cmd/kubeadm/app/apis/kubeadm/v1beta4/defaults.go"],
    }
}

pub(super) static CODES: &[&Descriptor] = &[&API_VERSION, &VERSION_OPEN];

/// The release that the files ask for.
pub(super) fn version(roots: &[Yaml], out: &mut Diagnostics) -> Option<Sourced<Version>> {
    for root in roots {
        let Some((_, kind)) = head(root) else {
            continue;
        };
        if kind.value != "ClusterConfiguration" {
            continue;
        }
        let open = |place, what: &str| {
            Diagnostic::new(
                &VERSION_OPEN,
                format!("{what}: kubeadm looks up the release on the network"),
            )
            .label(place, "the newest release on the day of `init`")
        };
        let node = root.get("kubernetesVersion");
        let number = node.is_some_and(|node| {
            matches!(&node.value, Value::Scalar { text, plain: true } if text.parse::<f64>().is_ok())
        });
        if node.is_some_and(Yaml::is_unfilled) {
            return None;
        }
        let Some(found) = node.and_then(Yaml::said) else {
            out.push(open(kind.span, "there is no `kubernetesVersion`"));
            return None;
        };
        let text = found.value.trim();
        if text.starts_with("stable") || text.starts_with("latest") || text.starts_with("ci/") {
            out.push(open(
                found.span,
                &format!("`{}` is a moving name", text.escape_debug()),
            ));
            return None;
        }
        return match value::parse(Type::Version, text.strip_prefix('v').unwrap_or(text)) {
            Ok(Val::Version(version)) => {
                // Without quotes it is a number: the type check reports that.
                if version.patch.is_none() && !number {
                    let help = "write all three numbers, as in `v1.36.4`";
                    values::refuse(&found, "is not an exact version", help, out);
                }
                Some(Sourced::new(version, Origin::Written(found.span)))
            }
            _ => {
                let help = "write the version of the packages, as in `v1.36.4`";
                values::refuse(&found, "is not a version of Kubernetes", help, out);
                None
            }
        };
    }
    None
}

/// Checks the API version of a kubeadm document: what follows `kubeadm.k8s.io/`.
pub(super) fn api(
    version: &str,
    api: &Spanned<String>,
    release: &Release,
    asked: Option<&Sourced<Version>>,
    out: &mut Diagnostics,
) {
    let place = asked;
    let place = place.and_then(|version| version.origin.span());
    let finding = |severity: Severity, message: String| {
        Diagnostic::new(&API_VERSION, message)
            .severity(severity)
            .label(api.span, "this version of the file")
            .label(place, "this release")
    };
    if version == EXPERIMENTAL && !release.kubeadm_reads.iter().any(|known| known == version) {
        let message = format!(
            "`{KUBEADM}{version}` is experimental: kubeadm refuses it, and {} does not need it",
            release.name
        );
        let own = release.kubeadm_api.value.word();
        out.push(
            finding(Severity::Error, message).help(format!("write `apiVersion: {KUBEADM}{own}`")),
        );
    } else if !release.kubeadm_reads.iter().any(|known| known == version) {
        let reads = release.kubeadm_reads.join(" and ");
        let message = format!(
            "kubeadm {} does not read {}: it reads {reads}",
            release.name,
            version.escape_debug()
        );
        out.push(finding(Severity::Error, message));
    } else if release.kubeadm_api.value.word() != version {
        let message = format!(
            "kubeadm {} still reads {version}, but its own version is {}",
            release.name,
            release.kubeadm_api.value.word()
        );
        out.push(finding(Severity::Warning, message));
    }
}

/// The API version after the beta versions, a copy of the last of them that no release uses yet.
const EXPERIMENTAL: &str = "v1";

/// Checks the API version of a kubeadm document if no file names the release: some are read by no release at all.
pub(super) fn api_alone(api: &Spanned<String>, known: &[KubeadmDocument], out: &mut Diagnostics) {
    let version = api.value.strip_prefix(KUBEADM).unwrap_or_default();
    let finding = |severity: Severity, message: String| {
        Diagnostic::new(&API_VERSION, message)
            .severity(severity)
            .label(api.span, "this version of the file")
    };
    let Some(document) = known.iter().find(|one| one.api == api.value) else {
        let old = version.starts_with("v1alpha") || version.starts_with("v1beta");
        let newest = known.iter().filter(|one| one.api.starts_with(KUBEADM));
        let newest = newest.map(|one| one.api.as_str()).max().unwrap_or_default();
        let finding = match old && api.value.as_str() < newest {
            true => finding(
                Severity::Error,
                format!("no kubeadm from 1.24 on reads {}", version.escape_debug()),
            ),
            false => finding(
                Severity::Warning,
                format!(
                    "pikc does not know {}: nothing in it is checked",
                    version.escape_debug()
                ),
            ),
        };
        out.push(finding);
        return;
    };
    // A version that releases of today still read says nothing about the release.
    if let Some(gone) = document.gone
        && document.deprecated.is_some_and(|since| since <= FIRST)
    {
        let message = format!("no kubeadm from {gone} on reads {}", version.escape_debug());
        out.push(finding(Severity::Error, message));
    }
}

/// The first release whose documents are in the tables.
const FIRST: Version = Version::line(1, 24);

/// Checks the API version of a document for the kubelet or kube-proxy: kubeadm reads one of each.
pub(super) fn component(
    api: &Spanned<String>,
    kind: &Spanned<String>,
    known: &[KubeadmDocument],
    out: &mut Diagnostics,
) {
    let own = known.iter().find(|one| one.kind == kind.value);
    let Some(own) = own.filter(|own| own.api != api.value && !own.api.starts_with(KUBEADM)) else {
        return;
    };
    let group = |api: &str| api.split('/').next().map(str::to_owned);
    if group(&own.api) != group(&api.value) {
        return;
    }
    let message = format!(
        "kubeadm reads a {} of `{}` only, not of `{}`",
        kind.value,
        own.api,
        api.value.escape_debug()
    );
    let finding = Diagnostic::new(&API_VERSION, message).label(api.span, "kubeadm stops here");
    out.push(
        finding
            .help(format!("write `apiVersion: {}`", own.api))
            .fix(format!("write `{}`", own.api), api.span, own.api.clone()),
    );
}

/// Findings about the release, with what to write in a file: the newest patch of a release that networks and runtimes have caught up with.
pub(super) fn in_own_words(found: &Diagnostics, facts: &Facts, builder: &mut Builder<'_>) {
    for finding in found.iter() {
        let mut finding = finding.clone();
        let known = facts.known_releases.iter().rev();
        let line = known.clone().nth(1).or(known.clone().next());
        if finding.descriptor.code == UNKNOWN_RELEASE.code
            && let Some(line) = line
        {
            let name = line.to_string();
            let release = builder.library.release(&name, builder.sources, builder.out);
            let newest = release.map_or(*line, |release| release.latest.value);
            finding = finding.help(format!("write `kubernetesVersion: v{newest}`"));
            finding.fixes.clear();
        }
        builder.out.push(finding);
    }
}
