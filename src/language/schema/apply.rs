//! A document checked against a schema: each setting typed, each mismatch reported once.

mod label;
mod unknown;

pub use label::LABEL;
pub use unknown::{MISPLACED_BLOCK, UNKNOWN_BLOCK, UNKNOWN_SETTING};

use std::cell::LazyCell;
use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::typing::Typer;
use super::{
    Atom, BlockSchema, Catalogue, Constants, Content, Entity, Given, LabelRule, Schema,
    SettingSchema, TOP,
};
use crate::ast::{Block, Document, Item, Setting, Value};
use crate::declare;
use crate::diagnostic::Diagnostics;
use crate::diagnostic::suggest::Patience;
use crate::origin::Origin;
use crate::source::{Span, Spanned};
use crate::value::{self, Type};

declare! {
    /// A setting may occur once in a block. pikc cannot know which of two values was meant, and
    /// "the last one wins" hides a forgotten line. (If both are the same, `pikc check --fix` removes the second.)
    ///
    /// To override a profile, write the setting in the node: the node always wins.
    ///
    /// ```pik fails
    /// swap = on
    /// swap = on
    /// ```
    ///
    /// ```pik
    /// swap = on
    /// ```
    pub static DUPLICATE_SETTING = {
        code: "spec/duplicate-setting",
        since: "0.1.0",
        severity: Error,
        title: "a setting that is set twice",
        help: "keep one of the two",
        sources: ["docs/language.md"],
    }

    /// A parent may hold one block of this kind (or of this kind and label).
    ///
    /// ```pik fails
    /// locale { country = JP }
    /// locale { keyboard = jp }
    /// ```
    ///
    /// ```pik
    /// locale { country = JP, keyboard = jp }
    /// ```
    pub static DUPLICATE_BLOCK = {
        code: "spec/duplicate-block",
        since: "0.1.0",
        severity: Error,
        title: "a block that occurs twice",
        help: "put the settings of both into one block",
        no_edit: "the settings of both have to be put together, and their values can differ",
        sources: ["docs/language.md"],
    }
}

/// A document after reading.
#[derive(Clone, Debug, Default)]
pub struct Applied {
    /// The settings of the top level.
    pub settings: BTreeMap<String, Given>,
    /// The blocks of the top level, in order.
    pub blocks: Vec<Entity>,
    /// The constants that were used.
    pub used_constants: BTreeSet<String>,
}

/// Reads `document` by `schema`. `constants` are those in force in this file.
pub fn apply(
    document: &Document,
    schema: &Schema,
    constants: &Constants,
    catalogue: &mut dyn Catalogue,
    out: &mut Diagnostics,
) -> Applied {
    let mut used = BTreeSet::new();
    let mut reader = EntityReader {
        schema,
        typer: Typer {
            constants,
            catalogue,
            used: &mut used,
            patience: Patience::default(),
            filled: 0,
        },
        out,
    };
    let (settings, blocks) = reader.body(TOP, &document.items, None);
    Applied {
        settings,
        blocks,
        used_constants: used,
    }
}

/// The blocks seen so far that may occur only once: by kind and, where several names are allowed, by name; the place and the name
/// of the first one.
type Once<'i> = BTreeMap<(&'i str, &'i str), (Span, &'i str)>;

type Options = Arc<BTreeMap<String, SettingSchema>>;

/// What became of a setting.
enum Read {
    /// The block has it.
    Known(Given),
    /// The block does not have it; this one was most likely meant.
    Meant(String),
    /// It was reported, and that is all.
    Nothing,
}

/// A setting whose value must not be used.
fn poisoned(setting: &Setting) -> Given {
    Given {
        key: setting.key.span,
        content: Content::One(Atom::Poisoned),
        origin: Origin::Written(setting.value.span()),
    }
}

/// A setting that is written as a block: it is there, and has no value.
fn unusable(kind: &Spanned<String>) -> Given {
    Given {
        key: kind.span,
        content: Content::One(Atom::Poisoned),
        origin: Origin::Written(kind.span),
    }
}

struct EntityReader<'a, 'b> {
    schema: &'a Schema,
    typer: Typer<'a>,
    out: &'b mut Diagnostics,
}

