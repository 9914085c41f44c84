//! A value must fit into the file that it is written to. The writers of those files decide that; here they are asked
//! before any file exists.

use crate::ast::Part;
use crate::check::support::findings::Findings;
use crate::declare;
use crate::diagnostic::{Descriptor, Diagnostic};
use crate::file_format::{Refused, Unfit, apt_sources, sysctl, word};
use crate::model::Model;
use crate::origin::Origin;
use crate::schema::{Atom, Content, Entity, Given};
use crate::source::Span;
use crate::value::Val;

declare! {
    /// The types of settings refuse most values that no file can hold. This code reports the rest: a type that accepts
    /// any text, as an option of a CNI from a library folder (`--stdlib DIR`) can have.
    ///
    /// Every file that pikc generates has a format, and every format has values that it cannot hold. A line break in
    /// the value of a kernel setting would end that setting, and the rest would become a second setting that no one
    /// sees in the spec; a mark that reverses the direction of text makes a reviewer read something other than what the
    /// machine does. If a format can hold a value in quotes or with escapes, pikc writes it that way. If it cannot, the
    /// value is refused, and nothing is written.
    ///
    /// With `option note { type = text ... }` in the CNI's block in the library:
    ///
    /// ```pik library fails
    /// cni flannel { note = "one\ntwo" }
    /// ```
    ///
    /// ```pik library
    /// cni flannel { note = "one, two" }
    /// ```
    pub static CANNOT_BE_WRITTEN = {
        code: "value/cannot-be-written",
        since: "0.1.0",
        severity: Error,
        title: "a value that its file cannot hold",
        help: "leave out what the file cannot hold",
        no_edit: "what can be left out of the value depends on what it is for",
        sources: [
            "sysctl.d(5)",
            "sources.list(5)",
            "Unicode Technical Standard 55: Unicode Source Code Handling",
        ],
    }
}

pub(in crate::check) static CODES: &[&Descriptor] = &[&CANNOT_BE_WRITTEN];

/// A value that a writer refused although the rules here accepted it.
pub fn refused(refused: &Refused) -> Diagnostic {
    let mut spans: Vec<Span> = refused
        .origins
        .iter()
        .filter(|origin| origin.is_written())
        .filter_map(Origin::span)
        .collect();
    if spans.is_empty() {
        spans.extend(refused.origins.iter().find_map(Origin::span));
    }
    let finding = Diagnostic::new(&CANNOT_BE_WRITTEN, format!("a value {}", refused.why));
    spans.into_iter().fold(finding, |finding, span| {
        finding.label(span, format!("cannot be written into {}", refused.format))
    })
}

pub(in crate::check) fn check(model: &Model, out: &mut Findings<'_>) {
    for (entity, _) in &model.entities {
        block(entity, out);
    }
    for allow in &model.all_allows {
        if let Some(reason) = &allow.reason
            && let (Err(why), Some(span)) = (word::line(&reason.value), reason.origin.span())
        {
            out.push(finding("reason", &why, span));
        }
    }
}

fn block(entity: &Entity, out: &mut Findings<'_>) {
    for (name, given) in &entity.settings {
        if let Err(why) = key(entity, name) {
            out.push(finding(name, &why, given.key));
            continue;
        }
        for (why, span) in values(entity, name, given) {
            out.push(finding(name, &why, span));
        }
    }
    for inner in &entity.blocks {
        block(inner, out);
    }
}

fn finding(name: &str, why: &Unfit, span: Span) -> Diagnostic {
    let name = crate::file_format::one_line(name);
    Diagnostic::new(&CANNOT_BE_WRITTEN, format!("`{name}` {why}"))
        .label(span, "cannot be written as it is")
}

fn key(entity: &Entity, name: &str) -> Result<(), Unfit> {
    match entity.kind.as_str() {
        "sysctls" => sysctl::key(name).map(drop),
        _ => word::line(name).map(drop),
    }
}

/// Each value of a setting that its file cannot hold.
fn values(entity: &Entity, name: &str, given: &Given) -> Vec<(Unfit, Span)> {
    let mut found = Vec::new();
    let mut look = |atom: &Atom, origin: &Origin| {
        if let (Some(why), Some(span)) = (unfit(entity, name, atom), origin.span()) {
            found.push((why, span));
        }
    };
    match &given.content {
        Content::One(atom) => look(atom, &given.origin),
        Content::Many(items) => items
            .iter()
            .for_each(|item| look(&item.value, &item.origin)),
    }
    found
}

fn unfit(entity: &Entity, name: &str, atom: &Atom) -> Option<Unfit> {
    let fits = match atom {
        Atom::Val(Val::Text(text)) if entity.kind == "sysctls" => sysctl::value(text).map(drop),
        Atom::Val(Val::Text(text)) => text_fits(entity, name, text),
        Atom::Val(Val::Path(path)) => word::line(path.as_str()).map(drop),
        Atom::Val(Val::SshKey(key)) => word::line(&key.comment).map(drop),
        // The first of them goes into apt's sources, the others into commands.
        Atom::Val(Val::Url(url)) if entity.kind == "mirror" => apt_sources::uri(url).map(drop),
        Atom::Template(text, _) => text.parts.iter().try_for_each(|part| match part {
            Part::Literal(text) => word::line(text).map(drop),
            _ => Ok(()),
        }),
        Atom::Val(_) | Atom::Poisoned => Ok(()),
    };
    fits.err()
}

fn text_fits(entity: &Entity, name: &str, text: &str) -> Result<(), Unfit> {
    if (entity.kind.as_str(), name) == ("wifi", "ssid") {
        word::ssid(text)?;
    }
    word::line(text).map(drop)
}
