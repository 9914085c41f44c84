//! Keys and values of open maps: feature gates, arguments, fields, labels.

use std::collections::BTreeSet;

use super::{Asking, CompletionKind, Offer, Snippet};
use crate::ast::Item;
use crate::editor::hover::{document, held, program, stage};
use crate::editor::project::covers;
use crate::editor::scan::Mark;
use crate::editor::shelf::Declared;
use crate::editor::topic::release;
use crate::stdlib::{Field, FlagType, Stage};
use crate::value::{self, Type};

impl Asking<'_> {
    /// The keys that the innermost block, an open map, can have and does not have.
    pub(super) fn map_keys(&mut self, declared: &Declared) -> Vec<Offer> {
        let around = self.standing.around.clone();
        let mut all = match declared.block.name.as_str() {
            "feature-gates" => program(&around).map_or_else(Vec::new, |whose| self.gates(whose)),
            "extra-args" => program(&around).map_or_else(Vec::new, |whose| self.arguments(whose)),
            "fields" => document(&around).map_or_else(Vec::new, |kind| self.fields(kind)),
            // A constant has a name of the user's choosing.
            "let" => return Vec::new(),
            _ => Vec::new(),
        };
        all.extend(self.keys_elsewhere(declared));
        all.retain(|offer| {
            !self
                .standing
                .settings
                .contains_key(offer.label.trim_matches('"'))
        });
        if self.standing.next == Some(Mark::Equals) {
            for offer in &mut all {
                offer.insert = Snippet::text(offer.label.clone());
            }
        }
        all
    }

    fn gates(&mut self, program: &str) -> Vec<Offer> {
        let of = release(self.view.project);
        let (Some(gates), Some(of)) = (self.shelf.gates(program), of) else {
            return Vec::new();
        };
        let offer = |gate: &crate::stdlib::Gate| {
            let (_, now) = gate.at(of)?;
            // It is written to change what it is.
            let other = match now {
                Stage::Off => "on",
                Stage::On => "off",
                Stage::LockedOff | Stage::LockedOn | Stage::Gone => return None,
            };
            let choices = vec!["on".to_owned(), "off".to_owned()];
            let mut offer = Offer::new(&gate.name, CompletionKind::Setting).detail(stage(now));
            offer.insert = Snippet::text(format!("{} = ", gate.name)).hole(other, choices);
            Some(offer)
        };
        gates.gates.iter().filter_map(offer).collect()
    }

    fn arguments(&mut self, program: &str) -> Vec<Offer> {
        let of = release(self.view.project);
        let (Some(flags), Some(of)) = (self.shelf.flags(program), of) else {
            return Vec::new();
        };
        let usual = |ty: &FlagType| match ty {
            FlagType::Boolean => ("true", "true or false"),
            FlagType::Integer => ("1", "a whole number"),
            FlagType::Number => ("1", "a number"),
            FlagType::Duration => ("1m", "a length of time"),
            FlagType::Address => ("127.0.0.1", "an IP address"),
            FlagType::Cidrs => ("10.0.0.0/8", "networks"),
            FlagType::Port => ("8080", "a port"),
            FlagType::Choice(_) => ("", "one of a list of words"),
            FlagType::Text => ("value", "a text"),
        };
        let offered = flags.flags.iter().filter(|flag| {
            flag.is_in(of)
                && flag.deprecated.is_none_or(|since| since > of)
                && flags.writer(&flag.name).is_none()
        });
        offered
            .map(|flag| {
                let (value, detail) = usual(&flag.ty);
                let choices = choices_of(&flag.ty);
                let value = choices.first().map_or(value, String::as_str).to_owned();
                let mut offer = Offer::new(&flag.name, CompletionKind::Setting).detail(detail);
                offer.insert = Snippet::text(format!("{} = ", flag.name)).hole(value, choices);
                offer
            })
            .collect()
    }

    fn fields(&mut self, kind: &str) -> Vec<Offer> {
        let of = release(self.view.project);
        let mut offers = Vec::new();
        for document in self.shelf.documents(kind) {
            for path in document.fields.paths() {
                let names: Vec<&str> = path.split('.').collect();
                let Some(known) = document.fields.at(&names, of) else {
                    continue;
                };
                let has = of.is_none_or(|of| known.is_in(of));
                let written = document.written.iter().any(|(own, _)| *own == path);
                // What holds several things cannot be written on one line.
                let single = match &known.field {
                    Field::Struct(_) | Field::Map(_) | Field::Any => false,
                    Field::List(inner) => !matches!(**inner, Field::Struct(_)),
                    _ => true,
                };
                let (value, detail) = held(&known.field);
                if !has || written || !single {
                    continue;
                }
                let mut offer = Offer::new(&path, CompletionKind::Setting).detail(detail);
                offer.insert = Snippet::text(format!("{path} = ")).hole(value, Vec::new());
                offers.push(offer);
            }
        }
        offers
    }

    /// The keys of the other blocks of this kind in the spec.
    fn keys_elsewhere(&self, declared: &Declared) -> Vec<Offer> {
        let mut keys = BTreeSet::new();
        for (_, block) in self.view.project.blocks() {
            if block.kind.value != declared.block.name {
                continue;
            }
            for item in &block.items {
                if let Item::Setting(setting) = item
                    && !(setting.span.file == self.view.page.file
                        && covers(setting.span, self.offset))
                    && value::parse(declared.block.keys, &setting.key.value).is_ok()
                {
                    keys.insert(self.view.project.text(setting.key.span).to_owned());
                }
            }
        }
        let offer = |key: String| {
            let values = self.elsewhere(&declared.block.name, key.trim_matches('"'));
            let value = values.into_iter().next().unwrap_or_default();
            let mut offer = Offer::new(&key, CompletionKind::Setting).detail("used in this spec");
            offer.insert = Snippet::text(format!("{key} = ")).hole(value, Vec::new());
            offer
        };
        keys.into_iter().map(offer).collect()
    }

    /// The values that a key of an open map can have.
    pub(super) fn map_values(&mut self, declared: &Declared, key: &str) -> Vec<Offer> {
        let around = self.standing.around.clone();
        let of = release(self.view.project);
        let words: Vec<String> = match declared.block.name.as_str() {
            "feature-gates" => vec!["on".to_owned(), "off".to_owned()],
            "extra-args" => {
                let flags = program(&around).and_then(|whose| self.shelf.flags(whose));
                let flag = flags.as_ref().and_then(|flags| flags.find(key));
                flag.map_or_else(Vec::new, |flag| choices_of(&flag.ty))
            }
            "fields" => {
                let names: Vec<&str> = key.split('.').collect();
                let documents =
                    document(&around).map_or_else(Vec::new, |kind| self.shelf.documents(kind));
                let known = documents
                    .iter()
                    .find_map(|document| document.fields.at(&names, of));
                match known.map(|known| &known.field) {
                    Some(Field::Boolean) => vec!["true".to_owned(), "false".to_owned()],
                    Some(Field::Choice(words)) => words.clone(),
                    _ => Vec::new(),
                }
            }
            _ => Vec::new(),
        };
        let words = words.into_iter().filter(|word| !word.is_empty());
        let mut all: Vec<Offer> = words
            .map(|word| Offer::new(word, CompletionKind::Choice))
            .collect();
        // Constants are defined with values of any type, and no other value is a hint.
        if declared.block.open == Some(Type::Any) {
            return all;
        }
        let elsewhere = self.elsewhere(&declared.block.name, key);
        all.extend(
            elsewhere
                .into_iter()
                .filter(|word| open_fits(declared, word))
                .map(|word| Offer::new(word, CompletionKind::Value).detail("used in this spec")),
        );
        all
    }
}

/// The words that an argument can be, where that is a list.
fn choices_of(ty: &FlagType) -> Vec<String> {
    match ty {
        FlagType::Boolean => vec!["true".to_owned(), "false".to_owned()],
        FlagType::Choice(words) => words.clone(),
        _ => Vec::new(),
    }
}

fn open_fits(declared: &Declared, written: &str) -> bool {
    let Some(ty) = declared.block.open else {
        return false;
    };
    let text = written
        .strip_prefix('"')
        .and_then(|rest| rest.strip_suffix('"'));
    value::parse(ty, text.unwrap_or(written)).is_ok()
}
