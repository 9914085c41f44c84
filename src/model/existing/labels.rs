//! Labels and taints that a file gives a machine.

use super::secret;
use super::yaml::Yaml;
use crate::declare;
use crate::diagnostic::{Descriptor, Diagnostic, Diagnostics};
use crate::source::{Span, Spanned};

declare! {
    /// The kubelet exits at a label that is not `KEY=VALUE`, or whose key or value Kubernetes does not allow. A key is an optional domain with `/`
    /// and up to 63 letters, digits, `-`, `_` and `.`, with a letter or digit at both ends; a value is the same without the domain, or empty.
    ///
    /// ```yaml fails
    /// apiVersion: kubeadm.k8s.io/v1beta4
    /// kind: InitConfiguration
    /// nodeRegistration:
    ///   kubeletExtraArgs:
    ///     - name: node-labels
    ///       value: "rack"
    /// ```
    ///
    /// ```yaml
    /// apiVersion: kubeadm.k8s.io/v1beta4
    /// kind: InitConfiguration
    /// nodeRegistration:
    ///   kubeletExtraArgs:
    ///     - name: node-labels
    ///       value: "rack=a1"
    /// ```
    pub static BAD_LABEL = {
        code: "kubelet/bad-label",
        since: "0.1.0",
        severity: Error,
        title: "a label that Kubernetes does not allow",
        help: "write `KEY=VALUE`, with letters, digits, `-`, `_` and `.`",
        no_edit: "which label was meant is not in the file",
        sources: ["kubernetes/kubernetes: cmd/kubelet/app/options/options.go (ValidateKubeletFlags)"],
    }

    /// The API server refuses a node with such a taint, and the kubelet goes on trying to register it. The key has the form of a label's key, the
    /// value that of a label's value, and the effect is `NoSchedule`, `PreferNoSchedule` or `NoExecute`.
    ///
    /// ```yaml fails
    /// apiVersion: kubeadm.k8s.io/v1beta4
    /// kind: InitConfiguration
    /// nodeRegistration:
    ///   taints:
    ///     - { key: "only for", effect: NoSchedule }
    /// ```
    ///
    /// ```yaml
    /// apiVersion: kubeadm.k8s.io/v1beta4
    /// kind: InitConfiguration
    /// nodeRegistration:
    ///   taints:
    ///     - { key: only-for, effect: NoSchedule }
    /// ```
    pub static BAD_TAINT = {
        code: "kubelet/bad-taint",
        since: "0.1.0",
        severity: Error,
        title: "a taint that Kubernetes does not allow",
        help: "write the key with letters, digits, `-`, `_` and `.`, and one of the three effects",
        no_edit: "which taint was meant is not in the file",
        sources: ["kubernetes/kubernetes pkg/apis/core/validation/validation.go"],
    }
}

pub(super) static CODES: &[&Descriptor] = &[&BAD_LABEL, &BAD_TAINT];

/// Checks a taint.
pub(super) fn taint(taint: &Yaml, out: &mut Diagnostics) {
    let (key, value) = (taint.get("key"), taint.get("value"));
    let text = |node: Option<&Yaml>| node.and_then(Yaml::text);
    let mut refuse = |place: Span, message: String| {
        out.push(Diagnostic::new(&BAD_TAINT, message).label(place, "the API server refuses this"));
    };
    match text(key) {
        Some(key) if !is_key(&key.value) => {
            refuse(
                key.span,
                format!("{} is not the key of a taint", secret::quoted(&key.value)),
            );
        }
        None if !key.is_some_and(Yaml::is_unfilled) => {
            refuse(
                super::shape::first(taint),
                "this taint has no key".to_owned(),
            );
        }
        _ => {}
    }
    if let Some(value) = text(value).filter(|value| !is_value(&value.value)) {
        refuse(
            value.span,
            format!(
                "{} is not the value of a taint",
                secret::quoted(&value.value)
            ),
        );
    }
    if taint.get("effect").is_none() {
        refuse(
            super::shape::first(taint),
            "this taint has no effect".to_owned(),
        );
    }
}

/// The labels in a value of `node-labels`, with their places; what is not a label is reported.
pub(super) fn labels(
    given: &Spanned<String>,
    out: &mut Diagnostics,
) -> Vec<(Spanned<String>, Spanned<String>)> {
    let mut all = Vec::new();
    let quote = usize::from(given.span.len() == given.value.len() + 2);
    let exact = quote == 1 || given.span.len() == given.value.len();
    let mut at = quote;
    for part in given.value.split(',') {
        let place = |from: usize, length: usize| match exact {
            true => given.span.part(from, from + length),
            false => given.span,
        };
        let whole = place(at, part.len());
        let mut refuse = |message: String| {
            let finding = Diagnostic::new(&BAD_LABEL, message);
            out.push(finding.label(whole, "the kubelet exits here"));
        };
        match part.split_once('=') {
            None => refuse(format!("{} has no `=`", secret::quoted(part))),
            Some((key, _)) if !is_key(key) => {
                refuse(format!("{} is not the key of a label", secret::quoted(key)));
            }
            Some((_, value)) if !is_value(value) => {
                refuse(format!(
                    "{} is not the value of a label",
                    secret::quoted(value)
                ));
            }
            Some((key, value)) => all.push((
                Spanned::new(key.to_owned(), place(at, key.len())),
                Spanned::new(value.to_owned(), place(at + key.len() + 1, value.len())),
            )),
        }
        at += part.len() + 1;
    }
    all
}

/// The key of a label or a taint: `[DOMAIN/]NAME`.
fn is_key(text: &str) -> bool {
    match text.split_once('/') {
        Some((domain, name)) => super::spelling::is_domain(domain) && is_name(name),
        None => is_name(text),
    }
}

fn is_name(text: &str) -> bool {
    !text.is_empty() && is_value(text)
}

/// The value of a label or a taint.
fn is_value(text: &str) -> bool {
    let edge = |c: char| c.is_ascii_alphanumeric();
    text.is_empty()
        || (text.len() <= 63
            && text.starts_with(edge)
            && text.ends_with(edge)
            && text.chars().all(|c| edge(c) || "-_.".contains(c)))
}
