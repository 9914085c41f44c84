//! Many names in few words: `node02 to node04`, and paths with `*` in place of the node.

use std::collections::BTreeMap;

/// The names with runs of them shortened: `node01, node03 to node09`.
pub(super) fn runs<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
    let mut runs: Vec<(&str, &str)> = Vec::new();
    for name in names {
        match runs.last_mut() {
            Some((_, last)) if follows(last, name) => *last = name,
            _ => runs.push((name, name)),
        }
    }
    let words: Vec<String> = runs
        .into_iter()
        .map(|(first, last)| match first == last {
            true => first.to_owned(),
            false => format!("{first} to {last}"),
        })
        .collect();
    words.join(", ")
}

/// Whether the second name has the next number.
fn follows(one: &str, other: &str) -> bool {
    let parts = |name: &'_ str| -> Option<(usize, u64)> {
        let digits = name.bytes().rev().take_while(u8::is_ascii_digit).count();
        let at = name.len() - digits;
        Some((at, name.get(at..)?.parse().ok()?))
    };
    let (Some((at, number)), Some((place, next))) = (parts(one), parts(other)) else {
        return false;
    };
    at == place && one.get(..at) == other.get(..at) && number.checked_add(1) == Some(next)
}

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_of_names_are_shortened() {
        assert_eq!(
            runs(["n1", "n2", "n3", "m", "n9", "n10"]),
            "n1 to n3, m, n9 to n10"
        );
        assert_eq!(runs(["a", "b"]), "a, b");
        assert_eq!(
            runs(["x99999999999999999999999", "x1"]),
            "x99999999999999999999999, x1"
        );
        assert_eq!(runs([]), "");
    }
}
