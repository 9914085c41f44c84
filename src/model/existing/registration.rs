//! How a machine registers: its runtime's socket, the phases and checks of kubeadm that are left out, the address
//! that its API server gives to others.

use std::net::IpAddr;

use super::values::boolean;
use super::yaml::Yaml;
use super::{labels, secret};
use crate::declare;
use crate::diagnostic::{Descriptor, Diagnostic, Diagnostics, Severity, suggest};
use crate::source::{Span, Spanned};
use crate::stdlib::KnownWords;
use crate::value::Version;

declare! {
    /// Other machines reach the API server at `advertiseAddress`: it is written into the certificate, and pods reach the API by it. A loopback
    /// address reaches a machine itself, a link-local one is not unique; kubeadm refuses both, or looks for another address in their place.
    /// `0.0.0.0` means the address of the default route, which on a machine with two networks can be the wrong one.
    ///
    /// ```yaml fails
    /// apiVersion: kubeadm.k8s.io/v1beta4
    /// kind: InitConfiguration
    /// localAPIEndpoint:
    ///   advertiseAddress: 127.0.0.1
    /// ```
    ///
    /// ```yaml
    /// apiVersion: kubeadm.k8s.io/v1beta4
    /// kind: InitConfiguration
    /// localAPIEndpoint:
    ///   advertiseAddress: 192.168.11.201
    /// ```
    pub static BAD_ADDRESS = {
        code: "kubeadm/bad-advertise-address",
        since: "0.1.0",
        severity: Error,
        title: "an address of the API server that no other machine reaches",
        help: "write the machine's address on the network that the others are in",
        no_edit: "the address of the machine is not in the file",
        sources: ["kubernetes/kubernetes cmd/kubeadm/app/util/config/common.go", "kubernetes/kubernetes cmd/kubeadm/app/util/config/initconfiguration.go"],
    }

    /// kubeadm compares the words in `ignorePreflightErrors` with the names of its checks. `all` ignores every one of them: too little memory, a
    /// port in use, swap, a kubelet of another release, and the machine fails later with a less clear message. Up to 1.27 kubeadm refused `all`
    /// in a file; next to other words it refuses it in every release. A misspelt name has no effect.
    ///
    /// ```yaml fails
    /// apiVersion: kubeadm.k8s.io/v1beta4
    /// kind: InitConfiguration
    /// nodeRegistration:
    ///   ignorePreflightErrors: [all]
    /// ```
    ///
    /// ```yaml
    /// apiVersion: kubeadm.k8s.io/v1beta4
    /// kind: InitConfiguration
    /// nodeRegistration:
    ///   ignorePreflightErrors: [NumCPU]
    /// ```
    pub static PREFLIGHT_WORDS = {
        code: "kubeadm/preflight-words",
        since: "0.1.0",
        severity: Warning,
        title: "checks of kubeadm that are ignored as a whole, or by a wrong name",
        help: "name the checks whose errors you know, as `[NumCPU, Mem]`",
        no_edit: "which checks may be ignored is a decision about the machine",
        sources: ["kubernetes/kubernetes cmd/kubeadm/app/apis/kubeadm/validation/validation.go", "kubernetes/kubernetes#119351"],
    }

    /// kubeadm stops at a phase that its command does not have: "invalid phase name". The phase of an add-on has the name of its parent in front:
    /// `addon/kube-proxy`. `kubeadm init --help` and `kubeadm join --help` list the phases of a release.
    ///
    /// ```yaml fails
    /// apiVersion: kubeadm.k8s.io/v1beta4
    /// kind: InitConfiguration
    /// skipPhases: [kube-proxy]
    /// ```
    ///
    /// ```yaml
    /// apiVersion: kubeadm.k8s.io/v1beta4
    /// kind: InitConfiguration
    /// skipPhases: [addon/kube-proxy]
    /// ```
    pub static UNKNOWN_PHASE = {
        code: "kubeadm/unknown-phase",
        since: "0.1.0",
        severity: Error,
        title: "a phase that kubeadm does not have",
        help: "`kubeadm init --help` and `kubeadm join --help` list the phases",
        no_edit: "which phase was meant is not in the file",
        sources: ["kubernetes/kubernetes cmd/kubeadm/app/cmd/phases/init"],
    }

    /// The kubelet reaches the container runtime at a socket that is written as `unix://PATH`. kubeadm puts `unix://` in front of anything that does not
    /// begin with `unix`, and so makes a path of another scheme. dockershim, the part of the kubelet that spoke with Docker, went with
    /// Kubernetes 1.24; nothing listens at its socket any more.
    ///
    /// | runtime | socket |
    /// |---|---|
    /// | containerd | `unix:///run/containerd/containerd.sock` |
    /// | CRI-O | `unix:///var/run/crio/crio.sock` |
    /// | Docker with cri-dockerd | `unix:///var/run/cri-dockerd.sock` |
    ///
    /// ```yaml fails
    /// apiVersion: kubeadm.k8s.io/v1beta4
    /// kind: InitConfiguration
    /// nodeRegistration:
    ///   criSocket: /var/run/dockershim.sock
    /// ```
    ///
    /// ```yaml
    /// apiVersion: kubeadm.k8s.io/v1beta4
    /// kind: InitConfiguration
    /// nodeRegistration:
    ///   criSocket: unix:///run/containerd/containerd.sock
    /// ```
    pub static SOCKET = {
        code: "runtime/socket",
        since: "0.1.0",
        severity: Error,
        title: "a socket at which no container runtime listens",
        help: "write `criSocket: unix:///run/containerd/containerd.sock`",
        no_edit: "it is reported for files of kubeadm only, and which runtime is installed is not in them",
        sources: ["kubernetes.io: blog/2022/02/17/dockershim-faq", "kubernetes/kubernetes cmd/kubeadm/app/apis/kubeadm/validation/validation.go"],
    }
}

