//! What differs from an earlier tree: the same change at several paths is one group.

use std::collections::HashMap;

use super::Earlier;
use super::names;
use super::page::{Change, Group};
use crate::output::{Body, ChangeKind, FileDiff};

/// Whether a path is that of a file of a kind.
type Recognises = fn(&str) -> bool;

/// The kinds of file, those that do most on a machine first, each with how its paths are recognised.
const KINDS: &[(&str, Recognises)] = &[
    ("scripts that root runs", |path| path.ends_with(".sh")),
    ("files on the machines", |path| {
        path.contains("/files/") || path.contains("/fragments/")
    }),
    ("kubeadm's files and patches", |path| {
        path.ends_with("/kubeadm.yaml") || path.contains("/patches/")
    }),
    ("manifests of the cluster", |path| {
        path.starts_with("cluster/")
    }),
    ("files for the first boot", |path| {
        path.contains("/cloud-init/")
    }),
    ("values and lists of the nodes", |path| {
        path.starts_with("nodes/") || path.starts_with("classes/")
    }),
    ("the runbook and pikc's list", |_| true),
];

/// The changes, in groups.
pub(super) fn changes(earlier: &Earlier<'_>) -> Change {
    let mut places: HashMap<(usize, u8, String, String), usize> = HashMap::new();
    let mut groups: Vec<(usize, u8, Group)> = Vec::new();
    let mut counts = [0; 3];
    for file in earlier.files {
        let path = file.path.as_str();
        let kind = KINDS.iter().position(|(_, is)| is(path)).unwrap_or(0);
        let (rank, step) = match file.step {
            ChangeKind::Removed => (0, "removed"),
            ChangeKind::Changed => (1, "changed"),
            ChangeKind::Created => (2, "created"),
        };
        counts[usize::from(rank)] += 1;
        let text = text(file);
        let name = names::node(path).map_or(path, |(_, rest)| rest);
        let name = match name
            .strip_prefix("classes/")
            .and_then(|rest| rest.split_once('/'))
        {
            Some((_, rest)) => rest,
            None => name,
        };
        let next = groups.len();
        let place = *places
            .entry((kind, rank, name.to_owned(), text.clone()))
            .or_insert(next);
        match groups.get_mut(place) {
            Some((_, _, group)) => group.paths.push(path.to_owned()),
            None => groups.push((
                kind,
                rank,
                Group {
                    kind: KINDS[kind].0,
                    step,
                    paths: vec![path.to_owned()],
                    text,
                },
            )),
        }
    }
    groups.sort_by_key(|(kind, rank, _)| (*kind, *rank));
    Change {
        earlier: earlier.name.to_owned(),
        removed: counts[0],
        changed: counts[1],
        created: counts[2],
        groups: groups.into_iter().map(|(_, _, group)| group).collect(),
    }
}

/// How a file differs. What is new is shown among the files, so it is not shown twice.
fn text(file: &FileDiff) -> String {
    match (&file.body, file.step) {
        (Body::Text(_), ChangeKind::Created) => "new: shown among the files".to_owned(),
        (Body::Text(hunks), _) if !hunks.is_empty() => hunks.clone(),
        (Body::Text(_), _) => "only pikc's list of files differs".to_owned(),
        (Body::Secret, _) => "holds a secret: not shown".to_owned(),
        (Body::Binary, _) => "not text".to_owned(),
        (Body::Mode(old, new), _) => format!("mode {old:04o}, then {new:04o}"),
        (Body::Link { old, new }, _) => match (old, new) {
            (Some(old), Some(new)) => format!("a link to {old}, then to {new}"),
            (Some(old), None) => format!("was a link to {old}"),
            (None, Some(new)) => format!("a link to {new}"),
            (None, None) => String::new(),
        },
    }
}
