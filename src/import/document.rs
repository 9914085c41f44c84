//! A document as a list of its values, each of which is asked for once: what no one asked for is what was lost.

use std::cell::Cell;
use std::sync::Arc;

use super::report::Place;
use crate::model::existing::yaml::{Value, Yaml};

/// Where the lines of a text are in the file that holds it.
#[derive(Clone, Debug)]
pub(super) struct Lines {
    starts: Vec<usize>,
    first: usize,
    /// Whether the text has lines of its own in the file: a block of YAML does, a string in quotes does not.
    own: bool,
}

impl Lines {
    /// Those of a whole file.
    pub(super) fn of(text: &str) -> Self {
        Self::within(text, 1, true)
    }

    /// Those of a text that begins on a line of a file.
    pub(super) fn within(text: &str, first: usize, own: bool) -> Self {
        let breaks = text.match_indices('\n').map(|(at, _)| at + 1);
        Self {
            starts: std::iter::once(0).chain(breaks).collect(),
            first,
            own,
        }
    }

    /// The line of a byte.
    pub(super) fn line(&self, at: usize) -> usize {
        match self.own {
            true => self.first + self.starts.partition_point(|start| *start <= at) - 1,
            false => self.first,
        }
    }
}

/// What a leaf holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Held {
    /// A scalar that is not null.
    Text(String),
    /// Null.
    Nothing,
    /// A map or a list without anything in it.
    Empty,
}

/// A value at the end of a path.
#[derive(Debug)]
pub(super) struct Leaf {
    /// The names on the way; the number of an item of a list in brackets.
    pub steps: Vec<String>,
    /// What it holds.
    pub held: Held,
    /// Its line.
    pub line: usize,
    taken: Cell<bool>,
}

impl Leaf {
    /// Its path as people write it.
    pub(super) fn path(&self) -> String {
        shown(&self.steps)
    }

    /// Its text; an empty one is a text, too.
    pub(super) fn text(&self) -> Option<&str> {
        match &self.held {
            Held::Text(text) => Some(text),
            Held::Nothing | Held::Empty => None,
        }
    }

    /// Says that it has been dealt with.
    pub(super) fn take(&self) {
        self.taken.set(true);
    }

    /// Whether it has been dealt with.
    pub(super) fn is_taken(&self) -> bool {
        self.taken.get()
    }
}

/// `apiServer.extraVolumes[0].name`
pub(super) fn shown(steps: &[String]) -> String {
    let mut path = String::new();
    for step in steps {
        if !path.is_empty() && !step.starts_with('[') {
            path.push('.');
        }
        path.push_str(step);
    }
    path
}

/// A document.
#[derive(Debug)]
pub(super) struct Doc {
    /// The file that it is in.
    pub file: Arc<str>,
    /// Its `apiVersion`.
    pub api: String,
    /// Its `kind`.
    pub kind: String,
    /// Its first line.
    pub line: usize,
    /// Its values.
    pub leaves: Vec<Leaf>,
}

impl Doc {
    /// The document of a tree.
    pub(super) fn new(file: &Arc<str>, root: &Yaml, lines: &Lines) -> Self {
        let text = |key: &str| root.get(key).and_then(Yaml::text);
        let mut leaves = Vec::new();
        gather(root, &mut Vec::new(), lines, &mut leaves);
        let doc = Self {
            file: Arc::clone(file),
            api: text("apiVersion").map(|api| api.value).unwrap_or_default(),
            kind: text("kind").map(|kind| kind.value).unwrap_or_default(),
            line: lines.line(root.span.start as usize),
            leaves,
        };
        for head in ["apiVersion", "kind"] {
            doc.leaf(&[head]).into_iter().for_each(Leaf::take);
        }
        doc
    }

    /// The leaf at a path.
    pub(super) fn leaf(&self, steps: &[&str]) -> Option<&Leaf> {
        self.leaves.iter().find(|leaf| leaf.steps == steps)
    }

