//! Feature gates that are given to the kubelet: it knows them, and they can still be turned.

use super::Findings;
use super::findings::{names, verb};
use crate::declare;
use crate::diagnostic::{Descriptor, Diagnostic, suggest};
use crate::model::{Kubelet, Model};
use crate::origin::Sourced;
use crate::stdlib::{Gates, Release, Stage};

declare! {
    /// A kubelet ends when it is given a feature gate that its release does not have, or one that is locked and told otherwise:
    /// the node never joins, and only the journal of that machine says why. Gates come and go from release to release. What a
    /// gate opened in its early days is simply there once it is finished, and the line has to go.
    ///
    /// `pikc stdlib show gates/kubelet` lists the gates with their releases.
    ///
    /// ```pik fails
    /// kubelet { extra-args { feature-gates = "NodeSwap=false" } }
    /// ```
    ///
    /// ```pik
    /// kubelet { extra-args { feature-gates = "KubeletPSI=true" } }
    /// ```
    pub static REFUSED = {
        code: "kubelet/feature-gate",
        severity: Error,
        title: "a feature gate that ends the kubelet",
        help: "drop the gate",
        sources: ["kubernetes/kubernetes: pkg/features/kube_features.go", "kubernetes/test-infra#36960"],
    }

    /// A kubelet ends when it is given a feature gate that it does not know. This one is not among those that the library knows:
    /// a slip of the pen, a gate of another program (kubeadm has some of its own), or one that is newer than the library.
    ///
    /// ```pik fails
    /// kubelet { extra-args { feature-gates = "NodeSwop=true" } }
    /// ```
    ///
    /// ```pik
    /// kubelet { extra-args { feature-gates = "KubeletPSI=true" } }
    /// ```
    pub static UNSEEN = {
        code: "kubelet/gate-unseen",
        severity: Warning,
        title: "a feature gate that the library does not know",
        help: "look it up for your release: `pikc stdlib show gates/kubelet` lists what pikc knows",
        sources: ["kubernetes.io/docs/reference/command-line-tools-reference/feature-gates"],
    }

    /// The gate is locked in the state that is asked for: it changes nothing any more, and a coming release that no longer has the
    /// gate will not start with it.
    ///
    /// ```pik fails
    /// kubelet { extra-args { feature-gates = "NodeSwap=true" } }
    /// ```
    ///
    /// ```pik
    /// kubelet { extra-args { feature-gates = "KubeletPSI=true" } }
    /// ```
    pub static LOCKED = {
        code: "kubelet/gate-locked",
        severity: Warning,
        title: "a feature gate that cannot be turned any more",
        help: "drop the gate",
        sources: ["kubernetes/kubernetes: pkg/features/kube_features.go", "kubernetes/test-infra#36960"],
    }
}

pub(super) static CODES: &[&Descriptor] = &[&REFUSED, &UNSEEN, &LOCKED];

pub(super) fn check(model: &Model, out: &mut Findings<'_>) {
    let (Some(gates), Some(release)) = (&model.facts.kubelet_gates, &model.facts.release) else {
        return;
    };
    let place = model.cluster.kubernetes.as_ref().and_then(|version| version.origin.span());
    let release_told = |finding: Diagnostic| finding.label_opt(place, "the release");
    for (given, gate) in asked(&model.cluster.kubelet) {
        if let Some(finding) = look(gates, release, given, &gate, "every kubelet") {
            out.push(release_told(finding));
        }
    }
    out.blocks(|settings, nodes| {
        let whose = format!("the {} of {}", verb(nodes, "kubelet", "kubelets"), names(nodes));
        let found = asked(&settings.kubelet)
            .find_map(|(given, gate)| look(gates, release, given, &gate, &whose))?;
        Some(release_told(found))
    });
}

/// A gate as it is asked for: `NodeSwap=true`.
struct Asked<'a> {
    name: &'a str,
    on: bool,
}

fn asked(kubelet: &Kubelet) -> impl Iterator<Item = (&Sourced<String>, Asked<'_>)> {
    let argument = kubelet.extra_args.iter().filter(|(key, _)| key.value == "feature-gates");
    argument.flat_map(|(_, given)| {
        given.value.split(',').filter_map(move |pair| {
            let (name, on) = pair.trim().split_once('=')?;
            let on = ["true", "True", "TRUE", "t", "T", "1"].contains(&on.trim());
            Some((given, Asked { name: name.trim(), on }))
        })
    })
}

fn look(
    gates: &Gates,
    release: &Release,
    given: &Sourced<String>,
    gate: &Asked<'_>,
    whose: &str,
) -> Option<Diagnostic> {
    let name = gate.name;
    // These two turn on all gates of a kind, and are there in every release.
    if matches!(name, "AllAlpha" | "AllBeta") {
        return None;
    }
    let Some(known) = gates.find(name) else {
        let names = gates.gates.iter().map(|gate| gate.name.as_str());
        let finding = Diagnostic::new(
            &UNSEEN,
            format!("{whose} would end at `{name}`, if Kubernetes {} has no such gate", release.name),
        )
        .label_opt(given.origin.span(), "not among the gates that pikc knows");
        return Some(match suggest::nearest(name, names) {
            Some(near) => finding.help(format!("did you mean `{near}`?")),
            None => finding,
        });
    };
    let state = if gate.on { "on" } else { "off" };
    let (why, label) = match known.at(release.version) {
        None => {
            let first = known.first().map(|first| first.to_string()).unwrap_or_default();
            (
                format!("Kubernetes {} has no gate `{name}`: it came with {first}", release.name),
                "unknown to this kubelet",
            )
        }
        Some((since, Stage::Gone)) => (
            format!("Kubernetes {} has no gate `{name}` any more: it went with {since}", release.name),
            "unknown to this kubelet",
        ),
        Some((since, stage @ (Stage::LockedOn | Stage::LockedOff))) => {
            let locked = if stage == Stage::LockedOn { "on" } else { "off" };
            if locked == state {
                let message = format!("`{name}` is always {locked} since Kubernetes {since}: this changes nothing");
                return Some(
                    Diagnostic::new(&LOCKED, message).label_opt(given.origin.span(), "locked"),
                );
            }
            (
                format!("`{name}` is always {locked} since Kubernetes {since}, and cannot be turned {state}"),
                "locked",
            )
        }
        Some((_, Stage::On | Stage::Off)) => return None,
    };
    let finding = if known.verified {
        Diagnostic::new(&REFUSED, format!("{why}; {whose} would not start"))
    } else {
        Diagnostic::new(&UNSEEN, format!("{why}, as far as pikc knows; {whose} would not start"))
    };
    Some(finding.label_opt(given.origin.span(), label))
}
