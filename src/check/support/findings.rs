//! Collects what the rules find: one finding for all nodes with the same mistake, minus what `allow` silences.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use ipnet::IpNet;

use super::allow;
use crate::diagnostic::{Descriptor, Diagnostic, Diagnostics, Severity};
use crate::model::{Model, Node, NodeSettings};
use crate::source::Span;

/// The sink of all rules.
pub struct Findings<'a> {
    model: &'a Model,
    out: &'a mut Diagnostics,
    used: BTreeSet<Span>,
    groups: Vec<Vec<&'a Node>>,
    /// The ranges proposed so far, by the setting's name, so that no two proposals overlap.
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
        // Warnings of lower floors (an unused profile) can be allowed at the top level as well.
        let allows = &model.allows;
        let used = &mut findings.used;
        findings.out.retain(|finding| {
            let silenced = allow::of(allows, finding);
            used.extend(silenced);
            silenced.is_none()
        });
        findings
    }

    /// A finding about the cluster.
    pub fn push(&mut self, finding: Diagnostic) {
        match allow::of(&self.model.allows, &finding) {
            Some(span) => {
                self.used.insert(span);
            }
            None => self.out.push(finding),
        }
    }

    /// Findings about nodes. Nodes that share all their settings are checked once: `look` gets the settings and the
    /// nodes. Findings with exactly the same places (in a profile that many blocks use) are one mistake, and are
    /// reported once for all those nodes.
    pub fn blocks(&mut self, mut look: impl FnMut(&NodeSettings, &[&Node]) -> Option<Diagnostic>) {
        type Alike = (Option<Span>, Severity, Vec<Span>);
        let groups = std::mem::take(&mut self.groups);
        let mut found: BTreeMap<Alike, (Diagnostic, Vec<&Node>, bool)> = BTreeMap::new();
        for group in &groups {
            let settings = &group[0].settings;
            let Some(finding) = look(settings, group) else {
                continue;
            };
            let own = allow::of(&settings.allows, &finding);
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

    /// Like [`blocks`](Self::blocks) for a rule that can find several mistakes in the settings of a machine. Their messages do not
    /// name the machines.
    pub fn each(&mut self, look: impl Fn(&NodeSettings) -> Vec<Diagnostic>) {
        type Alike = (&'static str, Vec<Span>, String);
        let groups = std::mem::take(&mut self.groups);
        let mut seen: BTreeSet<(Option<Span>, Alike)> = BTreeSet::new();
        for group in &groups {
            let settings = &group[0].settings;
            for finding in look(settings) {
                let places = finding.labels.iter().map(|label| label.span).collect();
                let code = finding.descriptor.code;
                let own = allow::of(&settings.allows, &finding);
                if seen.insert((own, (code, places, finding.message.clone()))) {
                    self.push_for(group[0], finding);
                }
            }
        }
        self.groups = groups;
    }

    /// A finding about a node: its own `allow` blocks count, and those of the top level.
    pub fn push_for(&mut self, node: &Node, finding: Diagnostic) {
        match allow::of(&node.settings.allows, &finding) {
            Some(span) => {
                self.used.insert(span);
            }
            None => self.push(finding),
        }
    }

    /// Checks the `allow` blocks, once every rule has run.
    pub(in crate::check) fn finish(self, codes: &[&'static Descriptor]) {
        allow::judge(&self.model.all_allows, &self.used, codes, self.out);
    }
}

/// The nodes, grouped by shared settings, in the order of the spec. Nodes of a block are adjacent, so a node can only
/// belong to the last group or a new one.
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

/// "from profile `pi`: " for a place in a profile, "for all nodes: " for one in the cluster block.
pub(in crate::check) fn scope_prefix(model: &Model, place: Option<Span>) -> String {
    let Some(place) = place else {
        return String::new();
    };
    let inside = |outer: &Span| {
        outer.file == place.file && outer.start <= place.start && place.end <= outer.end
    };
    // Profiles are sorted by place, and no two overlap.
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
