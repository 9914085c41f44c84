//! What a policy allows, as the rules of its object, with the origin of each part.

use std::collections::BTreeMap;
use std::net::IpAddr;

use ipnet::IpNet;

use crate::model::{Direction, Pairs, Peers, Policy};
use crate::origin::{Origin, Sourced};
use crate::plan::document::policy_objects::{
    IpBlock, LabelSelector, NetworkPolicyPeer, NetworkPolicyPort,
};
use crate::value::{Protocol, TransportPort};

/// Every namespace has this label, with its own name, from Kubernetes 1.21 on.
const NAME_LABEL: &str = "kubernetes.io/metadata.name";

/// The cluster's name service as kubeadm installs it: its namespace, its label, its port.
const DNS_NAMESPACE: &str = "kube-system";
const DNS_LABEL: (&str, &str) = ("k8s-app", "kube-dns");
const DNS_PORT: u16 = 53;

/// A rule of either direction: which peers are allowed, on which ports; nothing for all.
#[derive(Default)]
pub(super) struct Rule {
    pub peers: Vec<NetworkPolicyPeer>,
    pub ports: Vec<Sourced<NetworkPolicyPort>>,
}

/// The rules of one direction, in the order of the spec.
pub(super) fn rules(
    policy: &Policy,
    direction: Direction,
    caches: &[Sourced<IpAddr>],
) -> Vec<Sourced<Rule>> {
    let mut rules = Vec::new();
    if let Some(within) = policy.allows_within() {
        let rule = Rule {
            peers: vec![pods(None, Some(LabelSelector::default()))],
            ports: Vec::new(),
        };
        rules.push(Sourced::new(rule, within.origin.clone()));
    }
    if let Some(dns) = policy
        .allows_dns()
        .filter(|_| direction == Direction::Egress)
    {
        rules.push(Sourced::new(
            name_service(&dns.origin, caches),
            dns.origin.clone(),
        ));
    }
    for block in &policy.peers {
        if block.direction == direction {
            rules.push(Sourced::new(rule(block), Origin::Written(block.head)));
        }
    }
    rules
}

/// CoreDNS, and the cache on the pod's own machine: what it listens on belongs to no pod, and no CNI translates it.
fn name_service(why: &Origin, caches: &[Sourced<IpAddr>]) -> Rule {
    let (label, value) = DNS_LABEL;
    let label_of = |key: &str, value: &str| matching(key, value.to_owned(), why, why);
    let port = |protocol| {
        let port = DNS_PORT;
        Sourced::new(self::port(TransportPort { port, protocol }), why.clone())
    };
    let coredns = pods(
        Some(label_of(NAME_LABEL, DNS_NAMESPACE)),
        Some(label_of(label, value)),
    );
    let cache = |address: &Sourced<IpAddr>| NetworkPolicyPeer::Addresses {
        ip_block: IpBlock {
            cidr: address.clone().map(IpNet::from),
            except: Vec::new(),
        },
    };
    Rule {
        peers: [coredns]
            .into_iter()
            .chain(caches.iter().map(cache))
            .collect(),
        ports: vec![port(Protocol::Udp), port(Protocol::Tcp)],
    }
}

/// The rule of a `from` or `to` block.
fn rule(block: &Peers) -> Rule {
    let mut peers: Vec<NetworkPolicyPeer> = Vec::new();
    for network in &block.cidr {
        let parts = block.except.iter();
        let except = parts.filter(|part| network.value.contains(&part.value));
        peers.push(NetworkPolicyPeer::Addresses {
            ip_block: IpBlock {
                cidr: network.clone(),
                except: except.cloned().collect(),
            },
        });
    }
    let which = block.pods.as_ref().map(selector);
    for namespace in &block.namespaces {
        let why = &namespace.origin;
        let label = matching(NAME_LABEL, namespace.value.clone(), why, why);
        peers.push(pods(Some(label), which.clone()));
    }
    if let Some(labels) = &block.namespace_labels {
        peers.push(pods(Some(selector(labels)), which.clone()));
    }
    // Pods of the policy's own namespace.
    if peers.is_empty() && which.is_some() {
        peers.push(pods(None, which));
    }
    let ports = block.ports.iter().cloned();
    Rule {
        peers,
        ports: ports.map(|wanted| wanted.map(port)).collect(),
    }
}

fn pods(namespaces: Option<LabelSelector>, pods: Option<LabelSelector>) -> NetworkPolicyPeer {
    NetworkPolicyPeer::Pods {
        namespace_selector: namespaces,
        pod_selector: pods,
    }
}

fn port(wanted: TransportPort) -> NetworkPolicyPort {
    NetworkPolicyPort {
        port: wanted.port,
        protocol: wanted.protocol.kubernetes(),
    }
}

fn matching(label: &str, value: String, why: &Origin, key: &Origin) -> LabelSelector {
    let value = Sourced::new(Sourced::new(value, key.clone()), why.clone());
    LabelSelector {
        match_labels: BTreeMap::from([(label.to_owned(), value)]),
    }
}

/// What has all of the labels; with none given, everything.
pub(super) fn selector(labels: &Pairs) -> LabelSelector {
    let label = |(key, value): &(Sourced<String>, Sourced<String>)| {
        let inner = Sourced::new(value.value.clone(), key.origin.clone());
        (key.value.clone(), Sourced::new(inner, value.origin.clone()))
    };
    LabelSelector {
        match_labels: labels.iter().map(label).collect(),
    }
}