pub(super) static CODES: &[&Descriptor] =
    &[&BAD_ADDRESS, &PREFLIGHT_WORDS, &UNKNOWN_PHASE, &SOCKET];

/// The words of kubeadm, and the release in which they are looked up.
#[derive(Clone, Debug, Default)]
pub(super) struct Words {
    pub init: KnownWords,
    pub join: KnownWords,
    pub checks: KnownWords,
    pub release: Option<Version>,
}

/// Checks what a document says of its machine.
pub(super) fn check(root: &Yaml, joins: bool, words: &Words, out: &mut Diagnostics) {
    let endpoint = match joins {
        true => root.at("controlPlane.localAPIEndpoint"),
        false => root.get("localAPIEndpoint"),
    };
    advertised(
        endpoint.and_then(|endpoint| endpoint.get("advertiseAddress")),
        out,
    );
    phases(root, joins, words, out);
    let Some(registration) = root.get("nodeRegistration") else {
        return;
    };
    ignored(registration, words, out);
    if let Some(found) = registration.get("criSocket").and_then(Yaml::text) {
        socket(&found, out);
    }
    for taint in registration.get("taints").map_or(&[][..], Yaml::items) {
        labels::taint(taint, out);
    }
}

fn advertised(node: Option<&Yaml>, out: &mut Diagnostics) {
    let Some((found, address)) = node
        .and_then(Yaml::text)
        .and_then(|found| Some((found.clone(), found.value.parse::<IpAddr>().ok()?)))
    else {
        return;
    };
    let local = match address {
        IpAddr::V4(address) => address.is_link_local() || address.is_broadcast(),
        IpAddr::V6(address) => address.segments()[0] & 0xffc0 == 0xfe80,
    };
    let (severity, message) = if address.is_unspecified() {
        (
            Severity::Warning,
            format!(
                "{address} stands for the address of the default route, whichever that is on the day of `init`"
            ),
        )
    } else if address.is_loopback() {
        (
            Severity::Error,
            format!("no other machine reaches an API server at {address}"),
        )
    } else if local || address.is_multicast() {
        (
            Severity::Error,
            format!("kubeadm refuses {address}: no machine can be reached at it from elsewhere"),
        )
    } else {
        return;
    };
    let finding = Diagnostic::new(&BAD_ADDRESS, message).severity(severity);
    out.push(finding.label(found.span, "the API server would be found here"));
}

fn phases(root: &Yaml, joins: bool, words: &Words, out: &mut Diagnostics) {
    let (known, command) = match joins {
        true => (&words.join, "join"),
        false => (&words.init, "init"),
    };
    if known.words.is_empty() {
        return;
    }
    for phase in root.get("skipPhases").map_or(&[][..], Yaml::items) {
        let Some(found) = phase.text() else {
            continue;
        };
        let entry = known.entry(&found.value);
        let has =
            entry.is_some_and(|entry| words.release.is_none_or(|release| entry.is_in(release)));
        if has {
            continue;
        }
        let which = match (entry, words.release) {
            (Some(_), Some(release)) => format!(" of {release}"),
            _ => String::new(),
        };
        let message = format!(
            "`kubeadm {command}`{which} has no phase {}",
            secret::quoted(&found.value)
        );
        // A list that is not confirmed for each release can be wrong about one of them, not about a phase that never existed.
        let severity = match entry.is_some() && !known.certain {
            true => Severity::Warning,
            false => Severity::Error,
        };
        let mut finding = Diagnostic::new(&UNKNOWN_PHASE, message)
            .severity(severity)
            .label(found.span, "kubeadm stops here");
        if entry.is_none() {
            let all = known.words.iter().map(|(word, _)| word.as_str());
            let below = format!("/{}", found.value);
            let near = all
                .clone()
                .find(|word| word.ends_with(&below))
                .or_else(|| suggest::nearest(&found.value, all));
            if let Some(near) = near {
                finding = finding.help(format!("did you mean `{near}`?"));
            }
        } else {
            finding = finding.help("leave the phase out");
        }
        out.push(finding);
    }
}

