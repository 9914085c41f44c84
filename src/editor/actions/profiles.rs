//! Settings of a node that become a profile, and a profile that becomes settings of its only node.
//!
//! What a node sets takes precedence over its profiles, and later profiles over earlier ones. So what moves from a node to a new
//! last profile means the same. The order of a node's interfaces and accounts shows in the output; it must stay, too.

use std::collections::BTreeSet;

use super::edit::{Place, action};
use super::{Action, ActionKind};
use crate::ast::{Block, Item, Setting, Value};
use crate::editor::names::{NameKind, Names};
use crate::editor::project::item_span;
use crate::source::Span;
use crate::syntax::removed;

/// The setting that names the profiles of a machine, and their kind of block.
const PROFILE: &str = "profile";

/// Both ways, where they are possible.
pub fn offered(at: &Place<'_>) -> Vec<Action> {
    let names = Names::of(at.view.project);
    let mut found = Vec::new();
    found.extend(extract(at, &names));
    found.extend(extract_into(at, &names));
    found.extend(inline(at, &names));
    found
}

/// A node at the top level of the file, made of lines, with the range in it.
fn node<'a>(at: &Place<'a>) -> Option<&'a Block> {
    let node = *at.around().first()?;
    (node.kind.value == "node" && at.has_lines(node)).then_some(node)
}

/// The items of a node that the range covers or touches; none if one cannot move.
fn chosen<'a>(at: &Place<'a>, node: &'a Block) -> Option<Vec<&'a Item>> {
    let body = Span {
        start: node.head().end,
        ..node.span
    };
    at.is_in(body).then_some(())?;
    let chosen: Vec<&Item> = node
        .items
        .iter()
        .filter(|item| at.touches(item_span(item)))
        .collect();
    let moves = |item: &&Item| is_movable(at, item);
    let order = |item: &&Item| keeps_order(node, &chosen, item);
    let whole = chosen
        .iter()
        .all(|item| at.indent(item_span(item)).is_some());
    (!chosen.is_empty() && whole && chosen.iter().all(moves) && chosen.iter().all(order))
        .then_some(chosen)
}

/// Whether a profile can hold an item.
fn is_movable(at: &Place<'_>, item: &Item) -> bool {
    let project = at.view.project;
    match item {
        Item::Setting(setting) => {
            let profile = project.block_schema(PROFILE);
            setting.key.value != PROFILE
                && profile.is_some_and(|schema| schema.settings.contains_key(&setting.key.value))
        }
        Item::Block(block) => project
            .block_schema(&block.kind.value)
            .is_some_and(|schema| schema.parents.iter().any(|parent| parent == PROFILE)),
    }
}

/// Whether no block of the same kind stays before this one: a profile's blocks come first.
fn keeps_order(node: &Block, chosen: &[&Item], item: &Item) -> bool {
    let Item::Block(block) = item else {
        return true;
    };
    let before = node
        .items
        .iter()
        .take_while(|other| !std::ptr::eq(*other, item));
    before
        .filter(|other| matches!(other, Item::Block(other) if other.kind.value == block.kind.value))
        .all(|other| chosen.iter().any(|one| std::ptr::eq(*one, other)))
}

fn profiles(block: &Block) -> Option<&Setting> {
    block.items.iter().find_map(|item| match item {
        Item::Setting(setting) if setting.key.value == PROFILE => Some(setting),
        Item::Setting(_) | Item::Block(_) => None,
    })
}

/// The names in a setting, if none of them is a constant; each with its place.
fn listed(setting: Option<&Setting>) -> Option<Vec<(String, Span)>> {
    let one = |value: &Value| match value {
        Value::Word(word) if !word.value.starts_with('$') => Some((word.value.clone(), word.span)),
        Value::Text(text) => Some((text.literal()?, text.span)),
        Value::Word(_) | Value::List(..) | Value::Poisoned(_) => None,
    };
    match setting.map(|setting| &setting.value) {
        None => Some(Vec::new()),
        Some(Value::List(items, _)) => items.iter().map(one).collect(),
        Some(value) => Some(vec![one(value)?]),
    }
}

/// The lines of items, one after the other, with the comments at their ends.
fn lines(at: &Place<'_>, items: &[&Item]) -> String {
    let text = at.view.text();
    let mut out = String::new();
    for item in items {
        let span = item_span(item);
        let start = at.line_start(span.start as usize);
        let end = text[span.end as usize..]
            .find('\n')
            .map_or(text.len(), |to| span.end as usize + to + 1);
        out.push_str(&text[start..end]);
        if !out.ends_with('\n') {
            out.push_str(at.newline());
        }
    }
    out
}

