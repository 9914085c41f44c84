//! What a file of kubeadm's says, field by field and argument by argument, as the rules for specs want it.

use super::kubeadm::pairs;
use super::values;
use super::yaml::{Value, Yaml};
use crate::model::control_plane::{Component, ControlPlane, Volume};
use crate::model::{Carried, Data, Target};
use crate::origin::{Origin, Sourced};
use crate::source::Spanned;
use crate::stdlib::{Field, KubeadmDocument, row};
use crate::value::Version;

/// Every field of a document that holds a value or a list of values, with its path; `[0]` in it is the first item of a list of maps.
pub(super) fn carried(
    root: &Yaml,
    kind: &str,
    document: Option<&KubeadmDocument>,
    release: Option<Version>,
) -> Vec<Carried> {
    let mut all = Vec::new();
    let fields = document.map(|document| &document.fields);
    gather(root, kind, "", fields, release, &mut all);
    all
}

fn gather(
    node: &Yaml,
    kind: &str,
    above: &str,
    field: Option<&Field>,
    release: Option<Version>,
    all: &mut Vec<Carried>,
) {
    for (name, value) in node.pairs() {
        if above.is_empty() && matches!(name.value.as_str(), "apiVersion" | "kind" | "metadata") {
            continue;
        }
        let is_map = matches!(field, Some(Field::Map(_)));
        let path = match above {
            "" => name.value.clone(),
            above if is_map => format!("{above}{{{}}}", name.value),
            above => format!("{above}.{}", name.value),
        };
        let inner = match field {
            Some(Field::Struct(fields)) => fields
                .get(&name.value)
                .and_then(|rows| row(rows, release))
                .map(|known| &known.field),
            Some(Field::Map(inner)) => Some(inner.as_ref()),
            _ => None,
        };
        match &value.value {
            Value::Map(_) => gather(value, kind, &path, inner, release, all),
            Value::List(items) if items.iter().any(|item| !item.pairs().is_empty()) => {
                let inner = match inner {
                    Some(Field::List(inner)) => Some(inner.as_ref()),
                    _ => None,
                };
                for (index, item) in items.iter().enumerate() {
                    gather(item, kind, &format!("{path}[{index}]"), inner, release, all);
                }
            }
            _ => all.extend(data(value).map(|data| Carried {
                target: Target::Field {
                    kind: kind.to_owned(),
                    path: path.clone(),
                },
                value: Sourced::new(data, Origin::Written(value.span)),
                key: name.span,
                setting: format!("`{path}`"),
            })),
        }
    }
}

/// A scalar, or a list of scalars. An empty scalar is the same as left out; an empty list is none of what the default has.
fn data(node: &Yaml) -> Option<Data> {
    if let Value::List(items) = &node.value {
        let items: Vec<Sourced<Data>> = items
            .iter()
            .filter_map(|item| Some(Sourced::new(scalar(item)?, Origin::Written(item.span))))
            .collect();
        return Some(Data::List(items));
    }
    scalar(node)
}

fn scalar(node: &Yaml) -> Option<Data> {
    let text = node.text()?.value;
    let Value::Scalar { plain, .. } = &node.value else {
        return None;
    };
    if !plain {
        return (!text.is_empty()).then_some(Data::Text(text));
    }
    if let Some(on) = values::boolean(Some(node)) {
        return Some(Data::Boolean(on.value));
    }
    Some(match (text.parse::<i64>(), text.parse::<f64>()) {
        (Ok(number), _) => Data::Integer(number),
        (_, Ok(number)) if number.is_finite() => Data::Fraction(text),
        _ => Data::Text(text),
    })
}

/// The components of a ClusterConfiguration.
pub(super) fn control_plane(root: &Yaml) -> ControlPlane {
    let mut found = ControlPlane::default();
    found.api_server.component = component(root, "apiServer");
    found.controller_manager = component(root, "controllerManager");
    found.scheduler = component(root, "scheduler");
    found.etcd = component(root, "etcd.local");
    found
}

fn component(root: &Yaml, path: &str) -> Component {
    let Some(node) = root.at(path) else {
        return Component::default();
    };
    let sourced = |found: Spanned<String>| Sourced::new(found.value, Origin::Written(found.span));
    let text = |node: &Yaml, key: &str| node.get(key).and_then(Yaml::text).map(sourced);
    let volume = |node: &Yaml| {
        Some(Volume {
            name: text(node, "name")?,
            host: text(node, "hostPath")?,
            mount: text(node, "mountPath")?,
            // Without `readOnly` a component may write.
            writable: Some(match values::boolean(node.get("readOnly")) {
                Some(only) => Sourced::new(!only.value, Origin::Written(only.span)),
                None => Sourced::new(true, Origin::Written(node.span)),
            }),
            kind: text(node, "pathType"),
        })
    };
    Component {
        head: Some(node.span),
        extra_args: node
            .get("extraArgs")
            .map(pairs)
            .unwrap_or_default()
            .into_iter()
            .map(|(name, value)| (sourced(name), sourced(value)))
            .collect(),
        volumes: node
            .get("extraVolumes")
            .map_or(&[][..], Yaml::items)
            .iter()
            .filter_map(volume)
            .collect(),
    }
}
