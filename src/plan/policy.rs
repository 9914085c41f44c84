//! Network policies: an object for each policy and namespace, and the namespaces that must be there first.

use std::collections::BTreeMap;
use std::sync::Arc;

use camino::Utf8PathBuf;
use k8s_openapi::api::core::v1::Namespace;
use k8s_openapi::api::networking::v1::{
    NetworkPolicy, NetworkPolicyEgressRule, NetworkPolicyIngressRule, NetworkPolicySpec,
};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;

use super::Options;
use super::document::{Object, step};
use super::types::{Artifact, Body, Document, Plan};
use crate::file_format::Writer;
use crate::file_format::list::List;
use crate::model::{Direction, Model, Policy};
use crate::origin::{Origin, Sourced};

mod rule;

use rule::{Marks, Rule};

/// The label by which pikc's objects are known from those of others, and its value.
const MANAGED_BY: (&str, &str) = ("app.kubernetes.io/managed-by", "pikc");

/// Namespaces that every cluster has from its first moment.
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
    let made_by = format!(
        "Made by pikc from {}. Do not edit: change the spec and compile again.",
        options.spec
    );
    for namespace in new_namespaces(model) {
        let name = &namespace.value;
        let body = Body::Yaml {
            header: vec![
                format!(
                    "The namespace {name}, made only where it is not there yet: a policy needs it."
                ),
                made_by.clone(),
            ],
            documents: self::namespace(&namespace).into_iter().collect(),
        };
        push(namespace_file(name), body, vec![namespace.origin.clone()]);
    }
    let mut lines = Writer::<List>::headed(
        "Every network policy of the spec: what an earlier run applied, and is not here any more, is deleted from the cluster.",
        &options.spec,
    );
    for policy in policies {
        let body = Body::Yaml {
            header: vec![
                format!(
                    "The policy {}: what it does not let through is denied, unless another policy for the same pods lets it through.",
                    policy.name.value
                ),
                made_by.clone(),
            ],
            documents: policy
                .namespaces
                .iter()
                .filter_map(|namespace| object(policy, namespace))
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

// The numbers are those of their kinds, not of their order: a policy more renames no file.

fn namespace_file(name: &str) -> String {
    format!("policy/00-namespace-{name}.yaml")
}

fn policy_file(name: &str) -> String {
    format!("policy/10-{name}.yaml")
}

fn namespace(name: &Sourced<String>) -> Option<Document> {
    let mut object = Object::new(&Namespace {
        metadata: ObjectMeta {
            name: Some(name.value.clone()),
            ..ObjectMeta::default()
        },
        ..Namespace::default()
    })?;
    object.because("/metadata/name", [name.origin.clone()]);
    Some(Document::Object(object))
}

/// The policy in one of its namespaces.
fn object(policy: &Policy, namespace: &Sourced<String>) -> Option<Document> {
    let mut marks = Marks::default();
    marks.add("/metadata/name", &policy.name.origin);
    marks.add("/metadata/namespace", &namespace.origin);
    let mut types = Vec::new();
    let mut ingress = Vec::new();
    let mut egress = Vec::new();
    for direction in [Direction::Ingress, Direction::Egress] {
        let Some(denied) = policy.denies(direction) else {
            continue;
        };
        marks.add(
            &format!("/spec/policyTypes/{}", types.len()),
            &denied.origin,
        );
        match direction {
            Direction::Ingress => {
                types.push("Ingress".to_owned());
                let rules = rule::rules(policy, direction, "/spec/ingress", "from", &mut marks);
                ingress.extend(
                    rules
                        .into_iter()
                        .map(|Rule { peers, ports }| NetworkPolicyIngressRule {
                            from: peers,
                            ports,
                        }),
                );
            }
            Direction::Egress => {
                types.push("Egress".to_owned());
                let rules = rule::rules(policy, direction, "/spec/egress", "to", &mut marks);
                egress.extend(
                    rules
                        .into_iter()
                        .map(|Rule { peers, ports }| NetworkPolicyEgressRule { to: peers, ports }),
                );
            }
        }
    }
    let pods = rule::selector(&policy.pods, "/spec/podSelector", &mut marks);
    let (label, value) = MANAGED_BY;
    let mut object = Object::new(&NetworkPolicy {
        metadata: ObjectMeta {
            name: Some(policy.name.value.clone()),
            namespace: Some(namespace.value.clone()),
            labels: Some(BTreeMap::from([(label.to_owned(), value.to_owned())])),
            ..ObjectMeta::default()
        },
        spec: Some(NetworkPolicySpec {
            ingress: Some(ingress).filter(|rules| !rules.is_empty()),
            egress: Some(egress).filter(|rules| !rules.is_empty()),
            pod_selector: Some(pods),
            policy_types: Some(types),
        }),
    })?;
    for (pointer, origin) in marks.0 {
        object.because(&pointer, [origin]);
    }
    Some(Document::Object(object))
}
