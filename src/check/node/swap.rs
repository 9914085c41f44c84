//! Swap and the kubelet: if a machine has swap, its kubelet must be told to tolerate it.

use crate::check::support::findings::Findings;
use crate::check::support::findings::{names, scope_prefix, verb};
use crate::check::support::offers::instead;
use crate::declare;
use crate::diagnostic::{Descriptor, Diagnostic};
use crate::model::{Model, NodeSettings, Swap};
use crate::origin::Origin;
use crate::stdlib::Cgroup;

declare! {
    /// The kubelet exits when it finds swap in use, unless it is told `failSwapOn: false`. This is so in every release;
    /// swap becoming a stable feature in 1.34 did not change it.
    ///
    /// What happens on the machine: `kubeadm join` warns about swap and goes on. It overwrites the kubelet's file with
    /// the cluster's (whatever was there before is lost), starts the kubelet, and the kubelet exits: "running with swap
    /// on is not supported". kubeadm asks port 10248 for four minutes and gives up. The next attempt needs
    /// `kubeadm reset` first.
    ///
    /// `--ignore-preflight-errors=Swap` does not help: it hides the warning and changes nothing about the kubelet.
    ///
    /// What works, by release:
    ///
    /// | release | all nodes | single nodes |
    /// |---|---|---|
    /// | up to 1.24 | `failSwapOn: false` at init | the argument `--fail-swap-on=false` |
    /// | from 1.25 | the same | a `kubeletconfiguration` patch, given to init, join and upgrade |
    ///
    /// With `swap = on` pikc writes exactly that for the node, before it joins. So the error can only come from a
    /// setting that says the opposite.
    ///
    /// ```pik fails
    /// swap = on
    /// kubelet { fail-swap-on = on }
    /// ```
    ///
    /// ```pik
    /// swap = on
    /// ```
    pub static REFUSES = {
        code: "swap/kubelet-refuses",
        since: "0.1.0",
        severity: Error,
        title: "swap on a node whose kubelet refuses it",
        help: "drop the `fail-swap-on` line: pikc tells the kubelet what fits `swap`",
        sources: ["kubernetes/kubeadm#2563", "kubernetes/kubeadm#610", "kubernetes/kubeadm#2580", "kubernetes/kubernetes: pkg/kubelet/cm/container_manager_linux.go"],
    }

    /// Up to 1.29 the kubelet lets pods use swap only behind a feature gate that is not stable yet, and needs cgroup v2
    /// for it. From 1.30 on `swap = limited` is one line of the kubelet's file.
    ///
    /// ```pik fails
    /// kubernetes = 1.24
    /// swap = limited
    /// ```
    ///
    /// ```pik
    /// swap = limited
    /// ```
    pub static LIMITED = {
        code: "swap/limited-unsupported",
        since: "0.1.0",
        severity: Error,
        title: "swap for pods on a release or system that cannot do it",
        help: "write `swap = on`, or a newer `kubernetes`",
        sources: ["kubernetes/enhancements#2400", "kubernetes/kubernetes: pkg/kubelet/apis/config/types.go"],
    }

    /// Up to 1.29, whether pods use the swap of a node that tolerates it depends on the runtime and on the cgroup
    /// version, and is not documented. From 1.30 on they do not.
    ///
    /// ```pik fails
    /// kubernetes = 1.29
    /// runtime crio { }
    /// swap = on
    /// ```
    ///
    /// ```pik
    /// swap = on
    /// ```
    pub static UNCERTAIN = {
        code: "swap/old-release-uncertain",
        since: "0.1.0",
        severity: Warning,
        title: "swap on a release that does not say what pods get of it",
        help: "write `swap = off`, or `kubernetes = 1.30` or later",
        sources: ["kubernetes/enhancements#2400"],
    }
}

pub(in crate::check) static CODES: &[&Descriptor] = &[&REFUSES, &LIMITED, &UNCERTAIN];

pub(in crate::check) fn check(model: &Model, out: &mut Findings<'_>) {
    refuses(model, out);
    limited(model, out);
    uncertain(model, out);
}

