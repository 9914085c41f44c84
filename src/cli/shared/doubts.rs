//! What is odd about an earlier tree: who reviews a change must know that it was edited by hand, or is another cluster's.

use std::collections::BTreeSet;

use crate::output::{Body, Diff, FileDiff};
use crate::render::Content;
use crate::review::Doubt;

/// What stops a compile: files that pikc did not write, and those that someone edited.
pub(in crate::cli) fn tampered(diff: &Diff) -> Vec<Doubt> {
    let foreign = diff.foreign.iter().map(|one| Doubt {
        path: one.path.to_string(),
        what: format!("{} that pikc did not write", one.what),
    });
    let edited = diff.edited.iter().map(|path| Doubt {
        path: path.to_string(),
        what: "edited since pikc wrote it".to_owned(),
    });
    foreign.chain(edited).collect()
}

/// Whether the tree is of another cluster: by its name, and by its machines.
pub(in crate::cli) fn stranger(
    files: &[FileDiff],
    old: &BTreeSet<&str>,
    new: &BTreeSet<&str>,
) -> Vec<Doubt> {
    let mut doubts = Vec::new();
    let mut add = |what: String| {
        doubts.push(Doubt {
            path: String::new(),
            what,
        });
    };
    if let Some((before, now)) = names(files).filter(|(before, now)| before != now) {
        add(format!(
            "the earlier cluster is called {before}, and this one {now}"
        ));
    }
    if !old.is_empty() && !new.is_empty() && old.is_disjoint(new) {
        add("no machine of the earlier tree is in this one: is it another cluster's?".to_owned());
    }
    doubts
}

/// The names of both clusters, from the first line of the runbook.
fn names(files: &[FileDiff]) -> Option<(String, String)> {
    let runbook = files.iter().find(|file| file.path == "README.md")?;
    let Body::Text(texts) = &runbook.body else {
        return None;
    };
    let name = |content: &Content| {
        let text = content.text()?;
        let first = text.lines().next()?.strip_prefix("# Cluster ")?;
        Some(first.split(':').next()?.to_owned())
    };
    Some((name(&texts.old)?, name(&texts.new)?))
}

/// The nodes that a tree with these paths has.
pub(in crate::cli) fn nodes(paths: &[String]) -> BTreeSet<&str> {
    paths
        .iter()
        .filter_map(|path| Some(path.strip_prefix("nodes/")?.split_once('/')?.0))
        .collect()
}
