//! What a network policy lets through: every block and list in it has an effect, and the one that it seems to have.

use std::fmt::Display;

use crate::check::support::findings::Findings;
use crate::declare;
use crate::diagnostic::{Descriptor, Diagnostic};
use crate::model::{Direction, Model, Peers, Policy};
use crate::origin::Sourced;

declare! {
    /// This changes nothing: a policy that denies nothing or applies nowhere, an empty list, or something that is let
    /// through although nothing denies it.
    ///
    /// ```pik fails
    /// cni calico { }
    /// policy closed {
    ///   namespaces = shop
    ///   deny       = ingress
    ///   to { cidr = 192.168.11.0/24 }
    /// }
    /// ```
    ///
    /// ```pik
    /// cni calico { }
    /// policy closed {
    ///   namespaces = shop
    ///   deny       = ingress
    ///   from { cidr = 192.168.11.0/24 }
    /// }
    /// ```
    pub static WITHOUT_EFFECT = {
        code: "policy/without-effect",
        since: "0.1.0",
        severity: Error,
        title: "a part of a policy that changes nothing",
        help: "drop it, or deny what it is about",
        sources: ["kubernetes.io/docs/concepts/services-networking/network-policies (policyTypes)"],
    }

    /// A list contains the same thing twice: one of the two was meant to be another.
    ///
    /// ```pik fails
    /// cni calico { }
    /// policy closed { namespaces = [shop, shop], deny = ingress }
    /// ```
    ///
    /// ```pik
    /// cni calico { }
    /// policy closed { namespaces = [shop, database], deny = ingress }
    /// ```
    pub static REPEATED = {
        code: "policy/repeated",
        since: "0.1.0",
        severity: Error,
        title: "the same thing twice in a list of a policy",
        help: "drop one of the two",
        sources: ["docs/language.md"],
    }

    /// A block names addresses, or it names pods. Both in one could be read as "pods at these addresses", which
    /// Kubernetes cannot express; it would mean "these addresses, and those pods". Two blocks say just that.
    ///
    /// ```pik fails
    /// cni calico { }
    /// policy closed {
    ///   namespaces = shop
    ///   deny       = ingress
    ///   from {
    ///     cidr = 192.168.11.0/24
    ///     pods { app = front }
    ///   }
    /// }
    /// ```
    ///
    /// ```pik
    /// cni calico { }
    /// policy closed {
    ///   namespaces = shop
    ///   deny       = ingress
    ///   from { cidr = 192.168.11.0/24 }
    ///   from { pods { app = front } }
    /// }
    /// ```
    pub static MIXED = {
        code: "policy/mixed-peers",
        since: "0.1.0",
        severity: Error,
        title: "addresses and pods in one block",
        help: "write two blocks, one for the addresses and one for the pods",
        no_edit: "two blocks may need different ports, and to drop one half would change who is let in",
        sources: ["kubernetes.io/docs/reference/kubernetes-api/policy-resources/network-policy-v1 (NetworkPolicyPeer: ipBlock)"],
    }

    /// `except` excludes parts of `cidr`. If it is not inside any of them, or is all of one, the API server refuses it,
    /// and nothing of the policy comes into force.
    ///
    /// ```pik fails
    /// cni calico { }
    /// policy closed {
    ///   namespaces = shop
    ///   deny       = ingress
    ///   from { cidr = 192.168.11.0/24, except = 192.168.12.0/25 }
    /// }
    /// ```
    ///
    /// ```pik
    /// cni calico { }
    /// policy closed {
    ///   namespaces = shop
    ///   deny       = ingress
    ///   from { cidr = 192.168.11.0/24, except = 192.168.11.0/25 }
    /// }
    /// ```
    pub static NO_PART = {
        code: "policy/except-outside",
        since: "0.1.0",
        severity: Error,
        title: "an exception that is not a part of what it is excluded from",
        help: "write a smaller network that lies in `cidr`",
        sources: ["kubernetes/kubernetes: pkg/apis/networking/validation (ValidateIPBlock)"],
    }

    /// The block names no one and no port, so it lets everyone through: what `deny` says for this direction is undone.
    ///
    /// ```pik fails
    /// cni calico { }
    /// policy closed {
    ///   namespaces = shop
    ///   deny       = ingress
    ///   from { }
    /// }
    /// ```
    ///
    /// ```pik
    /// cni calico { }
    /// policy closed {
    ///   namespaces = shop
    ///   deny       = ingress
    ///   from { ports = 443/tcp }
    /// }
    /// ```
    pub static OPEN = {
        code: "policy/allows-everything",
        since: "0.1.0",
        formerly: ["policy/lets-everyone-through"],
        severity: Warning,
        title: "a policy that denies, and lets everyone through",
        help: "say who is meant (`cidr`, `namespaces`, `pods { }`) or on which `ports`; or leave this direction out of `deny`",
        sources: ["kubernetes.io/docs/concepts/services-networking/network-policies (allow all)"],
    }

    /// These addresses are the cluster's own. Pods get another address each time they start, so a rule by address
    /// applies to whichever pod has it next. Service addresses are replaced by pod addresses on the way, and whether a
    /// rule sees one or the other is not defined. Labels say what is meant.
    ///
    /// A network that contains more than the cluster's ranges is fine (`0.0.0.0/0`).
    ///
    /// ```pik fails
    /// cni calico { }
    /// policy closed {
    ///   namespaces = shop
    ///   deny       = ingress
    ///   from { cidr = 10.244.3.0/24 }
    /// }
    /// ```
    ///
    /// ```pik
    /// cni calico { }
    /// policy closed {
    ///   namespaces = shop
    ///   deny       = ingress
    ///   from { pods { app = front } }
    /// }
    /// ```
    pub static INSIDE = {
        code: "policy/address-in-cluster",
        since: "0.1.0",
        severity: Warning,
        title: "a rule by address about pods or services",
        help: "name pods by their labels: `pods { }`, with `namespaces` for those of other namespaces",
        no_edit: "the labels of the pods that are meant are not in the spec",
        sources: ["kubernetes.io/docs/concepts/services-networking/network-policies (ipBlock)"],
    }
}

