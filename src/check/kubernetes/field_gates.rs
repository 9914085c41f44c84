//! Fields that the kubelet or kube-proxy accepts only while a feature gate is open, by the library's table.

use crate::check::support::findings::Findings;
use crate::declare;
use crate::diagnostic::{Descriptor, Diagnostic};
use crate::model::{Model, Open, Said, Told};
use crate::stdlib::NeedsGate;

declare! {
    /// A field of a feature that is not finished is refused while the feature's gate is off, and the kubelet exits. Whether a gate is
    /// on by itself changes from release to release: `pikc stdlib show gates/kubelet` lists that, and `pikc stdlib show
    /// limits/kubelet` which field needs which gate.
    ///
    /// ```pik fails
    /// kubelet { fields { logging.options.json.splitStream = on } }
    /// ```
    ///
    /// ```pik
    /// kubelet {
    ///   feature-gates { LoggingAlphaOptions = on }
    ///   fields { logging.options.json.splitStream = on }
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
    /// shutdownGracePeriod: 30s
    /// featureGates: { GracefulNodeShutdown: false }
    /// ```
    ///
    /// ```yaml
    /// apiVersion: kubeadm.k8s.io/v1beta4
    /// kind: ClusterConfiguration
    /// kubernetesVersion: v1.36.4
    /// ---
    /// apiVersion: kubelet.config.k8s.io/v1beta1
    /// kind: KubeletConfiguration
    /// shutdownGracePeriod: 30s
    /// ```
    pub static OF_KUBELET = {
        code: "kubelet/needs-gate",
        since: "0.1.0",
        severity: Error,
        title: "a setting of the kubelet whose feature gate is off",
        help: "turn the gate on, or leave the setting out",
        sources: [
            "kubernetes/kubernetes: pkg/kubelet/apis/config/validation/validation.go",
            "kubernetes/component-base: logs/api/v1/options.go",
            "kubernetes/kubernetes: pkg/kubelet/cm/cpumanager/policy_options.go",
        ],
    }

    /// A field of a feature that is not finished is refused while the feature's gate is off, and kube-proxy exits: no service is
    /// reached.
    ///
    /// ```pik fails
    /// proxy { fields { logging.options.json.splitStream = on } }
    /// ```
    ///
    /// ```pik
    /// proxy { fields { logging.format = json } }
    /// ```
    pub static OF_PROXY = {
        code: "proxy/needs-gate",
        since: "0.1.0",
        severity: Error,
        title: "a setting of kube-proxy whose feature gate is off",
        help: "turn the gate on, or leave the setting out",
        sources: ["kubernetes/component-base: logs/api/v1/options.go"],
    }
}

pub(in crate::check) static CODES: &[&Descriptor] = &[&OF_KUBELET, &OF_PROXY];

pub(in crate::check) fn check(model: &Model, out: &mut Findings<'_>) {
    let look = |told: &Told<'_>, code| all(model, told, code);
    out.each(|settings| look(&Told::kubelet(model, Some(settings)), &OF_KUBELET));
    if model.nodes.is_empty() {
        for finding in look(&Told::kubelet(model, None), &OF_KUBELET) {
            out.push(finding);
        }
    }
    if model.cluster.without_proxy().is_none() {
        for finding in look(&Told::proxy(model), &OF_PROXY) {
            out.push(finding);
        }
    }
}

fn all(model: &Model, told: &Told<'_>, code: &'static Descriptor) -> Vec<Diagnostic> {
    let Some(limits) = told.limits else {
        return Vec::new();
    };
    let mut found: Vec<Diagnostic> = Vec::new();
    for row in limits.gates.iter().filter(|row| told.holds(&row.when)) {
        let finding = needed_by(told, row).and_then(|said| closed(model, told, code, row, said));
        // An option and the map that it is in can both need a gate.
        if let Some(finding) = finding
            && found.iter().all(|other| other.span() != finding.span())
        {
            found.push(finding);
        }
    }
    found
}

fn needed_by<'a>(told: &'a Told<'_>, row: &'a NeedsGate) -> Option<&'a Said> {
    told.within(&row.path).find(|said| {
        let text = said.text();
        !text.is_empty() && row.unless.as_deref() != Some(text.as_str())
    })
}

fn closed(
    model: &Model,
    told: &Told<'_>,
    code: &'static Descriptor,
    row: &NeedsGate,
    said: &Said,
) -> Option<Diagnostic> {
    let release = model.facts.release.as_ref()?;
    let gate = &row.gate;
    let program = told.limits.map_or("the program", |limits| &limits.program);
    let (why, closed) = match told.gate(gate) {
        Open::Yes => return None,
        Open::Closed(origin) => ("is turned off".to_owned(), origin.span()),
        Open::ByDefault => (format!("is off in Kubernetes {}", release.name), None),
    };
    let message = format!(
        "{} needs the feature gate {gate}, which {why}: {program} exits",
        said.name
    );
    let finding = Diagnostic::new(code, message)
        .label(said.key.or(said.value.origin.span()), "needs the gate")
        .label(closed, "turned off here");
    let place = said.key.or(said.value.origin.span());
    let finding = match place {
        Some(place) => finding.choice(|it| it.remove_block("leave the setting out", place)),
        None => finding,
    };
    let open = match model.is_spec() {
        true => format!("`feature-gates {{ {gate} = on }}`"),
        false => format!("`featureGates: {{ {gate}: true }}`"),
    };
    Some(match closed {
        Some(_) => finding.help("leave the gate alone, or the setting out"),
        // A spec has no gates for kube-proxy.
        None if model.is_spec() && said_of_proxy(told) => finding.help("leave the setting out"),
        None => finding
            .label(&model.cluster.kubernetes, "in this release")
            .help(format!(
                "leave the setting out, or write {open} to try what is not finished"
            )),
    })
}

fn said_of_proxy(told: &Told<'_>) -> bool {
    told.limits
        .is_some_and(|limits| limits.kind == "KubeProxyConfiguration")
}