/// Swap stays on, and a setting makes the kubelet refuse to start with it.
fn refuses(model: &Model, out: &mut Findings<'_>) {
    out.blocks(|settings, nodes| {
        let swap = settings.swap.as_ref().filter(|swap| swap.value != Swap::Off)?;
        let said = refusal(model, settings)?;
        let who = names(nodes);
        let their = verb(nodes, "its", "their");
        let from = scope_prefix(model, said.origin.span());
        let release = model.facts.release.as_ref();
        let how = match release.map(|release| release.kubelet_patches.value) {
            Some(false) => "in an argument that `kubeadm join` keeps",
            _ => "in a patch that `kubeadm join` applies",
        };
        let mut finding = Diagnostic::new(
            &REFUSES,
            format!(
                "{who} {} swap on, and {their} kubelet refuses to start with swap",
                verb(nodes, "keeps", "keep"),
            ),
        )
        .label(swap, "swap stays on")
        .label(&said.origin, format!("{from}{}", said.role))
        .help(format!(
            "drop the {} line: with `swap = {}` pikc configures the kubelet of {} to tolerate it, {how}",
            said.line,
            swap.value.word(),
            if nodes.len() == 1 { "this node".to_owned() } else { format!("these {} nodes", nodes.len()) },
        ));
        if let Some(release) = release {
            finding = finding.note(if release.swap.needs_gate {
                format!("on Kubernetes {} it is not documented what pods get of the swap; from 1.30 on they use none unless `swap = limited`", release.name)
            } else {
                format!("on Kubernetes {} pods use no swap unless `swap = limited`; before 1.30 this was different", release.name)
            });
        }
        if said.whole_line && let Some(span) = said.origin.span() {
            finding = finding.fix("tolerate swap", span, "off");
        }
        Some(finding)
    });
}

/// Nodes that cannot give pods limited swap.
fn limited(model: &Model, out: &mut Findings<'_>) {
    out.blocks(|settings, nodes| {
        let swap = settings
            .swap
            .as_ref()
            .filter(|swap| swap.value == Swap::Limited)?;
        let release = model.facts.release.as_ref()?;
        let cgroup = settings.os.as_ref().map(|os| os.value.cgroup.value);
        let why = if !release.kubelet_patches.value {
            format!(
                "kubeadm {} has no way to configure single kubelets",
                release.name
            )
        } else if !release
            .swap
            .behaviours
            .iter()
            .any(|word| word == "LimitedSwap")
        {
            format!("the kubelet of {} has no limited swap", release.name)
        } else if cgroup == Some(Cgroup::V1) {
            "limited swap needs cgroup v2".to_owned()
        } else {
            return None;
        };
        let message = format!("{} cannot give pods limited swap: {why}", names(nodes));
        let finding = Diagnostic::new(&LIMITED, message)
            .label(swap, "pods may use swap")
            .label(&model.cluster.kubernetes, "the release");
        Some(instead(finding, &swap.origin, ["on", "off"]))
    });
}

/// Releases that do not say what pods get of swap.
fn uncertain(model: &Model, out: &mut Findings<'_>) {
    out.blocks(|settings, nodes| {
        let swap = settings
            .swap
            .as_ref()
            .filter(|swap| swap.value == Swap::On)?;
        let release = model.facts.release.as_ref()?;
        release
            .swap
            .needs_gate
            .then(|| {
                Diagnostic::new(
                    &UNCERTAIN,
                    format!(
                        "{} {} swap on, and Kubernetes {} does not say what pods get of it",
                        names(nodes),
                        verb(nodes, "keeps", "keep"),
                        release.name
                    ),
                )
                .label(swap, "swap stays on")
                .label(&model.cluster.kubernetes, "from 1.30 on pods use none")
            })
            .map(|finding| instead(finding, &swap.origin, ["off"]))
    });
}

/// The setting that makes the kubelet of a node refuse swap, if one does.
struct Refusal {
    origin: Origin,
    role: &'static str,
    line: &'static str,
    whole_line: bool,
}

/// An argument wins over every file, and a node's own setting over the cluster's. Only explicit settings count: without
/// one, pikc decides by `swap`.
fn refusal(model: &Model, settings: &NodeSettings) -> Option<Refusal> {
    let both = [&settings.kubelet, &model.cluster.kubelet];
    let argument = both.iter().find_map(|kubelet| {
        kubelet
            .extra_args
            .iter()
            .find(|(key, _)| key.value == "fail-swap-on")
    });
    if let Some((_, value)) = argument {
        // What Go's flag package parses as false.
        let tolerated = ["false", "False", "FALSE", "f", "F", "0"].contains(&value.value.as_str());
        return (!tolerated).then(|| Refusal {
            origin: value.origin.clone(),
            role: "an argument, which wins over every file: the kubelet exits when it finds swap",
            line: "`fail-swap-on` argument",
            whole_line: false,
        });
    }
    let said = both
        .iter()
        .find_map(|kubelet| kubelet.fail_swap_on.as_ref())?;
    said.value.then(|| Refusal {
        origin: said.origin.clone(),
        role: "the kubelet exits when it finds swap",
        line: "`fail-swap-on`",
        whole_line: true,
    })
}
