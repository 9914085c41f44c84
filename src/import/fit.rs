//! The last look: each value is one that its setting can hold, and none looks like a secret. What is not goes into the report.

use std::sync::Arc;

use super::Import;
use super::report::Report;
use super::spec::{Section, Setting, Value};
use crate::model::existing::secret::reveals;
use crate::schema::{BlockSchema, LabelRule, Schema, SettingSchema};
use crate::value::{TYPES, Type, Val, parse};

/// What a name or a value has to be.
struct Rule<'a> {
    ty: Type,
    setting: Option<&'a SettingSchema>,
    /// The block and the setting, for a sentence.
    named: String,
}

impl Import {
    pub(super) fn fit(&mut self, top: &mut Section) {
        let schema = self.facts.schema.clone();
        for block in &mut top.blocks {
            fit(block, &schema, &self.facts.options, &mut self.report);
        }
    }
}

fn fit(
    block: &mut Section,
    schema: &Schema,
    options: &super::Options,
    report: &mut Report,
) -> bool {
    let Some(own) = schema.blocks.get(&block.kind) else {
        return true;
    };
    if !label_fits(block, own) && !renamed(block, report) {
        return false;
    }
    let none = Arc::default();
    let extra = match block.kind.as_str() {
        "cni" => block.label.as_ref().and_then(|name| options.get(name)),
        _ => None,
    };
    let extra = extra.unwrap_or(&none);
    let settings = std::mem::take(&mut block.settings);
    for mut setting in settings {
        let known = own
            .settings
            .get(&setting.key)
            .or_else(|| extra.get(&setting.key));
        let rule = match (known, own.open) {
            (Some(known), _) => Rule {
                ty: known.ty,
                setting: Some(known),
                named: format!("`{}` of `{}`", known.name, own.name),
            },
            (None, Some(ty)) if key_fits(own, &setting.key) => Rule {
                ty,
                setting: None,
                named: format!("a value of `{}`", own.name),
            },
            (None, Some(_)) => {
                let why = format!("`{}` cannot hold this name", own.name);
                lose(&setting, &why, report);
                continue;
            }
            (None, None) => {
                let label = block.label.as_deref().unwrap_or_default();
                let why = format!("`{} {label}` has no setting for it", own.name);
                lose(&setting, &why, report);
                continue;
            }
        };
        if value_fits(&mut setting, &rule, report) {
            block.settings.push(setting);
        }
    }
    inner_blocks(block, schema, options, report);
    complete(block, own, report)
}

/// What becomes of a block whose label is none: a cluster gets another one, and anything else is lost.
fn renamed(block: &mut Section, report: &mut Report) -> bool {
    if block.kind == "cluster" {
        block.label = Some("kubernetes".to_owned());
        for place in std::mem::take(&mut block.from) {
            let why = "a cluster of a spec cannot have this name; it is `kubernetes` there";
            report.lost(place, why);
        }
        return true;
    }
    let why = format!("a `{}` of a spec cannot have this name", block.kind);
    for place in block.places() {
        report.lost(place, why.clone());
    }
    false
}

/// The blocks in a block; those that do not fit are taken out of it.
fn inner_blocks(
    block: &mut Section,
    schema: &Schema,
    options: &super::Options,
    report: &mut Report,
) {
    let mut volumes: Vec<String> = Vec::new();
    block.blocks.retain_mut(|inner| {
        let had = inner.settings.len() + inner.blocks.len();
        let mut fits = fit(inner, schema, options, report);
        if let Some(name) = inner.label.as_ref().filter(|_| inner.kind == "volume") {
            if volumes.contains(name) {
                for place in &inner.from {
                    let why = "another volume of this component has the same name";
                    report.lost(place.clone(), why);
                }
                fits = false;
            }
            volumes.push(name.clone());
        }
        // A block whose values are all gone would mean something without them.
        fits && (had == 0 || !inner.is_empty())
    });
}

/// Whether what a block needs is there. A block without is no use to a spec.
fn complete(block: &mut Section, own: &BlockSchema, report: &mut Report) -> bool {
    if matches!(
        own.name.as_str(),
        "cluster" | "network" | "node" | "profile"
    ) {
        return true;
    }
    let missing = own
        .settings
        .values()
        .find(|setting| setting.required && block.get(&setting.name).is_none());
    let Some(missing) = missing else {
        return true;
    };
    let why = format!(
        "`{}` of a spec needs `{}` as well, which no file has",
        own.name, missing.name
    );
    for place in block.places() {
        report.lost(place, why.clone());
    }
    false
}

fn lose(setting: &Setting, why: &str, report: &mut Report) {
    for place in &setting.from {
        report.lost(place.clone(), why);
    }
}

fn label_fits(block: &Section, own: &BlockSchema) -> bool {
    let Some(label) = &block.label else {
        return matches!(own.label, LabelRule::None);
    };
    if reveals(label) {
        return false;
    }
    match own.label {
        LabelRule::Typed(ty) => parse(ty, label).is_ok(),
        LabelRule::Range => parse(Type::Label, label).is_ok(),
        LabelRule::None => false,
        LabelRule::Text | LabelRule::Reference(_) => true,
    }
}

fn key_fits(own: &BlockSchema, key: &str) -> bool {
    parse(own.keys, key).is_ok() && !reveals(key) && !key.contains("${")
}

/// Whether the value is one of this setting's; the items of a list that are not are taken out of it.
fn value_fits(setting: &mut Setting, rule: &Rule<'_>, report: &mut Report) -> bool {
    let named = rule.named.clone();
    let why = |text: &str| {
        match secret(text) {
        true => "it looks like a secret, and a spec holds none: give it with --secrets where a setting wants one".to_owned(),
        false => {
            let what = TYPES.iter().find(|(ty, ..)| *ty == rule.ty).map_or("", |(_, _, what)| what);
            match rule.setting.is_some_and(|own| own.ty == Type::Choice) {
                true => format!("{named} cannot have this value"),
                false => format!("the value is not {what}, which {named} has to be"),
            }
        }
    }
    };
    match &mut setting.value {
        Value::One(text) => {
            if word_fits(text, rule) {
                return true;
            }
            let why = why(text);
            lose(setting, &why, report);
            false
        }
        Value::Many(items) => {
            let all = std::mem::take(items);
            let had = all.len();
            for (text, place) in all {
                if word_fits(&text, rule) {
                    items.push((text, place));
                } else if let Some(place) = place.or_else(|| setting.from.first().cloned()) {
                    report.lost(place, why(&text));
                }
            }
            had == 0 || !items.is_empty()
        }
    }
}

fn secret(text: &str) -> bool {
    reveals(text) || text.contains("$ANSIBLE_VAULT") || text.contains("PRIVATE KEY")
}

fn word_fits(text: &str, rule: &Rule<'_>) -> bool {
    if rule.ty == Type::Secret {
        return parse(rule.ty, text).is_ok();
    }
    let Ok(value) = parse(rule.ty, text) else {
        return false;
    };
    let Some(setting) = rule.setting else {
        return !secret(text);
    };
    let in_range = match value {
        Val::Integer(number) => {
            setting.min.is_none_or(|min| number >= min)
                && setting.max.is_none_or(|max| number <= max)
        }
        _ => true,
    };
    let chosen = rule.ty != Type::Choice || setting.values.iter().any(|word| word == text);
    in_range && chosen && (rule.ty == Type::SshKey || !secret(text))
}
