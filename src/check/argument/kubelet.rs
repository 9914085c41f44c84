//! The codes of the kubelet's arguments that a release no longer has, or that pikc or kubeadm writes. The rules are those of the other
//! programs.

use crate::declare;

declare! {
    /// A kubelet that is given an argument it does not know exits at once, and kubeadm waits four minutes for it.
    ///
    /// | argument | gone from |
    /// |---|---|
    /// | `network-plugin`, `cni-bin-dir`, `cni-conf-dir` | 1.24 |
    /// | `container-runtime` | 1.27 |
    /// | `pod-infra-container-image` | 1.35 |
    ///
    /// These are often copied from older instructions. None of them needs a replacement: only one kind of runtime is left, and the
    /// sandbox image and the folders of the CNI are the runtime's own settings, which pikc writes.
    /// `pikc stdlib show flags/kubelet` lists all arguments with their releases.
    ///
    /// ```pik fails
    /// kubelet { extra-args { container-runtime = remote } }
    /// ```
    ///
    /// ```pik
    /// kubelet { extra-args { v = "4" } }
    /// ```
    pub static GONE = {
        code: "kubelet/argument-gone",
        since: "0.1.0",
        severity: Error,
        title: "an argument that the kubelet of this release does not know",
        help: "drop the argument",
        sources: ["kubernetes/minikube#16124", "kubernetes/kubernetes#133778"],
    }

    /// pikc and kubeadm write these arguments from other settings: the node's address, its labels, the paths of files
    /// and of the runtime's socket. If an argument is given twice, the kubelet uses the last one, and two parts of the
    /// cluster then disagree. An argument also wins over the kubelet's file, so one for a field that a setting has written
    /// takes that setting's effect away.
    ///
    /// ```pik fails
    /// kubelet { extra-args { node-ip = "192.168.11.99" } }
    /// ```
    ///
    /// ```pik
    /// address = 192.168.11.209
    /// ```
    pub static TAKEN = {
        code: "kubelet/argument-taken",
        since: "0.1.0",
        severity: Error,
        title: "an argument that pikc or kubeadm already writes",
        help: "drop the argument",
        sources: ["kubernetes/kubernetes: cmd/kubeadm/app/phases/kubelet/flags.go", "kubernetes/kubeadm#1987"],
    }
}
