//! A line or a column of a spec as the span that a question about it means.

use crate::Analysis;
use crate::ast::{self, Item, Value};
use crate::diagnostic::Diagnostics;
use crate::source::{FileId, Sources, Span};
use crate::syntax;

/// The file of a spec that has this name in reports.
pub fn spec_file(analysis: &Analysis, is: impl Fn(&str) -> bool) -> Option<FileId> {
    let mut files = analysis.sources.files();
    files.find(|(_, file)| is(&file.name)).map(|(id, _)| id)
}

/// A line of a file, without the space around its text; nothing if there is no such line.
pub fn line(sources: &Sources, file: FileId, number: usize) -> Option<Span> {
    let (start, text) = start(sources, file, number)?;
    let indent = text.len() - text.trim_start().len();
    let end = text.trim_end().len().max(indent);
    Some(Span::new(file, start + indent, start + end))
}

/// What a column of a line names: an element of a list, a setting, or the head of a block, the innermost one.
pub fn column(sources: &Sources, file: FileId, number: usize, column: usize) -> Option<Span> {
    let (start, text) = start(sources, file, number)?;
    let (within, _) = text.char_indices().nth(column.checked_sub(1)?)?;
    let whole = &sources.file(file).text;
    // What is wrong in it has been reported.
    let mut known = Diagnostics::default();
    let tree = syntax::parse(file, whole).tree;
    let document = ast::lower(&tree, file, whole, &mut known);
    innermost(&document.items, start + within)
}

fn start(sources: &Sources, file: FileId, number: usize) -> Option<(usize, &str)> {
    let file = sources.file(file);
    let text = file.line(number)?;
    let before = file.text.split_inclusive('\n').take(number - 1);
    Some((before.map(str::len).sum(), text))
}

fn innermost(items: &[Item], offset: usize) -> Option<Span> {
    let covers =
        |span: Span| (span.start as usize) <= offset && offset < (span.end as usize).max(1);
    items.iter().find_map(|item| match item {
        Item::Setting(setting) if covers(setting.span) => {
            let element = match &setting.value {
                Value::List(values, _) => values.iter().map(Value::span).find(|one| covers(*one)),
                _ => None,
            };
            Some(element.unwrap_or(setting.span))
        }
        Item::Block(block) if covers(block.head()) => Some(block.head()),
        Item::Block(block) if covers(block.span) => innermost(&block.items, offset),
        Item::Setting(_) | Item::Block(_) => None,
    })
}
