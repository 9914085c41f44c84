//! Every name in a spec: what defines it and what uses it.
//!
//! The schema says what is a name. The label of a block defines one, an entry of `let` defines a constant, and a setting with `of`
//! uses one of that kind. A name that is defined at the top level holds in the whole spec; one that is defined in a machine's block
//! (an interface, an account) holds in that block, and in the profiles and nodes that are merged with it.

use std::collections::{BTreeMap, BTreeSet};

use super::project::{Project, View, covers};
use crate::ast::{Block, Item, Label, Part, Setting, Text, Value};
use crate::schema::{BlockSchema, LabelRule, SettingSchema, TOP};
use crate::source::Span;
use crate::value::Type;

/// What kind of thing a name stands for.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum NameKind {
    /// Something that blocks of this kind of the spec define: `profile`, `node`, `interface`.
    Block(String),
    /// An entry of a `let` block.
    Constant,
    /// A secret, which no spec defines.
    Secret,
    /// Something of this kind in the standard library: `board`, `os`, `cni`.
    Library(String),
    /// A file that `use` names.
    File,
}

/// How a name is written at a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// As it is, alone or after `$`, `secret:` or `${`.
    Plain,
    /// In quotes, or with escapes, so that the place covers more than the name.
    Quoted,
    /// Put together from constants in a string.
    Composed,
}

/// A place where a name is.
#[derive(Clone, Debug)]
pub struct Mention<'a> {
    /// What it stands for.
    pub kind: NameKind,
    /// The name; for a label with ranges, what is before the brackets.
    pub name: String,
    /// The name's place, without quotes if it can be replaced there as it is.
    pub span: Span,
    /// What it defines, if it does.
    pub defines: Option<Definition<'a>>,
    pub(super) form: Form,
    /// The constant whose value this is.
    pub(super) via: Option<String>,
    /// The outermost block that it is in, as an index.
    pub(super) owner: Option<usize>,
}

/// What a mention defines.
#[derive(Clone, Copy, Debug)]
pub enum Definition<'a> {
    /// A block, by its label.
    Block(&'a Block, &'a Label),
    /// A constant, by its key.
    Constant(&'a Setting),
}

impl Definition<'_> {
    /// All of what is defined.
    pub fn whole(&self) -> Span {
        match self {
            Self::Block(block, _) => block.span,
            Self::Constant(setting) => setting.span,
        }
    }
}

impl Mention<'_> {
    /// The label that defines it, if it is one.
    pub(super) fn label(&self) -> Option<&Label> {
        match self.defines {
            Some(Definition::Block(_, label)) => Some(label),
            Some(Definition::Constant(_)) | None => None,
        }
    }

    /// Whether this is a mention or a definition of that name.
    pub(super) fn holds(&self, name: &str) -> bool {
        match self.label().filter(|label| label.ranges.is_some()) {
            Some(label) => expands_to(label, name),
            None => self.name == name,
        }
    }
}

/// Whether a label with ranges stands for a name, among others.
pub(super) fn expands_to(label: &Label, name: &str) -> bool {
    let (Some(ranges), Some(digits)) =
        (&label.ranges, name.strip_prefix(label.name.value.as_str()))
    else {
        return false;
    };
    let Ok(number) = digits.parse::<u64>() else {
        return false;
    };
    ranges.value.iter().any(|range| {
        let width = range.width;
        (range.first..=range.last).contains(&number) && format!("{number:0width$}") == digits
    })
}

/// A block at the top level, and the profiles that it builds on.
#[derive(Debug)]
struct Owner {
    /// The kind and name of the block.
    name: Option<(String, String)>,
    /// What it is merged with, by kind and name.
    builds_on: Vec<(String, String)>,
    kind: String,
}

/// All names of a spec.
#[derive(Debug)]
pub struct Names<'a> {
    project: &'a Project,
    /// Every place, in the order of files.
    pub all: Vec<Mention<'a>>,
    owners: Vec<Owner>,
    constants: BTreeMap<String, &'a Setting>,
    /// How many places use a constant to name something.
    naming: BTreeMap<String, usize>,
}

