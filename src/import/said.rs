//! A value of a file as a setting says it: the schema's `becomes`, read backwards.

use super::report::Place;
use super::spec::Value;
use super::{Import, quantity};
use crate::model::{Data, Target, targets};
use crate::schema::{BlockSchema, Schema, SettingSchema};
use crate::value::{Type, Val, parse};

/// A setting that holds a field or an argument, and the blocks around it.
pub(super) struct Said {
    pub path: Vec<String>,
    pub setting: SettingSchema,
    pub target: Target,
}

/// Every setting that becomes a field of a kind of document, or an argument of a program.
pub(super) fn of(schema: &Schema, kind_or_program: &str) -> Vec<Said> {
    targets(schema)
        .into_iter()
        .filter(|(_, _, target)| match target {
            Target::Field { kind, .. } => kind == kind_or_program,
            Target::Argument { program, .. } => program == kind_or_program,
        })
        .map(|(block, setting, target)| Said {
            path: path(schema, block),
            setting: setting.clone(),
            target,
        })
        .collect()
}

/// The blocks from the cluster to this one.
fn path(schema: &Schema, block: &BlockSchema) -> Vec<String> {
    if block.name == "cluster" {
        return Vec::new();
    }
    let parent = block.parents.first();
    let mut path = parent
        .and_then(|parent| schema.blocks.get(parent))
        .map_or_else(Vec::new, |parent| path(schema, parent));
    path.push(block.name.clone());
    path
}

/// The value of a setting from the texts of a file. None if the setting cannot say it; a list is without the items that it cannot hold.
pub(super) fn value(setting: &SettingSchema, texts: &[(String, Place)]) -> Option<Value> {
    if !setting.list {
        let [(text, _)] = texts else { return None };
        return Some(Value::One(word(setting, text)?));
    }
    let words = texts
        .iter()
        .filter_map(|(text, place)| Some((word(setting, text)?, Some(place.clone()))));
    let words: Vec<_> = words.collect();
    (!words.is_empty()).then_some(Value::Many(words))
}

fn word(setting: &SettingSchema, text: &str) -> Option<String> {
    let word = spelled(setting.ty, text)?;
    let value = parse(setting.ty, &word).ok()?;
    if setting.ty == Type::Choice && !setting.values.contains(&word) {
        return None;
    }
    if let Val::Integer(number) = &value
        && (setting.min.is_some_and(|min| *number < min)
            || setting.max.is_some_and(|max| *number > max))
    {
        return None;
    }
    quantity::same(&Data::of(&value).argument(), text).then_some(word)
}

/// How a spec writes a value of this type.
pub(super) fn spelled(ty: Type, text: &str) -> Option<String> {
    match ty {
        Type::Boolean => match text {
            "true" => Some("on".to_owned()),
            "false" => Some("off".to_owned()),
            _ => None,
        },
        Type::Size => quantity::size(text),
        Type::Threshold if !text.ends_with('%') => quantity::size(text),
        Type::Duration => quantity::duration(text),
        _ => Some(text.to_owned()),
    }
}

impl Import {
    /// Says what a file says with the setting that holds it, or says why that is not possible.
    pub(super) fn say(&mut self, said: &Said, texts: &[(String, Place)]) {
        let path: Vec<&str> = said.path.iter().map(String::as_str).collect();
        let found = value(&said.setting, texts);
        let none_of_it = found.is_none();
        if let (Some(value), Some((_, place))) = (found, texts.first()) {
            self.put(&path, &said.setting.name, value, place.clone());
        }
        let block = said.path.last().map_or("cluster", String::as_str);
        let name = &said.setting.name;
        for (text, place) in texts {
            if none_of_it || (said.setting.list && word(&said.setting, text).is_none()) {
                let why = format!("`{name}` of `{block}` cannot hold this value");
                self.report.lost(place.clone(), why);
            }
        }
    }
}