fn ignored(registration: &Yaml, words: &Words, out: &mut Diagnostics) {
    let all: Vec<Spanned<String>> = registration
        .get("ignorePreflightErrors")
        .map_or(&[][..], Yaml::items)
        .iter()
        .filter_map(Yaml::text)
        .collect();
    for found in &all {
        let whole = found.value.eq_ignore_ascii_case("all");
        let known = words.checks.entry("all");
        let refused = words
            .release
            .is_some_and(|release| known.is_some_and(|known| !known.is_in(release)));
        let (severity, message) = if whole && all.len() > 1 {
            (
                Severity::Error,
                "kubeadm refuses `all` next to the names of single checks".to_owned(),
            )
        } else if whole && refused {
            (
                Severity::Error,
                "kubeadm of this release refuses `all` in a file".to_owned(),
            )
        } else if whole {
            (
                Severity::Warning,
                "`all` ignores every check that kubeadm makes before it begins".to_owned(),
            )
        } else if let Some(near) = misspelt(&found.value, &words.checks) {
            let message = format!("kubeadm has no check `{}`", found.value.escape_debug());
            let finding = Diagnostic::new(&PREFLIGHT_WORDS, message)
                .label(found.span, "has no effect")
                .help(format!("did you mean `{near}`?"));
            out.push(finding);
            continue;
        } else {
            continue;
        };
        let finding = Diagnostic::new(&PREFLIGHT_WORDS, message).severity(severity);
        out.push(finding.label(found.span, "all checks"));
    }
}

/// The check that was meant, if a word is not the name of one but almost. kubeadm compares without regard to capitals.
fn misspelt<'w>(word: &str, known: &'w KnownWords) -> Option<&'w str> {
    let lower = word.to_ascii_lowercase();
    let names = || known.words.iter().map(|(name, _)| name.as_str());
    let is = |name: &str| match name.strip_suffix('*') {
        Some(start) => lower.starts_with(&start.to_ascii_lowercase()),
        None => lower == name.to_ascii_lowercase(),
    };
    match names().any(is) {
        true => None,
        false => suggest::nearest(
            word,
            names().filter(|name| !name.ends_with('*') && *name != "all"),
        ),
    }
}

fn socket(found: &Spanned<String>, out: &mut Diagnostics) {
    let text = found.value.as_str();
    let scheme = text.split_once("://").map(|(scheme, _)| scheme);
    let shown = secret::quoted(text);
    let mut severity = Severity::Error;
    let mut help = "write `criSocket: unix:///run/containerd/containerd.sock`".to_owned();
    let message = if text.contains("dockershim") {
        help = "write `unix:///run/containerd/containerd.sock`, or `unix:///var/run/cri-dockerd.sock` for Docker with cri-dockerd".to_owned();
        format!("dockershim went with Kubernetes 1.24: nothing listens at {shown}")
    } else if text.ends_with("/docker.sock") {
        help = "write `unix:///run/containerd/containerd.sock`, or `unix:///var/run/cri-dockerd.sock` for Docker with cri-dockerd".to_owned();
        format!("Docker does not speak the kubelet's protocol at {shown}")
    } else {
        match scheme {
            Some("unix") if text["unix://".len()..].starts_with('/') => return,
            Some("unix") => format!("{shown} is not an absolute path behind `unix://`"),
            Some(_) => {
                format!("{shown} is not a socket of the machine: the kubelet wants `unix://PATH`")
            }
            None if text.starts_with('/') => {
                severity = Severity::Warning;
                help = format!("write `criSocket: unix://{}`", text.escape_debug());
                format!(
                    "{shown} lacks `unix://`: kubeadm adds it, with a warning that this will end"
                )
            }
            None => format!("{shown} is not the address of a socket"),
        }
    };
    let finding = Diagnostic::new(&SOCKET, message)
        .severity(severity)
        .label(found.span, "the container runtime's socket");
    out.push(finding.help(help));
}

/// Whether the phase that brings kube-proxy is left out.
pub(super) fn skips_proxy(root: &Yaml) -> Option<Span> {
    let disabled = root.at("proxy.disabled");
    let phases = root.get("skipPhases").map_or(&[][..], Yaml::items);
    let named = phases.iter().filter_map(Yaml::text);
    named
        .into_iter()
        .find(|phase| phase.value == "addon/kube-proxy" || phase.value == "addon")
        .map(|phase| phase.span)
        .or_else(|| {
            let off = boolean(disabled)?;
            off.value.then_some(off.span)
        })
}

/// Whether the check of swap is ignored by its name.
pub(super) fn ignores_swap(root: &Yaml) -> Option<Span> {
    let all = root.at("nodeRegistration.ignorePreflightErrors")?.items();
    let mut words = all.iter().filter_map(Yaml::text);
    let word = words.find(|word| word.value.eq_ignore_ascii_case("swap"))?;
    Some(word.span)
}
