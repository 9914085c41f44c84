//! A manifest as rows: object, path below it, value. Paths into a pod template are shortened.

use std::collections::BTreeMap;

use saphyr_parser::{Event, Parser};

enum Node {
    Scalar(String),
    List(Vec<Node>),
    Map(BTreeMap<String, Node>),
}

/// Every leaf of one object, by its path.
pub fn fields(text: &str) -> BTreeMap<String, String> {
    let mut out = BTreeMap::new();
    let mut events = Parser::new_from_str(text).map(|event| event.expect("YAML").0);
    let first = events.find(|event| matches!(event, Event::MappingStart(..)));
    let root = read(first.expect("an object"), &mut events);
    leaves("", &root, &mut |path, value| {
        let path = path.trim_start_matches('.').to_owned();
        assert!(out.insert(path, value).is_none(), "one value each");
    });
    out
}

/// Every leaf of every object.
pub fn rows(text: &str) -> BTreeMap<(String, String), String> {
    let mut events = Parser::new_from_str(text).map(|event| event.expect("YAML").0);
    let mut out = BTreeMap::new();
    while let Some(event) = events.next() {
        if !matches!(event, Event::DocumentStart(_)) {
            continue;
        }
        let first = events.next().expect("an event");
        let Node::Map(mut object) = read(first, &mut events) else {
            continue;
        };
        let name = name(&mut object);
        // The name can be all that it has.
        object.retain(|key, node| {
            key != "metadata" || !matches!(node, Node::Map(map) if map.is_empty())
        });
        for (key, node) in &object {
            leaves(key, node, &mut |path, value| {
                let path = path
                    .replace("spec.template.spec.", "pod.")
                    .replace("spec.template.metadata.", "pod.metadata.");
                let path = path.strip_prefix("spec.").unwrap_or(&path).to_owned();
                let before = out.insert((name.clone(), path.clone()), value);
                assert!(before.is_none(), "{name}: {path} twice");
            });
        }
    }
    out
}

/// `DaemonSet kube-system/weave-net`, removed from the object.
fn name(object: &mut BTreeMap<String, Node>) -> String {
    let take = |map: Option<&mut BTreeMap<String, Node>>, key: &str| match map?.remove(key)? {
        Node::Scalar(text) => Some(text),
        Node::List(_) | Node::Map(_) => None,
    };
    let kind = take(Some(object), "kind").expect("a kind");
    let meta = match object.get_mut("metadata") {
        Some(Node::Map(meta)) => meta,
        _ => panic!("{kind} without metadata"),
    };
    let (name, space) = (take(Some(meta), "name"), take(Some(meta), "namespace"));
    let name = name.expect("a name");
    match space {
        Some(space) => format!("{kind} {space}/{name}"),
        None => format!("{kind} {name}"),
    }
}

fn leaves(path: &str, node: &Node, out: &mut impl FnMut(&str, String)) {
    match node {
        Node::Map(map) if !map.is_empty() => {
            for (key, node) in map {
                leaves(&format!("{path}.{key}"), node, out);
            }
        }
        Node::List(items) if items.iter().any(|item| label(item).is_some()) => {
            for item in items {
                let Node::Map(map) = item else { continue };
                let label = label(item).expect("all items of a list have names, or none has");
                let rest = map.iter().filter(|(key, _)| *key != "name");
                for (key, node) in rest {
                    leaves(&format!("{path}[{label}].{key}"), node, out);
                }
            }
        }
        Node::List(items) if items.iter().any(|item| matches!(item, Node::Map(_))) => {
            for (number, item) in items.iter().enumerate() {
                out(&format!("{path}[{number}]"), shown(item));
            }
        }
        Node::Scalar(_) | Node::List(_) | Node::Map(_) => out(path, shown(node)),
    }
}

fn label(node: &Node) -> Option<&str> {
    match node {
        Node::Map(map) => match map.get("name")? {
            Node::Scalar(text) => Some(text),
            Node::List(_) | Node::Map(_) => None,
        },
        Node::Scalar(_) | Node::List(_) => None,
    }
}

/// On one line. A text of several lines is shown with its breaks as `⏎`.
fn shown(node: &Node) -> String {
    match node {
        Node::Scalar(text) if text.is_empty() => "\"\"".to_owned(),
        Node::Scalar(text) => text.trim_end().replace('\n', "⏎"),
        Node::List(items) => {
            let items: Vec<String> = items.iter().map(shown).collect();
            format!("[{}]", items.join(", "))
        }
        Node::Map(map) => {
            let pairs: Vec<String> = map
                .iter()
                .map(|(key, node)| format!("{key}: {}", shown(node)))
                .collect();
            format!("{{{}}}", pairs.join(", "))
        }
    }
}

fn read<'a>(event: Event<'a>, events: &mut impl Iterator<Item = Event<'a>>) -> Node {
    match event {
        Event::Scalar(text, ..) => Node::Scalar(text.into_owned()),
        Event::SequenceStart(..) => {
            let mut items = Vec::new();
            loop {
                match events.next().expect("the end of the list") {
                    Event::SequenceEnd => break Node::List(items),
                    event => items.push(read(event, events)),
                }
            }
        }
        Event::MappingStart(..) => {
            let mut map = BTreeMap::new();
            loop {
                let Event::Scalar(key, ..) = (match events.next().expect("the end of the map") {
                    Event::MappingEnd => break Node::Map(map),
                    event => event,
                }) else {
                    panic!("a key that is not a scalar")
                };
                let event = events.next().expect("a value");
                map.insert(key.into_owned(), read(event, events));
            }
        }
        other => panic!("unexpected {other:?}"),
    }
}