impl<'a> Names<'a> {
    /// Reads the names of a spec.
    pub fn of(project: &'a Project) -> Self {
        let mut names = Self {
            project,
            all: Vec::new(),
            owners: Vec::new(),
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
        let options = options(self.project, block, &schema);
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
            LabelRule::None | LabelRule::Typed(Type::Code) => return,
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

    /// The name at a place: the shortest one that covers it.
    pub fn at(&self, view: &View<'_>, offset: usize) -> Option<&Mention<'a>> {
        self.all
            .iter()
            .filter(|one| one.span.file == view.page.file && covers(one.span, offset))
            // A constant's value can be a name, too, by way of its uses: the definition comes first.
            .min_by_key(|one| (one.span.len(), one.via.is_some()))
    }

    /// Whether a kind of name holds in the whole spec.
    fn is_global(&self, kind: &NameKind) -> bool {
        match kind {
            NameKind::Block(of) => self
                .project
                .block_schema(of)
                .is_none_or(|block| block.parents.iter().any(|parent| parent == TOP)),
            NameKind::Constant | NameKind::Secret | NameKind::Library(_) | NameKind::File => true,
        }
    }

    /// The top-level blocks in which a name of this kind means the same as in `owner`; none for all.
    fn scope(&self, one: &Mention<'_>, name: &str) -> Option<BTreeSet<usize>> {
        let owner = one.owner?;
        if self.is_global(&one.kind) {
            return None;
        }
        let mut has = BTreeSet::new();
        let mut everywhere = false;
        for other in self
            .all
            .iter()
            .filter(|other| other.kind == one.kind && other.name == name)
        {
            if let Some(owner) = other.owner {
                has.insert(owner);
                everywhere |= !self.defines_in(&one.kind, owner);
            }
        }
        has.insert(owner);
        // A setting of the cluster means the thing of that name on every machine.
        if everywhere {
            return Some(has);
        }
        let groups: Vec<BTreeSet<usize>> = (0..self.owners.len())
            .map(|root| self.closure(root).intersection(&has).copied().collect())
            .filter(|group: &BTreeSet<usize>| group.len() > 1)
            .collect();
        let mut scope = BTreeSet::from([owner]);
        loop {
            let before = scope.len();
            for group in &groups {
                if !group.is_disjoint(&scope) {
                    scope.extend(group);
                }
            }
            if scope.len() == before {
                return Some(scope);
            }
        }
    }

    /// Whether blocks that define such a name can be in a top-level block, at any depth.
    fn defines_in(&self, kind: &NameKind, owner: usize) -> bool {
        let NameKind::Block(of) = kind else {
            return true;
        };
        let mut kinds = BTreeSet::from([of.as_str()]);
        let mut open = vec![of.as_str()];
        while let Some(kind) = open.pop() {
            let Some(schema) = self.project.block_schema(kind) else {
                continue;
            };
            open.extend(
                schema
                    .parents
                    .iter()
                    .map(String::as_str)
                    .filter(|parent| kinds.insert(parent)),
            );
        }
        kinds.contains(self.owners[owner].kind.as_str())
    }

    /// A top-level block and all that it builds on.
    fn closure(&self, root: usize) -> BTreeSet<usize> {
        let mut found = BTreeSet::from([root]);
        let mut open = vec![root];
        while let Some(at) = open.pop() {
            for wanted in &self.owners[at].builds_on {
                let named = self.owners.iter().enumerate().filter(|(_, owner)| {
                    owner.kind == "profile" && owner.name.as_ref() == Some(wanted)
                });
                open.extend(
                    named
                        .map(|(index, _)| index)
                        .filter(|index| found.insert(*index)),
                );
            }
        }
        found
    }

    /// The definitions of what a mention stands for.
    pub fn definitions(&self, one: &Mention<'_>) -> Vec<&Mention<'a>> {
        let scope = self.scope(one, &one.name);
        let inside = |other: &&Mention<'_>| {
            let owner = other.owner;
            scope
                .as_ref()
                .is_none_or(|scope| owner.is_some_and(|owner| scope.contains(&owner)))
        };
        let same = |other: &&Mention<'_>| match one.label().filter(|label| label.ranges.is_some()) {
            Some(_) => other.span == one.span,
            None => other.holds(&one.name),
        };
        self.all
            .iter()
            .filter(|other| other.defines.is_some() && other.kind == one.kind)
            .filter(same)
            .filter(inside)
            .collect()
    }

    /// Every place that stands for the same as a mention, definitions included, in order.
    pub fn same(&self, one: &Mention<'_>) -> Vec<&Mention<'a>> {
        let definitions = self.definitions(one);
        let scope = self.scope(one, &one.name);
        let mut found: Vec<&Mention<'a>> = self
            .all
            .iter()
            .filter(|other| other.kind == one.kind)
            .filter(|other| match (definitions.is_empty(), other.defines) {
                (_, Some(_)) => definitions.iter().any(|known| known.span == other.span),
                (true, None) => other.name == one.name,
                (false, None) => definitions.iter().any(|known| known.holds(&other.name)),
            })
            .filter(|other| {
                let owner = other.owner;
                scope
                    .as_ref()
                    .is_none_or(|scope| owner.is_some_and(|owner| scope.contains(&owner)))
            })
            .collect();
        found.sort_by_key(|one| one.span);
        found.dedup_by_key(|one| one.span);
        found
    }

    /// The top-level blocks in which something of that name would meet what a mention stands for; none for all.
    pub(super) fn near(&self, one: &Mention<'_>, name: &str) -> Option<BTreeSet<usize>> {
        let own = self.scope(one, &one.name)?;
        let mut near = own.clone();
        for other in self
            .all
            .iter()
            .filter(|other| other.kind == one.kind && other.name == name)
        {
            if let Some(owner) = other.owner
                && !self.defines_in(&one.kind, owner)
            {
                near.insert(owner);
            }
        }
        for root in 0..self.owners.len() {
            let closure = self.closure(root);
            if !closure.is_disjoint(&own) {
                near.extend(closure);
            }
        }
        Some(near)
    }

    /// How many places use a constant to name something.
    pub(super) fn naming_uses(&self, constant: &str) -> usize {
        self.naming.get(constant).copied().unwrap_or(0)
    }

    /// The uses of a constant, whatever for.
    pub(super) fn uses_of_constant<'s>(
        &'s self,
        name: &'s str,
    ) -> impl Iterator<Item = &'s Mention<'a>> {
        self.all.iter().filter(move |one| {
            one.kind == NameKind::Constant && one.defines.is_none() && one.name == name
        })
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

/// What the library adds to a block that names something in it.
pub(super) fn options(
    project: &Project,
    block: &Block,
    schema: &BlockSchema,
) -> std::sync::Arc<BTreeMap<String, SettingSchema>> {
    let (LabelRule::Reference(of), Some(label)) = (&schema.label, &block.label) else {
        return std::sync::Arc::default();
    };
    let mut library = project.analysis.library.clone();
    let mut sources = project.analysis.sources.clone();
    // Mistakes in the library were reported when the spec was analyzed.
    let mut known = crate::diagnostic::Diagnostics::default();
    library.options(of, &label.name.value, &mut sources, &mut known)
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