/// Removes whole lines of items, with the comments at their ends: those have moved.
fn without(at: &Place<'_>, items: &[&Item]) -> Vec<(Span, String)> {
    let text = at.view.text();
    let gone = |item: &&Item| {
        let span = item_span(item);
        let start = at.line_start(span.start as usize);
        let end = text[span.end as usize..]
            .find('\n')
            .map_or(text.len(), |to| span.end as usize + to + 1);
        (at.view.span(start, end), String::new())
    };
    items.iter().map(gone).collect()
}

fn extract(at: &Place<'_>, names: &Names<'_>) -> Option<Action> {
    let node = node(at)?;
    let chosen = chosen(at, node)?;
    alone_on_lines(at, &chosen)?;
    let own = profiles(node);
    let before = listed(own)?;
    let label = node.label.as_ref()?;
    let letters = |c: char| !c.is_ascii_alphabetic();
    let stem = match label.name.value.trim_end_matches(letters) {
        "" => "machine",
        stem => stem,
    };
    let kind = NameKind::Block(PROFILE.to_owned());
    let name = at.fresh(stem, |name| {
        names
            .all
            .iter()
            .any(|one| one.kind == kind && one.name == name)
    });
    let newline = at.newline();
    let place = at.line_start(node.span.start as usize);
    let body = lines(at, &chosen);
    let profile = format!("{PROFILE} {name} {{{newline}{body}}}{newline}{newline}");
    let mut edits = without(at, &chosen);
    edits.push((at.view.span(place, place), profile));
    edits.push(with_profile(at, node, own, &before, &name)?);
    Some(action(
        format!("move to a new profile `{name}`"),
        ActionKind::Extract,
        edits,
    ))
}

/// Whether the lines of the items hold nothing else, and no two items meet on one.
fn alone_on_lines(at: &Place<'_>, items: &[&Item]) -> Option<()> {
    let text = at.view.text();
    let alone = items.iter().all(|item| {
        let rest = &text[item_span(item).end as usize..];
        let rest = rest.lines().next().unwrap_or("").trim();
        rest.is_empty() || rest.starts_with('#')
    });
    alone.then_some(())
}

/// The edit that adds a profile to those of a node, as the last one.
fn with_profile(
    at: &Place<'_>,
    node: &Block,
    own: Option<&Setting>,
    before: &[(String, Span)],
    name: &str,
) -> Option<(Span, String)> {
    let Some(own) = own else {
        let first = node.items.first()?;
        let start = item_span(first).start as usize;
        let indent = at.indent(item_span(first))?;
        let line = at.line_start(start);
        let text = format!("{indent}{PROFILE} = {name}{}", at.newline());
        return Some((at.view.span(line, line), text));
    };
    let mut all: Vec<&str> = before.iter().map(|(_, span)| at.text(*span)).collect();
    all.push(name);
    let value = match all.as_slice() {
        [one] => (*one).to_owned(),
        several => format!("[{}]", several.join(", ")),
    };
    // A list with comments in it is left alone.
    (!at.text(own.value.span()).contains('#')).then_some((own.value.span(), value))
}

/// Into the last profile of the node, if no other node or profile uses it.
fn extract_into(at: &Place<'_>, names: &Names<'_>) -> Option<Action> {
    let node = node(at)?;
    let chosen = chosen(at, node)?;
    alone_on_lines(at, &chosen)?;
    let (name, _) = listed(profiles(node))?.pop()?;
    let profile = only_of(at, names, &name)?;
    at.has_lines(profile).then_some(())?;
    // What the profile has already would be there twice.
    let met = chosen
        .iter()
        .any(|item| profile.items.iter().any(|other| same(item, other)));
    // Its blocks come before those of the node, whatever kind they are.
    let close = profile.span.end as usize - 1;
    let line = at.line_start(close);
    let alone = at.view.text()[line..close].trim().is_empty();
    (!met && alone).then_some(())?;
    let mut edits = without(at, &chosen);
    edits.push((at.view.span(line, line), lines(at, &chosen)));
    Some(action(
        format!("move to the profile `{name}`"),
        ActionKind::Extract,
        edits,
    ))
}

/// Whether two items set the same.
fn same(one: &Item, other: &Item) -> bool {
    match (one, other) {
        (Item::Setting(one), Item::Setting(other)) => one.key.value == other.key.value,
        (Item::Block(one), Item::Block(other)) => {
            let name = |block: &Block| block.label.as_ref().map(|label| label.name.value.clone());
            one.kind.value == other.kind.value && name(one) == name(other)
        }
        (Item::Setting(_), Item::Block(_)) | (Item::Block(_), Item::Setting(_)) => false,
    }
}

