//! What would change, for programs: `docs/diff.schema.json` describes it.

use camino::Utf8Path;
use serde::Serialize;

use crate::change::{Changes, Consequence, Detail, FieldChange, FileChange, Group, SettingChange};
use crate::cli::shared::exit::Failure;
use crate::output::Diff;
use crate::stdlib::Weight;

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Document<'a> {
    format: u32,
    pikc: &'static str,
    against: &'a str,
    created: usize,
    changed: usize,
    removed: usize,
    worst: Option<Weight>,
    settings_known: bool,
    foreign: Vec<&'a str>,
    edited: Vec<&'a str>,
    counts: Vec<CountRow>,
    groups: Vec<GroupRow<'a>>,
}

#[derive(Serialize)]
struct CountRow {
    is: Weight,
    machines: usize,
    files: usize,
}

#[derive(Serialize)]
struct GroupRow<'a> {
    consequence: ConsequenceRow<'a>,
    nodes: &'a [String],
    settings: Vec<SettingRow<'a>>,
    files: Vec<FileRow<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct ConsequenceRow<'a> {
    name: &'a str,
    is: Weight,
    title: &'a str,
    why: &'a str,
    by_hand: Option<&'a str>,
    restarts: &'a [String],
}

#[derive(Serialize)]
struct SettingRow<'a> {
    setting: &'a str,
    was: Option<&'a str>,
    now: Option<&'a str>,
    nodes: Option<&'a [String]>,
    place: Option<PlaceRow<'a>>,
}

#[derive(Serialize)]
struct PlaceRow<'a> {
    file: &'a str,
    line: usize,
}

#[derive(Serialize)]
struct FileRow<'a> {
    name: &'a str,
    step: &'static str,
    nodes: &'a [String],
    paths: &'a [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    fields: Option<Vec<FieldRow<'a>>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    hunks: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    note: Option<&'static str>,
}

#[derive(Serialize)]
struct FieldRow<'a> {
    object: &'a str,
    path: &'a str,
    was: Option<&'a str>,
    now: Option<&'a str>,
}

pub(super) fn write(dir: &Utf8Path, diff: &Diff, changes: &Changes) -> Result<String, Failure> {
    let counts = changes.counts().into_iter();
    let document = Document {
        format: 1,
        pikc: env!("CARGO_PKG_VERSION"),
        against: dir.as_str(),
        created: changes.created,
        changed: changes.changed,
        removed: changes.removed,
        worst: changes.worst(),
        settings_known: changes.settings_known,
        foreign: diff.foreign.iter().map(|one| one.path.as_str()).collect(),
        edited: diff.edited.iter().map(|path| path.as_str()).collect(),
        counts: counts
            .map(|(is, machines, files)| CountRow {
                is,
                machines,
                files,
            })
            .collect(),
        groups: changes.groups.iter().map(group).collect(),
    };
    match serde_json::to_string_pretty(&document) {
        Ok(text) => Ok(text + "\n"),
        Err(error) => Err(Failure::environment(error.to_string())),
    }
}

fn group(group: &Group) -> GroupRow<'_> {
    GroupRow {
        consequence: consequence(&group.consequence),
        nodes: &group.nodes,
        settings: group.settings.iter().map(setting).collect(),
        files: group.files.iter().map(file).collect(),
    }
}

fn consequence(one: &Consequence) -> ConsequenceRow<'_> {
    ConsequenceRow {
        name: &one.name,
        is: one.weight,
        title: &one.title,
        why: &one.why,
        by_hand: one.by_hand.as_deref(),
        restarts: &one.restarts,
    }
}

fn setting(change: &SettingChange) -> SettingRow<'_> {
    SettingRow {
        setting: &change.setting,
        was: change.was.as_deref(),
        now: change.now.as_deref(),
        nodes: change.nodes.as_deref(),
        place: change
            .place
            .as_ref()
            .map(|(file, line)| PlaceRow { file, line: *line }),
    }
}

fn file(change: &FileChange) -> FileRow<'_> {
    let (mut fields, mut hunks) = (None, None);
    let note = match &change.detail {
        Detail::Fields(found) => {
            fields = Some(found.iter().map(field).collect());
            None
        }
        Detail::Text(text) => {
            hunks = Some(text.as_str());
            None
        }
        Detail::Lines(_) => None,
        Detail::Comments => Some("comments"),
        Detail::Secret => Some("secret"),
        Detail::Binary => Some("binary"),
        Detail::Mode(..) => Some("mode"),
        Detail::Link(..) => Some("link"),
        Detail::Follows => Some("follows"),
    };
    FileRow {
        name: &change.name,
        step: change.step.word(),
        nodes: &change.nodes,
        paths: &change.paths,
        fields,
        hunks,
        note,
    }
}

fn field(one: &FieldChange) -> FieldRow<'_> {
    FieldRow {
        object: &one.object,
        path: &one.path,
        was: one.was.as_deref(),
        now: one.now.as_deref(),
    }
}
