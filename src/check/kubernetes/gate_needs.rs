//! Feature gates that need others.

use super::given_gates as given;
use crate::check::support::findings::{Findings, names, verb};
use crate::check::support::offers::instead;
use crate::declare;
use crate::diagnostic::{Descriptor, Diagnostic};
use crate::model::{GateList, Model};
use crate::origin::Sourced;
use crate::stdlib::{Gate, Gates, Stage};
use crate::value::Version;

declare! {
    /// Some gates build on others. From 1.35 on, a program that is given any gate compares all of them, and exits when one is on (by
    /// itself or because it is turned on) while another that it needs is off: "is enabled, but depends on features that are
    /// disabled".
    ///
    /// ```pik fails
    /// kubelet { feature-gates { GracefulNodeShutdown = off } }
    /// ```
    ///
    /// ```pik
    /// kubelet {
    ///   feature-gates {
    ///     GracefulNodeShutdown                   = off
    ///     GracefulNodeShutdownBasedOnPodPriority = off
    ///     WindowsGracefulNodeShutdown            = off
    ///   }
    /// }
    /// ```
    ///
    /// ```yaml fails
    /// apiVersion: kubeadm.k8s.io/v1beta4
    /// kind: ClusterConfiguration
    /// kubernetesVersion: v1.36.4
    /// ---
    /// apiVersion: kubelet.config.k8s.io/v1beta1
    /// kind: KubeletConfiguration
    /// featureGates:
    ///   TopologyAwareWorkloadScheduling: true
    /// ```
    ///
    /// ```yaml
    /// apiVersion: kubeadm.k8s.io/v1beta4
    /// kind: ClusterConfiguration
    /// kubernetesVersion: v1.36.4
    /// ---
    /// apiVersion: kubelet.config.k8s.io/v1beta1
    /// kind: KubeletConfiguration
    /// featureGates:
    ///   GenericWorkload: true
    ///   TopologyAwareWorkloadScheduling: true
    /// ```
    pub static NEEDS = {
        code: "feature-gate/needs-another",
        since: "0.1.0",
        severity: Error,
        title: "a feature gate that needs another one, which is off",
        help: "turn both on, or both off",
        sources: ["kubernetes/kubernetes: pkg/features/kube_features.go (defaultKubernetesFeatureGateDependencies)", "kubernetes/component-base: featuregate/feature_gate.go"],
    }
}

pub(in crate::check) static CODES: &[&Descriptor] = &[&NEEDS];

pub(in crate::check) fn check(model: &Model, out: &mut Findings<'_>) {
    let Some((release, gates)) = model
        .facts
        .release
        .as_ref()
        .zip(model.facts.kubelet_gates.as_deref())
    else {
        return;
    };
    let release = release.version;
    for (whose, given) in given::everywhere(model) {
        let set = Set {
            gates,
            release,
            given: &given,
            own: &given,
        };
        for finding in set.found(&whose) {
            out.push(finding);
        }
    }
    for index in 0..given::most(model) {
        out.blocks(|settings, nodes| {
            let own = given::of_machine(model, settings);
            // A machine's gates are put into those of the cluster.
            let common = model.cluster.kubelet.gates.iter();
            let common =
                common.filter(|(name, _)| own.iter().all(|(mine, _)| mine.value != name.value));
            let given: GateList = common.chain(&own).cloned().collect();
            let whose = format!(
                "the {} of {}",
                verb(nodes, "kubelet", "kubelets"),
                names(nodes)
            );
            let set = Set {
                gates,
                release,
                given: &given,
                own: &own,
            };
            set.found(&whose).into_iter().nth(index)
        });
    }
}

/// The gates that a program has in the end.
struct Set<'a> {
    gates: &'a Gates,
    release: Version,
    given: &'a GateList,
    /// Those of them that this is about: a finding names one.
    own: &'a GateList,
}

