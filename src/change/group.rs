//! Changes with the same consequence together, the worst first.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use super::cause::Cause;
use super::rules::Rules;
use super::trees::{Unit, by_number};
use super::{Changes, Consequence, Group, Weight};

pub(super) fn grouped(rules: &Rules, units: Vec<Unit>, causes: Vec<Cause>) -> Changes {
    let mut groups: BTreeMap<String, Group> = BTreeMap::new();
    for cause in causes {
        let group = entry(&mut groups, rules, cause.applies);
        group
            .nodes
            .extend(cause.change.nodes.iter().flatten().cloned());
        group.settings.push(cause.change);
    }
    for unit in units {
        let group = entry(&mut groups, rules, unit.applies);
        group.nodes.extend(unit.change.nodes.iter().cloned());
        group.files.push(unit.change);
    }
    let mut groups: Vec<Group> = groups.into_values().collect();
    for group in &mut groups {
        group.nodes.sort_by(|one, other| by_number(one, other));
        group.nodes.dedup();
    }
    groups.sort_by_key(|group| Reverse(urgency(&group.consequence)));
    Changes {
        groups,
        ..Changes::default()
    }
}

/// What puts consequences in order: of the same weight, those first that no step brings about.
pub(super) fn urgency(consequence: &Consequence) -> (Weight, bool) {
    (consequence.weight, consequence.by_hand.is_some())
}

fn entry<'g>(
    groups: &'g mut BTreeMap<String, Group>,
    rules: &Rules,
    name: String,
) -> &'g mut Group {
    let consequence = rules.consequence(&name);
    groups.entry(name).or_insert_with(|| Group {
        consequence,
        nodes: Vec::new(),
        settings: Vec::new(),
        files: Vec::new(),
    })
}
