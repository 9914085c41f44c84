//! Secrets that a spec has in clear text: no report about the spec shows them, whatever the report is about.
//!
//! A finding's excerpt shows whole lines and their neighbours, and some sentences quote what was typed. So the places are
//! collected from the settings whose type is a secret, and from everything that is called like one of them: a misspelt or
//! misplaced `password` has no type. Of a file that could not be read, the rest of the line counts.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::load::Page;
use crate::ast::{Item, Value};
use crate::diagnostic::{Diagnostics, suggest};
use crate::schema::Schema;
use crate::source::{FileId, Sources, Span};
use crate::value::{self, Type};

/// A name of this length means nothing else, wherever it is: `password`, but not `key`.
const TELLING: usize = 8;

/// A shorter word of a masked text is not looked for in sentences: it could be part of any.
const SHORTEST: usize = 3;

/// Masks every secret in clear text in the sources, and takes its words out of the findings about its lines.
pub fn conceal(pages: &[Page], schema: &Schema, sources: &mut Sources, out: &mut Diagnostics) {
    if out.is_empty() {
        return;
    }
    let names = Names::new(schema);
    let mut found: BTreeSet<Span> = out.concealed().iter().copied().collect();
    for page in pages {
        written(&page.document.items, &names, &mut found);
        if !page.sound {
            let text = &sources.file(page.file).text;
            found.extend(
                in_text(text, &names)
                    .into_iter()
                    .map(|(from, to)| Span::new(page.file, from, to)),
            );
        }
    }
    let mut words: BTreeMap<(FileId, usize), BTreeSet<String>> = BTreeMap::new();
    for span in found {
        let (first, last) = (sources.start(span).line, sources.end(span).line);
        for line in first..=last {
            let known = words.entry((span.file, line)).or_default();
            known.extend(telling(sources.text(span)));
        }
        sources.mask(span);
    }
    out.redact(|diagnostic| {
        let lines = diagnostic
            .labels
            .iter()
            .map(|label| (label.span.file, sources.start(label.span).line));
        let mut all: Vec<&str> = lines
            .filter_map(|line| words.get(&line))
            .flatten()
            .map(String::as_str)
            .collect();
        // What contains another one goes first.
        all.sort_by_key(|word| std::cmp::Reverse(word.len()));
        all
    });
}

/// How the settings are called that hold a secret.
struct Names<'a> {
    secret: BTreeSet<&'a str>,
    others: BTreeSet<&'a str>,
}

impl<'a> Names<'a> {
    fn new(schema: &'a Schema) -> Self {
        let settings = schema.blocks.values().flat_map(|block| &block.settings);
        let (secret, others): (Vec<_>, Vec<_>) =
            settings.partition(|(_, setting)| setting.ty == Type::Secret);
        let names = |list: Vec<(&'a String, _)>| -> BTreeSet<&'a str> {
            list.into_iter().map(|(name, _)| name.as_str()).collect()
        };
        let others = names(others);
        let mut secret = names(secret);
        secret.retain(|name| !others.contains(name));
        Self { secret, others }
    }

    /// Whether a setting of this name holds a secret, or would if it were spelt correctly.
    fn has(&self, key: &str) -> bool {
        let telling = self.secret.iter().filter(|name| name.len() >= TELLING);
        self.secret.contains(key)
            || !self.others.contains(key) && suggest::nearest(key, telling.copied()).is_some()
    }
}

/// The values of such settings, in blocks of every kind.
fn written(items: &[Item], names: &Names<'_>, found: &mut BTreeSet<Span>) {
    for item in items {
        match item {
            Item::Block(block) => written(&block.items, names, found),
            Item::Setting(setting) if names.has(&setting.key.value) => {
                if !refers(&setting.value) {
                    found.insert(setting.value.span());
                }
            }
            Item::Setting(_) => {}
        }
    }
}

/// Whether a value names a secret, or a constant.
fn refers(value: &Value) -> bool {
    matches!(value, Value::Word(word)
        if word.value.starts_with('$') || value::parse(Type::Secret, &word.value).is_ok())
}

/// The same in a text that is not a spec: what follows such a name, up to the end of the line or of the long string.
fn in_text(text: &str, names: &Names<'_>) -> Vec<(usize, usize)> {
    let mut found = Vec::new();
    // A long text has few different words, and an editor asks after each key.
    let mut known: HashMap<&str, bool> = HashMap::new();
    let is_part = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_');
    let mut at = 0;
    while let Some(from) = text[at..].find(is_part).map(|next| at + next) {
        let rest = &text[from..];
        let to = from + rest.find(|c| !is_part(c)).unwrap_or(rest.len());
        at = to;
        let word = &text[from..to];
        if !*known.entry(word).or_insert_with(|| names.has(word)) {
            continue;
        }
        let line = &text[to..to + text[to..].find('\n').unwrap_or(text.len() - to)];
        let value = line.trim_start();
        let after = value.trim_start_matches(['=', ':']);
        let is_value = after.len() < value.len() || word.len() >= TELLING;
        let after = after.trim();
        if !is_value || after.is_empty() || after.starts_with(['{', '}', ',', '$']) {
            continue;
        }
        let end = after
            .find([' ', '\t', ',', '}', '#'])
            .unwrap_or(after.len());
        if value::parse(Type::Secret, &after[..end]).is_ok() {
            continue;
        }
        let start = to + line.find(after).unwrap_or(0);
        let long = after.strip_prefix("\"\"\"").map(|_| start + 3);
        let end = match long {
            Some(inner) => text[inner..]
                .find("\"\"\"")
                .map_or(text.len(), |closing| inner + closing + 3),
            None => start + after.len(),
        };
        found.push((start, end));
        at = end;
    }
    found
}

/// The words of a masked text that a sentence could quote.
fn telling(text: &str) -> impl Iterator<Item = String> {
    let inner = text.trim_matches(['"', '[', ']', ' ']);
    let inner = inner.strip_prefix("secret:").unwrap_or(inner);
    let words = inner.split(|c: char| c.is_whitespace() || "\"[]{},".contains(c));
    std::iter::once(inner)
        .chain(words)
        .filter(|word| word.chars().count() >= SHORTEST)
        .map(str::to_owned)
        .collect::<Vec<_>>()
        .into_iter()
}

#[cfg(test)]
mod tests {
    use super::{Names, in_text};

    #[test]
    fn what_follows_a_password_is_found_without_a_tree() {
        let names = Names {
            secret: ["password", "passphrase", "key"].into(),
            others: ["ssh-keys"].into(),
        };
        for (text, hidden) in [
            ("password = hunter2 oops", Some("hunter2 oops")),
            ("  pasword = \"hunter2", Some("\"hunter2")),
            ("password hunter2", Some("hunter2")),
            ("passwd: hunter2\nrole = worker", Some("hunter2")),
            ("key = hunter2", Some("hunter2")),
            (
                "password = \"\"\"\n  one\n  \"\"\"\na = b",
                Some("\"\"\"\n  one\n  \"\"\""),
            ),
            ("password = secret:Hunter2!", Some("secret:Hunter2!")),
            ("the key to it", None),
            ("ssh-keys = x", None),
            ("password = secret:ops, role = worker", None),
            ("password = $pw", None),
            ("password =", None),
        ] {
            let found = in_text(text, &names);
            let found = found.first().map(|(from, to)| &text[*from..*to]);
            assert_eq!(found, hidden, "{text}");
        }
    }
}