impl Set<'_> {
    fn found(&self, whose: &str) -> Vec<Diagnostic> {
        // What these two turn on is not known.
        if self
            .given
            .iter()
            .any(|(name, _)| given::is_group(&name.value))
        {
            return Vec::new();
        }
        let found = self.own.iter().filter_map(|(name, open)| match open.value {
            true => self.lacks(name, whose),
            false => self.is_needed(name, whose),
        });
        found.collect()
    }

    /// A gate that is turned on here, while another that it needs is off.
    fn lacks(&self, name: &Sourced<String>, whose: &str) -> Option<Diagnostic> {
        let gate = self
            .gates
            .find(&name.value)
            .filter(|gate| self.is_on(gate))?;
        let off = |needed: &&String| {
            // One that is turned off here is reported there.
            self.gates
                .find(needed)
                .is_some_and(|other| self.is_off(other))
                && self.own.iter().all(|(own, _)| own.value != **needed)
        };
        let needs = gate.needs(self.release).iter();
        let needs: Vec<&str> = needs.filter(off).map(String::as_str).collect();
        if needs.is_empty() {
            return None;
        }
        let all = quoted(&needs);
        let be = if needs.len() == 1 { "is" } else { "are" };
        let message = format!(
            "`{}` is on and needs {all}, which {be} off; {whose} would not start",
            name.value
        );
        let finding = Diagnostic::new(&NEEDS, message).label(name, "turned on here");
        let on: Vec<String> = needs.iter().map(|need| format!("{need} = on")).collect();
        let finding = finding.choice(|it| it.add_beside(&name.origin, &on.join("\n")));
        Some(finding.help(format!("turn {all} on as well")))
    }

    /// A gate that is turned off here, while others that need it are on.
    fn is_needed(&self, name: &Sourced<String>, whose: &str) -> Option<Diagnostic> {
        let gate = self
            .gates
            .find(&name.value)
            .filter(|gate| self.is_off(gate))?;
        let needs_it =
            |other: &&Gate| self.is_on(other) && other.needs(self.release).contains(&gate.name);
        let others: Vec<&str> = self
            .gates
            .gates
            .iter()
            .filter(needs_it)
            .map(|other| other.name.as_str())
            .collect();
        if others.is_empty() {
            return None;
        }
        let all = quoted(&others);
        let verbs = if others.len() == 1 {
            ("is", "needs")
        } else {
            ("are", "need")
        };
        let message = format!(
            "{all} {} on and {} `{}`, which is off; {whose} would not start",
            verbs.0, verbs.1, name.value
        );
        let mut finding = Diagnostic::new(&NEEDS, message).label(name, "turned off here");
        for (other, _) in self
            .own
            .iter()
            .filter(|(own, _)| others.contains(&own.value.as_str()))
        {
            finding = finding.label(other, "turned on here");
        }
        let open = self.given.iter().find(|(own, _)| own.value == name.value);
        let finding = match open {
            Some((_, open)) => instead(finding, &open.origin, ["on"]),
            None => finding,
        };
        Some(finding.help(format!("turn {all} off as well")))
    }

    fn is_off(&self, gate: &Gate) -> bool {
        let stage = gate.at(self.release).map(|(_, stage)| stage);
        !matches!(stage, None | Some(Stage::Gone)) && !self.is_on(gate)
    }

    fn is_on(&self, gate: &Gate) -> bool {
        let given = self.given.iter().find(|(name, _)| name.value == gate.name);
        let stage = gate.at(self.release).map(|(_, stage)| stage);
        match (given, stage) {
            (_, None | Some(Stage::Gone)) => false,
            (_, Some(Stage::LockedOn)) => true,
            (_, Some(Stage::LockedOff)) => false,
            (Some((_, open)), _) => open.value,
            (None, stage) => stage == Some(Stage::On),
        }
    }
}

/// "`A` and `B`"
fn quoted(names: &[&str]) -> String {
    let quoted: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    match quoted.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, before)) => format!("{} and {last}", before.join(", ")),
        None => String::new(),
    }
}
