//! From `node[02-04]` to three nodes: names, values from ranges, `${index}` and `${name}`.

use crate::ast::Label;
use crate::declare;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::origin::Origin;
use crate::schema::{Atom, Content, Entity, Given};
use crate::value::{self, Type, Val};

declare! {
    /// The numbers in a node's brackets run backwards, are too many, or name one node twice.
    ///
    /// ```pik fails
    /// node extra[04-02] {
    ///   role    = worker
    ///   os      = raspios-trixie
    ///   board   = pi-4b-4g
    ///   address = 192.168.11.210..192.168.11.212
    /// }
    /// ```
    ///
    /// ```pik
    /// node extra[02-04] {
    ///   role    = worker
    ///   os      = raspios-trixie
    ///   board   = pi-4b-4g
    ///   address = 192.168.11.210..192.168.11.212
    /// }
    /// ```
    pub static BAD_RANGE = {
        code: "node/bad-range",
        since: "0.1.0",
        severity: Error,
        title: "a list of numbers that makes no sense",
        help: "write the numbers upwards, each once: `node[02-04,07]`",
        sources: ["docs/language.md"],
    }

    /// A range of addresses assigns one to each node, in order. There must be exactly as many
    /// addresses as nodes: a spare address is a node that was forgotten, and a missing one leaves a
    /// node without an address.
    ///
    /// ```pik fails
    /// node extra[02-04] {
    ///   role    = worker
    ///   os      = raspios-trixie
    ///   board   = pi-4b-4g
    ///   address = 192.168.11.210..192.168.11.220
    /// }
    /// ```
    ///
    /// ```pik
    /// node extra[02-04] {
    ///   role    = worker
    ///   os      = raspios-trixie
    ///   board   = pi-4b-4g
    ///   address = 192.168.11.210..192.168.11.212
    /// }
    /// ```
    pub static COUNT_DIFFERS = {
        code: "node/count-differs",
        since: "0.1.0",
        severity: Error,
        title: "more or fewer values than nodes",
        help: "write exactly one value for each node",
        sources: ["docs/language.md"],
    }

    /// Kubernetes takes a node's name from the machine's host name and uses it as a label value, so
    /// it must be an RFC 1123 label: up to 63 lowercase letters, digits and `-`. kubeadm itself accepts a
    /// longer name; the node then cannot have its own host name as a label.
    ///
    /// ```pik fails
    /// node Node_1 {
    ///   role    = worker
    ///   os      = raspios-trixie
    ///   board   = pi-4b-4g
    ///   address = 192.168.11.210
    /// }
    /// ```
    ///
    /// ```pik
    /// node node-1 {
    ///   role    = worker
    ///   os      = raspios-trixie
    ///   board   = pi-4b-4g
    ///   address = 192.168.11.210
    /// }
    /// ```
    pub static BAD_NAME = {
        code: "node/bad-name",
        since: "0.1.0",
        severity: Error,
        title: "a node name that is not a host name",
        help: "use lowercase letters, digits and `-`",
        sources: ["kubernetes/kubernetes#99194", "SUSE/skuba#747"],
    }
}

/// No cluster has more nodes than this; a typo must not fill the memory.
const MOST_NODES: u64 = 20_000;

/// The node names that a node block declares, in order; none if its label is wrong (which is reported).
pub(super) fn names(label: &Label, out: &mut Diagnostics) -> Vec<String> {
    let prefix = &label.name.value;
    let mut names = Vec::new();
    match &label.ranges {
        None => names.push(prefix.clone()),
        Some(ranges) => {
            for range in &ranges.value {
                let count = match range.last.checked_sub(range.first) {
                    Some(count)
                        if count < MOST_NODES && names.len() as u64 + count < MOST_NODES =>
                    {
                        count + 1
                    }
                    Some(count) => {
                        out.report(
                            &BAD_RANGE,
                            format!(
                                "{} nodes in one block are more than any cluster has",
                                u128::from(count) + 1
                            ),
                            |d| d.label(range.span, format!("at most {MOST_NODES} are expanded")),
                        );
                        return Vec::new();
                    }
                    None => {
                        let (first, last, width) = (range.first, range.last, range.width);
                        out.report(
                            &BAD_RANGE,
                            format!("the numbers run backwards, from {first} to {last}"),
                            |d| {
                                let forwards = format!("{last:0width$}-{first:0width$}");
                                d.label(range.span, "written backwards")
                                    .help(format!("write `{forwards}`"))
                                    .fix(format!("write `{forwards}`"), range.span, forwards)
                            },
                        );
                        return Vec::new();
                    }
                };
                let width = range.width;
                names.extend(
                    (range.first..range.first + count).map(|n| format!("{prefix}{n:0width$}")),
                );
            }
        }
    }
    if let Some((name, bad)) = names
        .iter()
        .find_map(|name| Some((name, value::parse(Type::Label, name).err()?)))
    {
        let shown = name.escape_debug().to_string();
        let finding = Diagnostic::new(&BAD_NAME, format!("`{shown}` {}", bad.why)).label(
            label.span,
            "the name of the machine and of the Kubernetes node",
        );
        // Lowercase, as Kubernetes would make it, and `-` for the character that others use in place of a space.
        let meant = prefix.to_ascii_lowercase().replace('_', "-");
        let good = names.iter().all(|name| {
            let name = name.to_ascii_lowercase().replace('_', "-");
            value::parse(Type::Label, &name).is_ok()
        });
        out.push(match good {
            true => finding
                .help(format!(
                    "write `{}`",
                    name.to_ascii_lowercase().replace('_', "-")
                ))
                .fix(format!("write `{meant}`"), label.name.span, meant),
            false => match several(prefix) {
                Some(range) => finding
                    .help(format!("write `{range}` for nodes of consecutive numbers"))
                    .fix(format!("write `{range}`"), label.name.span, range),
                None => finding.help(bad.help.unwrap_or_else(|| BAD_NAME.help.to_owned())),
            },
        });
        return Vec::new();
    }
    names
}

