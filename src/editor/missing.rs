//! The edit "add the missing settings": the settings that a block must have and does not have.

use super::complete::{Asking, settings_to_write};
use super::inherited;
use super::project::View;
use super::scan::{Mark, pieces};
use super::standing::{Spot, Standing};
use crate::diagnostic::{Certainty, Edit, Fix, Reach};

/// The edit that adds the missing required settings to the innermost block at a byte of a file, or to the block whose head is
/// there; none if nothing is missing. A value that pikc can work out is written, else the example of the setting: it has to be read.
pub fn missing_settings(view: &View<'_>, offset: usize) -> Option<Fix> {
    let text = view.text();
    let standing = Standing::at(text, offset);
    // A cursor on the head of a block means that block.
    let on_head = match &standing.spot {
        Spot::Label(kind) => view.project.block_schema(kind).is_some(),
        Spot::Item => matches!(standing.next, Some(Mark::Open | Mark::Word | Mark::Text)),
        Spot::Value { .. } | Spot::Nowhere => false,
    };
    let start = match on_head {
        true => standing.word.0,
        false => standing.around.last()?.start,
    };
    let line = text.get(start..)?.lines().next()?;
    let brace = pieces(line)
        .into_iter()
        .find(|piece| piece.mark == Mark::Open);
    let open = start + brace?.end;
    let inside = Standing::at(text, open);
    let head = inside.around.last()?.clone();
    let names = inside.settings.get("profile").cloned().unwrap_or_default();
    let inherited = inherited::settings(view.project, &names);
    // A word right behind the brace is where the question stands.
    let first = text.get(inside.word.0..inside.word.1);
    let mut asking = Asking::about(view, inside.clone(), open);
    let declared = asking.declared()?;
    let lines = settings_to_write(&mut asking, &declared, |name| {
        inside.settings.contains_key(name) || inherited.contains(name) || first == Some(name)
    });
    if lines.is_empty() {
        return None;
    }
    let lines: Vec<String> = lines.iter().map(super::Snippet::plain).collect();
    let empty = text
        .get(open..)?
        .trim_start_matches([' ', '\t'])
        .starts_with('}');
    let replacement = match (inside.one_line, empty) {
        (true, true) => format!(" {} ", lines.join(", ")),
        (true, false) => format!(" {},", lines.join(", ")),
        (false, _) => {
            let start = text[..head.start].rfind('\n').map_or(0, |at| at + 1);
            let indent: String = text[start..]
                .chars()
                .take_while(|sign| matches!(sign, ' ' | '\t'))
                .collect();
            let lines = lines.iter().map(|line| format!("\n{indent}  {line}"));
            lines.collect()
        }
    };
    // On a block made of lines, behind a comment that may follow the brace.
    let at = match inside.one_line {
        true => open,
        false => text[open..].find('\n').map_or(text.len(), |end| open + end),
    };
    let end = match inside.one_line && empty {
        true => text[open..].find('}').map_or(at, |end| open + end),
        false => at,
    };
    Some(Fix {
        certainty: Certainty::Choice,
        title: "add the missing settings".to_owned(),
        edits: vec![Edit {
            span: view.span(at, end),
            replacement,
            reach: Reach::Span,
        }],
    })
}
