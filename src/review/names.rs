//! Many names in few words: paths with `*` in place of the node.

use std::collections::BTreeMap;

pub(super) use crate::model::runs;

/// The node that a path belongs to, and the path below its folder.
pub(super) fn node(path: &str) -> Option<(&str, &str)> {
    path.strip_prefix("nodes/")?.split_once('/')
}

/// The paths, those of nodes shortened.
pub(super) fn paths(paths: &[String]) -> String {
    let mut below: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    let mut out: Vec<String> = Vec::new();
    for path in paths {
        match node(path).or_else(|| path.strip_prefix("classes/")?.split_once('/')) {
            Some((folder, rest)) => below.entry(rest).or_default().push(folder),
            None => out.push(path.clone()),
        }
    }
    for (rest, folders) in below {
        out.push(format!("{rest} of {}", runs(folders)));
    }
    out.join(", ")
}
