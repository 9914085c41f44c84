//! Where rules put what they find: one finding for all nodes of a kind, and `allow` respected.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use ipnet::IpNet;

use crate::declare;
use crate::diagnostic::{Descriptor, Diagnostic, Diagnostics, Severity, suggest};
use crate::model::{Allow, Model, Node, NodeSettings};
use crate::source::Span;

declare! {
    /// An `allow` that silences nothing is a leftover: the mistake was mended, or the code was
    /// misunderstood. It would one day hide something new.
    ///
    /// ```pik fails
    /// allow proxy/mode { reason = "left over" }
    /// ```
    ///
    /// ```pik
    /// proxy { mode = iptables }
    /// ```
    pub static UNUSED_ALLOW = {
        code: "allow/unused",
        severity: Warning,
        title: "an `allow` that silences nothing",
        help: "delete it",
        sources: ["docs/language.md"],
    }

    /// There is no such code, so nothing can be silenced.
    ///
    /// ```pik fails
    /// allow swap/kubelet-refused { reason = "misspelt" }
    /// ```
    ///
    /// ```pik
    /// swap = off
    /// ```
    pub static UNKNOWN_CODE = {
        code: "allow/unknown-code",
        severity: Error,
        title: "an `allow` for a code that does not exist",
        help: "`pikc explain` lists every code",
        sources: ["docs/language.md"],
    }

    /// An error says that something cannot work. A reason does not change that; only warnings can be
    /// allowed.
    ///
    /// ```pik fails
    /// allow swap/kubelet-refuses { reason = "it will be fine" }
    /// ```
    ///
    /// ```pik
    /// swap = on
    /// ```
    pub static NOT_A_WARNING = {
        code: "allow/not-a-warning",
        severity: Error,
        title: "an `allow` for an error",
        help: "mend the error; only warnings can be allowed",
        sources: ["docs/language.md"],
    }
}

pub(in crate::check) static CODES: &[&Descriptor] = &[&UNUSED_ALLOW, &UNKNOWN_CODE, &NOT_A_WARNING];

/// The sink of all rules.
pub struct Findings<'a> {
    model: &'a Model,
    out: &'a mut Diagnostics,
    used: BTreeSet<Span>,
    groups: Vec<Vec<&'a Node>>,
    /// What was proposed in the place of a range, by its name: the next proposal is another.
    pub(in crate::check) proposed: BTreeMap<String, IpNet>,
}

impl<'a> Findings<'a> {
    pub(in crate::check) fn new(model: &'a Model, out: &'a mut Diagnostics) -> Self {
        let mut findings = Self {
            model,
            out,
            used: BTreeSet::new(),
            groups: groups(model),
            proposed: BTreeMap::new(),
        };
        // What lower floors warned about (an unused profile) may be allowed at the top as well.
        let allows = &model.allows;
        let used = &mut findings.used;
        findings.out.retain(|finding| {
            let silenced = find(allows, finding.descriptor.code, finding.severity);
            used.extend(silenced);
            silenced.is_none()
        });
        findings
    }

    /// A finding about the cluster.
    pub fn push(&mut self, finding: Diagnostic) {
        match find(
            &self.model.allows,
            finding.descriptor.code,
            finding.severity,
        ) {
            Some(span) => {
                self.used.insert(span);
            }
            None => self.out.push(finding),
        }
    }

    /// Findings about single nodes. Nodes that share all their settings are looked at once: `look` gets
    /// the settings and the nodes. Findings at the very same places (a profile that many blocks use) are
    /// one mistake, and told as one about all those nodes.
    pub fn blocks(&mut self, mut look: impl FnMut(&NodeSettings, &[&Node]) -> Option<Diagnostic>) {
        type Alike = (Option<Span>, Severity, Vec<Span>);
        let groups = std::mem::take(&mut self.groups);
        let mut found: BTreeMap<Alike, (Diagnostic, Vec<&Node>, bool)> = BTreeMap::new();
        for group in &groups {
            let settings = &group[0].settings;
            let Some(finding) = look(settings, group) else {
                continue;
            };
            let own = find(&settings.allows, finding.descriptor.code, finding.severity);
            let places = finding.labels.iter().map(|label| label.span).collect();
            match found.entry((own, finding.severity, places)) {
                Entry::Vacant(place) => {
                    place.insert((finding, group.clone(), false));
                }
                Entry::Occupied(mut place) => {
                    let (_, nodes, several) = place.get_mut();
                    nodes.extend(group);
                    *several = true;
                }
            }
        }
        for (finding, nodes, several) in found.into_values() {
            let told = several.then(|| look(&nodes[0].settings, &nodes)).flatten();
            self.push_for(nodes[0], told.unwrap_or(finding));
        }
        self.groups = groups;
    }

    /// A finding about a node: its own `allow` counts, and those of the top level.
    pub fn push_for(&mut self, node: &Node, finding: Diagnostic) {
        match find(
            &node.settings.allows,
            finding.descriptor.code,
            finding.severity,
        ) {
            Some(span) => {
                self.used.insert(span);
            }
            None => self.push(finding),
        }
    }

