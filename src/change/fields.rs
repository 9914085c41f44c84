//! Two YAML files compared object by object and field by field.

use std::collections::{BTreeMap, BTreeSet};

use saphyr_parser::{Event, Parser};

use crate::output::hunks;

/// A field that differs.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct FieldChange {
    /// The kind of document or object that it is in, and which one: `DaemonSet kube-flannel/kube-flannel-ds`.
    pub object: String,
    /// Where it is: `spec.template.spec.containers[name=kube-flannel].image`; empty for the whole object.
    pub path: String,
    /// What it was; none if it was not there.
    pub was: Option<String>,
    /// What it is; none if it is not there any more.
    pub now: Option<String>,
}

impl FieldChange {
    /// The difference of a value of several lines.
    pub fn hunks(&self) -> Option<String> {
        match (&self.was, &self.now) {
            (Some(was), Some(now)) if was.contains('\n') || now.contains('\n') => {
                Some(hunks(was, now))
            }
            _ => None,
        }
    }
}

/// A document deeper than this is not compared by fields.
const DEEPEST: usize = 64;

/// What differs between two texts. Nothing if one of them is not YAML that can be compared by fields; an empty list if only comments and
/// layout differ.
pub fn compare(old: &str, new: &str) -> Option<Vec<FieldChange>> {
    let (old, new) = (objects(old)?, objects(new)?);
    let mut out = Vec::new();
    for (name, was) in &old {
        match new.get(name) {
            Some(now) => differ(name, "", Some(was), Some(now), &mut out),
            None => differ(name, "", Some(was), None, &mut out),
        }
    }
    for (name, now) in &new {
        if !old.contains_key(name) {
            differ(name, "", None, Some(now), &mut out);
        }
    }
    Some(out)
}

/// A value; scalars as they are written, because what counts is whether they differ.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Node {
    Scalar(String),
    List(Vec<Node>),
    Map(BTreeMap<String, Node>),
}

impl Node {
    fn at(&self, path: &[&str]) -> Option<&str> {
        match (self, path.split_first()) {
            (Self::Scalar(text), None) => Some(text),
            (Self::Map(pairs), Some((name, rest))) => pairs.get(*name)?.at(rest),
            _ => None,
        }
    }

    fn is_scalar(&self) -> bool {
        matches!(self, Self::Scalar(_))
    }

    /// In one line, or as it is if it has several.
    fn text(&self) -> String {
        match self {
            Self::Scalar(text) => text.clone(),
            Self::List(items) => {
                let items: Vec<String> = items.iter().map(Self::text).collect();
                format!("[{}]", items.join(", "))
            }
            Self::Map(pairs) => {
                let pairs: Vec<String> = pairs
                    .iter()
                    .map(|(key, item)| format!("{key}: {}", item.text()))
                    .collect();
                format!("{{{}}}", pairs.join(", "))
            }
        }
    }
}

/// The objects of a text by kind and name.
fn objects(text: &str) -> Option<BTreeMap<String, Node>> {
    let mut events = Parser::new_from_str(text).map(|event| event.ok().map(|found| found.0));
    let mut found = BTreeMap::new();
    while let Some(event) = events.next() {
        if let Event::DocumentStart(_) = event? {
            let first = events.next()??;
            let document = node(first, &mut events, DEEPEST)?;
            if document == Node::Scalar(String::new()) {
                continue;
            }
            // Two of the same name could not be distinguished.
            if found.insert(name(&document), document).is_some() {
                return None;
            }
        }
    }
    Some(found)
}

/// The kinds of the documents in a text; nothing if it is not YAML that can be compared by fields.
pub(super) fn kinds(text: &str) -> Option<BTreeSet<String>> {
    let names = objects(text)?.into_keys();
    let kind = |name: String| name.split(' ').next().map(str::to_owned);
    Some(
        names
            .filter_map(kind)
            .filter(|kind| !kind.is_empty())
            .collect(),
    )
}

fn name(document: &Node) -> String {
    let kind = document.at(&["kind"]).unwrap_or_default();
    let name = document.at(&["metadata", "name"]);
    let namespace = document.at(&["metadata", "namespace"]);
    match (namespace, name) {
        (Some(namespace), Some(name)) => format!("{kind} {namespace}/{name}"),
        (None, Some(name)) => format!("{kind} {name}"),
        (_, None) => kind.to_owned(),
    }
}

/// The value that begins with this event. Nothing for an alias, a key that is not a scalar, or a value too deep.
fn node<'a>(
    event: Event<'a>,
    events: &mut impl Iterator<Item = Option<Event<'a>>>,
    left: usize,
) -> Option<Node> {
    let left = left.checked_sub(1)?;
    Some(match event {
        Event::Scalar(text, ..) => Node::Scalar(text.into_owned()),
        Event::SequenceStart(..) => {
            let mut items = Vec::new();
            loop {
                match events.next()?? {
                    Event::SequenceEnd => break Node::List(items),
                    event => items.push(node(event, events, left)?),
                }
            }
        }
        Event::MappingStart(..) => {
            let mut pairs = BTreeMap::new();
            loop {
                match events.next()?? {
                    Event::MappingEnd => break Node::Map(pairs),
                    Event::Scalar(key, ..) => {
                        let event = events.next()??;
                        pairs.insert(key.into_owned(), node(event, events, left)?);
                    }
                    _ => return None,
                }
            }
        }
        _ => return None,
    })
}

