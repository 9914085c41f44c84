//! What a block gets from its profiles.

use std::collections::BTreeSet;

use super::project::Project;
use super::topic::block_named;
use crate::ast::{Block, Item, Value};

/// The profiles that a block names.
pub(super) fn asked(block: &Block) -> Vec<String> {
    let mut names = Vec::new();
    for item in &block.items {
        if let Item::Setting(setting) = item
            && setting.key.value == "profile"
        {
            let values = match &setting.value {
                Value::List(items, _) => items.as_slice(),
                single => std::slice::from_ref(single),
            };
            names.extend(values.iter().filter_map(word));
        }
    }
    names
}

fn word(value: &Value) -> Option<String> {
    match value {
        Value::Word(word) => Some(word.value.clone()),
        Value::Text(text) => text.literal(),
        Value::List(..) | Value::Poisoned(_) => None,
    }
}

/// The settings that these profiles, and those that they build on, set outside of blocks.
pub(super) fn settings(project: &Project, profiles: &[String]) -> BTreeSet<String> {
    let mut met = BTreeSet::new();
    let mut open: Vec<String> = profiles.to_vec();
    let mut found = BTreeSet::new();
    while let Some(name) = open.pop() {
        let Some(block) = block_named(project, "profile", &name) else {
            continue;
        };
        if !met.insert(name) {
            continue;
        }
        open.extend(asked(block));
        for item in &block.items {
            if let Item::Setting(setting) = item {
                found.insert(setting.key.value.clone());
            }
        }
    }
    found
}
