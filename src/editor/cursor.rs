//! What stands at a place of a file, in the words of the language: a block's kind, its label, a key, a value.

use super::project::{View, covers, item_span};
use crate::ast::{Block, Item, Label, Setting, Value};
use crate::source::Span;

/// What stands at a place.
#[derive(Clone, Debug)]
pub struct Cursor<'a> {
    /// The blocks around it, outermost first; the block whose head it stands on is not among them.
    pub around: Vec<&'a Block>,
    /// What it stands on.
    pub place: Place<'a>,
}

/// What a cursor stands on.
#[derive(Clone, Copy, Debug)]
pub enum Place<'a> {
    /// The kind of a block.
    Kind(&'a Block),
    /// The label of a block.
    Label(&'a Block, &'a Label),
    /// The key of a setting.
    Key(&'a Setting),
    /// A value of a setting: one element if the setting is a list.
    Value(&'a Setting, &'a Value),
    /// None of these: white space, a comment, a brace, something that could not be read.
    Between,
}

impl<'a> Cursor<'a> {
    /// What stands at a byte of a file.
    pub fn at(view: &View<'a>, offset: usize) -> Self {
        let mut around = Vec::new();
        let mut items: &'a [Item] = &view.page.document.items;
        let place = loop {
            let Some(item) = items.iter().find(|item| covers(item_span(item), offset)) else {
                break Place::Between;
            };
            match item {
                Item::Setting(setting) => break in_setting(setting, offset),
                Item::Block(block) if covers(block.kind.span, offset) => break Place::Kind(block),
                Item::Block(block) => {
                    if let Some(label) = &block.label
                        && covers(label.span, offset)
                    {
                        break Place::Label(block, label);
                    }
                    around.push(block);
                    items = &block.items;
                }
            }
        };
        Self { around, place }
    }

    /// The kind of the innermost block around it; empty at the top level of a file.
    pub fn parent(&self) -> &'a str {
        self.around.last().map_or("", |block| &block.kind.value)
    }

    /// What the answer is about, if it stands on something.
    pub fn span(&self) -> Option<Span> {
        match self.place {
            Place::Kind(block) => Some(block.kind.span),
            Place::Label(_, label) => Some(label.span),
            Place::Key(setting) => Some(setting.key.span),
            Place::Value(_, value) => Some(value.span()),
            Place::Between => None,
        }
    }
}

fn in_setting(setting: &Setting, offset: usize) -> Place<'_> {
    if covers(setting.key.span, offset) {
        return Place::Key(setting);
    }
    match &setting.value {
        Value::List(items, _) => items
            .iter()
            .find(|item| covers(item.span(), offset))
            .map_or(Place::Between, |item| Place::Value(setting, item)),
        value if covers(value.span(), offset) => Place::Value(setting, value),
        _ => Place::Between,
    }
}
