//! kube-vip's pod, or what makes such pods: which objects are one, and the environment of its container.

use super::document::{Doc, Leaf};
use super::report::Place;

/// Where containers are in a pod, and in what makes pods.
const CONTAINERS: &[&[&str]] = &[
    &["spec", "containers"],
    &["spec", "template", "spec", "containers"],
];

/// A variable of the container's environment.
pub(super) struct Variable<'d> {
    /// Its name.
    pub name: String,
    /// Its value; empty if it comes from elsewhere.
    pub value: String,
    /// Where it is.
    pub place: Place,
    /// What says it.
    pub leaves: Vec<&'d Leaf>,
}

/// Whether an object is kube-vip's pod, or what makes such pods.
pub(super) fn is_kube_vip(doc: &Doc) -> bool {
    let kind = matches!(
        (doc.group(), doc.kind.as_str()),
        ("v1", "Pod") | ("apps", "DaemonSet")
    );
    kind && !variables(doc).is_empty()
}

/// The environment of its container.
pub(super) fn variables(doc: &Doc) -> Vec<Variable<'_>> {
    let mut found: Vec<(&[String], Variable<'_>)> = Vec::new();
    for (path, leaf) in in_environment(doc) {
        let name = leaf.steps.get(path.len()).map_or("", String::as_str);
        if found.last().is_none_or(|(own, _)| *own != path) {
            let variable = Variable {
                name: String::new(),
                value: String::new(),
                place: doc.place(leaf),
                leaves: Vec::new(),
            };
            found.push((path, variable));
        }
        if let Some((_, variable)) = found.last_mut() {
            variable.leaves.push(leaf);
            match name {
                "name" => variable.name = leaf.text().unwrap_or_default().to_owned(),
                "value" => {
                    variable.value = leaf.text().unwrap_or_default().to_owned();
                    variable.place = doc.place(leaf);
                }
                _ => {}
            }
        }
    }
    found.into_iter().map(|(_, variable)| variable).collect()
}

/// The leaves in the environment of the container whose image is kube-vip's, each with the path of its variable.
fn in_environment(doc: &Doc) -> Vec<(&[String], &Leaf)> {
    let Some(container) = CONTAINERS.iter().find_map(|path| container(doc, path)) else {
        return Vec::new();
    };
    let depth = container.len();
    let inside = doc.left(&[]).filter(|leaf| {
        leaf.steps.starts_with(container) && leaf.steps.get(depth).is_some_and(|step| step == "env")
    });
    inside
        .filter_map(|leaf| Some((leaf.steps.get(..depth + 2)?, leaf)))
        .collect()
}

/// The path of the container.
fn container<'d>(doc: &'d Doc, path: &[&str]) -> Option<&'d [String]> {
    let depth = path.len() + 1;
    let mut images = doc.left(path).filter(|leaf| {
        leaf.steps.len() == depth + 1 && leaf.steps.get(depth).is_some_and(|it| it == "image")
    });
    let own = images.find(|leaf| {
        let image = leaf.text().unwrap_or_default();
        image
            .split([':', '@'])
            .next()
            .is_some_and(|name| name.rsplit('/').next() == Some("kube-vip"))
    })?;
    own.steps.get(..depth)
}
