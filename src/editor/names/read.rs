//! Reads the names of a spec, file by file.

use std::collections::{BTreeMap, BTreeSet};

use super::{Definition, Form, Mention, NameKind, Names, Owner, PROFILE};
use crate::ast::{Block, Item, Label, Part, Setting, Text, Value};
use crate::editor::project::Project;
use crate::schema::{BlockSchema, LabelRule, SettingSchema, TOP};
use crate::source::Span;
use crate::value::Type;

impl<'a> Names<'a> {
    /// Reads the names of a spec.
    pub fn of(project: &'a Project) -> Self {
        let mut names = Self {
            project,
            all: Vec::new(),
            owners: Vec::new(),
            profiles: BTreeMap::new(),
            constants: constants(project),
            naming: BTreeMap::new(),
        };
        for page in project.pages() {
            let mut place = Place::default();
            for item in &page.document.items {
                place.owner = None;
                match item {
                    Item::Setting(setting) => {
                        let schema = project.block_schema(TOP);
                        names.setting(
                            setting,
                            schema.and_then(|top| top.settings.get(&setting.key.value)),
                            &place,
                        );
                    }
                    Item::Block(block) => {
                        let label = block.label.as_ref();
                        place.owner = Some(names.owners.len());
                        names.owners.push(Owner {
                            name: label
                                .map(|label| (block.kind.value.clone(), label.name.value.clone())),
                            builds_on: Vec::new(),
                            kind: block.kind.value.clone(),
                        });
                        names.block(block, &place);
                    }
                }
            }
        }
        names.once();
        for (index, owner) in names.owners.iter().enumerate() {
            if let Some((kind, name)) = &owner.name
                && kind == PROFILE
            {
                names.profiles.entry(name.clone()).or_default().push(index);
            }
        }
        names
    }

    /// A constant's value can be used many times; its name is one mention all the same.
    fn once(&mut self) {
        let mut met = BTreeSet::new();
        self.all
            .retain(|one| one.via.is_none() || met.insert((one.kind.clone(), one.span, one.owner)));
    }

    fn block(&mut self, block: &'a Block, place: &Place) {
        let Some(schema) = self.project.block_schema(&block.kind.value).cloned() else {
            return;
        };
        if let Some(label) = &block.label {
            self.label(block, label, &schema, place);
        }
        let options = self.project.options(block);
        let constants = schema.open == Some(Type::Any);
        for item in &block.items {
            match item {
                Item::Block(inner) => self.block(inner, place),
                Item::Setting(setting) => {
                    if constants {
                        self.define_constant(setting, place);
                    }
                    let name = &setting.key.value;
                    let own = schema.settings.get(name).or_else(|| options.get(name));
                    let inner = Place {
                        template: schema.template,
                        ..place.clone()
                    };
                    self.setting(setting, own, &inner);
                }
            }
        }
    }

    fn label(&mut self, block: &'a Block, label: &'a Label, schema: &BlockSchema, place: &Place) {
        let (span, form) = inner(label.name.span, &label.name.value, label.quoted);
        let (kind, defines) = match &schema.label {
            // A code and the host of a registry are names that others gave.
            LabelRule::None | LabelRule::Typed(Type::Code | Type::Registry) => return,
            LabelRule::Reference(_) if schema.words.contains(&label.name.value) => return,
            LabelRule::Reference(of) => (NameKind::Library(of.clone()), None),
            LabelRule::Typed(_) | LabelRule::Text | LabelRule::Range => (
                NameKind::Block(schema.name.clone()),
                Some(Definition::Block(block, label)),
            ),
        };
        self.all.push(Mention {
            kind,
            name: label.name.value.clone(),
            span,
            defines,
            form,
            via: None,
            owner: place.owner,
        });
    }

    fn define_constant(&mut self, setting: &'a Setting, place: &Place) {
        let (span, form) = inner(setting.key.span, &setting.key.value, setting.key_quoted);
        self.all.push(Mention {
            kind: NameKind::Constant,
            name: setting.key.value.clone(),
            span,
            defines: Some(Definition::Constant(setting)),
            form,
            via: None,
            owner: place.owner,
        });
    }

    fn setting(&mut self, setting: &'a Setting, schema: Option<&SettingSchema>, place: &Place) {
        let place = Place {
            template: place.template || schema.is_some_and(|schema| schema.template),
            ..place.clone()
        };
        self.value(&setting.value, &place);
        let Some(schema) = schema else { return };
        if schema.ty == Type::Path && setting.key.value == "use" {
            self.names_in(&setting.value, &NameKind::File, &place, None);
        } else if let Some(of) = &schema.of {
            let kind = self.kind_of(of, schema.ty);
            self.names_in(&setting.value, &kind, &place, None);
        }
    }

    /// What a setting with this `of` names.
    fn kind_of(&self, of: &str, ty: Type) -> NameKind {
        let defined = self
            .project
            .block_schema(of)
            .is_some_and(|block| !matches!(block.label, LabelRule::None | LabelRule::Reference(_)));
        match defined && ty != Type::Reference {
            true => NameKind::Block(of.to_owned()),
            false => NameKind::Library(of.to_owned()),
        }
    }

