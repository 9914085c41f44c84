//! A document read by the measure of a schema: each setting typed, each misfit reported once.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::typing::{Typer, unknown_name};
use super::{
    Atom, BlockSchema, Catalogue, Constants, Content, Entity, Given, LabelRule, Schema,
    SettingSchema, TOP,
};
use crate::ast::{Block, Document, Item, Setting};
use crate::declare;
use crate::diagnostic::{Diagnostic, Diagnostics, suggest};
use crate::value::{self, Type};

declare! {
    /// pikc knows a fixed set of block kinds and never ignores one that it does not know: a
    /// misspelt block would otherwise be a part of the cluster that is silently not built.
    ///
    /// ```pik fails
    /// nod spare { role = worker }
    /// ```
    ///
    /// ```pik
    /// node spare {
    ///   role    = worker
    ///   os      = raspios-trixie
    ///   board   = pi-4b-4g
    ///   address = 192.168.11.209
    /// }
    /// ```
    pub static UNKNOWN_BLOCK = {
        code: "spec/unknown-block",
        severity: Error,
        title: "a kind of block that does not exist",
        help: "docs/reference.md lists every block",
        sources: ["docs/language.md"],
    }

    /// The block exists, but not here: each kind has its parents. `wifi` describes an interface,
    /// so it stands in an `interface` block.
    ///
    /// ```pik fails
    /// time { wifi { ssid = "home" } }
    /// ```
    ///
    /// ```pik
    /// interface wlan0 { wifi { ssid = "home", passphrase = secret:wifi } }
    /// ```
    pub static MISPLACED_BLOCK = {
        code: "spec/misplaced-block",
        severity: Error,
        title: "a block in the wrong place",
        help: "move the block into one of its parents",
        sources: ["docs/language.md"],
    }

    /// pikc never accepts a setting that it does not know: a misspelt setting would otherwise leave
    /// the default in force without a word.
    ///
    /// ```pik fails
    /// swapp = on
    /// ```
    ///
    /// ```pik
    /// swap = on
    /// ```
    pub static UNKNOWN_SETTING = {
        code: "spec/unknown-setting",
        severity: Error,
        title: "a setting that does not exist",
        help: "docs/reference.md lists every setting",
        sources: ["docs/language.md"],
    }

    /// A setting may be given once in a block. Which of two values was meant cannot be known, and
    /// "the last one wins" hides a forgotten line.
    ///
    /// To change what a profile says, write the setting in the node: the node always wins.
    ///
    /// ```pik fails
    /// swap = off
    /// swap = on
    /// ```
    ///
    /// ```pik
    /// swap = on
    /// ```
    pub static DUPLICATE_SETTING = {
        code: "spec/duplicate-setting",
        severity: Error,
        title: "a setting given twice",
        help: "keep one of the two",
        sources: ["docs/language.md"],
    }

    /// There may be one block of this kind (or of this kind and label) in its parent.
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
        severity: Error,
        title: "a block given twice",
        help: "put the settings of both into one block",
        sources: ["docs/language.md"],
    }

    /// Some blocks have a name (`user pi { }`), some have none (`network { }`), and only nodes may
    /// have a list of numbers in brackets.
    ///
    /// ```pik fails
    /// locale home { country = JP }
    /// ```
    ///
    /// ```pik
    /// locale { country = JP }
    /// ```
    pub static LABEL = {
        code: "spec/label",
        severity: Error,
        title: "a block's label is missing, wrong or too much",
        help: "write the label that the block's kind asks for",
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
    let mut reader = Reader {
        schema,
        typer: Typer {
            constants,
            catalogue,
            used: &mut used,
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

type Options = Arc<BTreeMap<String, SettingSchema>>;

struct Reader<'a, 'b> {
    schema: &'a Schema,
    typer: Typer<'a>,
    out: &'b mut Diagnostics,
}

impl Reader<'_, '_> {
    fn body(
        &mut self,
        parent: &str,
        items: &[Item],
        options: Option<&Options>,
    ) -> (BTreeMap<String, Given>, Vec<Entity>) {
        let mut settings: BTreeMap<String, Given> = BTreeMap::new();
        let mut blocks: Vec<Entity> = Vec::new();
        for item in items {
            match item {
                Item::Setting(setting) => {
                    if let Some(first) = settings.get(&setting.key.value) {
                        let key = &setting.key;
                        self.out.report(
                            &DUPLICATE_SETTING,
                            format!("`{}` is given twice", key.value),
                            |d| {
                                d.label(key.span, "given again here")
                                    .label(first.key, "given first here")
                            },
                        );
                        continue;
                    }
                    if let Some(given) = self.setting(parent, setting, options) {
                        settings.insert(setting.key.value.clone(), given);
                    }
                }
                Item::Block(block) => {
                    if let Some(entity) = self.block(parent, block) {
                        self.count(&entity, &blocks);
                        blocks.push(entity);
                    }
                }
            }
        }
        (settings, blocks)
    }

    fn setting(
        &mut self,
        parent: &str,
        setting: &Setting,
        options: Option<&Options>,
    ) -> Option<Given> {
        let key = &setting.key;
        let block = self.schema.blocks.get(parent).cloned();
        if let Some(open) = block.as_ref().and_then(|block| block.open) {
            return self.open(setting, block.as_ref()?, open);
        }
        let declared = block
            .as_ref()
            .and_then(|block| block.settings.get(&key.value))
            .or_else(|| options?.get(&key.value));
        if let Some(schema) = declared {
            if setting.key_quoted {
                self.unquote(setting);
            }
            return Some(self.typer.given(key.span, &setting.value, schema, self.out));
        }
        self.unknown_setting(parent, setting, block.as_deref(), options);
        None
    }

    fn unquote(&mut self, setting: &Setting) {
        let key = &setting.key;
        self.out.report(
            &UNKNOWN_SETTING,
            format!("the setting `{}` is written in quotes", key.value),
            |d| {
                d.label(key.span, "settings have no quotes")
                    .help(format!("write `{} = ...`", key.value))
                    .fix("drop the quotes", key.span, key.value.clone())
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
                format!("`{}` {}", key.value.escape_debug(), bad.why),
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
            // Constants are read as they stand, before anything is typed.
            return Some(Given {
                key: key.span,
                content: Content::One(Atom::Poisoned),
                origin: crate::origin::Origin::Written(setting.value.span()),
            });
        }
        let schema = SettingSchema {
            name: key.value.clone(),
            ty: open,
            list: false,
            required: false,
            default: None,
            values: Vec::new(),
            min: None,
            max: None,
            of: None,
            deals: false,
            template: true,
            applies_to: Vec::new(),
            doc: String::new(),
            example: None,
            span: block.span,
        };
        Some(
            self.typer
                .given(key.span, &setting.value, &schema, self.out),
        )
    }

    fn unknown_setting(
        &mut self,
        parent: &str,
        setting: &Setting,
        block: Option<&BlockSchema>,
        options: Option<&Options>,
    ) {
        let key = &setting.key;
        let name = key.value.as_str();
        let place = if parent == TOP {
            "the top level".to_owned()
        } else {
            format!("`{parent}`")
        };
        let message = format!("{place} has no setting `{name}`");
        if self.schema.children(parent).any(|child| child.name == name) {
            self.out.report(&UNKNOWN_SETTING, message, |d| {
                d.label(key.span, format!("`{name}` is a block"))
                    .help(format!("write `{name} {{ ... }}`"))
            });
            return;
        }
        let mut known: Vec<&str> = block
            .map(|block| block.settings.keys().map(String::as_str).collect())
            .unwrap_or_default();
        known.extend(options.iter().flat_map(|o| o.keys().map(String::as_str)));
        let elsewhere: Vec<String> = self
            .schema
            .blocks
            .values()
            .filter(|block| block.settings.contains_key(name))
            .map(|block| format!("`{}`", block.name))
            .collect();
        self.out.report(&UNKNOWN_SETTING, message, |d| {
            let d = d.label(key.span, "not known here");
            if let Some(found) = suggest::nearest(name, known.iter().copied()) {
                return d.help(format!("did you mean `{found}`?")).fix(
                    format!("write `{found}`"),
                    key.span,
                    found,
                );
            }
            if !elsewhere.is_empty() {
                return d.help(format!("`{name}` is a setting of {}", elsewhere.join(", ")));
            }
            match suggest::sentence(name, known.iter().copied()) {
                Some(sentence) => d.help(sentence),
                None => d,
            }
        });
    }

    fn block(&mut self, parent: &str, block: &Block) -> Option<Entity> {
        let kind = block.kind.value.as_str();
        let Some(schema) = self.schema.blocks.get(kind).cloned() else {
            self.unknown_block(parent, block);
            return None;
        };
        if !schema.parents.iter().any(|name| name == parent) {
            self.misplaced(parent, block, &schema);
            return None;
        }
        let label_ok = self.label(block, &schema);
        let options = match (&schema.label, &block.label, label_ok) {
            (LabelRule::Reference(of), Some(label), true) => {
                Some(self.typer.catalogue.options(of, &label.name.value))
            }
            _ => None,
        };
        // A block of an unknown name may hold that thing's options: nothing in it can be judged.
        if !label_ok && matches!(schema.label, LabelRule::Reference(_)) {
            return Some(self.entity(block, BTreeMap::new(), Vec::new(), true));
        }
        let (settings, blocks) = self.body(kind, &block.items, options.as_ref());
        Some(self.entity(block, settings, blocks, block.damaged))
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

    fn unknown_block(&mut self, parent: &str, block: &Block) {
        let kind = &block.kind;
        let here: Vec<&str> = self
            .schema
            .children(parent)
            .map(|child| child.name.as_str())
            .collect();
        let is_setting = self
            .schema
            .blocks
            .get(parent)
            .is_some_and(|parent| parent.settings.contains_key(&kind.value));
        let everywhere: Vec<&str> = self.schema.blocks.keys().map(String::as_str).collect();
        self.out.report(
            &UNKNOWN_BLOCK,
            format!("unknown block `{}`", kind.value),
            |d| {
                if is_setting {
                    return d
                        .label(kind.span, format!("`{}` is a setting", kind.value))
                        .help(format!("write `{} = ...`", kind.value));
                }
                let d = d.label(kind.span, "there is no such kind of block");
                let found = suggest::nearest(&kind.value, here.iter().copied())
                    .or_else(|| suggest::nearest(&kind.value, everywhere.iter().copied()));
                if let Some(found) = found {
                    return d.help(format!("did you mean `{found}`?")).fix(
                        format!("write `{found}`"),
                        kind.span,
                        found,
                    );
                }
                match suggest::sentence(&kind.value, here.iter().copied()) {
                    Some(sentence) => d.help(sentence),
                    None => d.help("no block may stand here"),
                }
            },
        );
    }

    fn misplaced(&mut self, parent: &str, block: &Block, schema: &BlockSchema) {
        let kind = &block.kind;
        let place = |name: &str| match name {
            TOP => "at the top level of a file".to_owned(),
            _ => format!("in a `{name}` block"),
        };
        let homes: Vec<String> = schema.parents.iter().map(|name| place(name)).collect();
        self.out.report(
            &MISPLACED_BLOCK,
            format!("`{}` does not belong {}", kind.value, place(parent)),
            |d| {
                d.label(kind.span, "in the wrong place").help(format!(
                    "`{}` stands {}",
                    kind.value,
                    homes.join(" or ")
                ))
            },
        );
    }

    /// Whether the label is as the kind asks; reports it if not.
    fn label(&mut self, block: &Block, schema: &BlockSchema) -> bool {
        let kind = &schema.name;
        let Some(label) = &block.label else {
            let wanted = match &schema.label {
                LabelRule::None => return true,
                LabelRule::Name | LabelRule::Range | LabelRule::Text => "a name",
                LabelRule::Reference(_) => "the name of one",
                LabelRule::Code => "a diagnostic code",
            };
            let example = match &schema.label {
                LabelRule::Reference(of) => self
                    .typer
                    .catalogue
                    .names(of)
                    .and_then(|names| names.into_iter().next()),
                LabelRule::Code => Some("network/pods-too-few".to_owned()),
                _ => None,
            }
            .unwrap_or_else(|| "NAME".to_owned());
            self.out.report(
                &LABEL,
                format!("`{kind}` needs {wanted} before its `{{`"),
                |d| {
                    d.label(block.kind.span, "the label is missing")
                        .help(format!("write `{kind} {example} {{ ... }}`"))
                },
            );
            return false;
        };
        if schema.label == LabelRule::None {
            self.out
                .report(&LABEL, format!("`{kind}` has no label"), |d| {
                    d.label(label.span, "too much")
                        .help(format!("write `{kind} {{ ... }}`"))
                });
            return true;
        }
        if let Some(ranges) = &label.ranges
            && schema.label != LabelRule::Range
        {
            self.out
                .report(&LABEL, format!("`{kind}` cannot stand for several"), |d| {
                    d.label(ranges.span, "only a node may have numbers in brackets")
                        .help(format!("write `{kind} {} {{ ... }}`", label.name.value))
                });
            return true;
        }
        let ty = match &schema.label {
            LabelRule::Name => Type::Name,
            LabelRule::Code => Type::Code,
            LabelRule::Reference(of) => return self.reference_label(of.clone(), label),
            // A node's whole name is judged after expansion, where its numbers are in place.
            LabelRule::Range | LabelRule::Text | LabelRule::None => return true,
        };
        if let Err(bad) = value::parse(ty, &label.name.value) {
            let place = if label.quoted {
                label.name.span
            } else {
                label.name.span.part(bad.from, bad.to)
            };
            self.out.push(
                Diagnostic::new(
                    &LABEL,
                    format!("`{}` {}", label.name.value.escape_debug(), bad.why),
                )
                .label(
                    place,
                    format!("the label of `{kind}` is {}", ty.description()),
                )
                .help(
                    bad.help
                        .unwrap_or_else(|| format!("write {}", ty.description())),
                ),
            );
            return false;
        }
        true
    }

    fn reference_label(&mut self, of: String, label: &crate::ast::Label) -> bool {
        let Some(known) = self.typer.catalogue.names(&of) else {
            return true;
        };
        if known.contains(&label.name.value) {
            return true;
        }
        unknown_name(&of, &label.name, label.span, &known, None, self.out);
        false
    }

    /// Reports a block that may stand only once and does so again.
    fn count(&mut self, entity: &Entity, before: &[Entity]) {
        let Some(schema) = self.schema.blocks.get(&entity.kind) else {
            return;
        };
        if schema.many && schema.label == LabelRule::None {
            return;
        }
        // A cluster, a CNI and a runtime are one each, whatever their names; a range label is
        // compared after expansion.
        if schema.many && schema.label == LabelRule::Range {
            return;
        }
        let clash = before.iter().find(|other| {
            other.kind == entity.kind && (!schema.many || other.name() == entity.name())
        });
        let Some(first) = clash else {
            return;
        };
        let what = match entity.name() {
            "" => format!("`{}`", entity.kind),
            name => format!("`{} {name}`", entity.kind),
        };
        let message = if schema.many || entity.name() == first.name() {
            format!("{what} is given twice")
        } else {
            format!(
                "there are two `{}` blocks, and there can be one",
                entity.kind
            )
        };
        self.out.report(&DUPLICATE_BLOCK, message, |d| {
            d.label(entity.head, "given again here")
                .label(first.head, "given first here")
        });
    }
}
