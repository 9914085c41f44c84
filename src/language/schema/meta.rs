//! Schema files: reads `block` and `setting` blocks into a [`Schema`].
//!
//! This file is the schema of schemas: the closed list of attributes that a `block` and a
//! `setting` can have.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{
    Applies, Atom, BlockSchema, Catalogue, Constants, Given, LabelRule, Schema, SettingSchema,
    typing::Typer,
};
use crate::ast::{self, Block, Document, Item, Value};
use crate::declare;
use crate::diagnostic::Diagnostics;
use crate::diagnostic::suggest::Patience;
use crate::origin::{Origin, Sourced};
use crate::source::Span;
use crate::value::Type;

declare! {
    /// A file under `schema/` of the standard library, or an `option` of a fact file, is not a schema that
    /// pikc can read. This concerns only authors of library folders (`--stdlib DIR`).
    ///
    /// ```pik library fails
    /// block wheel { in = [top], label = none, doc = "Round." , spokes = 12 }
    /// ```
    ///
    /// ```pik library
    /// block wheel {
    ///   in    = [top]
    ///   label = none
    ///   doc   = "Round."
    ///   setting spokes { type = integer, doc = "How many.", example = 12 }
    /// }
    /// ```
    pub static BAD_SCHEMA = {
        code: "library/bad-schema",
        since: "0.1.0",
        severity: Error,
        title: "a schema file that pikc cannot read as a schema",
        help: "docs/stdlib.md describes schema files",
        no_edit: "it is about a library folder, whose author knows what was meant",
        sources: ["docs/stdlib.md"],
    }
}

/// Reads the `block` blocks of schema files into `schema`.
pub fn read(document: &Document, schema: &mut Schema, out: &mut Diagnostics) {
    for item in &document.items {
        match item {
            Item::Block(block) if block.kind.value == "block" => {
                if let Some(found) = read_block(block, out) {
                    schema.blocks.insert(found.name.clone(), Arc::new(found));
                }
            }
            Item::Block(block) => bad(out, block.head(), "only `block` is allowed here"),
            Item::Setting(setting) => bad(out, setting.key.span, "only `block` is allowed here"),
        }
    }
}

/// Reads one `option` of a fact file (a CNI's, a runtime's): the attributes of a `setting`.
pub fn read_option(block: &Block, out: &mut Diagnostics) -> Option<SettingSchema> {
    read_setting(block, out)
}

fn bad(out: &mut Diagnostics, span: Span, why: &str) {
    out.report(&BAD_SCHEMA, format!("not a schema: {why}"), |d| {
        d.label(span, why)
    });
}

fn read_block(block: &Block, out: &mut Diagnostics) -> Option<BlockSchema> {
    let name = block.label.as_ref()?.name.value.clone();
    let mut found = BlockSchema {
        name,
        parents: Vec::new(),
        label: LabelRule::None,
        words: Vec::new(),
        many: false,
        doc: String::new(),
        settings: BTreeMap::new(),
        open: None,
        keys: Type::Name,
        lists: false,
        template: false,
        any_text: None,
        applies: Applies::default(),
        span: block.head(),
    };
    let mut label = "none".to_owned();
    let mut of = String::new();
    for item in &block.items {
        match item {
            Item::Block(inner) if inner.kind.value == "setting" => {
                if let Some(setting) = read_setting(inner, out) {
                    found.settings.insert(setting.name.clone(), setting);
                }
            }
            Item::Block(inner) => bad(out, inner.head(), "only `setting` is allowed in a block"),
            Item::Setting(setting) => {
                let value = &setting.value;
                match setting.key.value.as_str() {
                    "in" => found.parents = words(value),
                    "label" => label = word(value),
                    "of" => of = word(value),
                    "words" => found.words = words(value),
                    "count" => found.many = word(value) == "many",
                    "doc" => found.doc = word(value),
                    "open" => found.open = named_type(value, out),
                    "lists" => found.lists = word(value) == "on",
                    "template" => found.template = word(value) == "on",
                    "any-text" => found.any_text = Some(word(value)),
                    "applies" => found.applies = applies(value),
                    "keys" => found.keys = named_type(value, out)?,
                    _ => bad(out, setting.key.span, "a block has no such attribute"),
                }
            }
        }
    }
    found.label = match label.as_str() {
        "none" => LabelRule::None,
        "text" => LabelRule::Text,
        "range" => LabelRule::Range,
        "reference" if !of.is_empty() => LabelRule::Reference(of),
        other => match Type::named(other).filter(|ty| *ty != Type::Reference) {
            Some(ty) => LabelRule::Typed(ty),
            None => {
                bad(out, block.head(), "there is no such label rule");
                LabelRule::None
            }
        },
    };
    reasoned(block, found.open, found.any_text.as_deref(), out);
    if found.doc.is_empty() {
        bad(
            out,
            block.head(),
            "a block needs a `doc` that says what it is for",
        );
    }
    Some(found)
}

/// A value that can be any text needs a stated reason: every value ends up in some file, and most files have rules.
fn reasoned(block: &Block, ty: Option<Type>, reason: Option<&str>, out: &mut Diagnostics) {
    match (ty.is_some_and(Type::is_any_text), reason) {
        (true, None | Some("")) => bad(
            out,
            block.head(),
            "its value can be any text, and no `any-text` says why that is right",
        ),
        (false, Some(_)) => bad(
            out,
            block.head(),
            "`any-text` gives a reason for a type that has a rule of its own",
        ),
        _ => {}
    }
}

