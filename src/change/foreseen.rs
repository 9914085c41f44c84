//! What a change of files would mean, before there is one: what `pikc diff` would say of them.

use std::collections::BTreeMap;

use super::fields::kinds;
use super::rules::Rules;
use super::trees::known_as;
use super::{Consequence, Step, group};
use crate::Analysis;
use crate::render::{Entry, File, Rendered};

/// Files whose change has the same consequence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Foreseen {
    /// What it means for a cluster that runs.
    pub consequence: Consequence,
    /// The files, by their paths in the output.
    pub files: Vec<String>,
    /// The same without the folders of classes and machines, each once.
    pub names: Vec<String>,
    /// If it depends on the field of a file that changes: the fields that have this consequence, with the kind of their document. Empty if
    /// it is the consequence of all that no other names.
    pub fields: Vec<String>,
}

/// What a change of each of these files of the tree would mean, the worst first.
pub fn foreseen<'a>(
    analysis: &Analysis,
    rendered: &Rendered,
    paths: impl IntoIterator<Item = &'a str>,
) -> Vec<Foreseen> {
    let rules = Rules::read(analysis);
    let mut found: BTreeMap<String, Foreseen> = BTreeMap::new();
    for path in paths {
        let Some(Entry::File(file)) = rendered.entries().get(path) else {
            continue;
        };
        let name = known_as(path);
        for (applies, field) in of_file(&rules, name, file) {
            let one = found.entry(applies.clone()).or_insert_with(|| Foreseen {
                consequence: rules.consequence(&applies),
                files: Vec::new(),
                names: Vec::new(),
                fields: Vec::new(),
            });
            if one.files.last().is_none_or(|last| last != path) {
                one.files.push(path.to_owned());
                if !one.names.iter().any(|known| known == name) {
                    one.names.push(name.to_owned());
                }
            }
            if field
                .as_ref()
                .is_some_and(|field| !one.fields.contains(field))
            {
                one.fields.extend(field);
            }
        }
    }
    let mut found: Vec<Foreseen> = found.into_values().collect();
    found.sort_by_key(|one| std::cmp::Reverse(group::urgency(&one.consequence)));
    found
}

/// The names of the consequences that a change of a file can have, each with the field that has it; without one if it is that of the rest.
fn of_file(rules: &Rules, name: &str, file: &File) -> Vec<(String, Option<String>)> {
    let whole = (rules.of_file(name, Step::Changed).to_owned(), None);
    // What is in a file that only root may read is not compared by fields.
    let text = match file.mode & 0o077 {
        0 => None,
        _ => file.content.text().filter(|_| name.ends_with(".yaml")),
    };
    let Some(kinds) = text.and_then(|text| kinds(&text)) else {
        return vec![whole];
    };
    let mut out = Vec::new();
    let mut covered = true;
    for kind in &kinds {
        let fields = rules.fields(name, kind);
        covered &= fields.iter().any(|(field, _)| field == kind);
        let named = fields.into_iter();
        out.extend(named.map(|(field, applies)| (applies.to_owned(), Some(field.to_owned()))));
    }
    if !covered || out.is_empty() {
        out.push(whole);
    }
    out
}
