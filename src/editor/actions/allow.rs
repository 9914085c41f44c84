//! An `allow` for a warning, where it silences just that.

use super::edit::Place;
use super::{Action, ActionKind, Ask};
use crate::ast::Block;
use crate::diagnostic::{Diagnostic, Edit, Reach, Severity};
use crate::editor::fix_all::Texts;
use crate::source::Span;
use crate::syntax::settled_edit;

/// What to write in place of a reason; the person who allows something knows it.
const REASON: &str = "why this is fine here";

/// For each warning in the range, an `allow` in the smallest block where it works: a node or a profile, else the top level.
pub fn offered(at: &Place<'_>, ask: Ask<'_>) -> Vec<Action> {
    let mut found: Vec<Action> = Vec::new();
    for finding in at.view.project.analysis.diagnostics.iter() {
        let main = finding.span().filter(|span| at.touches(*span));
        let (Severity::Warning, Some(span)) = (finding.severity, main) else {
            continue;
        };
        if finding.descriptor.code.starts_with("allow/") {
            continue;
        }
        let line = format!(
            "allow {} {{ reason = \"{REASON}\" }}",
            finding.descriptor.code
        );
        let inner = inside(at, span, &line).filter(|(_, edit)| silences(at, finding, edit, ask));
        let offer = inner.or_else(|| {
            let edit = at_top(at, &line);
            silences(at, finding, &edit, ask).then(|| ("in the whole spec".to_owned(), edit))
        });
        let Some((place, edit)) = offer else { continue };
        let title = format!("allow {} {place}", finding.descriptor.code);
        let settles = (finding.descriptor.code, span);
        match found.iter_mut().find(|other| other.title == title) {
            Some(other) => other.settles.push(settles),
            None => found.push(Action {
                title,
                kind: ActionKind::Allow,
                certain: false,
                settles: vec![settles],
                edits: vec![edit],
            }),
        }
    }
    found
}

/// In the block of machines with the place.
fn inside(at: &Place<'_>, span: Span, line: &str) -> Option<(String, (Span, String))> {
    let allows = at.view.project.block_schema("allow")?;
    let blocks = at.view.page.document.blocks();
    let holds = |block: &&Block| block.span.start <= span.start && span.end <= block.span.end;
    let block = blocks.into_iter().find(holds)?;
    allows.parents.contains(&block.kind.value).then_some(())?;
    let edit = Edit {
        span: block.head(),
        replacement: line.to_owned(),
        reach: Reach::Inside,
    };
    let edit = settled_edit(&at.view.project.analysis.sources, &edit)?;
    let place = format!("in `{}`", at.text(block.head()));
    Some((place, (edit.span, edit.replacement)))
}

/// Before the first block of the file, after what it uses.
fn at_top(at: &Place<'_>, line: &str) -> (Span, String) {
    let text = at.view.text();
    let end = text.len();
    let newline = at.newline();
    let before = match text.is_empty() || text.ends_with('\n') {
        true => "",
        false => newline,
    };
    let place = at.view.span(end, end);
    (place, format!("{before}{newline}{line}{newline}"))
}

/// Whether the finding is gone after the edit and nothing else is reported in its place.
fn silences(at: &Place<'_>, finding: &Diagnostic, edit: &(Span, String), ask: Ask<'_>) -> bool {
    let file = at.view.project.analysis.sources.file(edit.0.file);
    let mut text = file.text.to_string();
    text.replace_range(edit.0.start as usize..edit.0.end as usize, &edit.1);
    let texts = Texts::from([(file.name.clone(), text)]);
    let Some(after) = ask(&texts) else {
        return false;
    };
    let before = &at.view.project.analysis.diagnostics;
    let same = |one: &&Diagnostic| {
        one.descriptor.code == finding.descriptor.code && one.message == finding.message
    };
    let gone = after.diagnostics.iter().filter(same).count() < before.iter().filter(same).count();
    gone && after.diagnostics.iter().count() < before.iter().count()
}
