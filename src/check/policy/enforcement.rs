//! Network policies as a whole: the CNI enforces them, names still resolve, the cluster's own pods still work.

use ipnet::IpNet;

use crate::check::support::findings::Findings;
use crate::declare;
use crate::diagnostic::{Descriptor, Diagnostic};
use crate::model::{CniChoice, Direction, Model, Pairs, Peers, Policy};
use crate::origin::Sourced;
use crate::stdlib::Cni;
use crate::value::{Protocol, Val};

declare! {
    /// The API server accepts network policies whatever the CNI is. If the CNI does not enforce them, they are stored,
    /// listed and shown, and nothing is denied: the cluster looks closed and is open.
    ///
    /// ```pik fails
    /// cni flannel { }
    /// policy closed { namespaces = shop, deny = ingress }
    /// ```
    ///
    /// ```pik
    /// cni calico { }
    /// policy closed { namespaces = shop, deny = ingress }
    /// ```
    pub static NOT_ENFORCED = {
        code: "policy/not-enforced",
        since: "0.1.0",
        severity: Error,
        title: "network policies that the CNI ignores",
        help: "write `cni calico { }`, or drop the policies",
        no_edit: "another CNI is a decision about the cluster, and the policies are what was asked for",
        sources: ["kubernetes.io/docs/concepts/services-networking/network-policies (prerequisites)", "flannel-io/flannel README"],
    }

    /// The manifest is your own, or the whole network is (`cni none`), and pikc cannot tell whether what it installs
    /// enforces network policies: flannel alone does not, flannel with a policy controller next to it does.
    ///
    /// ```pik fails
    /// cni flannel { manifest = "tests/specs/kube-flannel.yml" }
    /// policy closed { namespaces = shop, deny = ingress }
    /// ```
    ///
    /// ```pik
    /// cni calico { }
    /// policy closed { namespaces = shop, deny = ingress }
    /// ```
    pub static ENFORCER_UNKNOWN = {
        code: "policy/enforcer-unknown",
        since: "0.1.0",
        severity: Warning,
        title: "network policies on a network that may not enforce them",
        help: "make sure that what you bring enforces policies, and `allow` this with what it is",
        no_edit: "only the operator knows what enforces policies in the network that they bring",
        sources: ["kubernetes.io/docs/concepts/services-networking/network-policies (prerequisites)", "flannel-io/flannel README"],
    }

    /// A pod that may open no connection cannot resolve a name either: it does not find what other rules let it reach.
    /// It looks like a broken name service, and is the most frequent mistake with network policies.
    ///
    /// Policies add up: it is enough if one of those for the same pods lets name queries through.
    ///
    /// ```pik fails
    /// cni calico { }
    /// policy closed { namespaces = shop, deny = [ingress, egress] }
    /// ```
    ///
    /// ```pik
    /// cni calico { }
    /// policy closed { namespaces = shop, deny = [ingress, egress], dns = on }
    /// ```
    pub static NO_DNS = {
        code: "policy/no-dns",
        since: "0.1.0",
        severity: Warning,
        title: "pods that may not resolve names",
        help: "write `dns = on`",
        sources: ["kubernetes.io/docs/concepts/services-networking/network-policies (default deny all egress)"],
    }

    /// kube-system holds what the cluster itself runs on: CoreDNS, which all pods ask and which asks the API server and
    /// the machines' own name servers, and controllers of the CNI. Denying all of them their connections stops name
    /// resolution in the whole cluster. A policy for pods of your own there says which (`pods { }`).
    ///
    /// ```pik fails
    /// cni calico { }
    /// policy closed { namespaces = [shop, kube-system], deny = ingress }
    /// ```
    ///
    /// ```pik
    /// cni calico { }
    /// policy closed { namespaces = shop, deny = ingress }
    /// ```
    pub static CLUSTER_PODS = {
        code: "policy/cluster-pods",
        since: "0.1.0",
        severity: Warning,
        title: "a policy that denies the cluster's own pods their connections",
        help: "take kube-system out of `namespaces`, or say with `pods { }` which of its pods are meant",
        sources: ["kubernetes.io/docs/concepts/services-networking/network-policies", "kubernetes.io/docs/tasks/administer-cluster/dns-custom-nameservers"],
    }
}