fn read_setting(block: &Block, out: &mut Diagnostics) -> Option<SettingSchema> {
    let label = block.label.as_ref()?;
    let mut found = SettingSchema {
        name: label.name.value.clone(),
        ty: Type::Text,
        list: false,
        required: false,
        default: None,
        values: Vec::new(),
        means: BTreeMap::new(),
        min: None,
        max: None,
        of: None,
        deals: false,
        template: false,
        applies_to: Vec::new(),
        fixed: false,
        requires: None,
        replaced_by: None,
        lies_in: None,
        becomes: Vec::new(),
        any_text: None,
        applies: Applies::default(),
        doc: String::new(),
        example: None,
        span: block.head(),
    };
    let mut default: Option<(Span, Value)> = None;
    for item in &block.items {
        let Item::Setting(setting) = item else {
            bad(out, block.head(), "a setting cannot contain a block");
            continue;
        };
        let value = &setting.value;
        match setting.key.value.as_str() {
            "type" => found.ty = named_type(value, out)?,
            "list" => found.list = word(value) == "on",
            "required" => found.required = word(value) == "on",
            "default" => default = Some((setting.key.span, value.clone())),
            "values" => found.values = words(value),
            "means" => found.means = means(value, out),
            "min" => found.min = word(value).parse().ok(),
            "max" => found.max = word(value).parse().ok(),
            "of" => found.of = Some(word(value)),
            "deals" => found.deals = word(value) == "on",
            "template" => found.template = word(value) == "on",
            "applies-to" => found.applies_to = words(value),
            "fixed" => found.fixed = word(value) == "on",
            "requires" => found.requires = Some(word(value)),
            "replaced-by" => found.replaced_by = Some(word(value)),
            "lies-in" => found.lies_in = Some(word(value)),
            "becomes" => found.becomes = words(value),
            "any-text" => found.any_text = Some(word(value)),
            "applies" => found.applies = applies(value),
            "doc" => found.doc = word(value),
            "example" => found.example = Some(as_written(value)),
            _ => bad(out, setting.key.span, "a setting has no such attribute"),
        }
    }
    if found.doc.is_empty() {
        bad(
            out,
            block.head(),
            "a setting needs a `doc` that says what it does",
        );
    }
    if let Some(stray) = found.means.keys().find(|word| !found.values.contains(word)) {
        let why = format!("`means` has `{stray}`, which is not among the `values`");
        bad(out, block.head(), &why);
    }
    reasoned(block, Some(found.ty), found.any_text.as_deref(), out);
    found.default = default.map(|(key, value)| typed_default(key, &value, &found, out));
    Some(found)
}

/// A default is typed like a written value; only its origin is different.
fn typed_default(key: Span, value: &Value, schema: &SettingSchema, out: &mut Diagnostics) -> Given {
    let constants = Constants::new();
    let mut used = std::collections::BTreeSet::new();
    let mut given = Typer {
        constants: &constants,
        catalogue: &mut NoNames,
        used: &mut used,
        patience: Patience::default(),
        filled: 0,
    }
    .given(key, value, schema, out);
    given.origin = Origin::Default(value.span());
    if let super::Content::Many(items) = &mut given.content {
        let relabel = |item: &mut Sourced<Atom>| {
            if let Some(span) = item.origin.span() {
                item.origin = Origin::Default(span);
            }
        };
        items.iter_mut().for_each(relabel);
    }
    given
}

struct NoNames;

impl Catalogue for NoNames {
    fn names(&mut self, _kind: &str) -> Option<Vec<String>> {
        None
    }

    fn options(&mut self, _kind: &str, _name: &str) -> Arc<BTreeMap<String, SettingSchema>> {
        Arc::default()
    }
}

fn named_type(value: &Value, out: &mut Diagnostics) -> Option<Type> {
    let found = Type::named(&word(value));
    if found.is_none() {
        bad(out, value.span(), "there is no such type");
    }
    found
}

fn word(value: &Value) -> String {
    match value {
        Value::Word(word) => word.value.clone(),
        Value::Text(text) => text.literal().unwrap_or_else(|| raw(text)),
        Value::List(..) | Value::Poisoned(_) => String::new(),
    }
}

/// In documentation `${index}` is plain text.
fn raw(text: &ast::Text) -> String {
    text.parts
        .iter()
        .map(|part| match part {
            ast::Part::Literal(text) => text.clone(),
            ast::Part::Variable(name) => format!("${{{}}}", name.value),
        })
        .collect()
}

fn words(value: &Value) -> Vec<String> {
    match value {
        Value::List(items, _) => items.iter().map(word).collect(),
        single => vec![word(single)],
    }
}

/// `applies = kubelet`, or `applies = [kubelet, "proxy: kube-proxy"]` for another consequence inside a block of that kind.
fn applies(value: &Value) -> Applies {
    let mut found = Applies::default();
    for one in words(value) {
        match one.split_once(": ") {
            Some((kind, name)) => found.inside.push((kind.to_owned(), name.to_owned())),
            None => found.usual = Some(one),
        }
    }
    found
}

/// `means = ["off: no swap", "on: the system can swap"]`: each word with what it means.
fn means(value: &Value, out: &mut Diagnostics) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    for one in words(value) {
        match one.split_once(": ") {
            Some((word, what)) if !what.is_empty() => {
                found.insert(word.to_owned(), what.to_owned());
            }
            _ => bad(
                out,
                value.span(),
                "`means` lists each word with what it means: `\"off: no swap\"`",
            ),
        }
    }
    found
}

fn as_written(value: &Value) -> String {
    match value {
        Value::Word(word) => word.value.clone(),
        Value::Text(text) => format!("\"{}\"", raw(text).replace('"', "\\\"")),
        Value::List(items, _) => {
            let items: Vec<String> = items.iter().map(as_written).collect();
            format!("[{}]", items.join(", "))
        }
        Value::Poisoned(_) => String::new(),
    }
}
