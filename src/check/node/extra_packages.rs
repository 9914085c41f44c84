//! Additional packages that work against the cluster.

use crate::check::support::findings::Findings;
use crate::declare;
use crate::diagnostic::{Descriptor, Diagnostic};
use crate::model::{Model, NodeSettings};
use crate::stdlib::{Clash, Word};

declare! {
    /// Some packages change what pikc, kube-proxy or the CNI sets up on the same machine: a firewall of their own, a second container runtime,
    /// swap. Each of them installs without an error, and what no longer works shows later and elsewhere. The library lists them, with
    /// what happens.
    ///
    /// firewalld on a system whose installer sets it up (Rocky Linux, AlmaLinux) is not one of them: a step opens what the cluster needs.
    ///
    /// If you know how you keep them apart, allow the warning.
    ///
    /// ```pik fails
    /// packages { extra = [htop, ufw] }
    /// ```
    ///
    /// ```pik
    /// packages { extra = [htop] }
    /// ```
    pub static CLASH = {
        code: "packages/clash",
        since: "0.1.0",
        severity: Warning,
        title: "an additional package that works against the cluster",
        help: "leave the package out",
        sources: ["kubernetes/kubernetes#39823", "containers/podman#16567", "firewalld/firewalld#779"],
    }
}

pub(in crate::check) static CODES: &[&Descriptor] = &[&CLASH];

pub(in crate::check) fn check(model: &Model, out: &mut Findings<'_>) {
    out.each(|settings| {
        let asked = settings.packages.extra.iter();
        let found = asked.filter_map(|package| {
            let clash = clash(model, settings, &package.value)?;
            let message = format!("the package {}: {}", package.value, clash.why);
            let finding =
                Diagnostic::new(&CLASH, message).label(package, "installed on this machine");
            Some(finding.choice(|it| it.remove_element("leave it out", &package.origin)))
        });
        found.collect()
    });
}

/// What the library knows against a package; nothing against the firewall that the system's installer sets up.
fn clash<'a>(model: &'a Model, settings: &NodeSettings, package: &str) -> Option<&'a Clash> {
    let os = settings.os.as_ref();
    let own = os.and_then(|os| os.value.firewall.as_ref());
    if own.is_some_and(|own| own.value.word() == package) {
        return None;
    }
    let mut all = model.facts.clashes.iter();
    all.find(|clash| clash.packages.iter().any(|name| name == package))
}