impl EntityReader<'_, '_> {
    fn body(
        &mut self,
        parent: &str,
        items: &[Item],
        options: Option<&Options>,
    ) -> (BTreeMap<String, Given>, Vec<Entity>) {
        let mut settings: BTreeMap<String, Given> = BTreeMap::new();
        let mut blocks: Vec<Entity> = Vec::new();
        let mut meant: BTreeMap<String, Given> = BTreeMap::new();
        let mut taken: Vec<Entity> = Vec::new();
        let mut once: Once<'_> = BTreeMap::new();
        let firsts = LazyCell::new(|| firsts(items));
        let schema = self.schema.blocks.get(parent).map(Arc::as_ref);
        for item in items {
            match item {
                Item::Setting(setting) => {
                    if let Some(first) = settings.get(&setting.key.value) {
                        let key = &setting.key;
                        self.out.report(
                            &DUPLICATE_SETTING,
                            format!("`{}` is set twice", key.value),
                            |d| {
                                let d = d
                                    .label(key.span, "set again here")
                                    .label(first.key, "first set here");
                                let alike = firsts.get(key.value.as_str());
                                match alike.is_some_and(|one| one.says_the_same(&setting.value)) {
                                    true => d.remove_block("remove the second", key.span),
                                    false => d,
                                }
                            },
                        );
                        continue;
                    }
                    match self.setting(parent, schema, setting, options) {
                        Read::Known(given) => {
                            settings.insert(setting.key.value.clone(), given);
                        }
                        Read::Meant(name) => {
                            meant.insert(name, poisoned(setting));
                        }
                        Read::Nothing => {}
                    }
                }
                Item::Block(block) => {
                    if let Some(entity) = self.block(parent, block) {
                        self.count(block, &mut once);
                        blocks.push(entity);
                    } else if let Some(meant) = self.meant_block(parent, block) {
                        taken.push(meant);
                    } else if schema
                        .is_some_and(|schema| schema.settings.contains_key(&block.kind.value))
                    {
                        // A setting that is written as a block is there, too.
                        meant.insert(block.kind.value.clone(), unusable(&block.kind));
                    }
                }
            }
        }
        // So does a block that was meant, unless there is one that is spelt right.
        for meant in taken {
            let alone = blocks.iter().all(|block| block.kind != meant.kind);
            if alone
                || self
                    .schema
                    .blocks
                    .get(&meant.kind)
                    .is_some_and(|schema| schema.many)
            {
                blocks.push(meant);
            }
        }
        // The setting that was meant counts as present, with a value that nothing uses: reporting it as missing
        // would be a second message for one mistake.
        for (name, given) in meant {
            settings.entry(name).or_insert(given);
        }
        (settings, blocks)
    }

    fn setting(
        &mut self,
        parent: &str,
        block: Option<&BlockSchema>,
        setting: &Setting,
        options: Option<&Options>,
    ) -> Read {
        let key = &setting.key;
        if let Some((block, open)) = block.and_then(|block| Some((block, block.open?))) {
            return self
                .open(setting, block, open)
                .map_or(Read::Nothing, Read::Known);
        }
        let declared = block
            .and_then(|block| block.settings.get(&key.value))
            .or_else(|| options?.get(&key.value));
        if let Some(schema) = declared {
            if setting.key_quoted {
                self.unquote(setting);
            }
            return Read::Known(self.typer.given(key.span, &setting.value, schema, self.out));
        }
        self.unknown_setting(parent, setting, block, options)
            .map_or(Read::Nothing, Read::Meant)
    }

    fn unquote(&mut self, setting: &Setting) {
        let key = &setting.key;
        self.out.report(
            &UNKNOWN_SETTING,
            format!("the setting `{}` is written in quotes", key.value),
            |d| {
                d.label(key.span, "a setting's name is not quoted")
                    .help(format!("write `{} = ...`", key.value))
                    .fix("remove the quotes", key.span, key.value.clone())
            },
        );
    }

