//! What in a file can be followed: the files that `use` and settings name, the codes that `allow` names, and web addresses in comments and strings.

use camino::Utf8Path;

use super::known;
use super::names::{Mention, NameKind, Names};
use super::project::{Project, View};
use crate::ast::{Block, Item, Setting, Value};
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
    named(view, None, &view.page.document.items, &mut found);
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

/// The codes that blocks name by their labels, and the files that settings name.
fn named(view: &View<'_>, parent: Option<&Block>, items: &[Item], out: &mut Vec<Link>) {
    for item in items {
        match item {
            Item::Setting(setting) => out.extend(file(view, parent, setting)),
            Item::Block(block) => {
                out.extend(code(view, block));
                named(view, Some(block), &block.items, out);
            }
        }
    }
}

fn code(view: &View<'_>, block: &Block) -> Option<Link> {
    let schema = view.project.block_schema(&block.kind.value)?;
    let label = block.label.as_ref()?;
    let is_code = schema.label == LabelRule::Typed(Type::Code);
    Some(Link {
        span: label.name.span,
        to: LinkTarget::Code(is_code.then(|| known::code(&label.name.value))??),
    })
}

/// What a setting names is relative to the main file, unlike what `use` names.
fn file(view: &View<'_>, parent: Option<&Block>, setting: &Setting) -> Option<Link> {
    let parent = parent?;
    let schema = view.project.block_schema(&parent.kind.value)?;
    let name = &setting.key.value;
    let options = view.project.options(parent);
    let known = schema.settings.get(name).or_else(|| options.get(name))?;
    if known.ty != Type::Path {
        return None;
    }
    let path = match &setting.value {
        Value::Word(word) => word.value.clone(),
        Value::Text(text) => text.literal()?,
        Value::List(..) | Value::Poisoned(_) => return None,
    };
    // A folder cannot be opened as a document.
    Utf8Path::new(&path).extension()?;
    let (_, main) = view.project.analysis.sources.files().next()?;
    let path = used_path(Utf8Path::new(&main.name), &path);
    Some(Link {
        span: setting.value.span(),
        to: LinkTarget::File(path.into_string()),
    })
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
