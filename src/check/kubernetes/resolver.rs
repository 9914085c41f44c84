//! Where pods find name servers: each node's own list, if systems keep it in different places.

use crate::check::support::findings::Findings;
use crate::check::support::findings::names;
use crate::declare;
use crate::diagnostic::{Descriptor, Diagnostic};
use crate::model::{Kubelet, Model};

declare! {
    /// Up to Kubernetes 1.30 kubeadm looks for the list of name servers on the first machine, and gives every kubelet
    /// the same path. On Ubuntu systemd-resolved writes it, on Raspberry Pi OS it is /etc/resolv.conf. In a cluster
    /// with both, pods on one kind of node do not start (the file is missing), or their queries go in circles and
    /// CoreDNS exits ("Loop detected").
    ///
    /// From 1.31 on each node finds its own.
    ///
    /// ```pik whole fails
    /// cluster home {
    ///   kubernetes = 1.30
    ///   network {
    ///     lan     = 192.168.11.0/24
    ///     gateway = 192.168.11.1
    ///     dns     = [192.168.11.1]
    ///   }
    ///   runtime crio { }
    ///   cni flannel { }
    /// }
    /// profile all {
    ///   board = pi-4b-4g
    ///   interface eth0 { }
    ///   user pi { ssh-keys = ["ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIExampleExampleExampleExampleExampleExampleE you@laptop"] }
    /// }
    /// node node01 { profile = all, role = control-plane, os = ubuntu-24.04, address = 192.168.11.201 }
    /// node node02 { profile = all, role = worker, os = raspios-bookworm, address = 192.168.11.202 }
    /// ```
    ///
    /// ```pik
    /// kubernetes = 1.36
    /// ```
    pub static SHARED = {
        code: "kubelet/resolv-conf",
        since: "0.1.0",
        severity: Warning,
        title: "one list of name servers for systems that keep it in different places",
        help: "write `kubernetes = 1.31` or later, or the argument `resolv-conf` for these nodes",
        no_edit: "a newer release and an argument for each machine are both large changes, and the block may hold other arguments",
        sources: ["kubernetes/kubeadm#3034", "kubernetes/kubernetes#124038", "coredns/coredns#2087"],
    }
}

pub(in crate::check) static CODES: &[&Descriptor] = &[&SHARED];

/// The list as systemd-resolved writes it, and the usual one.
const RESOLVED: &str = "/run/systemd/resolve/resolv.conf";
const PLAIN: &str = "/etc/resolv.conf";

pub(in crate::check) fn check(model: &Model, out: &mut Findings<'_>) {
    let Some(release) = &model.facts.release else {
        return;
    };
    if release.own_resolv_conf.as_ref().is_none_or(|own| own.value)
        || sets_resolv_conf(&model.cluster.kubelet)
    {
        return;
    }
    let Some((first, system)) = model
        .first_control_plane()
        .and_then(|node| Some((node, node.settings.os.as_ref()?)))
    else {
        return;
    };
    let Some(all) = &system.value.resolved else {
        return;
    };
    out.blocks(|settings, nodes| {
        let os = settings.os.as_ref()?;
        let own = os.value.resolved.as_ref()?;
        if own.value == all.value || sets_resolv_conf(&settings.kubelet) {
            return None;
        }
        let (theirs, why) = match own.value {
            true => (RESOLVED, "has it elsewhere: its /etc/resolv.conf names the machine itself"),
            false => (PLAIN, "has no such file: its pods do not start"),
        };
        Some(
            Diagnostic::new(
                &SHARED,
                format!(
                    "kubeadm {} tells {} to look for name servers where {} has them",
                    release.name,
                    names(nodes),
                    first.name.value
                ),
            )
            .label(os, why)
            .label(system, "the first machine's")
            .help(format!(
                "write `kubernetes = 1.31` or later, or for {}: `kubelet {{ extra-args {{ resolv-conf = \"{theirs}\" }} }}`",
                names(nodes)
            )),
        )
    });
}

fn sets_resolv_conf(kubelet: &Kubelet) -> bool {
    kubelet
        .extra_args
        .iter()
        .any(|(key, _)| key.value == "resolv-conf")
}
