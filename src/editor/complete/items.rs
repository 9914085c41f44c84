//! Settings and blocks that are not written yet.

use super::{Asking, CompletionKind, Offer, Snippet};
use crate::editor::inherited;
use crate::editor::scan::Mark;
use crate::editor::shelf::{Declared, Shelf};
use crate::editor::standing::Head;
use crate::editor::topic::{Topic, in_order, kind_of_value};
use crate::schema::{BlockSchema, LabelRule, SettingSchema, TOP};
use crate::value::Type;

impl Asking<'_> {
    /// What can begin here.
    pub(super) fn items(&mut self) -> Vec<Offer> {
        // A brace in front of which nothing stands has lost its block.
        let (start, end) = self.standing.word;
        let follows = start == end && self.standing.next == Some(Mark::Open);
        let around = self.standing.around.clone();
        let Some(declared) = self.shelf.declared(&around).filter(|_| !follows) else {
            return Vec::new();
        };
        if declared.block.open.is_some() {
            return self.map_keys(&declared);
        }
        let mut all = self.settings(&declared);
        all.extend(self.blocks(&declared.block.name));
        all
    }

    /// The settings that the innermost block does not have, the required ones first.
    fn settings(&mut self, declared: &Declared) -> Vec<Offer> {
        let profiles = self.standing.settings.get("profile");
        let inherited = profiles.map_or_else(Default::default, |names| {
            inherited::settings(self.view.project, names)
        });
        let backend = self.backend(declared);
        let applies = |setting: &&SettingSchema| {
            setting.applies_to.is_empty()
                || backend
                    .as_ref()
                    .is_none_or(|own| setting.applies_to.contains(own))
        };
        let mut missing: Vec<&SettingSchema> = declared
            .settings()
            .filter(|setting| !self.standing.settings.contains_key(&setting.name))
            .filter(|setting| !self.replaced(setting))
            .filter(applies)
            .collect();
        let urgent =
            |setting: &SettingSchema| setting.required && !inherited.contains(&setting.name);
        missing.sort_by_key(|setting| (!urgent(setting), setting.span));
        let label = self.standing.around.last().map_or("", |head| &head.label);
        let label = label.to_owned();
        let mut offers = Vec::new();
        for setting in missing {
            let mut detail = kind_of_value(setting);
            if urgent(setting) {
                detail.insert_str(0, "required: ");
            }
            let mut offer = Offer::new(&setting.name, CompletionKind::Setting)
                .detail(detail)
                .topic(Topic::Setting {
                    kind: declared.block.name.clone(),
                    label: label.clone(),
                    name: setting.name.clone(),
                });
            if self.standing.next != Some(Mark::Equals) {
                offer.insert = self.assignment(&declared.block.name, setting);
            }
            offers.push(offer);
        }
        offers
    }

    /// The backend of the innermost block: as written, else the default.
    fn backend(&self, declared: &Declared) -> Option<String> {
        let written = self.standing.settings.get("backend");
        if let Some(written) = written.and_then(|values| values.first()) {
            return Some(written.clone());
        }
        let setting = declared.setting("backend")?;
        Some(self.shelf.value(setting.default.as_ref()?))
    }

    /// `key = value`, with a hole for the value.
    fn assignment(&mut self, parent: &str, setting: &SettingSchema) -> Snippet {
        let proposed = self.proposed(parent, setting);
        written(&self.shelf, setting, proposed)
    }

    /// The value that is likely to be meant, for settings whose example would be wrong here.
    fn proposed(&mut self, parent: &str, setting: &SettingSchema) -> Option<String> {
        let special = matches!(
            (setting.ty, setting.name.as_str()),
            (Type::Address | Type::Cidr | Type::Range, _) | (_, "profile")
        );
        let parent = if parent == TOP { "" } else { parent };
        let values = match special {
            true => self.special_values(parent, setting),
            false => Vec::new(),
        };
        values.into_iter().next().map(|offer| offer.label)
    }

    /// The blocks that can stand here, but for those that are here and can be here once.
    fn blocks(&mut self, parent: &str) -> Vec<Offer> {
        let project = self.view.project;
        let parent = if parent.is_empty() { TOP } else { parent };
        let mut offers = Vec::new();
        for schema in project.schema.children(parent) {
            let here = |head: &Head| head.kind == schema.name;
            if !schema.many && self.standing.blocks.iter().any(here) {
                continue;
            }
            let detail = schema.doc.split(['.', ';', ':']).next().unwrap_or("");
            let mut offer = Offer::new(&schema.name, CompletionKind::Block)
                .detail(detail)
                .topic(Topic::Block {
                    kind: schema.name.clone(),
                });
            let bare = matches!(
                self.standing.next,
                Some(Mark::Open | Mark::Word | Mark::Text)
            );
            if !bare {
                offer.insert = self.whole_block(schema);
            }
            offers.push(offer);
        }
        offers
    }

    /// A block with the settings that it must have.
    fn whole_block(&mut self, schema: &BlockSchema) -> Snippet {
        let mut snippet = Snippet::text(schema.name.clone());
        let words: Vec<String> = self
            .labels(&schema.name)
            .into_iter()
            .map(|one| one.label)
            .collect();
        if schema.label != LabelRule::None {
            let first = words
                .first()
                .cloned()
                .unwrap_or_else(|| usual_label(schema).to_owned());
            let few = match schema.label {
                LabelRule::Reference(_) => words,
                _ => Vec::new(),
            };
            snippet = snippet.then(" ").hole(first, few);
        }
        // A machine of a spec with profiles most likely has one of them.
        let profile = schema.settings.get("profile");
        let profile = profile.filter(|_| schema.label == LabelRule::Range);
        let chosen = profile.and_then(|setting| self.proposed(&schema.name, setting));
        let inherited = inherited::settings(self.view.project, chosen.as_slice());
        let needed = |setting: &&SettingSchema| {
            setting.required && !inherited.contains(&setting.name) && !self.replaced(setting)
                || chosen.is_some() && setting.name == "profile"
        };
        let mut lines = Vec::new();
        for setting in in_order(schema.settings.values().filter(needed)) {
            lines.push(self.assignment(&schema.name, setting));
        }
        braces(snippet, lines, self.standing.one_line)
    }
}

