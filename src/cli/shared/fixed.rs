//! A tree that was made from another spec of the same cluster: what a cluster that runs cannot follow.

use crate::Compiled;
use crate::declare;
use crate::diagnostic::{Descriptor, Diagnostic};
use crate::output::Manifest;

declare! {
    /// The folder holds a tree that was made with another value. If a cluster was built from it, this value is in all its nodes
    /// and cannot be changed by running the steps again: pods and services have addresses out of the ranges, certificates hold
    /// the first address of the services, Calico makes its pool once and never looks at the setting again, and what one backend of
    /// flannel laid is not taken up by another.
    ///
    /// Nothing is wrong with the new tree; it describes another cluster. Either bring the old value back, or build anew:
    /// `run.sh --reset` on every machine, then `run.sh`.
    ///
    /// It compares with `pikc.json` of the output folder: `check` does not say it, `compile` and `diff` do.
    pub static CANNOT_CHANGE = {
        code: "tree/cannot-change",
        since: "0.1.0",
        severity: Warning,
        title: "a value that a cluster keeps for as long as it lives",
        help: "bring the old value back, or `run.sh --reset` on every machine before the new tree is used",
        sources: [
            "kubernetes.io/docs: setup/production-environment/tools/kubeadm/create-cluster-kubeadm",
            "projectcalico/calico v3.32.1 manifests/calico.yaml: CALICO_IPV4POOL_CIDR",
            "flannel-io/flannel: Documentation/backends.md",
        ],
    }

    /// The folder holds a tree with another CNI. On a cluster that runs, the new one does not take the place of the old one by
    /// itself: objects, links, rules of the packet filter and files of the old one stay, and of two CNIs' files in /etc/cni/net.d
    /// the runtime takes the one that comes first by name. Every pod must start again to get an address of the new one.
    ///
    /// The steps move the other CNI's file aside on every node. What is to be done by hand stands in the runbook, under
    /// "Another CNI".
    ///
    /// It compares with `pikc.json` of the output folder: `check` does not say it, `compile` and `diff` do.
    pub static CNI_CHANGED = {
        code: "tree/cni-changed",
        since: "0.1.0",
        severity: Warning,
        title: "another CNI than the tree was made with",
        help: "read \"Another CNI\" in the tree's README.md before anything is run",
        sources: ["projectcalico/calico#2561", "flannel-io/flannel: Documentation/upgrade.md"],
    }
}

pub(in crate::cli) static CODES: &[&Descriptor] = &[&CANNOT_CHANGE, &CNI_CHANGED];

/// What differs from the tree that is there.
pub(in crate::cli) fn changed(before: &Manifest, compiled: &Compiled) -> Vec<Diagnostic> {
    let mut out = Vec::new();
    for (name, now) in &compiled.fixed {
        let Some(then) = before.fixed.get(name).filter(|then| **then != now.value) else {
            continue;
        };
        let finding = match name.as_str() {
            "cni" => Diagnostic::new(
                &CNI_CHANGED,
                format!(
                    "the tree was made with {then}, and now there is {}",
                    now.value
                ),
            ),
            _ => Diagnostic::new(
                &CANNOT_CHANGE,
                format!(
                    "`{name}` was {then} when the tree was made, and is {} now",
                    now.value
                ),
            ),
        };
        out.push(finding.label(now, format!("was {then}")));
    }
    out
}
