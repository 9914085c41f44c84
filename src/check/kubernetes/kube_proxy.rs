//! kube-proxy: its mode fits the release, and exactly one program makes services work.

use super::given_gates::of_proxy;
use crate::check::support::findings::{Findings, names, verb};
use crate::check::support::offers;
use crate::declare;
use crate::diagnostic::{Descriptor, Diagnostic, Severity};
use crate::model::{CniChoice, Model};
use crate::origin::Sourced;
use crate::stdlib::{Cni, Maturity};
use crate::value::Val;

declare! {
    /// `nftables` is stable from 1.33 on; from 1.29 it exists behind the feature gate `NFTablesProxyMode`, which is on by default from
    /// 1.31. A gate in kube-proxy's own document counts: with an open one, nothing is said.
    /// `ipvs` is deprecated from 1.35 on: its removal is planned.
    ///
    /// ```pik fails
    /// proxy { mode = ipvs }
    /// ```
    ///
    /// ```pik
    /// proxy { mode = iptables }
    /// ```
    pub static MODE = {
        code: "proxy/mode",
        since: "0.1.0",
        severity: Warning,
        title: "a kube-proxy mode that this release does not fully support",
        help: "write `mode = iptables`",
        sources: ["kubernetes/enhancements#3866", "kubernetes/enhancements#5495", "kubernetes/kubernetes#134539"],
    }
}

declare! {
    /// Without kube-proxy nothing makes the address of a service lead to its pods, unless the CNI does. This one does
    /// not, or only with an option that is not set: the cluster's own pods would not reach the API server, and no name
    /// would resolve.
    ///
    /// For a network that you bring this is a warning: pikc cannot know what it does.
    ///
    /// ```pik fails
    /// proxy { disabled = on }
    /// cni flannel { }
    /// ```
    ///
    /// ```pik
    /// proxy { disabled = on }
    /// cni calico { ebpf = on }
    /// ```
    pub static NO_REPLACEMENT = {
        code: "proxy/no-replacement",
        since: "0.1.0",
        formerly: ["proxy/nothing-instead"],
        severity: Error,
        title: "a cluster in which nothing makes services work",
        help: "drop `disabled`, or choose a CNI that does kube-proxy's work: `cni calico { ebpf = on }`",
        sources: ["tigera/docs v3.32 operations/ebpf/enabling-ebpf", "kubernetes/kubernetes cmd/kubeadm/app/apis/kubeadm/v1beta4/types.go"],
    }

    /// With these settings the CNI does kube-proxy's work, and kube-proxy runs as well. Both write rules for the same
    /// addresses: connections break when one removes what the other relies on, and each change of a service is made
    /// twice.
    ///
    /// ```pik fails
    /// cni calico { ebpf = on }
    /// ```
    ///
    /// ```pik
    /// proxy { disabled = on }
    /// cni calico { ebpf = on }
    /// ```
    pub static CONFLICTS_WITH_CNI = {
        code: "proxy/conflicts-with-cni",
        since: "0.1.0",
        formerly: ["proxy/two-of-them"],
        severity: Error,
        title: "a CNI that does kube-proxy's work, next to kube-proxy",
        help: "write `proxy { disabled = on }`",
        sources: ["tigera/docs v3.32 operations/ebpf/enabling-ebpf", "projectcalico/calico v3.32.1 manifests/calico-bpf.yaml"],
    }

    /// `mode` sets up kube-proxy, and `disabled = on` leaves kube-proxy out.
    ///
    /// ```pik fails
    /// proxy { disabled = on, mode = nftables }
    /// cni calico { ebpf = on }
    /// ```
    ///
    /// ```pik
    /// proxy { disabled = on }
    /// cni calico { ebpf = on }
    /// ```
    pub static MODE_OF_NOTHING = {
        code: "proxy/mode-without-effect",
        since: "0.1.0",
        severity: Warning,
        title: "a mode for a kube-proxy that does not run",
        help: "drop `mode`",
        sources: ["docs/language.md"],
    }

    /// Calico's programs are attached to the interface that carries the cluster, and a VLAN's tag is removed elsewhere:
    /// packets from other nodes never pass through them.
    ///
    /// ```pik fails
    /// proxy { disabled = on }
    /// cni calico { ebpf = on }
    /// interface eth0 { dhcp = off }
    /// interface lan20 {
    ///   cluster = on
    ///   vlan { id = 20, on = eth0 }
    /// }
    /// ```
    ///
    /// ```pik
    /// proxy { disabled = on }
    /// cni calico { ebpf = on }
    /// interface eth0 { cluster = on }
    /// ```
    pub static VLAN = {
        code: "proxy/virtual-lan",
        since: "0.1.0",
        severity: Error,
        title: "a CNI that cannot do kube-proxy's work on a VLAN",
        help: "give the cluster an interface that is not a `vlan`, or leave kube-proxy in place",
        no_edit: "another interface or kube-proxy is a decision about the cluster's network",
        sources: ["tigera/docs v3.32 operations/ebpf/enabling-ebpf"],
    }
}

