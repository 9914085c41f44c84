//! Arguments that pikc or kubeadm writes: a second one would override them.

use super::kubelet;
use super::{Argument, KUBELET, Program, as_read, each};
use crate::check::support::findings::Findings;
use crate::declare;
use crate::diagnostic::{Descriptor, Diagnostic};
use crate::model::{Carried, Model, Target, overlap};

declare! {
    /// pikc and kubeadm write these arguments of the components of the control plane: ranges of addresses, ports, certificates, and
    /// whatever has a setting. kubeadm takes the user's argument instead of its own, and the parts of the cluster that were
    /// set up with the other value disagree with it: certificates, kube-proxy, the CNI.
    ///
    /// `pikc stdlib show flags/kube-apiserver` lists them (`written`) with the setting to use.
    ///
    /// ```pik fails
    /// controller-manager { extra-args { cluster-cidr = "10.245.0.0/16" } }
    /// ```
    ///
    /// ```pik
    /// network {
    ///   lan     = 192.168.11.0/24
    ///   gateway = 192.168.11.1
    ///   dns     = [192.168.11.1]
    ///   pods    = 10.245.0.0/16
    /// }
    /// ```
    pub static TAKEN = {
        code: "argument/taken",
        since: "0.1.0",
        severity: Error,
        title: "an argument that pikc or kubeadm already writes",
        help: "drop the argument",
        sources: ["kubernetes/kubernetes: cmd/kubeadm/app/phases/controlplane/manifests.go", "kubernetes/kubeadm#1601"],
    }
}

pub(in crate::check) static CODES: &[&Descriptor] = &[&kubelet::TAKEN, &TAKEN];

pub(in crate::check) fn check(model: &Model, out: &mut Findings<'_>) {
    each(model, out, judge);
}

fn judge(model: &Model, program: &Program<'_>, (name, _): &Argument) -> Option<Diagnostic> {
    let flag = program.flags.find(&as_read(program, &name.value))?;
    // One that the release does not have is reported as such.
    if !flag.is_in(program.release) {
        return None;
    }
    let code = match program.name {
        KUBELET => &kubelet::TAKEN,
        _ => &TAKEN,
    };
    if let Some(by) = writer(model, program, &flag.name) {
        let message = format!(
            "the argument `{}` is already written elsewhere: {by}",
            flag.name
        );
        let finding = Diagnostic::new(code, message)
            .label(name, "a second one")
            .remove("drop the argument", &name.origin);
        return Some(match by.contains('`') {
            true => finding.help(format!("drop the argument, and use {by}")),
            false => finding,
        });
    }
    let field = flag.field()?;
    let given = program.kubelets.iter().flat_map(|kubelet| &kubelet.carried);
    let setting = given.into_iter().find(|one| is_field(one, field))?;
    let message = format!(
        "the argument `{}` would override {}: the kubelet reads its file first",
        flag.name, setting.setting
    );
    Some(
        Diagnostic::new(code, message)
            .label(name, "wins")
            .label(setting.key, "would have no effect")
            .remove("drop the argument", &name.origin),
    )
}

/// From what pikc or kubeadm writes an argument.
fn writer<'a>(model: &'a Model, program: &Program<'a>, name: &str) -> Option<&'a str> {
    let encrypts = model.cluster.control_plane.api_server.encryption.is_some();
    if encrypts && name == "encryption-provider-config" {
        return Some("the block `encryption-at-rest` of `api-server`");
    }
    program
        .flags
        .writer(name)
        .or_else(|| model.facts.setting_of_argument(program.name, name))
}

fn is_field(one: &Carried, field: &str) -> bool {
    matches!(&one.target, Target::Field { kind, path } if kind == "KubeletConfiguration" && overlap(path, field))
}
