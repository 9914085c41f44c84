//! The serde serializer that builds [`ValueNode`]s.

use serde::ser::{
    Error as _, Impossible, Serialize, SerializeMap, SerializeSeq, SerializeStruct, SerializeTuple,
    Serializer,
};

use super::{Key, TreeError, Value, ValueNode};
use crate::file_format::word;
use crate::origin::carry::{self, MARKER};

/// Serializes into a node.
pub(super) struct ToNode;

type Result<T = ValueNode> = std::result::Result<T, TreeError>;

fn plain(value: Value) -> Result {
    Ok(ValueNode {
        value,
        origins: Vec::new(),
    })
}

fn refuse<T>(what: &str) -> Result<T> {
    Err(TreeError::custom(format!("a document cannot hold {what}")))
}

macro_rules! integers {
    ($($method:ident: $type:ty),+) => {
        $(fn $method(self, value: $type) -> Result {
            plain(Value::Integer(i128::from(value)))
        })+
    };
}

impl Serializer for ToNode {
    type Ok = ValueNode;
    type Error = TreeError;
    type SerializeSeq = ListBuilder;
    type SerializeTuple = ListBuilder;
    type SerializeTupleStruct = Impossible<ValueNode, TreeError>;
    type SerializeTupleVariant = Impossible<ValueNode, TreeError>;
    type SerializeMap = MapBuilder;
    type SerializeStruct = MapBuilder;
    type SerializeStructVariant = Impossible<ValueNode, TreeError>;

    integers!(
        serialize_i8: i8, serialize_i16: i16, serialize_i32: i32, serialize_i64: i64, serialize_i128: i128,
        serialize_u8: u8, serialize_u16: u16, serialize_u32: u32, serialize_u64: u64
    );

    fn serialize_bool(self, value: bool) -> Result {
        plain(Value::Bool(value))
    }

    fn serialize_f32(self, _: f32) -> Result {
        refuse("a fraction: write it as text")
    }

    fn serialize_f64(self, _: f64) -> Result {
        refuse("a fraction: write it as text")
    }

    fn serialize_char(self, value: char) -> Result {
        plain(Value::Text(value.to_string()))
    }

    fn serialize_str(self, value: &str) -> Result {
        plain(Value::Text(value.to_owned()))
    }

    fn serialize_bytes(self, _: &[u8]) -> Result {
        refuse("bytes: write them as text")
    }

    fn serialize_none(self) -> Result {
        plain(Value::Null)
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result {
        value.serialize(self)
    }

    fn serialize_unit(self) -> Result {
        plain(Value::Null)
    }

    fn serialize_unit_struct(self, _: &'static str) -> Result {
        plain(Value::Null)
    }

    fn serialize_unit_variant(self, _: &'static str, _: u32, variant: &'static str) -> Result {
        plain(Value::Text(variant.to_owned()))
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        name: &'static str,
        value: &T,
    ) -> Result {
        if name != MARKER {
            return value.serialize(self);
        }
        unwrap_pair(value.serialize(self)?)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        value: &T,
    ) -> Result {
        let value = value.serialize(ToNode)?;
        plain(Value::Map(vec![(Key::Borrowed(variant), value)]))
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<ListBuilder> {
        Ok(ListBuilder(Vec::new()))
    }

    fn serialize_tuple(self, _: usize) -> Result<ListBuilder> {
        Ok(ListBuilder(Vec::new()))
    }

    fn serialize_tuple_struct(
        self,
        _: &'static str,
        _: usize,
    ) -> Result<Self::SerializeTupleStruct> {
        refuse("a tuple struct")
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: usize,
    ) -> Result<Self::SerializeTupleVariant> {
        refuse("a tuple variant")
    }

    fn serialize_map(self, _: Option<usize>) -> Result<MapBuilder> {
        Ok(MapBuilder::default())
    }

    fn serialize_struct(self, _: &'static str, _: usize) -> Result<MapBuilder> {
        Ok(MapBuilder::default())
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: usize,
    ) -> Result<Self::SerializeStructVariant> {
        refuse("a struct variant")
    }
}

/// Splits the pair inside the marker: (number of the origin, value).
fn unwrap_pair(pair: ValueNode) -> Result {
    let Value::List(items) = pair.value else {
        return refuse("a marker without a pair");
    };
    let Ok([number, mut node]) = <[ValueNode; 2]>::try_from(items) else {
        return refuse("a marker without a pair");
    };
    let origin = match number.value {
        Value::Integer(number) => u32::try_from(number).ok().and_then(carry::origin),
        _ => None,
    };
    let Some(origin) = origin else {
        return refuse("an origin from another document");
    };
    // A `Sourced` inside a `Sourced` keeps both: a value, and the decision that chose it.
    node.origins.insert(0, origin);
    Ok(node)
}

/// Collects a list.
pub(super) struct ListBuilder(Vec<ValueNode>);

impl SerializeSeq for ListBuilder {
    type Ok = ValueNode;
    type Error = TreeError;

    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<()> {
        self.0.push(value.serialize(ToNode)?);
        Ok(())
    }

    fn end(self) -> Result {
        plain(Value::List(self.0))
    }
}

impl SerializeTuple for ListBuilder {
    type Ok = ValueNode;
    type Error = TreeError;

    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<()> {
        SerializeSeq::serialize_element(self, value)
    }

    fn end(self) -> Result {
        SerializeSeq::end(self)
    }
}

/// Collects keys and values.
#[derive(Default)]
pub(super) struct MapBuilder {
    pairs: Vec<(Key, ValueNode)>,
    key: Option<String>,
}

impl MapBuilder {
    fn push(&mut self, key: Key, value: ValueNode) -> Result<()> {
        if self.pairs.iter().any(|(other, _)| *other == key) {
            return Err(TreeError::custom(format!("`{key}` is in one map twice")));
        }
        self.pairs.push((key, value));
        Ok(())
    }
}

impl SerializeMap for MapBuilder {
    type Ok = ValueNode;
    type Error = TreeError;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<()> {
        match key.serialize(ToNode)?.value {
            Value::Text(key) => {
                self.key = Some(key);
                Ok(())
            }
            Value::Null | Value::Bool(_) | Value::Integer(_) | Value::List(_) | Value::Map(_) => {
                refuse("a key that is not text")
            }
        }
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<()> {
        let Some(key) = self.key.take() else {
            return refuse("a value without a key");
        };
        word::key(&key).map_err(TreeError::Unfit)?;
        let value = value.serialize(ToNode)?;
        self.push(Key::Owned(key), value)
    }

    fn end(self) -> Result {
        plain(Value::Map(self.pairs))
    }
}

impl SerializeStruct for MapBuilder {
    type Ok = ValueNode;
    type Error = TreeError;

    fn serialize_field<T: Serialize + ?Sized>(
        &mut self,
        key: &'static str,
        value: &T,
    ) -> Result<()> {
        let value = value.serialize(ToNode)?;
        self.push(Key::Borrowed(key), value)
    }

    fn end(self) -> Result {
        plain(Value::Map(self.pairs))
    }
}
