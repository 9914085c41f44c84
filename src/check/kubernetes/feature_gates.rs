//! Feature gates for the kubelet or kubeadm: the release has them, and they can still be changed.

use super::given_gates as given;
use crate::check::support::findings::{Findings, names, verb};
use crate::declare;
use crate::diagnostic::{Descriptor, Diagnostic, suggest};
use crate::model::{GateList, Model};
use crate::origin::Sourced;
use crate::stdlib::{Gate, Gates, Release, Stage};

declare! {
    /// A kubelet exits if it is given a feature gate that its release does not have, or one that is locked to the other
    /// value: the node never joins, and only the journal of that machine says why. kubeadm stops at once. Gates come
    /// and go from release to release: once a feature is finished, it is always on, its gate is removed, and the line
    /// has to go. Each program has its own gates: kubeadm does not have those of the kubelet.
    ///
    /// `pikc stdlib show gates/kubelet` and `gates/kubeadm` list the gates with their releases.
    ///
    /// ```pik fails
    /// kubelet { feature-gates { NodeSwap = off } }
    /// ```
    ///
    /// ```pik
    /// kubelet { feature-gates { MemoryQoS = on } }
    /// ```
    ///
    /// ```yaml fails
    /// apiVersion: kubeadm.k8s.io/v1beta4
    /// kind: ClusterConfiguration
    /// kubernetesVersion: v1.36.4
    /// featureGates:
    ///   EtcdLearnerMode: true
    /// ```
    ///
    /// ```yaml
    /// apiVersion: kubeadm.k8s.io/v1beta4
    /// kind: ClusterConfiguration
    /// kubernetesVersion: v1.36.4
    /// networking:
    ///   podSubnet: 10.244.0.0/16
    /// ```
    pub static REFUSED = {
        code: "feature-gate/refused",
        since: "0.1.0",
        severity: Error,
        title: "a feature gate that keeps its program from starting",
        help: "drop the gate",
        sources: ["kubernetes/kubernetes: pkg/features/kube_features.go, cmd/kubeadm/app/features/features.go", "kubernetes/test-infra#36960"],
    }

    /// A program exits if it is given a feature gate that it does not know. The library does not know this one: it is a
    /// typo, or newer than the library. Or the library knows it, but no source confirms what became of it.
    ///
    /// ```pik fails
    /// kubelet { feature-gates { NodeSwop = on } }
    /// ```
    ///
    /// ```pik
    /// kubelet { feature-gates { MemoryQoS = on } }
    /// ```
    pub static UNSEEN = {
        code: "feature-gate/unseen",
        since: "0.1.0",
        severity: Warning,
        title: "a feature gate that the library does not know enough about",
        help: "look it up for your release: `pikc stdlib show gates/kubelet` lists what pikc knows",
        sources: ["kubernetes.io/docs/reference/command-line-tools-reference/feature-gates"],
    }

    /// The gate is locked to the value that is asked for: it no longer changes anything, and a later release that has
    /// removed the gate will not start with it.
    ///
    /// ```pik fails
    /// kubelet { feature-gates { NodeSwap = on } }
    /// ```
    ///
    /// ```pik
    /// kubelet { feature-gates { MemoryQoS = on } }
    /// ```
    pub static LOCKED = {
        code: "feature-gate/locked",
        since: "0.1.0",
        severity: Warning,
        title: "a feature gate that can no longer be changed",
        help: "drop the gate",
        sources: ["kubernetes/kubernetes: pkg/features/kube_features.go", "kubernetes/test-infra#36960"],
    }
}

pub(in crate::check) static CODES: &[&Descriptor] = &[&REFUSED, &UNSEEN, &LOCKED];

pub(in crate::check) fn check(model: &Model, out: &mut Findings<'_>) {
    let Some(release) = &model.facts.release else {
        return;
    };
    let place = model
        .cluster
        .kubernetes
        .as_ref()
        .and_then(|version| version.origin.span());
    let told = |finding: Diagnostic| finding.label(place, "the release");
    let kubeadm = Program {
        whose: "kubeadm".to_owned(),
        own: model.facts.kubeadm_gates.as_deref(),
        other: model.facts.kubelet_gates.as_deref(),
        others: "kubelet",
        has_groups: false,
    };
    let itself = (kubeadm, model.cluster.kubeadm_gates.clone());
    let common = given::everywhere(model).into_iter();
    let common = common.map(|(whose, gates)| (of_kubelet(model, whose), gates));
    for (program, gates) in common.chain([itself]) {
        for finding in found(&program, release, &gates) {
            out.push(told(finding));
        }
    }
    for index in 0..given::most(model) {
        out.blocks(|settings, nodes| {
            let program = of_kubelet(
                model,
                format!(
                    "the {} of {}",
                    verb(nodes, "kubelet", "kubelets"),
                    names(nodes)
                ),
            );
            let gates = given::of_machine(model, settings);
            let (name, open) = gates.get(index)?;
            look(&program, release, name, open.value).map(told)
        });
    }
}

/// A program that gates are given to.
struct Program<'a> {
    /// "the kubelets"
    whose: String,
    own: Option<&'a Gates>,
    /// The gates of the other program, which may be the one that is meant.
    other: Option<&'a Gates>,
    others: &'static str,
    /// Whether it knows the two gates that stand for all alpha and all beta gates.
    has_groups: bool,
}