pub(in crate::check) static CODES: &[&Descriptor] =
    &[&NOT_ENFORCED, &ENFORCER_UNKNOWN, &NO_DNS, &CLUSTER_PODS];

/// The namespace of the cluster's own pods, and the label of its name service there.
const OWN_NAMESPACE: &str = "kube-system";
const DNS_LABEL: (&str, &str) = ("k8s-app", "kube-dns");
const NAME_LABEL: &str = "kubernetes.io/metadata.name";
const DNS_PORT: u16 = 53;

pub(in crate::check) fn check(model: &Model, out: &mut Findings<'_>) {
    enforced(model, out);
    for policy in &model.cluster.policies {
        names_resolve(model, policy, out);
        own_pods(policy, out);
    }
}

fn enforced(model: &Model, out: &mut Findings<'_>) {
    let policies = &model.cluster.policies;
    let (Some(first), Some(choice), Some(facts)) =
        (policies.first(), &model.cluster.cni, &model.facts.cni)
    else {
        return;
    };
    let off = switched_off(choice, facts);
    if facts.policy.value && off.is_none() {
        return;
    }
    let what = match policies.len() {
        1 => format!("the policy `{}`", first.name.value),
        more => format!("{more} policies"),
    };
    out.push(match &choice.manifest {
        None if facts.by_hand => Diagnostic::new(
            &ENFORCER_UNKNOWN,
            format!("pikc cannot tell whether the network that you bring enforces network policies: {what} may deny nothing"),
        )
        .label(first.head, "something has to enforce this")
        .label(&choice.name, "brought by you"),
        None => Diagnostic::new(
            &NOT_ENFORCED,
            format!(
                "{} enforces no network policies{}: {what} would be accepted and deny nothing",
                facts.title,
                off.as_ref().map_or("", |_| " as it is set here"),
            ),
        )
        .label(first.head, "nothing would enforce this")
        .label(
            off.as_ref()
                .map_or(&choice.name.origin, |off| &off.origin)
                .span(),
            if off.is_some() {
                "switched off here"
            } else {
                "this CNI does not"
            },
        ),
        Some(manifest) => Diagnostic::new(
            &ENFORCER_UNKNOWN,
            format!(
                "{} alone enforces no network policies, and pikc cannot tell whether your own manifest does: {what} may deny nothing",
                facts.title
            ),
        )
        .label(first.head, "something has to enforce this")
        .label(manifest, "applied as it is"),
    });
}

/// The option that keeps a CNI from enforcing policies that it could enforce.
fn switched_off<'a>(choice: &'a CniChoice, facts: &Cni) -> Option<&'a Sourced<Val>> {
    let offer = facts
        .offers
        .iter()
        .find(|offer| offer.name == "network-policy")?;
    let (option, wanted) = offer.option.as_ref()?;
    let given = choice.option(option)?;
    let differs = |wanted: &String| given.value.to_string() != *wanted;
    wanted.as_ref().is_some_and(differs).then_some(given)
}