/// `node02..node04` as a spec writes it: `node[02-04]`.
fn several(name: &str) -> Option<String> {
    let (first, last) = name.split_once("..")?;
    let number = |name: &str| {
        let letters = name.trim_end_matches(|c: char| c.is_ascii_digit());
        (letters.len(), name.len() - letters.len())
    };
    let ((letters, digits), (same, more)) = (number(first), number(last));
    let alike = last
        .get(..same)
        .is_none_or(|start| start.is_empty() || first.get(..letters) == Some(start));
    let prefix = first.get(..letters)?;
    (digits > 0 && more > 0 && alike && value::parse(Type::Label, first).is_ok())
        .then(|| format!("{prefix}[{}-{}]", &first[letters..], &last[same..]))
}

/// Whether the blocks of a node differ between the nodes that it declares: a `${}` anywhere, or a
/// range in an inner block. (The node's own address is assigned separately.)
pub(super) fn varies(entity: &Entity) -> bool {
    let template = |atom: &Atom| matches!(atom, Atom::Template(..));
    let given = |given: &Given| match &given.content {
        Content::One(atom) => template(atom),
        Content::Many(items) => items.iter().any(|item| template(&item.value)),
    };
    let dealt = |given: &Given| matches!(&given.content, Content::One(Atom::Val(Val::Range(_))));
    entity.settings.values().any(given)
        || entity
            .blocks
            .iter()
            .any(|block| block.settings.values().any(dealt) || varies(block))
}

/// Reports every range that does not have exactly one value for each of `count` nodes.
pub(super) fn check_counts(entity: &Entity, count: usize, label: &Label, out: &mut Diagnostics) {
    for given in entity.settings.values() {
        if let Content::One(Atom::Val(Val::Range(range))) = &given.content
            && range.count() != count as u128
        {
            let nodes = if count == 1 { "node" } else { "nodes" };
            let addresses = if range.count() == 1 {
                "address"
            } else {
                "addresses"
            };
            let Some(place) = given.origin.span() else {
                continue;
            };
            out.report(
                &COUNT_DIFFERS,
                format!("{count} {nodes} and {} {addresses}", range.count()),
                |d| {
                    let d = d
                        .label(place, format!("{} {addresses}", range.count()))
                        .label(label.span, format!("{count} {nodes}"));
                    let last = u128::try_from(count)
                        .ok()
                        .and_then(|count| value::further(range.first, count.saturating_sub(1)));
                    match last {
                        Some(last) if count == 1 && last == range.first => {
                            replaced(d, given, range.first.to_string())
                                .help(format!("write `{}`", range.first))
                        }
                        Some(last) => {
                            let wanted = format!("{}..{last}", range.first);
                            replaced(d, given, wanted.clone())
                                .help(format!("{count} {nodes} need `{wanted}`"))
                        }
                        None => d,
                    }
                },
            );
        }
    }
    for block in &entity.blocks {
        check_counts(block, count, label, out);
    }
}

/// Offers another value where it is written.
fn replaced(finding: Diagnostic, given: &Given, value: String) -> Diagnostic {
    finding.choice(|it| it.write(&given.origin, value))
}

/// The value of a setting for the node number `index` (from 0): its value from a range, or the
/// value itself.
pub(super) fn dealt(given: &Given, index: usize) -> Option<(std::net::IpAddr, Origin)> {
    match &given.content {
        Content::One(Atom::Val(Val::Address(address))) => Some((*address, given.origin.clone())),
        Content::One(Atom::Val(Val::Range(range))) => {
            Some((range.nth(index as u128)?, given.origin.clone()))
        }
        _ => None,
    }
}