    fn open(&mut self, setting: &Setting, block: &BlockSchema, open: Type) -> Option<Given> {
        let key = &setting.key;
        if let Err(bad) = value::parse(block.keys, &key.value) {
            let place = if setting.key_quoted {
                key.span
            } else {
                key.span.part(bad.from, bad.to)
            };
            self.out.report(
                &super::typing::WRONG_TYPE,
                format!("{} {}", super::typing::shown(&key.value), bad.why),
                |d| {
                    let d = d.label(
                        place,
                        format!("a key of `{}` is {}", block.name, block.keys.description()),
                    );
                    match bad.help {
                        Some(help) => d.help(help),
                        None => d,
                    }
                },
            );
            return None;
        }
        if open == Type::Any {
            // Constants are read as they are written, before anything is typed.
            return Some(poisoned(setting));
        }
        let schema = SettingSchema {
            name: key.value.clone(),
            ty: open,
            list: block.lists && matches!(setting.value, Value::List(..)),
            required: false,
            default: None,
            values: Vec::new(),
            means: BTreeMap::new(),
            min: None,
            max: None,
            of: None,
            deals: false,
            template: block.template,
            applies_to: Vec::new(),
            fixed: false,
            requires: None,
            replaced_by: None,
            lies_in: None,
            becomes: Vec::new(),
            any_text: None,
            applies: super::Applies::default(),
            doc: String::new(),
            example: None,
            span: block.span,
        };
        Some(
            self.typer
                .given(key.span, &setting.value, &schema, self.out),
        )
    }

    fn block(&mut self, parent: &str, block: &Block) -> Option<Entity> {
        let kind = block.kind.value.as_str();
        let Some(schema) = self.schema.blocks.get(kind).map(Arc::as_ref) else {
            self.unknown_block(parent, block);
            return None;
        };
        if !schema.parents.iter().any(|name| name == parent) {
            self.misplaced(parent, block, schema);
            return None;
        }
        let label_ok = self.label(block, schema);
        let options = match (&schema.label, &block.label, label_ok) {
            (LabelRule::Reference(of), Some(label), true) => {
                Some(self.typer.catalogue.options(of, &label.name.value))
            }
            _ => None,
        };
        // A block of an unknown name can hold options of that name: nothing in it can be checked.
        if !label_ok && matches!(schema.label, LabelRule::Reference(_)) {
            return Some(self.entity(block, BTreeMap::new(), Vec::new(), true));
        }
        let (settings, blocks) = self.body(kind, &block.items, options.as_ref());
        Some(self.entity(block, settings, blocks, block.damaged))
    }

    /// A block of an unknown kind as the block that was meant: a misspelling has one message, not another about what is missing.
    fn meant_block(&mut self, parent: &str, block: &Block) -> Option<Entity> {
        let kind = self.meant_kind(parent, &block.kind.value)?;
        let mut meant = block.clone();
        meant.kind.value = kind;
        let mut entity = self.block(parent, &meant)?;
        entity.damaged = true;
        Some(entity)
    }

    fn entity(
        &self,
        block: &Block,
        settings: BTreeMap<String, Given>,
        blocks: Vec<Entity>,
        damaged: bool,
    ) -> Entity {
        Entity {
            kind: block.kind.value.clone(),
            label: block.label.clone(),
            settings,
            blocks,
            head: block.head(),
            span: block.span,
            damaged,
        }
    }

    /// Reports the second occurrence of a block that may occur only once.
    fn count<'i>(&mut self, block: &'i Block, once: &mut Once<'i>) {
        let kind = block.kind.value.as_str();
        let Some(schema) = self.schema.blocks.get(kind) else {
            return;
        };
        if schema.many && schema.label == LabelRule::None {
            return;
        }
        // There can be one cluster, one CNI and one runtime, whatever their names; a range label is
        // compared after expansion.
        if schema.many && schema.label == LabelRule::Range {
            return;
        }
        let own = block.label.as_ref().map_or("", |label| &label.name.value);
        let name = match schema.many {
            true => own,
            false => "",
        };
        let (first, first_name) = match once.entry((kind, name)) {
            Entry::Occupied(first) => first.into_mut(),
            Entry::Vacant(place) => {
                place.insert((block.head(), own));
                return;
            }
        };
        let what = match own {
            "" => format!("`{kind}`"),
            name => format!("`{kind} {name}`"),
        };
        let message = if schema.many || own == *first_name {
            format!("{what} occurs twice")
        } else {
            format!("there are two `{kind}` blocks, but there can be only one")
        };
        self.out.report(&DUPLICATE_BLOCK, message, |d| {
            d.label(block.head(), "the second one")
                .label(*first, "the first one")
        });
    }
}

/// The value that each setting is given first.
fn firsts(items: &[Item]) -> BTreeMap<&str, &Value> {
    let mut firsts = BTreeMap::new();
    for item in items {
        if let Item::Setting(setting) = item {
            firsts
                .entry(setting.key.value.as_str())
                .or_insert(&setting.value);
        }
    }
    firsts
}
