//! What a policy lets through, as the rules of its object, with the origin of each piece.

use std::collections::BTreeMap;

use k8s_openapi::api::networking::v1::{IPBlock, NetworkPolicyPeer, NetworkPolicyPort};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::LabelSelector;
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;

use super::step;
use crate::model::{Direction, Pairs, Peers, Policy};
use crate::origin::Origin;
use crate::value::{Protocol, TransportPort};

/// Every namespace has this label, with its own name, from Kubernetes 1.21 on.
const NAME_LABEL: &str = "kubernetes.io/metadata.name";

/// The cluster's name service as kubeadm installs it: its namespace, its label, its port.
const DNS_NAMESPACE: &str = "kube-system";
const DNS_LABEL: (&str, &str) = ("k8s-app", "kube-dns");
const DNS_PORT: u16 = 53;

/// Pieces of an object, by JSON pointer, with why they are there.
#[derive(Default)]
pub(super) struct Marks(pub Vec<(String, Origin)>);

impl Marks {
    pub(super) fn add(&mut self, pointer: &str, origin: &Origin) {
        self.0.push((pointer.to_owned(), origin.clone()));
    }
}

/// A rule of either direction: who is let through, on which ports; `None` for all.
#[derive(Default)]
pub(super) struct Rule {
    pub peers: Option<Vec<NetworkPolicyPeer>>,
    pub ports: Option<Vec<NetworkPolicyPort>>,
}

/// The rules of one direction, in the order of the spec. They will stand at `place` of the object, and
/// their peers below `key`.
pub(super) fn rules(
    policy: &Policy,
    direction: Direction,
    place: &str,
    key: &str,
    marks: &mut Marks,
) -> Vec<Rule> {
    let mut rules = Vec::new();
    if let Some(within) = policy.allows_within() {
        marks.add(&format!("{place}/{}", rules.len()), &within.origin);
        rules.push(Rule {
            peers: Some(vec![peer(None, Some(LabelSelector::default()))]),
            ports: None,
        });
    }
    if let Some(dns) = policy
        .allows_dns()
        .filter(|_| direction == Direction::Egress)
    {
        marks.add(&format!("{place}/{}", rules.len()), &dns.origin);
        rules.push(name_service());
    }
    for block in &policy.peers {
        if block.direction == direction {
            let here = format!("{place}/{}", rules.len());
            marks.add(&here, &Origin::Written(block.head));
            rules.push(rule(block, &here, key, marks));
        }
    }
    rules
}

fn name_service() -> Rule {
    let (label, value) = DNS_LABEL;
    let port = |protocol| {
        port(TransportPort {
            port: DNS_PORT,
            protocol,
        })
    };
    Rule {
        peers: Some(vec![peer(
            Some(matching(NAME_LABEL, DNS_NAMESPACE)),
            Some(matching(label, value)),
        )]),
        ports: Some(vec![port(Protocol::Udp), port(Protocol::Tcp)]),
    }
}

/// The rule of a `from` or `to` block.
fn rule(block: &Peers, place: &str, key: &str, marks: &mut Marks) -> Rule {
    let mut peers: Vec<NetworkPolicyPeer> = Vec::new();
    for network in &block.cidr {
        let here = format!("{place}/{key}/{}/ipBlock", peers.len());
        marks.add(&format!("{here}/cidr"), &network.origin);
        let mut except = Vec::new();
        for part in &block.except {
            if network.value.contains(&part.value) {
                marks.add(&format!("{here}/except/{}", except.len()), &part.origin);
                except.push(part.value.to_string());
            }
        }
        peers.push(NetworkPolicyPeer {
            ip_block: Some(IPBlock {
                cidr: network.value.to_string(),
                except: Some(except).filter(|except| !except.is_empty()),
            }),
            ..NetworkPolicyPeer::default()
        });
    }
    let pods = |here: &str, marks: &mut Marks| {
        let labels = block.pods.as_ref()?;
        Some(selector(labels, &format!("{here}/podSelector"), marks))
    };
    for namespace in &block.namespaces {
        let here = format!("{place}/{key}/{}", peers.len());
        let label = step(NAME_LABEL);
        marks.add(
            &format!("{here}/namespaceSelector/matchLabels/{label}"),
            &namespace.origin,
        );
        let pods = pods(&here, marks);
        peers.push(peer(Some(matching(NAME_LABEL, &namespace.value)), pods));
    }
    if let Some(labels) = &block.namespace_labels {
        let here = format!("{place}/{key}/{}", peers.len());
        let namespaces = selector(labels, &format!("{here}/namespaceSelector"), marks);
        let pods = pods(&here, marks);
        peers.push(peer(Some(namespaces), pods));
    }
    // Pods of the policy's own namespace.
    if peers.is_empty()
        && let Some(pods) = pods(&format!("{place}/{key}/0"), marks)
    {
        peers.push(peer(None, Some(pods)));
    }
    let ports = block.ports.iter().enumerate().map(|(index, wanted)| {
        marks.add(&format!("{place}/ports/{index}"), &wanted.origin);
        port(wanted.value)
    });
    let ports: Vec<NetworkPolicyPort> = ports.collect();
    Rule {
        peers: Some(peers).filter(|peers| !peers.is_empty()),
        ports: Some(ports).filter(|ports| !ports.is_empty()),
    }
}

fn peer(namespaces: Option<LabelSelector>, pods: Option<LabelSelector>) -> NetworkPolicyPeer {
    NetworkPolicyPeer {
        ip_block: None,
        namespace_selector: namespaces,
        pod_selector: pods,
    }
}

fn port(wanted: TransportPort) -> NetworkPolicyPort {
    NetworkPolicyPort {
        end_port: None,
        port: Some(IntOrString::Int(i32::from(wanted.port))),
        protocol: Some(wanted.protocol.kubernetes().to_owned()),
    }
}

fn matching(label: &str, value: &str) -> LabelSelector {
    LabelSelector {
        match_labels: Some(BTreeMap::from([(label.to_owned(), value.to_owned())])),
        ..LabelSelector::default()
    }
}

/// What has all of the labels; with none given, everything.
pub(super) fn selector(labels: &Pairs, place: &str, marks: &mut Marks) -> LabelSelector {
    let mut all = BTreeMap::new();
    for (key, value) in labels {
        let here = format!("{place}/matchLabels/{}", step(&key.value));
        marks.add(&here, &value.origin);
        marks.add(&here, &key.origin);
        all.insert(key.value.clone(), value.value.clone());
    }
    LabelSelector {
        match_labels: Some(all).filter(|all| !all.is_empty()),
        ..LabelSelector::default()
    }
}
