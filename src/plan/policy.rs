//! Network policies: an object for each policy and namespace, and the namespaces that must be there first.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::Arc;

use camino::Utf8PathBuf;

use super::Options;
use super::document::policy_objects::{
    EgressRule, IngressRule, Metadata, Namespace, NetworkPolicy, NetworkPolicySpec,
};
use super::types::{Artifact, Body, Document, Plan, TypedDocument};
use crate::file_format::list::List;
use crate::file_format::{self, Writer};
use crate::model::{Direction, Model, Policy};
use crate::origin::{Origin, Sourced};

mod rule;

use rule::Rule;

/// The label that distinguishes pikc's objects from others, and its value.
const MANAGED_BY: (&str, &str) = ("app.kubernetes.io/managed-by", "pikc");

/// Namespaces that every cluster has from the start.
const ALWAYS_THERE: &[&str] = &["default", "kube-node-lease", "kube-public", "kube-system"];

/// The files that a machine of the control plane gets, by their paths in its bundle.
pub(super) fn bundle(model: &Model) -> Vec<String> {
    let policies = &model.cluster.policies;
    if policies.is_empty() {
        return Vec::new();
    }
    let made = new_namespaces(model)
        .into_iter()
        .map(|namespace| namespace_file(&namespace.value));
    let own = policies
        .iter()
        .map(|policy| policy_file(&policy.name.value));
    made.chain(own)
        .chain(["policy/objects.list".to_owned()])
        .collect()
}

/// Adds what is applied: namespaces, policies, and the list of them.
pub(super) fn add(model: &Model, options: &Options, plan: &mut Plan) {
    let policies = &model.cluster.policies;
    if policies.is_empty() {
        return;
    }
    let mut push = |file: String, body: Body, origins: Vec<Origin>| {
        plan.artifacts.push(Artifact {
            path: Utf8PathBuf::from("cluster").join(file),
            mode: 0o644,
            body,
            origins: Arc::from(origins),
        });
    };
    let made_by = file_format::made_by(&options.spec);
    for namespace in new_namespaces(model) {
        let name = &namespace.value;
        let body = Body::Yaml {
            header: vec![
                format!(
                    "The namespace {name}, created only if it does not exist yet: a policy needs it."
                ),
                made_by.clone(),
            ],
            documents: vec![self::namespace(&namespace)],
        };
        push(namespace_file(name), body, vec![namespace.origin.clone()]);
    }
    let mut lines = Writer::<List>::headed(
        "Every network policy of the spec: one that an earlier run applied, and that is not here any more, is deleted from the cluster.",
        &options.spec,
    );
    let caches = model.dns_cache_addresses();
    for policy in policies {
        let body = Body::Yaml {
            header: vec![
                format!(
                    "The policy {}: what it does not allow is denied, unless another policy for the same pods allows it.",
                    policy.name.value
                ),
                made_by.clone(),
            ],
            documents: policy
                .namespaces
                .iter()
                .map(|namespace| object(policy, namespace, &caches))
                .collect(),
        };
        push(
            policy_file(&policy.name.value),
            body,
            vec![policy.name.origin.clone()],
        );
        for namespace in &policy.namespaces {
            let why = [namespace.origin.clone(), policy.name.origin.clone()];
            lines.object(&namespace.value, &policy.name.value, why);
        }
    }
    push(
        "policy/objects.list".to_owned(),
        Body::Lines(lines.finish()),
        policies
            .iter()
            .map(|policy| policy.name.origin.clone())
            .collect(),
    );
}

/// The namespaces of all policies that a new cluster does not have, each once, in the order of the spec.
pub(super) fn new_namespaces(model: &Model) -> Vec<Sourced<String>> {
    let mut found: Vec<Sourced<String>> = Vec::new();
    for policy in &model.cluster.policies {
        for namespace in &policy.namespaces {
            let known = found.iter().any(|other| other.value == namespace.value);
            if !known && !ALWAYS_THERE.contains(&namespace.value.as_str()) {
                found.push(namespace.clone());
            }
        }
    }
    found
}

// The number in a file's name depends on its kind, not on its order: an additional policy renames no file.

fn namespace_file(name: &str) -> String {
    format!("policy/00-namespace-{name}.yaml")
}

fn policy_file(name: &str) -> String {
    format!("policy/10-{name}.yaml")
}

fn namespace(name: &Sourced<String>) -> Document {
    let namespace = Namespace {
        metadata: Metadata {
            labels: BTreeMap::new(),
            name: name.clone(),
            namespace: None,
        },
    };
    TypedDocument::Namespace(namespace.into()).into()
}

/// The policy in one of its namespaces.
fn object(policy: &Policy, namespace: &Sourced<String>, caches: &[Sourced<IpAddr>]) -> Document {
    let (label, value) = MANAGED_BY;
    let mut spec = NetworkPolicySpec {
        egress: Vec::new(),
        ingress: Vec::new(),
        pod_selector: rule::selector(&policy.pods),
        policy_types: Vec::new(),
    };
    for direction in [Direction::Ingress, Direction::Egress] {
        let Some(denied) = policy.denies(direction) else {
            continue;
        };
        let rules = rule::rules(policy, direction, caches).into_iter();
        let name = match direction {
            Direction::Ingress => {
                let rule = |Rule { peers, ports }| IngressRule { from: peers, ports };
                spec.ingress = rules.map(|one| one.map(rule)).collect();
                "Ingress"
            }
            Direction::Egress => {
                let rule = |Rule { peers, ports }| EgressRule { ports, to: peers };
                spec.egress = rules.map(|one| one.map(rule)).collect();
                "Egress"
            }
        };
        spec.policy_types
            .push(Sourced::new(name, denied.origin.clone()));
    }
    let policy = NetworkPolicy {
        metadata: Metadata {
            labels: BTreeMap::from([(label, value)]),
            name: policy.name.clone(),
            namespace: Some(namespace.clone()),
        },
        spec,
    };
    TypedDocument::NetworkPolicy(policy.into()).into()
}
