//! Facts that are read field by field: a field's name is the setting's name, and its type says how the setting is read.
//!
//! [`record!`] declares a struct and its reader. A field `same_l2: bool` is the setting `same-l2`; one that is not a setting of its own has
//! an expression after `=`, which gets the block and returns an `Option`. A record is read only if all its fields are.

use std::sync::Arc;

use ipnet::IpNet;

use super::whole;
use crate::origin::Sourced;
use crate::schema::{Entity, Schema, View};
use crate::source::Span;
use crate::value::{Size, Val, Version};

/// A block of a fact file.
pub(super) struct At<'a> {
    pub entity: &'a Entity,
    pub view: View<'a>,
    pub schema: &'a Schema,
}

impl<'a> At<'a> {
    pub(super) fn new(entity: &'a Entity, schema: &'a Schema) -> Option<Self> {
        Some(Self {
            entity,
            view: whole(entity, schema)?,
            schema,
        })
    }

    /// Its name.
    pub(super) fn name(&self) -> Option<String> {
        Some(self.entity.name().to_owned())
    }

    /// Where it is.
    pub(super) fn head(&self) -> Option<Span> {
        Some(self.entity.head)
    }

    /// All of it.
    pub(super) fn whole(&self) -> Option<Arc<Entity>> {
        Some(Arc::new(self.entity.clone()))
    }

    /// The text of a setting that must be there.
    pub(super) fn text(&self, setting: &str) -> Option<String> {
        Some(self.view.text(setting)?.value)
    }

    /// The texts of two settings, where both are there.
    pub(super) fn pair(&self, first: &str, second: &str) -> Option<(String, String)> {
        Some((self.text(first)?, self.text(second)?))
    }

    /// The blocks of one kind in it, those that can be read.
    pub(super) fn all<T: Record>(&self, kind: &'a str) -> Option<Vec<T>> {
        let blocks = self.entity.children(kind);
        let read = |block| T::read(&At::new(block, self.schema)?);
        Some(blocks.filter_map(read).collect())
    }
}

/// Something that is read from a block.
pub(super) trait Record: Sized {
    fn read(at: &At<'_>) -> Option<Self>;
}

/// A value of a setting.
pub(super) trait Plain: Sized {
    fn of(value: &Val) -> Option<Self>;
}

/// The type of a field.
pub(super) trait Held: Sized {
    fn held(at: &At<'_>, setting: &str) -> Option<Self>;
}

impl Plain for String {
    fn of(value: &Val) -> Option<Self> {
        Some(value.to_string())
    }
}

macro_rules! plain {
    ($($variant:ident -> $ty:ty),+ $(,)?) => {$(
        impl Plain for $ty {
            fn of(value: &Val) -> Option<Self> {
                match value {
                    Val::$variant(value) => Some(value.clone()),
                    _ => None,
                }
            }
        }
    )+};
}

plain! {
    Boolean -> bool,
    Integer -> i64,
    Size -> Size,
    Version -> Version,
    Cidr -> IpNet,
}

/// A setting that must be there, with its place.
impl<T: Plain> Held for Sourced<T> {
    fn held(at: &At<'_>, setting: &str) -> Option<Self> {
        let found = at.view.one(setting)?;
        Some(Self::new(T::of(found.value)?, found.origin))
    }
}

/// A setting with its place, if it is there.
impl<T: Plain> Held for Option<Sourced<T>> {
    fn held(at: &At<'_>, setting: &str) -> Option<Self> {
        Some(Sourced::held(at, setting))
    }
}

/// A setting, if it is there.
impl<T: Plain> Held for Option<T> {
    fn held(at: &At<'_>, setting: &str) -> Option<Self> {
        Some(Sourced::held(at, setting).map(|found| found.value))
    }
}

/// The values of a list, each with its place.
impl<T: Plain> Held for Vec<Sourced<T>> {
    fn held(at: &At<'_>, setting: &str) -> Option<Self> {
        let one = |found: Sourced<&Val>| Some(Sourced::new(T::of(found.value)?, found.origin));
        Some(at.view.many(setting).into_iter().filter_map(one).collect())
    }
}

/// The values of a list.
impl<T: Plain> Held for Vec<T> {
    fn held(at: &At<'_>, setting: &str) -> Option<Self> {
        let all = Vec::<Sourced<T>>::held(at, setting)?;
        Some(all.into_iter().map(|one| one.value).collect())
    }
}

/// A text that must be there.
impl Held for String {
    fn held(at: &At<'_>, setting: &str) -> Option<Self> {
        at.text(setting)
    }
}

/// A switch, off if it is not there.
impl Held for bool {
    fn held(at: &At<'_>, setting: &str) -> Option<Self> {
        Some(at.view.boolean(setting).is_some_and(|on| on.value))
    }
}

/// A number, 0 if it is not there.
impl Held for i64 {
    fn held(at: &At<'_>, setting: &str) -> Option<Self> {
        Some(at.view.integer(setting).map_or(0, |number| number.value))
    }
}

/// Declares structs with their readers; see the page's head.
macro_rules! record {
    ($(
        $(#[$about:meta])*
        pub struct $name:ident {
            $($(#[$doc:meta])* pub $field:ident: $ty:ty $(= $how:expr)?,)+
        }
    )+) => {$(
        $(#[$about])*
        #[derive(Clone, Debug)]
        pub struct $name {
            $($(#[$doc])* pub $field: $ty,)+
        }

        impl $crate::stdlib::facts::record::Record for $name {
            fn read(at: &$crate::stdlib::facts::record::At<'_>) -> Option<Self> {
                Some(Self {
                    $($field: $crate::stdlib::facts::record::record!(@read at $field $($how)?),)+
                })
            }
        }
    )+};
    (@read $at:ident $field:ident) => {
        $crate::stdlib::facts::record::Held::held($at, &stringify!($field).replace('_', "-"))?
    };
    (@read $at:ident $field:ident $how:expr) => {
        ($how)($at)?
    };
}
pub(super) use record;