pub(in crate::check) static CODES: &[&Descriptor] =
    &[&WITHOUT_EFFECT, &REPEATED, &MIXED, &NO_PART, &OPEN, &INSIDE];

pub(in crate::check) fn check(model: &Model, out: &mut Findings<'_>) {
    for policy in &model.cluster.policies {
        effect(policy, out);
        repeated("namespaces", &policy.namespaces, out);
        let words: Vec<Sourced<&str>> = policy
            .deny
            .iter()
            .map(|denied| denied.as_ref().map(|direction| direction.word()))
            .collect();
        repeated("deny", &words, out);
        for block in &policy.peers {
            of_block(model, policy, block, out);
        }
    }
}

fn effect(policy: &Policy, out: &mut Findings<'_>) {
    let name = &policy.name.value;
    for (list, place) in &policy.empty {
        let what = match *list {
            "deny" => format!("`{name}` denies nothing"),
            _ => format!("`{name}` applies in no namespace"),
        };
        let finding = Diagnostic::new(&WITHOUT_EFFECT, what)
            .label(*place, "nothing in it")
            .help("drop the policy, or write what is missing here");
        out.push(finding);
    }
    let Some(dns) = policy.allows_dns() else {
        return;
    };
    if policy.sound && !policy.deny.is_empty() && policy.denies(Direction::Egress).is_none() {
        out.push(
            Diagnostic::new(
                &WITHOUT_EFFECT,
                format!("`dns` changes nothing: `{name}` does not deny egress"),
            )
            .label(dns, "names resolve anyway")
            .label(policy.deny[0].origin.span(), "all that is denied")
            .choice(|it| it.remove("drop `dns`", &dns.origin)),
        );
    }
}

