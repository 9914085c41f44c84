//! From a name to what it stands for, and to every place that uses it.

use super::cursor::{Cursor, Place};
use super::names::{Definition, Mention, NameKind, Names};
use super::project::View;
use crate::diagnostic::Diagnostics;
use crate::schema::TOP;
use crate::source::{FileId, Span};

/// A place that a name leads to; its file can be one of the library.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Target {
    /// The name there, or the head of a block.
    pub span: Span,
    /// All of what is defined.
    pub whole: Span,
}

/// What a mention of a name does there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deed {
    /// It defines the name.
    Defines,
    /// It uses the name.
    Uses,
}

/// Where that which stands at a place is defined: in the spec, in a file that it uses, or in the library.
pub fn definition(view: &View<'_>, offset: usize) -> Vec<Target> {
    let names = Names::of(view.project);
    if let Some(one) = names.at(view, offset) {
        return defined(view, &names, one);
    }
    declared(view, offset).into_iter().collect()
}

fn defined(view: &View<'_>, names: &Names<'_>, one: &Mention<'_>) -> Vec<Target> {
    match &one.kind {
        NameKind::Library(kind) => in_library(view, kind, &one.name).into_iter().collect(),
        NameKind::File => file(view, one).into_iter().collect(),
        NameKind::Block(_) | NameKind::Constant | NameKind::Secret => names
            .definitions(one)
            .into_iter()
            .filter_map(|found| {
                Some(Target {
                    span: match found.defines? {
                        Definition::Block(_, label) => label.span,
                        Definition::Constant(setting) => setting.key.span,
                    },
                    whole: found.defines?.whole(),
                })
            })
            .collect(),
    }
}

/// What the library has under a name. A version names the release that it belongs to.
fn in_library(view: &View<'_>, kind: &str, name: &str) -> Option<Target> {
    let mut library = view.project.analysis.library.clone();
    let mut sources = view.project.analysis.sources.clone();
    // Mistakes in the library were reported when the spec was analyzed.
    let mut known = Diagnostics::default();
    let shorter = name.rsplit_once('.').map(|(shorter, _)| shorter);
    let names = std::iter::once(name).chain(shorter);
    let entity = names
        .filter_map(|name| library.entity(kind, name, &mut sources, &mut known))
        .next()?;
    Some(Target {
        span: entity.head,
        whole: entity.span,
    })
}

/// The beginning of a file that `use` names.
fn file(view: &View<'_>, one: &Mention<'_>) -> Option<Target> {
    let used = super::links::used(view.project, one)?;
    let span = Span::new(used, 0, 0);
    Some(Target { span, whole: span })
}

/// The declaration of a kind or a setting.
fn declared(view: &View<'_>, offset: usize) -> Option<Target> {
    let cursor = Cursor::at(view, offset);
    let span = match cursor.place {
        Place::Kind(block) => view.project.block_schema(&block.kind.value)?.span,
        Place::Key(setting) => {
            let parent = cursor.around.last();
            let kind = parent.map_or(TOP, |block| &block.kind.value);
            let schema = view.project.block_schema(kind)?;
            let name = &setting.key.value;
            match schema.settings.get(name) {
                Some(found) => found.span,
                None => view.project.options(parent?).get(name)?.span,
            }
        }
        Place::Label(..) | Place::Value(..) | Place::Between => return None,
    };
    Some(Target { span, whole: span })
}

/// Every place that stands for the same as the name at a place, in the order of files.
pub fn references(view: &View<'_>, offset: usize, with_definitions: bool) -> Vec<Span> {
    let names = Names::of(view.project);
    let Some(one) = names.at(view, offset) else {
        return Vec::new();
    };
    names
        .same(one)
        .into_iter()
        .filter(|found| with_definitions || found.defines.is_none())
        .map(|found| found.span)
        .collect()
}

/// The same within the file, and what each place does.
pub fn highlight(view: &View<'_>, offset: usize) -> Vec<(Span, Deed)> {
    let names = Names::of(view.project);
    let Some(one) = names.at(view, offset) else {
        return Vec::new();
    };
    let own = |file: FileId| file == view.page.file;
    names
        .same(one)
        .into_iter()
        .filter(|found| own(found.span.file))
        .map(|found| match found.defines {
            Some(_) => (found.span, Deed::Defines),
            None => (found.span, Deed::Uses),
        })
        .collect()
}
