//! YAML with places: a small tree whose every key and value knows where it is.
//!
//! In: the text of a file. Out: its documents. Aliases are resolved; a file that grows beyond what a person
//! writes, through nested anchors or depth, is refused.

use std::collections::HashMap;

use saphyr_parser::{Event, Parser, ScalarStyle, Span as Place};

use crate::source::{FileId, Span, Spanned};

/// How deep a document may be nested.
const DEEPEST: usize = 64;

/// How many values a file may have once its aliases are resolved.
const MOST: usize = 500_000;

/// A value and its place.
#[derive(Clone, Debug)]
pub(crate) struct Yaml {
    pub value: Value,
    pub span: Span,
}

/// What a value is.
#[derive(Clone, Debug)]
pub(crate) enum Value {
    /// A scalar as it is written; `plain` if it is written without quotes.
    Scalar { text: String, plain: bool },
    /// Keys and values, in order.
    Map(Vec<(Spanned<String>, Yaml)>),
    /// Values in order.
    List(Vec<Yaml>),
    /// A placeholder that no one filled in. It has been reported, so nothing else is said about it.
    Unfilled,
}

impl Yaml {
    /// The value of a key.
    pub(crate) fn get(&self, key: &str) -> Option<&Yaml> {
        self.entry(key).map(|(_, value)| value)
    }

    /// A key and its value.
    pub(crate) fn entry(&self, key: &str) -> Option<&(Spanned<String>, Yaml)> {
        match &self.value {
            Value::Map(pairs) => pairs.iter().find(|(name, _)| name.value == key),
            _ => None,
        }
    }

    /// The value that a path of keys leads to.
    pub(crate) fn at(&self, path: &str) -> Option<&Yaml> {
        path.split('.').try_fold(self, |node, key| node.get(key))
    }

    /// The text of a scalar that is not empty.
    pub(crate) fn text(&self) -> Option<Spanned<String>> {
        match &self.value {
            Value::Scalar { text, .. } if !self.is_null() => {
                Some(Spanned::new(text.clone(), self.span))
            }
            _ => None,
        }
    }

    /// The text of a scalar that says something: `""` is the same as none to kubeadm.
    pub(super) fn said(&self) -> Option<Spanned<String>> {
        self.text().filter(|found| !found.value.is_empty())
    }

    /// The items of a list; none of anything else.
    pub(crate) fn items(&self) -> &[Yaml] {
        match &self.value {
            Value::List(items) => items,
            _ => &[],
        }
    }

    /// The pairs of a map; none of anything else.
    pub(crate) fn pairs(&self) -> &[(Spanned<String>, Yaml)] {
        match &self.value {
            Value::Map(pairs) => pairs,
            _ => &[],
        }
    }

    /// Whether it is a placeholder that has been reported.
    pub(super) fn is_unfilled(&self) -> bool {
        matches!(&self.value, Value::Unfilled)
    }

    /// Whether it is null: Go then leaves the field unchanged.
    pub(crate) fn is_null(&self) -> bool {
        matches!(&self.value, Value::Scalar { text, plain: true }
            if matches!(text.as_str(), "" | "~" | "null" | "Null" | "NULL"))
    }
}

/// A sentence that says why a text is not YAML, and where.
pub(crate) type Unreadable = Spanned<String>;

/// A key that one map has twice: its name, and both places.
pub(crate) type Twice = (Spanned<String>, Span);

/// What a text contains.
#[derive(Debug)]
pub(crate) struct Read {
    /// The documents; of a text with a mistake, those before it.
    pub roots: Vec<Yaml>,
    /// Why the rest cannot be read.
    pub problem: Option<Unreadable>,
    /// Keys that one map has twice, with the place of the first.
    pub twice: Vec<Twice>,
}

/// The documents of a text.
pub(crate) fn documents(file: FileId, text: &str) -> Read {
    let mut builder = Builder {
        file,
        offsets: Offsets::new(text),
        anchors: HashMap::new(),
        open: Vec::new(),
        count: 0,
        done: Vec::new(),
        twice: Vec::new(),
    };
    let mut problem = None;
    for event in Parser::new_from_str(text) {
        let step = match event {
            Ok((event, place)) => builder.event(event, place),
            Err(error) => {
                let at = builder.offsets.byte(error.marker().index()).min(text.len());
                let end = text[at..].chars().next().map_or(at, |c| at + c.len_utf8());
                let why = format!("it is not YAML: {}", error.info());
                Err(Spanned::new(why, Span::new(file, at, end)))
            }
        };
        if let Err(why) = step {
            problem = Some(why);
            break;
        }
    }
    Read {
        roots: builder.done,
        problem,
        twice: builder.twice,
    }
}

