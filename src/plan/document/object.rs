//! Objects of Kubernetes' API that have types of their own (`k8s-openapi`), with origins beside them.
//!
//! Those types hold plain texts and numbers, no [`Sourced`] leaves. So an object is taken apart into the
//! tree that it is written as, and origins are laid on places of that tree, by JSON pointer; the
//! writer gives what stands below a place the origins of that place, where it has none of its own.
//!
//! [`Sourced`]: crate::origin::Sourced

use std::collections::BTreeMap;

use serde::ser::{SerializeMap, SerializeSeq};
use serde::{Serialize, Serializer};
use serde_json::Value as Json;

use crate::origin::{Origin, Sourced};

/// An object, and why each piece of it is there.
#[derive(Clone, Debug)]
pub struct Object {
    tree: Json,
    origins: BTreeMap<String, Vec<Origin>>,
}

impl Object {
    /// The object as it is written. `None` if it is none that JSON can hold, which no object of the API is.
    pub fn new(object: &impl Serialize) -> Option<Self> {
        Some(Self {
            tree: serde_json::to_value(object).ok()?,
            origins: BTreeMap::new(),
        })
    }

    /// Says why the piece at `pointer` is there. A pointer that leads nowhere is a mistake of pikc's.
    pub fn because(&mut self, pointer: &str, origins: impl IntoIterator<Item = Origin>) {
        debug_assert!(
            self.tree.pointer(pointer).is_some(),
            "{pointer} leads nowhere"
        );
        let known = self.origins.entry(pointer.to_owned()).or_default();
        for origin in origins {
            if !known.contains(&origin) {
                known.push(origin);
            }
        }
    }
}

/// A key as it stands in a JSON pointer.
pub fn step(key: &str) -> String {
    key.replace('~', "~0").replace('/', "~1")
}

impl Serialize for Object {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let place = Place {
            value: &self.tree,
            pointer: String::new(),
            origins: &self.origins,
        };
        place.serialize(serializer)
    }
}

/// A piece of the tree.
struct Place<'a> {
    value: &'a Json,
    pointer: String,
    origins: &'a BTreeMap<String, Vec<Origin>>,
}

impl Place<'_> {
    fn below<'b>(&'b self, key: &str, value: &'b Json) -> Place<'b> {
        Place {
            value,
            pointer: format!("{}/{}", self.pointer, step(key)),
            origins: self.origins,
        }
    }
}

impl Serialize for Place<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mine = self
            .origins
            .get(&self.pointer)
            .map_or(&[][..], Vec::as_slice);
        Layers(mine, self).serialize(serializer)
    }
}

/// A piece inside as many `Sourced` as it has origins.
struct Layers<'a>(&'a [Origin], &'a Place<'a>);

impl Serialize for Layers<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Layers(origins, place) = self;
        if let [first, more @ ..] = origins {
            return Sourced::new(Layers(more, place), first.clone()).serialize(serializer);
        }
        match place.value {
            Json::Array(items) => {
                let mut list = serializer.serialize_seq(Some(items.len()))?;
                for (index, item) in items.iter().enumerate() {
                    list.serialize_element(&place.below(&index.to_string(), item))?;
                }
                list.end()
            }
            Json::Object(pairs) => {
                let mut map = serializer.serialize_map(Some(pairs.len()))?;
                for (key, value) in pairs {
                    map.serialize_entry(key, &place.below(key, value))?;
                }
                map.end()
            }
            plain => plain.serialize(serializer),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::{FileId, Span};

    fn at(place: usize) -> Origin {
        Origin::Written(Span::new(FileId(0), place, place + 1))
    }

    #[test]
    fn origins_lie_on_the_places_they_were_laid_on() {
        let tree = serde_json::json!({"a": {"x/y": 1, "b": [true, "two"]}});
        let mut object = Object::new(&tree).expect("plain data");
        object.because("/a/x~1y", [at(1)]);
        object.because("/a/b/1", [at(2), at(3), at(2)]);
        let seen = crate::origin::carry::collect(|| serde_json::to_string(&object));
        assert_eq!(
            seen.expect("plain data"),
            r#"{"a":{"x/y":[0,1],"b":[true,[1,[2,"two"]]]}}"#
        );
        let plain = serde_json::to_string(&object).expect("plain data");
        assert_eq!(plain, tree.to_string());
    }

    #[test]
    #[should_panic(expected = "leads nowhere")]
    fn a_pointer_that_leads_nowhere_is_noticed() {
        let mut object = Object::new(&serde_json::json!({"a": 1})).expect("plain data");
        object.because("/b", [at(1)]);
    }
}
