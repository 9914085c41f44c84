//! The objects that policies consist of: `networking.k8s.io/v1` NetworkPolicy, and their namespaces (`v1`).
//!
//! Keys are in alphabetical order, as `kubectl get -o yaml` prints them.

use std::collections::BTreeMap;

use ipnet::IpNet;
use serde::Serialize;

use super::kind;
use crate::origin::Sourced;

kind!("networking.k8s.io/v1": NetworkPolicy);
kind!("v1": Namespace);

/// A namespace without anything in it.
#[derive(Clone, Debug, Serialize)]
pub struct Namespace {
    /// Its name and labels.
    pub metadata: Metadata,
}

/// A policy in one namespace.
#[derive(Clone, Debug, Serialize)]
pub struct NetworkPolicy {
    /// Its name, namespace and labels.
    pub metadata: Metadata,
    /// Its rules.
    pub spec: NetworkPolicySpec,
}

/// The metadata of an object.
#[derive(Clone, Debug, Serialize)]
pub struct Metadata {
    /// Labels of pikc's own.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub labels: BTreeMap<&'static str, &'static str>,
    /// Its name.
    pub name: Sourced<String>,
    /// Its namespace; none for an object outside any.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub namespace: Option<Sourced<String>>,
}

/// Which pods a policy is for, and what it allows.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct NetworkPolicySpec {
    /// What the pods may reach.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub egress: Vec<Sourced<EgressRule>>,
    /// What may reach the pods.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub ingress: Vec<Sourced<IngressRule>>,
    /// The pods of the namespace that it is for.
    pub pod_selector: LabelSelector,
    /// The directions in which everything else is denied.
    pub policy_types: Vec<Sourced<&'static str>>,
}

/// Where pods may connect to, and on which ports. What is left out is not limited.
#[derive(Clone, Debug, Serialize)]
pub struct EgressRule {
    /// The ports; all if there are none.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub ports: Vec<Sourced<NetworkPolicyPort>>,
    /// Where; anywhere if there is nothing.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub to: Vec<NetworkPolicyPeer>,
}

/// What may connect to the pods, and on which ports. What is left out is not limited.
#[derive(Clone, Debug, Serialize)]
pub struct IngressRule {
    /// From where; from anywhere if there is nothing.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub from: Vec<NetworkPolicyPeer>,
    /// The ports; all if there are none.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub ports: Vec<Sourced<NetworkPolicyPort>>,
}

/// A port of a protocol.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct NetworkPolicyPort {
    /// Its number.
    pub port: u16,
    /// `TCP`, `UDP` or `SCTP`.
    pub protocol: &'static str,
}

/// A peer: addresses, or pods of namespaces.
#[derive(Clone, Debug, Serialize)]
#[serde(untagged)]
pub enum NetworkPolicyPeer {
    /// Addresses.
    Addresses {
        /// Which.
        #[serde(rename = "ipBlock")]
        ip_block: IpBlock,
    },
    /// Pods.
    #[serde(rename_all = "camelCase")]
    Pods {
        /// Their namespaces; only the policy's own if it is left out.
        #[serde(skip_serializing_if = "Option::is_none")]
        namespace_selector: Option<LabelSelector>,
        /// Which of them; all if it is left out.
        #[serde(skip_serializing_if = "Option::is_none")]
        pod_selector: Option<LabelSelector>,
    },
}

/// A network, and the parts of it that are left out.
#[derive(Clone, Debug, Serialize)]
pub struct IpBlock {
    /// The network.
    pub cidr: Sourced<IpNet>,
    /// The parts that do not count.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub except: Vec<Sourced<IpNet>>,
}

/// What has all of these labels; everything if there are none.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct LabelSelector {
    /// Keys and values.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub match_labels: BTreeMap<String, Label>,
}

/// The value of a label, with two origins: of the value, and of the key.
pub type Label = Sourced<Sourced<String>>;
