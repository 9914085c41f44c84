//! A new name for something, in every place that uses it.

use std::collections::BTreeSet;

use super::names::{Form, Mention, NameKind, Names};
use super::project::{Project, View};
use crate::ast::{Label, LabelRange};
use crate::schema::LabelRule;
use crate::source::Span;
use crate::value::{self, Type};

/// No label stands for more names than this.
const MOST: u64 = 20_000;

/// What can be renamed at a place, and its present name; or why nothing can.
pub fn prepare_rename(view: &View<'_>, offset: usize) -> Result<(Span, String), String> {
    let names = Names::of(view.project);
    let (one, places) = renamable(view, &names, offset)?;
    let (span, name) = places
        .into_iter()
        .find(|(span, _)| {
            span.start <= one.span.start && one.span.start <= span.end && span.file == one.span.file
        })
        .ok_or("the name is not written here")?;
    Ok((span, name))
}

/// The edits that rename what stands at a place; or why it cannot get this name.
pub fn rename(view: &View<'_>, offset: usize, new: &str) -> Result<Vec<(Span, String)>, String> {
    let names = Names::of(view.project);
    let (one, places) = renamable(view, &names, offset)?;
    let definitions = names.definitions(one);
    for label in definitions.iter().filter_map(|found| found.label()) {
        fits_label(view.project, &one.kind, label, new)?;
    }
    fits(view.project, &names, one, new)?;
    if places.iter().all(|(_, name)| name == new) {
        return Ok(Vec::new());
    }
    free(&names, one, &definitions, new)?;
    let edits = places.into_iter().map(|(span, _)| (span, new.to_owned()));
    Ok(edits.collect())
}

/// The places to change, each with the text that is there.
type Places = Vec<(Span, String)>;

/// What stands at a place, and the places to change, each with the text that is there.
fn renamable<'n, 'a>(
    view: &View<'_>,
    names: &'n Names<'a>,
    offset: usize,
) -> Result<(&'n Mention<'a>, Places), String> {
    let one = names
        .at(view, offset)
        .ok_or("only names that the spec defines can be renamed")?;
    match &one.kind {
        NameKind::Library(_) => return Err(format!("`{}` is in the standard library", one.name)),
        NameKind::File => return Err("a file is renamed on the disk".to_owned()),
        NameKind::Block(_) | NameKind::Constant | NameKind::Secret => {}
    }
    let definitions = names.definitions(one);
    if definitions.is_empty() && one.kind != NameKind::Secret {
        return Err(format!("nothing defines `{}`", one.name));
    }
    let stem = definitions
        .iter()
        .filter_map(|found| found.label())
        .find(|label| label.ranges.is_some())
        .map(|label| label.name.value.clone());
    let mut places = Vec::new();
    for found in names.same(one) {
        if found.form != Form::Plain {
            return Err(format!(
                "`{}` is not written as it is at {}",
                found.name,
                place(view.project, found.span)
            ));
        }
        if let Some(constant) = &found.via {
            other_uses(view.project, names, found, constant)?;
        }
        places.push(match &stem {
            Some(stem) => (found.span.part(0, stem.len()), stem.clone()),
            None => (found.span, found.name.clone()),
        });
    }
    Ok((one, places))
}

/// A constant that also stands for something else cannot change.
fn other_uses(
    project: &Project,
    names: &Names<'_>,
    found: &Mention<'_>,
    constant: &str,
) -> Result<(), String> {
    let kinds: BTreeSet<&NameKind> = names
        .all
        .iter()
        .filter(|one| one.via.as_deref() == Some(constant) && one.span == found.span)
        .map(|one| &one.kind)
        .collect();
    let settings = names.uses_of_constant(constant).count();
    let named = names.naming_uses(constant);
    if kinds.len() > 1 || settings > named {
        return Err(format!(
            "the constant `{constant}` at {} stands for other things, too",
            place(project, found.span)
        ));
    }
    Ok(())
}

/// `cluster.pik:12`
fn place(project: &Project, span: Span) -> String {
    let sources = &project.analysis.sources;
    format!(
        "{}:{}",
        sources.file(span.file).name,
        sources.start(span).line
    )
}

/// Whether a label can have this name before its brackets.
fn fits_label(project: &Project, kind: &NameKind, label: &Label, new: &str) -> Result<(), String> {
    let NameKind::Block(of) = kind else {
        return Ok(());
    };
    let Some(schema) = project.block_schema(of) else {
        return Ok(());
    };
    let ty = match schema.label {
        LabelRule::Typed(ty) => ty,
        LabelRule::Range => Type::Label,
        LabelRule::None | LabelRule::Text | LabelRule::Reference(_) => Type::Name,
    };
    for name in samples(label, new) {
        check(ty, &name)?;
    }
    Ok(())
}

