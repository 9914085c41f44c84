//! Fields that a spec gives as they are, next to those of a typed document.
//!
//! Settings that only one field of one document holds have no field of a Rust struct: the schema says where they go
//! (`becomes`), and the rules compare that with the table of the release.

use serde::{Serialize, Serializer};

use crate::model::Data;
use crate::origin::Sourced;

/// A piece of a document.
#[derive(Clone, Debug)]
pub enum Field {
    /// A value, or a list of values.
    Value(Sourced<Data>),
    /// Several pieces of the same kind.
    List(Vec<Field>),
    /// Names with what they hold, in order.
    Map(Fields),
}

/// Names with what they hold, in the order in which they were put in; each name once.
#[derive(Clone, Debug, Default)]
pub struct Fields(Vec<(String, Field)>);

impl Fields {
    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Puts something at the end of a path of names. What is there already is replaced; a value on the way gives way to a map.
    pub fn put(&mut self, path: &[&str], field: Field) {
        let Some((first, rest)) = path.split_first() else {
            return;
        };
        let place = self.0.iter().position(|(name, _)| name == first);
        let place = place.unwrap_or_else(|| {
            self.0
                .push(((*first).to_owned(), Field::Map(Self::default())));
            self.0.len() - 1
        });
        let Some((_, held)) = self.0.get_mut(place) else {
            return;
        };
        match (rest, held) {
            ([], held) => *held = field,
            (rest, Field::Map(inner)) => inner.put(rest, field),
            (rest, held) => {
                let mut inner = Self::default();
                inner.put(rest, field);
                *held = Field::Map(inner);
            }
        }
    }

    /// Puts a text.
    pub fn text(&mut self, path: &[&str], text: Sourced<String>) {
        self.put(path, Field::Value(text.map(Data::Text)));
    }

    /// What is at the end of a path.
    pub fn get(&self, path: &[&str]) -> Option<&Field> {
        let (first, rest) = path.split_first()?;
        let (_, held) = self.0.iter().find(|(name, _)| name == first)?;
        match (rest, held) {
            ([], held) => Some(held),
            (rest, Field::Map(inner)) => inner.get(rest),
            _ => None,
        }
    }
}

impl Serialize for Field {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Value(value) => {
                Sourced::new(Plain(&value.value), value.origin.clone()).serialize(serializer)
            }
            Self::List(items) => serializer.collect_seq(items),
            Self::Map(fields) => fields.serialize(serializer),
        }
    }
}

impl Serialize for Fields {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(name, field)| (name, field)))
    }
}

/// A value as a document holds it.
struct Plain<'a>(&'a Data);

impl Serialize for Plain<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            Data::Boolean(on) => serializer.serialize_bool(*on),
            Data::Integer(number) => serializer.serialize_i64(*number),
            Data::Fraction(text) => match text.parse() {
                Ok(number) => serializer.serialize_f64(number),
                Err(_) => serializer.serialize_str(text),
            },
            Data::Text(text) => serializer.serialize_str(text),
            Data::List(items) => serializer.collect_seq(
                items
                    .iter()
                    .map(|item| Sourced::new(Plain(&item.value), item.origin.clone())),
            ),
        }
    }
}
