//! A block of several nodes in two, and two blocks that differ only in names and addresses in one.

use std::net::IpAddr;

use super::edit::{Place, action};
use super::{Action, ActionKind};
use crate::ast::{Block, Item, LabelRange, Part, Setting, Value};
use crate::source::Span;
use crate::value::{self, Type, Val};

/// Both ways, where they are possible.
pub fn offered(at: &Place<'_>) -> Vec<Action> {
    let Some(node) = at
        .around()
        .first()
        .copied()
        .filter(|block| block.kind.value == "node")
    else {
        return Vec::new();
    };
    if !at.is_in(node.head()) || numbers_nodes(at) {
        return Vec::new();
    }
    let mut found = split(at, node);
    found.extend(join(at, node));
    found
}

/// Whether the spec uses `${index}` anywhere: it counts the nodes of a block.
fn numbers_nodes(at: &Place<'_>) -> bool {
    fn value(one: &Value) -> bool {
        match one {
            Value::List(items, _) => items.iter().any(value),
            Value::Text(text) => {
                let index =
                    |part: &Part| matches!(part, Part::Variable(name) if name.value == "index");
                text.parts.iter().any(index)
            }
            Value::Word(_) | Value::Poisoned(_) => false,
        }
    }
    fn any(items: &[Item]) -> bool {
        items.iter().any(|item| match item {
            Item::Setting(setting) => value(&setting.value),
            Item::Block(block) => any(&block.items),
        })
    }
    at.view
        .project
        .pages()
        .iter()
        .any(|page| any(&page.document.items))
}

/// What a node block says about its names and the values that are dealt out to them.
struct Shape<'a> {
    stem: String,
    ranges: Vec<LabelRange>,
    label: Span,
    /// The settings with a value for each node: its place, the first value and how many.
    dealt: Vec<(Span, IpAddr, u128)>,
    block: &'a Block,
}

impl<'a> Shape<'a> {
    /// None if a label is in quotes, or a value is a constant.
    fn of(at: &Place<'_>, block: &'a Block) -> Option<Self> {
        let label = block.label.as_ref().filter(|label| !label.quoted)?;
        let (stem, ranges) = match &label.ranges {
            Some(ranges) => (label.name.value.clone(), ranges.value.clone()),
            None => {
                let name = &label.name.value;
                let stem = name.trim_end_matches(|c: char| c.is_ascii_digit());
                let digits = &name[stem.len()..];
                let number = digits.parse().ok()?;
                let one = LabelRange {
                    first: number,
                    last: number,
                    width: digits.len(),
                    span: label.span,
                };
                (stem.to_owned(), vec![one])
            }
        };
        let mut dealt = Vec::new();
        dealt_in(at, block, &mut dealt)?;
        let shape = Self {
            stem,
            ranges,
            label: label.span,
            dealt,
            block,
        };
        let count = shape.count();
        let sound = count <= MOST && shape.ranges.iter().all(|range| range.first <= range.last);
        sound.then_some(shape)
    }

    fn count(&self) -> u64 {
        let of = |range: &LabelRange| (range.last.saturating_add(1)).saturating_sub(range.first);
        self.ranges.iter().map(of).fold(0, u64::saturating_add)
    }

    fn names(&self) -> Vec<String> {
        expanded(&self.stem, &self.ranges)
    }

    /// The text of the block with another label and other values.
    fn written(&self, at: &Place<'_>, label: &str, dealt: &[String]) -> String {
        let mut out = at.text(self.block.span).to_owned();
        let mut places: Vec<(Span, &str)> = vec![(self.label, label)];
        places.extend(
            self.dealt
                .iter()
                .map(|(span, ..)| *span)
                .zip(dealt.iter().map(String::as_str)),
        );
        places.sort_by_key(|(span, _)| std::cmp::Reverse(span.start));
        for (span, text) in places {
            let start = (span.start - self.block.span.start) as usize;
            out.replace_range(start..start + span.len(), text);
        }
        out
    }
}

/// No block has more nodes.
const MOST: u64 = 20_000;

fn expanded(stem: &str, ranges: &[LabelRange]) -> Vec<String> {
    let of = |range: &LabelRange| {
        let width = range.width;
        let names = (range.first..=range.last).map(|number| format!("{stem}{number:0width$}"));
        names.collect::<Vec<_>>()
    };
    ranges.iter().flat_map(of).collect()
}

/// The values of a block and those in it that are dealt out.
fn dealt_in(at: &Place<'_>, block: &Block, out: &mut Vec<(Span, IpAddr, u128)>) -> Option<()> {
    let schema = at.view.project.block_schema(&block.kind.value)?;
    let more = at.view.project.options(block);
    for item in &block.items {
        match item {
            Item::Block(inner) => dealt_in(at, inner, out)?,
            Item::Setting(setting) => {
                let known = schema.settings.get(&setting.key.value);
                if known
                    .or_else(|| more.get(&setting.key.value))
                    .is_some_and(|known| known.deals)
                {
                    out.push(dealt(setting)?);
                }
            }
        }
    }
    Some(())
}

fn dealt(setting: &Setting) -> Option<(Span, IpAddr, u128)> {
    let Value::Word(word) = &setting.value else {
        return None;
    };
    match value::parse(Type::Range, &word.value) {
        Ok(Val::Range(range)) => Some((word.span, range.first, range.count())),
        _ => match value::parse(Type::Address, &word.value) {
            Ok(Val::Address(address)) => Some((word.span, address, 1)),
            _ => None,
        },
    }
}

/// `a..b`, or `a` alone.
fn run(first: IpAddr, count: u128) -> Option<String> {
    match count {
        0 => None,
        1 => Some(first.to_string()),
        _ => Some(format!("{first}..{}", value::further(first, count - 1)?)),
    }
}

