//! The edits that findings carry.

use super::edit::Place;
use super::{Action, ActionKind};
use crate::diagnostic::Diagnostic;

/// The fixes of every finding with a place in the range.
pub fn offered(at: &Place<'_>) -> Vec<Action> {
    let mut found: Vec<Action> = Vec::new();
    for finding in at.view.project.analysis.diagnostics.iter() {
        if !touches(at, finding) {
            continue;
        }
        let certain = finding.certain_fix();
        for fix in &finding.fixes {
            let own = fix.edits.iter().all(|edit| !edit.span.file.is_library());
            if fix.edits.is_empty() || !own {
                continue;
            }
            let settles = finding.span().map(|span| (finding.descriptor.code, span));
            let edits = fix.edits.iter();
            let action = Action {
                title: fix.title.clone(),
                kind: ActionKind::Fix,
                certain: certain.is_some_and(|certain| std::ptr::eq(certain, fix)),
                settles: settles.into_iter().collect(),
                edits: edits
                    .map(|edit| (edit.span, edit.replacement.clone()))
                    .collect(),
            };
            // Two findings can ask for the same.
            match found
                .iter_mut()
                .find(|other| other.title == action.title && other.edits == action.edits)
            {
                Some(other) => other.settles.extend(action.settles),
                None => found.push(action),
            }
        }
    }
    found
}

/// Whether a finding has a place in the range, whatever role it plays.
pub fn touches(at: &Place<'_>, finding: &Diagnostic) -> bool {
    finding.labels.iter().any(|label| at.touches(label.span))
}
