//! Typed values and their origins in the words that people and programs are shown.

use serde_json::{Value, json};

use crate::ast::{self, Item};
use crate::diagnostic::Diagnostics;
use crate::origin::Origin;
use crate::schema::{Atom, Content, Given};
use crate::source::{Sources, Span};
use crate::syntax;
use crate::value::Val;

/// A value as it would be written in a spec.
pub(in crate::cli) fn value(given: &Given) -> String {
    match &given.content {
        Content::One(one) => atom(one),
        Content::Many(items) => {
            let items: Vec<String> = items.iter().map(|item| atom(&item.value)).collect();
            format!("[{}]", items.join(", "))
        }
    }
}

/// The values of a list (or the single value), each as it would be written.
pub(in crate::cli) fn values(given: &Given) -> Vec<String> {
    match &given.content {
        Content::One(one) => vec![atom(one)],
        Content::Many(items) => items.iter().map(|item| atom(&item.value)).collect(),
    }
}

/// A value for programs: a text, or a list of texts.
pub(in crate::cli) fn data(given: &Given) -> Value {
    match &given.content {
        Content::One(one) => json!(atom(one)),
        Content::Many(items) => items.iter().map(|item| json!(atom(&item.value))).collect(),
    }
}

fn atom(atom: &Atom) -> String {
    match atom {
        Atom::Val(Val::Duration(value)) => short(&value.to_string()),
        Atom::Val(value) => value.to_string(),
        Atom::Template(text, _) => text.written(),
        Atom::Poisoned => "(wrong, see the report)".to_owned(),
    }
}

/// A duration as people write it: `24h0m0s` is `24h`.
fn short(time: &str) -> String {
    let time = time
        .strip_suffix("m0s")
        .map_or(time.to_owned(), |rest| format!("{rest}m"));
    match time.strip_suffix("h0m") {
        Some(rest) => format!("{rest}h"),
        None => time,
    }
}

/// The profiles of a spec and their places, to tell which one a value comes from.
pub(in crate::cli) struct Places {
    profiles: Vec<(Span, String)>,
}

impl Places {
    /// Finds the profiles in all files of a spec.
    pub(in crate::cli) fn new(sources: &Sources) -> Self {
        let mut profiles = Vec::new();
        for (id, file) in sources.files() {
            // What is wrong in these files has been reported when they were first read.
            let mut known = Diagnostics::default();
            let tree = syntax::parse(id, &file.text).tree;
            let document = ast::lower(&tree, id, &file.text, &mut known);
            for item in document.items {
                if let Item::Block(block) = item
                    && block.kind.value == "profile"
                    && let Some(label) = &block.label
                {
                    profiles.push((block.span, label.name.value.clone()));
                }
            }
        }
        Self { profiles }
    }

    /// The name of the profile that contains a place.
    pub(in crate::cli) fn profile(&self, span: Span) -> Option<&str> {
        // They were found in the order of their places.
        let before = self
            .profiles
            .partition_point(|(block, _)| (block.file, block.start) <= (span.file, span.start));
        let (block, name) = self.profiles.get(before.checked_sub(1)?)?;
        (block.file == span.file && span.end <= block.end).then_some(name)
    }

    /// Where a value comes from, in a few words: `cluster.pik:12`, `profile pi (cluster.pik:30)`,
    /// `default`, or the rule that worked it out.
    pub(in crate::cli) fn words(&self, sources: &Sources, origin: &Origin) -> String {
        match origin {
            Origin::Written(span) => {
                let place = line(sources, *span);
                match self.profile(*span) {
                    Some(name) => format!("profile {name} ({place})"),
                    None => place,
                }
            }
            Origin::Default(_) => "default".to_owned(),
            Origin::Derived { rule, .. } => (*rule).to_owned(),
            Origin::Secret(from) => match from.first() {
                Some(first) => self.words(sources, first),
                None => "a secret".to_owned(),
            },
        }
    }

    /// The same for programs.
    pub(in crate::cli) fn data(&self, sources: &Sources, origin: &Origin) -> Value {
        match origin {
            Origin::Written(span) => {
                let start = sources.start(*span);
                let mut found = json!({
                    "kind": "written",
                    "file": sources.file(span.file).name,
                    "line": start.line,
                    "column": start.column,
                });
                if let Some(name) = self.profile(*span) {
                    found["profile"] = json!(name);
                }
                found
            }
            Origin::Default(span) => json!({
                "kind": "default",
                "file": sources.file(span.file).name,
                "line": sources.start(*span).line,
            }),
            Origin::Secret(from) => json!({
                "kind": "secret",
                "from": from.iter().map(|one| self.data(sources, one)).collect::<Vec<_>>(),
            }),
            Origin::Derived { rule, from } => json!({
                "kind": "derived",
                "rule": rule,
                "from": from.iter().map(|one| self.data(sources, one)).collect::<Vec<_>>(),
            }),
        }
    }
}

/// `cluster.pik:12`
pub(in crate::cli) fn line(sources: &Sources, span: Span) -> String {
    format!(
        "{}:{}",
        sources.file(span.file).name,
        sources.start(span).line
    )
}

/// A name split into numbers and text, so that names sort in natural order.
pub(in crate::cli) fn numbers(name: &str) -> Vec<(u64, String)> {
    let mut parts = Vec::new();
    let mut rest = name;
    while !rest.is_empty() {
        let words = rest
            .find(|c: char| c.is_ascii_digit())
            .unwrap_or(rest.len());
        let (word, tail) = rest.split_at(words);
        let digits = tail
            .find(|c: char| !c.is_ascii_digit())
            .unwrap_or(tail.len());
        let (number, tail) = tail.split_at(digits);
        // The word first: numbers are compared only after equal words.
        parts.push((0, word.to_owned()));
        parts.push((number.parse().unwrap_or(u64::MAX), String::new()));
        rest = tail;
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_sorted_as_people_count() {
        let mut names = vec!["1.10", "1.9", "pi-5", "pi-4b-2g", "1.36"];
        names.sort_by_cached_key(|name| numbers(name));
        assert_eq!(names, ["1.9", "1.10", "1.36", "pi-4b-2g", "pi-5"]);
    }
}
