//! Kernel settings of the spec that undo what Kubernetes needs.

use crate::check::support::findings::Findings;
use crate::check::support::findings::names;
use crate::declare;
use crate::diagnostic::{Descriptor, Diagnostic};
use crate::model::Model;

declare! {
    /// A node forwards packets between its pods and the others, and the rules of services must see what crosses its
    /// bridge. pikc sets the kernel up for both. A setting of the spec comes later in the file and wins: kubeadm then
    /// refuses to start (`ip_forward`), or services do not answer on that node (`bridge-nf-call-iptables`).
    ///
    /// ```pik fails
    /// sysctls { "net.ipv4.ip_forward" = "0" }
    /// ```
    ///
    /// ```pik
    /// sysctls { "vm.swappiness" = "10" }
    /// ```
    pub static CONTRADICTS = {
        code: "sysctl/contradicts",
        since: "0.1.0",
        severity: Error,
        title: "a kernel setting that undoes what Kubernetes needs",
        help: "drop the line: pikc sets what Kubernetes needs",
        sources: ["kubernetes/kubernetes: cmd/kubeadm/app/preflight/checks.go", "kubernetes/kubernetes#123464", "kubernetes/kubeadm#312"],
    }
}

pub(in crate::check) static CODES: &[&Descriptor] = &[&CONTRADICTS];

/// What the step 50-kernel sets, and what happens without it.
const NEEDED: &[(&str, &str, &str)] = &[
    ("net.ipv4.ip_forward", "1", "kubeadm refuses to start"),
    (
        "net.bridge.bridge-nf-call-iptables",
        "1",
        "services do not answer",
    ),
    (
        "net.bridge.bridge-nf-call-ip6tables",
        "1",
        "services do not answer",
    ),
];

pub(in crate::check) fn check(_: &Model, out: &mut Findings<'_>) {
    out.blocks(|settings, nodes| {
        settings.sysctls.iter().find_map(|(key, said)| {
            let name = &key.value;
            let (_, wanted, without) = NEEDED
                .iter()
                .find(|(needed, wanted, _)| needed == name && *wanted != said.value)?;
            let finding = Diagnostic::new(
                &CONTRADICTS,
                format!(
                    "`{name} = {}` on {}, and without {wanted} {without}",
                    said.value,
                    names(nodes)
                ),
            )
            .label(said, format!("Kubernetes needs {wanted}"));
            Some(match said.origin.span() {
                Some(span) => finding.fix(format!("write {wanted}"), span, format!("\"{wanted}\"")),
                None => finding,
            })
        })
    });
}