    pub(in crate::check) fn finish(self, codes: &[&'static Descriptor]) {
        let mut seen = BTreeSet::new();
        let mut patience = suggest::Patience::default();
        let errors: BTreeSet<&str> = self
            .out
            .iter()
            .filter(|finding| finding.severity == Severity::Error)
            .map(|finding| finding.descriptor.code)
            .collect();
        for allow in &self.model.all_allows {
            if !seen.insert(allow.head) {
                continue;
            }
            let known = codes
                .iter()
                .find(|descriptor| descriptor.code == allow.code.value);
            let finding = match known {
                None => unknown(allow, codes, &mut patience),
                Some(descriptor) if descriptor.severity == Severity::Error => Diagnostic::new(
                    &NOT_A_WARNING,
                    format!("`{}` is an error and cannot be allowed", allow.code.value),
                )
                .label(allow.head, "only warnings can be allowed"),
                // A code that is a warning in general may be an error on this release.
                Some(_)
                    if !self.used.contains(&allow.head)
                        && errors.contains(allow.code.value.as_str()) =>
                {
                    Diagnostic::new(
                        &NOT_A_WARNING,
                        format!(
                            "here `{}` is an error and cannot be allowed",
                            allow.code.value
                        ),
                    )
                    .label(allow.head, "only warnings can be allowed")
                }
                // Its reason is wrong or missing, which has been said: whether it is wanted comes after that.
                Some(_) if allow.reason.is_none() => continue,
                Some(_) if !self.used.contains(&allow.head) => Diagnostic::new(
                    &UNUSED_ALLOW,
                    format!("nothing here reports `{}`", allow.code.value),
                )
                .label(allow.head, "silences nothing")
                .remove_block("delete it", allow.head),
                Some(_) => continue,
            };
            self.out.push(finding);
        }
    }
}

fn unknown(
    allow: &Allow,
    codes: &[&'static Descriptor],
    patience: &mut suggest::Patience,
) -> Diagnostic {
    let names = codes.iter().map(|descriptor| descriptor.code);
    let d = Diagnostic::new(
        &UNKNOWN_CODE,
        format!("there is no code `{}`", allow.code.value),
    )
    .label(allow.head, "no check of a spec reports this code");
    match patience.nearest(&allow.code.value, names) {
        Some(found) => {
            let d = d.help(format!("did you mean `{found}`?"));
            match allow.code.origin.span() {
                Some(span) => d.fix(format!("write `{found}`"), span, found),
                None => d,
            }
        }
        None => d,
    }
}

/// The place of the `allow` that silences a finding of this code and severity.
fn find(allows: &[Allow], code: &str, severity: Severity) -> Option<Span> {
    allows
        .iter()
        .find(|allow| severity != Severity::Error && allow.code.value == code)
        .map(|allow| allow.head)
}

/// The nodes that share their settings, in the order of the spec. Nodes of a block stand together, so
/// the last group is the only one to look at.
fn groups(model: &Model) -> Vec<Vec<&Node>> {
    let mut groups: Vec<Vec<&Node>> = Vec::new();
    for node in &model.nodes {
        match groups.last_mut() {
            Some(group) if Arc::ptr_eq(&group[0].settings, &node.settings) => group.push(node),
            _ => groups.push(vec![node]),
        }
    }
    groups
}

/// "node02", "node02 and node03", "node02 to node04", "node02, node05 and pc", "node02, node05 and 7 more".
pub(in crate::check) fn names(nodes: &[&Node]) -> String {
    let name = |node: &&Node| node.name.value.clone();
    match nodes {
        [] => String::new(),
        [one] => name(one),
        [one, two] => format!("{} and {}", name(one), name(two)),
        [first, .., last] if in_a_row(nodes) => format!("{} to {}", name(first), name(last)),
        [one, two, three] => format!("{}, {} and {}", name(one), name(two), name(three)),
        [one, two, rest @ ..] => format!("{}, {} and {} more", name(one), name(two), rest.len()),
    }
}

/// "from profile `pi`: " where a place stands in a profile, "for all nodes: " where it stands in the
/// cluster.
pub(in crate::check) fn whence(model: &Model, place: Option<Span>) -> String {
    let Some(place) = place else {
        return String::new();
    };
    let inside = |outer: &Span| {
        outer.file == place.file && outer.start <= place.start && place.end <= outer.end
    };
    // They are in the order of their places, and no two of them overlap.
    let before = model.profiles.partition_point(|profile| {
        (profile.span.file, profile.span.start) <= (place.file, place.start)
    });
    let nearest = before.checked_sub(1).and_then(|at| model.profiles.get(at));
    let profile = nearest.filter(|profile| inside(&profile.span));
    match profile {
        Some(profile) => format!("from profile `{}`: ", profile.value),
        None if model
            .entities
            .first()
            .is_some_and(|(cluster, _)| inside(&cluster.span)) =>
        {
            "for all nodes: ".to_owned()
        }
        None => String::new(),
    }
}

/// "keeps" for one node, "keep" for several.
pub(in crate::check) fn verb<'a>(nodes: &[&Node], one: &'a str, many: &'a str) -> &'a str {
    if nodes.len() == 1 { one } else { many }
}

fn in_a_row(nodes: &[&Node]) -> bool {
    let number = |node: &Node| -> Option<u64> {
        let name = &node.name.value;
        let stem = name.trim_end_matches(|c: char| c.is_ascii_digit()).len();
        name[stem..].parse().ok()
    };
    nodes.windows(2).all(|pair| {
        number(pair[0])
            .zip(number(pair[1]))
            .is_some_and(|(first, second)| second == first + 1)
    })
}
