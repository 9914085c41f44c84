//! Which machines a file of the tree is for.

use std::collections::BTreeMap;

use crate::render::{Entry, Rendered};

/// The machines of each class.
#[derive(Clone, Debug, Default)]
pub struct Machines<'a> {
    classes: BTreeMap<&'a str, Vec<&'a str>>,
}

impl<'a> Machines<'a> {
    /// Reads which machine belongs to which class from the tree's links.
    pub fn new(rendered: &'a Rendered) -> Self {
        let mut classes: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for (path, entry) in rendered.entries() {
            let Some((node, "class.list")) = of_node(path) else {
                continue;
            };
            if let Entry::Link(target) = entry {
                let class = target.as_str().rsplit('/').nth(1).unwrap_or_default();
                classes.entry(class).or_default().push(node);
            }
        }
        Self { classes }
    }

    /// The machines that have a file; none for a file that is for people, or for the cluster as a whole.
    pub fn of(&self, path: &'a str) -> Vec<&'a str> {
        if let Some((node, _)) = of_node(path) {
            return vec![node];
        }
        let class = of_class(path).map_or("", |(class, _)| class);
        self.classes.get(class).cloned().unwrap_or_default()
    }
}

/// The machine whose folder a path is in, and the path below it.
pub(super) fn of_node(path: &str) -> Option<(&str, &str)> {
    path.strip_prefix("nodes/")?.split_once('/')
}

/// The same for a class.
pub(super) fn of_class(path: &str) -> Option<(&str, &str)> {
    path.strip_prefix("classes/")?.split_once('/')
}

/// The path with `*` in place of the machine or the class: files with the same one have the same purpose.
pub(super) fn pattern(path: &str) -> String {
    match (of_node(path), of_class(path)) {
        (Some((_, rest)), _) => format!("nodes/*/{rest}"),
        (_, Some((_, rest))) => format!("classes/*/{rest}"),
        _ => path.to_owned(),
    }
}
