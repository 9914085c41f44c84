//! A tree that was built from another state of the spec: changes that a running cluster cannot follow.

use std::collections::BTreeMap;

use crate::Compiled;
use crate::declare;
use crate::diagnostic::{Descriptor, Diagnostic};

declare! {
    /// The folder contains a tree that was built with another value. If a cluster was built from it, this value is in all its nodes
    /// and running the steps again does not change it: pods and services have addresses from the ranges, certificates contain
    /// the first service address, Calico creates its pool once and never reads the setting again, and one flannel backend does
    /// not take over what another has set up.
    ///
    /// Nothing is wrong with the new tree; it describes another cluster. Either restore the old value, or build the cluster from
    /// scratch: `run.sh --reset` on every machine, then `run.sh`.
    ///
    /// The comparison is with `pikc.json` in the output folder, so `compile` and `diff` report this, and `check` does not.
    pub static CANNOT_CHANGE = {
        code: "tree/cannot-change",
        since: "0.1.0",
        severity: Warning,
        title: "a value that a cluster keeps for as long as it lives",
        help: "restore the old value, or run `run.sh --reset` on every machine before you use the new tree",
        no_edit: "whether the cluster or the spec is right is not in either of them",
        sources: [
            "kubernetes.io/docs: setup/production-environment/tools/kubeadm/create-cluster-kubeadm",
            "projectcalico/calico v3.32.1 manifests/calico.yaml: CALICO_IPV4POOL_CIDR",
            "flannel-io/flannel: Documentation/backends.md",
        ],
    }

    /// The folder contains a tree with another CNI. On a running cluster the new CNI does not replace the old one by itself: the old
    /// one's objects, interfaces, packet filter rules and files stay, and of two CNIs' files in /etc/cni/net.d the runtime uses
    /// the one that sorts first. Every pod must be restarted to get an address from the new CNI.
    ///
    /// The steps move the other CNI's file aside on every node. What you have to do by hand is in the runbook, under
    /// "Replacing the CNI of a running cluster".
    ///
    /// The comparison is with `pikc.json` in the output folder, so `compile` and `diff` report this, and `check` does not.
    pub static CNI_CHANGED = {
        code: "tree/cni-changed",
        since: "0.1.0",
        severity: Warning,
        title: "another CNI than the tree was built with",
        help: "read \"Replacing the CNI of a running cluster\" in the tree's README.md before you run anything",
        no_edit: "whether the cluster or the spec is right is not in either of them",
        sources: ["projectcalico/calico#2561", "flannel-io/flannel: Documentation/upgrade.md"],
    }

    /// The folder contains the tree of a cluster with another name. Either the folder is the wrong one, and its tree would be
    /// replaced; or the cluster was renamed: then its machines get a new name for the cluster in their files, and what has been
    /// copied to them is still that of the old one.
    ///
    /// The comparison is with `pikc.json` in the output folder, so `compile` and `diff` report this, and `check` does not.
    pub static OTHER_CLUSTER = {
        code: "tree/other-cluster",
        since: "0.1.0",
        severity: Warning,
        title: "the tree of another cluster",
        help: "name another folder with `-o`, unless this one is to be replaced; `--deny warnings` writes nothing",
        no_edit: "whether the folder or the spec is right is not in either of them",
        sources: ["docs/output.md"],
    }
}

pub(in crate::cli) static CODES: &[&Descriptor] = &[&CANNOT_CHANGE, &CNI_CHANGED, &OTHER_CLUSTER];

/// What differs from the tree that is there.
pub(in crate::cli) fn changed(
    before: &BTreeMap<String, String>,
    compiled: &Compiled,
) -> Vec<Diagnostic> {
    let mut out = Vec::new();
    for (name, now) in &compiled.fixed {
        let Some(then) = before.get(name).filter(|then| **then != now.value) else {
            continue;
        };
        let finding = match name.as_str() {
            "cluster" => Diagnostic::new(
                &OTHER_CLUSTER,
                format!(
                    "the tree that is there is the cluster {then}'s, and the spec is {}'s",
                    now.value
                ),
            ),
            "cni" => Diagnostic::new(
                &CNI_CHANGED,
                format!(
                    "the tree was built with {then}, and the spec now has {}",
                    now.value
                ),
            ),
            _ => Diagnostic::new(
                &CANNOT_CHANGE,
                format!(
                    "`{name}` was {then} when the tree was built, and is {} now",
                    now.value
                ),
            ),
        };
        out.push(finding.label(now, format!("was {then}")));
    }
    out
}