pub(in crate::check) static CODES: &[&Descriptor] = &[
    &MODE,
    &NO_REPLACEMENT,
    &CONFLICTS_WITH_CNI,
    &MODE_OF_NOTHING,
    &VLAN,
];

/// The modes that began behind a gate of kube-proxy's.
const GATES: &[(&str, &str)] = &[("nftables", "NFTablesProxyMode")];

/// The word of `needs` for a CNI that does kube-proxy's work.
const INSTEAD: &str = "without-kube-proxy";

pub(in crate::check) fn check(model: &Model, out: &mut Findings<'_>) {
    instead(model, out);
    if model.cluster.without_proxy().is_none() {
        mode(model, out);
    }
}

/// Whether exactly one program makes services work.
fn instead(model: &Model, out: &mut Findings<'_>) {
    let (Some(choice), Some(facts)) = (&model.cluster.cni, &model.facts.cni) else {
        return;
    };
    let offer = facts.offer(INSTEAD);
    // The option that makes the CNI do it, if it has the value for that.
    let does = offer.and_then(|offer| {
        let (option, wanted) = offer.option.as_ref()?;
        let given = choice.option(option)?;
        let is = wanted
            .as_ref()
            .is_none_or(|wanted| given.value.to_string() == *wanted);
        is.then_some(given)
    });
    let Some(disabled) = model.cluster.without_proxy() else {
        if let Some(does) = does {
            out.push(both(model, choice, facts, does));
        }
        return;
    };
    mode_of_nothing(model, disabled, out);
    if does.is_none() && offer.is_none_or(|offer| offer.option.is_some()) {
        out.push(not_replaced(choice, facts, disabled));
    }
    if let Some(does) = does.filter(|_| offer.is_some_and(|offer| !offer.vlan)) {
        vlans(facts, does, out);
    }
}

/// The CNI does kube-proxy's work, and kube-proxy runs as well.
fn both(model: &Model, choice: &CniChoice, facts: &Cni, does: &Sourced<Val>) -> Diagnostic {
    let message = format!(
        "{} does kube-proxy's work here, and kube-proxy runs, too",
        facts.title
    );
    let stays = model
        .cluster
        .proxy_disabled
        .as_ref()
        .filter(|off| off.origin.is_written());
    let finding = Diagnostic::new(&CONFLICTS_WITH_CNI, message)
        .label(does, "does kube-proxy's work")
        .label(stays.and_then(|off| off.origin.span()), "keeps kube-proxy");
    let mode = model
        .cluster
        .proxy_mode
        .as_ref()
        .filter(|mode| mode.origin.is_written());
    match (stays, mode) {
        (Some(stays), _) => finding.write(&stays.origin, "on"),
        // A mode without kube-proxy would be the next mistake.
        (None, Some(_)) => finding,
        (None, None) => finding.add_beside(&choice.name.origin, "proxy { disabled = on }"),
    }
}

