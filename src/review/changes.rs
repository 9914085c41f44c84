//! What differs from an earlier tree, by what it means for a cluster that runs.

use super::page::{Change, Count, Group, Row};
use super::{Earlier, names};
use crate::change::{self, Detail, FileChange, SettingChange, Step};
use crate::stdlib::Word;
use crate::{Analysis, Compiled};

/// The changes, in groups.
pub(super) fn changes(analysis: &Analysis, compiled: &Compiled, earlier: &Earlier<'_>) -> Change {
    let found = change::changes(
        analysis,
        compiled,
        &change::Earlier {
            files: earlier.files,
            settings: earlier.settings,
        },
    );
    let counts = found.counts().into_iter();
    Change {
        earlier: earlier.name.to_owned(),
        removed: found.removed,
        changed: found.changed,
        created: found.created,
        settings_known: found.settings_known,
        counts: counts
            .map(|(is, machines, files)| Count {
                is: is.word(),
                machines,
                files,
            })
            .collect(),
        groups: found.groups.iter().map(group).collect(),
    }
}

fn group(group: &change::Group) -> Group {
    let consequence = &group.consequence;
    Group {
        consequence: consequence.name.clone(),
        is: consequence.weight.word(),
        title: consequence.title.clone(),
        why: consequence.why.clone(),
        by_hand: consequence.by_hand.clone(),
        machines: group.nodes.len(),
        nodes: runs(&group.nodes),
        settings: group.settings.iter().map(setting).collect(),
        files: group.files.iter().map(row).collect(),
    }
}

fn runs(nodes: &[String]) -> String {
    names::runs(nodes.iter().map(String::as_str))
}

/// `kubelet / max-pods: 110, then 200 (on n1 to n3)`
fn setting(change: &SettingChange) -> String {
    let side = |value: &Option<String>| value.clone().unwrap_or_else(|| "not set".to_owned());
    let nodes = match change.nodes.as_deref() {
        Some(nodes) => format!(" (on {})", runs(nodes)),
        None => String::new(),
    };
    let (was, now) = (side(&change.was), side(&change.now));
    match change.setting.strip_suffix(" {}") {
        Some(block) if change.was.is_none() => format!("{block} {{ }}: new{nodes}"),
        Some(block) if change.now.is_none() => format!("{block} {{ }}: gone{nodes}"),
        block => {
            let name = block.unwrap_or(&change.setting);
            format!("{name}: {was}, then {now}{nodes}")
        }
    }
}

fn row(change: &FileChange) -> Row {
    Row {
        name: change.name.clone(),
        step: change.step.word(),
        nodes: runs(&change.nodes),
        paths: change.paths.clone(),
        text: text(change),
    }
}

/// How a file differs. What is new is shown among the files, so it is not shown twice.
fn text(change: &FileChange) -> String {
    match &change.detail {
        Detail::Fields(fields) => {
            let field = |one: &change::FieldChange| {
                let place = format!("{}: {}", one.object, one.path);
                match one.hunks() {
                    Some(hunks) => format!("{place}\n{hunks}"),
                    None => {
                        let side = |sign: char, value: &Option<String>| match value {
                            Some(value) => format!("{sign} {place}: {value}\n"),
                            None => String::new(),
                        };
                        format!("{}{}", side('-', &one.was), side('+', &one.now))
                    }
                }
            };
            fields.iter().map(field).collect()
        }
        Detail::Text(hunks) => hunks.clone(),
        Detail::Lines(_) if change.step == Step::Created => "new: shown among the files".to_owned(),
        Detail::Lines(number) => format!("gone: it had {number} lines"),
        Detail::Comments => "only comments differ".to_owned(),
        Detail::Secret => "holds a secret: not shown".to_owned(),
        Detail::Binary => "not text".to_owned(),
        Detail::Mode(old, new) => format!("mode {old:04o}, then {new:04o}"),
        Detail::Link(old, new) => match (old, new) {
            (Some(old), Some(new)) => format!("a link to {old}, then to {new}"),
            (Some(old), None) => format!("was a link to {old}"),
            (None, Some(new)) => format!("a link to {new}"),
            (None, None) => String::new(),
        },
        Detail::Follows => "follows from the rest".to_owned(),
    }
}
