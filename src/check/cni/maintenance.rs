//! Who maintains the pod network: upstream, or the operator.

use crate::check::support::findings::Findings;
use crate::declare;
use crate::diagnostic::{Descriptor, Diagnostic};
use crate::model::Model;
use crate::stdlib::{Maintenance, Word};

declare! {
    /// No one maintains this CNI any more, or hardly anyone: security holes stay open, and it may not run on the next
    /// release of Kubernetes or of the system. It may work today. If a cluster moves to another CNI later, all of its
    /// pods lose their network for a while.
    ///
    /// If you have reasons to use it, say so: `allow cni/unmaintained { reason = "..." }`.
    ///
    /// ```pik fails
    /// cni weave { }
    /// ```
    ///
    /// ```pik
    /// cni flannel { }
    /// ```
    pub static UNMAINTAINED = {
        code: "cni/unmaintained",
        since: "0.1.0",
        severity: Warning,
        title: "a CNI that no one maintains",
        help: "choose flannel, or Calico if you need network policies",
        no_edit: "another CNI has other options, and pods move to it by hand; `pikc cni SPEC` compares them",
        sources: ["kubernetes-sigs/kubespray#12230", "kubernetes/kops#12946", "rancher/rancher#45954"],
    }

    /// With `cni none` pikc prepares the machines for a pod network and applies none. Until you bring one, every node
    /// stays NotReady, CoreDNS waits, and no pod gets an address. The steps say so and succeed; README.md in the output
    /// lists what the network that you bring has to provide.
    ///
    /// ```pik fails
    /// cni none { }
    /// ```
    ///
    /// ```pik
    /// cni flannel { }
    /// ```
    pub static BY_HAND = {
        code: "cni/by-hand",
        since: "0.1.0",
        severity: Note,
        title: "a pod network that you bring yourself",
        help: "README.md in the output lists what it has to provide; `cni flannel { }` is the simplest network that pikc writes",
        no_edit: "nothing is wrong: the network is brought by hand",
        sources: ["kubernetes.io/docs/setup/production-environment/tools/kubeadm/create-cluster-kubeadm"],
    }
}

pub(in crate::check) static CODES: &[&Descriptor] = &[&UNMAINTAINED, &BY_HAND];

pub(in crate::check) fn check(model: &Model, out: &mut Findings<'_>) {
    let (Some(choice), Some(facts)) = (&model.cluster.cni, &model.facts.cni) else {
        return;
    };
    let place = choice.name.origin.span();
    if facts.by_hand && choice.manifest.is_none() {
        let message = "pikc applies no pod network: every node stays NotReady, and CoreDNS waits, until you bring one";
        out.push(Diagnostic::new(&BY_HAND, message).label(place, "nothing is applied"));
    }
    let Some(status) = facts
        .status
        .as_ref()
        .filter(|status| status.value != Maintenance::Active)
    else {
        return;
    };
    let known = facts.maintenance.as_deref().unwrap_or("no one works on it");
    let finding = Diagnostic::new(
        &UNMAINTAINED,
        format!("{} is no longer maintained: {known}", facts.title),
    );
    out.push(
        finding
            .label(place, "this CNI")
            .note(format!("the library calls it {}", status.value.word())),
    );
}