/// A map or a list that is not complete yet.
struct Open {
    start: usize,
    anchor: usize,
    is_map: bool,
    pairs: Vec<(Spanned<String>, Yaml)>,
    key: Option<Spanned<String>>,
    items: Vec<Yaml>,
    /// How many values there were before it.
    before: usize,
    /// How deep its deepest value is.
    depth: usize,
}

/// The value of an anchor, with the number and depth of the values in it.
struct Named {
    node: Yaml,
    size: usize,
    depth: usize,
}

struct Builder {
    file: FileId,
    offsets: Offsets,
    anchors: HashMap<usize, Named>,
    open: Vec<Open>,
    count: usize,
    done: Vec<Yaml>,
    twice: Vec<Twice>,
}

impl Builder {
    fn event(&mut self, event: Event<'_>, place: Place) -> Result<(), Unreadable> {
        let start = self.offsets.byte(place.start.index());
        let end = self.offsets.byte(place.end.index());
        let span = Span::new(self.file, start, end);
        match event {
            Event::Scalar(text, style, anchor, _) => {
                self.grow(1, 1, span)?;
                let value = Value::Scalar {
                    text: text.into_owned(),
                    plain: style == ScalarStyle::Plain,
                };
                self.named(Yaml { value, span }, anchor, 1, 1)
            }
            Event::Alias(anchor) => {
                let named = self.anchors.get(&anchor);
                let (size, depth) = named.map_or((0, 0), |named| (named.size, named.depth));
                self.grow(size, depth, span)?;
                match self.anchors.get(&anchor).map(|named| named.node.clone()) {
                    Some(node) => self.put(node, depth),
                    None => Err(Spanned::new(
                        "it refers to an anchor that does not exist".to_owned(),
                        span,
                    )),
                }
            }
            Event::SequenceStart(anchor, ..) => self.begin(anchor, false, span),
            Event::MappingStart(anchor, ..) => self.begin(anchor, true, span),
            Event::SequenceEnd | Event::MappingEnd => {
                let Some(open) = self.open.pop() else {
                    return Ok(());
                };
                let span = Span::new(self.file, open.start, end.max(open.start));
                self.repeated(&open.pairs);
                let value = match open.is_map {
                    true => Value::Map(merged(open.pairs)),
                    false => Value::List(open.items),
                };
                let size = self.count - open.before;
                self.named(Yaml { value, span }, open.anchor, size, open.depth + 1)
            }
            _ => Ok(()),
        }
    }

    /// Notes the keys that a map has more than once.
    fn repeated(&mut self, pairs: &[(Spanned<String>, Yaml)]) {
        let mut known: HashMap<&str, Span> = HashMap::new();
        for (key, _) in pairs.iter().filter(|(key, _)| key.value != "<<") {
            match known.get(key.value.as_str()) {
                Some(before) => self.twice.push((key.clone(), *before)),
                None => {
                    known.insert(&key.value, key.span);
                }
            }
        }
    }

    /// Counts values before they are added.
    fn grow(&mut self, size: usize, depth: usize, span: Span) -> Result<(), Unreadable> {
        self.count += size;
        if self.count > MOST {
            let why = format!("it has more than {MOST} values");
            return Err(Spanned::new(why, span));
        }
        if self.open.len() + depth > DEEPEST {
            let why = format!("it is nested more than {DEEPEST} deep");
            return Err(Spanned::new(why, span));
        }
        Ok(())
    }

    fn begin(&mut self, anchor: usize, is_map: bool, span: Span) -> Result<(), Unreadable> {
        let before = self.count;
        self.grow(1, 1, span)?;
        self.open.push(Open {
            start: span.start as usize,
            anchor,
            is_map,
            pairs: Vec::new(),
            key: None,
            items: Vec::new(),
            before,
            depth: 0,
        });
        Ok(())
    }