/// A mode of a kube-proxy that does not run.
fn mode_of_nothing(model: &Model, disabled: &Sourced<bool>, out: &mut Findings<'_>) {
    if let Some(mode) = model
        .cluster
        .proxy_mode
        .as_ref()
        .filter(|mode| mode.origin.is_written())
    {
        out.push(
            Diagnostic::new(
                &MODE_OF_NOTHING,
                "there is no kube-proxy that could use this mode",
            )
            .label(mode, "has no effect")
            .label(disabled, "no kube-proxy")
            .remove("drop `mode`", &mode.origin),
        );
    }
}

/// Neither kube-proxy nor, as far as pikc can tell, anything that does its work.
fn not_replaced(choice: &CniChoice, facts: &Cni, disabled: &Sourced<bool>) -> Diagnostic {
    let brought = facts.by_hand || choice.manifest.is_some();
    let help = facts.offer(INSTEAD).and_then(|offer| offer.setting());
    let message = match brought {
            true => "kube-proxy is left out, and pikc cannot tell whether the network that you bring does its work".to_owned(),
            false => format!("kube-proxy is left out, and {} does not do its work", facts.title),
        };
    let mut finding = Diagnostic::new(&NO_REPLACEMENT, message)
        .label(disabled, "no kube-proxy")
        .label(&choice.name, "this CNI");
    finding = finding.choice(|it| it.remove("drop `disabled`", &disabled.origin));
    if brought {
        finding = finding.severity(Severity::Warning);
    } else if let Some(setting) = help {
        finding = finding.help(format!(
            "write `{setting}` in the CNI's block, or drop `disabled`"
        ));
    }
    finding
}

/// Nodes that reach the cluster over a VLAN, which the CNI's programs do not see.
fn vlans(facts: &Cni, does: &Sourced<Val>, out: &mut Findings<'_>) {
    out.blocks(|settings, nodes| {
        let interface = settings.cluster_interface()?;
        let vlan = interface.vlan.as_ref()?;
        let message = format!(
            "{} {} the cluster over the VLAN {}, which {}'s programs do not see",
            names(nodes),
            verb(nodes, "reaches", "reach"),
            interface.name.value,
            facts.title
        );
        Some(
            Diagnostic::new(&VLAN, message)
                .label(vlan.head, "a VLAN")
                .label(does, "done by programs attached to the interface"),
        )
    });
}

fn mode(model: &Model, out: &mut Findings<'_>) {
    let (Some(mode), Some(release)) = (&model.cluster.proxy_mode, &model.facts.release) else {
        return;
    };
    let Some(state) = release.proxy_modes.get(&mode.value) else {
        return;
    };
    let gate = proxy_gate(model, &mode.value);
    let (severity, why) = match (state, gate.as_ref().map(|gate| gate.value)) {
        // Whoever opens the gate knows how far the mode is.
        (Maturity::Alpha | Maturity::Beta, Some(true)) => return,
        (Maturity::Alpha | Maturity::Beta, Some(false)) => (
            Severity::Error,
            "is behind a feature gate that is turned off here in",
        ),
        (Maturity::None, _) => (Severity::Error, "does not exist in"),
        (Maturity::Alpha, None) => (Severity::Error, "is behind a feature gate that is off in"),
        (Maturity::Beta, None) => (Severity::Warning, "is not stable yet in"),
        (Maturity::Deprecated, _) => (Severity::Warning, "is deprecated in"),
        (Maturity::Ga, _) => return,
    };
    let message = format!(
        "the mode {} of kube-proxy {why} Kubernetes {}",
        mode.value, release.name
    );
    let finding = Diagnostic::new(&MODE, message)
        .severity(severity)
        .label(mode, "this mode")
        .label(gate, "its gate")
        .label(&model.cluster.kubernetes, "in this release");
    out.push(offers::usual_mode(finding, model));
}

/// What kube-proxy's document says of the gate of a mode.
fn proxy_gate(model: &Model, mode: &str) -> Option<Sourced<bool>> {
    let (_, gate) = GATES.iter().find(|(own, _)| *own == mode)?;
    let given = of_proxy(model);
    let found = given.into_iter().find(|(name, _)| name.value == *gate);
    found.map(|(_, open)| open)
}
