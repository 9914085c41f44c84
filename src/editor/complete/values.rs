//! The values that a setting can have.

use std::collections::BTreeSet;

use super::{Asking, CompletionKind, Offer, Snippet};
use crate::ast::{Item, Value};
use crate::editor::project::covers;
use crate::editor::scan::{Mark, pieces};
use crate::editor::shelf::Declared;
use crate::editor::standing::Spot;
use crate::editor::topic::{Topic, constants};
use crate::schema::SettingSchema;
use crate::stdlib::Stage;
use crate::value::{self, Type};

impl Asking<'_> {
    /// What the setting with the cursor can be.
    pub(super) fn values(&mut self, key: &str) -> Vec<Offer> {
        let around = self.standing.around.clone();
        let Some(declared) = self.shelf.declared(&around) else {
            return Vec::new();
        };
        let mut all = match declared.setting(key) {
            Some(setting) => self.of_setting(&declared, setting),
            None if declared.block.open.is_some() => self.map_values(&declared, key),
            None => return Vec::new(),
        };
        if let Spot::Value {
            list: Some(others), ..
        } = &self.standing.spot
        {
            all.retain(|offer| !others.contains(&offer.label));
        }
        all
    }

    fn of_setting(&mut self, declared: &Declared, setting: &SettingSchema) -> Vec<Offer> {
        let parent = self.standing.parent().to_owned();
        let mut all = self.special_values(&parent, setting);
        match setting.ty {
            Type::Choice => {
                let label = self.standing.around.last().map_or("", |head| &head.label);
                all.extend(setting.values.iter().map(|word| {
                    let offer = Offer::new(word, CompletionKind::Choice);
                    offer.topic(Topic::Choice {
                        kind: declared.block.name.clone(),
                        label: label.to_owned(),
                        name: setting.name.clone(),
                        word: word.clone(),
                    })
                }));
            }
            Type::Boolean => all.extend(
                ["on", "off"]
                    .iter()
                    .map(|word| Offer::new(*word, CompletionKind::Choice)),
            ),
            _ => {}
        }
        if let Some(of) = setting.of.clone() {
            all.extend(self.facts(&of));
        }
        // An address or a network belongs to one thing: that of another is wrong here. And a profile or a file must exist.
        let own = matches!(
            setting.ty,
            Type::Address | Type::Cidr | Type::Range | Type::Mac
        ) || matches!(setting.name.as_str(), "profile" | "use");
        if !own {
            let words = self.elsewhere(&declared.block.name, &setting.name);
            let elsewhere = words.into_iter().filter(|word| fits(setting, word));
            all.extend(
                elsewhere.map(|word| {
                    Offer::new(word, CompletionKind::Value).detail("used in this spec")
                }),
            );
        }
        self.default_of(setting, own, &mut all);
        if let Some(example) = setting.example.as_ref().filter(|_| !own || all.is_empty()) {
            let words = of_list(example)
                .into_iter()
                .filter(|word| fits(setting, word));
            all.extend(
                words.map(|word| Offer::new(word, CompletionKind::Value).detail("an example")),
            );
        }
        let constants = self.constants_for(setting, &all);
        all.extend(constants);
        // After a `$` only a constant can follow.
        let (start, _) = self.standing.word;
        if self
            .view
            .text()
            .get(start..)
            .is_some_and(|rest| rest.starts_with('$'))
        {
            all.retain(|offer| offer.label.starts_with('$'));
        }
        all
    }

    /// Marks the default of a setting among what is offered, or adds it. OWN: the default is only for a setting of which nothing is known.
    fn default_of(&self, setting: &SettingSchema, own: bool, all: &mut Vec<Offer>) {
        let default = setting.default.as_ref();
        let Some(span) = default.and_then(|given| given.origin.span()) else {
            return;
        };
        let text = self.shelf.text(span).to_owned();
        let found = all.len();
        for word in of_list(&text) {
            match all.iter_mut().find(|offer| offer.label == word) {
                Some(known) => known.detail = "the default".to_owned(),
                None if own && found > 0 => {}
                None => all.push(Offer::new(word, CompletionKind::Value).detail("the default")),
            }
        }
    }

    /// Values that depend on the rest of the spec, or on the tables of its release; the likeliest first.
    pub(super) fn special_values(&mut self, parent: &str, setting: &SettingSchema) -> Vec<Offer> {
        match (parent, setting.name.as_str(), setting.ty) {
            ("", "use", _) => {
                let file = |path: &String| {
                    let mut offer = Offer::new(path, CompletionKind::File);
                    offer.insert = Snippet::text(quoted(path));
                    offer
                };
                self.files.iter().map(file).collect()
            }
            ("node" | "profile", "profile", _) => self.profiles(),
            (_, "kubernetes", Type::Version) => self.releases(),
            ("runtime", "version", _) => self.release_of_spec().into_iter().collect(),
            ("admission", "enable" | "disable", _) => self.plugins(setting.name == "enable"),
            ("peer", "nodes", _) => self.machines(),
            ("node" | "profile", "subnet", _) => self.subnets(),
            (_, _, Type::Address) => self.free_addresses(parent, setting),
            (_, _, Type::Cidr) => self.free_networks(parent, setting),
            (_, _, Type::Range) => self.free_ranges(setting),
            (_, _, Type::Secret) => self.secrets(),
            (_, _, Type::Interface) => self.interfaces(),
            (_, _, Type::Timezone) => {
                let zone = |name: &'static str| Offer::new(name, CompletionKind::Value);
                let elsewhere = self.elsewhere(parent, &setting.name);
                let first = elsewhere
                    .into_iter()
                    .filter(|word| fits(setting, word))
                    .map(|word| {
                        Offer::new(word, CompletionKind::Value).detail("used in this spec")
                    });
                first.chain(value::timezones().map(zone)).collect()
            }
            _ => Vec::new(),
        }
    }

    /// The words and strings that other settings of this name have in blocks of this kind, as they are written.
    pub(super) fn elsewhere(&self, kind: &str, key: &str) -> BTreeSet<String> {
        let project = self.view.project;
        let mut words = BTreeSet::new();
        for (_, block) in project.blocks() {
            if block.kind.value != kind {
                continue;
            }
            for item in &block.items {
                let Item::Setting(setting) = item else {
                    continue;
                };
                let own =
                    setting.span.file == self.view.page.file && covers(setting.span, self.offset);
                if setting.key.value != key || own {
                    continue;
                }
                let values = match &setting.value {
                    Value::List(items, _) => items.as_slice(),
                    single => std::slice::from_ref(single),
                };
                for value in values {
                    let plain = match value {
                        Value::Word(word) => !word.value.starts_with('$'),
                        Value::Text(text) => text.literal().is_some(),
                        Value::List(..) | Value::Poisoned(_) => false,
                    };
                    let written = project.text(value.span());
                    if plain && !written.contains('\n') {
                        words.insert(written.to_owned());
                    }
                }
            }
        }
        words
    }

    /// The constants whose values the setting can have; `offered` has the names that a reference can be.
    fn constants_for(&self, setting: &SettingSchema, offered: &[Offer]) -> Vec<Offer> {
        let mut all = Vec::new();
        let fits = |setting: &SettingSchema, text: &str| match setting.ty {
            Type::Reference => offered.iter().any(|offer| offer.label == text),
            _ => fits(setting, text),
        };
        let in_list = matches!(self.standing.spot, Spot::Value { list: Some(_), .. });
        for (name, _, value) in constants(self.view.project) {
            let text = self.shelf.text(value).to_owned();
            let whole = setting.list && !in_list && text.starts_with('[');
            let words = pieces(&text).into_iter();
            let mut words = words.filter(|piece| matches!(piece.mark, Mark::Word | Mark::Text));
            let fit = match whole {
                true => words.all(|piece| fits(setting, &text[piece.range()])),
                false => fits(setting, &text),
            };
            if fit {
                let topic = Topic::Constant { name: name.clone() };
                let offer = Offer::new(format!("${name}"), CompletionKind::Constant);
                all.push(offer.detail(text).topic(topic));
            }
        }
        all
    }

    /// The profiles of the spec, but for the one with the cursor and those that are named already.
    fn profiles(&self) -> Vec<Offer> {
        let own = self.standing.around.last();
        let own = own.filter(|head| head.kind == "profile");
        let blocks = self.view.project.blocks();
        let names: BTreeSet<&str> = blocks
            .iter()
            .filter(|(around, block)| around.is_empty() && block.kind.value == "profile")
            .filter_map(|(_, block)| Some(block.label.as_ref()?.name.value.as_str()))
            .filter(|name| own.is_none_or(|own| own.label != *name))
            .collect();
        names
            .into_iter()
            .map(|name| {
                let topic = Topic::Profile {
                    name: name.to_owned(),
                };
                Offer::new(name, CompletionKind::Name).topic(topic)
            })
            .collect()
    }

    /// The releases of Kubernetes, the newest first.
    fn releases(&mut self) -> Vec<Offer> {
        let number = |name: &str| match value::parse(Type::Version, name) {
            Ok(value::Val::Version(version)) => Some(version),
            _ => None,
        };
        let mut names = self.shelf.names("release");
        names.sort_by_key(|name| std::cmp::Reverse(number(name)));
        let mut offers = Vec::new();
        for name in names {
            let Some(entity) = self.shelf.entity("release", &name) else {
                continue;
            };
            let fact = |setting: &str| {
                let given = entity.settings.get(setting);
                given
                    .map(|given| self.shelf.value(given))
                    .unwrap_or_default()
            };
            let detail = format!(
                "supported until {}, newest {}",
                fact("ends"),
                fact("latest")
            );
            let topic = Topic::Fact {
                kind: "release".to_owned(),
                name: name.clone(),
            };
            offers.push(
                Offer::new(name, CompletionKind::Fact)
                    .detail(detail)
                    .topic(topic),
            );
        }
        offers
    }

    fn release_of_spec(&self) -> Option<Offer> {
        let release = crate::editor::topic::release(self.view.project)?;
        let offer = Offer::new(release.to_string(), CompletionKind::Value);
        Some(offer.detail("the Kubernetes release of this spec"))
    }

    /// The admission plugins that the release has; `off` for those that are off unless they are turned on.
    fn plugins(&mut self, off: bool) -> Vec<Offer> {
        let release = crate::editor::topic::release(self.view.project);
        let (Some(plugins), Some(release)) = (self.shelf.plugins(), release) else {
            return Vec::new();
        };
        let wanted = if off { Stage::Off } else { Stage::On };
        plugins
            .plugins
            .iter()
            .filter(|(name, _)| plugins.at(name, release) == Some(wanted))
            .map(|(name, _)| {
                let detail = if off {
                    "off by default"
                } else {
                    "on by default"
                };
                Offer::new(name, CompletionKind::Fact).detail(detail)
            })
            .collect()
    }

    fn machines(&self) -> Vec<Offer> {
        let model = self.view.project.analysis.model.as_ref();
        let nodes = model.iter().flat_map(|model| &model.nodes);
        nodes
            .map(|node| Offer::new(&node.name.value, CompletionKind::Name))
            .collect()
    }

    /// The subnets of the spec, each with its addresses.
    fn subnets(&self) -> Vec<Offer> {
        let model = self.view.project.analysis.model.as_ref();
        let all = model
            .iter()
            .flat_map(|model| &model.cluster.network.subnets);
        all.filter_map(|subnet| {
            let lan = subnet.lan.as_ref().map(|lan| lan.value.to_string());
            let offer = Offer::new(&subnet.name.as_ref()?.value, CompletionKind::Name);
            Some(offer.detail(lan.unwrap_or_default()))
        })
        .collect()
    }

    /// The secrets that the spec names anywhere.
    fn secrets(&self) -> Vec<Offer> {
        let mut names = BTreeSet::new();
        for page in self.view.project.pages() {
            let text = &self.view.project.analysis.sources.file(page.file).text;
            let words = pieces(text)
                .into_iter()
                .filter(|piece| piece.mark == Mark::Word);
            for piece in words {
                let here = page.file == self.view.page.file && piece.holds(self.offset);
                let word = &text[piece.range()];
                if !here && value::parse(Type::Secret, word).is_ok() {
                    names.insert(word.to_owned());
                }
            }
        }
        names
            .into_iter()
            .map(|name| Offer::new(name, CompletionKind::Secret).detail("used in this spec"))
            .collect()
    }

    /// The interfaces of the spec's machines, without the one with the cursor.
    fn interfaces(&self) -> Vec<Offer> {
        let own = self.standing.around.iter().rev();
        let own = own.into_iter().find(|head| head.kind == "interface");
        let blocks = self.view.project.blocks();
        let names: BTreeSet<&str> = blocks
            .iter()
            .filter(|(_, block)| block.kind.value == "interface")
            .filter_map(|(_, block)| Some(block.label.as_ref()?.name.value.as_str()))
            .filter(|name| own.is_none_or(|own| own.label != *name))
            .collect();
        let offer = |name: &str| Offer::new(name, CompletionKind::Name).detail("an interface");
        names.into_iter().map(offer).collect()
    }
}

