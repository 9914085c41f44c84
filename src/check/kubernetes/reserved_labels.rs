//! Labels of nodes that a kubelet may not give itself.

use crate::check::support::findings::Findings;
use crate::check::support::findings::{names, verb};
use crate::declare;
use crate::diagnostic::{Descriptor, Diagnostic};
use crate::model::{Model, Node};
use crate::origin::Sourced;

declare! {
    /// A node's labels are set by its own kubelet when it registers, and the kubelet exits at once if it is given a
    /// label of `kubernetes.io` or `k8s.io` (or of a name below them) that is not among its own:
    /// `unknown 'kubernetes.io' or 'k8s.io' labels specified with --node-labels`. kubeadm then waits four minutes for
    /// it, and the node never joins. The usual case is `node-role.kubernetes.io/worker`: no machine may declare itself a
    /// control plane, and the rule does not distinguish between roles.
    ///
    /// Its own labels are those below `node.kubernetes.io` and `kubelet.kubernetes.io`, and these:
    /// `kubernetes.io/hostname`, `kubernetes.io/os`, `kubernetes.io/arch`, `topology.kubernetes.io/zone` and `/region`,
    /// and their former names.
    ///
    /// A role is only a word in a column of `kubectl get nodes`, and an administrator can set it afterwards:
    /// `kubectl label node NAME node-role.kubernetes.io/worker=`. The control plane gets its role from kubeadm.
    ///
    /// ```pik fails
    /// labels { "node-role.kubernetes.io/worker" = "" }
    /// ```
    ///
    /// ```pik
    /// labels { "node.kubernetes.io/worker" = "" }
    /// ```
    pub static RESERVED = {
        code: "kubelet/reserved-label",
        since: "0.1.0",
        severity: Error,
        title: "a label that the kubelet refuses to give itself",
        help: "give it afterwards: `kubectl label node NAME KEY=VALUE`",
        sources: [
            "kubernetes/kubernetes: cmd/kubelet/app/options/options.go (ValidateKubeletFlags)",
            "kubernetes/kubernetes: staging/src/k8s.io/kubelet/pkg/apis/well_known_labels.go",
            "kubernetes/enhancements: keps/sig-auth/279-limit-node-access",
        ],
    }
}

pub(in crate::check) static CODES: &[&Descriptor] = &[&RESERVED];

/// Single labels that a kubelet may give itself.
const OWN: &[&str] = &[
    "kubernetes.io/hostname",
    "kubernetes.io/os",
    "kubernetes.io/arch",
    "topology.kubernetes.io/zone",
    "topology.kubernetes.io/region",
    "failure-domain.beta.kubernetes.io/zone",
    "failure-domain.beta.kubernetes.io/region",
    "beta.kubernetes.io/instance-type",
    "beta.kubernetes.io/os",
    "beta.kubernetes.io/arch",
];

pub(in crate::check) fn check(model: &Model, out: &mut Findings<'_>) {
    let most = model
        .nodes
        .iter()
        .map(|node| node.settings.labels.len())
        .max()
        .unwrap_or(0);
    for number in 0..most {
        out.blocks(|settings, nodes| {
            let (key, value) = settings.labels.get(number)?;
            reserved(&key.value).then(|| refused(key, value, nodes))
        });
    }
}

/// Whether the kubelet exits if it is given a label with this key.
fn reserved(key: &str) -> bool {
    let Some((domain, _)) = key.split_once('/') else {
        return false;
    };
    let below = |name: &str| {
        domain
            .strip_suffix(name)
            .is_some_and(|front| front.is_empty() || front.ends_with('.'))
    };
    (below("kubernetes.io") || below("k8s.io"))
        && !below("node.kubernetes.io")
        && !below("kubelet.kubernetes.io")
        && !OWN.contains(&key)
}

fn refused(key: &Sourced<String>, value: &Sourced<String>, nodes: &[&Node]) -> Diagnostic {
    let finding = Diagnostic::new(
        &RESERVED,
        format!(
            "the {} of {} would not start with the label `{}`",
            verb(nodes, "kubelet", "kubelets"),
            names(nodes),
            key.value
        ),
    )
    .label(key, "not a label that a kubelet may give itself")
    .remove("drop the label", &key.origin);
    if key.value == "node-role.kubernetes.io/control-plane" {
        return finding.help("drop it: kubeadm gives the control plane this label itself");
    }
    let name = match nodes {
        [one] => one.name.value.as_str(),
        _ => "NAME",
    };
    finding.help(format!(
        "give it afterwards: `kubectl label node {name} {}={}`",
        key.value, value.value
    ))
}

#[cfg(test)]
mod tests {
    use super::reserved;

    #[test]
    fn the_kubelets_own_labels_are_distinguished_from_others() {
        for fine in [
            "app",
            "example.org/rack",
            "node.kubernetes.io/x",
            "a.node.kubernetes.io/x",
            "kubelet.kubernetes.io/x",
            "kubernetes.io/hostname",
            "topology.kubernetes.io/zone",
            "mykubernetes.io/x",
            "k8s.io.example.org/x",
        ] {
            assert!(!reserved(fine), "{fine}");
        }
        for wrong in [
            "node-role.kubernetes.io/worker",
            "kubernetes.io/x",
            "k8s.io/x",
            "a.k8s.io/x",
            "node-restriction.kubernetes.io/x",
            "mynode.kubernetes.io/x",
            "topology.kubernetes.io/rack",
        ] {
            assert!(reserved(wrong), "{wrong}");
        }
    }
}
