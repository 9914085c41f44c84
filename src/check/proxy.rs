//! kube-proxy's mode and the release.

use super::Findings;
use crate::declare;
use crate::diagnostic::{Descriptor, Diagnostic, Severity};
use crate::model::Model;

declare! {
    /// `nftables` is finished since 1.33, in trial from 1.29 behind a feature gate that is open from 1.31 on. `ipvs` is deprecated
    /// since 1.35: its removal is planned.
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
        severity: Warning,
        title: "a mode of kube-proxy that this release does not have, or not for long",
        help: "write `mode = iptables`",
        sources: ["kubernetes/enhancements#3866", "kubernetes/enhancements#5495", "kubernetes/kubernetes#134539"],
    }
}

pub(super) static CODES: &[&Descriptor] = &[&MODE];

pub(super) fn check(model: &Model, out: &mut Findings<'_>) {
    let (Some(mode), Some(release)) = (&model.cluster.proxy_mode, &model.facts.release) else {
        return;
    };
    let Some(state) = release.proxy_modes.get(&mode.value) else {
        return;
    };
    let (severity, why) = match state.as_str() {
        "none" => (Severity::Error, "does not exist in"),
        "alpha" => (Severity::Error, "is behind a closed feature gate in"),
        "beta" => (Severity::Warning, "is not finished in"),
        "deprecated" => (Severity::Warning, "is deprecated in"),
        _ => return,
    };
    out.push(
        Diagnostic::new(
            &MODE,
            format!(
                "the mode {} of kube-proxy {why} Kubernetes {}",
                mode.value, release.name
            ),
        )
        .severity(severity)
        .label_opt(mode.origin.span(), "this mode")
        .label_opt(
            model
                .cluster
                .kubernetes
                .as_ref()
                .and_then(|version| version.origin.span()),
            "in this release",
        ),
    );
}