/// The profile of this name in this file, if it is used in just one place.
fn only_of<'a>(at: &Place<'a>, names: &Names<'a>, name: &str) -> Option<&'a Block> {
    let blocks = at.view.page.document.blocks();
    let named = |block: &&Block| {
        let label = block.label.as_ref();
        block.kind.value == PROFILE && label.is_some_and(|label| label.name.value == name)
    };
    let profile = blocks.into_iter().find(named)?;
    let kind = NameKind::Block(PROFILE.to_owned());
    let mentions = names
        .all
        .iter()
        .filter(|one| one.kind == kind && one.name == name);
    let (defining, using): (Vec<_>, Vec<_>) = mentions.partition(|one| one.defines.is_some());
    let plain = using.iter().all(|one| one.via.is_none());
    (defining.len() == 1 && using.len() == 1 && plain).then_some(profile)
}

/// The last profile of a node takes its place, if nothing else uses it.
fn inline(at: &Place<'_>, names: &Names<'_>) -> Option<Action> {
    let around = at.around();
    let top = *around.first()?;
    let node = match top.kind.value.as_str() {
        "node" => top,
        PROFILE if at.is_in(top.head()) => user(at, top)?,
        _ => return None,
    };
    let setting = profiles(node)?;
    let from_node = std::ptr::eq(node, top);
    (!from_node || at.is_in(setting.span)).then_some(())?;
    let used = listed(Some(setting))?;
    let (name, _) = used.last()?.clone();
    let profile = only_of(at, names, &name)?;
    let both = at.has_lines(profile) && at.has_lines(node) && !at.text(setting.span).contains('#');
    let first = node
        .items
        .iter()
        .position(|item| matches!(item, Item::Block(_)));
    let place = node
        .items
        .iter()
        .position(|item| matches!(item, Item::Setting(one) if std::ptr::eq(one, setting)))?;
    (both && first.is_none_or(|first| place < first)).then_some(())?;
    let moved: Vec<&Item> = profile
        .items
        .iter()
        .filter(|item| !matches!(item, Item::Setting(one) if one.key.value == PROFILE))
        .filter(|item| {
            !matches!(item, Item::Setting(_)) || !node.items.iter().any(|own| same(item, own))
        })
        .collect();
    // A block of the same name would be merged.
    let merged = moved
        .iter()
        .any(|item| node.items.iter().any(|own| same(item, own)));
    let whole = moved
        .iter()
        .all(|item| at.indent(item_span(item)).is_some());
    (!merged && whole).then_some(())?;
    alone_on_lines(at, &moved)?;
    let mut rest: Vec<String> = used
        .iter()
        .rev()
        .skip(1)
        .rev()
        .map(|(_, span)| at.text(*span).to_owned())
        .collect();
    let below = listed(profiles(profile))?;
    rest.extend(below.iter().map(|(_, span)| at.text(*span).to_owned()));
    let unique: BTreeSet<&String> = rest.iter().collect();
    (unique.len() == rest.len()).then_some(())?;
    let edits = inlined(at, setting, profile, &moved, &rest)?;
    Some(action(
        format!("write the settings of the profile `{name}` here"),
        ActionKind::Inline,
        edits,
    ))
}

/// The line of the profile becomes the lines of its settings.
fn inlined(
    at: &Place<'_>,
    setting: &Setting,
    profile: &Block,
    moved: &[&Item],
    rest: &[String],
) -> Option<Vec<(Span, String)>> {
    let item = Item::Setting(setting.clone());
    alone_on_lines(at, &[&item])?;
    let indent = at.indent(setting.span)?;
    let head = match rest {
        [] => String::new(),
        [one] => format!("{indent}{PROFILE} = {one}{}", at.newline()),
        several => format!(
            "{indent}{PROFILE} = [{}]{}",
            several.join(", "),
            at.newline()
        ),
    };
    let (line, _) = without(at, &[&item]).pop()?;
    let body = lines(at, moved);
    // Its comments are in the lines.
    let gone = removed(&at.view.project.analysis.sources, profile.head())?;
    Some(vec![(gone, String::new()), (line, head + &body)])
}

/// The node in this file that uses a profile.
fn user<'a>(at: &Place<'a>, profile: &Block) -> Option<&'a Block> {
    let name = &profile.label.as_ref()?.name.value;
    at.view
        .page
        .document
        .items
        .iter()
        .find_map(|item| match item {
            Item::Block(block) if block.kind.value == "node" => {
                let used = listed(profiles(block))?;
                used.iter().any(|(one, _)| one == name).then_some(block)
            }
            Item::Block(_) | Item::Setting(_) => None,
        })
}