/// The body of a block: a line for each setting, or all on one line.
fn braces(head: Snippet, lines: Vec<Snippet>, one_line: bool) -> Snippet {
    if one_line {
        let mut snippet = head.then(" { ");
        for (place, line) in lines.into_iter().enumerate() {
            if place > 0 {
                snippet = snippet.then(", ");
            }
            snippet = snippet.with(line);
        }
        return snippet.end().then(" }");
    }
    let mut snippet = head.then(" {\n");
    let empty = lines.is_empty();
    for line in lines {
        snippet = snippet.then("  ").with(line).then("\n");
    }
    match empty {
        true => snippet.then("  ").end().then("\n}"),
        false => snippet.then("}").end(),
    }
}

/// A label of the right type, where nothing in the spec says which it could be.
fn usual_label(schema: &BlockSchema) -> &'static str {
    match schema.label {
        LabelRule::Typed(Type::Interface) => "eth0",
        LabelRule::Typed(Type::Account) => "admin",
        LabelRule::Typed(Type::Code) => "family/name",
        LabelRule::Range => "node01",
        _ => "name",
    }
}

/// `key = value` with a hole for the value: what is proposed, else the default, the example or the first choice.
fn written(shelf: &Shelf<'_>, setting: &SettingSchema, proposed: Option<String>) -> Snippet {
    let choices = match setting.ty {
        Type::Choice => setting.values.clone(),
        Type::Boolean => vec!["on".to_owned(), "off".to_owned()],
        _ => Vec::new(),
    };
    let default = setting.default.as_ref();
    let default = default.and_then(|given| given.origin.span());
    let default = default.map(|span| shelf.text(span).to_owned());
    let value = proposed
        .or(default)
        .or_else(|| setting.example.clone())
        .or_else(|| choices.first().cloned())
        .unwrap_or_default();
    let snippet = Snippet::text(format!("{} = ", setting.name));
    match setting.list {
        true => {
            let inner = value.trim_start_matches('[').trim_end_matches(']');
            let inner = match choices.is_empty() {
                true => inner,
                false => inner.split(',').next().unwrap_or(inner),
            };
            snippet.then("[").hole(inner, choices).then("]")
        }
        false => snippet.hole(value, choices),
    }
}

impl Asking<'_> {
    /// Whether a block in the innermost block takes the place of a setting.
    fn replaced(&self, setting: &SettingSchema) -> bool {
        let kind = setting.replaced_by.as_ref();
        kind.is_some_and(|kind| self.standing.blocks.iter().any(|one| one.kind == *kind))
    }
}

/// The settings that a block of this kind must have and does not have, each with a value to begin with.
pub(in crate::editor) fn settings_to_write(
    asking: &mut Asking<'_>,
    declared: &Declared,
    has: impl Fn(&str) -> bool,
) -> Vec<Snippet> {
    let missing = declared
        .settings()
        .filter(|setting| setting.required && !has(&setting.name))
        .filter(|setting| !asking.replaced(setting));
    in_order(missing)
        .into_iter()
        .map(|setting| asking.assignment(&declared.block.name, setting))
        .collect()
}