/// The kubelet or another program with the same gates.
fn of_kubelet(model: &Model, whose: String) -> Program<'_> {
    Program {
        whose,
        own: model.facts.kubelet_gates.as_deref(),
        other: model.facts.kubeadm_gates.as_deref(),
        others: "kubeadm",
        has_groups: true,
    }
}

fn found<'a>(
    program: &'a Program<'a>,
    release: &'a Release,
    gates: &'a GateList,
) -> impl Iterator<Item = Diagnostic> + 'a {
    gates
        .iter()
        .filter_map(|(name, open)| look(program, release, name, open.value))
}

fn look(
    program: &Program<'_>,
    release: &Release,
    given: &Sourced<String>,
    open: bool,
) -> Option<Diagnostic> {
    let (gates, name, whose) = (program.own?, given.value.as_str(), &program.whose);
    let place = given.origin.span();
    // These two turn on all gates of a kind, and exist in every release.
    if given::is_group(name) {
        let message = format!("`{name}` is not a gate of {whose}, which would not start with it");
        let finding = Diagnostic::new(&REFUSED, message)
            .label(place, "not one of its own")
            .remove("drop the gate", &given.origin);
        return (!program.has_groups).then_some(finding);
    }
    let Some(known) = gates.find(name) else {
        return Some(unseen(program, gates, release, given));
    };
    let state = known.at(release.version);
    let same = if open {
        Stage::LockedOn
    } else {
        Stage::LockedOff
    };
    if let Some((since, stage)) = state
        && stage == same
    {
        let word = on_or_off(open);
        let message = format!(
            "`{name}` has been locked to {word} since Kubernetes {since}: this changes nothing"
        );
        return Some(
            Diagnostic::new(&LOCKED, message)
                .label(place, "locked")
                .remove("drop the gate", &given.origin),
        );
    }
    let (why, label) = refusal(known, release, open)?;
    let finding = if known.verified {
        Diagnostic::new(&REFUSED, format!("{why}; {whose} would not start"))
            .remove("drop the gate", &given.origin)
    } else {
        Diagnostic::new(
            &UNSEEN,
            format!("{why}, as far as pikc knows; {whose} would not start"),
        )
        .choice(|it| it.remove("drop the gate", &given.origin))
    };
    Some(finding.label(place, label))
}

fn on_or_off(open: bool) -> &'static str {
    if open { "on" } else { "off" }
}

/// Why a release does not accept this value of a gate, and the label for it.
fn refusal(known: &Gate, release: &Release, open: bool) -> Option<(String, &'static str)> {
    let name = &known.name;
    match known.at(release.version) {
        None => {
            let first = known.first().map(|first| first.to_string());
            let first = first.unwrap_or_default();
            let why = format!(
                "Kubernetes {} has no gate `{name}`: it was added in {first}",
                release.name
            );
            Some((why, "does not exist"))
        }
        Some((since, Stage::Gone)) => {
            let why = format!(
                "Kubernetes {} has no gate `{name}` any more: it was removed in {since}",
                release.name
            );
            Some((why, "does not exist"))
        }
        Some((since, stage @ (Stage::LockedOn | Stage::LockedOff))) => {
            let (locked, state) = (on_or_off(stage == Stage::LockedOn), on_or_off(open));
            let why = format!(
                "`{name}` has been locked to {locked} since Kubernetes {since}, and cannot be turned {state}"
            );
            Some((why, "locked"))
        }
        Some((_, Stage::On | Stage::Off)) => None,
    }
}

/// A gate that is not the program's own, or that pikc does not know.
fn unseen(
    program: &Program<'_>,
    gates: &Gates,
    release: &Release,
    given: &Sourced<String>,
) -> Diagnostic {
    let (name, whose, place) = (given.value.as_str(), &program.whose, given.origin.span());
    if program
        .other
        .is_some_and(|other| other.find(name).is_some())
    {
        let message = format!(
            "`{name}` is a gate of {0}, and {whose} would not start with it",
            program.others
        );
        let help = format!("write it in `{} {{ feature-gates {{ }} }}`", program.others);
        return Diagnostic::new(&REFUSED, message)
            .label(place, "not one of its own")
            .help(help);
    }
    let names = gates.gates.iter().map(|gate| gate.name.as_str());
    let message = format!(
        "{whose} would not start with `{name}`, if Kubernetes {} has no such gate",
        release.name
    );
    let finding =
        Diagnostic::new(&UNSEEN, message).label(place, "not among the gates that pikc knows");
    match suggest::nearest(name, names) {
        Some(near) => finding
            .help(format!("did you mean `{near}`?"))
            .choice(|it| {
                let stage = gates.find(near).and_then(|gate| gate.at(release.version));
                let there = matches!(stage, Some((_, Stage::On | Stage::Off)));
                let it = if there {
                    it.write(&given.origin, near)
                } else {
                    it
                };
                it.remove("drop the gate", &given.origin)
            }),
        None => finding.choice(|it| it.remove("drop the gate", &given.origin)),
    }
}
