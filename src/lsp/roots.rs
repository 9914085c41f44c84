//! Which files make a spec by themselves.

use std::collections::{BTreeMap, BTreeSet};

use camino::{Utf8Path, Utf8PathBuf};

use crate::ast::{Item, Value};
use crate::model::{ENDING, used_path};

/// What a file says about other files.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Summary {
    /// Whether it has a `cluster` block.
    pub cluster: bool,
    /// The files that it uses.
    pub uses: BTreeSet<Utf8PathBuf>,
}

/// The roots among some files, and of each whether an open document is part of it. A file that belongs to no spec is a root if it is
/// open.
pub(super) fn find<'a>(
    files: impl Iterator<Item = &'a Utf8Path>,
    summary_of: &dyn Fn(&Utf8Path) -> Option<&'a Summary>,
    is_open: &dyn Fn(&Utf8Path) -> bool,
) -> BTreeMap<Utf8PathBuf, bool> {
    let closures: BTreeMap<&Utf8Path, BTreeSet<&Utf8Path>> = files
        .map(|path| (path, closure(path, summary_of)))
        .collect();
    let has_cluster = |path: &Utf8Path| summary_of(path).is_some_and(|summary| summary.cluster);
    let whole = closures
        .iter()
        .filter(|(path, closure)| has_cluster(path) || closure.iter().any(|part| has_cluster(part)))
        .map(|(path, _)| *path);
    let mut roots = unused(&whole.collect(), &closures);
    let covered: BTreeSet<&Utf8Path> = roots
        .iter()
        .flat_map(|root| closures[root].iter().copied().chain([*root]))
        .collect();
    let alone = closures
        .keys()
        .copied()
        .filter(|path| !covered.contains(path) && is_open(path));
    roots.extend(unused(&alone.collect(), &closures));
    roots
        .iter()
        .map(|root| {
            let mut parts = closures[root].iter().chain([root]);
            (root.to_path_buf(), parts.any(|part| is_open(part)))
        })
        .collect()
}

/// Every file that a file uses, directly or through others; not itself, unless it is in a circle.
fn closure<'a>(
    path: &Utf8Path,
    summary_of: &dyn Fn(&Utf8Path) -> Option<&'a Summary>,
) -> BTreeSet<&'a Utf8Path> {
    let mut found: BTreeSet<&'a Utf8Path> = BTreeSet::new();
    let uses = |path: &Utf8Path| {
        let known = summary_of(path).into_iter();
        known.flat_map(|summary| summary.uses.iter().map(Utf8PathBuf::as_path))
    };
    let mut next: Vec<&'a Utf8Path> = uses(path).collect();
    while let Some(path) = next.pop() {
        if found.insert(path) {
            next.extend(uses(path));
        }
    }
    found
}

/// Those of some files that none of the others uses. Of a circle that no other uses, the first.
fn unused<'a>(
    among: &BTreeSet<&'a Utf8Path>,
    closures: &BTreeMap<&'a Utf8Path, BTreeSet<&'a Utf8Path>>,
) -> BTreeSet<&'a Utf8Path> {
    let mut users: BTreeMap<&Utf8Path, Vec<&Utf8Path>> = BTreeMap::new();
    for path in among {
        for used in &closures[path] {
            users.entry(used).or_default().push(path);
        }
    }
    let uses = |a: &Utf8Path, b: &Utf8Path| closures[a].contains(b);
    let is_used = |path: &&'a Utf8Path| {
        let users = users.get(*path).into_iter().flatten();
        users
            .filter(|user| *user != path)
            .any(|user| !uses(path, user) || *user < *path)
    };
    among
        .iter()
        .copied()
        .filter(|path| !is_used(path))
        .collect()
}

impl Summary {
    /// What a file's items say about other files.
    pub(super) fn of(path: &Utf8Path, items: &[Item]) -> Self {
        let mut out = Self::default();
        let mut named = |value: &Value| {
            let text = match value {
                Value::Word(word) => Some(word.value.clone()),
                Value::Text(text) => text.literal(),
                Value::List(..) | Value::Poisoned(_) => None,
            };
            if let Some(text) = text.filter(|text| text.ends_with(ENDING)) {
                out.uses.insert(used_path(path, &text));
            }
        };
        for item in items {
            match item {
                Item::Block(block) => out.cluster |= block.kind.value == "cluster",
                Item::Setting(setting) if setting.key.value == "use" => match &setting.value {
                    Value::List(all, _) => all.iter().for_each(&mut named),
                    one => named(one),
                },
                Item::Setting(_) => {}
            }
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The roots of files, each with whether it has a cluster and what it uses; the open ones are marked `*`.
    fn roots(files: &[(&str, bool, &[&str])], open: &[&str]) -> Vec<String> {
        let all: BTreeMap<Utf8PathBuf, Summary> = files
            .iter()
            .map(|(name, cluster, uses)| {
                let uses = uses.iter().map(Utf8PathBuf::from).collect();
                let cluster = *cluster;
                (Utf8PathBuf::from(name), Summary { cluster, uses })
            })
            .collect();
        let found = find(
            all.keys().map(Utf8PathBuf::as_path),
            &|path| all.get(path),
            &|path| open.contains(&path.as_str()),
        );
        let show =
            |(path, open): (&Utf8PathBuf, &bool)| format!("{path}{}", if *open { "*" } else { "" });
        found.iter().map(show).collect()
    }

    #[test]
    fn a_root_has_a_cluster_and_no_other_root_uses_it() {
        let site: [(&str, bool, &[&str]); 4] = [
            ("a", true, &["x"]),
            ("b", true, &[]),
            ("x", false, &["y"]),
            ("y", false, &[]),
        ];
        assert_eq!(roots(&site, &[]), ["a", "b"]);
        assert_eq!(roots(&site, &["y"]), ["a*", "b"]);
        // A spec that takes its cluster from another file.
        assert_eq!(
            roots(
                &[
                    ("base", true, &[]),
                    ("dev", false, &["base"]),
                    ("live", false, &["base"])
                ],
                &["base"]
            ),
            ["dev*", "live*"]
        );
    }

    #[test]
    fn an_open_file_that_belongs_to_none_is_alone() {
        let lone: [(&str, bool, &[&str]); 3] =
            [("a", true, &[]), ("l", false, &["m"]), ("m", false, &[])];
        assert_eq!(roots(&lone, &[]), ["a"]);
        assert_eq!(roots(&lone, &["m"]), ["a", "m*"]);
        assert_eq!(roots(&lone, &["l", "m"]), ["a", "l*"]);
    }

    #[test]
    fn of_a_circle_the_first_is_the_root() {
        assert_eq!(
            roots(&[("a", true, &["b"]), ("b", true, &["a"])], &["b"]),
            ["a*"]
        );
        assert_eq!(roots(&[("a", true, &["a"])], &[]), ["a"]);
        assert_eq!(
            roots(&[("a", false, &["b"]), ("b", false, &["a"])], &["a", "b"]),
            ["a*"]
        );
    }
}