    /// Constants and secrets in a value.
    fn value(&mut self, value: &'a Value, place: &Place) {
        match value {
            Value::List(items, _) => items.iter().for_each(|item| self.value(item, place)),
            Value::Poisoned(_) => {}
            Value::Word(word) => {
                for (sign, kind) in [("$", NameKind::Constant), ("secret:", NameKind::Secret)] {
                    if let Some(name) = word.value.strip_prefix(sign) {
                        let span = word.span.part(sign.len(), word.span.len());
                        self.mention(kind, name.to_owned(), (span, Form::Plain), place, None);
                    }
                }
            }
            Value::Text(text) => {
                for part in &text.parts {
                    let Part::Variable(name) = part else { continue };
                    let own = place.template && matches!(name.value.as_str(), "name" | "index");
                    if !own {
                        let span = name.span.part(2, name.span.len().saturating_sub(1));
                        let at = (span, Form::Plain);
                        self.mention(NameKind::Constant, name.value.clone(), at, place, None);
                    }
                }
            }
        }
    }

    /// The names in the value of a setting that names things.
    fn names_in(&mut self, value: &'a Value, kind: &NameKind, place: &Place, via: Option<&str>) {
        match value {
            Value::List(items, _) => {
                for item in items {
                    self.names_in(item, kind, place, via);
                }
            }
            Value::Word(word) => match word.value.strip_prefix('$') {
                None => {
                    let at = (word.span, Form::Plain);
                    self.mention(kind.clone(), word.value.clone(), at, place, via);
                }
                Some(name) => {
                    if let Some((end, value)) = self.resolved(name) {
                        *self.naming.entry(name.to_owned()).or_default() += 1;
                        self.names_in(value, kind, place, Some(&end));
                    }
                }
            },
            Value::Text(text) => {
                let Some(name) = self.filled(text) else {
                    return;
                };
                let at = match text.literal() {
                    Some(_) => inner(text.span, &name, true),
                    None => (text.span, Form::Composed),
                };
                self.mention(kind.clone(), name, at, place, via);
            }
            Value::Poisoned(_) => {}
        }
    }

    fn mention(
        &mut self,
        kind: NameKind,
        name: String,
        (span, form): (Span, Form),
        place: &Place,
        via: Option<&str>,
    ) {
        if let (NameKind::Block(of), Some(owner)) = (&kind, place.owner)
            && self.owners[owner].kind != "let"
        {
            let builds_on = (of.clone(), name.clone());
            self.owners[owner].builds_on.push(builds_on);
        }
        self.all.push(Mention {
            kind,
            name,
            span,
            defines: None,
            form,
            via: via.map(str::to_owned),
            owner: place.owner,
        });
    }

    /// The constant at the end of a chain of constants, and its value.
    fn resolved(&self, name: &str) -> Option<(String, &'a Value)> {
        let mut name = name.to_owned();
        let mut met = BTreeSet::new();
        while met.insert(name.clone()) {
            let setting = *self.constants.get(&name)?;
            match &setting.value {
                Value::Word(word) if word.value.starts_with('$') => {
                    word.value[1..].clone_into(&mut name);
                }
                value => return Some((name, value)),
            }
        }
        None
    }

    fn filled(&self, text: &Text) -> Option<String> {
        let part = |part: &Part| match part {
            Part::Literal(text) => Some(text.clone()),
            Part::Variable(name) => match self.resolved(&name.value)?.1 {
                Value::Word(word) => Some(word.value.clone()),
                Value::Text(text) => text.literal(),
                Value::List(..) | Value::Poisoned(_) => None,
            },
        };
        text.parts.iter().map(part).collect()
    }
}

/// Where a value is, for what can be in it.
#[derive(Clone, Debug, Default)]
struct Place {
    owner: Option<usize>,
    /// Whether `${name}` and `${index}` are those of the node.
    template: bool,
}

/// The first constant of each name.
fn constants(project: &Project) -> BTreeMap<String, &Setting> {
    let mut found = BTreeMap::new();
    for (_, block) in project.blocks() {
        let schema = project.block_schema(&block.kind.value);
        if schema.is_none_or(|schema| schema.open != Some(Type::Any)) {
            continue;
        }
        for item in &block.items {
            if let Item::Setting(setting) = item {
                found.entry(setting.key.value.clone()).or_insert(setting);
            }
        }
    }
    found
}

/// The place of a name without its quotes, if nothing in it is escaped.
fn inner(span: Span, name: &str, quoted: bool) -> (Span, Form) {
    if !quoted {
        return (span, Form::Plain);
    }
    let inside = span.part(1, span.len().saturating_sub(1));
    match inside.len() == name.len() {
        true => (inside, Form::Plain),
        false => (span, Form::Quoted),
    }
}
