//! A tree that was built from another state of the spec: changes that a running cluster cannot follow.

use std::collections::BTreeMap;

use camino::Utf8Path;

use super::args::SecretArgs;
use super::vault;
use crate::Compiled;
use crate::declare;
use crate::diagnostic::{Descriptor, Diagnostic};
use crate::output::Manifest;
use crate::secret::Own;

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

    /// The folder contains a tree that was built with another certificate authority, or with another key of service accounts: the
    /// secrets file was made again, or one of its secrets was rotated. A cluster that was built from the old tree keeps those that it
    /// has, and running the steps again does not change them. A machine that is added with the new tree does not fit: it trusts no
    /// one in the cluster, or the cluster does not trust it.
    ///
    /// Nothing is wrong with the new tree; it describes another cluster. Either restore the secrets file that the old tree was built with,
    /// from version control or a backup, or build the cluster from scratch: `run.sh --reset` on every machine, then `run.sh`.
    ///
    /// The comparison is with `pikc.json` in the output folder, which holds the SHA-256 of each public key; `compile` and `diff` report this,
    /// and `check` does not. A tree that was built without a secrets file has none.
    pub static OTHER_AUTHORITIES = {
        code: "tree/other-authorities",
        since: "0.1.0",
        severity: Warning,
        title: "other authorities than the tree was built with",
        help: "restore the secrets file that the tree was built with, or run `run.sh --reset` on every machine before you use the new tree",
        no_edit: "secrets are never in the spec",
        sources: [
            "kubernetes.io/docs: tasks/tls/manual-rotation-of-ca-certificates",
            "docs/secrets.md",
        ],
    }

    /// The folder contains a tree that was built with a secrets file, and now there is none: machines join by themselves with the old tree,
    /// and with the new one they wait for a join file that a person takes to them. What the old tree has of the secrets is removed. It
    /// may be the last place that has the cluster's authorities, without which a lost control plane cannot be replaced by one that the
    /// workers trust.
    ///
    /// Restore the file from version control or a backup, next to the spec and with its name: `cluster.secrets.age` for `cluster.pik`. If the
    /// other way of joining is what you want, say so: `--without-secrets`.
    ///
    /// The comparison is with `pikc.json` in the output folder, so `compile` and `diff` report this, and `check` does not.
    pub static SECRETS_GONE = {
        code: "tree/secrets-gone",
        since: "0.1.0",
        severity: Warning,
        title: "a tree with secrets, and no secrets file any more",
        help: "restore the secrets file, or say `--without-secrets`; `--deny warnings` writes nothing",
        no_edit: "secrets are never in the spec",
        sources: ["docs/secrets.md"],
    }
}

pub(in crate::cli) static CODES: &[&Descriptor] = &[
    &CANNOT_CHANGE,
    &CNI_CHANGED,
    &OTHER_CLUSTER,
    &OTHER_AUTHORITIES,
    &SECRETS_GONE,
];

/// What differs from the tree that is there.
pub(in crate::cli) fn changed(
    before: &BTreeMap<String, String>,
    compiled: &Compiled,
) -> Vec<Diagnostic> {
    let mut out = Vec::new();
    let mut replaced = Vec::new();
    for (name, now) in &compiled.fixed {
        let Some(then) = before.get(name).filter(|then| **then != now.value) else {
            continue;
        };
        if let Some(own) = Own::named(name) {
            replaced.push(own.title());
            continue;
        }
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
    // Those of another cluster are others, which goes without saying.
    let other = out
        .iter()
        .any(|finding| finding.descriptor.code == OTHER_CLUSTER.code);
    if !replaced.is_empty() && !other {
        let message = match replaced.as_slice() {
            [only] => format!("{only} is not the one that the tree was built with"),
            all => format!("not those that the tree was built with: {}", all.join(", ")),
        };
        out.push(Diagnostic::new(&OTHER_AUTHORITIES, message));
    }
    out
}

/// A tree with secrets that is about to lose them, although no one said so.
pub(in crate::cli) fn secrets_gone(
    before: &Manifest,
    compiled: &Compiled,
    spec: &Utf8Path,
    args: &SecretArgs,
) -> Option<Diagnostic> {
    let has = compiled.fixed.contains_key(Own::Ca.name());
    let now = compiled.fixed.get("cluster").map(|now| now.value.as_str());
    let other = before.cluster().is_some_and(|then| Some(then) != now);
    if args.without_secrets || has || other || !before.joins_alone() {
        return None;
    }
    let lacks = match vault::beside(spec) {
        Some(path) => format!("there is no `{path}`"),
        None => "there is no secrets file next to standard input".to_owned(),
    };
    Some(Diagnostic::new(
        &SECRETS_GONE,
        format!("the tree was built with secrets, and {lacks}: machines will wait for a join file"),
    ))
}