    fn named(
        &mut self,
        node: Yaml,
        anchor: usize,
        size: usize,
        depth: usize,
    ) -> Result<(), Unreadable> {
        if anchor > 0 {
            let node = node.clone();
            self.anchors.insert(anchor, Named { node, size, depth });
        }
        self.put(node, depth)
    }

    fn put(&mut self, node: Yaml, depth: usize) -> Result<(), Unreadable> {
        let Some(open) = self.open.last_mut() else {
            self.done.push(node);
            return Ok(());
        };
        open.depth = open.depth.max(depth);
        if !open.is_map {
            open.items.push(node);
        } else if let Some(key) = open.key.take() {
            open.pairs.push((key, node));
        } else if let Value::Scalar { text, .. } = node.value {
            open.key = Some(Spanned::new(text, node.span));
        } else {
            let why = "a key that is not a string".to_owned();
            return Err(Spanned::new(why, node.span));
        }
        Ok(())
    }
}

/// A map with what `<<` merges into it: its own keys win.
fn merged(pairs: Vec<(Spanned<String>, Yaml)>) -> Vec<(Spanned<String>, Yaml)> {
    let (brought, mut own): (Vec<_>, Vec<_>) =
        pairs.into_iter().partition(|(key, _)| key.value == "<<");
    for (_, from) in brought {
        let maps = match from.value {
            Value::List(items) => items,
            _ => vec![from],
        };
        for map in maps {
            if let Value::Map(pairs) = map.value {
                for (key, value) in pairs {
                    if own.iter().all(|(known, _)| known.value != key.value) {
                        own.push((key, value));
                    }
                }
            }
        }
    }
    own
}

/// The parser counts characters; places are bytes.
struct Offsets {
    /// The byte offset of each character; none if both are the same.
    bytes: Option<Vec<u32>>,
    end: usize,
}

impl Offsets {
    fn new(text: &str) -> Self {
        let bytes = (!text.is_ascii()).then(|| {
            let at = |(at, _)| u32::try_from(at).unwrap_or(u32::MAX);
            text.char_indices().map(at).collect()
        });
        Self {
            bytes,
            end: text.len(),
        }
    }

    fn byte(&self, chars: usize) -> usize {
        match &self.bytes {
            None => chars.min(self.end),
            Some(bytes) => bytes.get(chars).map_or(self.end, |at| *at as usize),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> (Vec<Yaml>, Option<Unreadable>) {
        let read = documents(FileId(0), text);
        (read.roots, read.problem)
    }

    #[test]
    fn every_value_knows_its_place() {
        let text = "# é\na:\n  b: [x, \"y\"]\n---\nc: 1\n";
        let (found, problem) = read(text);
        assert!(problem.is_none(), "{problem:?}");
        let part = |span: Span| &text[span.start as usize..span.end as usize];
        let items = found[0].at("a.b").expect("a list").items();
        assert_eq!(part(items[1].span), "\"y\"");
        let (key, value) = found[1].entry("c").expect("a pair");
        assert_eq!((part(key.span), part(value.span)), ("c", "1"));
    }

    #[test]
    fn aliases_are_resolved_and_bombs_refused() {
        let (found, problem) = read("a: &x {b: 1}\nc: *x\n");
        assert!(problem.is_none());
        assert_eq!(
            found[0].at("c.b").and_then(Yaml::text).map(|t| t.value),
            Some("1".to_owned())
        );
        let mut bomb = "a0: &a0 [1, 1]\n".to_owned();
        for level in 1..40 {
            let before = level - 1;
            bomb += &format!("a{level}: &a{level} [*a{before}, *a{before}]\n");
        }
        let (_, problem) = read(&bomb);
        assert!(problem.is_some_and(|why| why.value.contains("more than")));
        let mut deep = "a0: &a0 [1]\n".to_owned();
        for level in 1..100 {
            deep += &format!("a{level}: &a{level} [[[*a{}]]]\n", level - 1);
        }
        let (_, problem) = read(&deep);
        assert!(problem.is_some_and(|why| why.value.contains("deep")));
        let (_, problem) = read(&"[".repeat(100_000));
        assert!(problem.is_some());
        let (_, problem) = read("a: *missing\n");
        assert!(problem.is_some());
    }
}
