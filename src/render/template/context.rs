//! The values that a template gets, and the handles by which it names their origins.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use minijinja::value::{Object, ObjectRepr, Value};
use serde::Serialize;
use serde_json::Value as Json;

use crate::origin::Origin;
use crate::plan;
use crate::render::tree::{self, TreeError, ValueNode};

/// The name by which templates access the handles.
const ORIGIN: &str = "origin";

/// The values of one template.
///
/// [`Context::set`] accepts anything serializable. Origins of `Sourced` values in it become handles: the
/// value under `swap` has `origin.swap`, a deeper one `origin.runtime.version`, and each map in a list
/// has its own as the key `origin`, so that a loop can write
/// `{% for user in users %}{% filter from(user.origin) %}`. A handle of something without an origin of
/// its own stands for the origins of everything in it.
#[derive(Clone, Debug, Default)]
pub struct Context {
    values: BTreeMap<String, Value>,
    handles: BTreeMap<String, Value>,
    sets: Vec<Vec<Origin>>,
}

impl Context {
    /// No values yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets a value together with the origins in it.
    pub fn set(&mut self, key: &str, value: &impl Serialize) -> Result<(), TreeError> {
        let node = ValueNode::new(value, true)?;
        let handle = self.handle_of(&node);
        self.handles.insert(key.to_owned(), handle);
        let value = self.value_of(&node, false);
        self.values.insert(key.to_owned(), value);
        Ok(())
    }

    /// Sets only the handle `origin.<key>`, for a region that is there because of these.
    pub fn set_origin(&mut self, key: &str, origins: impl IntoIterator<Item = Origin>) {
        let handle = self.handle(origins.into_iter().collect(), BTreeMap::new());
        self.handles.insert(key.to_owned(), handle);
    }

    /// The context that a plan gives to a template: plain values, with origins by name next to them
    /// (`options.mtu` is `origin.options.mtu`), and `{"$origin": NAME}` where a value refers to one.
    pub fn of_plan(plan: &plan::Context) -> Self {
        let mut context = Self::new();
        let mut nested: BTreeMap<&str, BTreeMap<String, Value>> = BTreeMap::new();
        for (name, origins) in &plan.origins {
            match name.split_once('.') {
                None => context.set_origin(name, origins.iter().cloned()),
                Some((outer, inner)) => {
                    let handle = context.handle(origins.clone(), BTreeMap::new());
                    nested
                        .entry(outer)
                        .or_default()
                        .insert(inner.to_owned(), handle);
                }
            }
        }
        for (outer, inner) in nested {
            let handle = context.handle(Vec::new(), inner);
            context.handles.insert(outer.to_owned(), handle);
        }
        for (name, value) in &plan.values {
            let value = context.plain(value);
            context.values.insert(name.clone(), value);
        }
        context
    }

    fn plain(&self, value: &Json) -> Value {
        match value {
            Json::Array(items) => items
                .iter()
                .map(|item| self.plain(item))
                .collect::<Vec<_>>()
                .into(),
            Json::Object(map) => match map.get("$origin").and_then(Json::as_str) {
                Some(name) => self.handles.get(name).cloned().unwrap_or(Value::UNDEFINED),
                None => Value::from(
                    map.iter()
                        .map(|(name, value)| (name.clone(), self.plain(value)))
                        .collect::<BTreeMap<String, Value>>(),
                ),
            },
            other => Value::from_serialize(other),
        }
    }

    pub(super) fn root(&self) -> Value {
        let mut root = self.values.clone();
        root.insert(ORIGIN.to_owned(), Value::from(self.handles.clone()));
        Value::from(root)
    }

    pub(super) fn sets(&self) -> &[Vec<Origin>] {
        &self.sets
    }

    fn handle(&mut self, origins: Vec<Origin>, inner: BTreeMap<String, Value>) -> Value {
        self.sets.push(origins);
        Value::from_object(Handle {
            number: self.sets.len() - 1,
            inner,
        })
    }

    fn handle_of(&mut self, node: &ValueNode) -> Value {
        let inner = match &node.value {
            tree::Value::Map(pairs) => pairs
                .iter()
                .map(|(key, item)| (key.clone().into_owned(), self.handle_of(item)))
                .collect(),
            tree::Value::List(items) => items
                .iter()
                .enumerate()
                .map(|(index, item)| (index.to_string(), self.handle_of(item)))
                .collect(),
            _ => BTreeMap::new(),
        };
        self.handle(node.all_origins(), inner)
    }

    fn value_of(&mut self, node: &ValueNode, in_list: bool) -> Value {
        match &node.value {
            tree::Value::Null => Value::from(()),
            tree::Value::Bool(value) => Value::from(*value),
            tree::Value::Integer(value) => Value::from(*value),
            tree::Value::Text(text) => Value::from(text.as_str()),
            tree::Value::List(items) => items
                .iter()
                .map(|item| self.value_of(item, true))
                .collect::<Vec<_>>()
                .into(),
            tree::Value::Map(pairs) => {
                let mut map: BTreeMap<String, Value> = pairs
                    .iter()
                    .map(|(key, item)| (key.clone().into_owned(), self.value_of(item, false)))
                    .collect();
                if in_list {
                    let handle = self.handle(node.all_origins(), BTreeMap::new());
                    map.entry(ORIGIN.to_owned()).or_insert(handle);
                }
                Value::from(map)
            }
        }
    }
}

/// Names a set of origins. It can be passed to `from`, and its parts accessed; it cannot be printed.
#[derive(Debug)]
pub(super) struct Handle {
    /// The index in [`Context::sets`].
    pub(super) number: usize,
    inner: BTreeMap<String, Value>,
}

impl Object for Handle {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Plain
    }

    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        self.inner.get(&key.to_string()).cloned()
    }

    fn render(self: &Arc<Self>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an origin")
    }
}
