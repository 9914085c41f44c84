//! Kernel settings of the spec that undo what Kubernetes or the CNI needs.

use std::collections::BTreeSet;

use crate::check::support::findings::Findings;
use crate::check::support::findings::names;
use crate::declare;
use crate::diagnostic::{Descriptor, Diagnostic};
use crate::model::{Model, NodeSettings};
use crate::origin::Origin;
use crate::source::Span;

declare! {
    /// A node forwards packets between its pods and the others, and the rules of services must see what crosses its
    /// bridge. pikc sets the kernel up for both. A setting of the spec comes later in the file and wins: kubeadm then
    /// refuses to start (`ip_forward`, which is the same as `conf.all.forwarding`), or services do not answer on that node
    /// (`bridge-nf-call-iptables`).
    ///
    /// In a cluster with an `ipv6` block the same holds for IPv6, and machines must not have it turned off. What is written for an
    /// interface counts for the one that the cluster uses; another one may be without forwarding or IPv6. `conf.default` is what the
    /// links of new pods begin with.
    ///
    /// Cilium delivers packets past the kernel's routes, so a strict check of where they come from (`rp_filter = 1`) drops those of
    /// pods. Its agent turns the check off when it starts, and this file turns it on again with the next `sysctl --system`.
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
        title: "a kernel setting that undoes what Kubernetes or the CNI needs",
        help: "drop the line: pikc sets what Kubernetes needs",
        sources: ["kubernetes/kubernetes: cmd/kubeadm/app/preflight/checks.go", "kubernetes/kubernetes#123464", "kubernetes/kubeadm#312", "cilium/cilium#20072", "kernel.org: Documentation/networking/ip-sysctl.rst"],
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

/// What every link has a setting for: the family, the setting, the number that undoes what is needed, and what is needed.
const OF_LINKS: &[(Family, &str, i64, &str)] = &[
    (Family::V4, "forwarding", 0, "1"),
    (Family::V6, "forwarding", 0, "1"),
    (Family::V6, "disable_ipv6", 1, "0"),
];

#[derive(Clone, Copy, PartialEq, Eq)]
enum Family {
    V4,
    V6,
}

/// What a setting undoes.
struct Undone<'a> {
    /// Who needs the other value.
    who: &'a str,
    /// The value that it needs.
    wanted: &'a str,
    /// What happens without it.
    without: &'a str,
    /// Where the spec asks for what needs it.
    because: Option<Origin>,
}

pub(in crate::check) fn check(model: &Model, out: &mut Findings<'_>) {
    let all = model.nodes.iter().flat_map(|node| &node.settings.sysctls);
    let lines: BTreeSet<Option<Span>> = all.map(|(_, said)| said.origin.span()).collect();
    // Each line is a mistake of its own.
    for line in lines {
        out.blocks(|settings, nodes| {
            let mut own = settings.sysctls.iter();
            let (key, said) = own.find(|(_, said)| said.origin.span() == line)?;
            let name = &key.value;
            let undone = undone(model, settings, name, &said.value)?;
            let wanted = undone.wanted;
            let message = format!(
                "`{name} = {}` on {}, and without {wanted} {}",
                said.value,
                names(nodes),
                undone.without
            );
            let finding = Diagnostic::new(&CONTRADICTS, message)
                .label(said, format!("{} needs {wanted}", undone.who));
            let finding = match undone.because {
                Some(place) => finding.label(place.span(), "asked for here"),
                None => finding,
            };
            Some(match said.origin.span() {
                Some(span) => finding.fix(format!("write {wanted}"), span, format!("\"{wanted}\"")),
                None => finding,
            })
        });
    }
}

fn undone<'a>(
    model: &'a Model,
    settings: &NodeSettings,
    name: &str,
    value: &str,
) -> Option<Undone<'a>> {
    let mut needed = NEEDED.iter();
    if let Some((_, wanted, without)) = needed.find(|(needed, ..)| *needed == name) {
        return (*wanted != value).then_some(Undone {
            who: "Kubernetes",
            wanted,
            without,
            because: None,
        });
    }
    of_a_link(model, settings, name, value).or_else(|| of_the_cni(model, name, value))
}

fn of_a_link(
    model: &Model,
    settings: &NodeSettings,
    name: &str,
    value: &str,
) -> Option<Undone<'static>> {
    let (family, rest) = match name.strip_prefix("net.ipv4.conf.") {
        Some(rest) => (Family::V4, rest),
        None => (Family::V6, name.strip_prefix("net.ipv6.conf.")?),
    };
    // The name of a VLAN's device has a dot in it.
    let (link, setting) = rest.rsplit_once('.')?;
    let number: i64 = value.parse().ok()?;
    let (_, _, _, wanted) = OF_LINKS
        .iter()
        .find(|(its, known, undoes, _)| *its == family && *known == setting && *undoes == number)?;
    let ipv6 = model.cluster.network.ipv6.as_ref();
    let own = settings
        .cluster_interface()
        .map(|one| one.name.value.as_str());
    let without = match (family, setting, link) {
        (Family::V4, _, "all") => "kubeadm refuses to start",
        (Family::V4, _, "default") => "nothing that pods send leaves the machine",
        (Family::V6, "forwarding", "all" | "default") => "pods have no way out by IPv6",
        (Family::V6, _, "all") => "the machine has no IPv6 address",
        (Family::V6, _, "default") => "the links of pods have no IPv6 address",
        (_, "forwarding", link) if own == Some(link) => "nothing that arrives there reaches a pod",
        (_, _, link) if own == Some(link) => "the machine has no IPv6 address",
        _ => return None,
    };
    let because = match family {
        Family::V4 => None,
        Family::V6 => Some(Origin::Written(ipv6?.head)),
    };
    Some(Undone {
        who: "Kubernetes",
        wanted,
        without,
        because,
    })
}

fn of_the_cni<'a>(model: &'a Model, name: &str, value: &str) -> Option<Undone<'a>> {
    let (choice, facts) = (model.cluster.cni.as_ref()?, model.facts.cni.as_ref()?);
    let mut all = facts.breaks_with.iter();
    let found =
        all.find(|one| one.value == value && one.keys.iter().any(|key| key.value == name))?;
    Some(Undone {
        who: &facts.title,
        wanted: &found.wants,
        without: &found.why,
        because: Some(choice.name.origin.clone()),
    })
}
