//! What in a file can be followed: the files that `use` names, the codes that `allow` names, and web addresses in comments and strings.

use camino::Utf8Path;

use super::known::code;
use super::names::{Mention, NameKind, Names};
use super::project::{Project, View};
use crate::ast::Item;
use crate::diagnostic::Descriptor;
use crate::model::used_path;
use crate::schema::LabelRule;
use crate::source::{FileId, Span};
use crate::syntax::SyntaxKind;
use crate::value::Type;

/// A piece of text that leads somewhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// The text.
    pub span: Span,
    /// Where it leads.
    pub to: LinkTarget,
}

/// Where a link leads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LinkTarget {
    /// To a file, by the name that reports show for it. It need not exist.
    File(String),
    /// To the explanation of a code.
    Code(&'static Descriptor),
    /// To a web page.
    Web(String),
}

/// The links of a file, in order.
pub fn links(view: &View<'_>) -> Vec<Link> {
    let names = Names::of(view.project);
    let mut found: Vec<Link> = names
        .all
        .iter()
        .filter(|one| one.kind == NameKind::File && one.span.file == view.page.file)
        .map(|one| Link {
            span: one.span,
            to: LinkTarget::File(path(view.project, one)),
        })
        .collect();
    codes(view, &view.page.document.items, &mut found);
    for leaf in view.page.tree.leaves() {
        if matches!(
            leaf.kind,
            SyntaxKind::Comment | SyntaxKind::Text | SyntaxKind::LongText | SyntaxKind::Word
        ) {
            let at = leaf.start as usize;
            web(view, leaf.text(view.text()), at, &mut found);
        }
    }
    found.sort_by_key(|link| (link.span.start, link.span.end));
    found.dedup_by_key(|link| link.span);
    found
}

/// The codes that blocks name by their labels.
fn codes(view: &View<'_>, items: &[Item], out: &mut Vec<Link>) {
    for item in items {
        let Item::Block(block) = item else { continue };
        let schema = view.project.block_schema(&block.kind.value);
        let is_code = schema.is_some_and(|schema| schema.label == LabelRule::Typed(Type::Code));
        if let Some(label) = block.label.as_ref().filter(|_| is_code)
            && let Some(code) = code(&label.name.value)
        {
            out.push(Link {
                span: label.name.span,
                to: LinkTarget::Code(code),
            });
        }
        codes(view, &block.items, out);
    }
}

/// Web addresses in a piece of text that begins at a byte of the file.
fn web(view: &View<'_>, text: &str, at: usize, out: &mut Vec<Link>) {
    let mut from = 0;
    while let Some(sign) = text[from..].find("://").map(|found| found + from) {
        let scheme = text[..sign]
            .rfind(|c: char| !c.is_ascii_alphabetic())
            .map_or(0, |before| {
                before + text[before..].chars().next().map_or(1, char::len_utf8)
            });
        let rest = &text[sign + 3..];
        let length = rest
            .find(|c: char| c.is_whitespace() || "\"'<>()[]{}`,\\$".contains(c))
            .unwrap_or(rest.len());
        let length = rest[..length]
            .trim_end_matches(['.', ';', ':', '!', '?'])
            .len();
        let end = sign + 3 + length;
        if length > 0 && matches!(&text[scheme..sign], "http" | "https") {
            out.push(Link {
                span: view.span(at + scheme, at + end),
                to: LinkTarget::Web(text[scheme..end].to_owned()),
            });
        }
        from = end;
    }
}

/// The path of the file that a `use` names.
fn path(project: &Project, one: &Mention<'_>) -> String {
    let from = &project.analysis.sources.file(one.span.file).name;
    used_path(Utf8Path::new(from), &one.name).into_string()
}

/// The file that a `use` names, if it was read.
pub(super) fn used(project: &Project, one: &Mention<'_>) -> Option<FileId> {
    let path = path(project, one);
    let mut files = project.analysis.sources.files();
    files
        .find(|(_, file)| file.name == path || normal(&file.name) == path)
        .map(|(id, _)| id)
}

fn normal(name: &str) -> String {
    used_path(Utf8Path::new(""), name).into_string()
}
