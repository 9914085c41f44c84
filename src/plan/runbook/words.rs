//! How the runbook names machines.

use crate::model::{Node, consecutive};

/// The address of a machine.
pub(super) fn address(node: &Node) -> String {
    node.address
        .as_ref()
        .map_or_else(String::new, |address| address.value.to_string())
}

/// "cp1, node02 to node04": three or more that follow each other as a range; at most five parts, then how many machines more.
pub(super) fn names(names: &[&str]) -> String {
    let parts: Vec<&[&str]> = consecutive(names)
        .flat_map(|run| run.chunks(if run.len() > 2 { run.len() } else { 1 }))
        .collect();
    let most = if parts.len() > 5 { 4 } else { 5 };
    let left: usize = parts.iter().skip(most).map(|part| part.len()).sum();
    let shown: Vec<String> = parts.iter().take(most).map(|part| range(part)).collect();
    match left {
        0 => shown.join(", "),
        more => format!("{} and {more} more", shown.join(", ")),
    }
}

fn range(part: &[&str]) -> String {
    match part {
        [first, .., last] => format!("{first} to {last}"),
        part => part.concat(),
    }
}