    /// The text at a path, which is dealt with. An empty one counts as none.
    pub(super) fn take(&self, steps: &[&str]) -> Option<(String, Place)> {
        let leaf = self.leaf(steps)?;
        leaf.take();
        let text = leaf.text().filter(|text| !text.is_empty())?;
        Some((text.to_owned(), self.place(leaf)))
    }

    /// The text at a path, without dealing with it.
    pub(super) fn peek(&self, steps: &[&str]) -> Option<&str> {
        let text = self.leaf(steps)?.text();
        text.filter(|text| !text.is_empty())
    }

    /// The leaves below a path that nothing has dealt with.
    pub(super) fn left<'d>(&'d self, below: &[&str]) -> impl Iterator<Item = &'d Leaf> {
        let depth = below.len();
        let below: Vec<String> = below.iter().map(|step| (*step).to_owned()).collect();
        self.leaves
            .iter()
            .filter(move |leaf| !leaf.is_taken() && leaf.steps.get(..depth) == Some(&below[..]))
    }

    /// The leaves of each item of the list at a path, without those that have been dealt with.
    pub(super) fn each<'d>(&'d self, list: &[&str]) -> Vec<Item<'d>> {
        let depth = list.len();
        let mut items: Vec<Item<'d>> = Vec::new();
        for leaf in self.left(list) {
            let Some(step) = leaf.steps.get(depth).filter(|step| step.starts_with('[')) else {
                continue;
            };
            match items.last_mut().filter(|item| item.step == step) {
                Some(item) => item.leaves.push(leaf),
                None => items.push(Item {
                    step,
                    depth: depth + 1,
                    leaves: vec![leaf],
                }),
            }
        }
        items
    }

    /// Where a leaf is.
    pub(super) fn place(&self, leaf: &Leaf) -> Place {
        Place::new(&self.file, leaf.line, &leaf.path())
    }

    /// The group of its API.
    pub(super) fn group(&self) -> &str {
        self.api.split('/').next().unwrap_or_default()
    }

    /// The document as a place.
    pub(super) fn head(&self) -> Place {
        Place::new(&self.file, self.line, &self.kind)
    }
}

/// An item of a list.
pub(super) struct Item<'d> {
    step: &'d str,
    depth: usize,
    /// Its leaves.
    pub leaves: Vec<&'d Leaf>,
}

impl<'d> Item<'d> {
    /// The leaf at a path within the item.
    pub(super) fn leaf(&self, steps: &[&str]) -> Option<&'d Leaf> {
        let mut leaves = self.leaves.iter().copied();
        leaves.find(|leaf| leaf.steps.get(self.depth..).is_some_and(|own| own == steps))
    }

    /// The text at a path within the item, without dealing with it.
    pub(super) fn text(&self, steps: &[&str]) -> Option<&'d str> {
        self.leaf(steps)?.text().filter(|text| !text.is_empty())
    }

    /// Says that all of it has been dealt with.
    pub(super) fn take(&self) {
        self.leaves.iter().for_each(|leaf| leaf.take());
    }
}

fn gather(node: &Yaml, steps: &mut Vec<String>, lines: &Lines, leaves: &mut Vec<Leaf>) {
    let held = match &node.value {
        Value::Map(pairs) if !pairs.is_empty() => {
            for (key, value) in pairs {
                steps.push(key.value.clone());
                gather(value, steps, lines, leaves);
                steps.pop();
            }
            return;
        }
        Value::List(items) if !items.is_empty() => {
            for (number, item) in items.iter().enumerate() {
                steps.push(format!("[{number}]"));
                gather(item, steps, lines, leaves);
                steps.pop();
            }
            return;
        }
        Value::Map(_) | Value::List(_) => Held::Empty,
        Value::Unfilled => Held::Nothing,
        Value::Scalar { .. } if node.is_null() => Held::Nothing,
        Value::Scalar { text, .. } => Held::Text(text.clone()),
    };
    leaves.push(Leaf {
        steps: steps.clone(),
        held,
        line: lines.line(node.span.start as usize),
        taken: Cell::new(false),
    });
}