fn differ(
    object: &str,
    path: &str,
    was: Option<&Node>,
    now: Option<&Node>,
    out: &mut Vec<FieldChange>,
) {
    match (was, now) {
        (Some(was), Some(now)) if was == now => {}
        (Some(Node::Map(was)), Some(Node::Map(now))) => {
            let inner = |key: &str| match path.is_empty() {
                true => key.to_owned(),
                false => format!("{path}.{key}"),
            };
            for (key, value) in was {
                differ(object, &inner(key), Some(value), now.get(key), out);
            }
            for (key, value) in now.iter().filter(|(key, _)| !was.contains_key(*key)) {
                differ(object, &inner(key), None, Some(value), out);
            }
        }
        (Some(Node::List(was)), Some(Node::List(now))) => lists(object, path, was, now, out),
        (was, now) => out.push(FieldChange {
            object: object.to_owned(),
            path: path.to_owned(),
            was: was.map(Node::text),
            now: now.map(Node::text),
        }),
    }
}

/// Items with names are compared by name, lists of scalars as a whole, anything else item by item.
fn lists(object: &str, path: &str, was: &[Node], now: &[Node], out: &mut Vec<FieldChange>) {
    if let (Some(was), Some(now)) = (by_name(was), by_name(now)) {
        for (name, item) in &was {
            let path = format!("{path}[name={name}]");
            differ(object, &path, Some(item), now.get(name).copied(), out);
        }
        for (name, item) in now.iter().filter(|(name, _)| !was.contains_key(*name)) {
            let path = format!("{path}[name={name}]");
            differ(object, &path, None, Some(item), out);
        }
        return;
    }
    if was.len() == now.len() && !was.iter().chain(now).all(Node::is_scalar) {
        for (index, (was, now)) in was.iter().zip(now).enumerate() {
            differ(
                object,
                &format!("{path}[{index}]"),
                Some(was),
                Some(now),
                out,
            );
        }
        return;
    }
    out.push(FieldChange {
        object: object.to_owned(),
        path: path.to_owned(),
        was: Some(Node::List(was.to_vec()).text()),
        now: Some(Node::List(now.to_vec()).text()),
    });
}

/// The items by their names, if each has one of its own.
fn by_name(items: &[Node]) -> Option<BTreeMap<&str, &Node>> {
    let mut found = BTreeMap::new();
    for item in items {
        if found.insert(item.at(&["name"])?, item).is_some() {
            return None;
        }
    }
    Some(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(old: &str, new: &str) -> Vec<String> {
        let found = compare(old, new).expect("YAML");
        let row = |one: FieldChange| {
            let [was, now] = [one.was, one.now].map(|side| side.unwrap_or_else(|| "-".to_owned()));
            format!("{}: {} {was} > {now}", one.object, one.path)
        };
        found.into_iter().map(row).collect()
    }

    #[test]
    fn fields_are_found_by_name() {
        let old = "# a\nkind: A\nmetadata: {name: x, namespace: n}\nspec:\n  ports: [1, 2]\n  items:\n    - name: one\n      v: 1\n    - name: two\n      v: 2\n";
        assert_eq!(rows(old, &old.replace("# a", "# b")), [""; 0]);
        assert_eq!(
            rows(old, &old.replace("v: 2", "v: 3")),
            ["A n/x: spec.items[name=two].v 2 > 3"]
        );
        assert_eq!(
            rows(old, &old.replace("[1, 2]", "[1]")),
            ["A n/x: spec.ports [1, 2] > [1]"]
        );
        assert_eq!(
            rows(old, &old.replace("    - name: two\n      v: 2\n", "")),
            ["A n/x: spec.items[name=two] {name: two, v: 2} > -"]
        );
        assert_eq!(
            rows(old, "kind: B\n"),
            [
                "A n/x:  {kind: A, metadata: {name: x, namespace: n}, spec: {items: [{name: one, v: 1}, {name: two, v: 2}], ports: [1, 2]}} > -",
                "B:  - > {kind: B}"
            ]
        );
    }

    #[test]
    fn what_cannot_be_compared_is_left_alone() {
        for text in [
            "a: [",
            "kind: A\n---\nkind: A\n",
            "a: &x 1\nb: *x\n",
            "? [1]\n: 2\n",
            &"[".repeat(100_000),
            &format!("{}1{}", "[".repeat(500), "]".repeat(500)),
        ] {
            assert_eq!(compare(text, "kind: A\n"), None, "{text:.20}");
        }
    }
}
