//! A value that becomes a constant, and a constant that becomes its value again.

use super::edit::{Place, action};
use super::{Action, ActionKind};
use crate::ast::{Block, Item, Setting, Value};
use crate::editor::names::{Definition, Mention, NameKind, Names};
use crate::source::Span;
use crate::value::{self, Type};

/// Both ways, where they are possible.
pub fn offered(at: &Place<'_>) -> Vec<Action> {
    let names = Names::of(at.view.project);
    let mut found = extract(at, &names).unwrap_or_default();
    found.extend(inline(at, &names));
    found
}

/// Whether a block holds constants.
fn is_let(at: &Place<'_>, block: &Block) -> bool {
    let schema = at.view.project.block_schema(&block.kind.value);
    schema.is_some_and(|schema| schema.open == Some(Type::Any))
}

/// The value in the range, alone and wherever else the file has it.
fn extract(at: &Place<'_>, names: &Names<'_>) -> Option<Vec<Action>> {
    let (around, setting, _) = at.setting()?;
    // At the top level there is only `use`, which is read before there are constants.
    let outer = *around.first()?;
    if is_let(at, outer) {
        return None;
    }
    let value = elements(&setting.value)
        .into_iter()
        .find(|value| at.is_in(value.span()))?;
    is_plain(at, value).then_some(())?;
    let stem = match value::parse(Type::Name, &setting.key.value) {
        Ok(_) => setting.key.value.as_str(),
        Err(_) => "value",
    };
    let name = at.fresh(stem, |name| {
        let known = |one: &&Mention<'_>| one.kind == NameKind::Constant && one.name == name;
        names.all.iter().any(|one| known(&one))
    });
    let written = at.text(value.span());
    let definition = define(at, &name, written);
    let used = |span: Span| (span, format!("${name}"));
    let mut found = vec![action(
        format!("make `{name}` a constant"),
        ActionKind::Extract,
        vec![definition.clone(), used(value.span())],
    )];
    let mut all = Vec::new();
    gather(at, &at.view.page.document.items, &mut |other| {
        if other.says_the_same(value) && is_plain(at, other) && at.text(other.span()) == written {
            all.push(used(other.span()));
        }
    });
    if all.len() > 1 {
        let title = format!("make `{name}` a constant, for all {} places", all.len());
        all.push(definition);
        found.push(action(title, ActionKind::Extract, all));
    }
    Some(found)
}

/// A value, or the elements of a list.
fn elements(value: &Value) -> Vec<&Value> {
    match value {
        Value::List(items, _) => items.iter().flat_map(elements).collect(),
        single => vec![single],
    }
}

/// Whether a value can be a constant: a word or a string on one line without anything to fill in.
fn is_plain(at: &Place<'_>, value: &Value) -> bool {
    match value {
        Value::Word(word) => !word.value.starts_with('$'),
        Value::Text(text) => text.literal().is_some() && !at.text(text.span).contains('\n'),
        Value::List(..) | Value::Poisoned(_) => false,
    }
}

/// Visits the values of a file in which a constant can be.
fn gather<'a>(at: &Place<'_>, items: &'a [Item], visit: &mut dyn FnMut(&'a Value)) {
    for item in items {
        let Item::Block(block) = item else { continue };
        if is_let(at, block) {
            continue;
        }
        for inner in &block.items {
            if let Item::Setting(setting) = inner {
                elements(&setting.value).into_iter().for_each(&mut *visit);
            }
        }
        gather(at, &block.items, visit);
    }
}

/// A new entry in the first `let` block of the file, or in a new one before the first block.
fn define(at: &Place<'_>, name: &str, written: &str) -> (Span, String) {
    let newline = at.newline();
    let blocks = at.view.page.document.blocks();
    let blocks: Vec<&Block> = blocks.collect();
    let lines = |block: &&&Block| is_let(at, block) && at.has_lines(block);
    if let Some(block) = blocks.iter().find(lines) {
        let last = block.items.iter().rev().find_map(|item| match item {
            Item::Setting(setting) => Some(setting),
            Item::Block(_) => None,
        });
        if let Some(last) = last
            && let Some(indent) = at.indent(last.span)
        {
            let text = at.view.text();
            let end = text[last.span.end as usize..]
                .find(['\r', '\n'])
                .map_or(text.len(), |to| last.span.end as usize + to);
            let place = at.view.span(end, end);
            return (place, format!("{newline}{indent}{name} = {written}"));
        }
    }
    // The comments before a block are about it.
    let first = blocks.first().map_or(0, |block| {
        let mut start = at.line_start(block.span.start as usize);
        let text = at.view.text();
        while start > 0 {
            let line = at.line_start(start - 1);
            if !text[line..start].trim_start().starts_with('#') {
                break;
            }
            start = line;
        }
        start
    });
    let first = match at.view.text().starts_with('\u{FEFF}') {
        true => first.max(3),
        false => first,
    };
    let place = at.view.span(first, first);
    (
        place,
        format!("let {{ {name} = {written} }}{newline}{newline}"),
    )
}

/// The constant in the range, in every place.
fn inline(at: &Place<'_>, names: &Names<'_>) -> Option<Action> {
    let one = names.at(&at.view, at.start)?;
    (one.kind == NameKind::Constant && at.is_in(one.span)).then_some(())?;
    let [definition] = names.definitions(one)[..] else {
        return None;
    };
    let Some(Definition::Constant(setting)) = definition.defines else {
        return None;
    };
    let written = at.text(setting.value.span());
    // Lines of a string or a list have the indentation of their block.
    if written.contains('\n') {
        return None;
    }
    let mut edits = vec![at.removal(setting.span)?];
    let mut places = 0;
    for found in names.same(one) {
        if found.defines.is_none() {
            edits.push(replaced(at, setting, found)?);
            places += 1;
        }
    }
    Some(action(
        match places {
            1 => format!("write the value of `{}` in its place", one.name),
            _ => format!("write the value of `{}` in its {places} places", one.name),
        },
        ActionKind::Inline,
        edits,
    ))
}

/// One use of a constant, with the value in its place.
fn replaced(at: &Place<'_>, constant: &Setting, found: &Mention<'_>) -> Option<(Span, String)> {
    let text = &at.view.project.analysis.sources.file(found.span.file).text;
    let before = text.get(..found.span.start as usize)?;
    if before.ends_with("${") {
        let whole = Span {
            start: found.span.start - 2,
            end: found.span.end + 1,
            ..found.span
        };
        let literal = match &constant.value {
            Value::Word(word) if !word.value.starts_with('$') => word.value.clone(),
            Value::Text(text) => text.literal()?,
            Value::Word(_) | Value::List(..) | Value::Poisoned(_) => return None,
        };
        return Some((whole, escaped(&literal)));
    }
    let whole = Span {
        start: found.span.start.checked_sub(1)?,
        ..found.span
    };
    (at.text(whole).starts_with('$')).then(|| (whole, at.text(constant.value.span()).to_owned()))
}

/// A text as it is written between quotes.
fn escaped(literal: &str) -> String {
    let mut out = String::new();
    for c in literal.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            _ => out.push(c),
        }
    }
    out.replace("${", "$${")
}