fn of_block(model: &Model, policy: &Policy, block: &Peers, out: &mut Findings<'_>) {
    let word = match block.direction {
        Direction::Ingress => "from",
        Direction::Egress => "to",
    };
    for (list, place) in &block.empty {
        out.push(
            Diagnostic::new(&WITHOUT_EFFECT, format!("`{list}` lists nothing"))
                .label(*place, "nothing in it")
                .help(format!("drop `{list}`, or write what is missing here"))
                .choice(|it| it.remove_block(format!("drop `{list}`"), *place)),
        );
    }
    repeated("cidr", &block.cidr, out);
    repeated("except", &block.except, out);
    repeated("namespaces", &block.namespaces, out);
    repeated("ports", &block.ports, out);
    inside(model, block, out);
    let denied = policy.deny.first().filter(|_| policy.sound);
    if let Some(denied) = denied
        && policy.denies(block.direction).is_none()
    {
        out.push(
            Diagnostic::new(
                &WITHOUT_EFFECT,
                format!(
                    "`{word}` changes nothing: `{}` does not deny {}",
                    policy.name.value,
                    block.direction.word()
                ),
            )
            .label(block.head, "let through anyway")
            .label(denied, "all that is denied")
            .choice(|it| it.remove_block(format!("drop this `{word}`"), block.head)),
        );
        return;
    }
    if !block.sound {
        return;
    }
    open(policy, block, out);
    mixed(word, block, out);
    no_part(block, out);
}

/// A block that names no one: everyone is let through.
fn open(policy: &Policy, block: &Peers, out: &mut Findings<'_>) {
    if block.everyone && block.ports.is_empty() && block.empty.is_empty() && block.except.is_empty()
    {
        out.push(
            Diagnostic::new(
                &OPEN,
                format!(
                    "`{}` denies {}, and lets everyone through",
                    policy.name.value,
                    block.direction.word()
                ),
            )
            .label(block.head, "names no one: everyone")
            .label(
                policy
                    .denies(block.direction)
                    .and_then(|denied| denied.origin.span()),
                "denied, and undone",
            )
            .choice(|it| it.remove_block("let no one through", block.head)),
        );
    }
}

/// Addresses and pods in one block.
fn mixed(word: &str, block: &Peers, out: &mut Findings<'_>) {
    let pods =
        !block.namespaces.is_empty() || block.namespace_labels.is_some() || block.pods.is_some();
    if let Some(network) = block.cidr.first().filter(|_| pods) {
        out.push(
            Diagnostic::new(
                &MIXED,
                format!(
                    "this `{word}` names addresses and pods, and no pod is selected by its address"
                ),
            )
            .label(block.head, "names both")
            .label(network, "addresses"),
        );
    }
}

/// Exceptions that lie in none of the block's networks.
fn no_part(block: &Peers, out: &mut Findings<'_>) {
    for part in &block.except {
        let fits = block.cidr.iter().any(|network| {
            network.value.contains(&part.value)
                && network.value.prefix_len() < part.value.prefix_len()
        });
        if !fits {
            let finding = Diagnostic::new(
                &NO_PART,
                format!("{} is not a part of what it is excluded from", part.value),
            )
            .label(part, "excluded")
            .choice(|it| match block.except.len() {
                1 => it.remove("drop it", &part.origin),
                _ => it.remove_element("drop it", &part.origin),
            });
            out.push(match block.cidr.first() {
                Some(network) => finding.label(network, "from this"),
                None => finding
                    .label(block.head, "there is no `cidr` here")
                    .help("write the `cidr` that it is excluded from"),
            });
        }
    }
}

fn inside(model: &Model, block: &Peers, out: &mut Findings<'_>) {
    let network = &model.cluster.network;
    for (range, what) in [(&network.pods, "pods"), (&network.services, "services")] {
        let Some(range) = range else { continue };
        let found = block
            .cidr
            .iter()
            .find(|network| range.value.contains(&network.value));
        if let Some(found) = found {
            out.push(
                Diagnostic::new(
                    &INSIDE,
                    format!(
                        "{} lies in the range of {what}, and their addresses change",
                        found.value
                    ),
                )
                .label(found, "a rule by address")
                .label(range, format!("the range of {what}")),
            );
        }
    }
}

/// Reports the first thing that a list contains twice.
fn repeated<T: PartialEq + Display>(list: &str, items: &[Sourced<T>], out: &mut Findings<'_>) {
    for (index, item) in items.iter().enumerate() {
        let first = items[..index]
            .iter()
            .find(|other| other.value == item.value);
        if let Some(first) = first {
            out.push(
                Diagnostic::new(&REPEATED, format!("`{list}` lists {} twice", item.value))
                    .label(item, "again")
                    .label(first, "first here")
                    .remove_element("drop it", &item.origin),
            );
            return;
        }
    }
}
