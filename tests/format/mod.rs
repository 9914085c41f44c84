//! The layout of `pikc fmt`: each rule, and what must hold of any text.

mod any;
mod kept;
mod page;
mod typing;

use pikc::ast;
use pikc::format::{changes, format};
use pikc::source::FileId;
use pikc::syntax::{self, SyntaxKind};

/// What a text says, without its places: its document, and the codes of what is wrong with it.
fn meaning(text: &str) -> (String, Vec<&'static str>) {
    let parsed = syntax::parse(FileId(0), text);
    let mut problems = parsed.problems;
    let document = ast::lower(&parsed.tree, FileId(0), text, &mut problems);
    let codes = problems.iter().map(|one| one.descriptor.code).collect();
    (without_places(&format!("{document:?}")), codes)
}

/// Debug output without its spans.
fn without_places(text: &str) -> String {
    let mut parts = text.split("Span { ");
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        out.push_str(part.split_once('}').map_or("", |(_, rest)| rest));
    }
    out
}

/// The pieces of a text that have to stay: all but white space and commas.
fn pieces(text: &str) -> Vec<String> {
    let tree = syntax::parse(FileId(0), text).tree;
    let layout = |kind| {
        matches!(
            kind,
            SyntaxKind::Space | SyntaxKind::Newline | SyntaxKind::Bom | SyntaxKind::Comma
        )
    };
    let leaves = tree.leaves().into_iter().filter(|leaf| !layout(leaf.kind));
    leaves
        .map(|leaf| leaf.text(text).replace("\r\n", "\n").trim_end().to_owned())
        .collect()
}

/// What is wrong with how a text is formatted; nothing if all is well.
fn wrong(text: &str) -> Option<String> {
    let new = format(text);
    let again = format(&new);
    let mut changed = text.to_owned();
    for change in changes(text).into_iter().rev() {
        changed.replace_range(change.range, &change.text);
    }
    let what = if again != new {
        format!("formatted twice it is\n{again}")
    } else if changed != new {
        format!("the changes lead to\n{changed}")
    } else if pieces(text) != pieces(&new) {
        "a piece is lost or new".to_owned()
    } else if meaning(text) != meaning(&new) {
        "it means something else".to_owned()
    } else {
        return None;
    };
    Some(format!("{what}\n--- before:\n{text}\n--- after:\n{new}"))
}