/// The name itself; for a label with ranges, the first and the last name of each.
fn samples(label: &Label, stem: &str) -> Vec<String> {
    let Some(ranges) = &label.ranges else {
        return vec![stem.to_owned()];
    };
    let ends = ranges.value.iter().flat_map(|range| {
        let width = range.width;
        [range.first, range.last].map(|number| format!("{stem}{number:0width$}"))
    });
    ends.collect()
}

fn fits(project: &Project, names: &Names<'_>, one: &Mention<'_>, new: &str) -> Result<(), String> {
    if new.is_empty() {
        return Err("a name needs at least one character".to_owned());
    }
    match one.kind {
        NameKind::Secret => check(Type::Secret, &format!("secret:{new}")),
        NameKind::Constant => {
            let keys = project
                .schema
                .blocks
                .values()
                .find(|block| block.open == Some(Type::Any))
                .map_or(Type::Name, |block| block.keys);
            check(keys, new)?;
            let in_string = names
                .uses_of_constant(&one.name)
                .any(|found| in_braces(project, found.span));
            match in_string && !is_variable(new) {
                true => Err(format!(
                    "`${{{new}}}` cannot be written in a string: a name there begins with a letter and has letters, digits, `-` and `_`"
                )),
                false => Ok(()),
            }
        }
        NameKind::Block(_) | NameKind::Library(_) | NameKind::File => Ok(()),
    }
}

/// Whether a name is written as `${name}`.
fn in_braces(project: &Project, span: Span) -> bool {
    let text = &project.analysis.sources.file(span.file).text;
    let before = text.get(..span.start as usize).unwrap_or("");
    before.ends_with("${")
}

/// Whether `${name}` stands for a constant of this name wherever it is written.
fn is_variable(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_alphabetic())
        && name
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_'))
        && !matches!(name, "name" | "index")
}

fn check(ty: Type, name: &str) -> Result<(), String> {
    match value::parse(ty, name) {
        Ok(_) => Ok(()),
        Err(bad) => Err(format!("`{}` {}", name.escape_debug(), bad.why)),
    }
}

/// Whether nothing else has this name.
fn free(
    names: &Names<'_>,
    one: &Mention<'_>,
    definitions: &[&Mention<'_>],
    new: &str,
) -> Result<(), String> {
    let taken = |name: &str| Err(format!("there is another `{name}`"));
    let own = |other: &Mention<'_>| definitions.iter().any(|known| known.span == other.span);
    if one.kind == NameKind::Secret {
        let met = names
            .all
            .iter()
            .any(|other| other.kind == one.kind && other.name == new);
        return match met {
            true => taken(&format!("secret:{new}")),
            false => Ok(()),
        };
    }
    let near = names.near(one, new);
    let others: Vec<&Mention<'_>> = names
        .all
        .iter()
        .filter(|other| other.kind == one.kind && !own(other))
        .filter(|other| {
            let owner = other.owner;
            near.as_ref()
                .is_none_or(|near| owner.is_some_and(|owner| near.contains(&owner)))
        })
        .collect();
    for label in definitions.iter().filter_map(|found| found.label()) {
        if let Some(ranges) = &label.ranges
            && let Some(met) = others
                .iter()
                .find_map(|other| meets(other, new, ranges.value.as_slice()))
        {
            return taken(&met);
        }
    }
    let single = definitions
        .iter()
        .any(|found| found.label().is_none_or(|label| label.ranges.is_none()));
    // A use without a definition would come to mean this, too.
    match single && others.iter().any(|other| other.holds(new)) {
        true => taken(new),
        false => Ok(()),
    }
}

/// The first name that a label with this stem and ranges shares with another mention.
fn meets(other: &Mention<'_>, stem: &str, ranges: &[LabelRange]) -> Option<String> {
    let name = |number: u64, width: usize| format!("{stem}{number:0width$}");
    let theirs = other
        .label()
        .and_then(|label| Some((label, label.ranges.as_ref()?)));
    let Some((label, theirs)) = theirs else {
        let number = other.name.strip_prefix(stem)?.parse::<u64>().ok()?;
        let here = |range: &&LabelRange| {
            (range.first..=range.last).contains(&number) && name(number, range.width) == other.name
        };
        return ranges.iter().find(here).map(|_| other.name.clone());
    };
    // Two stems can share names only if one begins with the other: `a[10-12]` and `a1[0-2]`.
    let known = label.name.value.as_str();
    let rest = known
        .strip_prefix(stem)
        .or_else(|| stem.strip_prefix(known))?;
    rest.bytes()
        .all(|byte| byte.is_ascii_digit())
        .then_some(())?;
    ranges
        .iter()
        .flat_map(|range| {
            let last = range.last.min(range.first.saturating_add(MOST));
            (range.first..=last).map(|number| name(number, range.width))
        })
        .find(|name| !theirs.value.is_empty() && other.holds(name))
}
