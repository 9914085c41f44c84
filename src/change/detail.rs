//! How one file differs, and which consequence which part of the difference has.

use super::Step;
use super::fields::{FieldChange, compare};
use super::rules::{NOTHING, Rules};
use crate::output::hunks;
use crate::render::Content;
use crate::stdlib::Weight;

/// How a file differs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Detail {
    /// These fields of its documents.
    Fields(Vec<FieldChange>),
    /// The hunks of a unified diff.
    Text(String),
    /// It is new or gone, and has so many lines.
    Lines(usize),
    /// Comments only.
    Comments,
    /// It holds a secret, or did: not shown.
    Secret,
    /// It is not text.
    Binary,
    /// Only the mode differs: what it was and what it is.
    Mode(u32, u32),
    /// It is or was a link: the target before, and after.
    Link(Option<String>, Option<String>),
    /// What it is about follows from the rest: not shown.
    Follows,
}

/// What is at a path.
#[derive(Clone, Debug)]
pub(super) enum Side<'a> {
    Absent,
    /// A file, and its mode, where it is known.
    File(&'a Content, Option<u32>),
    /// A file with a secret; its content, where it is known.
    Secret(Option<&'a Content>),
    /// A file that is not text.
    Binary(Option<&'a Content>),
    Link(&'a str),
}

/// A part of a difference.
pub(super) struct Piece {
    /// The name of the consequence.
    pub applies: String,
    pub step: Step,
    pub detail: Detail,
}

/// How the file of that name differs: nothing, one piece, or one for each consequence that its fields have.
pub(super) fn pieces(rules: &Rules, name: &str, old: &Side<'_>, new: &Side<'_>) -> Vec<Piece> {
    let step = match (old, new) {
        (Side::Absent, Side::Absent) => return Vec::new(),
        (Side::Absent, _) => Step::Created,
        (_, Side::Absent) => Step::Removed,
        _ => Step::Changed,
    };
    let whole = rules.of_file(name, step);
    let piece = |applies: &str, detail| {
        let applies = applies.to_owned();
        vec![Piece {
            applies,
            step,
            detail,
        }]
    };
    let detail = match (old, new) {
        (Side::Secret(Some(old)), Side::Secret(Some(new)))
        | (Side::Binary(Some(old)), Side::Binary(Some(new)))
            if old.sha256() == new.sha256() =>
        {
            return Vec::new();
        }
        (Side::Secret(_), _) | (_, Side::Secret(_)) => Detail::Secret,
        (Side::Link(old), Side::Link(new)) if old == new => return Vec::new(),
        (Side::Link(_), _) | (_, Side::Link(_)) => {
            let target = |side: &Side<'_>| match side {
                Side::Link(target) => Some((*target).to_owned()),
                _ => None,
            };
            Detail::Link(target(old), target(new))
        }
        (Side::Binary(_), _) | (_, Side::Binary(_)) => Detail::Binary,
        (Side::File(old, mode), Side::File(new, other)) => {
            if old.sha256() == new.sha256() {
                match (mode, other) {
                    (Some(mode), Some(other)) if mode != other => Detail::Mode(*mode, *other),
                    _ => return Vec::new(),
                }
            } else {
                let of = |content: &'_ Content| content.text().unwrap_or_default().into_owned();
                if rules.weight(whole) == Weight::Nothing {
                    Detail::Follows
                } else {
                    return texts(rules, name, &of(old), &of(new));
                }
            }
        }
        (Side::File(only, _), _) | (_, Side::File(only, _)) => {
            Detail::Lines(only.text().unwrap_or_default().lines().count())
        }
        (Side::Absent, Side::Absent) => return Vec::new(),
    };
    piece(whole, detail)
}

/// Two texts that differ.
fn texts(rules: &Rules, name: &str, old: &str, new: &str) -> Vec<Piece> {
    let piece = |applies: &str, detail| Piece {
        applies: applies.to_owned(),
        step: Step::Changed,
        detail,
    };
    let whole = rules.of_file(name, Step::Changed);
    let fields = name.ends_with(".yaml").then(|| compare(old, new)).flatten();
    let Some(fields) = fields else {
        // A comment in a script is read by people. In a file that a step places it makes another file.
        return match name.ends_with(".sh") && code(old).eq(code(new)) {
            true => vec![piece(NOTHING, Detail::Comments)],
            false => vec![piece(whole, Detail::Text(hunks(old, new)))],
        };
    };
    let placed = name.starts_with("etc/");
    if fields.is_empty() {
        return match placed {
            true => vec![piece(whole, Detail::Text(hunks(old, new)))],
            false => vec![piece(NOTHING, Detail::Comments)],
        };
    }
    let mut parts: Vec<(&str, Vec<FieldChange>)> = Vec::new();
    for field in fields {
        let kind = field.object.split(' ').next().unwrap_or_default();
        let applies = rules.of_file(&format!("{name}#{kind} {}", field.path), Step::Changed);
        match parts.iter_mut().find(|(known, _)| *known == applies) {
            Some((_, all)) => all.push(field),
            None => parts.push((applies, vec![field])),
        }
    }
    let parts = parts.into_iter();
    parts
        .map(|(applies, fields)| piece(applies, Detail::Fields(fields)))
        .collect()
}

/// The lines of a script without comments.
fn code(text: &str) -> impl Iterator<Item = &str> {
    text.lines()
        .filter(|line| !line.trim_start().starts_with('#'))
}

impl Detail {
    /// What is the same for differences that are the same, wherever in their files they are.
    pub(super) fn key(&self) -> String {
        match self {
            Self::Text(hunks) => {
                let changed = hunks.lines().filter(|line| line.starts_with(['+', '-']));
                changed.collect::<Vec<_>>().join("\n")
            }
            other => format!("{other:?}"),
        }
    }
}