/// `node[02-04,07]`, or `node02`.
fn label(stem: &str, ranges: &[LabelRange]) -> String {
    let number = |number: u64, width: usize| format!("{number:0width$}");
    if let [one] = ranges
        && one.first == one.last
    {
        return format!("{stem}{}", number(one.first, one.width));
    }
    let piece = |range: &LabelRange| match range.first == range.last {
        true => number(range.first, range.width),
        // The last number keeps its own zeros: it is padded to the width of the first.
        false => format!(
            "{}-{}",
            number(range.first, range.width),
            number(range.last, range.width)
        ),
    };
    let pieces: Vec<String> = ranges.iter().map(piece).collect();
    format!("{stem}[{}]", pieces.join(","))
}

/// The ranges of the first so many nodes, and those of the rest.
fn divided(ranges: &[LabelRange], at: u64) -> (Vec<LabelRange>, Vec<LabelRange>) {
    let (mut before, mut after) = (Vec::new(), Vec::new());
    let mut left = at;
    for range in ranges {
        let count = range.last - range.first + 1;
        if left >= count {
            before.push(range.clone());
        } else if left == 0 {
            after.push(range.clone());
        } else {
            before.push(LabelRange {
                last: range.first + left - 1,
                ..range.clone()
            });
            after.push(LabelRange {
                first: range.first + left,
                ..range.clone()
            });
        }
        left = left.saturating_sub(count);
    }
    (before, after)
}

/// In the middle, and after the first node.
fn split(at: &Place<'_>, node: &Block) -> Vec<Action> {
    let Some(shape) = Shape::of(at, node) else {
        return Vec::new();
    };
    let count = shape.count();
    let mut places = vec![count / 2];
    if count > 3 {
        places.push(1);
    }
    places
        .into_iter()
        .filter_map(|place| split_at(at, &shape, place))
        .collect()
}

fn split_at(at: &Place<'_>, shape: &Shape<'_>, place: u64) -> Option<Action> {
    let count = shape.count();
    (0 < place && place < count).then_some(())?;
    let (before, after) = divided(&shape.ranges, place);
    let names = [label(&shape.stem, &before), label(&shape.stem, &after)];
    let place = u128::from(place);
    let mut values = [Vec::new(), Vec::new()];
    for (_, first, many) in &shape.dealt {
        // A value for each node, or this could not be divided.
        (*many == u128::from(count)).then_some(())?;
        values[0].push(run(*first, place)?);
        values[1].push(run(value::further(*first, place)?, many - place)?);
    }
    let indent = at.indent(shape.block.span)?;
    let end = shape.block.span.end as usize;
    let rest = at.view.text()[end..].lines().next().unwrap_or("");
    rest.trim().is_empty().then_some(())?;
    let newline = at.newline();
    let [one, other] = &names;
    let text = format!(
        "{}{newline}{newline}{indent}{}",
        shape.written(at, one, &values[0]),
        shape.written(at, other, &values[1]),
    );
    Some(action(
        format!("split into `{one}` and `{other}`"),
        ActionKind::Rewrite,
        vec![(shape.block.span, text)],
    ))
}

/// With the next block of the file.
fn join(at: &Place<'_>, node: &Block) -> Option<Action> {
    let items = &at.view.page.document.items;
    let own = items
        .iter()
        .position(|item| matches!(item, Item::Block(block) if std::ptr::eq(block, node)))?;
    let Item::Block(next) = items.get(own + 1)? else {
        return None;
    };
    (next.kind.value == "node").then_some(())?;
    let between = at
        .view
        .text()
        .get(node.span.end as usize..next.span.start as usize)?;
    between.trim().is_empty().then_some(())?;
    let (one, other) = (Shape::of(at, node)?, Shape::of(at, next)?);
    // Apart from names and addresses, comments included, they are the same.
    let blank = |shape: &Shape<'_>| shape.written(at, "", &vec![String::new(); shape.dealt.len()]);
    (one.stem == other.stem && blank(&one) == blank(&other)).then_some(())?;
    let mut values = Vec::new();
    for ((_, first, many), (_, then, more)) in one.dealt.iter().zip(&other.dealt) {
        let whole = u128::from(one.count()) == *many && u128::from(other.count()) == *more;
        (whole && value::further(*first, *many)? == *then).then_some(())?;
        values.push(run(*first, many + more)?);
    }
    let names: Vec<String> = one.names().into_iter().chain(other.names()).collect();
    let ranges = together(&one.stem, &one.ranges, &other.ranges);
    (expanded(&one.stem, &ranges) == names).then_some(())?;
    let label = label(&one.stem, &ranges);
    let text = one.written(at, &label, &values);
    Some(action(
        format!("join with the next block to `{label}`"),
        ActionKind::Rewrite,
        vec![(node.span.to(next.span), text)],
    ))
}

/// The ranges of both; the last of the one and the first of the other as one if the names are the same.
fn together(stem: &str, one: &[LabelRange], other: &[LabelRange]) -> Vec<LabelRange> {
    let mut all = one.to_vec();
    let mut rest = other;
    if let ([.., last], [first, more @ ..]) = (one, other)
        && last.last.checked_add(1) == Some(first.first)
    {
        let whole = LabelRange {
            last: first.last,
            ..last.clone()
        };
        let both = [last.clone(), first.clone()];
        if expanded(stem, std::slice::from_ref(&whole)) == expanded(stem, &both) {
            all.pop();
            all.push(whole);
            rest = more;
        }
    }
    all.extend(rest.iter().cloned());
    all
}
