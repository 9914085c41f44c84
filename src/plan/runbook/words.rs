//! How the runbook names machines.

use crate::model::Node;

/// The address of a machine.
pub(super) fn address(node: &Node) -> String {
    node.address
        .as_ref()
        .map_or_else(String::new, |address| address.value.to_string())
}

/// "cp1, node02 to node04": three or more that follow each other as a range; at most five parts, then how many machines more.
pub(super) fn names(names: &[&str]) -> String {
    let mut parts: Vec<&[&str]> = Vec::new();
    let mut rest = names;
    while let Some(first) = rest.first() {
        let mut length = 1;
        let mut last = *first;
        while let Some(next) = rest.get(length).filter(|next| follows(last, next)) {
            last = next;
            length += 1;
        }
        let (part, left) = rest.split_at(if length > 2 { length } else { 1 });
        parts.push(part);
        rest = left;
    }
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

/// Whether the second name is the first with the next number.
fn follows(first: &str, second: &str) -> bool {
    let number = |name: &str| -> Option<(String, u64)> {
        let stem = name.trim_end_matches(|c: char| c.is_ascii_digit());
        let digits = name.strip_prefix(stem)?;
        Some((stem.to_owned(), digits.parse().ok()?))
    };
    match (number(first), number(second)) {
        (Some((a, first)), Some((b, second))) => a == b && first.checked_add(1) == Some(second),
        _ => false,
    }
}
