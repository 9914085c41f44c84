//! How an origin travels through serde, so that a document of [`Sourced`] leaves can be serialized
//! without losing why each leaf is what it is.
//!
//! In: a `Sourced<T>` inside any `Serialize` type. Out: for a serializer that runs inside [`collect`],
//! a newtype struct named [`MARKER`] around the pair (number of the origin, value); for every other
//! serializer just the value.
//!
//! serde's interface can carry numbers and text, but no `Origin` (rules are `&'static str`, sources
//! are shared). So the origins bypass it: while [`collect`] runs, they are put into a list that
//! belongs to this thread, only their number passes through the serializer, and [`origin`] returns them.

use std::cell::RefCell;

use serde::ser::{Serialize, SerializeTuple, Serializer};

use super::{Origin, Sourced};

/// The name of the newtype struct that stands for "this value has an origin".
pub const MARKER: &str = "$pikc::origin::Sourced";

thread_local! {
    static LIST: RefCell<Option<Vec<Origin>>> = const { RefCell::new(None) };
}

/// Runs `serialize` so that each [`Sourced`] value it meets shows its origin.
pub fn collect<R>(serialize: impl FnOnce() -> R) -> R {
    let _guard = Restore(LIST.replace(Some(Vec::new())));
    serialize()
}

/// The origin behind a number that came with [`MARKER`], while [`collect`] still runs.
pub fn origin(number: u32) -> Option<Origin> {
    LIST.with_borrow(|list| list.as_ref()?.get(number as usize).cloned())
}

/// Restores what was there before, even if `serialize` panics.
struct Restore(Option<Vec<Origin>>);

impl Drop for Restore {
    fn drop(&mut self) {
        LIST.set(self.0.take());
    }
}

/// The number under which an origin was recorded; none outside [`collect`].
fn number(origin: &Origin) -> Option<u32> {
    LIST.with_borrow_mut(|list| {
        let list = list.as_mut()?;
        list.push(origin.clone());
        u32::try_from(list.len() - 1).ok()
    })
}

impl<T: Serialize> Serialize for Sourced<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match number(&self.origin) {
            Some(number) => serializer.serialize_newtype_struct(MARKER, &Pair(number, &self.value)),
            None => self.value.serialize(serializer),
        }
    }
}

/// The number of an origin, and the value.
struct Pair<'a, T>(u32, &'a T);

impl<T: Serialize> Serialize for Pair<'_, T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut pair = serializer.serialize_tuple(2)?;
        pair.serialize_element(&self.0)?;
        pair.serialize_element(self.1)?;
        pair.end()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::{FileId, Span};

    fn sample() -> Sourced<&'static str> {
        Sourced::new("on", Origin::Written(Span::new(FileId(0), 1, 3)))
    }

    #[test]
    fn other_serializers_see_the_value_alone() {
        let json = serde_json::to_string(&[sample()]).expect("plain data");
        assert_eq!(json, r#"["on"]"#);
    }

    #[test]
    fn inside_collect_a_number_stands_for_the_origin_and_afterwards_no_more() {
        let (json, found) = collect(|| (serde_json::to_string(&sample()), origin(0)));
        assert_eq!(json.expect("plain data"), r#"[0,"on"]"#);
        assert_eq!(found, Some(sample().origin));
        assert_eq!(serde_json::to_string(&sample()).expect("plain"), r#""on""#);
    }
}