/// The words and strings of a list, as they are written.
fn of_list(text: &str) -> Vec<String> {
    let words = pieces(text).into_iter();
    let words = words.filter(|piece| matches!(piece.mark, Mark::Word | Mark::Text));
    words.map(|piece| text[piece.range()].to_owned()).collect()
}

/// Whether a word or string can be the value of a setting, as far as its type says.
pub(super) fn fits(setting: &SettingSchema, written: &str) -> bool {
    let text = written
        .strip_prefix('"')
        .and_then(|rest| rest.strip_suffix('"'));
    if written.starts_with(['[', '$']) || text.is_some() && !setting.ty.takes_text() {
        return false;
    }
    let word = text.unwrap_or(written);
    match setting.ty {
        Type::Choice => setting.values.iter().any(|known| known == word),
        Type::Reference => false,
        Type::Integer => word.parse::<i64>().is_ok_and(|number| {
            setting.min.is_none_or(|min| number >= min)
                && setting.max.is_none_or(|max| number <= max)
        }),
        ty => value::parse(ty, word).is_ok(),
    }
}

/// A text as a bare word if it can be one, else as a string.
pub(super) fn quoted(text: &str) -> String {
    let bare = |sign: char| sign.is_ascii_alphanumeric() || "-./:_@%+*~!&()<>?^|".contains(sign);
    match !text.is_empty() && text.chars().all(bare) {
        true => text.to_owned(),
        false => format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\"")),
    }
}
