//! The place of an action, and the edits that several of them make.

use std::ops::Range;

use super::{Action, ActionKind};
use crate::ast::{Block, Item, Setting, Value};
use crate::diagnostic::{Edit, Reach};
use crate::editor::project::{View, item_span};
use crate::schema::{BlockSchema, SettingSchema, TOP};
use crate::source::Span;
use crate::syntax::settled_edit;

/// A range of a file.
pub struct Place<'a> {
    /// The file.
    pub view: View<'a>,
    /// The first byte.
    pub start: usize,
    /// The byte after the last.
    pub end: usize,
}

impl<'a> Place<'a> {
    pub fn new(view: &View<'a>, range: Range<usize>) -> Self {
        let len = view.text().len();
        let start = range.start.min(len);
        Self {
            view: *view,
            start,
            end: range.end.clamp(start, len),
        }
    }

    /// Whether the whole file could be read.
    pub fn is_sound(&self) -> bool {
        fn sound(items: &[Item]) -> bool {
            items.iter().all(|item| match item {
                Item::Block(block) => !block.damaged && sound(&block.items),
                Item::Setting(setting) => !matches!(setting.value, Value::Poisoned(_)),
            })
        }
        let document = &self.view.page.document;
        !document.damaged && sound(&document.items)
    }

    /// Whether a span of this file meets the range.
    pub fn touches(&self, span: Span) -> bool {
        span.file == self.view.page.file
            && span.start as usize <= self.end
            && self.start <= span.end as usize
    }

    /// Whether the range lies in a span of this file.
    pub fn is_in(&self, span: Span) -> bool {
        span.file == self.view.page.file
            && span.start as usize <= self.start
            && self.end <= span.end as usize
    }

    /// The blocks around the range, outermost first.
    pub fn around(&self) -> Vec<&'a Block> {
        let mut around = Vec::new();
        let mut items: &'a [Item] = &self.view.page.document.items;
        while let Some(Item::Block(block)) = items.iter().find(|item| self.is_in(item_span(item))) {
            around.push(block);
            items = &block.items;
        }
        around
    }

    /// The setting with the range, and what its block's schema and the library say of it.
    pub fn setting(&self) -> Option<(Vec<&'a Block>, &'a Setting, Option<SettingSchema>)> {
        let (around, setting) = self.view.setting_at(self.start)?;
        self.is_in(setting.span).then_some(())?;
        let schema = self.block_schema(&around)?;
        let name = &setting.key.value;
        let known = schema.settings.get(name).cloned().or_else(|| {
            let block = around.last()?;
            self.view.project.options(block).get(name).cloned()
        });
        Some((around, setting, known))
    }

    /// What the innermost of some blocks can hold.
    pub fn block_schema(&self, around: &[&Block]) -> Option<&'a BlockSchema> {
        let kind = around.last().map_or(TOP, |block| &block.kind.value);
        self.view
            .project
            .block_schema(kind)
            .map(|schema| schema.as_ref())
    }

    /// The text of a span.
    pub fn text(&self, span: Span) -> &'a str {
        self.view.project.text(span)
    }

    /// What ends a line in this file.
    pub fn newline(&self) -> &'static str {
        match self.view.text().contains("\r\n") {
            true => "\r\n",
            false => "\n",
        }
    }

    /// Where the line of a byte begins.
    pub fn line_start(&self, at: usize) -> usize {
        let before = self.view.text().get(..at).unwrap_or("");
        before.rfind('\n').map_or(0, |at| at + 1)
    }

    /// The white space before a piece that is the first of its line; none if something else is.
    pub fn indent(&self, span: Span) -> Option<&'a str> {
        let start = span.start as usize;
        let before = self.view.text().get(self.line_start(start)..start)?;
        before
            .trim_matches([' ', '\t'])
            .is_empty()
            .then_some(before)
    }

    /// Whether a block is made of lines.
    pub fn has_lines(&self, block: &Block) -> bool {
        let text = self.text(block.span);
        let head = block.head().end.saturating_sub(block.span.start) as usize;
        let first = text.get(head..).and_then(|rest| rest.lines().next());
        let first = first.map_or("", |line| line.trim());
        text.contains('\n')
            && first.strip_prefix('{').is_some_and(|rest| {
                let rest = rest.trim_start();
                rest.is_empty() || rest.starts_with('#')
            })
    }

    /// The edit that removes a setting or block with what belongs to it.
    pub fn removal(&self, span: Span) -> Option<(Span, String)> {
        let edit = Edit {
            span,
            replacement: String::new(),
            reach: Reach::Setting,
        };
        let edit = settled_edit(&self.view.project.analysis.sources, &edit)?;
        Some((edit.span, edit.replacement))
    }

    /// A name that begins like this and that no other has.
    pub fn fresh(&self, stem: &str, taken: impl Fn(&str) -> bool) -> String {
        let mut name = stem.to_owned();
        let mut number = 2;
        while taken(&name) {
            name = format!("{stem}-{number}");
            number += 1;
        }
        name
    }
}

/// A refactoring with these edits.
pub fn action(title: impl Into<String>, kind: ActionKind, edits: Vec<(Span, String)>) -> Action {
    Action {
        title: title.into(),
        kind,
        certain: false,
        settles: Vec::new(),
        edits,
    }
}
