//! A block on one line, or on several.

use super::edit::{Place, action};
use super::{Action, ActionKind};
use crate::ast::Block;
use crate::editor::project::item_span;
use crate::source::Span;

/// The longest line that blocks are joined to, in characters.
const LONGEST: usize = 100;

/// How far the inside of a block is indented.
const STEP: &str = "  ";

/// To write the innermost block with the range the other way.
pub fn offered(at: &Place<'_>) -> Option<Action> {
    let block = *at.around().last()?;
    match at.has_lines(block) {
        false => expand(at, block),
        true => join(at, block),
    }
}

/// From the opening brace to the end of the block.
fn braces(block: &Block, text: &str) -> Option<Span> {
    let head = (block.head().end - block.span.start) as usize;
    let open = text.get(head..)?.find('{')?;
    Some(block.span.part(head + open, block.span.len()))
}

/// A block on a line of its own, without comments, becomes one of lines.
fn expand(at: &Place<'_>, block: &Block) -> Option<Action> {
    let text = at.text(block.span);
    // A list can go over several lines, with comments; its own lines would have the wrong indentation.
    if block.items.is_empty() || text.contains(['\n', '\r']) {
        return None;
    }
    let indent = at.indent(block.span)?;
    let newline = at.newline();
    let items: String = block
        .items
        .iter()
        .map(|item| format!("{indent}{STEP}{}{newline}", at.text(item_span(item))))
        .collect();
    let edit = (
        braces(block, text)?,
        format!("{{{newline}{items}{indent}}}"),
    );
    Some(action(
        "write the block on several lines",
        ActionKind::Rewrite,
        vec![edit],
    ))
}

/// A block of short lines without comments becomes one line.
fn join(at: &Place<'_>, block: &Block) -> Option<Action> {
    let text = at.text(block.span);
    let span = braces(block, text)?;
    let pieces: Vec<&str> = block
        .items
        .iter()
        .map(|item| at.text(item_span(item)))
        .collect();
    if pieces.is_empty() || pieces.iter().any(|piece| piece.contains(['\n', '\r'])) {
        return None;
    }
    // Aligned signs have no reason on one line.
    let pieces: Vec<String> = block
        .items
        .iter()
        .zip(&pieces)
        .map(|(item, piece)| match item {
            crate::ast::Item::Setting(setting) => {
                let key = setting.key.span;
                let value = setting.value.span();
                format!("{} = {}", at.text(key), at.text(value))
            }
            crate::ast::Item::Block(_) => (*piece).to_owned(),
        })
        .collect();
    let joined = format!("{{ {} }}", pieces.join(", "));
    let left: usize = pieces.iter().map(String::len).sum();
    // Whatever else is between the braces is a comment.
    let inside = at
        .text(span)
        .lines()
        .any(|line| has_comment(block, at, line));
    let start = at.line_start(block.span.start as usize);
    let head = at.view.text().get(start..span.start as usize)?;
    let fits = head.chars().count() + joined.chars().count() <= LONGEST && left > 0;
    (fits && !inside).then(|| {
        action(
            "write the block on one line",
            ActionKind::Rewrite,
            vec![(span, joined)],
        )
    })
}

/// Whether a line of a block has a comment: a `#` outside the block's settings and blocks.
fn has_comment(block: &Block, at: &Place<'_>, line: &str) -> bool {
    let start = line.as_ptr() as usize - at.view.text().as_ptr() as usize;
    line.match_indices('#').any(|(found, _)| {
        let place = start + found;
        !block.items.iter().any(|item| {
            let span = item_span(item);
            (span.start as usize..span.end as usize).contains(&place)
        })
    })
}
