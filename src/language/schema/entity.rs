//! A block whose values have their types.

use serde::{Deserialize, Serialize};

use std::collections::BTreeMap;

use crate::ast::{Label, Text};
use crate::origin::{Origin, Sourced};
use crate::source::Span;
use crate::value::{Type, Val};

/// A typed block.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entity {
    /// `cluster`, `node`, ...
    pub kind: String,
    /// What names it.
    pub label: Option<Label>,
    /// What it sets, by name.
    pub settings: BTreeMap<String, Given>,
    /// The blocks in it, in order.
    pub blocks: Vec<Entity>,
    /// From the kind to the label.
    pub head: Span,
    /// The whole block.
    pub span: Span,
    /// Whether part of it could not be read; if so, nothing is reported as missing from it.
    pub damaged: bool,
}

impl Entity {
    /// The name before any brackets, or an empty string.
    pub fn name(&self) -> &str {
        self.label
            .as_ref()
            .map_or("", |label| label.name.value.as_str())
    }

    /// The name, and where it is written; none without a label.
    pub fn named(&self) -> Option<Sourced<String>> {
        let label = self.label.as_ref()?;
        let origin = Origin::Written(label.span);
        Some(Sourced::new(label.name.value.clone(), origin))
    }

    /// The same block without what it sets.
    #[must_use]
    pub fn head_only(&self) -> Self {
        Self {
            kind: self.kind.clone(),
            label: self.label.clone(),
            settings: BTreeMap::new(),
            blocks: Vec::new(),
            head: self.head,
            span: self.span,
            damaged: self.damaged,
        }
    }

    /// The blocks of one kind, in order.
    pub fn children<'a>(&'a self, kind: &'a str) -> impl Iterator<Item = &'a Entity> {
        self.blocks.iter().filter(move |block| block.kind == kind)
    }

    /// The first block of one kind.
    pub fn child(&self, kind: &str) -> Option<&Entity> {
        self.blocks.iter().find(|block| block.kind == kind)
    }

    /// Overlays this one with `other`: the settings of `other` win, its blocks are merged with those of
    /// the same kind and label, and lists are replaced as a whole. Profiles and nodes have no other rule.
    pub fn overlay(&mut self, other: &Entity) {
        for (name, given) in &other.settings {
            self.settings.insert(name.clone(), given.clone());
        }
        let mut places = self.places(other.blocks.len());
        for block in &other.blocks {
            let known = match &places {
                Some(places) => places.get(&key(block)).copied(),
                None => self
                    .blocks
                    .iter()
                    .position(|mine| mine.kind == block.kind && mine.name() == block.name()),
            };
            match known {
                Some(place) => {
                    let mine = &mut self.blocks[place];
                    mine.overlay(block);
                    mine.head = block.head;
                    mine.span = block.span;
                }
                None => {
                    if let Some(places) = &mut places {
                        places.insert(key(block), self.blocks.len());
                    }
                    self.blocks.push(block.clone());
                }
            }
        }
        self.damaged |= other.damaged;
    }

    /// The index of the first block of each kind and name, if there are too many blocks to search for each one.
    fn places(&self, others: usize) -> Option<BTreeMap<(String, String), usize>> {
        (self.blocks.len().max(others) > FEW).then(|| {
            let mut places = BTreeMap::new();
            for (index, block) in self.blocks.iter().enumerate() {
                places.entry(key(block)).or_insert(index);
            }
            places
        })
    }

    /// How many settings and blocks it has, itself included.
    pub fn size(&self) -> usize {
        let inner: usize = self.blocks.iter().map(Entity::size).sum();
        1 + self.settings.len() + inner
    }
}

/// Up to this many blocks, a search is faster than an index.
const FEW: usize = 64;

/// What distinguishes a block from its siblings.
fn key(block: &Entity) -> (String, String) {
    (block.kind.clone(), block.name().to_owned())
}

/// A setting as it was given.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Given {
    /// Where the key is.
    pub key: Span,
    /// The value.
    pub content: Content,
    /// Where the value comes from; its first span is the value's place.
    pub origin: Origin,
}

/// The right side of a setting.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Content {
    /// One value.
    One(Atom),
    /// A list.
    Many(#[serde(with = "crate::origin::kept")] Vec<Sourced<Atom>>),
}

/// A value, or its placeholder.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Atom {
    /// A typed value.
    Val(Val),
    /// A string with `${}` that is filled in for each node; the result must be of this type.
    Template(Text, Type),
    /// A mistake that has been reported: nothing may report it again.
    Poisoned,
}
