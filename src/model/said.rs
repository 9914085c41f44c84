//! One thing that a program is told, by a field or by an argument.

use super::carried::{Carried, Data, Target};
use crate::origin::Sourced;
use crate::source::Span;

/// Something that a program is told.
#[derive(Clone, Debug)]
pub struct Said {
    /// The field: `evictionHard{memory.available}`; of an argument without a field, its name with dashes.
    pub path: String,
    /// Its value.
    pub value: Sourced<Data>,
    /// Where its name is.
    pub key: Option<Span>,
    /// What a sentence calls it: "`size` of `log-rotation`".
    pub name: String,
    /// Whether an argument says it.
    pub argument: bool,
}

impl Said {
    /// Its value as text.
    pub fn text(&self) -> String {
        self.value.value.argument()
    }

    /// Its values as texts: those of a list, or the one.
    pub fn texts(&self) -> Vec<String> {
        match &self.value.value {
            Data::List(items) => items.iter().map(|item| item.value.argument()).collect(),
            one => vec![one.argument()],
        }
    }

    /// The path as the library's tables write it: `[]` for any item, `{}` for any key.
    pub fn pattern(&self) -> String {
        let mut out = String::new();
        let mut rest = self.path.as_str();
        while let Some(at) = rest.find(['[', '{']) {
            let (before, after) = rest.split_at(at);
            let (open, close) = if after.starts_with('[') {
                ("[", ']')
            } else {
                ("{", '}')
            };
            out.push_str(before);
            out.push_str(open);
            out.push(close);
            rest = after.split_once(close).map_or("", |(_, rest)| rest);
        }
        out.push_str(rest);
        if matches!(self.value.value, Data::List(_)) {
            out.push_str("[]");
        }
        out
    }

    /// The key of the open map that it is in: `memory.available`.
    pub fn map_key(&self) -> Option<&str> {
        let (_, key) = self.path.split_once('{')?;
        key.strip_suffix('}')
    }

    /// Whether it is this field, or is inside it.
    pub fn is_at(&self, path: &str) -> bool {
        self.path
            .strip_prefix(path)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[', '{']))
    }
}

/// "`memory` in `kubeReserved`" for the key of a map, and what the setting is called for anything else.
pub(super) fn shown(one: &Carried) -> String {
    match &one.target {
        Target::Field { path, .. } if one.setting == format!("`{path}`") => {
            match path.split_once('{') {
                Some((map, key)) => format!("`{}` in `{map}`", key.trim_end_matches('}')),
                None => one.setting.clone(),
            }
        }
        _ => one.setting.clone(),
    }
}