fn names_resolve(model: &Model, policy: &Policy, out: &mut Findings<'_>) {
    let Some(denied) = policy.denies(Direction::Egress) else {
        return;
    };
    let pods = model.cluster.network.pods.as_ref().map(|pods| pods.value);
    let policies = &model.cluster.policies;
    // What could not be read may have let them through.
    let unclear = |policy: &Policy| !policy.sound || !policy.peers.iter().all(|block| block.sound);
    let lost: Vec<&str> = policy
        .namespaces
        .iter()
        .map(|namespace| namespace.value.as_str())
        .filter(|namespace| {
            !policies.iter().any(|other| {
                let here = other.namespaces.iter().any(|own| own.value == *namespace);
                here && selects_all_of(other, policy)
                    && other.denies(Direction::Egress).is_some()
                    && (unclear(other) || resolves(other, pods))
            })
        })
        .collect();
    let Some(first) = lost.first() else {
        return;
    };
    let whose = match lost.len() {
        1 => format!("of {first}"),
        more => format!("of {first} and {} more namespaces", more - 1),
    };
    let whose = whose.replace("1 more namespaces", "1 more namespace");
    let message = format!(
        "with `{}` the pods {whose} cannot resolve names any more",
        policy.name.value
    );
    let finding = Diagnostic::new(&NO_DNS, message)
        .label(denied, "queries to the name service are denied, too")
        .label(policy.head, "nothing here lets them through");
    out.push(finding.choice(
        |it| match policy.dns.as_ref().filter(|dns| dns.origin.is_written()) {
            Some(dns) => it.write(&dns.origin, "on"),
            None => it.add_inside("add `dns = on`", policy.head, "dns = on"),
        },
    ));
}

/// Whether a policy applies to all of the pods of another one, in a namespace where both are in force.
fn selects_all_of(policy: &Policy, other: &Policy) -> bool {
    policy.pods.iter().all(|(key, value)| {
        let mut theirs = other.pods.iter();
        theirs.any(|(k, v)| k.value == key.value && v.value == value.value)
    })
}

/// Whether the pods of a policy reach the cluster's name service.
fn resolves(policy: &Policy, pods: Option<IpNet>) -> bool {
    policy.allows_dns().is_some()
        || policy
            .peers
            .iter()
            .any(|block| block.direction == Direction::Egress && reaches_dns(block, pods))
}

fn reaches_dns(block: &Peers, range: Option<IpNet>) -> bool {
    let only = |labels: &Pairs, (key, value): (&str, &str)| {
        labels
            .iter()
            .all(|(k, v)| (k.value.as_str(), v.value.as_str()) == (key, value))
    };
    let port = block.ports.is_empty()
        || block
            .ports
            .iter()
            .any(|port| (port.value.port, port.value.protocol) == (DNS_PORT, Protocol::Udp));
    let pods = block.pods.as_ref().is_none_or(|pods| only(pods, DNS_LABEL));
    let named = block
        .namespaces
        .iter()
        .any(|namespace| namespace.value == OWN_NAMESPACE);
    let labelled = block
        .namespace_labels
        .as_ref()
        .is_some_and(|labels| only(labels, (NAME_LABEL, OWN_NAMESPACE)));
    let by_address = block
        .cidr
        .iter()
        .any(|network| range.is_some_and(|range| network.value.contains(&range)));
    port && (block.everyone || by_address || (pods && (named || labelled)))
}

fn own_pods(policy: &Policy, out: &mut Findings<'_>) {
    let Some(namespace) = policy
        .namespaces
        .iter()
        .find(|namespace| namespace.value == OWN_NAMESPACE)
    else {
        return;
    };
    let (label, _) = DNS_LABEL;
    let others = !policy.pods.is_empty() && policy.pods.iter().all(|(key, _)| key.value != label);
    let Some(denied) = policy.deny.first() else {
        return;
    };
    if others || !policy.sound {
        return;
    }
    let message = format!(
        "`{}` denies the cluster's own pods their connections, CoreDNS among them",
        policy.name.value
    );
    let finding = Diagnostic::new(&CLUSTER_PODS, message)
        .label(namespace, "the cluster's own pods are here")
        .label(denied, "denied");
    // A policy for no other namespace would be for none.
    out.push(match policy.namespaces.len() {
        1 => finding,
        _ => finding.choice(|it| it.remove_element("leave `kube-system` out", &namespace.origin)),
    });
}
