//! Reads YAML back for tests, with a parser that is not ours, as YAML 1.2's core schema does.

use saphyr_parser::{Event, Parser, ScalarStyle};
use serde_json::Value as Json;

use crate::render::tree::{Value, ValueNode};

pub(crate) fn node(value: Value) -> ValueNode {
    ValueNode {
        value,
        origins: Vec::new(),
    }
}

/// The one document of a text.
pub(crate) fn read(text: &str) -> ValueNode {
    let mut all = read_all(text);
    assert_eq!(all.len(), 1, "{text}");
    all.remove(0)
}

/// All documents that are not empty, as JSON.
pub(crate) fn documents(text: &str) -> Vec<Json> {
    let all = read_all(text).iter().map(json).collect::<Vec<_>>();
    all.into_iter().filter(|json| !json.is_null()).collect()
}

fn json(node: &ValueNode) -> Json {
    match &node.value {
        Value::Null => Json::Null,
        Value::Bool(value) => Json::from(*value),
        Value::Integer(value) => Json::from(i64::try_from(*value).expect("a small number")),
        Value::Text(text) => Json::from(text.as_str()),
        Value::List(items) => items.iter().map(json).collect(),
        Value::Map(pairs) => pairs
            .iter()
            .map(|(key, item)| (key.clone().into_owned(), json(item)))
            .collect::<serde_json::Map<_, _>>()
            .into(),
    }
}

fn read_all(text: &str) -> Vec<ValueNode> {
    let mut events = Parser::new_from_str(text)
        .map(|event| event.unwrap_or_else(|error| panic!("{error}\n{text}")).0);
    let mut out = Vec::new();
    while let Some(event) = events.next() {
        if let Event::DocumentStart(_) = event {
            let first = events.next().expect("an event");
            out.push(value(first, &mut events));
        }
    }
    out
}

fn value<'a>(event: Event<'a>, events: &mut impl Iterator<Item = Event<'a>>) -> ValueNode {
    node(match event {
        Event::Scalar(text, ScalarStyle::Plain, _, _) => match text.as_ref() {
            "null" | "~" | "" => Value::Null,
            "true" => Value::Bool(true),
            "false" => Value::Bool(false),
            text => text
                .parse()
                .map_or_else(|_| Value::Text(text.to_owned()), Value::Integer),
        },
        Event::Scalar(text, ..) => Value::Text(text.into_owned()),
        Event::SequenceStart(..) => {
            let mut items = Vec::new();
            loop {
                match events.next().expect("the end of the list") {
                    Event::SequenceEnd => break Value::List(items),
                    event => items.push(value(event, events)),
                }
            }
        }
        Event::MappingStart(..) => {
            let mut pairs = Vec::new();
            loop {
                let Event::Scalar(key, ..) = (match events.next().expect("the end of the map") {
                    Event::MappingEnd => break Value::Map(pairs),
                    event => event,
                }) else {
                    panic!("a key that is not a scalar")
                };
                let event = events.next().expect("a value");
                pairs.push((key.into_owned().into(), value(event, events)));
            }
        }
        other => panic!("unexpected {other:?}"),
    })
}
