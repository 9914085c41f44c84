//! How origins are kept with facts that are read at build time.
//!
//! In and out: origins that are just a place, which are all that a library file has. A derived origin or a secret's is an error:
//! a rule is a string of the program, and no library holds a secret.

use serde::de::{Deserialize, Deserializer};
use serde::ser::{Error as _, Serialize, Serializer};

use super::{Origin, Sourced};
use crate::source::Span;

#[derive(serde::Serialize, serde::Deserialize)]
enum Kept {
    Written(Span),
    Default(Span),
}

impl Serialize for Origin {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Written(span) => Kept::Written(*span).serialize(serializer),
            Self::Default(span) => Kept::Default(*span).serialize(serializer),
            Self::Derived { .. } | Self::Secret(_) => Err(S::Error::custom(
                "a fact of the library is not a derived value",
            )),
        }
    }
}

impl<'de> Deserialize<'de> for Origin {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(match Kept::deserialize(deserializer)? {
            Kept::Written(span) => Self::Written(span),
            Kept::Default(span) => Self::Default(span),
        })
    }
}

/// Writes a list with the origin of each value ([`Sourced`] alone shows its value and leaves the origin to
/// [`super::carry`]).
pub(crate) fn serialize<T: Serialize, S: Serializer>(
    list: &[Sourced<T>],
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(list.iter().map(|item| (&item.value, &item.origin)))
}

/// Reads what [`serialize`] wrote.
pub(crate) fn deserialize<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Vec<Sourced<T>>, D::Error> {
    let pairs = Vec::<(T, Origin)>::deserialize(deserializer)?;
    let sourced = pairs.into_iter();
    Ok(sourced
        .map(|(value, origin)| Sourced::new(value, origin))
        .collect())
}
