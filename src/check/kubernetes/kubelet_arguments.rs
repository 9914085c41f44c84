//! Kubelet arguments that this release no longer accepts, or that pikc or kubeadm writes.

use crate::check::support::findings::Findings;
use crate::check::support::findings::{names, verb};
use crate::declare;
use crate::diagnostic::{Descriptor, Diagnostic};
use crate::model::{Kubelet, Model};
use crate::origin::Sourced;

declare! {
    /// A kubelet that is given an argument it does not know exits at once, and kubeadm waits four minutes for it.
    ///
    /// | argument | gone from |
    /// |---|---|
    /// | `container-runtime` | 1.27 |
    /// | `pod-infra-container-image` | 1.35 |
    ///
    /// Both are often copied from older instructions. Neither needs a replacement: only one kind of runtime is left,
    /// and the sandbox image is the runtime's own setting, which pikc writes.
    ///
    /// ```pik fails
    /// kubelet { extra-args { container-runtime = remote } }
    /// ```
    ///
    /// ```pik
    /// kubelet { extra-args { v = "4" } }
    /// ```
    pub static GONE = {
        code: "kubelet/argument-gone",
        since: "0.1.0",
        severity: Error,
        title: "an argument that the kubelet of this release does not know",
        help: "drop the argument",
        sources: ["kubernetes/minikube#16124", "kubernetes/kubernetes#133778"],
    }

    /// pikc and kubeadm write these arguments from other settings: the node's address, its labels, the paths of files
    /// and of the runtime's socket. If an argument is given twice, the kubelet uses the last one, and two parts of the
    /// cluster then disagree.
    ///
    /// ```pik fails
    /// kubelet { extra-args { node-ip = "192.168.11.99" } }
    /// ```
    ///
    /// ```pik
    /// address = 192.168.11.209
    /// ```
    pub static TAKEN = {
        code: "kubelet/argument-taken",
        since: "0.1.0",
        severity: Error,
        title: "an argument that pikc or kubeadm already writes",
        help: "drop the argument",
        sources: ["kubernetes/kubernetes: cmd/kubeadm/app/phases/kubelet/flags.go", "kubernetes/kubeadm#1987"],
    }
}

pub(in crate::check) static CODES: &[&Descriptor] = &[&GONE, &TAKEN];

/// Arguments that are written from something else, and from what.
const WRITTEN: &[(&str, &str)] = &[
    ("node-ip", "the node's `address`"),
    ("node-labels", "the node's `labels` block"),
    ("register-with-taints", "the node's `taints` block"),
    ("hostname-override", "the node's name"),
    ("max-pods", "`max-pods` of `kubelet`"),
    ("feature-gates", "the `feature-gates` block of `kubelet`"),
    ("config", "kubeadm"),
    ("kubeconfig", "kubeadm"),
    ("bootstrap-kubeconfig", "kubeadm"),
    ("container-runtime-endpoint", "the runtime's socket"),
];

pub(in crate::check) fn check(model: &Model, out: &mut Findings<'_>) {
    for key in keys(&model.cluster.kubelet) {
        if let Some(finding) = gone(model, key, "every kubelet").or_else(|| taken(key)) {
            out.push(finding);
        }
    }
    out.blocks(|settings, nodes| {
        let whose = format!(
            "the {} of {}",
            verb(nodes, "kubelet", "kubelets"),
            names(nodes)
        );
        keys(&settings.kubelet).find_map(|key| gone(model, key, &whose))
    });
    out.blocks(|settings, _| keys(&settings.kubelet).find_map(taken));
}

fn keys(kubelet: &Kubelet) -> impl Iterator<Item = &Sourced<String>> {
    kubelet.extra_args.iter().map(|(key, _)| key)
}

fn gone(model: &Model, key: &Sourced<String>, whose: &str) -> Option<Diagnostic> {
    let release = model.facts.release.as_ref()?;
    release
        .gone_arguments
        .contains(&key.value.as_str())
        .then(|| {
            Diagnostic::new(
                &GONE,
                format!(
                    "Kubernetes {} has no argument `{}`, and {whose} would not start",
                    release.name, key.value
                ),
            )
            .label(key, "no longer an argument")
            .label(&model.cluster.kubernetes, "the release")
            .remove("drop the argument", &key.origin)
        })
}

fn taken(key: &Sourced<String>) -> Option<Diagnostic> {
    let (_, by) = WRITTEN.iter().find(|(name, _)| *name == key.value)?;
    Some(
        Diagnostic::new(
            &TAKEN,
            format!(
                "the argument `{}` is written from something else: {by}",
                key.value
            ),
        )
        .label(key, "a second one"),
    )
}
